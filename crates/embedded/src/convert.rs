//! A document's JSON to what is indexed: flat paths with values of their field's type.

use std::fmt;

use jiff::tz::TimeZone;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use tantivy::DateTime;
use yagura_store::dates::{Edge, parse_date};
use yagura_store::{FieldType, IncomingDocument};

use crate::document::{Entry, Groups, IndexedDocument, Leaf, Source, Target};
use crate::ip;
use crate::routes::{KnownPath, Paths, Route, Router};
use crate::schema::Fields;

/// Longest exact value in bytes; what is longer is found as text.
const MAX_KEYWORD_BYTES: usize = 8_191;
/// Longest analysed text in bytes.
const MAX_TEXT_BYTES: usize = 1 << 20;
/// Most values of one document.
const MAX_LEAVES: usize = 5_000;
/// Deepest nesting of a document that is indexed.
const MAX_DEPTH: usize = 32;
/// Longest path in bytes.
const MAX_PATH_BYTES: usize = 512;

/// The indexable form of a document, and how many of its values did not fit.
///
/// Its paths are still to be filled in, once for a whole batch, from the router.
pub(crate) fn convert(
    document: IncomingDocument,
    fields: Fields,
    router: &mut Router,
    groups: &mut Groups,
) -> (IndexedDocument, u64) {
    let IncomingDocument {
        id,
        timestamp_ms,
        json,
        ..
    } = document;
    let mut flat = Flat {
        router,
        id: &id,
        path: String::with_capacity(64),
        scratch: String::new(),
        groups,
        pending_longitude: None,
        repaired: 0,
        base: None,
    };
    let source = match String::from_utf8(json) {
        Ok(text) => {
            flat.base = Some(text.as_ptr() as usize);
            flat.read(&mut serde_json::Deserializer::from_str(&text));
            Source::Text(text)
        }
        Err(error) => {
            let bytes = error.into_bytes();
            flat.read(&mut serde_json::Deserializer::from_slice(&bytes));
            Source::Bytes(bytes)
        }
    };
    let Flat {
        scratch,
        groups,
        repaired,
        ..
    } = flat;
    let entries = groups.take();
    let converted = IndexedDocument {
        fields,
        id,
        timestamp_ms,
        source,
        scratch,
        entries,
        paths: Paths::default(),
    };
    (converted, repaired)
}

struct Flat<'r> {
    router: &'r mut Router,
    id: &'r str,
    path: String,
    scratch: String,
    groups: &'r mut Groups,
    pending_longitude: Option<f64>,
    repaired: u64,
    /// Address of the text that is read, so that the place of a part of it is known.
    base: Option<usize>,
}

