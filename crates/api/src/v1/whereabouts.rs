//! Why is my log not here? What became of an object, from its key to its events.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use yagura_store::StoreError;

use super::activity::instant;
use crate::error::{ApiError, ErrorBody};
use crate::ledger_view::{
    DeadLetterRequest, KeyRoute, LedgerItem, LedgerRequest, ObjectStatus, ReasonCount,
};
use crate::state::Shared;

/// Longest key, in bytes; S3 allows 1,024.
const MAX_KEY_BYTES: usize = 4096;
/// Rows of the ledger shown.
const MAX_OBJECTS: u32 = 20;

/// Which object to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhereaboutsParameters {
    /// Key of the object, its path as it was loaded, or `s3://bucket/key`.
    key: String,
}

/// What became of an object.
#[derive(Debug, Serialize, ToSchema)]
pub struct Whereabouts {
    /// The key that was looked for.
    pub key: String,
    /// The bucket, if one was named.
    pub bucket: Option<String>,
    /// The answer in a word.
    pub verdict: Verdict,
    /// Where the key leads.
    pub route: KeyRoute,
    /// What the ledger says of it, the latest first; several if it was read with different contents.
    pub objects: Vec<LedgerItem>,
    /// No object has exactly this key: `objects` have it as a part of theirs.
    pub is_part: bool,
    /// Its dead letters by reason, for the latest object.
    pub dead_letters: Vec<ReasonCount>,
    /// Its events in the store.
    pub events: ObjectEvents,
}

/// What became of an object, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No log type takes the key, and what such objects hold does not matter.
    NoLogType,
    /// A log type takes the key, but leaves the object out.
    LeftOut,
    /// The object would be loaded, but none with this key was read.
    NotRead,
    /// It was read in part.
    Broken,
    /// It was read, and all its records are dead letters.
    AllFailed,
    /// It was read, and all its records were left out on purpose.
    AllExcluded,
    /// It was read, and it holds no records.
    Empty,
    /// It was read, and events came of some of its records.
    SomeMissing,
    /// It was read, but its events are not in the store any more.
    Gone,
    /// It was read, and its events are here.
    Here,
}

/// The events of an object.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ObjectEvents {
    /// How many there are.
    pub total: u64,
    /// The time of the first.
    pub first: Option<Timestamp>,
    /// The time of the last.
    pub last: Option<Timestamp>,
}

