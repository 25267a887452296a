//! A document's JSON to what is indexed: flat paths with values of their field's type.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;
use jiff::tz::TimeZone;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use tantivy::schema::document::{ReferenceValue, ReferenceValueLeaf, Value};
use tantivy::{DateTime, TantivyDocument};
use yagura_store::aggs::mix_hash;
use yagura_store::dates::{Edge, parse_date};
use yagura_store::{FieldCatalog, FieldType, IncomingDocument};

use crate::ip;
use crate::schema::Fields;

/// Field of the raw log line.
pub(crate) const MESSAGE: &str = "@message";
/// Field of the event time.
pub(crate) const TIMESTAMP: &str = "@timestamp";

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
/// Most paths remembered for one index.
const MAX_ROUTES: usize = 50_000;

/// Where the values of a path go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Typed(FieldType),
    Dynamic,
    Identifier,
    Message,
    Timestamp,
}

/// Remembers for one index where each path's values go.
pub(crate) struct Router {
    index: String,
    catalog: Arc<FieldCatalog>,
    identifiers: Arc<HashSet<String>>,
    known: HashMap<String, Route>,
}

impl Router {
    pub(crate) fn new(
        index: &str,
        catalog: Arc<FieldCatalog>,
        identifiers: Arc<HashSet<String>>,
    ) -> Self {
        Self {
            index: index.to_owned(),
            catalog,
            identifiers,
            known: HashMap::new(),
        }
    }

    fn route(&mut self, path: &str) -> Route {
        if let Some(route) = self.known.get(path) {
            return *route;
        }
        let route = match path {
            MESSAGE => Route::Message,
            TIMESTAMP => Route::Timestamp,
            path if self.identifiers.contains(path) => Route::Identifier,
            path => match self.catalog.lookup(&self.index, path) {
                Some(field) => Route::Typed(field.field_type),
                None => Route::Dynamic,
            },
        };
        if self.known.len() >= MAX_ROUTES {
            self.known.clear();
        }
        self.known.insert(path.to_owned(), route);
        route
    }
}

/// A hash of the id that is the same in every process.
pub(crate) fn id_hash(id: &str) -> u64 {
    // FNV-1a, then mixed so that every bit counts.
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in id.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    mix_hash(hash)
}

/// The number that orders documents of equal sort keys; small enough for every JSON reader.
pub(crate) fn id_order(id: &str) -> u64 {
    id_hash(id) >> 11
}

/// The indexable form of a document, and how many of its values did not fit.
pub(crate) fn convert(
    document: &IncomingDocument,
    fields: &Fields,
    router: &mut Router,
) -> (TantivyDocument, u64) {
    let mut flat = Flat::new(router);
    let mut deserializer = serde_json::Deserializer::from_slice(&document.json);
    let readable = Node {
        flat: &mut flat,
        depth: 0,
    }
    .deserialize(&mut deserializer)
    .is_ok();
    let unreadable = u64::from(!readable);
    let mut target = TantivyDocument::with_capacity(document.json.len() * 2);
    target.add_text(fields.id, &document.id);
    target.add_i64(fields.timestamp, document.timestamp_ms);
    target.add_u64(fields.order, id_order(&document.id));
    target.add_bytes(fields.source, &document.json);
    flat.write(fields, &mut target);
    (target, flat.repaired + unreadable)
}

#[derive(Debug, Clone)]
enum Leaf<'de> {
    Str(&'de str),
    /// Text in the scratch buffer.
    Scratch(Range<usize>),
    I64(i64),
    U64(u64),
    F64(f64),
    Bool(bool),
    Date(DateTime),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Values,
    Identifiers,
    Texts,
    Message,
}

