//! Seconds, milliseconds, microseconds or nanoseconds since 1970.

use yagura_model::Timestamp;

/// From here on an epoch counts milliseconds, microseconds, nanoseconds.
const MILLIS_FROM: f64 = 1e12;
const MICROS_FROM: f64 = 1e15;
const NANOS_FROM: f64 = 1e17;

/// Reads an epoch by its magnitude, with the arithmetic of doubles that existing documents show.
pub fn parse_epoch(text: &str, offset_seconds: i32) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(seconds) = plain_seconds(text) {
        return Timestamp::from_micros(seconds * 1_000_000, offset_seconds);
    }
    let number = double(text)?;
    let seconds = if number >= NANOS_FROM {
        number / 1e9
    } else if number >= MICROS_FROM {
        number / 1e6
    } else if number >= MILLIS_FROM {
        number / 1e3
    } else {
        number
    };
    let whole = seconds.trunc();
    let micros = ((seconds - whole) * 1e6).round_ties_even();
    if !whole.is_finite() || whole.abs() > 1e12 {
        return None;
    }
    Timestamp::from_micros(whole as i64 * 1_000_000 + micros as i64, offset_seconds)
}

/// A double as Python reads it: digits may be grouped by underscores (`1_700_000_000`).
fn double(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return text.parse().ok();
    }
    let is_digit = |part: Option<char>| part.is_some_and(|digit| digit.is_ascii_digit());
    let mut parts = text.split('_').peekable();
    while let Some(part) = parts.next() {
        if let Some(next) = parts.peek()
            && !(is_digit(part.chars().next_back()) && is_digit(next.chars().next()))
        {
            return None;
        }
    }
    text.replace('_', "").parse().ok()
}

/// Ordinary epochs are ten digits.
fn plain_seconds(text: &str) -> Option<i64> {
    let digits = text.as_bytes();
    if digits.len() > 11 || digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + i64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magnitude_decides_the_unit() {
        for (text, expected) in [
            ("1700009338", "2023-11-15T00:48:58+00:00"),
            (" 1700009338.5 ", "2023-11-15T00:48:58.500000+00:00"),
            ("1700009338123", "2023-11-15T00:48:58.123000+00:00"),
            ("1700009338123456", "2023-11-15T00:48:58.123456+00:00"),
            ("1700009338123456789", "2023-11-15T00:48:58.123457+00:00"),
            ("1000000000000", "2001-09-09T01:46:40+00:00"),
            ("1_000_000_000", "2001-09-09T01:46:40+00:00"),
            ("1e9", "2001-09-09T01:46:40+00:00"),
            ("-1", "1969-12-31T23:59:59+00:00"),
        ] {
            let instant = parse_epoch(text, 0).map(Timestamp::to_iso8601);
            assert_eq!(instant.as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "x",
            "1__0",
            "_1",
            "nan",
            "inf",
            "-1e300",
            "999999999999",
        ] {
            assert_eq!(parse_epoch(text, 0), None, "{text}");
        }
    }
}
