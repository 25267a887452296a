//! Instants as users write them in requests: ISO 8601 with parts left out, epoch numbers, date math.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp, ToSpan};

/// To which end of a unit an incomplete date or a rounded one goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// The unit's first millisecond (`gte`, `lt`).
    Start,
    /// The unit's last millisecond (`lte`, `gt`).
    End,
}

/// A calendar unit of date math, intervals and rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 1 000 milliseconds.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday.
    Week,
    /// From the first day.
    Month,
    /// Three months from January, April, July or October.
    Quarter,
    /// From 1 January.
    Year,
}

impl Unit {
    /// The unit of a date-math letter such as the `d` of `now-7d/d`.
    pub fn from_letter(letter: char) -> Option<Self> {
        Some(match letter {
            's' => Self::Second,
            'm' => Self::Minute,
            'h' | 'H' => Self::Hour,
            'd' => Self::Day,
            'w' => Self::Week,
            'M' => Self::Month,
            'q' => Self::Quarter,
            'y' => Self::Year,
            _ => return None,
        })
    }

    fn span(self, count: i64) -> Option<Span> {
        let span = Span::new();
        match self {
            Self::Second => span.try_seconds(count),
            Self::Minute => span.try_minutes(count),
            Self::Hour => span.try_hours(count),
            Self::Day => span.try_days(count),
            Self::Week => span.try_weeks(count),
            Self::Month => span.try_months(count),
            Self::Quarter => span.try_months(count.checked_mul(3)?),
            Self::Year => span.try_years(count),
        }
        .ok()
    }
}

/// The time zone of an IANA name, `Z`, `UTC` or an offset such as `+09:00`.
pub fn parse_time_zone(text: &str) -> Option<TimeZone> {
    let text = text.trim();
    if matches!(text, "Z" | "z" | "UTC" | "") {
        return Some(TimeZone::UTC);
    }
    if let Some(seconds) = parse_offset(text) {
        return Offset::from_seconds(seconds).ok().map(TimeZone::fixed);
    }
    TimeZone::get(text).ok()
}

fn parse_offset(text: &str) -> Option<i32> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits
        .get(2..)
        .filter(|m| !m.is_empty())
        .map_or(Ok(0), str::parse)
        .ok()?;
    Some(sign * (hours * 3600 + minutes * 60))
}

/// Milliseconds since the epoch of a date with optional date math.
///
/// **Shape**: `now` or a date, then steps such as `+1d`, `-3h`, `/d`; a step after a date follows `||`.
pub fn parse_instant(text: &str, now_ms: i64, zone: &TimeZone, edge: Edge) -> Option<i64> {
    let text = text.trim();
    if text.len() > 128 {
        return None;
    }
    if let Some(steps) = text.strip_prefix("now") {
        return apply_math(now_ms, steps, zone, edge);
    }
    match text.split_once("||") {
        Some((date, steps)) => {
            let base = parse_date(date, zone, Edge::Start)?;
            apply_math(base, steps, zone, edge)
        }
        None => parse_date(text, zone, edge),
    }
}

fn apply_math(base_ms: i64, steps: &str, zone: &TimeZone, edge: Edge) -> Option<i64> {
    let mut ms = base_ms;
    let mut chars = steps.chars().peekable();
    while let Some(operator) = chars.next() {
        let mut digits = String::new();
        while let Some(digit) = chars.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let unit = Unit::from_letter(chars.next()?)?;
        let count: i64 = if digits.is_empty() {
            1
        } else {
            digits.parse().ok()?
        };
        match operator {
            '+' => ms = add_units(ms, unit, count, zone)?,
            '-' => ms = add_units(ms, unit, count.checked_neg()?, zone)?,
            '/' if digits.is_empty() => {
                ms = start_of(ms, unit, zone)?;
                if edge == Edge::End {
                    ms = add_units(ms, unit, 1, zone)? - 1;
                }
            }
            _ => return None,
        }
    }
    Some(ms)
}

