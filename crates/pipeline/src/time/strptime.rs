//! Python's `strptime`, split into directives when the configuration is read.

use yagura_model::{Date, Timestamp};

use super::iso8601::parse_offset;
use super::{fraction_micros, micros_of_day, month_by_name, number};

/// A format of `strptime`.
#[derive(Debug, Clone)]
pub(crate) struct Strptime {
    items: Vec<Item>,
}

#[derive(Debug, Clone)]
enum Item {
    /// A directive by its letter.
    Directive(u8),
    /// One or more white-space characters.
    Blanks,
    /// Exactly this character; ASCII letters in any case.
    Literal(char),
}

/// What was read so far; what is missing is 1900-01-01 00:00:00.
struct Parts {
    year: i32,
    month: u32,
    day: u32,
    day_of_year: Option<u32>,
    hour: u32,
    /// The hour came from a 12-hour clock.
    twelve_hours: bool,
    afternoon: Option<bool>,
    minute: u32,
    second: u32,
    micros: i64,
    offset: Option<i32>,
}

impl Strptime {
    /// Splits a format; `None` with the letter of a directive that is not known.
    pub(crate) fn new(format: &str) -> Result<Strptime, char> {
        let mut items = Vec::new();
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            if character.is_whitespace() {
                if !matches!(items.last(), Some(Item::Blanks)) {
                    items.push(Item::Blanks);
                }
            } else if character == '%' {
                match characters.next() {
                    Some('%') => items.push(Item::Literal('%')),
                    Some('D') => items.extend(Self::new("%m/%d/%y")?.items),
                    Some('T' | 'X') => items.extend(Self::new("%H:%M:%S")?.items),
                    Some(letter) if "YymdHIMSfbBaApzZj".contains(letter) => {
                        items.push(Item::Directive(letter as u8));
                    }
                    letter => return Err(letter.unwrap_or('%')),
                }
            } else {
                items.push(Item::Literal(character));
            }
        }
        Ok(Strptime { items })
    }

    /// Reads an instant from the whole text; without an offset in it `default_offset` counts.
    pub(crate) fn parse(&self, text: &str, default_offset: i32) -> Option<Timestamp> {
        let mut parts = Parts {
            year: 1900,
            month: 1,
            day: 1,
            day_of_year: None,
            hour: 0,
            twelve_hours: false,
            afternoon: None,
            minute: 0,
            second: 0,
            micros: 0,
            offset: None,
        };
        let mut rest = text;
        for item in &self.items {
            rest = match item {
                Item::Directive(letter) => parts.read(*letter, rest)?,
                Item::Blanks => {
                    let trimmed = rest.trim_start();
                    (trimmed.len() < rest.len()).then_some(trimmed)?
                }
                Item::Literal(expected) => {
                    let found = rest.chars().next()?;
                    found.eq_ignore_ascii_case(expected).then_some(())?;
                    &rest[found.len_utf8()..]
                }
            };
        }
        rest.is_empty().then_some(())?;
        parts.instant(default_offset)
    }
}

