//! Percent-encoding, as Python's `unquote` reads it.

use std::borrow::Cow;

/// Decodes `%XX`; what is broken stays, and bytes that are no UTF-8 become U+FFFD.
///
/// Each stretch of ASCII is decoded on its own.
///
/// ```
/// assert_eq!(yagura_model::percent_decoded("a%20b%zz"), "a b%zz");
/// ```
pub fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let ascii = rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
        let (stretch, tail) = rest.split_at(ascii);
        decoded.push_str(&String::from_utf8_lossy(&unescaped(stretch.as_bytes())));
        let other = tail.find(|c: char| c.is_ascii()).unwrap_or(tail.len());
        let (kept, tail) = tail.split_at(other);
        decoded.push_str(kept);
        rest = tail;
    }
    Cow::Owned(decoded)
}

fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        if let (b'%', [high, low, after @ ..]) = (first, tail)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            result.push(high << 4 | low);
            rest = after;
            continue;
        }
        result.push(first);
        rest = tail;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_decoding() {
        let cases = [
            ("plain", "plain"),
            ("a%20b", "a b"),
            ("a%2", "a%2"),
            ("%zz%41", "%zzA"),
            ("%E3%81%82あ%E3", "ああ\u{fffd}"),
            ("a+b%ff", "a+b\u{fffd}"),
        ];
        for (text, expected) in cases {
            assert_eq!(percent_decoded(text), expected);
        }
    }
}