impl Flat<'_> {
    fn read<'de>(&mut self, deserializer: impl Deserializer<'de>) {
        let node = Node {
            flat: self,
            depth: 0,
        };
        if node.deserialize(deserializer).is_err() {
            self.repaired += 1;
        }
    }

    fn push(&mut self, target: Target, path: KnownPath, leaf: Leaf) {
        if self.groups.len() >= MAX_LEAVES {
            self.repaired += 1;
            return;
        }
        let path = path.number;
        self.groups.push(target, Entry { path, leaf });
    }

    fn push_below(&mut self, name: &str, leaf: Leaf) {
        let length = self.path.len();
        self.path.push_str(name);
        let path = self.router.route(&self.path);
        self.push(Target::Columns, path, leaf);
        self.path.truncate(length);
    }

    fn scratch(&mut self, text: &str) -> Leaf {
        let start = self.scratch.len() as u32;
        self.scratch.push_str(text);
        Leaf::Scratch(start..self.scratch.len() as u32)
    }

    /// A text as a place: in the document's own text if it stands there as it is.
    fn leaf(&mut self, text: &str, is_part: bool) -> Leaf {
        match self.base.filter(|_| is_part) {
            Some(base) => {
                let start = (text.as_ptr() as usize).wrapping_sub(base) as u32;
                Leaf::Source(start..start.wrapping_add(text.len() as u32))
            }
            None => self.scratch(text),
        }
    }

    fn text(&mut self, text: &str, is_part: bool) {
        let path = self.router.route(&self.path);
        match path.route {
            Route::Timestamp => {}
            Route::Message => self.analysed(Target::Message, path, text, is_part),
            Route::Id if text == self.id => {}
            Route::Id | Route::Identifier => {
                self.exact(Target::Identifiers, path, text, is_part);
            }
            Route::Dynamic | Route::Typed(FieldType::Keyword) => {
                self.exact(place_of(path), path, text, is_part);
            }
            Route::Typed(FieldType::Text) => self.analysed(Target::Texts, path, text, is_part),
            Route::Typed(kind) => {
                if !self.typed_text(kind, path, text) {
                    self.repaired += 1;
                }
            }
        }
    }

    fn exact(&mut self, target: Target, path: KnownPath, text: &str, is_part: bool) {
        if text.len() > MAX_KEYWORD_BYTES {
            self.repaired += 1;
            self.analysed(Target::Texts, path, text, is_part);
            return;
        }
        let leaf = if text.starts_with(ip::MARKER) {
            // The marker belongs to addresses; a value may not pass for one.
            self.scratch(&text.replacen(ip::MARKER, "\u{fffd}", 1))
        } else {
            self.leaf(text, is_part)
        };
        self.push(target, path, leaf);
    }

    fn analysed(&mut self, target: Target, path: KnownPath, text: &str, is_part: bool) {
        let cut = text.floor_char_boundary(MAX_TEXT_BYTES);
        let leaf = self.leaf(text.get(..cut).unwrap_or_default(), is_part);
        self.push(target, path, leaf);
    }

    /// Takes text for a field that is not text; `false` if it does not fit.
    fn typed_text(&mut self, kind: FieldType, path: KnownPath, text: &str) -> bool {
        let text = text.trim();
        let leaf = match kind {
            FieldType::Ip => match ip::encode_text(text) {
                Some(term) => self.scratch(&term),
                None => return false,
            },
            FieldType::Long => match whole(text) {
                Some(number) => Leaf::I64(number),
                None => return false,
            },
            FieldType::Double => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Leaf::F64(number),
                _ => return false,
            },
            FieldType::Boolean => match text {
                "true" | "True" | "TRUE" => Leaf::Bool(true),
                "false" | "False" | "FALSE" => Leaf::Bool(false),
                _ => return false,
            },
            FieldType::Date => {
                let ms = match self.router.format(path) {
                    Some(format) => format.parse(text),
                    None => parse_date(text, &TimeZone::UTC, Edge::Start),
                };
                match ms.and_then(date) {
                    Some(date) => Leaf::Date(date),
                    None => return false,
                }
            }
            FieldType::GeoPoint => return self.geo_text(text),
            FieldType::Keyword | FieldType::Text => return false,
        };
        let target = match leaf {
            Leaf::Source(_) | Leaf::Scratch(_) => place_of(path),
            Leaf::Bool(_) => Target::Values,
            _ => Target::Columns,
        };
        self.push(target, path, leaf);
        true
    }

    fn geo_text(&mut self, text: &str) -> bool {
        let numbers = text
            .split_once(',')
            .map(|(lat, lon)| (lat.trim().parse(), lon.trim().parse()));
        match numbers {
            Some((Ok(lat), Ok(lon))) => {
                self.push_below(".lat", Leaf::F64(lat));
                self.push_below(".lon", Leaf::F64(lon));
                true
            }
            _ => false,
        }
    }

    fn number(&mut self, leaf: Leaf, value: f64) {
        let path = self.router.route(&self.path);
        let kind = match path.route {
            Route::Timestamp => return,
            Route::Dynamic => {
                self.push(Target::Columns, path, leaf);
                return;
            }
            Route::Typed(kind) => kind,
            Route::Id | Route::Identifier | Route::Message => FieldType::Keyword,
        };
        let whole = match leaf {
            Leaf::I64(number) => Some(number),
            Leaf::F64(number) if number.fract() == 0.0 && number.abs() < 9e18 => {
                Some(number as i64)
            }
            _ => None,
        };
        let fitting = match kind {
            FieldType::Long => whole
                .map(Leaf::I64)
                .or_else(|| (value.abs() < 9e18).then_some(Leaf::I64(value as i64))),
            FieldType::Double => Some(Leaf::F64(value)),
            FieldType::Date => {
                let ms = match self.router.format(path) {
                    Some(format) => format.of_number(value),
                    None => whole,
                };
                ms.and_then(date).map(Leaf::Date)
            }
            FieldType::GeoPoint => {
                match self.pending_longitude.take() {
                    Some(longitude) => {
                        self.push_below(".lon", Leaf::F64(longitude));
                        self.push_below(".lat", Leaf::F64(value));
                    }
                    None => self.pending_longitude = Some(value),
                }
                return;
            }
            FieldType::Keyword | FieldType::Text => {
                let text = match leaf {
                    Leaf::I64(number) => number.to_string(),
                    Leaf::U64(number) => number.to_string(),
                    _ => value.to_string(),
                };
                self.text(&text, false);
                return;
            }
            FieldType::Ip | FieldType::Boolean => None,
        };
        match fitting {
            Some(leaf) => self.push(Target::Columns, path, leaf),
            None => self.repaired += 1,
        }
    }

    fn boolean(&mut self, value: bool) {
        let path = self.router.route(&self.path);
        match path.route {
            Route::Dynamic | Route::Typed(FieldType::Boolean) => {
                self.push(Target::Values, path, Leaf::Bool(value));
            }
            Route::Timestamp => {}
            Route::Typed(FieldType::Keyword | FieldType::Text)
            | Route::Id
            | Route::Identifier
            | Route::Message => {
                self.text(if value { "true" } else { "false" }, false);
            }
            Route::Typed(_) => self.repaired += 1,
        }
    }
}

