//! The first stages of normalising: rename, timestamp, basic fields and id, text conversion.

use md5::{Digest, Md5};
use yagura_codec::{Envelope, FailureReason, RecordText};
use yagura_config::{LogTypeSettings, TimestampFormat};
use yagura_model::{
    Arena, Form, Key, KeyRow, KeySet, LastDay, Md5Sum, Object, Path, RarePaths, Run, Timestamp,
    Value, intern, md5_digits, push_json_string, python_text, text_says_nothing,
};

use crate::draft::text_form;
use crate::loader::{ObjectContext, ObjectTexts};
use crate::pipeline::TEXT_LIMIT;
use crate::plan::PlanError;
use crate::time::{AnyTime, Guess, Strptime, guess_time, parse_epoch, parse_iso8601, parse_syslog};

/// The field that says where a time was found which the configuration does not name.
const TIMESTAMP_FROM: &str = "@timestamp_from";

/// Where the timestamp is looked for.
#[derive(Debug, Clone)]
enum TimeKey {
    EventBridge,
    CloudWatchLogs,
    File,
    Field(Path),
}

#[derive(Debug, Clone)]
enum Format {
    Epoch,
    Syslog,
    Iso8601,
    Strptime(Strptime),
}

/// Finds and reads the time of a record.
#[derive(Debug)]
pub(crate) struct Times {
    keys: Vec<TimeKey>,
    formats: Vec<Format>,
    /// Reads any form, and takes the time of loading where there is none.
    any: Option<AnyTime>,
    offset_seconds: i32,
    nanoseconds: bool,
}

impl Times {
    pub(crate) fn new(settings: &LogTypeSettings) -> Result<Times, PlanError> {
        let keys = settings
            .timestamp_keys
            .iter()
            .map(|key| match key.as_str() {
                "cwe_timestamp" => TimeKey::EventBridge,
                "cwl_timestamp" => TimeKey::CloudWatchLogs,
                "file_timestamp" => TimeKey::File,
                path => TimeKey::Field(Path::new(path)),
            });
        let configured = &settings.timestamp_formats;
        let any = configured.contains(&TimestampFormat::Auto);
        let formats = configured.iter().filter_map(|format| {
            Some(match format {
                TimestampFormat::Auto => return None,
                TimestampFormat::Epoch => Ok(Format::Epoch),
                TimestampFormat::Syslog => Ok(Format::Syslog),
                TimestampFormat::Iso8601 => Ok(Format::Iso8601),
                TimestampFormat::Strptime(format) => match Strptime::new(format) {
                    Ok(format) => Ok(Format::Strptime(format)),
                    Err(letter) => Err(PlanError::TimestampFormat {
                        log_type: settings.name.clone(),
                        format: format.clone(),
                        letter,
                    }),
                },
            })
        });
        Ok(Times {
            keys: keys.collect(),
            formats: formats.collect::<Result<_, _>>()?,
            any: any.then(AnyTime::new),
            offset_seconds: settings.timestamp_tz,
            nanoseconds: settings.timestamp_nano,
        })
    }

