//! What hits are sorted by.
//!
//! Inside a segment every key is a number that is smaller the earlier the document comes; only the
//! few documents that remain are compared by their real values.

use std::cmp::Ordering;

use serde_json::{Value, json};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{SegmentReader, f64_to_u64, i64_to_u64};
use yagura_store::StoreError;
use yagura_store::dsl::{SortKey, SortOrder};

use crate::columns::{FieldColumn, for_each_value, millis, open};
use crate::document::id_order;
use crate::ip;
use crate::partition::failed;
use crate::routes::TIMESTAMP;
use crate::schema::ORDER_COLUMN;

const MISSING_FIRST: u64 = 0;
const MISSING_LAST: u64 = u64::MAX;

/// The order of a request's hits, always ending in one that tells all documents apart.
#[derive(Debug, Clone)]
pub(crate) struct SortPlan {
    pub(crate) keys: Vec<SortKey>,
    /// How many of the keys the client asked for.
    pub(crate) visible: usize,
    pub(crate) after: Option<Vec<Value>>,
}

/// A sort value of one document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SortValue {
    Missing,
    Whole(i64),
    Number(f64),
    Text(String),
    /// The hash that orders documents with equal keys.
    Order(u64),
}

impl SortPlan {
    pub(crate) fn new(requested: &[SortKey], after: Option<Vec<Value>>) -> Self {
        let mut keys: Vec<SortKey> = requested.to_vec();
        let mut visible = keys.len();
        if keys
            .iter()
            .all(|key| matches!(key.field.as_str(), "_score" | "_index"))
        {
            let field = TIMESTAMP.to_owned();
            keys = vec![SortKey {
                field,
                order: SortOrder::Descending,
                missing_first: false,
            }];
            visible = 0;
        }
        if !keys.last().is_some_and(|key| is_order(&key.field)) {
            keys.push(SortKey {
                field: "_doc".to_owned(),
                order: SortOrder::Ascending,
                missing_first: false,
            });
        }
        Self {
            keys,
            visible,
            after,
        }
    }

    /// Whether newer documents come first.
    pub(crate) fn newest_first(&self) -> bool {
        self.keys
            .first()
            .is_some_and(|key| key.field == TIMESTAMP && key.order == SortOrder::Descending)
    }
}

/// Keys without a column of their own.
fn is_order(field: &str) -> bool {
    matches!(field, "_id" | "_doc" | "_score" | "_shard_doc" | "_index")
}

