//! A query that finds values by going through a field's column.

use std::fmt;
use std::ops::RangeInclusive;

use tantivy::columnar::{Column, ColumnIndex, StrColumn};
use tantivy::query::{
    BitSetDocSet, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::schema::Type;
use tantivy::{BitSet, DocId, Score, SegmentReader, TantivyError};

use super::dictionary::{PathLister, Wanted};
use crate::columns::{self, FieldColumn, for_each_value};

/// Documents whose values are looked at together.
const BLOCK: usize = 4_096;

/// Which columns.
#[derive(Clone)]
pub(crate) enum Columns {
    Of(String),
    Listed(PathLister),
}

/// Documents that have a value in a column without an index which is as wanted.
///
/// A segment whose dictionary does not have the value costs one look into it. In the others the
/// column is gone through, which takes less than a nanosecond for a document.
#[derive(Clone)]
pub(crate) struct ColumnQuery {
    pub(crate) columns: Columns,
    pub(crate) wanted: Wanted,
}

impl fmt::Debug for ColumnQuery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ColumnQuery")
    }
}

impl Query for ColumnQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for ColumnQuery {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let paths = match &self.columns {
            Columns::Of(path) => vec![path.clone()],
            Columns::Listed(lister) => lister(segment)?,
        };
        let mut found = Found {
            documents: None,
            max_doc: segment.max_doc(),
        };
        for path in paths {
            let columns = columns::open_unindexed(segment, &path).map_err(internal)?;
            for column in &columns {
                found.add(column, &self.wanted)?;
            }
        }
        Ok(match found.documents {
            Some(documents) => Box::new(ConstScorer::new(BitSetDocSet::from(documents), boost)),
            None => Box::new(EmptyScorer),
        })
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("ColumnQuery", 1.0))
    }
}

fn internal(error: impl fmt::Display) -> TantivyError {
    TantivyError::InternalError(error.to_string())
}

struct Found {
    documents: Option<BitSet>,
    max_doc: DocId,
}

impl Found {
    fn documents(&mut self) -> &mut BitSet {
        self.documents
            .get_or_insert_with(|| BitSet::with_max_value(self.max_doc))
    }

    fn add(&mut self, column: &FieldColumn, wanted: &Wanted) -> tantivy::Result<()> {
        match (column, wanted) {
            (column, Wanted::Anything) => self.add_any(column),
            (FieldColumn::Str(column), Wanted::Text(matcher)) => {
                let ords = matching_ords(
                    column,
                    |text| matcher.matches(text),
                    matcher.literal_prefix(),
                )?;
                self.add_ords(column.ords(), &ords);
            }
            (FieldColumn::Str(column), Wanted::Exactly(values)) => {
                let mut ords = Vec::new();
                for value in values {
                    if let Some(text) = typed(value, Type::Str) {
                        ords.extend(column.dictionary().term_ord(text)?);
                    }
                }
                ords.sort_unstable();
                ords.dedup();
                self.add_ords(column.ords(), &ords);
            }
            (FieldColumn::I64(column), Wanted::Exactly(values)) => {
                for number in values.iter().filter_map(|value| whole(value)) {
                    self.add_range(column, number..=number);
                }
            }
            (FieldColumn::F64(column), Wanted::Exactly(values)) => {
                for number in values.iter().filter_map(|value| fraction(value)) {
                    self.add_range(column, number..=number);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds the documents that have one of some values of a dictionary, given in order.
    fn add_ords(&mut self, column: &Column<u64>, ords: &[u64]) {
        let (Some(first), Some(last)) = (ords.first(), ords.last()) else {
            return;
        };
        if last - first + 1 == ords.len() as u64 {
            self.add_range(column, *first..=*last);
            return;
        }
        let mut is_wanted =
            BitSet::with_max_value(u32::try_from(*last).unwrap_or(u32::MAX - 1) + 1);
        for ord in ords {
            is_wanted.insert(*ord as u32);
        }
        let last = *last;
        let documents = self.documents();
        let mut block: Vec<u32> = Vec::with_capacity(BLOCK);
        let end = documents.max_value();
        let mut start = 0;
        while start < end {
            block.clear();
            block.extend(start..end.min(start + BLOCK as u32));
            for_each_value(column, &block, |at, ord| {
                if ord <= last && is_wanted.contains(ord as u32) {
                    documents.insert(start + at as u32);
                }
            });
            start += BLOCK as u32;
        }
    }

    /// Adds the documents that have a value between two others.
    fn add_range<T>(&mut self, column: &Column<T>, range: RangeInclusive<T>)
    where
        T: PartialOrd + Copy + fmt::Debug + Send + Sync + 'static,
    {
        if *range.start() > column.max_value() || *range.end() < column.min_value() {
            return;
        }
        let end = self.max_doc;
        let documents = self.documents();
        let mut docs = Vec::new();
        let mut start = 0;
        while start < end {
            let next = end.min(start + 16 * BLOCK as u32);
            docs.clear();
            column.get_docids_for_value_range(range.clone(), start..next, &mut docs);
            for doc in &docs {
                documents.insert(*doc);
            }
            start = next;
        }
    }

    fn add_any(&mut self, column: &FieldColumn) {
        let documents = self.documents();
        let end = documents.max_value();
        let docs: Box<dyn Iterator<Item = u32>> = match column.index() {
            ColumnIndex::Empty { .. } => return,
            ColumnIndex::Full => Box::new(0..end),
            ColumnIndex::Optional(index) => Box::new(index.iter_non_null_docs()),
            ColumnIndex::Multivalued(index) => Box::new(index.iter_non_null_docs()),
        };
        for doc in docs {
            documents.insert(doc);
        }
    }
}

/// The numbers of a dictionary's values that are as wanted, in order.
fn matching_ords(
    column: &StrColumn,
    is_wanted: impl Fn(&str) -> bool,
    prefix: &str,
) -> tantivy::Result<Vec<u64>> {
    let mut stream = column.dictionary().range().ge(prefix).into_stream()?;
    let mut ords = Vec::new();
    while stream.advance() {
        if !stream.key().starts_with(prefix.as_bytes()) {
            break;
        }
        if std::str::from_utf8(stream.key()).is_ok_and(&is_wanted) {
            ords.push(stream.term_ord());
        }
    }
    Ok(ords)
}

/// The bytes of a value of this kind.
fn typed(value: &[u8], kind: Type) -> Option<&[u8]> {
    let (code, bytes) = value.split_first()?;
    (*code == kind.to_code()).then_some(bytes)
}

fn number(value: &[u8], kind: Type) -> Option<u64> {
    let bytes = typed(value, kind)?;
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

fn whole(value: &[u8]) -> Option<i64> {
    number(value, Type::I64).map(tantivy::u64_to_i64)
}

fn fraction(value: &[u8]) -> Option<f64> {
    let whole = whole(value).map(|number| number as f64);
    let large = || number(value, Type::U64).map(|number| number as f64);
    let fraction = || number(value, Type::F64).map(tantivy::u64_to_f64);
    whole.or_else(large).or_else(fraction)
}
