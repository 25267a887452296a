//! Intervals of date histograms and how instants are rounded to them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::dates::{Unit, add_units, start_of};

/// Most boundaries that are computed for one histogram.
const MAX_BOUNDARIES: usize = 1_000_000;

/// A calendar unit whose length varies.
pub type CalendarInterval = Unit;

/// Length of a date histogram's buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// So many milliseconds.
    Fixed(i64),
    /// One unit of the calendar.
    Calendar(CalendarInterval),
}

/// Interval lengths people find easy to read, in milliseconds.
const EASY_MS: &[i64] = &[
    1_000,
    5_000,
    10_000,
    30_000,
    60_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    3 * 3_600_000,
    6 * 3_600_000,
    12 * 3_600_000,
    86_400_000,
];

impl Interval {
    /// Reads `30s`, `15m`, `12h`, `7d`, `500ms`.
    pub fn fixed(text: &str) -> Option<Self> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let number: i64 = number.parse().ok()?;
        let unit_ms = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" | "H" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        number
            .checked_mul(unit_ms)
            .filter(|ms| *ms > 0)
            .map(Self::Fixed)
    }

    /// Reads `minute`, `1h`, `day`, `1M`, `quarter` and so on.
    pub fn calendar(text: &str) -> Option<Self> {
        let unit = match text {
            "second" | "1s" => Unit::Second,
            "minute" | "1m" => Unit::Minute,
            "hour" | "1h" | "1H" => Unit::Hour,
            "day" | "1d" => Unit::Day,
            "week" | "1w" => Unit::Week,
            "month" | "1M" => Unit::Month,
            "quarter" | "1q" => Unit::Quarter,
            "year" | "1y" => Unit::Year,
            _ => return None,
        };
        Some(Self::Calendar(unit))
    }

    /// The shortest easy interval that makes at most `buckets` of a stretch of time.
    pub fn auto(min_ms: i64, max_ms: i64, buckets: usize) -> Self {
        let span = max_ms.saturating_sub(min_ms).max(1);
        let wanted = span / i64::try_from(buckets.max(1)).unwrap_or(i64::MAX);
        let easy = EASY_MS.iter().copied().find(|ms| *ms > wanted);
        match easy {
            Some(86_400_000) => Self::Calendar(Unit::Day),
            Some(ms) => Self::Fixed(ms),
            None if wanted < 7 * 86_400_000 => Self::Calendar(Unit::Week),
            None if wanted < 28 * 86_400_000 => Self::Calendar(Unit::Month),
            None if wanted < 90 * 86_400_000 => Self::Calendar(Unit::Quarter),
            None => Self::Calendar(Unit::Year),
        }
    }

    /// The interval as OpenSearch writes it in the answer of an automatic histogram.
    pub fn text(self) -> String {
        match self {
            Self::Calendar(unit) => match unit {
                Unit::Second => "1s",
                Unit::Minute => "1m",
                Unit::Hour => "1h",
                Unit::Day => "1d",
                Unit::Week => "7d",
                Unit::Month => "1M",
                Unit::Quarter => "3M",
                Unit::Year => "1y",
            }
            .to_owned(),
            Self::Fixed(ms) if ms % 3_600_000 == 0 => format!("{}h", ms / 3_600_000),
            Self::Fixed(ms) if ms % 60_000 == 0 => format!("{}m", ms / 60_000),
            Self::Fixed(ms) if ms % 1_000 == 0 => format!("{}s", ms / 1_000),
            Self::Fixed(ms) => format!("{ms}ms"),
        }
    }
}

/// Rounds instants down to the start of their bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rounder {
    /// Buckets of one length.
    Uniform {
        /// Start of any bucket.
        base_ms: i64,
        /// Length.
        interval_ms: i64,
    },
    /// Buckets of varying length: their starts, ascending.
    Boundaries(Vec<i64>),
}

impl Rounder {
    /// A rounder for instants from `min_ms` to `max_ms`; `None` if there would be too many buckets.
    pub fn new(
        interval: Interval,
        zone: &TimeZone,
        offset_ms: i64,
        min_ms: i64,
        max_ms: i64,
    ) -> Option<Self> {
        let zone_offset = |ms: i64| {
            let timestamp = Timestamp::from_millisecond(ms).ok()?;
            Some(i64::from(zone.to_offset(timestamp).seconds()) * 1000)
        };
        let first_offset = zone_offset(min_ms)?;
        let constant = is_constant(zone, min_ms, max_ms);
        let length = match interval {
            Interval::Fixed(ms) => Some(ms),
            Interval::Calendar(Unit::Second) => Some(1_000),
            Interval::Calendar(Unit::Minute) => Some(60_000),
            Interval::Calendar(Unit::Hour) => Some(3_600_000),
            Interval::Calendar(Unit::Day) if constant => Some(86_400_000),
            Interval::Calendar(_) => None,
        };
        match (length, interval) {
            (Some(interval_ms), _) if constant || 3_600_000 % interval_ms == 0 => {
                let base_ms = offset_ms - first_offset;
                Some(Self::Uniform {
                    base_ms,
                    interval_ms,
                })
            }
            (Some(interval_ms), Interval::Fixed(_)) => {
                walk_local(interval_ms, zone_offset, offset_ms, min_ms, max_ms)
            }
            (_, Interval::Calendar(unit)) => walk_calendar(unit, zone, offset_ms, min_ms, max_ms),
            _ => None,
        }
    }

