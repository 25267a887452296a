//! How each source is doing: events, lag, bytes, failures, silence.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use utoipa::ToSchema;
use yagura_store::Store;

use super::activity::{Activity, HOUR_MS, HOURS, activity, instant};
use crate::error::{ApiError, ErrorBody};
use crate::ledger_view::LogTypeSums;
use crate::limits;
use crate::state::Shared;

/// Events of a log type that its lag is told by.
const LAG_EVENTS: usize = 200;
/// Log types whose latest events are fetched at the same time.
const AT_ONCE: usize = 4;
/// Hours of a week.
const WEEK: usize = 7 * 24;

/// All sources.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sources {
    /// The time that everything is told for.
    pub now: Timestamp,
    /// Log types with events or objects, in the order of log types.
    pub items: Vec<Source>,
    /// Log types that nothing has come for yet.
    pub unused: Vec<String>,
    /// Objects that no log type takes, or that were left out as a whole.
    pub ignored_objects: u64,
}

/// How a log type is doing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Source {
    /// Log type.
    pub log_type: String,
    /// Its indices.
    pub index: Option<String>,
    /// How it is.
    pub state: SourceState,
    /// Its newest event.
    pub last_event: Option<Timestamp>,
    /// When its last object was read.
    pub last_object: Option<Timestamp>,
    /// The gap between events that it hardly ever exceeds, in milliseconds, if enough is known.
    pub usual_gap_ms: Option<i64>,
    /// How late its latest events came.
    pub lag: Option<Lag>,
    /// Events of the last hour, by minute.
    pub per_minute: f64,
    /// Events of the last 24 hours.
    pub events_24h: u64,
    /// Events of the last seven days by hour; the last hour ends now.
    pub week: Vec<u64>,
    /// What was read of it.
    pub sums: Option<LogTypeSums>,
}

/// How a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Events come as usual, or too little is known to tell.
    Good,
    /// There have been no events for three times the usual gap.
    Silent,
    /// Records became dead letters, or objects could not be read to their end.
    Failing,
}

/// The time from an event to its loading, over the latest events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Lag {
    /// Events that were looked at.
    pub events: u64,
    /// Median, in milliseconds.
    pub p50_ms: i64,
    /// 95th percentile, in milliseconds.
    pub p95_ms: i64,
}

/// How each source is doing.
#[utoipa::path(get, path = "/api/v1/sources", operation_id = "sources", tag = "sources", responses(
    (status = 200, description = "Sources", body = Sources),
    (status = 401, description = "Not signed in", body = ErrorBody)))]
pub(crate) async fn list(State(shared): State<Arc<Shared>>) -> Result<Response, ApiError> {
    let (answer, timing) = limits::engine(look(&shared)).await;
    Ok((timing, Json(answer?)).into_response())
}

async fn look(shared: &Shared) -> Result<Sources, ApiError> {
    let now = Timestamp::now();
    let now_ms = now.as_millisecond();
    let day_ago = now_ms - 24 * HOUR_MS;
    let (activity, sums) = tokio::join!(
        activity(shared, now_ms),
        shared.app.ledger.log_types(day_ago),
    );
    let (activity, sums) = (activity?, sums?);
    let mut sums: HashMap<String, LogTypeSums> = sums
        .into_iter()
        .map(|sums| (sums.log_type.clone(), sums))
        .collect();
    // Objects that lead to no log type are booked under no name.
    let ignored_objects = sums.remove("").map_or(0, |sums| sums.objects);
    let lively = activity.iter().filter(|it| it.last_event_ms.is_some());
    let mut lags = lags(shared, lively, now_ms).await;
    let (mut items, mut unused) = (Vec::new(), Vec::new());
    for activity in activity {
        let sums = sums.remove(&activity.log_type);
        if activity.last_event_ms.is_none() && sums.is_none() {
            unused.push(activity.log_type);
            continue;
        }
        let mut info = shared.app.log_types.iter();
        let info = info.find(|info| info.id == activity.log_type);
        let index = info.map(|info| info.index.clone());
        let lag = lags.remove(&activity.log_type);
        items.push(source(activity, index, sums, lag));
    }
    for (log_type, sums) in sums {
        let none = Activity {
            log_type,
            last_event_ms: None,
            hours: vec![0; HOURS],
            usual_gap_ms: None,
            is_silent: false,
        };
        items.push(source(none, None, Some(sums), None));
    }
    Ok(Sources {
        now,
        items,
        unused,
        ignored_objects,
    })
}

