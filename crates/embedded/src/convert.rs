//! A document's JSON to what is indexed: flat paths with values of their field's type.

use jiff::tz::TimeZone;
use tantivy::DateTime;
use yagura_model::{Arena, Buffer, Object, Value, parse};
use yagura_store::dates::{Edge, parse_date};
use yagura_store::{FieldType, IncomingDocument};

use crate::document::{Entry, Groups, IndexedDocument, Leaf, Source, Target};
use crate::ip;
use crate::packing::{Packing, unpack};
use crate::routes::{Branch, KnownPath, MESSAGE, Paths, Route, Router};
use crate::schema::Fields;

/// Longest exact value in bytes; what is longer is found as text.
const MAX_KEYWORD_BYTES: usize = 8_191;
/// Longest analysed text in bytes.
const MAX_TEXT_BYTES: usize = 1 << 20;
/// Most values of one document.
const MAX_LEAVES: usize = 5_000;
/// Deepest nesting of a document that is indexed.
const MAX_DEPTH: usize = 32;

/// Memory that serves one document after the other.
#[derive(Default)]
pub(crate) struct Workspace {
    groups: Groups,
    arena: Arena,
    line: Buffer,
}

/// The indexable form of a document, and how many of its values did not fit.
///
/// Its paths are still to be filled in, once for a whole batch, from the router.
pub(crate) fn convert(
    document: IncomingDocument,
    fields: Fields,
    router: &mut Router,
    workspace: &mut Workspace,
) -> (IndexedDocument, u64) {
    let IncomingDocument {
        id,
        timestamp_ms,
        json,
        ..
    } = document;
    let text = match String::from_utf8(json) {
        // What would pass for a packed document is kept as bytes, which none is.
        Ok(text) if unpack(&text).is_some() => Err(text.into_bytes()),
        Ok(text) => Ok(text),
        Err(error) => Err(error.into_bytes()),
    };
    let (source, read) = match text {
        Ok(text) => {
            let mut read = read(&text, true, &id, router, workspace);
            (Source::Text(read.stored.take().unwrap_or(text)), read)
        }
        Err(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let read = read(&text, false, &id, router, workspace);
            (Source::Bytes(bytes), read)
        }
    };
    let converted = IndexedDocument {
        fields,
        id,
        timestamp_ms,
        source,
        scratch: read.scratch,
        entries: workspace.groups.take(),
        paths: Paths::default(),
    };
    (converted, read.repaired)
}

/// What was read of a document, beside its values.
#[derive(Default)]
struct Read {
    /// What is stored of it, if not its text as it is.
    stored: Option<String>,
    scratch: String,
    repaired: u64,
}

/// Reads the values of a document into the workspace.
fn read(
    json: &str,
    is_stored: bool,
    id: &str,
    router: &mut Router,
    workspace: &mut Workspace,
) -> Read {
    let Workspace {
        groups,
        arena,
        line,
    } = workspace;
    arena.reset();
    let Ok(value) = parse(json, arena) else {
        return Read {
            repaired: 1,
            ..Read::default()
        };
    };
    let message = match &value {
        Value::Object(object) => object.text(MESSAGE),
        _ => None,
    };
    let packing = is_stored.then(|| Packing::new(json, message, line));
    let mut flat = Flat {
        router,
        id,
        scratch: String::new(),
        groups,
        pending_longitude: None,
        repaired: 0,
        packing: packing.as_ref(),
    };
    flat.value(Branch::ROOT, 0, &value);
    let Flat {
        scratch, repaired, ..
    } = flat;
    Read {
        stored: packing.and_then(|packing| packing.stored()),
        scratch,
        repaired,
    }
}

struct Flat<'r> {
    router: &'r mut Router,
    id: &'r str,
    scratch: String,
    groups: &'r mut Groups,
    pending_longitude: Option<f64>,
    repaired: u64,
    /// Which texts are stored, and where.
    packing: Option<&'r Packing<'r>>,
}

