//! The part of OpenSearch's API that is answered; what is not understood is refused.

pub(crate) mod cat;
pub(crate) mod document;
pub(crate) mod msearch;
pub(crate) mod parameters;
pub(crate) mod search;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};

use crate::error::SearchError;

/// Checks a body's size and content type.
pub(crate) fn body(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes, SearchError> {
    let body = body.map_err(|rejection| {
        SearchError::new(
            rejection.status(),
            "content_too_long_exception",
            format!("cannot read the body: {}", rejection.body_text()),
        )
    })?;
    let content_type = headers.get(header::CONTENT_TYPE);
    let media_type = content_type
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    let is_json = media_type.as_deref().is_none_or(|media_type| {
        matches!(media_type, "application/json" | "application/x-ndjson")
            || (media_type.starts_with("application/vnd.") && media_type.ends_with("json"))
    });
    if !body.is_empty() && !is_json {
        let shown = media_type.unwrap_or_default();
        let reason =
            format!("Content-Type header [{shown}] is not supported; send `application/json`");
        let status = StatusCode::NOT_ACCEPTABLE;
        return Err(SearchError::new(
            status,
            "media_type_header_exception",
            reason,
        ));
    }
    Ok(body)
}

/// Reads a body as one JSON object; no body is an empty one.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, SearchError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    serde_json::from_slice(body).map_err(|error| {
        let reason = format!("cannot parse the body as one JSON object: {error}");
        SearchError::new(StatusCode::BAD_REQUEST, "parsing_exception", reason)
    })
}
