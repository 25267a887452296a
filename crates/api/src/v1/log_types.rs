//! The log types there are, and how lively each is.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use yagura_store::StoreError;

use crate::error::{ApiError, ErrorBody};
use crate::limits;
use crate::state::{LogTypeInfo, Shared};

/// Most log types counted, those of users' own packs included.
const MAX_LOG_TYPES: u32 = 1000;

/// A log type and how lively it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogTypeStatus {
    /// The log type.
    #[serde(flatten)]
    pub info: LogTypeInfo,
    /// Newest `@timestamp` of its events.
    pub last_event: Option<Timestamp>,
    /// Number of its events in the last 24 hours.
    pub events_24h: u64,
}

/// The log types, in the order they are shown.
#[utoipa::path(get, path = "/api/v1/log-types", tag = "log types", responses(
    (status = 200, description = "Log types", body = Vec<LogTypeStatus>),
    (status = 401, description = "Not signed in", body = ErrorBody)))]
pub(crate) async fn list(State(shared): State<Arc<Shared>>) -> Result<Response, ApiError> {
    let body = request();
    let answer = limits::engine(shared.app.store.search("*", &body)).await;
    let (answer, timing) = match answer {
        (Err(StoreError::NoSuchIndex(_)), timing) => (Value::Null, timing),
        (answer, timing) => (answer?, timing),
    };
    let mut activity = activity(&answer);
    let types: Vec<LogTypeStatus> = shared
        .app
        .log_types
        .iter()
        .map(|info| {
            let (last_event, events_24h) = activity.remove(&info.id).unwrap_or_default();
            LogTypeStatus {
                info: info.clone(),
                last_event,
                events_24h,
            }
        })
        .collect();
    Ok((timing, Json(types)).into_response())
}

/// One aggregation over everything: newest event and events of the last 24 hours by log type.
fn request() -> Value {
    json!({
        "size": 0,
        "track_total_hits": false,
        "aggs": {"types": {
            "terms": {"field": "@log_type", "size": MAX_LOG_TYPES},
            "aggs": {
                "last": {"max": {"field": "@timestamp"}},
                "recent": {"filters": {"filters": {
                    "day": {"range": {"@timestamp": {"gte": "now-24h", "lte": "now"}}},
                }}},
            },
        }},
    })
}

/// Newest event and number of recent events by log type.
fn activity(answer: &Value) -> HashMap<String, (Option<Timestamp>, u64)> {
    let buckets = answer.pointer("/aggregations/types/buckets");
    let buckets = buckets.and_then(Value::as_array);
    let read = |bucket: &Value| {
        let name = bucket.get("key")?.as_str()?.to_owned();
        let last = bucket.pointer("/last/value").and_then(Value::as_f64);
        let last = last.and_then(|ms| Timestamp::from_millisecond(ms as i64).ok());
        let recent = bucket.pointer("/recent/buckets/day/doc_count");
        Some((name, (last, recent.and_then(Value::as_u64).unwrap_or(0))))
    };
    buckets.into_iter().flatten().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use yagura_store::dsl::{DslContext, SearchBody};
    use yagura_store::language::{QueryStrings, UnknownFields};

    #[test]
    fn stores_understand_the_request() {
        let query_strings = QueryStrings {
            names: UnknownFields,
        };
        let context = DslContext {
            query_strings: &query_strings,
        };
        let parsed = SearchBody::parse(&request(), context);
        assert!(parsed.is_ok(), "{parsed:?}");
    }
}
