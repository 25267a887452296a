//! JSON string escaping, eight bytes at a time.

use memchr::memchr;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Length of the run at the start of the bytes that JSON text takes over unchanged.
///
/// Looks at eight bytes at once: a byte below 0x20, `"` or `\` sets its high bit in the mask
/// (a false alarm above the first hit is harmless, because only the first is used).
pub(crate) fn plain_run(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (LOW * u64::from(b'"'));
        let backslash = word ^ (LOW * u64::from(b'\\'));
        let hits = (word.wrapping_sub(LOW * 0x20) & !word
            | quote.wrapping_sub(LOW) & !quote
            | backslash.wrapping_sub(LOW) & !backslash)
            & HIGH;
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes
        .get(at)
        .is_some_and(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\')
    {
        at += 1;
    }
    at
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
pub fn push_json_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let run = plain_run(rest);
        let (plain, after) = rest.split_at(run);
        out.extend_from_slice(plain);
        let Some((byte, after)) = after.split_first() else {
            break;
        };
        push_escape(*byte, out);
        rest = after;
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
