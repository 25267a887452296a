//! How the values of a date field are written, in the words of OpenSearch's `format`.

use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::{Offset, TimeZone};

use crate::dates::{Edge, parse_date};

/// Most ways that optional parts may make of one pattern.
const MAX_VARIANTS: usize = 16;

/// The ways in which the values of a field are written: `epoch_second`,
/// `date_optional_time||epoch_millis`, `dd/MMM/yyyy:HH:mm:ss Z` and so on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DateFormats {
    text: String,
    ways: Vec<Way>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Iso8601,
    Millis,
    Seconds,
    /// A format for `strptime`, in all variants.
    Pattern(Vec<String>),
}

/// A format that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot read the date format `{format}`: {problem} (known are `epoch_second`, `epoch_millis`, `date_optional_time`, and patterns of y u M d H h m s S a Z)"
)]
pub struct BadDateFormat {
    format: String,
    problem: String,
}

impl DateFormats {
    /// Reads formats that are separated by `||`.
    pub fn new(text: &str) -> Result<Self, BadDateFormat> {
        let ways = text.split("||").map(|format| {
            Ok(match format {
                "date_optional_time" | "strict_date_optional_time" => Way::Iso8601,
                "epoch_millis" => Way::Millis,
                "epoch_second" => Way::Seconds,
                pattern => Way::Pattern(variants(pattern)?),
            })
        });
        Ok(DateFormats {
            text: text.to_owned(),
            ways: ways.collect::<Result<_, _>>()?,
        })
    }

    /// Milliseconds since the epoch of a value; without an offset of its own it is UTC.
    ///
    /// A value in none of the ways is still read as ISO 8601, if it can be.
    pub fn parse(&self, text: &str) -> Option<i64> {
        let text = text.trim();
        let by_format = self.ways.iter().find_map(|way| match way {
            Way::Iso8601 => None,
            Way::Millis => text.parse().ok(),
            Way::Seconds => text.parse().ok().and_then(millis_of),
            Way::Pattern(variants) => variants.iter().find_map(|format| by_pattern(format, text)),
        });
        by_format.or_else(|| parse_date(text, &TimeZone::UTC, Edge::Start))
    }

    /// Milliseconds since the epoch of a number.
    pub fn of_number(&self, number: f64) -> Option<i64> {
        let in_seconds = self.ways.iter().find_map(|way| match way {
            Way::Seconds => Some(true),
            Way::Millis => Some(false),
            _ => None,
        });
        match in_seconds {
            Some(true) => millis_of(number),
            _ => (number.abs() < 9e18).then_some(number as i64),
        }
    }
}

impl TryFrom<String> for DateFormats {
    type Error = BadDateFormat;

    fn try_from(text: String) -> Result<Self, BadDateFormat> {
        DateFormats::new(&text)
    }
}

impl From<DateFormats> for String {
    fn from(formats: DateFormats) -> String {
        formats.text
    }
}

fn millis_of(seconds: f64) -> Option<i64> {
    let millis = (seconds * 1000.0).round();
    (millis.abs() < 9e18).then_some(millis as i64)
}

fn by_pattern(format: &str, text: &str) -> Option<i64> {
    let time: BrokenDownTime = strtime::parse(format, text).ok()?;
    let offset = time.offset().unwrap_or(Offset::UTC);
    let instant = offset.to_timestamp(time.to_datetime().ok()?).ok()?;
    Some(instant.as_millisecond())
}

