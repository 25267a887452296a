//! ISO 8601 as Python's `datetime.fromisoformat` reads it: extended and basic dates, ISO weeks,
//! any separator before the time, fractions after point or comma.

use yagura_model::{Date, Timestamp};

use super::{fraction_micros, micros_of_day, number};

/// Reads an instant; without an offset in the text, `default_offset` seconds count.
pub fn parse_iso8601(text: &str, default_offset: i32) -> Option<Timestamp> {
    if let Some(instant) = parse_common(text.as_bytes()) {
        return Some(instant);
    }
    let (date, rest) = parse_date(text)?;
    let Some(separator) = rest.chars().next() else {
        return Timestamp::from_local(date, 0, default_offset);
    };
    let time = &rest.as_bytes()[separator.len_utf8()..];
    let zone_at = time
        .iter()
        .position(|byte| matches!(byte, b'Z' | b'+' | b'-'))
        .unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let clock = match (clock, zone) {
        ([clock @ .., b' '], [b'Z']) => clock,
        _ => clock,
    };
    let offset = match zone {
        [] => default_offset,
        // C code behind Python's reader takes NUL for the end of the text.
        [b'Z', 0, ..] => 0,
        _ => parse_offset(zone)?,
    };
    Timestamp::from_local(date, parse_clock(clock)?, offset)
}

/// `YYYY-MM-DDTHH:MM:SSZ`, with up to six digits of fraction: what AWS writes.
fn parse_common(text: &[u8]) -> Option<Timestamp> {
    let (head, tail) = text.split_at_checked(19)?;
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', rest @ ..] = head else {
        return None;
    };
    let [h0, h1, b':', i0, i1, b':', s0, s1] = rest else {
        return None;
    };
    let micros = match tail {
        b"Z" => 0,
        [b'.', digits @ .., b'Z'] => fraction_micros(digits)?,
        _ => return None,
    };
    let year = number(&[*y0, *y1, *y2, *y3])?;
    let date = Date::new(year as i32, number(&[*m0, *m1])?, number(&[*d0, *d1])?)?;
    let (hour, minute) = (number(&[*h0, *h1])?, number(&[*i0, *i1])?);
    let of_day = micros_of_day(hour, minute, number(&[*s0, *s1])?, micros)?;
    Timestamp::from_local(date, of_day, 0)
}

/// Reads the date and gives the rest of the text.
fn parse_date(text: &str) -> Option<(Date, &str)> {
    let bytes = text.as_bytes();
    let year = number(bytes.get(..4)?)? as i32;
    let dashed = bytes.get(4) == Some(&b'-');
    let at = if dashed { 5 } else { 4 };
    if bytes.get(at) == Some(&b'W') {
        let week = number(bytes.get(at + 1..at + 3)?)?;
        let end = at + 3;
        let (day, end) = match (dashed, bytes.get(end), bytes.get(end + 1)) {
            (true, Some(b'-'), Some(day)) if day.is_ascii_digit() => (number(&[*day])?, end + 2),
            (false, Some(day), _) if day.is_ascii_digit() => (number(&[*day])?, end + 1),
            _ => (1, end),
        };
        return Some((iso_week_date(year, week, day)?, text.get(end..)?));
    }
    let month = number(bytes.get(at..at + 2)?)?;
    let day_at = if dashed {
        (bytes.get(at + 2) == Some(&b'-')).then_some(at + 3)?
    } else {
        at + 2
    };
    let day = number(bytes.get(day_at..day_at + 2)?)?;
    Some((Date::new(year, month, day)?, text.get(day_at + 2..)?))
}

/// The date of an ISO week; week 1 holds the year's first Thursday.
fn iso_week_date(year: i32, week: u32, day: u32) -> Option<Date> {
    let fourth = Date::new(year, 1, 4)?;
    let first_monday = fourth.days() - i64::from(fourth.weekday());
    let thursday = Date::from_days(first_monday + i64::from(week) * 7 - 4);
    if !(1..=53).contains(&week) || !(1..=7).contains(&day) || thursday.year != year {
        return None;
    }
    let date = Date::from_days(first_monday + i64::from((week - 1) * 7 + day - 1));
    Date::new(date.year, date.month, date.day)
}

/// `HH[:MM[:SS[.f]]]` with or without colons, as microseconds of the day.
fn parse_clock(text: &[u8]) -> Option<i64> {
    let fraction_at = text
        .iter()
        .position(|byte| matches!(byte, b'.' | b','))
        .unwrap_or(text.len());
    let (clock, fraction) = text.split_at(fraction_at);
    let (hour, minute, second) = match *clock {
        [a, b] => (number(&[a, b])?, 0, 0),
        [a, b, b':', c, d] => (number(&[a, b])?, number(&[c, d])?, 0),
        [a, b, c, d] => (number(&[a, b])?, number(&[c, d])?, 0),
        [a, b, b':', c, d, b':', e, f] | [a, b, c, d, e, f] => {
            (number(&[a, b])?, number(&[c, d])?, number(&[e, f])?)
        }
        _ => return None,
    };
    let micros = match fraction {
        [] => 0,
        [_, digits @ ..] if clock.len() > 4 => fraction_micros(digits)?,
        _ => return None,
    };
    micros_of_day(hour, minute, second, micros)
}

/// `Z`, `±HH`, `±HHMM`, `±HH:MM`, with optional seconds; the fraction of an offset is dropped.
pub(super) fn parse_offset(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        b"Z" => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let seconds = parse_clock(digits)? / 1_000_000;
    Some(sign * seconds as i32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_grammar_of_python() {
        for (text, expected) in [
            ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05+00:00"),
            ("2024-01-02T03:04:05.6Z", "2024-01-02T03:04:05.600000+00:00"),
            (
                "2024-01-02 03:04:05,123456789",
                "2024-01-02T03:04:05.123456+09:00",
            ),
            ("20240102T0304-0330", "2024-01-02T03:04:00-03:30"),
            ("2024-01-02", "2024-01-02T00:00:00+09:00"),
            ("2024-W01-2T03", "2024-01-02T03:00:00+09:00"),
            ("2024W012", "2024-01-02T00:00:00+09:00"),
            ("2020-W53", "2020-12-28T00:00:00+09:00"),
            (
                "2024-01-02x03:04:05+00:00:01",
                "2024-01-02T03:04:05+00:00:01",
            ),
            ("2024-01-02T03:04:05 Z", "2024-01-02T03:04:05+00:00"),
        ] {
            let instant = parse_iso8601(text, 9 * 3600).map(Timestamp::to_iso8601);
            assert_eq!(instant.as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "2024",
            "2024-01",
            "2024-13-01",
            "2024-02-30T00:00",
            "2024-01-02T24:00",
            "2024-01-02T03:04:60",
            "2021-W53",
            "2024-01-02T",
            " 2024-01-02",
            "2024-01-02T03:04:05.Z",
            "2024-01-02T1",
            "2024-01-02T03:04:05 JST",
            "٢٠٢٤-01-02",
        ] {
            assert_eq!(parse_iso8601(text, 0), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[-+0-9:.,TWZ é]{0,30}") {
            let _ = parse_iso8601(&text, 0);
        }
    }
}