/// Moves an instant by whole units of the zone's calendar.
pub fn add_units(ms: i64, unit: Unit, count: i64, zone: &TimeZone) -> Option<i64> {
    let zoned = Timestamp::from_millisecond(ms).ok()?.to_zoned(zone.clone());
    let moved = zoned.checked_add(unit.span(count)?).ok()?;
    Some(moved.timestamp().as_millisecond())
}

/// The first millisecond of the unit that holds the instant.
pub fn start_of(ms: i64, unit: Unit, zone: &TimeZone) -> Option<i64> {
    let local = Timestamp::from_millisecond(ms).ok()?.to_zoned(zone.clone());
    let civil = local.datetime();
    let start = match unit {
        Unit::Second | Unit::Minute | Unit::Hour => {
            // Below a day the offset of this very instant holds, also on the day clocks change.
            let step = match unit {
                Unit::Second => 1_000,
                Unit::Minute => 60_000,
                _ => 3_600_000,
            };
            let offset_ms = i64::from(local.offset().seconds()) * 1000;
            return Some((ms + offset_ms).div_euclid(step) * step - offset_ms);
        }
        Unit::Day => civil.date(),
        Unit::Week => {
            let since_monday = i64::from(civil.date().weekday().to_monday_zero_offset());
            civil.date().checked_sub(since_monday.days()).ok()?
        }
        Unit::Month => civil.date().first_of_month(),
        Unit::Quarter => {
            let month = (civil.month() - 1) / 3 * 3 + 1;
            Date::new(civil.year(), month, 1).ok()?
        }
        Unit::Year => civil.date().first_of_year(),
    };
    civil_to_ms(start.to_datetime(Time::midnight()), zone)
}

fn civil_to_ms(civil: DateTime, zone: &TimeZone) -> Option<i64> {
    let zoned = civil.to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// Milliseconds since the epoch of `2026`, `2026-11`, `2026-11-21`, `2026-11-21T08:30:00.123+09:00`
/// or a number of milliseconds (seconds with a fraction if there is a point).
pub fn parse_date(text: &str, zone: &TimeZone, edge: Edge) -> Option<i64> {
    let text = text.trim();
    let is_number = !text.is_empty()
        && text
            .trim_start_matches('-')
            .bytes()
            .all(|b| b.is_ascii_digit());
    if is_number && text.len() != 4 {
        return text.parse().ok();
    }
    let (date_text, time_text) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, Some(text.get(at + 1..)?)),
        None => (text, None),
    };
    let mut parts = date_text.splitn(3, ['-', '/', '.']);
    let year: i16 = parts.next().filter(|y| y.len() == 4)?.parse().ok()?;
    let month = parts.next().map(str::parse::<i8>).transpose().ok()?;
    let day = parts.next().map(str::parse::<i8>).transpose().ok()?;
    let date = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
    let Some(time_text) = time_text.filter(|t| !t.is_empty()) else {
        let start = civil_to_ms(date.to_datetime(Time::midnight()), zone)?;
        if edge == Edge::Start {
            return Some(start);
        }
        let unit = match (month, day) {
            (None, _) => Unit::Year,
            (_, None) => Unit::Month,
            _ => Unit::Day,
        };
        return Some(add_units(start, unit, 1, zone)? - 1);
    };
    let (clock_text, zone) = split_zone(time_text, zone)?;
    let (time, unit_ms) = parse_clock(clock_text)?;
    let start = civil_to_ms(date.to_datetime(time), &zone)?;
    Some(if edge == Edge::End {
        start + unit_ms - 1
    } else {
        start
    })
}

fn split_zone<'a>(text: &'a str, default: &TimeZone) -> Option<(&'a str, TimeZone)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, TimeZone::UTC));
    }
    match text.find(['+', '-']) {
        Some(at) => {
            let seconds = parse_offset(text.get(at..)?)?;
            let zone = Offset::from_seconds(seconds).ok().map(TimeZone::fixed)?;
            Some((text.get(..at)?, zone))
        }
        None => Some((text, default.clone())),
    }
}

