//! Times of classic syslog, which lack the year.

use yagura_model::{Date, Timestamp};

use super::{fraction_micros, micros_of_day, month_by_name, number};

const HALF_DAY: i64 = 12 * 3600 * 1_000_000;

/// Reads `Mon D HH:MM:SS[.f]` at the start of the text.
///
/// The year is the latest that puts the time no later than half a day after `reference`.
pub(crate) fn parse_syslog(text: &str, offset: i32, reference: Timestamp) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let (name, rest) = bytes.split_at_checked(3)?;
    let is_name = matches!(name, [b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z']);
    let month = is_name.then(|| month_by_name(name)).flatten()?;
    let rest = skip_blanks(rest)?;
    let digits = rest
        .iter()
        .take(2)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let day = number(rest.get(..digits)?)?;
    let rest = skip_blanks(rest.get(digits..)?)?;
    let [h0, h1, b':', m0, m1, b':', s0, s1, rest @ ..] = rest else {
        return None;
    };
    let micros = match rest {
        [b'.', rest @ ..] => {
            let digits = rest
                .iter()
                .take(6)
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            fraction_micros(&rest[..digits]).unwrap_or(0)
        }
        _ => 0,
    };
    let (hour, minute) = (number(&[*h0, *h1])?, number(&[*m0, *m1])?);
    let of_day = micros_of_day(hour, minute, number(&[*s0, *s1])?, micros)?;
    let latest = Timestamp::from_micros(reference.micros() + HALF_DAY, 0)?;
    let year = latest.date().year;
    let in_year = |year| Timestamp::from_local(Date::new(year, month, day)?, of_day, offset);
    in_year(year)
        .filter(|instant| instant.micros() <= latest.micros())
        .or_else(|| in_year(year - 1))
}

/// Skips white space, of which there must be some.
fn skip_blanks(text: &[u8]) -> Option<&[u8]> {
    let blanks = text
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    (blanks > 0).then(|| &text[blanks..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_the_latest_possible() {
        let reference = Date::new(2024, 6, 15)
            .and_then(|date| Timestamp::from_local(date, 0, 0))
            .unwrap();
        for (text, expected) in [
            ("Jun 15 11:59:59 host x", "2024-06-15T11:59:59+00:00"),
            ("Jun 15 12:00:01 host x", "2023-06-15T12:00:01+00:00"),
            ("Dec  1 01:02:03.5 x", "2023-12-01T01:02:03.500000+00:00"),
            ("Feb 29 00:00:00", "2024-02-29T00:00:00+00:00"),
        ] {
            let instant = parse_syslog(text, 0, reference).map(Timestamp::to_iso8601);
            assert_eq!(instant.as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "Jux 1 00:00:00",
            "Jan 32 00:00:00",
            "jan 1 00:00:00",
            "Jan 1 0:00:00",
        ] {
            assert_eq!(parse_syslog(text, 0, reference), None, "{text}");
        }
    }
}
