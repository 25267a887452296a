//! Queries in both languages, and the query DSL they become.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yagura_store::dsl::{DslContext, parse_query, to_dsl};
use yagura_store::language::{Language, QueryStrings, UnknownFields, parse};

fuzz_target!(|text: &str| {
    let query_strings = QueryStrings {
        names: UnknownFields,
    };
    let context = DslContext {
        query_strings: &query_strings,
    };
    for language in [Language::Kql, Language::Lucene] {
        if let Some(query) = parse(text, language, &UnknownFields).query {
            let _ = parse_query(&to_dsl(&query), context);
        }
    }
});
