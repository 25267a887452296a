//! Query-string parameters: those that stand for a part of the body, those without effect here,
//! and an error for every other.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::error::SearchError;

/// Parameters that steer what OpenSearch does inside and change nothing in the answer.
const WITHOUT_EFFECT: &[&str] = &[
    "allow_partial_search_results",
    "batched_reduce_size",
    "ccs_minimize_roundtrips",
    "error_trace",
    "expand_wildcards",
    "human",
    "include_unmapped",
    "max_concurrent_searches",
    "max_concurrent_shard_requests",
    "pre_filter_shard_size",
    "preference",
    "pretty",
    "request_cache",
    "routing",
    "search_type",
];

/// What the parameters of a request say besides its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexOptions {
    /// An index that does not exist is an empty one.
    pub(crate) ignore_unavailable: bool,
    /// A pattern that no index fits is an empty answer.
    pub(crate) allow_no_indices: bool,
}

impl Default for IndexOptions {
    fn default() -> Self {
        IndexOptions {
            ignore_unavailable: false,
            allow_no_indices: true,
        }
    }
}

impl IndexOptions {
    /// Takes one of the two options; `false` if the name is another.
    pub(crate) fn take(&mut self, name: &str, value: &str) -> Result<bool, SearchError> {
        let option = match name {
            "ignore_unavailable" => &mut self.ignore_unavailable,
            "allow_no_indices" => &mut self.allow_no_indices,
            _ => return Ok(false),
        };
        *option = boolean(name, value)?;
        Ok(true)
    }

    /// Whether an unknown index is to be answered as an empty one.
    pub(crate) fn forgives(&self, indices: &str) -> bool {
        let is_pattern = indices.contains('*') || matches!(indices, "" | "_all");
        self.ignore_unavailable || (is_pattern && self.allow_no_indices)
    }
}

/// The query string of a request, by name.
pub(crate) struct Parameters {
    path: String,
    pairs: Vec<(String, String)>,
    options: IndexOptions,
}

impl Parameters {
    pub(crate) fn new(path: &str, pairs: Vec<(String, String)>) -> Self {
        Parameters {
            path: path.to_owned(),
            pairs,
            options: IndexOptions::default(),
        }
    }

    /// Takes a parameter out.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(found, _)| found == name)?;
        Some(self.pairs.remove(at).1)
    }

    /// Writes the parameters that stand for a part of a search's body into it.
    pub(crate) fn merge_into(&mut self, body: &mut Map<String, Value>) -> Result<(), SearchError> {
        for name in ["size", "from"] {
            if let Some(value) = self.take(name) {
                body.insert(name.to_owned(), json!(number(name, &value)?));
            }
        }
        if let Some(value) = self.take("track_total_hits") {
            let value = match value.as_str() {
                "true" | "" => json!(true),
                "false" => json!(false),
                number_text => json!(number("track_total_hits", number_text)?),
            };
            body.insert("track_total_hits".to_owned(), value);
        }
        if let Some(value) = self.take("timeout") {
            body.insert("timeout".to_owned(), json!(value));
        }
        if let Some(value) = self.take("sort") {
            let keys = value.split(',').map(|key| match key.rsplit_once(':') {
                Some((field, order @ ("asc" | "desc"))) => json!({field: {"order": order}}),
                _ => json!(key),
            });
            body.insert("sort".to_owned(), keys.collect());
        }
        if let Some(value) = self.take("_source") {
            let value = match value.as_str() {
                "true" | "" => json!(true),
                "false" => json!(false),
                fields => fields.split(',').collect(),
            };
            body.insert("_source".to_owned(), value);
        }
        self.merge_query(body)
    }

    /// Writes `q` with its helpers into the body.
    pub(crate) fn merge_query(&mut self, body: &mut Map<String, Value>) -> Result<(), SearchError> {
        let text = self.take("q");
        let mut query = Map::new();
        if let Some(field) = self.take("df") {
            query.insert("default_field".to_owned(), json!(field));
        }
        if let Some(operator) = self.take("default_operator") {
            query.insert("default_operator".to_owned(), json!(operator));
        }
        for name in ["analyze_wildcard", "lenient"] {
            if let Some(value) = self.take(name) {
                query.insert(name.to_owned(), json!(boolean(name, &value)?));
            }
        }
        let Some(text) = text else {
            return Ok(());
        };
        query.insert("query".to_owned(), json!(text));
        body.insert("query".to_owned(), json!({"query_string": query}));
        Ok(())
    }

    /// Refuses what nobody took and returns the index options.
    pub(crate) fn finish(mut self) -> Result<IndexOptions, SearchError> {
        let mut unknown = Vec::new();
        for (name, value) in std::mem::take(&mut self.pairs) {
            let is_known = WITHOUT_EFFECT.contains(&name.as_str());
            if !self.options.take(&name, &value)? && !is_known {
                unknown.push(name);
            }
        }
        if unknown.is_empty() {
            return Ok(self.options);
        }
        let reason = format!(
            "request [{}] contains parameters that are not understood: [{}]",
            self.path,
            unknown.join(", ")
        );
        Err(SearchError::illegal(reason))
    }
}

fn number(name: &str, value: &str) -> Result<u64, SearchError> {
    value.parse().map_err(|_| {
        let reason = format!("cannot parse parameter `{name}` with value `{value}` as a number");
        SearchError::new(
            StatusCode::BAD_REQUEST,
            "illegal_argument_exception",
            reason,
        )
    })
}

fn boolean(name: &str, value: &str) -> Result<bool, SearchError> {
    match value {
        "true" | "" => Ok(true),
        "false" => Ok(false),
        _ => Err(SearchError::illegal(format!(
            "cannot parse parameter `{name}` with value `{value}`; it is `true` or `false`"
        ))),
    }
}
