//! Whole numbers of any size between decimal text and Python's digits of 15 bits.

/// Decimal digits of the longest whole number; Python itself reads no longer ones.
pub const MAX_DIGITS: usize = 4_300;
/// Digits of 15 bits that [`MAX_DIGITS`] decimal ones need at most.
pub const MAX_WORDS: usize = 960;

/// Decimal digits that are taken at a time.
const CHUNK_DIGITS: usize = 4;
const CHUNK: u32 = 10_000;

/// The digits of 15 bits of a decimal number without sign, the lowest first; `None` if it is no
/// number or too long.
pub fn words(decimal: &str) -> Option<Vec<u16>> {
    if decimal.is_empty()
        || decimal.len() > MAX_DIGITS
        || !decimal.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let mut words: Vec<u16> = Vec::new();
    let (first, rest) = decimal.split_at(decimal.len() % CHUNK_DIGITS);
    let chunks = rest.as_bytes().chunks(CHUNK_DIGITS);
    for chunk in std::iter::once(first.as_bytes()).chain(chunks) {
        let number = chunk
            .iter()
            .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        let mut carry = number;
        for word in &mut words {
            let value = u32::from(*word) * CHUNK + carry;
            *word = (value & 0x7fff) as u16;
            carry = value >> 15;
        }
        if carry > 0 {
            words.push(carry as u16);
        }
    }
    Some(words)
}

/// The decimal text of digits of 15 bits, the lowest first.
pub fn decimal(mut words: Vec<u16>) -> String {
    let mut chunks = Vec::new();
    while words.last() == Some(&0) {
        words.pop();
    }
    while !words.is_empty() {
        let mut rest = 0;
        for word in words.iter_mut().rev() {
            let value = (rest << 15) | u32::from(*word);
            *word = (value / CHUNK) as u16;
            rest = value % CHUNK;
        }
        chunks.push(rest);
        while words.last() == Some(&0) {
            words.pop();
        }
    }
    let Some(highest) = chunks.pop() else {
        return "0".to_owned();
    };
    let mut text = highest.to_string();
    for chunk in chunks.iter().rev() {
        text.push_str(&format!("{chunk:04}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for number in [
            "0",
            "7",
            "32767",
            "32768",
            "9999",
            "10000",
            "18446744073709551616",
            "123456789012345678901234567890",
            &"9".repeat(MAX_DIGITS),
        ] {
            let words = words(number).unwrap();
            assert!(words.len() <= MAX_WORDS, "{}", words.len());
            assert_eq!(decimal(words), number);
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-1", "1.0", "x", &"1".repeat(MAX_DIGITS + 1)] {
            assert_eq!(words(text), None, "{text}");
        }
    }
}