/// Where the texts of a path go.
fn place_of(path: KnownPath) -> Target {
    if path.is_pivot {
        Target::Values
    } else {
        Target::Columns
    }
}

fn whole(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: f64 = text.parse().ok()?;
    (number.is_finite() && number.abs() < 9e18).then_some(number as i64)
}

/// An instant the engine can hold: about 1677 to 2262.
pub(crate) fn date(ms: i64) -> Option<DateTime> {
    (ms.unsigned_abs() < 9_223_372_036_854).then(|| DateTime::from_timestamp_millis(ms))
}

struct Node<'f, 'r> {
    flat: &'f mut Flat<'r>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A key as it stands in the document.
struct Key<'f, 'r>(&'f mut Flat<'r>);

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<(), E> {
        let path = &mut self.0.path;
        if !path.is_empty() {
            path.push('.');
        }
        if key.bytes().any(|byte| byte < 0x20) {
            // Control characters separate paths inside the engine.
            path.extend(key.chars().map(|c| if c < ' ' { '\u{fffd}' } else { c }));
        } else {
            path.push_str(key);
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let length = self.flat.path.len();
        while map.next_key_seed(Key(self.flat))?.is_some() {
            if self.depth >= MAX_DEPTH || self.flat.path.len() > MAX_PATH_BYTES {
                self.flat.repaired += 1;
                map.next_value::<serde::de::IgnoredAny>()?;
            } else {
                map.next_value_seed(Node {
                    flat: self.flat,
                    depth: self.depth + 1,
                })?;
            }
            self.flat.path.truncate(length);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.flat.pending_longitude = None;
        if self.depth >= MAX_DEPTH {
            self.flat.repaired += 1;
            while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        while seq
            .next_element_seed(Node {
                flat: self.flat,
                depth: self.depth + 1,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.flat.text(text, true);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.flat.text(text, false);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.flat.number(Leaf::I64(number), number as f64);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        let leaf = i64::try_from(number).map_or(Leaf::U64(number), Leaf::I64);
        self.flat.number(leaf, number as f64);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.flat.number(Leaf::F64(number), number);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.flat.boolean(value);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