impl Flat<'_> {
    fn value(&mut self, branch: Branch, depth: usize, value: &Value<'_>) {
        match value {
            Value::Text(text) => self.text(branch, text),
            Value::Number(text) => self.number(branch, text),
            Value::Bool(value) => self.boolean(branch, *value),
            Value::Object(object) => self.object(branch, depth, object),
            Value::List(list) => {
                self.pending_longitude = None;
                if depth >= MAX_DEPTH {
                    self.repaired += 1;
                    return;
                }
                for value in list.iter() {
                    self.value(branch, depth + 1, value);
                }
            }
            Value::Null | Value::Written(_) => {}
        }
    }

    fn object(&mut self, branch: Branch, depth: usize, object: &Object<'_>) {
        // Documents of a log type have nearly the same members in the same order.
        let mut expected = 0;
        for member in object.iter() {
            let below = (depth < MAX_DEPTH)
                .then(|| self.router.below(branch, member.key, &mut expected))
                .flatten();
            match below {
                Some(below) => self.value(below, depth + 1, &member.value),
                None => self.repaired += 1,
            }
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

    fn push_below(&mut self, branch: Branch, name: &str, leaf: Leaf) {
        let Some(below) = self.router.below(branch, name, &mut 0) else {
            self.repaired += 1;
            return;
        };
        let path = self.router.path(below);
        self.push(Target::Columns, path, leaf);
    }

    fn scratch(&mut self, text: &str) -> Leaf {
        let start = self.scratch.len() as u32;
        self.scratch.push_str(text);
        Leaf::Scratch(start..self.scratch.len() as u32)
    }

    /// A text as a place: in what is stored of the document if it stands there as it is.
    fn leaf(&mut self, text: &str) -> Leaf {
        match self.packing.and_then(|packing| packing.place(text)) {
            Some(start) => Leaf::Source(start as u32..(start + text.len()) as u32),
            None => self.scratch(text),
        }
    }

    fn text(&mut self, branch: Branch, text: &str) {
        let path = self.router.path(branch);
        match path.route {
            Route::Timestamp => {}
            Route::Message => self.analysed(Target::Message, path, text),
            Route::Id if text == self.id => {}
            Route::Id | Route::Identifier => {
                self.exact(Target::Identifiers, path, text);
            }
            Route::Dynamic | Route::Typed(FieldType::Keyword) => {
                self.exact(place_of(path), path, text);
            }
            Route::Typed(FieldType::Text) => self.analysed(Target::Texts, path, text),
            Route::Typed(kind) => {
                if !self.typed_text(branch, kind, path, text) {
                    self.repaired += 1;
                }
            }
        }
    }

    fn exact(&mut self, target: Target, path: KnownPath, text: &str) {
        if text.len() > MAX_KEYWORD_BYTES {
            self.repaired += 1;
            self.analysed(Target::Texts, path, text);
            return;
        }
        let leaf = if text.starts_with(ip::MARKER) {
            // The marker belongs to addresses; a value may not pass for one.
            self.scratch(&text.replacen(ip::MARKER, "\u{fffd}", 1))
        } else {
            self.leaf(text)
        };
        self.push(target, path, leaf);
    }

    fn analysed(&mut self, target: Target, path: KnownPath, text: &str) {
        let cut = text.floor_char_boundary(MAX_TEXT_BYTES);
        let leaf = self.leaf(text.get(..cut).unwrap_or_default());
        self.push(target, path, leaf);
    }

    /// Takes text for a field that is not text; `false` if it does not fit.
    fn typed_text(&mut self, branch: Branch, kind: FieldType, path: KnownPath, text: &str) -> bool {
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
            FieldType::GeoPoint => return self.geo_text(branch, text),
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

    fn geo_text(&mut self, branch: Branch, text: &str) -> bool {
        let numbers = text
            .split_once(',')
            .map(|(lat, lon)| (lat.trim().parse(), lon.trim().parse()));
        match numbers {
            Some((Ok(lat), Ok(lon))) => {
                self.push_below(branch, "lat", Leaf::F64(lat));
                self.push_below(branch, "lon", Leaf::F64(lon));
                true
            }
            _ => false,
        }
    }

    fn number(&mut self, branch: Branch, text: &str) {
        let (leaf, value) = if let Ok(number) = text.parse::<i64>() {
            (Leaf::I64(number), number as f64)
        } else if let Ok(number) = text.parse::<u64>() {
            (Leaf::U64(number), number as f64)
        } else if let Some(number) = text.parse().ok().filter(|number: &f64| number.is_finite()) {
            (Leaf::F64(number), number)
        } else {
            self.repaired += 1;
            return;
        };
        let path = self.router.path(branch);
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
                        self.push_below(branch, "lon", Leaf::F64(longitude));
                        self.push_below(branch, "lat", Leaf::F64(value));
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
                self.text(branch, &text);
                return;
            }
            FieldType::Ip | FieldType::Boolean => None,
        };
        match fitting {
            Some(leaf) => self.push(Target::Columns, path, leaf),
            None => self.repaired += 1,
        }
    }

    fn boolean(&mut self, branch: Branch, value: bool) {
        let path = self.router.path(branch);
        match path.route {
            Route::Dynamic | Route::Typed(FieldType::Boolean) => {
                self.push(Target::Values, path, Leaf::Bool(value));
            }
            Route::Timestamp => {}
            Route::Typed(FieldType::Keyword | FieldType::Text)
            | Route::Id
            | Route::Identifier
            | Route::Message => {
                self.text(branch, if value { "true" } else { "false" });
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
