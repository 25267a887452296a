//! The best time of a record whose log type does not say how its times are written.

use yagura_codec::Envelope;
use yagura_model::{Object, Path, Timestamp, Value};

use super::any::{AnyTime, is_ahead};
use super::parse_epoch;
use crate::loader::ObjectContext;

/// Fields of a record that are looked through when no key has a time.
const MAX_FIELDS: usize = 200;

/// A time, and where it was found.
pub(crate) struct Guess {
    pub(crate) instant: Timestamp,
    /// What the document says about it.
    pub(crate) from: String,
}

/// Finds the time of a record: in the keys in their order, then in whatever field is a time, then
/// in the text, then in what came with the record; at last it is the time of loading.
pub(crate) fn guess_time<'k>(
    any: &AnyTime,
    keys: impl Iterator<Item = &'k Path>,
    fields: &Object<'_>,
    (raw, envelope): (&str, &Envelope<'_>),
    offset_seconds: i32,
    context: &ObjectContext,
) -> Guess {
    let now = context.now;
    for key in keys {
        if let Some(text) = key.get(fields).and_then(text_of)
            && let Some(seen) = any.of_value(text, offset_seconds, now)
        {
            let from = format!("`{}` ({})", key.as_str(), seen.form_name());
            return Guess {
                instant: seen.instant,
                from,
            };
        }
    }
    if let Some(guess) = in_fields(any, fields, offset_seconds, now) {
        return guess;
    }
    if let Some(seen) = any.in_text(raw, offset_seconds, now) {
        return Guess {
            instant: seen.instant,
            from: format!("the text ({})", seen.form_name()),
        };
    }
    let with_record = [
        (context.file_timestamp, "the object key"),
        (
            envelope
                .cwl_timestamp
                .and_then(|millis| parse_epoch(millis, 0)),
            "CloudWatch Logs",
        ),
        (
            Some(now),
            "the time of loading, because the record has none",
        ),
    ];
    let known = with_record
        .into_iter()
        .find_map(|(instant, from)| Some((instant?, from)));
    let (instant, from) = known.unwrap_or((now, ""));
    Guess {
        instant,
        from: from.to_owned(),
    }
}

/// The first field, at the top or one level below, that is a time and not far in the future.
///
/// A bare number counts only if its field's name says that it is a time.
fn in_fields(
    any: &AnyTime,
    fields: &Object<'_>,
    offset_seconds: i32,
    now: Timestamp,
) -> Option<Guess> {
    let inner = fields.iter().flat_map(|member| {
        let object = member.value.as_object();
        let members = object.into_iter().flat_map(|object| object.iter());
        members.map(move |inner| (Some(member.key), inner))
    });
    let outer = fields.iter().map(|member| (None, member));
    outer
        .chain(inner)
        .take(MAX_FIELDS)
        .find_map(|(of, member)| {
            let is_number = match &member.value {
                Value::Number(_) => true,
                Value::Text(text) => text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.'),
                _ => return None,
            };
            if is_number && !names_time(member.key) {
                return None;
            }
            let seen = any.of_value(text_of(&member.value)?, offset_seconds, now)?;
            let name = match of {
                Some(of) => format!("{of}.{}", member.key),
                None => member.key.to_owned(),
            };
            (!is_ahead(seen.instant, now)).then(|| Guess {
                instant: seen.instant,
                from: format!("`{name}` ({})", seen.form_name()),
            })
        })
}

fn names_time(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["time", "date", "epoch", "stamp"]
        .iter()
        .any(|word| name.contains(word))
        || name == "ts"
        || name.ends_with("_ts")
}

fn text_of<'a>(value: &Value<'a>) -> Option<&'a str> {
    match value {
        Value::Text(text) | Value::Number(text) => Some(text),
        _ => None,
    }
}
