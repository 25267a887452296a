//! A document on its way into the engine: its JSON, and its values by path.

use std::fmt;
use std::ops::Range;

use tantivy::DateTime;
use tantivy::schema::Field;
use tantivy::schema::document::{Document, ReferenceValue, ReferenceValueLeaf, Value};
use yagura_store::aggs::mix_hash;

use crate::routes::Paths;
use crate::schema::Fields;

/// What is stored of a document.
pub(crate) enum Source {
    /// Its JSON, packed or as it came.
    Text(String),
    /// What came was no text at all.
    Bytes(Vec<u8>),
}

impl Source {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// A value of a document; texts are places in what is stored of it or in its scratch text.
#[derive(Debug, Clone)]
pub(crate) enum Leaf {
    Source(Range<u32>),
    Scratch(Range<u32>),
    I64(i64),
    U64(u64),
    F64(f64),
    Bool(bool),
    Date(DateTime),
}

/// Where in the engine a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A column.
    Columns,
    /// A column, and an index that leads from the value to its documents.
    Values,
    /// Such an index alone.
    Identifiers,
    /// The index of words, by path.
    Texts,
    /// The index of the raw log line's words.
    Message,
}

/// How many targets there are.
const TARGETS: usize = Target::Message as usize + 1;

/// A value with its path's number.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) path: u32,
    pub(crate) leaf: Leaf,
}

/// Values in groups by where they go: the engine asks for one group after the other.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    entries: Vec<Entry>,
    ends: [usize; TARGETS],
}

impl Entries {
    fn of(&self, target: Target) -> &[Entry] {
        let at = target as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.entries.get(start..self.ends[at]).unwrap_or_default()
    }
}

/// The values of a document that is being read; its memory serves one document after the other.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: [Vec<Entry>; TARGETS],
    len: usize,
}

impl Groups {
    /// Values so far.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn push(&mut self, target: Target, entry: Entry) {
        self.groups[target as usize].push(entry);
        self.len += 1;
    }

    /// Gives what was pushed and is empty again.
    pub(crate) fn take(&mut self) -> Entries {
        let mut taken = Entries {
            entries: Vec::with_capacity(self.len),
            ends: [0; TARGETS],
        };
        for (group, end) in self.groups.iter_mut().zip(&mut taken.ends) {
            taken.entries.append(group);
            *end = taken.entries.len();
        }
        self.len = 0;
        taken
    }
}

/// A document the engine can take without a copy of its own.
pub(crate) struct IndexedDocument {
    pub(crate) fields: Fields,
    pub(crate) id: String,
    pub(crate) timestamp_ms: i64,
    pub(crate) source: Source,
    pub(crate) scratch: String,
    pub(crate) entries: Entries,
    pub(crate) paths: Paths,
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

impl IndexedDocument {
    /// Bytes that are stored of the document, at least one.
    pub(crate) fn size(&self) -> usize {
        self.source.bytes().len().max(1)
    }

    fn leaf(&self, leaf: &Leaf) -> ReferenceValueLeaf<'_> {
        let place = |range: &Range<u32>| range.start as usize..range.end as usize;
        match leaf {
            Leaf::Source(range) => ReferenceValueLeaf::Str(match &self.source {
                Source::Text(text) => text.get(place(range)).unwrap_or_default(),
                Source::Bytes(_) => "",
            }),
            Leaf::Scratch(range) => {
                ReferenceValueLeaf::Str(self.scratch.get(place(range)).unwrap_or_default())
            }
            Leaf::I64(number) => ReferenceValueLeaf::I64(*number),
            Leaf::U64(number) => ReferenceValueLeaf::U64(*number),
            Leaf::F64(number) => ReferenceValueLeaf::F64(*number),
            Leaf::Bool(value) => ReferenceValueLeaf::Bool(*value),
            Leaf::Date(date) => ReferenceValueLeaf::Date(*date),
        }
    }
}

impl Document for IndexedDocument {
    type Value<'a> = EngineValue<'a>;
    type FieldsValuesIter<'a> = EngineFields<'a>;

    fn iter_fields_and_values(&self) -> EngineFields<'_> {
        EngineFields {
            document: self,
            step: 0,
        }
    }
}

/// The fields of a document, one after the other.
pub(crate) struct EngineFields<'a> {
    document: &'a IndexedDocument,
    step: usize,
}

impl<'a> Iterator for EngineFields<'a> {
    type Item = (Field, EngineValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let document = self.document;
        let fields = &document.fields;
        loop {
            let step = self.step;
            self.step += 1;
            let (field, target) = match step {
                0 => return Some((fields.id, EngineValue::Text(&document.id))),
                1 => {
                    let timestamp = ReferenceValueLeaf::I64(document.timestamp_ms);
                    return Some((fields.timestamp, EngineValue::Plain(timestamp)));
                }
                2 => {
                    let order = ReferenceValueLeaf::U64(id_order(&document.id));
                    return Some((fields.order, EngineValue::Plain(order)));
                }
                3 => {
                    // Text is stored as a whole, bytes one by one.
                    let source = match &document.source {
                        Source::Text(text) => ReferenceValueLeaf::Str(text),
                        Source::Bytes(bytes) => ReferenceValueLeaf::Bytes(bytes),
                    };
                    return Some((fields.source, EngineValue::Plain(source)));
                }
                4 => (fields.values, Target::Values),
                5 => (fields.columns, Target::Columns),
                6 => (fields.identifiers, Target::Identifiers),
                7 => (fields.texts, Target::Texts),
                step => {
                    // The raw line comes last, as often as the document has it.
                    let entry = document.entries.of(Target::Message).get(step - 8)?;
                    let value = EngineValue::Leaf(document, &entry.leaf);
                    return Some((fields.message, value));
                }
            };
            if !document.entries.of(target).is_empty() {
                return Some((field, EngineValue::Object(document, target)));
            }
        }
    }
}

/// A value as the engine walks it.
#[derive(Clone)]
pub(crate) enum EngineValue<'a> {
    Text(&'a str),
    Plain(ReferenceValueLeaf<'a>),
    Leaf(&'a IndexedDocument, &'a Leaf),
    /// The values of a target by path.
    Object(&'a IndexedDocument, Target),
}

impl fmt::Debug for EngineValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EngineValue")
    }
}

impl<'a> Value<'a> for EngineValue<'a> {
    type ArrayIter = std::iter::Empty<Self>;
    type ObjectIter = EngineEntries<'a>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        match self {
            Self::Text(text) => ReferenceValue::Leaf(ReferenceValueLeaf::Str(text)),
            Self::Plain(leaf) => ReferenceValue::Leaf(leaf.clone()),
            Self::Leaf(document, leaf) => ReferenceValue::Leaf(document.leaf(leaf)),
            Self::Object(document, target) => ReferenceValue::Object(EngineEntries {
                document,
                entries: document.entries.of(*target).iter(),
            }),
        }
    }
}

/// The values of a target with their paths.
pub(crate) struct EngineEntries<'a> {
    document: &'a IndexedDocument,
    entries: std::slice::Iter<'a, Entry>,
}

impl<'a> Iterator for EngineEntries<'a> {
    type Item = (&'a str, EngineValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entries.next()?;
        let path = self.document.paths.get(entry.path as usize);
        let path = path.map(|path| &**path).unwrap_or_default();
        Some((path, EngineValue::Leaf(self.document, &entry.leaf)))
    }
}
