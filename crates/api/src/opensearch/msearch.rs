//! `_msearch`: many searches in one request, each with its own answer or error.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use utoipa::ToSchema;

use super::parameters::{IndexOptions, Parameters};
use super::search::{self, SearchAnswer};
use crate::error::{SearchError, SearchErrorBody};
use crate::limits;
use crate::state::Shared;

/// Header members that steer what OpenSearch does inside and change nothing in the answer.
const WITHOUT_EFFECT: &[&str] = &[
    "allow_partial_search_results",
    "ccs_minimize_roundtrips",
    "expand_wildcards",
    "preference",
    "request_cache",
    "routing",
    "search_type",
];

/// The answers of a `_msearch`, in the order of the searches.
#[derive(Debug, Serialize, ToSchema)]
pub struct MsearchAnswer {
    /// Milliseconds all searches took together.
    pub took: u64,
    /// For each search the answer with its `status`, or the error.
    pub responses: Vec<MsearchItem>,
}

/// The answer to one search of a `_msearch`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum MsearchItem {
    /// The answer, with `status` 200.
    #[schema(value_type = SearchAnswer)]
    Answer(Value),
    /// The error.
    Error(SearchErrorBody),
}

/// One search of the request.
struct Item {
    indices: String,
    body: Value,
    options: IndexOptions,
}

/// Runs many searches; the body is a header line and a body line for each.
#[utoipa::path(post, path = "/_msearch", tag = "opensearch",
    request_body(content = String, content_type = "application/x-ndjson",
        description = "Pairs of lines: header, search request"), responses(
    (status = 200, description = "Each response has its own `status`", body = MsearchAnswer),
    (status = 400, description = "The body is no pairs of lines", body = SearchErrorBody)))]
pub(crate) async fn msearch(
    State(shared): State<Arc<Shared>>,
    index: Option<Path<String>>,
    OriginalUri(uri): OriginalUri,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, SearchError> {
    let options = Parameters::new(uri.path(), pairs).finish()?;
    let default = search::indices(index.as_deref().map(String::as_str))?;
    let body = super::body(&headers, body)?;
    let items = read(&body, default, options, shared.app.limits.msearch_items)?;
    let started = Instant::now();
    let (responses, timing) = limits::engine(run(&shared, items)).await;
    let took = started.elapsed().as_millis() as u64;
    Ok((timing, Json(MsearchAnswer { took, responses })).into_response())
}

/// Splits the request into searches; one that is broken is an error in its place.
fn read(
    body: &[u8],
    default: &str,
    options: IndexOptions,
    most: usize,
) -> Result<Vec<Result<Item, SearchError>>, SearchError> {
    let mut lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').collect();
    if lines
        .last()
        .is_some_and(|line| line.trim_ascii().is_empty())
    {
        lines.pop();
    }
    if lines.is_empty() || !lines.len().is_multiple_of(2) {
        return Err(SearchError::illegal(format!(
            "`_msearch` takes pairs of lines, header and search; the body has {} lines",
            lines.len()
        )));
    }
    if lines.len() / 2 > most {
        let reason = format!("more than {most} searches in one request; send several requests");
        return Err(SearchError::illegal(reason));
    }
    let pairs = lines.chunks_exact(2).enumerate();
    let items = pairs.map(|(number, pair)| {
        let [header, body] = pair else {
            return Err(SearchError::illegal("a search without its body"));
        };
        let in_item = |error: SearchError| error.in_item(number);
        let header = super::object(header).map_err(in_item)?;
        let (indices, options) = read_header(header, default, options).map_err(in_item)?;
        let body = Value::Object(super::object(body).map_err(in_item)?);
        Ok(Item {
            indices,
            body,
            options,
        })
    });
    Ok(items.collect())
}

fn read_header(
    header: Map<String, Value>,
    default: &str,
    mut options: IndexOptions,
) -> Result<(String, IndexOptions), SearchError> {
    let mut indices = default.to_owned();
    for (name, value) in header {
        let is_option = match &value {
            Value::Bool(value) => options.take(&name, &value.to_string())?,
            Value::String(value) => options.take(&name, value)?,
            _ => false,
        };
        match (name.as_str(), value) {
            ("index", Value::String(one)) => indices = one,
            ("index", Value::Array(names)) if names.iter().all(Value::is_string) => {
                let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
                indices = names.join(",");
            }
            ("index", Value::Null) => {}
            (name, _) if is_option || WITHOUT_EFFECT.contains(&name) => {}
            (name, _) => {
                let reason = format!("header does not support `{name}` with this value");
                return Err(SearchError::illegal(reason));
            }
        }
    }
    search::indices(Some(&indices)).map(|indices| (indices.to_owned(), options))
}

/// Runs the searches, a few at a time, and keeps their order.
///
/// Dropping this drops the set of tasks, which ends them.
async fn run(shared: &Arc<Shared>, items: Vec<Result<Item, SearchError>>) -> Vec<MsearchItem> {
    let slots = Arc::new(Semaphore::new(shared.app.limits.msearch_concurrency.max(1)));
    let mut tasks = JoinSet::new();
    let mut responses: Vec<MsearchItem> = Vec::with_capacity(items.len());
    for (number, item) in items.into_iter().enumerate() {
        let lost = SearchError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "search_phase_execution_exception",
            "the search broke off",
        );
        let (item, response) = match item {
            Ok(item) => (Some(item), lost.body()),
            Err(error) => (None, error.body()),
        };
        responses.push(MsearchItem::Error(response));
        let Some(item) = item else { continue };
        let (shared, slots) = (shared.clone(), slots.clone());
        tasks.spawn(async move {
            let _slot = slots.acquire_owned().await;
            let answer = search::run(&shared, &item.indices, &item.body, item.options).await;
            (number, answer)
        });
    }
    while let Some(done) = tasks.join_next().await {
        let Ok((number, answer)) = done else { continue };
        let response = match answer {
            Ok(Value::Object(mut members)) => {
                members.insert("status".to_owned(), json!(200));
                MsearchItem::Answer(Value::Object(members))
            }
            Ok(other) => MsearchItem::Answer(other),
            Err(error) => MsearchItem::Error(error.body()),
        };
        if let Some(place) = responses.get_mut(number) {
            *place = response;
        }
    }
    responses
}