/// What became of an object: its route, its reading, its records, its events.
#[utoipa::path(get, path = "/api/v1/sources/explain", operation_id = "whereabouts", tag = "sources",
    params(WhereaboutsParameters), responses(
        (status = 200, description = "What became of it", body = Whereabouts),
        (status = 400, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn explain(
    State(shared): State<Arc<Shared>>,
    parameters: Result<Query<WhereaboutsParameters>, QueryRejection>,
) -> Result<Json<Whereabouts>, ApiError> {
    let WhereaboutsParameters { key } = super::parameters(parameters)?;
    let (bucket, key) = split(&key);
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        let error = ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter");
        return Err(error.with("message", format!("`key` has 1 to {MAX_KEY_BYTES} bytes")));
    }
    let ledger = &shared.app.ledger;
    let request = LedgerRequest {
        text: Some(key.to_owned()),
        limit: Some(MAX_OBJECTS),
        ..LedgerRequest::default()
    };
    let (page, events) = tokio::join!(ledger.objects(&request), events(&shared, key));
    let found = page?.items;
    let is_it = |object: &LedgerItem| {
        let in_bucket = bucket.is_none_or(|bucket| bucket == object.bucket);
        object.key == key && in_bucket
    };
    let is_part = !found.iter().any(is_it);
    let objects: Vec<LedgerItem> = match is_part {
        true => found,
        false => found.into_iter().filter(is_it).collect(),
    };
    let exact = objects.first().filter(|_| !is_part);
    let dead_letters = match exact {
        Some(object) if object.failed > 0 => {
            let request = DeadLetterRequest {
                object: Some(object.id.clone()),
                limit: Some(1),
                ..DeadLetterRequest::default()
            };
            ledger.dead_letters(&request).await?.counts
        }
        _ => Vec::new(),
    };
    let (route, events) = (ledger.route(key), events?);
    Ok(Json(Whereabouts {
        verdict: verdict(&route, exact, events.total),
        key: key.to_owned(),
        bucket: bucket.map(str::to_owned),
        route,
        objects,
        is_part,
        dead_letters,
        events,
    }))
}

/// The bucket, if the text is an address of S3, and the key.
fn split(text: &str) -> (Option<&str>, &str) {
    let text = text.trim();
    match text
        .strip_prefix("s3://")
        .and_then(|rest| rest.split_once('/'))
    {
        Some((bucket, key)) => (Some(bucket), key),
        None => (None, text),
    }
}

fn verdict(route: &KeyRoute, object: Option<&LedgerItem>, events: u64) -> Verdict {
    let Some(object) = object else {
        return match route.ignored.as_deref() {
            Some("unknown") => Verdict::NoLogType,
            Some(_) => Verdict::LeftOut,
            None => Verdict::NotRead,
        };
    };
    match object.status {
        ObjectStatus::Ignored if route.ignored.as_deref() == Some("unknown") => {
            return Verdict::NoLogType;
        }
        ObjectStatus::Ignored => return Verdict::LeftOut,
        ObjectStatus::Failed => return Verdict::Broken,
        ObjectStatus::Loaded => {}
    }
    let excluded: u64 = object.excluded.iter().map(|reason| reason.count).sum();
    match (object.documents, excluded, object.failed) {
        (0, 0, 0) => Verdict::Empty,
        (0, _, 0) => Verdict::AllExcluded,
        (0, 0, _) => Verdict::AllFailed,
        (0, _, _) => Verdict::SomeMissing,
        _ if events == 0 => Verdict::Gone,
        (_, 0, 0) => Verdict::Here,
        _ => Verdict::SomeMissing,
    }
}

async fn events(shared: &Shared, key: &str) -> Result<ObjectEvents, StoreError> {
    let body = json!({
        "size": 0,
        "track_total_hits": true,
        "query": {"term": {"@log_s3key": key}},
        "aggs": {
            "first": {"min": {"field": "@timestamp"}},
            "last": {"max": {"field": "@timestamp"}},
        },
    });
    let answer = match shared.app.store.search("*", &body).await {
        Err(StoreError::NoSuchIndex(_)) => Value::Null,
        answer => answer?,
    };
    let time = |name: &str| {
        let ms = answer["aggregations"][name]["value"].as_f64()?;
        instant(ms as i64)
    };
    let total = answer.pointer("/hits/total/value").and_then(Value::as_u64);
    Ok(ObjectEvents {
        total: total.unwrap_or(0),
        first: time("first"),
        last: time("last"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_s3_are_understood() {
        for (text, expected) in [
            ("s3://logs/AWSLogs/x.gz", (Some("logs"), "AWSLogs/x.gz")),
            (" AWSLogs/x.gz\n", (None, "AWSLogs/x.gz")),
            ("s3://logs", (None, "s3://logs")),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn verdicts() {
        let route = |log_type: Option<&str>, ignored: Option<&str>| KeyRoute {
            log_type: log_type.map(str::to_owned),
            ignored: ignored.map(str::to_owned),
            ..KeyRoute::default()
        };
        let known = route(Some("waf"), None);
        let by_content = KeyRoute {
            by_content: true,
            ..KeyRoute::default()
        };
        let object = |status, documents, excluded, failed| LedgerItem {
            id: "1".to_owned(),
            bucket: String::new(),
            key: "x".to_owned(),
            size_bytes: 1,
            log_type: None,
            read: documents + excluded + failed,
            documents,
            drifted: 0,
            excluded: vec![ReasonCount {
                reason: "own_logs".to_owned(),
                count: excluded,
            }],
            failed,
            started: Timestamp::UNIX_EPOCH,
            finished: Timestamp::UNIX_EPOCH,
            status,
            status_reason: None,
        };
        let loaded = |documents, excluded, failed| {
            Some(object(ObjectStatus::Loaded, documents, excluded, failed))
        };
        for (route, object, events, expected) in [
            (known.clone(), None, 0, Verdict::NotRead),
            (by_content.clone(), None, 0, Verdict::NotRead),
            (by_content, loaded(5, 0, 0), 5, Verdict::Here),
            (route(None, Some("unknown")), None, 0, Verdict::NoLogType),
            (route(None, Some("key_ignored")), None, 0, Verdict::LeftOut),
            (
                known.clone(),
                Some(object(ObjectStatus::Ignored, 0, 0, 0)),
                0,
                Verdict::LeftOut,
            ),
            (
                known.clone(),
                Some(object(ObjectStatus::Failed, 3, 0, 0)),
                3,
                Verdict::Broken,
            ),
            (known.clone(), loaded(0, 0, 0), 0, Verdict::Empty),
            (known.clone(), loaded(0, 2, 0), 0, Verdict::AllExcluded),
            (known.clone(), loaded(0, 0, 2), 0, Verdict::AllFailed),
            (known.clone(), loaded(0, 1, 2), 0, Verdict::SomeMissing),
            (known.clone(), loaded(5, 0, 0), 0, Verdict::Gone),
            (known.clone(), loaded(5, 0, 1), 5, Verdict::SomeMissing),
            (known, loaded(5, 0, 0), 5, Verdict::Here),
        ] {
            assert_eq!(
                verdict(&route, object.as_ref(), events),
                expected,
                "{object:?}"
            );
        }
    }
}
