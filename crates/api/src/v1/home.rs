//! What needs attention now: volumes, silent sources, newcomers, threat list matches.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use yagura_history::History;
use yagura_store::StoreError;
use yagura_store::language::FieldNames;

use super::activity::{Activity, HOUR_MS, HOURS, activity, instant};
use super::entities::DAY_MS;
use super::fields::{ValueCount, values};
use crate::error::{ApiError, ErrorBody};
use crate::limits;
use crate::state::Shared;

/// Hours of a day.
const DAY: usize = 24;
/// Hours of a week.
const WEEK: usize = 7 * DAY;
/// Newcomers shown of each kind.
const NEWCOMERS: usize = 8;
/// Indicators shown.
const INDICATORS: u32 = 8;
/// Nothing is called new until the logs reach back this many days.
const MIN_BASELINE_DAYS: u64 = 2;
/// Kinds of entities whose newcomers are shown.
const NEW_KINDS: [&str; 4] = ["country", "asn", "user", "action"];
/// Field with the indicators that events matched.
const INDICATOR_FIELD: &str = "threat.matched.indicators";

/// What needs attention now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Home {
    /// The time that everything is told for.
    pub now: Timestamp,
    /// Log types with events in the last 24 hours or in the same hours a week ago.
    pub volume: Vec<Volume>,
    /// Log types that have gone silent.
    pub silent: Vec<SilentSource>,
    /// Entities whose first event was in the last 24 hours.
    pub newcomers: Vec<Newcomers>,
    /// Days the logs reach back; with fewer than 2, everything would be new, and `newcomers` is empty.
    pub baseline_days: u64,
    /// Events of the last 24 hours that match a threat list.
    pub threats: Threats,
}

/// How much a log type brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct Volume {
    /// Log type.
    pub log_type: String,
    /// Events of the last 24 hours.
    pub total: u64,
    /// Events of the same hours a week ago.
    pub before_total: u64,
    /// Events of the last 24 hours by hour; the last hour ends now.
    pub bars: Vec<u64>,
    /// The same for a week ago.
    pub before: Vec<u64>,
}

/// A log type without events for three times its usual gap.
#[derive(Debug, Serialize, ToSchema)]
pub struct SilentSource {
    /// Log type.
    pub log_type: String,
    /// Its newest event.
    pub last_event: Option<Timestamp>,
    /// The gap between events that it hardly ever exceeds, in milliseconds.
    pub usual_gap_ms: i64,
}

/// Entities of one kind that are new.
#[derive(Debug, Serialize, ToSchema)]
pub struct Newcomers {
    /// Type of entity.
    pub kind: &'static str,
    /// How many there are.
    pub total: u64,
    /// The most frequent of them.
    pub items: Vec<NewEntity>,
}

/// An entity that is new.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewEntity {
    /// Value.
    pub value: String,
    /// Its first event.
    pub first_seen: Option<Timestamp>,
    /// Its events.
    pub count: u64,
    /// Log types it was seen in.
    pub log_types: Vec<String>,
}

/// Events that match a threat list.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Threats {
    /// How many there are.
    pub total: u64,
    /// The commonest indicators: addresses and domains.
    pub indicators: Vec<ValueCount>,
}

/// What needs attention now.
#[utoipa::path(get, path = "/api/v1/home", operation_id = "home", tag = "home", responses(
    (status = 200, description = "What needs attention", body = Home),
    (status = 401, description = "Not signed in", body = ErrorBody)))]
pub(crate) async fn summary(State(shared): State<Arc<Shared>>) -> Result<Response, ApiError> {
    let (answer, timing) = limits::engine(look(&shared)).await;
    Ok((timing, Json(answer?)).into_response())
}

async fn look(shared: &Shared) -> Result<Home, ApiError> {
    let now = Timestamp::now();
    let now_ms = now.as_millisecond();
    let since_ms = now_ms - DAY as i64 * HOUR_MS;
    let (activity, threats, newcomers) = tokio::join!(
        activity(shared, now_ms),
        threats(shared, since_ms, now_ms),
        newcomers(shared, since_ms),
    );
    let (activity, (newcomers, baseline_days)) = (activity?, newcomers?);
    Ok(Home {
        now,
        volume: activity.iter().filter_map(volume).collect(),
        silent: activity.iter().filter_map(silent).collect(),
        newcomers,
        baseline_days,
        threats: threats?,
    })
}

fn volume(activity: &Activity) -> Option<Volume> {
    let bars = activity.part(HOURS - DAY, HOURS).to_vec();
    let before = activity.part(HOURS - DAY - WEEK, HOURS - WEEK).to_vec();
    let (total, before_total) = (bars.iter().sum(), before.iter().sum());
    (total > 0 || before_total > 0).then(|| Volume {
        log_type: activity.log_type.clone(),
        total,
        before_total,
        bars,
        before,
    })
}

fn silent(activity: &Activity) -> Option<SilentSource> {
    let usual_gap_ms = activity.usual_gap_ms.filter(|_| activity.is_silent)?;
    Some(SilentSource {
        log_type: activity.log_type.clone(),
        last_event: activity.last_event_ms.and_then(instant),
        usual_gap_ms,
    })
}

async fn newcomers(shared: &Shared, since_ms: i64) -> Result<(Vec<Newcomers>, u64), ApiError> {
    let today = (since_ms + DAY_MS).div_euclid(DAY_MS);
    let ask = move |history: &History| {
        let covered_from = history.covered_from()?.unwrap_or(today);
        let baseline_days = today.saturating_sub(covered_from).max(0).unsigned_abs();
        let mut kinds = Vec::new();
        if baseline_days >= MIN_BASELINE_DAYS {
            for kind in NEW_KINDS {
                let (found, total) = history.newcomers(kind, since_ms, NEWCOMERS)?;
                let items = found.into_iter().map(|found| NewEntity {
                    value: found.value,
                    first_seen: instant(found.first_ms),
                    count: found.count,
                    log_types: found.log_types,
                });
                kinds.push(Newcomers {
                    kind,
                    total,
                    items: items.collect(),
                });
            }
        }
        Ok((kinds, baseline_days))
    };
    shared.history(ask).await
}

async fn threats(shared: &Shared, from_ms: i64, to_ms: i64) -> Result<Threats, StoreError> {
    let known = match shared.fields("*").await {
        Err(StoreError::NoSuchIndex(_)) => return Ok(Threats::default()),
        known => known?,
    };
    if !known.contains(INDICATOR_FIELD) {
        return Ok(Threats::default());
    }
    let window = json!({"gte": from_ms, "lt": to_ms, "format": "epoch_millis"});
    let body = json!({
        "size": 0,
        "track_total_hits": true,
        "query": {"bool": {"filter": [
            {"exists": {"field": INDICATOR_FIELD}},
            {"range": {"@timestamp": window}},
        ]}},
        "aggs": {"indicators": {"terms": {"field": INDICATOR_FIELD, "size": INDICATORS}}},
    });
    let answer = shared.app.store.search("*", &body).await?;
    let total = answer.pointer("/hits/total/value").and_then(Value::as_u64);
    Ok(Threats {
        total: total.unwrap_or(0),
        indicators: values(&answer["aggregations"]["indicators"]),
    })
}
