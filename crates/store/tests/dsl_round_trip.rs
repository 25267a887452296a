//! A query written as query DSL and read again is the same query.

use serde_json::json;
use yagura_store::dsl::{DslContext, parse_query, to_dsl};
use yagura_store::language::{QueryStrings, UnknownFields};

#[test]
fn queries_survive_writing_and_reading() {
    let query_strings = QueryStrings {
        names: UnknownFields,
    };
    let context = DslContext {
        query_strings: &query_strings,
    };
    let cases = [
        json!({"match_all": {}}),
        json!({"match_none": {}}),
        json!({"term": {"a.b": "x"}}),
        json!({"term": {"a": {"value": "x", "case_insensitive": true}}}),
        json!({"terms": {"a": ["x", "1", "true"]}}),
        json!({"range": {"@timestamp": {"gte": "now-1d/d", "lt": "now", "time_zone": "Asia/Tokyo"}}}),
        json!({"exists": {"field": "a"}}),
        json!({"prefix": {"a": "x"}}),
        json!({"wildcard": {"a": {"value": "x*?\\*", "case_insensitive": true}}}),
        json!({"regexp": {"a": "x.*"}}),
        json!({"match": {"a": {"query": "x y", "operator": "and"}}}),
        json!({"match_phrase": {"a": {"query": "x y", "slop": 2}}}),
        json!({"multi_match": {"query": "x y", "fields": ["*"]}}),
        json!({"ids": {"values": ["1"]}}),
        json!({"bool": {
            "must": [{"term": {"a": "x"}}],
            "filter": [{"term": {"b": "x"}}],
            "should": [{"term": {"c": "x"}}, {"term": {"d": "x"}}],
            "must_not": [{"term": {"e": "x"}}],
            "minimum_should_match": 1,
        }}),
    ];
    for case in cases {
        let query = parse_query(&case, context).expect("query");
        let written = to_dsl(&query);
        let again = parse_query(&written, context).expect("written query");
        assert_eq!(again, query, "{case} became {written}");
    }
}