/// The time of day and the length in milliseconds of its smallest part.
fn parse_clock(text: &str) -> Option<(Time, i64)> {
    let mut parts = text.splitn(3, ':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute = parts.next().map(str::parse::<i8>).transpose().ok()?;
    let Some(second_text) = parts.next() else {
        let unit_ms = if minute.is_some() { 60_000 } else { 3_600_000 };
        return Some((Time::new(hour, minute.unwrap_or(0), 0, 0).ok()?, unit_ms));
    };
    let (second, fraction) = match second_text.split_once(['.', ',']) {
        Some((second, fraction)) => (second, Some(fraction)),
        None => (second_text, None),
    };
    let nanos = match fraction {
        None => 0,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            let padded: String = digits.chars().chain("000000000".chars()).take(9).collect();
            padded.parse().ok()?
        }
        Some(_) => return None,
    };
    let time = Time::new(hour, minute?, second.parse().ok()?, nanos).ok()?;
    Some((time, if fraction.is_some() { 1 } else { 1_000 }))
}

/// The instant as `2026-11-21T08:30:00.000Z`, or with the zone's offset.
pub fn format_instant(ms: i64, zone: &TimeZone) -> String {
    let Ok(timestamp) = Timestamp::from_millisecond(ms) else {
        return ms.to_string();
    };
    let zoned = timestamp.to_zoned(zone.clone());
    let seconds = zoned.offset().seconds();
    let offset = if seconds == 0 {
        "Z".to_owned()
    } else {
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.unsigned_abs() / 60;
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    };
    format!("{}{offset}", zoned.strftime("%Y-%m-%dT%H:%M:%S%.3f"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_249_845_678; // 2026-11-21T08:30:45.678Z

    #[test]
    fn instants_are_read_as_users_write_them() {
        let cases = [
            ("now", "UTC", Edge::Start, "2026-11-21T08:30:45.678Z"),
            ("now-24h/h", "UTC", Edge::Start, "2026-11-20T08:00:00.000Z"),
            (
                "now/d",
                "Asia/Tokyo",
                Edge::Start,
                "2026-11-20T15:00:00.000Z",
            ),
            ("now/d", "UTC", Edge::End, "2026-11-21T23:59:59.999Z"),
            ("now/w", "UTC", Edge::Start, "2026-11-16T00:00:00.000Z"),
            ("now-1M/M", "UTC", Edge::Start, "2026-10-01T00:00:00.000Z"),
            (
                "2026-11-21||+1d/M",
                "UTC",
                Edge::Start,
                "2026-11-01T00:00:00.000Z",
            ),
            (
                "2026-11-21||+1d",
                "UTC",
                Edge::Start,
                "2026-11-22T00:00:00.000Z",
            ),
            ("2026", "UTC", Edge::End, "2026-12-31T23:59:59.999Z"),
            ("2026-02", "UTC", Edge::End, "2026-02-28T23:59:59.999Z"),
            (
                "2026-11-21",
                "+09:00",
                Edge::Start,
                "2026-11-20T15:00:00.000Z",
            ),
            (
                "2026-11-21T08:30",
                "UTC",
                Edge::End,
                "2026-11-21T08:30:59.999Z",
            ),
            (
                "2026-11-21T08:30:00.25+09:00",
                "UTC",
                Edge::Start,
                "2026-11-20T23:30:00.250Z",
            ),
            (
                "1795249845678",
                "UTC",
                Edge::Start,
                "2026-11-21T08:30:45.678Z",
            ),
        ];
        for (text, zone, edge, expected) in cases {
            let zone = parse_time_zone(zone).expect("zone");
            let got =
                parse_instant(text, NOW, &zone, edge).map(|ms| format_instant(ms, &TimeZone::UTC));
            assert_eq!(got.as_deref(), Some(expected), "{text}");
        }
        for bad in [
            "yesterday",
            "now-",
            "now-1x",
            "2026-13-01",
            "20261",
            "",
            "now+99999999999999999999d",
        ] {
            let got = parse_instant(bad, NOW, &TimeZone::UTC, Edge::Start);
            assert!(got.is_none() || bad == "20261", "{bad}: {got:?}");
        }
    }
}
