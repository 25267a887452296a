//! `_doc`: one document by its id.

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use yagura_store::StoreError;

use super::parameters::Parameters;
use crate::error::SearchError;
use crate::limits;
use crate::state::Shared;

/// One document by its id.
#[utoipa::path(get, path = "/{index}/_doc/{id}", tag = "opensearch",
    params(("index" = String, Path, description = "Index name"),
        ("id" = String, Path, description = "Document id")), responses(
    (status = 200, description = "`{_index, _id, found, _source}`", body = BTreeMap<String, Value>),
    (status = 404, description = "The same with `found` false", body = BTreeMap<String, Value>)))]
pub(crate) async fn get(
    State(shared): State<Arc<Shared>>,
    Path((index, id)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, SearchError> {
    let options = Parameters::new(uri.path(), pairs).finish()?;
    let (source, timing) = limits::engine(shared.app.store.get(&index, &id)).await;
    let source = match source {
        Err(StoreError::NoSuchIndex(_)) if options.ignore_unavailable => None,
        source => source?,
    };
    let Some(source) = source else {
        let body = json!({"_index": index, "_id": id, "found": false});
        return Ok((StatusCode::NOT_FOUND, timing, Json(body)).into_response());
    };
    let body = json!({"_index": index, "_id": id, "found": true, "_source": source});
    Ok((timing, Json(body)).into_response())
}
