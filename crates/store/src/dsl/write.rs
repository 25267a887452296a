//! [`Query`] to query DSL.

use serde_json::{Map, Value, json};

use crate::Query;
use crate::language::escape_pattern;
use crate::query::{BoolQuery, Bound};

/// The query in OpenSearch's query DSL.
pub fn to_dsl(query: &Query) -> Value {
    match query {
        Query::MatchAll => json!({"match_all": {}}),
        Query::MatchNone => json!({"match_none": {}}),
        Query::Bool(query) => write_bool(query),
        Query::Term {
            field,
            value,
            case_insensitive,
        } => match case_insensitive {
            true => one(
                "term",
                field,
                json!({"value": value, "case_insensitive": true}),
            ),
            false => one("term", field, json!(value)),
        },
        Query::Terms { field, values } => one("terms", field, json!(values)),
        Query::Range {
            field,
            lower,
            upper,
            time_zone,
        } => {
            let mut range = Map::new();
            match lower {
                Bound::Unbounded => None,
                Bound::Included(text) => range.insert("gte".to_owned(), json!(text)),
                Bound::Excluded(text) => range.insert("gt".to_owned(), json!(text)),
            };
            match upper {
                Bound::Unbounded => None,
                Bound::Included(text) => range.insert("lte".to_owned(), json!(text)),
                Bound::Excluded(text) => range.insert("lt".to_owned(), json!(text)),
            };
            if let Some(zone) = time_zone {
                range.insert("time_zone".to_owned(), json!(zone));
            }
            one("range", field, Value::Object(range))
        }
        Query::Exists { field } => json!({"exists": {"field": field}}),
        Query::Prefix {
            field,
            value,
            case_insensitive,
        } => one(
            "prefix",
            field,
            json!({"value": value, "case_insensitive": case_insensitive}),
        ),
        Query::Wildcard {
            field,
            pattern,
            case_insensitive,
        } => match field {
            Some(field) if !field.contains('*') => one(
                "wildcard",
                field,
                json!({"value": pattern, "case_insensitive": case_insensitive}),
            ),
            field => query_string(field.as_deref(), escape_pattern(pattern)),
        },
        Query::Regexp { field, pattern } => one("regexp", field, json!({"value": pattern})),
        Query::Match {
            field: Some(field),
            text,
            all_words,
        } => {
            let operator = if *all_words { "and" } else { "or" };
            one("match", field, json!({"query": text, "operator": operator}))
        }
        Query::Match {
            field: None,
            text,
            all_words,
        } => json!({"multi_match": {
            "query": text,
            "fields": ["*"],
            "lenient": true,
            "operator": if *all_words { "and" } else { "or" },
        }}),
        Query::Phrase {
            field: Some(field),
            text,
            slop,
        } => one("match_phrase", field, json!({"query": text, "slop": slop})),
        Query::Phrase {
            field: None,
            text,
            slop,
        } => json!({"multi_match": {
            "query": text, "type": "phrase", "fields": ["*"], "lenient": true, "slop": slop,
        }}),
        Query::Ids(ids) => json!({"ids": {"values": ids}}),
    }
}

fn one(kind: &str, field: &str, value: Value) -> Value {
    json!({kind: {field: value}})
}

fn query_string(field: Option<&str>, text: String) -> Value {
    let fields = [field.unwrap_or("*")];
    json!({"query_string": {"query": text, "fields": fields, "analyze_wildcard": true, "lenient": true}})
}

fn write_bool(query: &BoolQuery) -> Value {
    let mut object = Map::new();
    let lists = [
        ("must", &query.must),
        ("filter", &query.filter),
        ("should", &query.should),
        ("must_not", &query.must_not),
    ];
    for (name, list) in lists {
        if !list.is_empty() {
            object.insert(name.to_owned(), list.iter().map(to_dsl).collect());
        }
    }
    if let Some(minimum) = query.minimum_should_match {
        object.insert("minimum_should_match".to_owned(), json!(minimum));
    }
    json!({"bool": object})
}
