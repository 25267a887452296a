//! How lively each log type is: its events by hour, and whether it has gone silent.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use yagura_store::StoreError;

use crate::state::Shared;

/// Hours looked back: a week and a day, so that today can be compared with a week ago.
pub(crate) const HOURS: usize = 8 * 24;
/// Milliseconds of an hour.
pub(crate) const HOUR_MS: i64 = 3_600_000;
/// Most log types counted; with their hours they stay within the buckets of one answer.
const MAX_LOG_TYPES: usize = 300;
/// Hours with events that are needed to tell what gap is usual.
const MIN_LIVELY_HOURS: usize = 4;
/// A source is silent after this many times its usual gap.
const SILENT_AFTER: i64 = 3;

/// What a log type did lately.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Activity {
    pub(crate) log_type: String,
    /// Its newest event that is not in the future.
    pub(crate) last_event_ms: Option<i64>,
    /// Events by hour; the last one ends now.
    pub(crate) hours: Vec<u64>,
    /// The gap between events that it hardly ever exceeds, if enough is known.
    pub(crate) usual_gap_ms: Option<i64>,
    /// There have been no events for three times the usual gap.
    pub(crate) is_silent: bool,
}

impl Activity {
    fn new(log_type: &str, last_event_ms: Option<i64>, hours: Vec<u64>, now_ms: i64) -> Self {
        let usual_gap_ms = usual_gap(&hours).map(|gap| gap * HOUR_MS);
        let is_silent = match (usual_gap_ms, last_event_ms) {
            (Some(gap), Some(last)) => now_ms - last > SILENT_AFTER * gap,
            _ => false,
        };
        Activity {
            log_type: log_type.to_owned(),
            last_event_ms,
            hours,
            usual_gap_ms,
            is_silent,
        }
    }

    /// Events of the last 24 hours.
    pub(crate) fn today(&self) -> u64 {
        self.part(HOURS - 24, HOURS).iter().sum()
    }

    /// The hours from one to another.
    pub(crate) fn part(&self, from: usize, to: usize) -> &[u64] {
        self.hours.get(from..to).unwrap_or_default()
    }
}

/// The gap in hours that 19 of 20 gaps between hours with events do not exceed.
fn usual_gap(hours: &[u64]) -> Option<i64> {
    let lively: Vec<usize> = (0..hours.len())
        .filter(|at| hours.get(*at).is_some_and(|count| *count > 0))
        .collect();
    if lively.len() < MIN_LIVELY_HOURS {
        return None;
    }
    let mut gaps: Vec<usize> = lively
        .windows(2)
        .filter_map(|pair| Some(pair.last()? - pair.first()?))
        .collect();
    gaps.sort_unstable();
    let at = (gaps.len() * 19).div_ceil(20).saturating_sub(1);
    gaps.get(at).and_then(|gap| i64::try_from(*gap).ok())
}

/// What all log types did lately, the known ones in their order and others behind them.
pub(crate) async fn activity(shared: &Shared, now_ms: i64) -> Result<Vec<Activity>, StoreError> {
    let answer = match shared.app.store.search("*", &body(now_ms)).await {
        Err(StoreError::NoSuchIndex(_)) => Value::Null,
        answer => answer?,
    };
    let mut found = read(&answer, now_ms);
    let mut ordered = Vec::new();
    for log_type in &shared.app.log_types {
        let known = found.remove(&log_type.id);
        let none = || Activity::new(&log_type.id, None, vec![0; HOURS], now_ms);
        ordered.push(known.unwrap_or_else(none));
    }
    let mut others: Vec<Activity> = found.into_values().collect();
    others.sort_by(|a, b| a.log_type.cmp(&b.log_type));
    ordered.extend(others);
    Ok(ordered)
}

