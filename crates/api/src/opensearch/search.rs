//! `_search`, `_count` and `_field_caps`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use yagura_store::StoreError;

use super::parameters::{IndexOptions, Parameters};
use crate::error::{SearchError, SearchErrorBody};
use crate::limits;
use crate::state::Shared;

/// Longest list of index names in a request, in bytes.
const MAX_INDICES_BYTES: usize = 4096;

/// The answer to a search, as far as it is the same for all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchAnswer {
    /// Milliseconds the search took.
    pub took: u64,
    /// The search ended early, so the answer is incomplete.
    pub timed_out: bool,
    /// How many parts of the indices answered.
    #[serde(rename = "_shards")]
    pub shards: ShardCounts,
    /// Documents.
    pub hits: Hits,
    /// Aggregations by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub aggregations: Option<Map<String, Value>>,
}

/// How many parts of the indices answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShardCounts {
    /// All parts.
    pub total: u64,
    /// Parts that answered.
    pub successful: u64,
    /// Parts that could not hold a match.
    #[serde(default)]
    pub skipped: u64,
    /// Parts that failed.
    pub failed: u64,
}

/// The documents of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hits {
    /// How many match; absent when the request did not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<HitsTotal>,
    /// Best score; absent when nothing is scored.
    #[serde(default)]
    pub max_score: Option<f64>,
    /// Documents in the order asked for.
    pub hits: Vec<Hit>,
}

/// How many documents match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HitsTotal {
    /// Number.
    pub value: u64,
    /// `eq` for exactly, `gte` for at least.
    pub relation: String,
}

/// One document of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hit {
    /// Index.
    #[serde(rename = "_index")]
    pub index: String,
    /// Id.
    #[serde(rename = "_id")]
    pub id: String,
    /// Score.
    #[serde(rename = "_score", default)]
    pub score: Option<f64>,
    /// The document; absent when the request did not ask.
    #[serde(rename = "_source", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub source: Option<Map<String, Value>>,
    /// Values of the fields asked for, each a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, Vec<Value>>>,
    /// Values the document was sorted by, for `search_after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Vec<Value>>,
    /// Marked extracts by field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highlight: Option<BTreeMap<String, Vec<String>>>,
}

/// The answer to a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CountAnswer {
    /// How many documents match.
    pub count: u64,
    /// How many parts of the indices answered.
    #[serde(rename = "_shards")]
    pub shards: ShardCounts,
}

/// Searches; what is not supported in the body is refused with its JSON path.
#[utoipa::path(post, path = "/{index}/_search", tag = "opensearch",
    params(("index" = String, Path, description = "Index names, comma-separated, with `*`")),
    request_body(content = BTreeMap<String, Value>, description = "OpenSearch search request"), responses(
    (status = 200, description = "Answer", body = SearchAnswer),
    (status = 400, description = "The JSON path is in `reason`", body = SearchErrorBody)))]
pub(crate) async fn search(
    State(shared): State<Arc<Shared>>,
    index: Option<Path<String>>,
    OriginalUri(uri): OriginalUri,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, SearchError> {
    let indices = indices(index.as_deref().map(String::as_str))?;
    let mut parameters = Parameters::new(uri.path(), pairs);
    let mut body = super::object(&super::body(&headers, body)?)?;
    parameters.merge_into(&mut body)?;
    let options = parameters.finish()?;
    let body = Value::Object(body);
    let (answer, timing) = limits::engine(run(&shared, indices, &body, options)).await;
    Ok((timing, Json(answer?)).into_response())
}

/// Runs one search; an index that does not exist is an empty one if the options say so.
pub(super) async fn run(
    shared: &Shared,
    indices: &str,
    body: &Value,
    options: IndexOptions,
) -> Result<Value, SearchError> {
    let started = Instant::now();
    match shared.app.store.search(indices, body).await {
        Err(StoreError::NoSuchIndex(_)) if options.forgives(indices) => {
            Ok(empty(started.elapsed().as_millis() as u64))
        }
        answer => Ok(answer?),
    }
}

fn empty(took: u64) -> Value {
    json!({
        "took": took,
        "timed_out": false,
        "_shards": no_shards(),
        "hits": {"total": {"value": 0, "relation": "eq"}, "max_score": null, "hits": []},
    })
}

fn no_shards() -> Value {
    json!({"total": 0, "successful": 0, "skipped": 0, "failed": 0})
}

/// Counts documents.
#[utoipa::path(post, path = "/{index}/_count", tag = "opensearch",
    params(("index" = String, Path, description = "Index names, comma-separated, with `*`")),
    request_body(content = BTreeMap<String, Value>, description = "Object with `query`"), responses(
    (status = 200, description = "Answer", body = CountAnswer),
    (status = 400, description = "The request is wrong", body = SearchErrorBody)))]
