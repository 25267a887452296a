//! The forms in which logs write times, and where one stands in a text.

use crate::Pattern;

/// One form of writing a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeForm {
    /// What people call it.
    pub name: &'static str,
    /// Regular expression of its text.
    pub pattern: &'static str,
    /// How the option `timestamp_format` names it.
    pub format: &'static str,
    /// It looks like any other number, so it counts only as a whole value or at the start of a line.
    pub is_bare_number: bool,
}

const fn form(name: &'static str, pattern: &'static str, format: &'static str) -> TimeForm {
    TimeForm {
        name,
        pattern,
        format,
        is_bare_number: false,
    }
}

/// All forms; where two begin at the same place, the earlier is tried first.
///
/// `03/04/2024` is read as March 4, as its writers mostly mean it, unless only the other order
/// gives a date.
pub const TIME_FORMS: &[TimeForm] = &[
    form(
        "ISO 8601 with an offset behind a blank",
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d [+-]\d\d:?\d\d",
        "%Y-%m-%d %H:%M:%S %z",
    ),
    form(
        "ISO 8601 with a fraction and an offset behind a blank",
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6} [+-]\d\d:?\d\d",
        "%Y-%m-%d %H:%M:%S.%f %z",
    ),
    form(
        "ISO 8601",
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d(?::?\d\d)?)?",
        "iso8601",
    ),
    form("ISO 8601, basic", r"\d{8}T\d{6}(?:\.\d{1,6})?Z?", "iso8601"),
    form(
        "common log format",
        r"\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}",
        "%d/%b/%Y:%H:%M:%S %z",
    ),
    form(
        "common log format without offset",
        r"\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d",
        "%d/%b/%Y:%H:%M:%S",
    ),
    form(
        "RFC 1123",
        r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC)",
        "%a, %d %b %Y %H:%M:%S %Z",
    ),
    form(
        "RFC 2822",
        r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}",
        "%a, %d %b %Y %H:%M:%S %z",
    ),
    form(
        "asctime with a fraction",
        r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{1,6} \d{4}",
        "%a %b %d %H:%M:%S.%f %Y",
    ),
    form(
        "asctime",
        r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}",
        "%a %b %d %H:%M:%S %Y",
    ),
    form(
        "year/month/day with a fraction",
        r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{1,6}",
        "%Y/%m/%d %H:%M:%S.%f",
    ),
    form(
        "year/month/day",
        r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d",
        "%Y/%m/%d %H:%M:%S",
    ),
    form(
        "month/day/year, twelve hours",
        r"\d{1,2}/\d{1,2}/\d{4},? \d{1,2}:\d\d:\d\d [AaPp][Mm]",
        "%m/%d/%Y %I:%M:%S %p",
    ),
    form(
        "month/day/year",
        r"\d{1,2}/\d{1,2}/\d{4} \d\d:\d\d:\d\d",
        "%m/%d/%Y %H:%M:%S",
    ),
    form(
        "day/month/year",
        r"\d{1,2}/\d{1,2}/\d{4} \d\d:\d\d:\d\d",
        "%d/%m/%Y %H:%M:%S",
    ),
    form(
        "day.month.year",
        r"\d{1,2}\.\d{1,2}\.\d{4} \d\d:\d\d:\d\d",
        "%d.%m.%Y %H:%M:%S",
    ),
    form(
        "day-Mon-year with a fraction",
        r"\d{1,2}-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\.\d{1,6}",
        "%d-%b-%Y %H:%M:%S.%f",
    ),
    form(
        "day-Mon-year",
        r"\d{1,2}-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d",
        "%d-%b-%Y %H:%M:%S",
    ),
    form(
        "day Mon year",
        r"\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d",
        "%d %b %Y %H:%M:%S",
    ),
    form(
        "syslog",
        r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?",
        "syslog",
    ),
    TimeForm {
        name: "epoch",
        pattern: r"(?:1\d{9}(?:\.\d{1,9})?|1\d{12}|1\d{15}|1\d{18})",
        format: "epoch",
        is_bare_number: true,
    },
];