    /// The time of a record, by the first configured key that has a value.
    pub(crate) fn find<'a>(
        &self,
        fields: &mut Object<'a>,
        (raw, envelope): (&'a str, &Envelope<'a>),
        parsed: bool,
        context: &ObjectContext,
        arena: &'a Arena,
    ) -> Result<Timestamp, (FailureReason, String)> {
        if let Some(any) = &self.any {
            let keys = self.keys.iter().filter_map(|key| match key {
                TimeKey::Field(path) => Some(path),
                _ => None,
            });
            let text = (raw, envelope);
            let Guess { instant, from } =
                guess_time(any, keys, fields, text, self.offset_seconds, context);
            fields.set(TIMESTAMP_FROM, Value::Text(arena.alloc_str(&from)));
            return Ok(instant);
        }
        if self.keys.is_empty() || !parsed {
            return self.without_key(fields, envelope, context);
        }
        for key in &self.keys {
            let stored = match key {
                TimeKey::File => match context.file_timestamp {
                    Some(instant) => return Ok(instant),
                    None => continue,
                },
                TimeKey::EventBridge => ("cwe_timestamp", envelope.cwe_timestamp.map(Value::Text)),
                TimeKey::CloudWatchLogs => {
                    ("cwl_timestamp", envelope.cwl_timestamp.map(Value::Number))
                }
                TimeKey::Field(path) => match path.get(fields) {
                    Some(value) if !value.is_missing() => {
                        return self.read(path.as_str(), value, context);
                    }
                    _ => continue,
                },
            };
            // The envelope's time becomes a field of the record.
            if let (name, Some(value)) = stored {
                let instant = self.read(name, &value, context);
                fields.set(name, value);
                return instant;
            }
        }
        let keys: Vec<_> = self.keys.iter().map(TimeKey::name).collect();
        let detail = format!("no timestamp in {}", keys.join(", "));
        Err((FailureReason::Timestamp, detail))
    }

    fn without_key(
        &self,
        fields: &Object<'_>,
        envelope: &Envelope<'_>,
        context: &ObjectContext,
    ) -> Result<Timestamp, (FailureReason, String)> {
        match fields.get("@timestamp") {
            Some(value) if !value.is_missing() => self.read("@timestamp", value, context),
            _ => Ok(context
                .file_timestamp
                .or_else(|| {
                    envelope
                        .cwl_timestamp
                        .and_then(|millis| parse_epoch(millis, 0))
                })
                .unwrap_or(context.now)),
        }
    }

    fn read(
        &self,
        name: &str,
        value: &Value<'_>,
        context: &ObjectContext,
    ) -> Result<Timestamp, (FailureReason, String)> {
        let text = match value {
            Value::Text(text) | Value::Number(text) => *text,
            // Numbers to Python; epochs to existing documents.
            Value::Bool(true) => "1",
            Value::Bool(false) => "0",
            _ => {
                let detail = format!("`{name}` is neither text nor a number");
                return Err((FailureReason::Timestamp, detail));
            }
        };
        let is_text = matches!(value, Value::Text(_));
        let instant = if self.nanoseconds {
            self.parse(&cut_fraction(text), is_text, context)
        } else {
            self.parse(text, is_text, context)
        };
        instant.ok_or_else(|| {
            let shown = &text[..text.floor_char_boundary(64)];
            let detail = format!("cannot read `{name}` `{shown}` in the configured format");
            (FailureReason::Timestamp, detail)
        })
    }

    fn parse(&self, text: &str, is_text: bool, context: &ObjectContext) -> Option<Timestamp> {
        let offset = self.offset_seconds;
        self.formats.iter().find_map(|format| match format {
            Format::Epoch => parse_epoch(text, offset),
            Format::Syslog => parse_syslog(text, offset, context.now),
            Format::Iso8601 if is_text => parse_iso8601(text, offset),
            Format::Iso8601 => None,
            Format::Strptime(format) => format.parse(text, offset),
        })
    }
}

impl TimeKey {
    fn name(&self) -> String {
        match self {
            TimeKey::EventBridge => "`cwe_timestamp`".to_owned(),
            TimeKey::CloudWatchLogs => "`cwl_timestamp`".to_owned(),
            TimeKey::File => "the object key".to_owned(),
            TimeKey::Field(path) => format!("`{}`", path.as_str()),
        }
    }
}

/// Makes the last `SS.f…` of the text have exactly six digits of fraction, if something follows.
fn cut_fraction(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let place = (2..bytes.len())
        .rev()
        .find(|at| bytes[*at] == b'.' && digit(at - 1) && digit(at - 2) && digit(at + 1));
    let Some(point) = place else {
        return text.to_owned();
    };
    let digits = bytes[point + 1..]
        .iter()
        .take(9)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let end = point + 1 + digits;
    if end == bytes.len() {
        return text.to_owned();
    }
    let kept = &text[point + 1..point + 1 + digits.min(6)];
    format!("{}.{kept:0<6}{}", &text[..point], &text[end..])
}

/// The names of the basic fields, in the order of their values.
static BASIC_NAMES: [Key; 8] = Key::list([
    "@message",
    "@timestamp",
    "@log_type",
    "@log_s3bucket",
    "@log_s3key",
    "@log_group",
    "@log_stream",
    "@id",
]);

/// The basic fields that are the same in all documents of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ObjectFields<'a> {
    /// The place of the first of them.
    at: usize,
    members: [(&'static str, &'a str); 3],
}