    /// Start of the bucket that holds the instant.
    pub fn round(&self, ms: i64) -> i64 {
        match self {
            Self::Uniform {
                base_ms,
                interval_ms,
            } => (ms - base_ms).div_euclid(*interval_ms) * interval_ms + base_ms,
            Self::Boundaries(starts) => {
                let after = starts.partition_point(|start| *start <= ms);
                starts.get(after.saturating_sub(1)).copied().unwrap_or(ms)
            }
        }
    }

    /// Start of the bucket after the one that starts at `start_ms`; `None` after the last known.
    pub fn next(&self, start_ms: i64) -> Option<i64> {
        match self {
            Self::Uniform { interval_ms, .. } => start_ms.checked_add(*interval_ms),
            Self::Boundaries(starts) => {
                let after = starts.partition_point(|start| *start <= start_ms);
                starts.get(after).copied()
            }
        }
    }
}

/// Whether the zone keeps one offset over the stretch of time.
fn is_constant(zone: &TimeZone, min_ms: i64, max_ms: i64) -> bool {
    if zone.to_fixed_offset().is_ok() {
        return true;
    }
    match (
        Timestamp::from_millisecond(min_ms),
        Timestamp::from_millisecond(max_ms),
    ) {
        (Ok(min), Ok(max)) => !zone
            .following(min)
            .take_while(|t| t.timestamp() <= max)
            .any(|_| true),
        _ => false,
    }
}

fn walk_local(
    interval_ms: i64,
    zone_offset: impl Fn(i64) -> Option<i64>,
    offset_ms: i64,
    min_ms: i64,
    max_ms: i64,
) -> Option<Rounder> {
    let round = |ms: i64| {
        let shift = zone_offset(ms)? - offset_ms;
        Some((ms + shift).div_euclid(interval_ms) * interval_ms - shift)
    };
    let mut starts = vec![round(min_ms)?];
    let mut at = min_ms;
    while at <= max_ms {
        at = at.checked_add(interval_ms)?;
        let start = round(at)?;
        if starts.last().is_some_and(|last| start > *last) {
            starts.push(start);
        }
        if starts.len() > MAX_BOUNDARIES {
            return None;
        }
    }
    Some(Rounder::Boundaries(starts))
}

fn walk_calendar(
    unit: Unit,
    zone: &TimeZone,
    offset_ms: i64,
    min_ms: i64,
    max_ms: i64,
) -> Option<Rounder> {
    let mut start = start_of(min_ms - offset_ms, unit, zone)?;
    let mut starts = Vec::new();
    loop {
        starts.push(start + offset_ms);
        if start + offset_ms > max_ms {
            return Some(Rounder::Boundaries(starts));
        }
        if starts.len() > MAX_BOUNDARIES {
            return None;
        }
        let following = start_of(add_units(start, unit, 1, zone)?, unit, zone)?;
        if following <= start {
            return None;
        }
        start = following;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dates::{Edge, format_instant, parse_date, parse_time_zone};

    #[test]
    fn instants_fall_into_the_buckets_of_their_zone() {
        let cases = [
            (
                "15m",
                "UTC",
                "2026-11-21T08:37:00Z",
                "2026-11-21T08:30:00.000Z",
            ),
            (
                "1d",
                "Asia/Tokyo",
                "2026-11-21T08:37:00Z",
                "2026-11-20T15:00:00.000Z",
            ),
            (
                "12h",
                "+05:30",
                "2026-11-21T08:37:00Z",
                "2026-11-21T06:30:00.000Z",
            ),
            (
                "day",
                "America/New_York",
                "2026-03-08T12:00:00Z",
                "2026-03-08T05:00:00.000Z",
            ),
            (
                "day",
                "America/New_York",
                "2026-03-09T03:59:00Z",
                "2026-03-08T05:00:00.000Z",
            ),
            (
                "day",
                "America/New_York",
                "2026-03-09T04:00:00Z",
                "2026-03-09T04:00:00.000Z",
            ),
            (
                "week",
                "Europe/Berlin",
                "2026-03-30T12:00:00Z",
                "2026-03-29T22:00:00.000Z",
            ),
            (
                "month",
                "UTC",
                "2026-03-30T12:00:00Z",
                "2026-03-01T00:00:00.000Z",
            ),
            (
                "year",
                "Asia/Tokyo",
                "2026-12-31T15:00:00Z",
                "2026-12-31T15:00:00.000Z",
            ),
            (
                "1h",
                "America/New_York",
                "2026-03-08T07:30:00Z",
                "2026-03-08T07:00:00.000Z",
            ),
        ];
        let utc = TimeZone::UTC;
        let ms = |text: &str| parse_date(text, &utc, Edge::Start).expect("date");
        for (interval, zone, instant, expected) in cases {
            let zone = parse_time_zone(zone).expect("zone");
            let interval = Interval::fixed(interval)
                .or_else(|| Interval::calendar(interval))
                .expect("interval");
            let (min, max) = (ms("2026-01-01"), ms("2027-01-01"));
            let rounder = Rounder::new(interval, &zone, 0, min, max).expect("rounder");
            assert_eq!(
                format_instant(rounder.round(ms(instant)), &utc),
                expected,
                "{instant}"
            );
        }
    }
}
