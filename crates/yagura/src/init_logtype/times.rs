//! Which field of the records is their time, and how it is written.

use yagura_codec::TIME_FORMS;
use yagura_model::Timestamp;
use yagura_pipeline::AnyTime;

use super::records::{Field, Records};
use super::section::Section;

/// Adds the options about the time to a section.
///
/// `names` are the usual names of such fields, the best first.
pub(super) fn draft_time(
    section: &mut Section,
    records: &Records,
    names: &[String],
    now: Timestamp,
) {
    let any = AnyTime::new();
    let rank = |field: &Field| {
        let by_name = |name: &String| {
            name.eq_ignore_ascii_case(&field.path) || name.eq_ignore_ascii_case(field.leaf())
        };
        names.iter().position(by_name).unwrap_or(names.len())
    };
    let mut candidates: Vec<(usize, &Field, &str)> = records
        .fields
        .iter()
        .filter(|field| field.values.len() == records.count && records.count > 0)
        .filter_map(|field| Some((rank(field), field, common_format(&any, field, now)?)))
        // A number that could be a time must be called one.
        .filter(|(rank, _, format)| *format != "epoch" || *rank < names.len())
        .collect();
    candidates.sort_by_key(|(rank, ..)| *rank);
    let Some((_, field, format)) = candidates.first() else {
        section.comment(
            "No field of every record is a time: the best time of each record is looked for, in fields and text;\n\
             `@timestamp_from` in the document says where it was found.",
        );
        section.option("timestamp_format", "auto");
        return;
    };
    let example = field.values.first().map_or("", String::as_str);
    section.comment(&format!(
        "The time of the event, such as `{}`.",
        shown(example)
    ));
    section.option("timestamp_key", &field.path);
    section.option("timestamp_format", format);
    if !names_zone(format, example) {
        section.comment(
            "These times name no zone. They count as UTC unless you write another offset, such as +09:00.",
        );
        section.option("timestamp_tz", "+00:00");
    }
}

/// The value of `timestamp_format` by which all values of a field can be read.
pub(super) fn common_format(any: &AnyTime, field: &Field, now: Timestamp) -> Option<&'static str> {
    let forms = TIME_FORMS.iter().map(|form| form.format);
    let mut formats: Vec<&str> = forms.collect();
    for value in &field.values {
        let readable = any.formats_of(value, now);
        formats.retain(|format| readable.contains(format));
    }
    formats.first().copied()
}

fn names_zone(format: &str, example: &str) -> bool {
    match format {
        "epoch" => true,
        "syslog" => false,
        "iso8601" => {
            let time = example.get(10..).unwrap_or_default();
            example.ends_with('Z') || time.contains(['+', '-'])
        }
        format => format.contains("%z") || format.contains("%Z"),
    }
}

/// A value in a comment: short, on one line.
pub(super) fn shown(value: &str) -> String {
    let plain = |character: char| match character {
        character if character.is_control() => ' ',
        character => character,
    };
    let short: String = value.chars().take(60).map(plain).collect();
    short.replace('`', "'")
}
