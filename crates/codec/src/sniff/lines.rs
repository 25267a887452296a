//! Recognises texts with a record in each line, or in several.

use super::{Content, Sniffed};
use crate::keyvalue::weigh_key_values;
use crate::{SyslogLine, TIME_FORMS, TimeForms};

/// Lines of syslog: most have a priority, a time without a year, or a time and a program.
pub(super) fn sniff_syslog(lines: &[&str]) -> Option<Sniffed> {
    let is_syslog = |line: &&&str| {
        SyslogLine::parse(line).is_some_and(|parsed| {
            let is_classic = parsed
                .timestamp
                .is_some_and(|time| time.starts_with(|first: char| first.is_ascii_alphabetic()));
            let names_program = parsed.app.is_some() && parsed.timestamp.is_some();
            parsed.priority.is_some() || is_classic && parsed.host.is_some() || names_program
        })
    };
    let count = lines.iter().filter(is_syslog).count();
    (is_most(count, lines)).then(|| {
        let why = format!("{count} of {} lines have a syslog header", lines.len());
        Sniffed::new(Content::Syslog, why)
    })
}

/// Lines that are pairs more than anything else.
pub(super) fn sniff_key_values(lines: &[&str]) -> Option<Sniffed> {
    let is_pairs = |line: &&&str| {
        let (pairs, bytes) = weigh_key_values(line);
        // A time or a name may stand in front.
        pairs >= 2 && bytes * 5 >= line.len() * 2
    };
    let count = lines.iter().filter(is_pairs).count();
    (is_most(count, lines)).then(|| {
        let why = format!("{count} of {} lines are `key=value` pairs", lines.len());
        Sniffed::new(Content::KeyValue, why)
    })
}

/// Anything; records of several lines when only some lines begin with a time and the others
/// continue them.
pub(super) fn sniff_text(lines: &[&str]) -> Sniffed {
    let first_line = first_line_pattern(lines);
    let why = match &first_line {
        Some(_) => "records begin with a time and go on in indented lines",
        None => "the lines have no other known form",
    };
    Sniffed::new(Content::Text { first_line }, why.to_owned())
}

/// The pattern of the lines that begin a record, if all others look like their continuation.
fn first_line_pattern(lines: &[&str]) -> Option<String> {
    let forms = TimeForms::new();
    let first = forms.find(lines.first()?);
    let form = TIME_FORMS.get(first.iter().find(|time| time.start <= 1)?.form)?;
    let pattern = format!(r"\[?{}", form.pattern);
    let begins = crate::Pattern::at_start(&pattern).ok()?;
    let mut continued = 0;
    for line in lines {
        if begins.is_match(line) == Ok(true) {
            continue;
        }
        let is_continuation = line.starts_with([' ', '\t', '}', ')', ']'])
            || ["Caused by:", "Traceback", "... ", "at "]
                .iter()
                .any(|start| line.starts_with(start))
            || names_exception(line);
        if !is_continuation {
            return None;
        }
        continued += 1;
    }
    (continued > 0).then_some(pattern)
}

/// Whether a line begins like `java.lang.IllegalStateException: …` or `ValueError: …`.
fn names_exception(line: &str) -> bool {
    let name = line.split([':', ' ']).next().unwrap_or_default();
    ["Exception", "Error"].iter().any(|end| name.ends_with(end))
}

/// Three of five, and at least one.
fn is_most(count: usize, lines: &[&str]) -> bool {
    count > 0 && count * 5 >= lines.len() * 3
}
