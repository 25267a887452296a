//! OpenSearch's request language: JSON bodies to typed requests and back.
//!
//! Whatever is not known is refused with its JSON path; nothing is silently ignored.

mod at;
mod body;
mod parse;
mod sort;
mod write;

use serde_json::Value;

use crate::{Query, StoreError};

pub(crate) use at::At;
pub use body::{FieldPattern, SearchBody, SourceFilter, TotalHits};
pub use sort::{SortKey, SortOrder};
pub use write::to_dsl;

pub(crate) use body::{parse_duration_ms, parse_source};
pub(crate) use parse::{known_only, member, parse_query_at};
pub(crate) use sort::parse_sort_at;

/// Most hits one page can hold, as in OpenSearch's `index.max_result_window`.
pub const MAX_RESULT_WINDOW: usize = 10_000;

/// Deepest nesting of `bool` and `nested` queries.
pub const MAX_QUERY_DEPTH: usize = 40;

/// Most clauses of one request, as in OpenSearch's `indices.query.bool.max_clause_count`.
pub const MAX_CLAUSES: usize = 4_096;

/// Translates the text of a `query_string` query.
pub trait QueryStringParser: Send + Sync {
    /// The query tree of a text in Lucene's syntax, or why it is none.
    fn parse(
        &self,
        text: &str,
        default_field: Option<&str>,
        and_is_default: bool,
    ) -> Result<Query, String>;
}

/// What reading a request needs beside the request.
#[derive(Clone, Copy)]
pub struct DslContext<'a> {
    /// Reads the text of `query_string` queries.
    pub query_strings: &'a dyn QueryStringParser,
}

/// Reads the value of `query` in a request body.
pub fn parse_query(value: &Value, context: DslContext<'_>) -> Result<Query, StoreError> {
    let mut clauses = MAX_CLAUSES;
    parse_query_at(&At::new(value, "query"), context, 0, &mut clauses)
}
