//! How many requests run at once, how long each may take, and how long it took.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{AppendHeaders, IntoResponse, Response};

use crate::error::{ApiError, REQUEST_ID, SearchError};
use crate::state::Shared;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// A `Server-Timing` header to add to an answer.
pub(crate) type Timing = AppendHeaders<[(HeaderName, String); 1]>;

/// Says how long a part of the answer took.
pub(crate) fn server_timing(part: &str, took: Duration) -> Timing {
    let milliseconds = took.as_secs_f64() * 1000.0;
    AppendHeaders([(SERVER_TIMING, format!("{part};dur={milliseconds:.1}"))])
}

/// Waits for the store and says how long that took.
pub(crate) async fn engine<T>(work: impl Future<Output = T>) -> (T, Timing) {
    let started = Instant::now();
    let answer = work.await;
    (answer, server_timing("engine", started.elapsed()))
}

/// Gives each request an id, which its errors and its answer carry, and says how long it took.
pub(crate) async fn trace(request: Request, next: Next) -> Response {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let started = Instant::now();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let id = format!("{:x}-{number}", std::process::id());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let mut response = REQUEST_ID.scope(id.clone(), next.run(request)).await;
    let took = started.elapsed();
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
    let AppendHeaders([(name, value)]) = server_timing("total", took);
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().append(name, value);
    }
    let status = response.status().as_u16();
    tracing::debug!(request_id = id, %method, path, status, took_ms = took.as_millis(), "request");
    response
}

/// Lets a limited number of requests search at the same time, each for a limited time.
///
/// Giving up drops the handler, which drops the search.
pub(crate) async fn searching(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let is_ours = request.uri().path().starts_with("/api/");
    let limits = &shared.app.limits;
    let slot = tokio::time::timeout(limits.queue_wait, shared.search_slots.acquire()).await;
    let Ok(Ok(_slot)) = slot else {
        let status = StatusCode::TOO_MANY_REQUESTS;
        if is_ours {
            return ApiError::new(status, "too_many_searches").into_response();
        }
        let reason = "too many searches at the same time; try again";
        return SearchError::new(status, "rejected_execution_exception", reason).into_response();
    };
    match tokio::time::timeout(limits.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let status = StatusCode::GATEWAY_TIMEOUT;
            if is_ours {
                return ApiError::new(status, "timed_out").into_response();
            }
            let reason = format!(
                "the search took longer than {} s; narrow the time range",
                limits.request_timeout.as_secs()
            );
            SearchError::new(status, "timeout_exception", reason).into_response()
        }
    }
}