fn body(now_ms: i64) -> Value {
    let until_now = json!({"lt": now_ms, "format": "epoch_millis"});
    let from = now_ms - HOURS as i64 * HOUR_MS;
    let lately = json!({"gte": from, "lt": now_ms, "format": "epoch_millis"});
    json!({
        "size": 0,
        "track_total_hits": false,
        "query": {"range": {"@timestamp": until_now}},
        "aggs": {"types": {
            "terms": {"field": "@log_type", "size": MAX_LOG_TYPES},
            "aggs": {
                "last": {"max": {"field": "@timestamp"}},
                "lately": {
                    "filter": {"range": {"@timestamp": lately}},
                    "aggs": {"hours": {"date_histogram": {
                        "field": "@timestamp",
                        "fixed_interval": "1h",
                        "offset": format!("{}ms", now_ms.rem_euclid(HOUR_MS)),
                        "min_doc_count": 1,
                    }}},
                },
            },
        }},
    })
}

fn read(answer: &Value, now_ms: i64) -> HashMap<String, Activity> {
    let from = now_ms - HOURS as i64 * HOUR_MS;
    let buckets = answer.pointer("/aggregations/types/buckets");
    let buckets = buckets.and_then(Value::as_array);
    let read = |bucket: &Value| {
        let name = bucket["key"].as_str()?;
        let last = bucket.pointer("/last/value").and_then(Value::as_f64);
        let mut hours = vec![0; HOURS];
        let bars = bucket.pointer("/lately/hours/buckets");
        for bar in bars.and_then(Value::as_array).into_iter().flatten() {
            let at = (bar["key"].as_i64()? - from).div_euclid(HOUR_MS);
            let hour = usize::try_from(at).ok().and_then(|at| hours.get_mut(at));
            if let Some(hour) = hour {
                *hour += bar["doc_count"].as_u64().unwrap_or(0);
            }
        }
        let activity = Activity::new(name, last.map(|ms| ms as i64), hours, now_ms);
        Some((name.to_owned(), activity))
    };
    buckets.into_iter().flatten().filter_map(read).collect()
}

/// An instant of the answers.
pub(crate) fn instant(ms: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(ms).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(lively: impl Iterator<Item = usize>) -> Vec<u64> {
        let mut hours = vec![0; HOURS];
        lively.for_each(|at| hours[at] = 1);
        hours
    }

    #[test]
    fn silence_is_told_by_what_is_usual() {
        let now = HOURS as i64 * HOUR_MS;
        let every = |step: usize, until: usize| hours((0..until).step_by(step));
        for (what, hours, silent_for_h, gap_h, expected) in [
            ("every hour, now", every(1, HOURS), 0, Some(1), false),
            (
                "every hour, 3 hours ago",
                every(1, HOURS - 3),
                3,
                Some(1),
                false,
            ),
            (
                "every hour, 4 hours ago",
                every(1, HOURS - 4),
                4,
                Some(1),
                true,
            ),
            (
                "daily, a day ago",
                every(24, HOURS - 24),
                24,
                Some(24),
                false,
            ),
            (
                "daily, 4 days ago",
                every(24, HOURS - 96),
                96,
                Some(24),
                true,
            ),
            ("hardly ever", hours([3, 90].into_iter()), 100, None, false),
            ("nothing", every(1, 0), 0, None, false),
        ] {
            let last = now - silent_for_h * HOUR_MS;
            let found = Activity::new("x", Some(last), hours, now);
            assert_eq!(
                (found.usual_gap_ms.map(|gap| gap / HOUR_MS), found.is_silent),
                (gap_h, expected),
                "{what}"
            );
        }
        let one_long_night = hours((0..60).chain(80..HOURS));
        assert_eq!(usual_gap(&one_long_night), Some(1));
    }

    #[test]
    fn hours_are_read_by_their_place() {
        let now = 1_795_234_421_583;
        let from = now - HOURS as i64 * HOUR_MS;
        let answer = json!({"aggregations": {"types": {"buckets": [{
            "key": "waf", "doc_count": 9, "last": {"value": now - 5},
            "lately": {"doc_count": 8, "hours": {"buckets": [
                {"key": from, "doc_count": 3},
                {"key": now - HOUR_MS, "doc_count": 5},
                {"key": now, "doc_count": 7},
            ]}},
        }]}}});
        let found = &read(&answer, now)["waf"];
        assert_eq!((found.hours[0], found.hours[HOURS - 1]), (3, 5));
        assert_eq!((found.today(), found.last_event_ms), (5, Some(now - 5)));
    }
}
