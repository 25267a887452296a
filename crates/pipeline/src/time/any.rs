//! Times whose form nobody declared: found in values and texts by the forms that logs use.

use yagura_codec::{FoundTime, TIME_FORMS, TimeForms};
use yagura_model::Timestamp;

use super::{Strptime, parse_epoch, parse_iso8601, parse_syslog};

/// Logs are not older; a number that gives an earlier time is no time.
const EARLIEST_MICROS: i64 = 631_152_000_000_000;
/// How far in the future a time may lie that no key names: clocks differ, and a day has zones.
const AHEAD_MICROS: i64 = 48 * 3600 * 1_000_000;

/// Finds and reads times in any of the forms of [`TIME_FORMS`]; every worker has its own.
#[derive(Debug)]
pub struct AnyTime {
    forms: TimeForms,
    readers: Vec<Reader>,
}

#[derive(Debug)]
enum Reader {
    Epoch,
    Syslog,
    Iso8601,
    Strptime(Strptime),
}

/// A time that was found and could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenTime<'t> {
    /// Where it stands, and its form.
    pub found: FoundTime<'t>,
    /// When it is.
    pub instant: Timestamp,
}

impl SeenTime<'_> {
    /// What people call its form.
    pub fn form_name(&self) -> &'static str {
        TIME_FORMS.get(self.found.form).map_or("", |form| form.name)
    }
}

impl AnyTime {
    /// Compiles all forms.
    pub fn new() -> Self {
        let reader = |format: &str| match format {
            "epoch" => Reader::Epoch,
            "syslog" => Reader::Syslog,
            "iso8601" => Reader::Iso8601,
            format => Strptime::new(format).map_or(Reader::Iso8601, Reader::Strptime),
        };
        AnyTime {
            forms: TimeForms::new(),
            readers: TIME_FORMS.iter().map(|form| reader(form.format)).collect(),
        }
    }

    /// Reads a text that is nothing but a time.
    pub fn of_value<'t>(
        &self,
        text: &'t str,
        offset_seconds: i32,
        now: Timestamp,
    ) -> Option<SeenTime<'t>> {
        let text = text.trim();
        self.forms.of_value(text).find_map(|form| {
            let found = FoundTime {
                form,
                start: 0,
                text,
            };
            self.read(found, offset_seconds, now)
        })
    }

    /// The values of `timestamp_format` by which a text can be read.
    pub fn formats_of(&self, text: &str, now: Timestamp) -> Vec<&'static str> {
        let forms = self.forms.of_value(text);
        let readable = forms.filter(|form| {
            let found = FoundTime {
                form: *form,
                start: 0,
                text,
            };
            self.read(found, 0, now).is_some()
        });
        let formats = readable.filter_map(|form| TIME_FORMS.get(form));
        formats.map(|form| form.format).collect()
    }

    /// Reads the first time in a text.
    pub fn in_text<'t>(
        &self,
        text: &'t str,
        offset_seconds: i32,
        now: Timestamp,
    ) -> Option<SeenTime<'t>> {
        let found = self.forms.find(text).into_iter();
        let mut seen = found.filter_map(|found| self.read(found, offset_seconds, now));
        seen.find(|seen| !is_ahead(seen.instant, now))
    }

    fn read<'t>(&self, found: FoundTime<'t>, offset: i32, now: Timestamp) -> Option<SeenTime<'t>> {
        let text = found.text;
        let instant = match self.readers.get(found.form)? {
            Reader::Epoch => parse_epoch(text, offset),
            Reader::Syslog => parse_syslog(without_fraction(text), offset, now),
            Reader::Iso8601 => parse_iso8601(text, offset),
            Reader::Strptime(format) => format.parse(text, offset),
        };
        let instant = instant.filter(|instant| instant.micros() >= EARLIEST_MICROS)?;
        Some(SeenTime { found, instant })
    }
}

