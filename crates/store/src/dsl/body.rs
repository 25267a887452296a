//! The body of a search request.

use serde_json::Value;

use super::parse::{known_only, member};
use super::{
    At, DslContext, MAX_CLAUSES, MAX_RESULT_WINDOW, SortKey, parse_query_at, parse_sort_at,
};
use crate::aggs::{Aggregations, parse_aggregations_at};
use crate::{Query, StoreError};

/// How exactly hits are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalHits {
    /// Every hit.
    Exact,
    /// At least up to this number.
    UpTo(u64),
    /// Not at all.
    Skip,
}

/// Which part of a document comes back as `_source`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceFilter {
    /// Nothing comes back.
    pub disabled: bool,
    /// Only these paths (patterns); empty means all.
    pub includes: Vec<String>,
    /// Not these paths (patterns).
    pub excludes: Vec<String>,
}

/// One entry of `fields` or `docvalue_fields`.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldPattern {
    /// Field path, possibly with `*`.
    pub field: String,
    /// Date format; only `epoch_millis` changes how a date is written.
    pub format: Option<String>,
}

/// A search request.
#[derive(Debug, Clone)]
pub struct SearchBody {
    /// What to find.
    pub query: Query,
    /// Filter for the hits alone; aggregations do not see it.
    pub post_filter: Option<Query>,
    /// Hits wanted.
    pub size: usize,
    /// Hits skipped.
    pub from: usize,
    /// Order of the hits; empty means newest first.
    pub sort: Vec<SortKey>,
    /// Sort values of the last hit of the page before.
    pub search_after: Option<Vec<Value>>,
    /// Part of the document that comes back.
    pub source: SourceFilter,
    /// Single fields that come back.
    pub fields: Vec<FieldPattern>,
    /// How hits are counted.
    pub total_hits: TotalHits,
    /// After so many milliseconds what was found so far comes back.
    pub timeout_ms: Option<u64>,
    /// Aggregations.
    pub aggregations: Aggregations,
}

const KNOWN: &[&str] = &[
    "query",
    "post_filter",
    "size",
    "from",
    "sort",
    "search_after",
    "_source",
    "fields",
    "docvalue_fields",
    "stored_fields",
    "track_total_hits",
    "track_scores",
    "timeout",
    "aggs",
    "aggregations",
    "version",
    "seq_no_primary_term",
    "script_fields",
    "explain",
];

impl SearchBody {
    /// Reads a request body; `null` is an empty one.
    pub fn parse(body: &Value, context: DslContext<'_>) -> Result<Self, StoreError> {
        let empty = Value::Object(serde_json::Map::new());
        let at = At::new(if body.is_null() { &empty } else { body }, "");
        known_only(&at, KNOWN)?;
        let mut clauses = MAX_CLAUSES;
        let mut search = Self::empty();
        for (key, value) in at.members()? {
            match key {
                "query" => search.query = parse_query_at(&value, context, 0, &mut clauses)?,
                "post_filter" => {
                    search.post_filter = Some(parse_query_at(&value, context, 0, &mut clauses)?);
                }
                "size" => search.size = window(&value)?,
                "from" => search.from = window(&value)?,
                "sort" => search.sort = parse_sort_at(&value)?,
                "search_after" => {
                    search.search_after =
                        Some(value.array()?.iter().map(|v| v.value.clone()).collect());
                }
                "_source" => search.source = parse_source(&value)?,
                "fields" | "docvalue_fields" => search.fields.extend(parse_fields(&value)?),
                "track_total_hits" => search.total_hits = parse_total_hits(&value)?,
                "timeout" => search.timeout_ms = Some(parse_duration_ms(&value)?),
                "aggs" | "aggregations" => {
                    search.aggregations = parse_aggregations_at(&value, context, &mut clauses)?;
                }
                "script_fields" if value.object()?.is_empty() => {}
                "script_fields" => return Err(value.bad("scripts are not supported; remove them")),
                "explain" if value.boolean()? => {
                    return Err(value.bad("`explain` is not supported"));
                }
                // What is left asks for scores and versions, which this product does not keep.
                _ => {}
            }
        }
        if search.from + search.size > MAX_RESULT_WINDOW {
            let message = format!(
                "`from` + `size` is {}, more than {MAX_RESULT_WINDOW}; use `search_after` to go further",
                search.from + search.size
            );
            return Err(At::new(at.value, "size").bad(message));
        }
        if let Some(after) = &search.search_after {
            let after_at = At::new(at.value, "search_after");
            if after.len() != search.sort.len() {
                return Err(after_at.bad("expected as many values as there are sort keys"));
            }
            if search.from > 0 {
                return Err(after_at.bad("`from` must be 0 with `search_after`"));
            }
        }
        Ok(search)
    }