impl<'a> ObjectFields<'a> {
    /// The fields of a document whose basic fields begin at a place.
    pub(crate) fn new(basics_at: usize, texts: [&'a str; 3]) -> Self {
        let [_, _, names @ .., _, _, _] = &BASIC_NAMES;
        let [log_type, bucket, key] = names.each_ref().map(Key::as_str);
        let [of_log_type, of_bucket, of_key] = texts;
        ObjectFields {
            at: basics_at + 2,
            members: [(log_type, of_log_type), (bucket, of_bucket), (key, of_key)],
        }
    }

    /// Appends them as JSON, unless documents leave one of them out or cut it.
    pub(crate) fn push_json(&self, json: &mut Vec<u8>) {
        let may_be = |text: &str| !text_says_nothing(text) && text.len() < TEXT_LIMIT.from_bytes;
        if !self.members.iter().all(|(_, text)| may_be(text)) {
            return;
        }
        for (key, text) in self.members {
            json.push(b',');
            push_json_string(key, json);
            json.push(b':');
            push_json_string(text, json);
        }
    }

    /// What helps to write them, if this is their JSON.
    pub(crate) fn run<'t>(&'t self, json: &'t [u8]) -> Option<Run<'t>> {
        (!json.is_empty()).then_some(Run {
            at: self.at,
            members: &self.members,
            json,
        })
    }
}

/// The basic fields every document gets.
#[derive(Debug, Clone)]
pub(crate) struct Basics {
    /// The names of the basic fields.
    names: KeySet,
    /// The same in their order.
    row: KeyRow,
    log_type: &'static str,
    doc_id: Option<&'static str>,
    doc_id_suffix: Option<Path>,
    renames: Vec<(&'static str, &'static str)>,
    scalars: Vec<(&'static str, &'static str)>,
    texts: RarePaths,
    last_day: LastDay,
}

impl Basics {
    pub(crate) fn new(settings: &LogTypeSettings) -> Basics {
        let renames = settings.renamed_newfields.iter();
        let mut names = KeySet::default();
        BASIC_NAMES.iter().for_each(|name| names.insert(name));
        Basics {
            names,
            row: KeyRow::new(&BASIC_NAMES),
            log_type: intern(&settings.name),
            doc_id: settings.doc_id.as_deref().map(intern),
            doc_id_suffix: settings.doc_id_suffix.as_deref().map(Path::new),
            renames: renames
                .map(|(new, old)| (intern(new), intern(old)))
                .collect(),
            scalars: settings
                .rename_scalars
                .iter()
                .map(|name| (intern(&format!("{name}_value")), intern(name)))
                .collect(),
            texts: RarePaths::new(&settings.json_to_text),
            last_day: LastDay::default(),
        }
    }

    /// Moves fields to their new names; what is empty stays where it is, and so does an object or
    /// list of `rename_scalars`.
    pub(crate) fn rename<'a>(&self, fields: &mut Object<'a>) {
        for (new, old) in &self.renames {
            if fields.get(old).is_some_and(Value::is_truthy)
                && let Some(value) = fields.remove(old)
            {
                fields.set(new, value);
            }
        }
        for (new, old) in &self.scalars {
            let is_plain = |value: &Value<'_>| !matches!(value, Value::Object(_) | Value::List(_));
            if fields.get(old).is_some_and(is_plain)
                && let Some(value) = fields.remove(old)
            {
                fields.set(new, value);
            }
        }
    }

