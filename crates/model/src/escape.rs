//! JSON string escaping, sixteen bytes at a time.

use memchr::memchr;
use wide::u8x16;

/// Bytes looked at together.
pub(crate) const BLOCK: usize = 16;

/// Place of the first byte of a block that cannot stand in JSON text as it is: below 0x20, `"` or
/// `\`. `BLOCK` if there is none.
#[inline]
pub(crate) fn first_special(block: [u8; BLOCK]) -> usize {
    let hits = specials(block) | 1 << BLOCK;
    hits.trailing_zeros() as usize
}

/// Whether all bytes of a block can stand in JSON text as they are.
#[inline]
pub(crate) fn is_plain_block(block: [u8; BLOCK]) -> bool {
    specials(block) == 0
}

/// A bit for each byte of a block that cannot stand in JSON text as it is.
#[inline]
pub(crate) fn specials(block: [u8; BLOCK]) -> u32 {
    let bytes = u8x16::new(block);
    let control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    let quote = bytes.simd_eq(u8x16::splat(b'"'));
    let backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    (control | quote | backslash).to_bitmask()
}

/// The block from a place on, if there are as many bytes.
#[inline]
pub(crate) fn block_at(bytes: &[u8], at: usize) -> Option<&[u8; BLOCK]> {
    bytes.get(at..)?.first_chunk()
}

/// Length of the run at the start of the bytes that JSON text takes over unchanged.
#[inline]
pub fn plain_run(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(block) = block_at(bytes, at) {
        let run = first_special(*block);
        at += run;
        if run < BLOCK {
            return at;
        }
    }
    if let Some(last) = bytes.last_chunk() {
        // The first bytes of the last block were seen already.
        let run = first_special(*last);
        return (bytes.len() + run - BLOCK).max(at);
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

/// Bytes of the longest escape.
pub(crate) const LONGEST_ESCAPE: usize = 6;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// What stands in JSON for a byte that cannot stand there as it is, and its length.
#[inline]
pub(crate) fn escape_of(byte: u8) -> ([u8; LONGEST_ESCAPE], usize) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            return ([b'\\', b'u', b'0', b'0', digits[0], digits[1]], 6);
        }
    };
    ([b'\\', short, 0, 0, 0, 0], 2)
}

/// Appends the text as a JSON string with its quotes; only what JSON demands is escaped.
///
/// This is also the form of Python's `json.dumps(…, ensure_ascii=False)`. Documents are written
/// by a [`crate::Buffer`], which is faster.
pub fn push_json_string(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    out.push(b'"');
    loop {
        let (plain, behind) = rest.split_at(plain_run(rest));
        out.extend_from_slice(plain);
        let Some((special, behind)) = behind.split_first() else {
            break;
        };
        let (escape, length) = escape_of(*special);
        out.extend_from_slice(&escape[..length]);
        rest = behind;
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