struct Flat<'r, 'de> {
    router: &'r mut Router,
    path: String,
    paths: String,
    scratch: String,
    leaves: Vec<(Target, Range<usize>, Leaf<'de>)>,
    pending_longitude: Option<f64>,
    repaired: u64,
}

impl<'r, 'de> Flat<'r, 'de> {
    fn new(router: &'r mut Router) -> Self {
        Self {
            router,
            path: String::with_capacity(64),
            paths: String::with_capacity(1_024),
            scratch: String::new(),
            leaves: Vec::with_capacity(64),
            pending_longitude: None,
            repaired: 0,
        }
    }

    fn push(&mut self, target: Target, leaf: Leaf<'de>) {
        if self.leaves.len() >= MAX_LEAVES {
            self.repaired += 1;
            return;
        }
        let start = self.paths.len();
        self.paths.push_str(&self.path);
        self.leaves.push((target, start..self.paths.len(), leaf));
    }

    fn push_below(&mut self, name: &str, leaf: Leaf<'de>) {
        let length = self.path.len();
        self.path.push_str(name);
        self.push(Target::Values, leaf);
        self.path.truncate(length);
    }

    fn scratch(&mut self, text: &str) -> Leaf<'de> {
        let start = self.scratch.len();
        self.scratch.push_str(text);
        Leaf::Scratch(start..self.scratch.len())
    }

    fn leaf(&mut self, text: Cow<'_, str>, borrowed: Option<&'de str>) -> Leaf<'de> {
        match borrowed {
            Some(text) => Leaf::Str(text),
            None => self.scratch(&text),
        }
    }

    fn text(&mut self, text: &str, borrowed: Option<&'de str>) {
        match self.router.route(&self.path) {
            Route::Timestamp => {}
            Route::Message => self.analysed(Target::Message, text, borrowed),
            Route::Identifier => self.exact(Target::Identifiers, text, borrowed),
            Route::Dynamic | Route::Typed(FieldType::Keyword) => {
                self.exact(Target::Values, text, borrowed)
            }
            Route::Typed(FieldType::Text) => self.analysed(Target::Texts, text, borrowed),
            Route::Typed(kind) => {
                if !self.typed_text(kind, text) {
                    self.repaired += 1;
                }
            }
        }
    }

    fn exact(&mut self, target: Target, text: &str, borrowed: Option<&'de str>) {
        if text.len() > MAX_KEYWORD_BYTES {
            self.repaired += 1;
            self.analysed(Target::Texts, text, borrowed);
            return;
        }
        let leaf = if text.starts_with(ip::MARKER) {
            // The marker belongs to addresses; a value may not pass for one.
            let text = text.replacen(ip::MARKER, "\u{fffd}", 1);
            self.scratch(&text)
        } else {
            self.leaf(Cow::Borrowed(text), borrowed)
        };
        self.push(target, leaf);
    }

    fn analysed(&mut self, target: Target, text: &str, borrowed: Option<&'de str>) {
        let cut = text.floor_char_boundary(MAX_TEXT_BYTES);
        let part = text.get(..cut).unwrap_or_default();
        let leaf = self.leaf(
            Cow::Borrowed(part),
            borrowed.and_then(|text| text.get(..cut)),
        );
        self.push(target, leaf);
    }

    /// Takes text for a field that is not text; `false` if it does not fit.
    fn typed_text(&mut self, kind: FieldType, text: &str) -> bool {
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
            FieldType::Date => match parse_date(text, &TimeZone::UTC, Edge::Start).and_then(date) {
                Some(date) => Leaf::Date(date),
                None => return false,
            },
            FieldType::GeoPoint => return self.geo_text(text),
            FieldType::Keyword | FieldType::Text => return false,
        };
        self.push(Target::Values, leaf);
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

    fn number(&mut self, leaf: Leaf<'de>, value: f64) {
        let kind = match self.router.route(&self.path) {
            Route::Timestamp => return,
            Route::Dynamic => {
                self.push(Target::Values, leaf);
                return;
            }
            Route::Typed(kind) => kind,
            Route::Identifier | Route::Message => FieldType::Keyword,
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
            FieldType::Date => whole.and_then(date).map(Leaf::Date),
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
                self.text(&text, None);
                return;
            }
            FieldType::Ip | FieldType::Boolean => None,
        };
        match fitting {
            Some(leaf) => self.push(Target::Values, leaf),
            None => self.repaired += 1,
        }
    }

    fn boolean(&mut self, value: bool) {
        match self.router.route(&self.path) {
            Route::Dynamic | Route::Typed(FieldType::Boolean) => {
                self.push(Target::Values, Leaf::Bool(value))
            }
            Route::Timestamp => {}
            Route::Typed(FieldType::Keyword | FieldType::Text)
            | Route::Identifier
            | Route::Message => {
                self.text(if value { "true" } else { "false" }, None);
            }
            Route::Typed(_) => self.repaired += 1,
        }
    }

    fn write(&self, fields: &Fields, target: &mut TantivyDocument) {
        let by_path = [
            (Target::Values, fields.values),
            (Target::Identifiers, fields.identifiers),
            (Target::Texts, fields.texts),
        ];
        for (kind, field) in by_path {
            if self.leaves.iter().any(|(target, ..)| *target == kind) {
                target.add_field_value(field, Tree::Object(self, kind));
            }
        }
        for (_, _, leaf) in self
            .leaves
            .iter()
            .filter(|(target, ..)| *target == Target::Message)
        {
            if let ReferenceValueLeaf::Str(text) = self.resolve(leaf) {
                target.add_text(fields.message, text);
            }
        }
    }

    fn resolve<'a>(&'a self, leaf: &'a Leaf<'de>) -> ReferenceValueLeaf<'a> {
        match leaf {
            Leaf::Str(text) => ReferenceValueLeaf::Str(text),
            Leaf::Scratch(range) => {
                ReferenceValueLeaf::Str(self.scratch.get(range.clone()).unwrap_or_default())
            }
            Leaf::I64(number) => ReferenceValueLeaf::I64(*number),
            Leaf::U64(number) => ReferenceValueLeaf::U64(*number),
            Leaf::F64(number) => ReferenceValueLeaf::F64(*number),
            Leaf::Bool(value) => ReferenceValueLeaf::Bool(*value),
            Leaf::Date(date) => ReferenceValueLeaf::Date(*date),
        }
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

