//! Files of the page, and the headers that keep the page safe.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Json, http};

use crate::asset::Asset;
use crate::auth::identify;
use crate::error::{ApiError, SearchError};
use crate::opensearch::cat;
use crate::state::Shared;

/// What the browser may load; log text that slipped through as markup could still do nothing.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'self'";

/// Headers every answer carries.
const SECURITY_HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Adds the security headers to every answer, and `no-store` unless the answer says otherwise.
pub(crate) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// `/`: the page for browsers, the name card for clients that ask for JSON.
pub(crate) async fn root(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let accept = text(request.headers(), &header::ACCEPT);
    let wants_json = accept.contains("application/json") && !accept.contains("text/html");
    if !wants_json {
        return serve(&shared, "index.html", request.headers());
    }
    if identify(&shared.app.auth, request.headers()).is_none() {
        let reason = "missing or unknown credentials";
        return SearchError::new(StatusCode::UNAUTHORIZED, "security_exception", reason)
            .into_response();
    }
    Json(cat::name_card(&shared)).into_response()
}

/// Every other path: a file of the page, or the page itself, whose router knows the rest.
pub(crate) async fn other(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if path.starts_with("/api/") || path == "/api" {
        return ApiError::new(StatusCode::NOT_FOUND, "no_such_endpoint")
            .with("path", path)
            .into_response();
    }
    let is_opensearch = path.split('/').any(|part| part.starts_with('_'));
    if !is_read || is_opensearch {
        let reason = format!(
            "no handler found for uri [{path}] and method [{}]",
            request.method()
        );
        return SearchError::illegal(reason).into_response();
    }
    let file = path.trim_start_matches('/');
    let accept_encoding = text(request.headers(), &header::ACCEPT_ENCODING);
    if let Some(asset) = (shared.app.assets)(file, accept_encoding) {
        return answer(asset, request.headers());
    }
    if file.starts_with("assets/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    serve(&shared, "index.html", request.headers())
}

/// The page, which says that there is nothing here.
pub(crate) fn not_found(shared: &Shared, headers: &HeaderMap) -> Response {
    let accept_encoding = text(headers, &header::ACCEPT_ENCODING);
    let Some(asset) = (shared.app.assets)("index.html", accept_encoding) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = answer(asset, &HeaderMap::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn serve(shared: &Shared, file: &str, headers: &HeaderMap) -> Response {
    let accept_encoding = text(headers, &header::ACCEPT_ENCODING);
    match (shared.app.assets)(file, accept_encoding) {
        Some(asset) => answer(asset, headers),
        None => (
            StatusCode::NOT_FOUND,
            "the page is not part of this build\n",
        )
            .into_response(),
    }
}

fn answer(asset: Asset, headers: &HeaderMap) -> Response {
    let known = text(headers, &header::IF_NONE_MATCH);
    let is_known = known
        .split(',')
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == asset.etag || tag == "*");
    let mut response = http::Response::builder()
        .header(header::CACHE_CONTROL, asset.cache_control)
        .header(header::ETAG, &asset.etag)
        .header(header::VARY, "accept-encoding");
    if is_known {
        response = response.status(StatusCode::NOT_MODIFIED);
    } else {
        response = response.header(header::CONTENT_TYPE, asset.content_type.as_ref());
        if let Some(encoding) = asset.encoding {
            response = response.header(header::CONTENT_ENCODING, encoding);
        }
    }
    let body = if is_known {
        Body::empty()
    } else {
        Body::from(asset.bytes)
    };
    response
        .body(body)
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