/// A pattern of Java's `DateTimeFormatter` as formats for `strptime`: one with and one without each
/// optional part.
fn variants(pattern: &str) -> Result<Vec<String>, BadDateFormat> {
    let bad = |problem: String| BadDateFormat {
        format: pattern.to_owned(),
        problem,
    };
    let mut made = vec![String::new()];
    // What stands in an open bracket, for each variant so far.
    let mut optional: Option<Vec<String>> = None;
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let run = rest.chars().take_while(|next| *next == letter).count();
        let (text, after) = rest.split_at(run * letter.len_utf8());
        rest = after;
        let specs: &[&str] = match letter {
            '[' if optional.is_none() && run == 1 => {
                optional = Some(made.clone());
                continue;
            }
            ']' if run == 1 => {
                let without = optional
                    .take()
                    .ok_or_else(|| bad("a `]` closes nothing".into()))?;
                made.extend(without);
                if made.len() > MAX_VARIANTS {
                    return Err(bad("it has too many optional parts".into()));
                }
                continue;
            }
            'y' | 'u' if run == 2 => &["%y"],
            'u' if run == 1 => &["%Y", "%y"],
            'y' | 'u' => &["%Y"],
            'M' if run == 3 => &["%b"],
            'M' => &["%m"],
            'd' => &["%d"],
            'H' => &["%H"],
            'h' => &["%I"],
            'm' => &["%M"],
            's' => &["%S"],
            'S' => &["%f"],
            'a' => &["%p"],
            'Z' => &["%z"],
            '[' | '%' | '\'' => return Err(bad(format!("`{text}` is not understood"))),
            letter if letter.is_alphabetic() => {
                return Err(bad(format!("`{text}` is not understood")));
            }
            _ => &[text],
        };
        let longer = specs.iter().flat_map(|spec| {
            let made = made.iter();
            made.map(move |before| format!("{before}{spec}"))
        });
        made = longer.collect();
    }
    match optional {
        Some(_) => Err(bad("a `[` is not closed".into())),
        None => Ok(made),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_their_format_says() {
        let instant = 1_749_567_845_000; // 2025-06-10T15:04:05Z
        for (format, text, expected) in [
            ("epoch_second", "1749567845", instant),
            ("epoch_second", "1749567845.250", instant + 250),
            ("epoch_second", "2025-06-10T15:04:05Z", instant),
            ("epoch_millis", "1749567845000", instant),
            (
                "MMM d, yyyy[,] h:mm:ss a",
                "Jun 10, 2025 3:04:05 PM",
                instant,
            ),
            (
                "MMM d, yyyy[,] h:mm:ss a",
                "Jun 10, 2025, 3:04:05 PM",
                instant,
            ),
            (
                "epoch_millis||MMM d, yyyy[,] h:mm:ss a",
                "Jun 10, 2025, 3:04:05 pm",
                instant,
            ),
            (
                "dd/MMM/yyyy:HH:mm:ss Z",
                "10/Jun/2025:17:04:05 +0200",
                instant,
            ),
            (
                "MM/dd/yy HH:mm:ss.SSSSSS",
                "06/10/25 15:04:05.125000",
                instant + 125,
            ),
            (
                "yyyy-MM-dd HH:mm:ss[.SSS]",
                "2025-06-10 15:04:05.500",
                instant + 500,
            ),
            ("yyyy-MM-dd HH:mm:ss[.SSS]", "2025-06-10 15:04:05", instant),
            ("uMMdd [ ]H:m:s||epoch_second", "250610 15:04:05", instant),
            (
                "uMMdd [ ]H:m:s||epoch_second",
                "250610  5:04:05",
                instant - 36_000_000,
            ),
            ("uMMdd [ ]H:m:s||epoch_second", "1749567845", instant),
            (
                "date_optional_time||epoch_second",
                "2025-06-10T15:04:05",
                instant,
            ),
        ] {
            let formats = DateFormats::new(format).unwrap();
            assert_eq!(formats.parse(text), Some(expected), "{format}: {text}");
        }
        let formats = DateFormats::new("epoch_second").unwrap();
        assert_eq!(formats.parse("yesterday"), None);
    }

    #[test]
    fn numbers_are_of_the_unit_that_comes_first() {
        for (format, number, expected) in [
            ("epoch_second", 1.5, Some(1500)),
            ("date_optional_time||epoch_second", 2.0, Some(2000)),
            ("epoch_millis||epoch_second", 2.0, Some(2)),
            ("date_optional_time", 7.0, Some(7)),
            ("epoch_second", 1e300, None),
        ] {
            let formats = DateFormats::new(format).unwrap();
            assert_eq!(formats.of_number(number), expected, "{format}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (format, problem) in [
            ("yyyy-MM-dd'T'HH", "`'`"),
            ("week", "`w`"),
            ("yyyy[-MM", "`[` is not closed"),
            ("yyyy]", "`]` closes nothing"),
        ] {
            let error = DateFormats::new(format).unwrap_err().to_string();
            assert!(error.contains(problem), "{format}: {error}");
        }
    }
}