/// The flat values as the object the engine walks.
#[derive(Clone, Copy)]
enum Tree<'a> {
    Object(&'a Flat<'a, 'a>, Target),
    Leaf(&'a Flat<'a, 'a>, &'a Leaf<'a>),
}

impl fmt::Debug for Tree<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tree")
    }
}

impl<'a> Value<'a> for Tree<'a> {
    type ArrayIter = std::iter::Empty<Self>;
    type ObjectIter = Box<dyn Iterator<Item = (&'a str, Self)> + 'a>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        match *self {
            Self::Leaf(flat, leaf) => ReferenceValue::Leaf(flat.resolve(leaf)),
            Self::Object(flat, kind) => {
                let wanted = flat
                    .leaves
                    .iter()
                    .filter(move |(target, ..)| *target == kind);
                let named = wanted.map(move |(_, path, leaf)| {
                    (
                        flat.paths.get(path.clone()).unwrap_or_default(),
                        Self::Leaf(flat, leaf),
                    )
                });
                ReferenceValue::Object(Box::new(named) as Self::ObjectIter)
            }
        }
    }
}

struct Node<'f, 'r, 'de> {
    flat: &'f mut Flat<'r, 'de>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A key as it stands in the document.
struct Key<'f, 'r, 'de>(&'f mut Flat<'r, 'de>);

impl<'de> DeserializeSeed<'de> for Key<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_, '_> {
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

impl<'de> Visitor<'de> for Node<'_, '_, 'de> {
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
        self.flat.text(text, Some(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.flat.text(text, None);
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
