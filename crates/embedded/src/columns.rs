//! Columns of a segment by field path.

use tantivy::columnar::{
    Column, ColumnIndex, ColumnType, ColumnarReader, DynamicColumn, StrColumn,
};
use tantivy::index::SegmentComponent;
use tantivy::{DateTime, SegmentReader};
use yagura_store::{FieldType, StoreError};

use crate::partition::failed;
use crate::routes::TIMESTAMP;
use crate::schema::{COLUMNS, TIMESTAMP_COLUMN, VALUES};

/// The paths a segment has columns for.
pub(crate) struct SegmentFields {
    pub(crate) paths: Vec<(String, FieldType)>,
}

impl SegmentFields {
    /// Bytes it takes, about.
    pub(crate) fn size(&self) -> usize {
        self.paths.len() * 64
    }

    pub(crate) fn read(segment: &SegmentReader) -> Result<Self, StoreError> {
        let file = segment
            .open_read(SegmentComponent::FastFields)
            .map_err(failed)?;
        let columns = ColumnarReader::open(file)
            .map_err(failed)?
            .list_columns()
            .map_err(failed)?;
        let prefixes = [VALUES, COLUMNS].map(|field| format!("{field}\u{1}"));
        let mut paths = Vec::new();
        for (name, handle) in columns {
            let path = prefixes
                .iter()
                .find_map(|prefix| name.strip_prefix(prefix.as_str()));
            let Some(path) = path else {
                continue;
            };
            let kind = match handle.column_type() {
                ColumnType::I64 | ColumnType::U64 => FieldType::Long,
                ColumnType::F64 => FieldType::Double,
                ColumnType::Bool => FieldType::Boolean,
                ColumnType::DateTime => FieldType::Date,
                ColumnType::IpAddr => FieldType::Ip,
                ColumnType::Str | ColumnType::Bytes => FieldType::Keyword,
            };
            paths.push((path.replace('\u{1}', "."), kind));
        }
        Ok(Self { paths })
    }
}

/// A column with the meaning of its numbers.
#[derive(Clone)]
pub(crate) enum FieldColumn {
    Str(StrColumn),
    I64(Column<i64>),
    F64(Column<f64>),
    Bool(Column<bool>),
    /// Engine instants.
    Date(Column<DateTime>),
    /// Milliseconds since the epoch.
    Millis(Column<i64>),
}

/// Names of the engine's columns for a path: that of values with an index, and that of the others.
pub(crate) fn column_names(path: &str) -> [String; 2] {
    [VALUES, COLUMNS].map(|field| format!("{field}.{path}"))
}

/// All columns of a field; a field whose values differ in kind has several.
pub(crate) fn open(segment: &SegmentReader, path: &str) -> Result<Vec<FieldColumn>, StoreError> {
    let readers = segment.fast_fields();
    if path == TIMESTAMP {
        return Ok(vec![FieldColumn::Millis(
            readers.i64(TIMESTAMP_COLUMN).map_err(failed)?,
        )]);
    }
    let mut columns = Vec::new();
    for name in column_names(path) {
        open_named(segment, &name, &mut columns)?;
    }
    Ok(columns)
}

/// The columns of a field that hold its values without an index.
pub(crate) fn open_unindexed(
    segment: &SegmentReader,
    path: &str,
) -> Result<Vec<FieldColumn>, StoreError> {
    let [_, name] = column_names(path);
    let mut columns = Vec::new();
    open_named(segment, &name, &mut columns)?;
    Ok(columns)
}

fn open_named(
    segment: &SegmentReader,
    name: &str,
    columns: &mut Vec<FieldColumn>,
) -> Result<(), StoreError> {
    let handles = segment.fast_fields().dynamic_column_handles(name);
    for handle in handles.map_err(failed)? {
        columns.push(match handle.open().map_err(failed)? {
            DynamicColumn::Str(column) => FieldColumn::Str(column),
            DynamicColumn::I64(column) => FieldColumn::I64(column),
            DynamicColumn::F64(column) => FieldColumn::F64(column),
            DynamicColumn::Bool(column) => FieldColumn::Bool(column),
            DynamicColumn::DateTime(column) => FieldColumn::Date(column),
            column @ DynamicColumn::U64(_) => {
                match column.coerce_numerical(tantivy::columnar::NumericalType::F64) {
                    Some(DynamicColumn::F64(column)) => FieldColumn::F64(column),
                    _ => continue,
                }
            }
            DynamicColumn::Bytes(_) | DynamicColumn::IpAddr(_) => continue,
        });
    }
    Ok(())
}

