//! What an object key tells: account, region, time.

use yagura_codec::{Pattern, PatternError};
use yagura_model::{Date, Timestamp};

/// What region names begin with; the longer come first.
const REGION_STARTS: [&str; 11] = [
    "us-gov", "us", "ap", "ca", "eu", "il", "me", "mx", "sa", "af", "cn",
];

/// The first twelve digits that stand alone in front of a `/`.
pub(crate) fn account_in_key(key: &str) -> Option<&str> {
    let bytes = key.as_bytes();
    (1..bytes.len().saturating_sub(12)).find_map(|at| {
        let digits = bytes.get(at..at + 12)?;
        if bytes.get(at + 12) != Some(&b'/') || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let before = key.get(..at)?.chars().next_back()?;
        (!before.is_alphanumeric() && before != '_').then(|| &key[at..at + 12])
    })
}

/// The first AWS region in a key.
pub(crate) fn region_in_key(key: &str) -> Option<&str> {
    find_region(key, &REGION_STARTS)
}

/// The first text that looks like a region: `global`, or one of the starts, letters and a digit
/// with dashes between (`us-east-1`).
pub fn find_region<'t>(text: &'t str, starts: &[&str]) -> Option<&'t str> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find_map(|at| {
        let rest = &bytes[at..];
        if rest.starts_with(b"global") {
            return text.get(at..at + 6);
        }
        starts.iter().find_map(|start| {
            let rest = rest.strip_prefix(start.as_bytes())?.strip_prefix(b"-")?;
            text.get(at..at + start.len() + 1 + letters_and_digit(rest)?)
        })
    })
}

/// Length of letters, a dash and one digit.
fn letters_and_digit(text: &[u8]) -> Option<usize> {
    let letters = text
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let has_digit = letters > 0
        && text.get(letters) == Some(&b'-')
        && text.get(letters + 1).is_some_and(u8::is_ascii_digit);
    has_digit.then_some(letters + 2)
}

/// The instant that named groups of a pattern find in a key; missing parts are 2000-01-01 00:00:00.
pub(crate) fn file_timestamp(
    pattern: &Pattern,
    key: &str,
) -> Result<Option<Timestamp>, PatternError> {
    let Some(found) = pattern.captures(key)? else {
        return Ok(None);
    };
    let part = |name: &str, default: u32| match found.name(name) {
        Some(text) => text.parse().ok(),
        None => Some(default),
    };
    let instant = || {
        let date = Date::new(
            part("year", 2000)? as i32,
            part("month", 1)?,
            part("day", 1)?,
        )?;
        let micros = i64::from(part("microsecond", 0)?);
        let (hour, minute) = (part("hour", 0)?, part("minute", 0)?);
        let of_day = crate::time::micros_of_day(hour, minute, part("second", 0)?, micros)?;
        Timestamp::from_local(date, of_day, 0)
    };
    Ok(instant())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_stand_alone_before_a_slash() {
        for (key, expected) in [
            ("AWSLogs/123456789012/x", Some("123456789012")),
            ("a=123456789012/x", Some("123456789012")),
            ("123456789012/x", None),
            ("x_123456789012/y", None),
            ("x/1234567890123/y", None),
            ("é/123456789012/", Some("123456789012")),
            ("x/123456789012", None),
        ] {
            assert_eq!(account_in_key(key), expected, "{key}");
        }
    }

    #[test]
    fn regions_are_found_anywhere() {
        for (key, expected) in [
            ("x/us-east-1/y", Some("us-east-1")),
            ("x/us-gov-west-1/y", Some("us-gov-west-1")),
            ("us-foo-12", Some("us-foo-1")),
            ("my-globality", Some("global")),
            ("xx-east-1", None),
            ("us--1 us-a", None),
        ] {
            assert_eq!(region_in_key(key), expected, "{key}");
        }
    }
}