fn source(
    activity: Activity,
    index: Option<String>,
    sums: Option<LogTypeSums>,
    lag: Option<Lag>,
) -> Source {
    let is_failing = sums
        .as_ref()
        .is_some_and(|sums| sums.dead_letters > 0 || sums.failed_objects > 0);
    let last_hour = activity.hours.last().copied().unwrap_or(0);
    Source {
        state: match (activity.is_silent, is_failing) {
            (true, _) => SourceState::Silent,
            (false, true) => SourceState::Failing,
            (false, false) => SourceState::Good,
        },
        last_event: activity.last_event_ms.and_then(instant),
        last_object: sums.as_ref().and_then(|sums| sums.last_object),
        usual_gap_ms: activity.usual_gap_ms,
        lag,
        per_minute: (last_hour as f64 / 6.0).round() / 10.0,
        events_24h: activity.today(),
        week: activity.part(HOURS - WEEK, HOURS).to_vec(),
        log_type: activity.log_type,
        index,
        sums,
    }
}

/// How late the latest events of each log type came.
async fn lags(
    shared: &Shared,
    activity: impl Iterator<Item = &Activity>,
    now_ms: i64,
) -> HashMap<String, Lag> {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut asked = JoinSet::new();
    for activity in activity {
        let (store, slots) = (Arc::clone(&shared.app.store), Arc::clone(&slots));
        let log_type = activity.log_type.clone();
        // The store looks at no more than the days that hold the latest events.
        let last = activity.last_event_ms.unwrap_or(now_ms);
        asked.spawn(async move {
            let _slot = slots.acquire_owned().await;
            let lag = lag(store.as_ref(), &log_type, last).await;
            (log_type, lag)
        });
    }
    let mut lags = HashMap::new();
    while let Some(answer) = asked.join_next().await {
        if let Ok((log_type, Some(lag))) = answer {
            lags.insert(log_type, lag);
        }
    }
    lags
}

async fn lag(store: &dyn Store, log_type: &str, last_ms: i64) -> Option<Lag> {
    let window = json!({"gte": last_ms - 24 * HOUR_MS, "lte": last_ms, "format": "epoch_millis"});
    let body = json!({
        "size": LAG_EVENTS,
        "track_total_hits": false,
        "_source": false,
        "fields": ["@timestamp", "event.ingested"],
        "query": {"bool": {"filter": [
            {"term": {"@log_type": log_type}},
            {"range": {"@timestamp": window}},
        ]}},
        "sort": [{"@timestamp": "desc"}],
    });
    let answer = store.search("*", &body).await;
    let answer = answer
        .inspect_err(|error| tracing::warn!(%error, log_type, "cannot tell the lag"))
        .ok()?;
    percentiles(&answer)
}

fn percentiles(answer: &Value) -> Option<Lag> {
    let instant = |hit: &Value, field: &str| {
        let text = hit["fields"][field].get(0)?.as_str()?;
        let instant: Timestamp = text.parse().ok()?;
        Some(instant.as_millisecond())
    };
    let hits = answer.pointer("/hits/hits")?.as_array()?;
    let mut lags: Vec<i64> = hits
        .iter()
        .filter_map(|hit| {
            let lag = instant(hit, "event.ingested")? - instant(hit, "@timestamp")?;
            // A clock that is ahead makes no event early.
            Some(lag.max(0))
        })
        .collect();
    lags.sort_unstable();
    let at = |percent: usize| {
        let rank = (lags.len() * percent).div_ceil(100).saturating_sub(1);
        lags.get(rank).copied()
    };
    Some(Lag {
        events: lags.len() as u64,
        p50_ms: at(50)?,
        p95_ms: at(95)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_is_told_by_percentiles() {
        let hit = |seconds: i64| {
            let ingested = Timestamp::from_second(1_000 + seconds).unwrap();
            json!({"fields": {"@timestamp": ["1970-01-01T00:16:40Z"], "event.ingested": [ingested.to_string()]}})
        };
        let hits: Vec<Value> = (1..=100).rev().map(hit).collect();
        let found = percentiles(&json!({"hits": {"hits": hits}})).unwrap();
        assert_eq!(
            (found.events, found.p50_ms, found.p95_ms),
            (100, 50_000, 95_000)
        );
        let odd = json!([hit(-5), {"fields": {}}, {"fields": {"@timestamp": [7]}}]);
        let found = percentiles(&json!({"hits": {"hits": odd}})).unwrap();
        assert_eq!((found.events, found.p50_ms), (1, 0));
        assert_eq!(percentiles(&json!({"hits": {"hits": []}})), None);
    }
}