pub(crate) async fn count(
    State(shared): State<Arc<Shared>>,
    index: Option<Path<String>>,
    OriginalUri(uri): OriginalUri,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, SearchError> {
    let indices = indices(index.as_deref().map(String::as_str))?;
    let mut parameters = Parameters::new(uri.path(), pairs);
    let mut body = super::object(&super::body(&headers, body)?)?;
    parameters.merge_query(&mut body)?;
    let options = parameters.finish()?;
    if let Some(other) = body.keys().find(|name| *name != "query") {
        let reason = format!("request does not support `{other}` (at `{other}`)");
        return Err(SearchError::illegal(reason));
    }
    let body = Value::Object(body);
    let (answer, timing) = limits::engine(shared.app.store.count(indices, &body)).await;
    let (count, shards) = match answer {
        Err(StoreError::NoSuchIndex(_)) if options.forgives(indices) => (0, 0),
        answer => (answer?, 1),
    };
    let shards = ShardCounts {
        total: shards,
        successful: shards,
        skipped: 0,
        failed: 0,
    };
    Ok((timing, Json(CountAnswer { count, shards })).into_response())
}

/// Lists fields with their types.
#[utoipa::path(get, path = "/{index}/_field_caps", tag = "opensearch",
    params(("index" = String, Path, description = "Index names, comma-separated, with `*`"),
        ("fields" = Option<String>, Query, description = "Field names, comma-separated, with `*`")),
    responses(
    (status = 200, description = "OpenSearch's `{indices, fields}`", body = BTreeMap<String, Value>),
    (status = 400, description = "The request is wrong", body = SearchErrorBody)))]
pub(crate) async fn field_caps(
    State(shared): State<Arc<Shared>>,
    index: Option<Path<String>>,
    OriginalUri(uri): OriginalUri,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, SearchError> {
    let indices = indices(index.as_deref().map(String::as_str))?;
    let mut parameters = Parameters::new(uri.path(), pairs);
    let in_query = parameters.take("fields");
    let options = parameters.finish()?;
    let body = super::object(&super::body(&headers, body)?)?;
    if let Some(other) = body.keys().find(|name| *name != "fields") {
        let reason = format!("request does not support `{other}` (at `{other}`)");
        return Err(SearchError::illegal(reason));
    }
    let in_body = match body.get("fields") {
        None => None,
        Some(Value::String(one)) => Some(one.clone()),
        Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            Some(names.join(","))
        }
        Some(_) => return Err(SearchError::illegal("`fields` must be a list of names")),
    };
    let fields = in_query.or(in_body).unwrap_or_else(|| "*".to_owned());
    let (answer, timing) = limits::engine(shared.app.store.field_caps(indices, &fields)).await;
    let answer = match answer {
        Err(StoreError::NoSuchIndex(_)) if options.forgives(indices) => {
            json!({"indices": [], "fields": {}})
        }
        answer => answer?,
    };
    Ok((timing, Json(answer)).into_response())
}

/// The index names of a request; none are all.
pub(super) fn indices(index: Option<&str>) -> Result<&str, SearchError> {
    let index = match index {
        None | Some("" | "_all") => "*",
        Some(index) => index,
    };
    if index.len() > MAX_INDICES_BYTES {
        let reason = format!("index names are longer than {MAX_INDICES_BYTES} bytes; use `*`");
        return Err(SearchError::illegal(reason));
    }
    Ok(index)
}