/// The columns that hold numbers or instants, as numbers; instants are milliseconds.
pub(crate) enum NumberColumn {
    I64(Column<i64>),
    F64(Column<f64>),
    Bool(Column<bool>),
    Date(Column<DateTime>),
}

impl NumberColumn {
    pub(crate) fn open(segment: &SegmentReader, path: &str) -> Result<Vec<Self>, StoreError> {
        let columns = open(segment, path)?.into_iter();
        Ok(columns.filter_map(Self::from_column).collect())
    }

    fn from_column(column: FieldColumn) -> Option<Self> {
        Some(match column {
            FieldColumn::Str(_) => return None,
            FieldColumn::I64(column) | FieldColumn::Millis(column) => Self::I64(column),
            FieldColumn::F64(column) => Self::F64(column),
            FieldColumn::Bool(column) => Self::Bool(column),
            FieldColumn::Date(column) => Self::Date(column),
        })
    }

    /// Smallest and largest value of all documents, deleted ones too, fractions cut off; `None` if
    /// that is not known without looking at them.
    pub(crate) fn bounds(&self) -> Option<(i64, i64)> {
        match self {
            Self::I64(column) if !matches!(column.index, ColumnIndex::Empty { .. }) => {
                Some((column.min_value(), column.max_value()))
            }
            _ => None,
        }
    }

    /// Visits every value of the documents, with the document's place in the slice.
    pub(crate) fn for_each(&self, docs: &[u32], mut visit: impl FnMut(usize, f64)) {
        match self {
            Self::I64(column) => for_each_value(column, docs, |at, value| visit(at, value as f64)),
            Self::F64(column) => for_each_value(column, docs, visit),
            Self::Bool(column) => for_each_value(column, docs, |at, value| {
                visit(at, f64::from(u8::from(value)))
            }),
            Self::Date(column) => {
                for_each_value(column, docs, |at, value| visit(at, millis(value) as f64))
            }
        }
    }

    /// The same with whole numbers; fractions are cut off.
    pub(crate) fn for_each_whole(&self, docs: &[u32], mut visit: impl FnMut(usize, i64)) {
        match self {
            Self::I64(column) => for_each_value(column, docs, visit),
            Self::F64(column) => {
                for_each_value(column, docs, |at, value| visit(at, value.floor() as i64))
            }
            Self::Bool(column) => {
                for_each_value(column, docs, |at, value| visit(at, i64::from(value)))
            }
            Self::Date(column) => {
                for_each_value(column, docs, |at, value| visit(at, millis(value)))
            }
        }
    }
}

/// Milliseconds of an engine instant, rounded down.
pub(crate) fn millis(date: DateTime) -> i64 {
    date.into_timestamp_nanos().div_euclid(1_000_000)
}

/// Visits every value of the documents, with the document's place in the slice.
pub(crate) fn for_each_value<T>(column: &Column<T>, docs: &[u32], mut visit: impl FnMut(usize, T))
where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + Default + 'static,
{
    match &column.index {
        ColumnIndex::Empty { .. } => {}
        ColumnIndex::Full => {
            let mut values = [T::default(); 64];
            for (chunk_at, chunk) in docs.chunks(64).enumerate() {
                let Some(values) = values.get_mut(..chunk.len()) else {
                    continue;
                };
                column.values.get_vals(chunk, values);
                for (at, value) in values.iter().enumerate() {
                    visit(chunk_at * 64 + at, *value);
                }
            }
        }
        ColumnIndex::Optional(_) => {
            for (at, doc) in docs.iter().enumerate() {
                if let Some(value) = column.first(*doc) {
                    visit(at, value);
                }
            }
        }
        ColumnIndex::Multivalued(_) => {
            for (at, doc) in docs.iter().enumerate() {
                column
                    .values_for_doc(*doc)
                    .for_each(|value| visit(at, value));
            }
        }
    }
}

impl FieldColumn {
    /// Which documents have a value.
    pub(crate) fn index(&self) -> &ColumnIndex {
        match self {
            Self::Str(column) => &column.ords().index,
            Self::I64(column) | Self::Millis(column) => &column.index,
            Self::F64(column) => &column.index,
            Self::Bool(column) => &column.index,
            Self::Date(column) => &column.index,
        }
    }
}

/// Whether the column has a value for the document.
pub(crate) fn has_value(column: &FieldColumn, doc: u32) -> bool {
    column.index().has_value(doc)
}