impl Default for AnyTime {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a time lies so far in the future that it is when something ends, not when it happened.
pub(crate) fn is_ahead(instant: Timestamp, now: Timestamp) -> bool {
    instant.micros() > now.micros() + AHEAD_MICROS
}

/// Syslog's time up to its seconds.
fn without_fraction(text: &str) -> &str {
    text.split('.').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_form_is_read() {
        let any = AnyTime::new();
        let now = parse_iso8601("2024-06-20T00:00:00Z", 0).unwrap();
        for (text, expected) in [
            (
                "2024-06-15T12:34:56.789Z",
                "2024-06-15T12:34:56.789000+00:00",
            ),
            (
                "2024-06-15 12:34:56,789",
                "2024-06-15T12:34:56.789000+00:00",
            ),
            ("2024-06-15 12:34:56 +0900", "2024-06-15T12:34:56+09:00"),
            ("20240615T123456Z", "2024-06-15T12:34:56+00:00"),
            ("15/Jun/2024:12:34:56 +0100", "2024-06-15T12:34:56+01:00"),
            ("15/Jun/2024:12:34:56", "2024-06-15T12:34:56+00:00"),
            ("Sat, 15 Jun 2024 12:34:56 GMT", "2024-06-15T12:34:56+00:00"),
            (
                "Sat, 15 Jun 2024 12:34:56 +0200",
                "2024-06-15T12:34:56+02:00",
            ),
            ("Sat Jun 15 12:34:56 2024", "2024-06-15T12:34:56+00:00"),
            (
                "Sat Jun 15 12:34:56.123456 2024",
                "2024-06-15T12:34:56.123456+00:00",
            ),
            ("2024/06/15 12:34:56", "2024-06-15T12:34:56+00:00"),
            ("06/15/2024 12:34:56", "2024-06-15T12:34:56+00:00"),
            ("15/06/2024 12:34:56", "2024-06-15T12:34:56+00:00"),
            ("15.06.2024 12:34:56", "2024-06-15T12:34:56+00:00"),
            ("6/15/2024 1:34:56 PM", "2024-06-15T13:34:56+00:00"),
            (
                "15-Jun-2024 12:34:56.789",
                "2024-06-15T12:34:56.789000+00:00",
            ),
            ("15 Jun 2024 12:34:56", "2024-06-15T12:34:56+00:00"),
            ("Jun 15 12:34:56", "2024-06-15T12:34:56+00:00"),
            ("Jun  5 12:34:56.123", "2024-06-05T12:34:56+00:00"),
            ("1718454896", "2024-06-15T12:34:56+00:00"),
            ("1718454896.5", "2024-06-15T12:34:56.500000+00:00"),
            ("1718454896789", "2024-06-15T12:34:56.789000+00:00"),
            ("1718454896789123", "2024-06-15T12:34:56.789123+00:00"),
            ("1718454896000000000", "2024-06-15T12:34:56+00:00"),
        ] {
            let value = any
                .of_value(text, 0, now)
                .map(|seen| seen.instant.to_iso8601());
            assert_eq!(value.as_deref(), Some(expected), "{text}");
            let line = format!("[{text}] and so on");
            let seen = any
                .in_text(&line, 0, now)
                .map(|seen| seen.instant.to_iso8601());
            assert_eq!(seen.as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        let any = AnyTime::new();
        let now = parse_iso8601("2024-06-20T00:00:00Z", 0).unwrap();
        for text in [
            "",
            "12:34:56",
            "192.0.2.1",
            "123456789",
            "2024-13-15T12:34:56Z",
            "alice",
        ] {
            assert_eq!(any.of_value(text, 0, now), None, "{text}");
            assert_eq!(any.in_text(text, 0, now), None, "{text}");
        }
        let later = "expires 2034-06-15T12:34:56Z";
        assert_eq!(any.in_text(later, 0, now), None, "{later}");
    }
}