    /// Adds the basic fields and gives the text of the id.
    pub(crate) fn add<'a>(
        &mut self,
        fields: &mut Object<'a>,
        record: &RecordInfo<'_, 'a>,
        arena: &'a Arena,
    ) -> Result<&'a str, (FailureReason, String)> {
        let (id, id_text) = self.id(fields, record, arena)?;
        let timestamp = record.timestamp.iso8601_after(&mut self.last_day);
        let [message, at, log_type, bucket, key, group, stream, id_name] = &BASIC_NAMES;
        let texts = [
            (message, Some(record.text.raw)),
            (at, Some(arena.alloc_str(timestamp.as_str()))),
            (log_type, Some(self.log_type)),
            (bucket, Some(record.object.bucket)),
            (key, Some(record.object.key)),
            (group, record.text.envelope.log_group),
            (stream, record.text.envelope.log_stream),
        ];
        // Hardly any record has such names itself; knowing that saves looking for each.
        if self.names.has_any_of(fields) {
            for (name, text) in texts {
                fields.set_key(name, text.map_or(Value::Null, Value::Text));
            }
            fields.set_key(id_name, id);
        } else {
            fields.begin_row(&self.row);
            for (name, text) in texts {
                fields.push_noted(name, text.map_or(Value::Null, Value::Text));
            }
            fields.push_noted(id_name, id);
        }
        Ok(id_text)
    }

    fn id<'a>(
        &self,
        fields: &Object<'a>,
        record: &RecordInfo<'_, 'a>,
        arena: &'a Arena,
    ) -> Result<(Value<'a>, &'a str), (FailureReason, String)> {
        let material = record.text.envelope.id;
        let hash = match (record.unparsed, self.doc_id) {
            (Some(_), _) => md5_hex(
                &[
                    record.text.raw,
                    record.object.key,
                    material.unwrap_or("None"),
                ],
                arena,
            ),
            (None, Some(name)) => {
                let Some(value) = fields.get(name).filter(|value| **value != Value::Text(""))
                else {
                    let detail = format!("the record has no `{name}`, which identifies it");
                    return Err((FailureReason::MissingId, detail));
                };
                let text = python_text(value, Form::Plain, arena);
                return Ok((value.copy_in(arena), text));
            }
            (None, None) => match (record.text.md5, material) {
                (Some(sum), None) => digits_in(&sum, arena),
                _ => md5_hex(&[record.text.raw, material.unwrap_or("")], arena),
            },
        };
        Ok((Value::Text(hash), hash))
    }

    /// Whether ids are sums of the records' texts.
    pub(crate) fn sums_texts(&self) -> bool {
        self.doc_id.is_none()
    }

    /// What is put behind the id, from the configured path.
    pub(crate) fn id_suffix<'a>(&self, fields: &Object<'a>, arena: &'a Arena) -> Option<&'a str> {
        let value = self.doc_id_suffix.as_ref()?.get(fields)?;
        value
            .is_truthy()
            .then(|| python_text(value, Form::Plain, arena))
    }

    /// Turns the configured fields into text, so that their type is always the same.
    pub(crate) fn convert_to_text<'a>(&self, fields: &mut Object<'a>, arena: &'a Arena) {
        self.texts.for_each_likely(fields, |path, fields| {
            let text = match path.get(fields) {
                Some(Value::Text(_)) | None => return,
                Some(value) if value.is_truthy() => text_form(value, arena),
                Some(_) => return,
            };
            if let Some(value) = path.get_mut(fields) {
                *value = Value::Text(text);
            }
        });
    }
}

/// What the basic fields need of a record beside its fields.
pub(crate) struct RecordInfo<'r, 'a> {
    pub(crate) text: &'r RecordText<'a>,
    pub(crate) unparsed: Option<&'a str>,
    pub(crate) timestamp: Timestamp,
    pub(crate) object: ObjectTexts<'a>,
}

/// The MD5 sum of the parts behind each other, as 32 lower-case hexadecimal digits.
pub fn md5_hex<'a>(parts: &[&str], arena: &'a Arena) -> &'a str {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    digits_in(&hash.finalize().into(), arena)
}

fn digits_in<'a>(sum: &Md5Sum, arena: &'a Arena) -> &'a str {
    let digits = md5_digits(sum);
    arena.alloc_str(std::str::from_utf8(&digits).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_cut_or_padded_to_six_digits() {
        for (text, expected) in [
            (
                "2024-01-02T03:04:05.123456789Z",
                "2024-01-02T03:04:05.123456Z",
            ),
            ("03:04:05.1+09:00", "03:04:05.100000+09:00"),
            ("03:04:05.123456789", "03:04:05.123456789"),
            ("5.1Z", "5.1Z"),
            ("1.1.12.345 x", "1.1.12.345000 x"),
        ] {
            assert_eq!(cut_fraction(text), expected, "{text}");
        }
    }

    #[test]
    fn ids_are_md5_of_all_parts() {
        let arena = Arena::new();
        assert_eq!(
            md5_hex(&["", ""], &arena),
            "d41d8cd98f00b204e9800998ecf8427e"
        );
        assert_eq!(
            md5_hex(&["a", "bc"], &arena),
            "900150983cd24fb0d6963f7d28e17f72"
        );
    }
}