    fn empty() -> Self {
        Self {
            query: Query::MatchAll,
            post_filter: None,
            size: 10,
            from: 0,
            sort: Vec::new(),
            search_after: None,
            source: SourceFilter::default(),
            fields: Vec::new(),
            total_hits: TotalHits::UpTo(10_000),
            timeout_ms: None,
            aggregations: Aggregations::default(),
        }
    }
}

fn window(at: &At<'_>) -> Result<usize, StoreError> {
    let number = at.whole()?;
    match usize::try_from(number) {
        Ok(number) if number <= MAX_RESULT_WINDOW => Ok(number),
        _ => Err(at.bad(format!(
            "`{number}` is more than {MAX_RESULT_WINDOW}; use `search_after` to page"
        ))),
    }
}

pub(crate) fn parse_source(at: &At<'_>) -> Result<SourceFilter, StoreError> {
    let strings = |at: &At<'_>| -> Result<Vec<String>, StoreError> {
        at.elements()
            .iter()
            .map(|item| item.string().map(str::to_owned))
            .collect()
    };
    let mut filter = SourceFilter::default();
    match at.value {
        Value::Bool(enabled) => filter.disabled = !enabled,
        Value::Object(_) => {
            for (key, value) in at.members()? {
                match key {
                    "includes" | "include" => filter.includes = strings(&value)?,
                    "excludes" | "exclude" => filter.excludes = strings(&value)?,
                    other => return Err(at.unknown(other, "includes, excludes")),
                }
            }
        }
        _ => filter.includes = strings(at)?,
    }
    Ok(filter)
}

fn parse_fields(at: &At<'_>) -> Result<Vec<FieldPattern>, StoreError> {
    let mut fields = Vec::new();
    for item in at.array()? {
        if let Value::String(field) = item.value {
            fields.push(FieldPattern {
                field: field.clone(),
                format: None,
            });
            continue;
        }
        known_only(&item, &["field", "format"])?;
        let field = member(&item, "field")?.ok_or_else(|| item.bad("`field` is missing"))?;
        let format = member(&item, "format")?.map(|format| format.string().map(str::to_owned));
        fields.push(FieldPattern {
            field: field.string()?.to_owned(),
            format: format.transpose()?,
        });
    }
    Ok(fields)
}

fn parse_total_hits(at: &At<'_>) -> Result<TotalHits, StoreError> {
    Ok(match at.value {
        Value::Bool(true) => TotalHits::Exact,
        Value::Bool(false) => TotalHits::Skip,
        _ => TotalHits::UpTo(at.whole()?),
    })
}

/// Milliseconds of `500ms`, `10s`, `1m`, `1h`, `1d`.
pub(crate) fn parse_duration_ms(at: &At<'_>) -> Result<u64, StoreError> {
    let text = at.scalar()?;
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    let number = number.parse::<u64>().ok();
    number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor))
        .ok_or_else(|| {
            at.bad(format!(
                "cannot read `{text}` as a duration such as `10s` or `500ms`"
            ))
        })
}