/// Bytes at the start of a text in which a time is looked for.
const SEARCHED_BYTES: usize = 1024;

/// A time that was found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundTime<'t> {
    /// Number of its form in [`TIME_FORMS`].
    pub form: usize,
    /// Byte at which it begins.
    pub start: usize,
    /// Its text.
    pub text: &'t str,
}

/// Finds times in texts; every worker has its own.
#[derive(Debug)]
pub struct TimeForms {
    forms: Vec<(Pattern, Pattern)>,
}

impl TimeForms {
    /// Compiles all forms.
    pub fn new() -> Self {
        let compile = |form: &TimeForm| {
            let start = match form.is_bare_number {
                true => r"\A\[?",
                false => r"(?<![\w.])",
            };
            let found = Pattern::search(&format!(r"{start}(?P<time>{})(?![\w])", form.pattern));
            let whole = Pattern::whole(form.pattern);
            Some((found.ok()?, whole.ok()?))
        };
        TimeForms {
            // Every form compiles, which the tests see to.
            forms: TIME_FORMS.iter().filter_map(compile).collect(),
        }
    }

    /// The times at the earliest place of a text where one stands, one for each form that it has.
    pub fn find<'t>(&self, text: &'t str) -> Vec<FoundTime<'t>> {
        let text = &text[..text.floor_char_boundary(SEARCHED_BYTES)];
        let mut found: Vec<FoundTime<'t>> = Vec::new();
        for (form, (pattern, _)) in self.forms.iter().enumerate() {
            let Ok(Some(captures)) = pattern.captures(text) else {
                continue;
            };
            let Some((start, end)) = captures.span("time") else {
                continue;
            };
            let first = found.first().map_or(usize::MAX, |first| first.start);
            if start < first {
                found.clear();
            }
            if start <= first {
                let text = &text[start..end];
                found.push(FoundTime { form, start, text });
            }
        }
        found
    }

    /// The forms that the whole text has.
    pub fn of_value<'s>(&'s self, text: &'s str) -> impl Iterator<Item = usize> + 's {
        let is_short = (8..=48).contains(&text.len());
        let forms = self.forms.iter().enumerate();
        forms.filter_map(move |(form, (_, whole))| {
            (is_short && whole.is_match(text) == Ok(true)).then_some(form)
        })
    }
}

impl Default for TimeForms {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_compiles() {
        assert_eq!(TimeForms::new().forms.len(), TIME_FORMS.len());
    }

    #[test]
    fn the_earliest_time_of_a_text_is_found() {
        let forms = TimeForms::new();
        for (text, expected) in [
            (
                "2024-06-15T12:34:56.789Z x 2024-01-01T00:00:00Z",
                "0 iso8601 2024-06-15T12:34:56.789Z",
            ),
            (
                "[2024-06-15 12:34:56,789] INFO",
                "1 iso8601 2024-06-15 12:34:56,789",
            ),
            (
                "I, 2024-06-15 12:34:56 +0900 x",
                "3 %Y-%m-%d %H:%M:%S %z 2024-06-15 12:34:56 +0900",
            ),
            (
                "- [15/Jun/2024:12:34:56 +0000] x",
                "3 %d/%b/%Y:%H:%M:%S %z 15/Jun/2024:12:34:56 +0000",
            ),
            (
                "Sat Jun 15 12:34:56 2024 x",
                "0 %a %b %d %H:%M:%S %Y Sat Jun 15 12:34:56 2024",
            ),
            ("<34>Jun  5 12:34:56 h", "4 syslog Jun  5 12:34:56"),
            ("1718454896.123 5 x", "0 epoch 1718454896.123"),
            ("id 1718454896", ""),
            ("no time 12:34:56", ""),
            ("", ""),
        ] {
            let found = forms.find(text);
            let shown = found.first().map_or_else(String::new, |time| {
                let form = &TIME_FORMS[time.form];
                format!("{} {} {}", time.start, form.format, time.text)
            });
            assert_eq!(shown, expected, "{text}");
        }
    }
}
