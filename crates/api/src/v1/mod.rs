//! Our own endpoints, below `/api/v1`.

mod activity;
pub(crate) mod dead_letters;
pub(crate) mod enrich;
pub(crate) mod entities;
pub(crate) mod entity_kinds;
pub(crate) mod exports;
pub(crate) mod fields;
pub(crate) mod home;
pub(crate) mod ledger;
pub(crate) mod links;
pub(crate) mod log_types;
pub(crate) mod query;
pub(crate) mod saved_searches;
pub(crate) mod session;
pub(crate) mod sources;
pub(crate) mod suggest;
pub(crate) mod whereabouts;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// Most items of one page of a list.
pub(crate) const MAX_PAGE: u32 = 1000;

/// Reads a JSON body; its content type has to be JSON, which no foreign page can send unasked.
pub(crate) fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<T, ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE);
    let media_type = content_type
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/json") {
        let error = ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json");
        return Err(error.with("content_type", media_type));
    }
    let body = body.map_err(|rejection| ApiError::new(rejection.status(), "body_too_large"))?;
    serde_json::from_slice(&body).map_err(|error| {
        ApiError::new(StatusCode::BAD_REQUEST, "bad_json")
            .with("line", error.line())
            .with("column", error.column())
            .with("message", error)
    })
}

/// Turns a query string that does not fit into an error of ours.
pub(crate) fn parameters<T>(
    query: Result<axum::extract::Query<T>, QueryRejection>,
) -> Result<T, ApiError> {
    match query {
        Ok(query) => Ok(query.0),
        Err(rejection) => Err(ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter")
            .with("message", rejection.body_text())),
    }
}

/// Checks a page's size.
pub(crate) fn check_limit(limit: Option<u32>) -> Result<(), ApiError> {
    if limit.is_none_or(|limit| (1..=MAX_PAGE).contains(&limit)) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter")
        .with("message", format!("`limit` must be 1 to {MAX_PAGE}")))
}