/// Compares two documents' values.
pub(crate) fn compare_values(
    keys: &[SortKey],
    left: &[SortValue],
    right: &[SortValue],
) -> Ordering {
    for ((key, left), right) in keys.iter().zip(left).zip(right) {
        let ordering = match (left, right) {
            (SortValue::Missing, SortValue::Missing) => Ordering::Equal,
            (SortValue::Missing, _) if key.missing_first => Ordering::Less,
            (SortValue::Missing, _) => Ordering::Greater,
            (_, SortValue::Missing) if key.missing_first => Ordering::Greater,
            (_, SortValue::Missing) => Ordering::Less,
            (left, right) => {
                let ordering = compare_present(left, right);
                if key.order == SortOrder::Descending {
                    ordering.reverse()
                } else {
                    ordering
                }
            }
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

fn compare_present(left: &SortValue, right: &SortValue) -> Ordering {
    match (left, right) {
        (SortValue::Whole(left), SortValue::Whole(right)) => left.cmp(right),
        (SortValue::Text(left), SortValue::Text(right)) => left.cmp(right),
        (SortValue::Order(left), SortValue::Order(right)) => left.cmp(right),
        _ => match (number_of(left), number_of(right)) {
            (Some(left), Some(right)) => left.total_cmp(&right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        },
    }
}

fn number_of(value: &SortValue) -> Option<f64> {
    match value {
        SortValue::Whole(number) => Some(*number as f64),
        SortValue::Number(number) => Some(*number),
        _ => None,
    }
}

impl SortValue {
    /// The value as it stands in an answer.
    pub(crate) fn to_json(&self, id: &str, field: &str) -> Value {
        match self {
            Self::Missing => Value::Null,
            Self::Whole(number) => json!(number),
            Self::Number(number) => json!(number),
            Self::Text(text) => json!(ip::display(text)),
            Self::Order(_) if field == "_id" => json!(id),
            Self::Order(hash) => json!(hash),
        }
    }
}

/// One key of one segment.
enum KeyColumn {
    None,
    Str(StrColumn),
    I64(Column<i64>),
    F64(Column<f64>),
    Bool(Column<bool>),
    Date(Column<tantivy::DateTime>),
    Order(Column<u64>),
}

/// The keys of one segment.
pub(crate) struct SegmentKeys<'a> {
    plan: &'a SortPlan,
    columns: Vec<KeyColumn>,
    /// The keys after which hits begin.
    pub(crate) after: Option<Vec<u64>>,
}

impl<'a> SegmentKeys<'a> {
    pub(crate) fn open(plan: &'a SortPlan, segment: &SegmentReader) -> Result<Self, StoreError> {
        let mut columns = Vec::with_capacity(plan.keys.len());
        for key in &plan.keys {
            columns.push(open_key(segment, &key.field)?);
        }
        let mut keys = Self {
            plan,
            columns,
            after: None,
        };
        if let Some(values) = &plan.after {
            // Keys added behind the visible ones do not take part.
            keys.after = Some(keys.keys_of(values)?);
        }
        Ok(keys)
    }

    fn keys_of(&self, values: &[Value]) -> Result<Vec<u64>, StoreError> {
        let mut keys = Vec::with_capacity(values.len());
        for ((value, key), column) in values.iter().zip(&self.plan.keys).zip(&self.columns) {
            keys.push(self.directed(after_key(value, key, column)?, key));
        }
        Ok(keys)
    }

    fn directed(&self, ascending: Option<u64>, key: &SortKey) -> u64 {
        match ascending {
            None if key.missing_first => MISSING_FIRST,
            None => MISSING_LAST,
            Some(value) => {
                let value = value.clamp(MISSING_FIRST + 1, MISSING_LAST - 1);
                if key.order == SortOrder::Descending {
                    u64::MAX - value
                } else {
                    value
                }
            }
        }
    }

    /// The numbers of one key for a block of documents.
    pub(crate) fn fill(&self, key_at: usize, docs: &[u32], out: &mut Vec<u64>) {
        out.clear();
        let (Some(key), Some(column)) = (self.plan.keys.get(key_at), self.columns.get(key_at))
        else {
            return;
        };
        out.resize(
            docs.len(),
            if key.missing_first {
                MISSING_FIRST
            } else {
                MISSING_LAST
            },
        );
        let missing = if key.missing_first {
            MISSING_FIRST
        } else {
            MISSING_LAST
        };
        let mut set = |at: usize, value: u64| {
            let value = self.directed(Some(value), key);
            if let Some(slot) = out.get_mut(at) {
                // Of several values the one that comes first decides.
                *slot = if *slot == missing {
                    value
                } else {
                    value.min(*slot)
                };
            }
        };
        match column {
            KeyColumn::None => {}
            KeyColumn::Str(column) => {
                for_each_value(column.ords(), docs, |at, ord| set(at, ord * 2 + 2))
            }
            KeyColumn::I64(column) => for_each_value(column, docs, |at, v| set(at, i64_to_u64(v))),
            KeyColumn::F64(column) => for_each_value(column, docs, |at, v| set(at, f64_to_u64(v))),
            KeyColumn::Bool(column) => {
                for_each_value(column, docs, |at, v| set(at, u64::from(v) + 1))
            }
            KeyColumn::Date(column) => {
                for_each_value(column, docs, |at, v| set(at, i64_to_u64(millis(v))))
            }
            KeyColumn::Order(column) => for_each_value(column, docs, set),
        }
    }

    /// The real value behind a number made by [`Self::fill`].
    pub(crate) fn value(&self, key_at: usize, number: u64) -> Result<SortValue, StoreError> {
        let (Some(key), Some(column)) = (self.plan.keys.get(key_at), self.columns.get(key_at))
        else {
            return Ok(SortValue::Missing);
        };
        if number == MISSING_FIRST || number == MISSING_LAST {
            return Ok(SortValue::Missing);
        }
        let ascending = if key.order == SortOrder::Descending {
            u64::MAX - number
        } else {
            number
        };
        Ok(match column {
            KeyColumn::None => SortValue::Missing,
            KeyColumn::Str(column) => {
                let mut text = String::new();
                column
                    .ord_to_str(ascending.saturating_sub(2) / 2, &mut text)
                    .map_err(failed)?;
                SortValue::Text(text)
            }
            KeyColumn::I64(_) | KeyColumn::Date(_) => {
                SortValue::Whole(tantivy::u64_to_i64(ascending))
            }
            KeyColumn::F64(_) => SortValue::Number(tantivy::u64_to_f64(ascending)),
            KeyColumn::Bool(_) => SortValue::Whole(if ascending > 1 { 1 } else { 0 }),
            KeyColumn::Order(_) => SortValue::Order(ascending),
        })
    }
}

fn open_key(segment: &SegmentReader, field: &str) -> Result<KeyColumn, StoreError> {
    if is_order(field) {
        return Ok(KeyColumn::Order(
            segment.fast_fields().u64(ORDER_COLUMN).map_err(failed)?,
        ));
    }
    let column = open(segment, field)?.into_iter().next();
    Ok(match column {
        None => KeyColumn::None,
        Some(FieldColumn::Str(column)) => KeyColumn::Str(column),
        Some(FieldColumn::I64(column) | FieldColumn::Millis(column)) => KeyColumn::I64(column),
        Some(FieldColumn::F64(column)) => KeyColumn::F64(column),
        Some(FieldColumn::Bool(column)) => KeyColumn::Bool(column),
        Some(FieldColumn::Date(column)) => KeyColumn::Date(column),
    })
}

/// The number of a client's `search_after` value; `None` for a missing one.
fn after_key(value: &Value, key: &SortKey, column: &KeyColumn) -> Result<Option<u64>, StoreError> {
    let unreadable = || StoreError::BadRequest {
        kind: "parsing_exception",
        path: "search_after".to_owned(),
        message: format!(
            "`{value}` is no value of `{}`; pass the `sort` of the last hit unchanged",
            key.field
        ),
    };
    let as_text = || {
        value
            .as_str()
            .map(str::to_owned)
            .unwrap_or_else(|| value.to_string())
    };
    let whole = || -> Option<i64> {
        let text = value.as_str();
        value
            .as_i64()
            .or_else(|| value.as_f64().map(|number| number as i64))
            .or_else(|| {
                let zone = jiff::tz::TimeZone::UTC;
                yagura_store::dates::parse_date(text?, &zone, yagura_store::dates::Edge::Start)
            })
    };
    if value.is_null() {
        return Ok(None);
    }
    Ok(Some(match column {
        // No document here has a value, so any will do that is neither first nor last.
        KeyColumn::None => 1,
        KeyColumn::Order(_) if key.field == "_id" => id_order(&as_text()),
        KeyColumn::Order(_) => value
            .as_u64()
            .or_else(|| value.as_str()?.parse().ok())
            .ok_or_else(unreadable)?,
        KeyColumn::I64(_) | KeyColumn::Date(_) => i64_to_u64(whole().ok_or_else(unreadable)?),
        KeyColumn::F64(_) => f64_to_u64(value.as_f64().ok_or_else(unreadable)?),
        KeyColumn::Bool(_) => u64::from(whole().unwrap_or(0) > 0) + 1,
        KeyColumn::Str(column) => {
            let text = as_text();
            let encoded = ip::encode_text(&text);
            let exact = |text: &str| column.dictionary().term_ord(text).map_err(failed);
            let mut found = exact(&text)?;
            if let (None, Some(address)) = (found, &encoded) {
                found = exact(address)?;
            }
            match found {
                Some(ord) => ord * 2 + 2,
                None => {
                    // Not in this segment: it begins between two of its values.
                    use std::ops::Bound;
                    let bound = Bound::Included(encoded.as_deref().unwrap_or(&text));
                    let (first, _) = column
                        .dictionary()
                        .term_bounds_to_ord(bound, Bound::Unbounded)
                        .map_err(failed)?;
                    match first {
                        Bound::Included(ord) => ord * 2 + 1,
                        Bound::Excluded(ord) => ord * 2 + 3,
                        Bound::Unbounded => 1,
                    }
                }
            }
        }
    }))
}
