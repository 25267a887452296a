//! Parts of documents: `_source` filtering and single fields.

use serde_json::{Map, Value, json};

use crate::dates::{Edge, parse_date};
use crate::dsl::{FieldPattern, SourceFilter};
use crate::names::wildcard_matches;

const MAX_DEPTH: usize = 64;

/// The part of a document a filter lets through; `None` if the document is not wanted at all.
pub fn filter_source(filter: &SourceFilter, mut document: Value) -> Option<Value> {
    if filter.disabled {
        return None;
    }
    if !filter.includes.is_empty() || !filter.excludes.is_empty() {
        let mut path = String::new();
        prune(filter, &mut document, &mut path, filter.includes.is_empty());
    }
    Some(document)
}

/// Removes what is not wanted; says whether anything is left.
fn prune(filter: &SourceFilter, value: &mut Value, path: &mut String, included: bool) -> bool {
    match value {
        Value::Object(members) => {
            let had = !members.is_empty();
            members.retain(|key, member| {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                let here = included || covers(&filter.includes, path);
                let keep = !covers(&filter.excludes, path) && prune(filter, member, path, here);
                path.truncate(length);
                keep
            });
            !members.is_empty() || (!had && included)
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.retain_mut(|item| prune(filter, item, path, included));
            !items.is_empty()
        }
        _ => included,
    }
}

fn covers(patterns: &[String], path: &str) -> bool {
    patterns.iter().any(|pattern| {
        let below = path
            .strip_prefix(pattern.as_str())
            .is_some_and(|rest| rest.starts_with('.'));
        below || wildcard_matches(pattern, path)
    })
}

/// The leaf values of a document that a list of field patterns asks for, each as an array.
pub fn pick_fields(patterns: &[FieldPattern], document: &Value) -> Map<String, Value> {
    let mut picked = Map::new();
    let mut path = String::new();
    let mut visit = |path: &str, value: &Value| {
        let Some(pattern) = patterns.iter().find(|p| wildcard_matches(&p.field, path)) else {
            return;
        };
        let value = match (pattern.format.as_deref(), value) {
            (Some("epoch_millis"), Value::String(text)) => {
                let ms = parse_date(text, &jiff::tz::TimeZone::UTC, Edge::Start);
                ms.map_or_else(|| value.clone(), |ms| json!(ms.to_string()))
            }
            _ => value.clone(),
        };
        let list = picked
            .entry(path.to_owned())
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(items) = list {
            items.push(value);
        }
    };
    walk_leaves(document, &mut path, 0, &mut visit);
    picked
}

/// Visits every leaf with its dotted path; arrays are looked through.
pub fn walk_leaves(
    value: &Value,
    path: &mut String,
    depth: usize,
    visit: &mut dyn FnMut(&str, &Value),
) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                walk_leaves(member, path, depth + 1, visit);
                path.truncate(length);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| walk_leaves(item, path, depth + 1, visit)),
        Value::Null => {}
        leaf => visit(path, leaf),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_filters_keep_what_they_name() {
        let document = json!({"a": {"b": 1, "c": [{"d": 2, "e": 3}]}, "a.x": 4, "f": [1, 2]});
        let list = |items: &[&str]| items.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let cases = [
            (list(&[]), list(&[]), document.clone()),
            (list(&["a.b"]), list(&[]), json!({"a": {"b": 1}})),
            (
                list(&["a"]),
                list(&["a.c.e"]),
                json!({"a": {"b": 1, "c": [{"d": 2}]}, "a.x": 4}),
            ),
            (
                list(&["*.d", "f"]),
                list(&[]),
                json!({"a": {"c": [{"d": 2}]}, "f": [1, 2]}),
            ),
            (list(&[]), list(&["a*"]), json!({"f": [1, 2]})),
        ];
        for (includes, excludes, expected) in cases {
            let filter = SourceFilter {
                disabled: false,
                includes,
                excludes,
            };
            assert_eq!(
                filter_source(&filter, document.clone()),
                Some(expected),
                "{filter:?}"
            );
        }
        let fields = [FieldPattern {
            field: "a.*".to_owned(),
            format: None,
        }];
        let picked = Value::Object(pick_fields(&fields, &document));
        assert_eq!(
            picked,
            json!({"a.b": [1], "a.c.d": [2], "a.c.e": [3], "a.x": [4]})
        );
    }
}
