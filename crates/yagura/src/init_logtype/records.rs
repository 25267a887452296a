//! The fields of a sample's records, with the values that they have.

use std::collections::HashMap;

use yagura_codec::{Failure, Format, Limits, ObjectBody, Receive, Record, Slice, read_object};
use yagura_model::{Arena, Object, Value};

/// Records that are looked at.
const MAX_RECORDS: usize = 200;
/// Fields of all of them.
const MAX_FIELDS: usize = 400;
/// How deep objects are opened.
const MAX_DEPTH: usize = 3;

/// A field of the records.
#[derive(Debug)]
pub(super) struct Field {
    /// Its path.
    pub(super) path: String,
    /// Its values that are plain and not empty, as text.
    pub(super) values: Vec<String>,
}

impl Field {
    /// The last part of the path.
    pub(super) fn leaf(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }
}

/// The records of a sample.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// How many there are.
    pub(super) count: usize,
    /// Their fields in the order in which they first came.
    pub(super) fields: Vec<Field>,
    places: HashMap<String, usize>,
}

impl Records {
    /// Reads the records of an object.
    pub(super) fn read(body: Box<dyn ObjectBody>, format: &Format) -> anyhow::Result<Records> {
        let mut records = Records::default();
        let extent = yagura_codec::Extent::Object;
        let limits = Limits::default();
        read_object(body, format, extent, Slice::ALL, &limits, &mut records)?;
        Ok(records)
    }

    fn add(&mut self, before: &str, object: &Object<'_>, depth: usize) {
        for member in object.iter() {
            let path = match before {
                "" => member.key.to_owned(),
                before => format!("{before}.{}", member.key),
            };
            let text = match &member.value {
                Value::Text(text) | Value::Number(text) if !text.is_empty() => *text,
                Value::Object(inner) if depth < MAX_DEPTH => {
                    self.add(&path, inner, depth + 1);
                    continue;
                }
                _ => continue,
            };
            let at = match self.places.get(&path) {
                Some(at) => *at,
                None if self.fields.len() >= MAX_FIELDS => continue,
                None => {
                    self.places.insert(path.clone(), self.fields.len());
                    self.fields.push(Field {
                        path,
                        values: Vec::new(),
                    });
                    self.fields.len() - 1
                }
            };
            if let Some(field) = self.fields.get_mut(at) {
                field.values.push(text.to_owned());
            }
        }
    }
}

impl Receive for Records {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        self.count += 1;
        self.add("", record.fields, 0);
    }

    fn failed(&mut self, _failure: Failure<'_>) {}

    fn wants_more(&self) -> bool {
        self.count < MAX_RECORDS
    }
}
