//! The `sort` of a request.

use serde_json::Value;

use super::At;
use crate::StoreError;

/// Direction of a sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// One key of a sort.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// Field path, or `_id`, `_doc`, `_score`, `_index`.
    pub field: String,
    /// Direction.
    pub order: SortOrder,
    /// Documents without the field come first instead of last.
    pub missing_first: bool,
}

const MAX_KEYS: usize = 8;

/// Reads `"field"`, `{"field": "desc"}`, `{"field": {"order": "desc"}}` or an array of those.
pub(crate) fn parse_sort_at(at: &At<'_>) -> Result<Vec<SortKey>, StoreError> {
    let mut keys = Vec::new();
    for item in at.elements() {
        if let Value::String(field) = item.value {
            keys.push(key(field, default_order(field)));
            continue;
        }
        for (field, options) in item.members()? {
            keys.push(parse_key(field, &options)?);
        }
    }
    if keys.len() > MAX_KEYS {
        return Err(at.bad(format!("expected at most {MAX_KEYS} sort keys")));
    }
    Ok(keys)
}

fn default_order(field: &str) -> SortOrder {
    if field == "_score" {
        SortOrder::Descending
    } else {
        SortOrder::Ascending
    }
}

fn key(field: &str, order: SortOrder) -> SortKey {
    SortKey {
        field: field.to_owned(),
        order,
        missing_first: false,
    }
}

fn parse_key(field: &str, options: &At<'_>) -> Result<SortKey, StoreError> {
    if options.value.is_string() {
        return Ok(key(field, parse_order(options)?));
    }
    let mut key = key(field, default_order(field));
    for (name, value) in options.members()? {
        match name {
            "order" => key.order = parse_order(&value)?,
            "missing" => {
                key.missing_first = match value.string()? {
                    "_first" => true,
                    "_last" => false,
                    _ => return Err(value.bad("expected `_first` or `_last`")),
                };
            }
            "unmapped_type" | "format" | "numeric_type" | "mode" => {}
            other => {
                return Err(options.unknown(other, "order, missing, unmapped_type, format, mode"));
            }
        }
    }
    Ok(key)
}

fn parse_order(at: &At<'_>) -> Result<SortOrder, StoreError> {
    match at.string()? {
        "asc" => Ok(SortOrder::Ascending),
        "desc" => Ok(SortOrder::Descending),
        _ => Err(at.bad("expected `asc` or `desc`")),
    }
}
