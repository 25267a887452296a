//! JSON string escaping, eight bytes at a time.

use memchr::memchr;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The bytes of a word that cannot stand in JSON text as they are, as set high bits: those below
/// 0x20, `"` and `\`. Only the lowest set bit is exact; those above may be false alarms.
#[inline]
fn special(word: u64) -> u64 {
    let quote = word ^ (LOW * u64::from(b'"'));
    let backslash = word ^ (LOW * u64::from(b'\\'));
    (word.wrapping_sub(LOW * 0x20) & !word
        | quote.wrapping_sub(LOW) & !quote
        | backslash.wrapping_sub(LOW) & !backslash)
        & HIGH
}

/// The eight bytes from a place on, if there are as many.
#[inline]
fn word_at(bytes: &[u8], at: usize) -> Option<[u8; 8]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// Length of the run at the start of the bytes that JSON text takes over unchanged.
pub(crate) fn plain_run(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = word_at(bytes, at) {
        let hits = special(u64::from_le_bytes(word));
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| is_plain(*byte)) {
        at += 1;
    }
    at
}

#[inline]
fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\'
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn push_escape(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0c => out.extend_from_slice(b"\\f"),
        _ => {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&digits);
        }
    }
}

/// Appends the text as a JSON string with its quotes; only what JSON demands is escaped.
///
/// This is also the form of Python's `json.dumps(…, ensure_ascii=False)`.
///
/// Eight bytes are copied at once, and what stands behind a byte to escape is taken back: JSON in
/// JSON has a quote every few bytes, and copying runs of odd lengths would cost more.
pub fn push_json_string(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + bytes.len() / 8 + 16);
    out.push(b'"');
    let mut at = 0;
    while let Some(word) = word_at(bytes, at) {
        let hits = special(u64::from_le_bytes(word));
        let end = out.len();
        out.extend_from_slice(&word);
        if hits == 0 {
            at += 8;
            continue;
        }
        let run = (hits.trailing_zeros() / 8) as usize;
        out.truncate(end + run);
        push_escape(word[run], out);
        at += run + 1;
    }
    for byte in bytes.get(at..).unwrap_or_default() {
        if is_plain(*byte) {
            out.push(*byte);
        } else {
            push_escape(*byte, out);
        }
    }
    out.push(b'"');
}

/// Appends the text as Python's `repr` of a string.
pub fn push_python_string(text: &str, out: &mut Vec<u8>) {
    let has_single = memchr(b'\'', text.as_bytes()).is_some();
    let has_double = memchr(b'"', text.as_bytes()).is_some();
    let quote = if has_single && !has_double { '"' } else { '\'' };
    let mut buffer = [0; 4];
    out.push(quote as u8);
    for character in text.chars() {
        match character {
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            _ if character == quote => {
                out.push(b'\\');
                out.push(quote as u8);
            }
            _ if is_printable(character) => {
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            }
            _ => {
                let code = u32::from(character);
                let text = match code {
                    0..=0xff => format!("\\x{code:02x}"),
                    0x100..=0xffff => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                };
                out.extend_from_slice(text.as_bytes());
            }
        }
    }
    out.push(quote as u8);
}

/// Python's `str.isprintable` for the characters that logs hold: controls, separators other than
/// the blank, format characters, surrogates and private use are not printable.
fn is_printable(character: char) -> bool {
    !matches!(u32::from(character),
        0..=0x1f | 0x7f..=0xa0 | 0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x1680 | 0x180e
        | 0x2000..=0x200f | 0x2028..=0x202f | 0x205f..=0x206f | 0x3000 | 0xe000..=0xf8ff
        | 0xfeff | 0xfff0..=0xfffb | 0xfffe..=0xffff | 0xe0000..=0xe0fff | 0xf0000..=0x10_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        let mut out = Vec::new();
        push_json_string(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn escapes_as_serde_json_does() {
        let mut text = String::new();
        for code in (0..0x300).chain([0x2028, 0x1f600]) {
            text.push(char::from_u32(code).unwrap());
            text.push_str("0123456");
            let expected = serde_json::to_string(&text).unwrap();
            assert_eq!(json(&text), expected);
        }
    }

    #[test]
    fn repr_chooses_its_quote_like_python() {
        for (text, expected) in [
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("\"it's\"", "'\"it\\'s\"'"),
            ("a\\b\n\u{1}\u{a0}é", "'a\\\\b\\n\\x01\\xa0é'"),
        ] {
            let mut out = Vec::new();
            push_python_string(text, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