impl Parts {
    /// Reads a directive at the start of the text and gives the rest.
    fn read<'t>(&mut self, letter: u8, text: &'t str) -> Option<&'t str> {
        let bytes = text.as_bytes();
        let taken = match letter {
            b'Y' => {
                self.year = number(bytes.get(..4)?)? as i32;
                4
            }
            b'y' => {
                let year = number(bytes.get(..2)?)? as i32;
                self.year = year + if year < 69 { 2000 } else { 1900 };
                2
            }
            b'm' => up_to_two_digits(bytes, 1..=12, &mut self.month)?,
            b'd' => {
                let blank = usize::from(bytes.first() == Some(&b' '));
                blank + up_to_two_digits(&bytes[blank..], 1..=31, &mut self.day)?
            }
            b'H' => up_to_two_digits(bytes, 0..=23, &mut self.hour)?,
            b'I' => {
                self.twelve_hours = true;
                up_to_two_digits(bytes, 1..=12, &mut self.hour)?
            }
            b'M' => up_to_two_digits(bytes, 0..=59, &mut self.minute)?,
            b'S' => up_to_two_digits(bytes, 0..=61, &mut self.second)?,
            b'j' => {
                let digits = bytes
                    .iter()
                    .take(3)
                    .take_while(|byte| byte.is_ascii_digit());
                let digits = digits.count();
                self.day_of_year = Some(number(&bytes[..digits])?);
                digits
            }
            b'f' => {
                let digits = bytes
                    .iter()
                    .take(6)
                    .take_while(|byte| byte.is_ascii_digit());
                let digits = digits.count();
                self.micros = fraction_micros(&bytes[..digits])?;
                digits
            }
            b'b' => {
                self.month = month_by_name(bytes.get(..3)?)?;
                3
            }
            b'B' => self.read_month(text)?,
            b'a' => weekday(text, true)?,
            b'A' => weekday(text, false)?,
            b'p' => {
                let half = text.get(..2)?;
                let afternoon = half.eq_ignore_ascii_case("pm");
                (afternoon || half.eq_ignore_ascii_case("am")).then_some(())?;
                self.afternoon = Some(afternoon);
                2
            }
            b'z' => {
                let zone = bytes
                    .iter()
                    .take_while(|byte| b"Z+-0123456789:.".contains(byte));
                let length = zone.count();
                self.offset = Some(parse_offset(&bytes[..length])?);
                length
            }
            _ => ["utc", "gmt"].iter().find_map(|name| {
                let zone = text.get(..3)?;
                zone.eq_ignore_ascii_case(name).then_some(3)
            })?,
        };
        text.get(taken..)
    }

    fn read_month(&mut self, text: &str) -> Option<usize> {
        const NAMES: [&str; 12] = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let at = NAMES.iter().position(|name| starts_with_name(text, name))?;
        self.month = at as u32 + 1;
        Some(NAMES[at].len())
    }

    fn instant(self, default_offset: i32) -> Option<Timestamp> {
        let hour = match (self.twelve_hours, self.afternoon) {
            (true, Some(true)) => self.hour % 12 + 12,
            (true, _) => self.hour % 12,
            (false, _) => self.hour,
        };
        let date = match self.day_of_year {
            None => Date::new(self.year, self.month, self.day)?,
            Some(day) => Date::from_days(Date::new(self.year, 1, 1)?.days() + i64::from(day) - 1),
        };
        let of_day = micros_of_day(hour, self.minute, self.second, self.micros)?;
        Timestamp::from_local(date, of_day, self.offset.unwrap_or(default_offset))
    }
}

/// Reads two digits if they are in the range, else one, as alternatives in order would.
fn up_to_two_digits(
    text: &[u8],
    range: std::ops::RangeInclusive<u32>,
    target: &mut u32,
) -> Option<usize> {
    for length in [2, 1] {
        let found = text.get(..length).and_then(number);
        if let Some(found) = found.filter(|found| range.contains(found)) {
            *target = found;
            return Some(length);
        }
    }
    None
}

/// Length of the weekday at the start of the text, which is not checked against the date.
fn weekday(text: &str, short: bool) -> Option<usize> {
    const NAMES: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    NAMES.iter().find_map(|name| {
        let name = if short { &name[..3] } else { name };
        starts_with_name(text, name).then_some(name.len())
    })
}

fn starts_with_name(text: &str, name: &str) -> bool {
    text.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(format: &str, text: &str) -> Option<String> {
        let format = Strptime::new(format).unwrap();
        format.parse(text, 3600).map(Timestamp::to_iso8601)
    }

    #[test]
    fn reads_as_python_does() {
        for (format, text, expected) in [
            (
                "%d/%b/%Y:%H:%M:%S %z",
                "06/Feb/2019:00:00:38 +0000",
                "2019-02-06T00:00:38+00:00",
            ),
            (
                "%Y-%m-%d %H:%M:%S",
                "2024-1-2  3:4:5",
                "2024-01-02T03:04:05+01:00",
            ),
            (
                "%Y-%m-%dT%H:%M:%S.%f%z",
                "2024-01-02T03:04:05.5-03:30",
                "2024-01-02T03:04:05.500000-03:30",
            ),
            (
                "%I:%M %p %d.%m.%y",
                "12:05 am 31.12.68",
                "2068-12-31T00:05:00+01:00",
            ),
            (
                "%a %b %d %H:%M:%S %Y",
                "thu JAN  4 01:02:03 2024",
                "2024-01-04T01:02:03+01:00",
            ),
            ("%Y%m%d", "20240102", "2024-01-02T00:00:00+01:00"),
            ("%H:%M %Z", "01:02 UTC", "1900-01-01T01:02:00+01:00"),
        ] {
            assert_eq!(parse(format, text).as_deref(), Some(expected), "{text}");
        }
        for (format, text) in [
            ("%Y", "2024x"),
            ("%S", "60"),
            ("%m", "13"),
            ("%Y-%m-%d", "2023-02-29"),
            ("%H", ""),
        ] {
            assert_eq!(parse(format, text), None, "{text}");
        }
        assert_eq!(Strptime::new("%Q").unwrap_err(), 'Q');
    }

    proptest! {
        #[test]
        fn never_panics(text in "[ -~é]{0,30}") {
            let _ = parse("%d %b %Y %H:%M:%S.%f %z %p %a %j", &text);
            let _ = parse("%z", &text);
        }
    }
}
