//! Search bodies as OpenSearch takes them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yagura_store::dsl::{DslContext, SearchBody};
use yagura_store::language::{QueryStrings, UnknownFields};

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = serde_json::from_slice(bytes) else {
        return;
    };
    let query_strings = QueryStrings {
        names: UnknownFields,
    };
    let context = DslContext {
        query_strings: &query_strings,
    };
    let _ = SearchBody::parse(&body, context);
});
