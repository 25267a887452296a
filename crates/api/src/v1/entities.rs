//! Everything about one address, user, account or other entity, over all log types.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};
use yagura_store::StoreError;
use yagura_store::language::FieldNames;

use yagura_history::{Days, History, Peers};

use super::entity_kinds::{EntityKind, entity_fields, kind, kind_of};
use super::fields::{ValueCount, values};
use crate::error::{ApiError, ErrorBody};
use crate::facts::EntityFacts;
use crate::limits;
use crate::state::Shared;

/// Longest value of an entity, in bytes.
pub(crate) const MAX_VALUE_BYTES: usize = 2048;
/// Days that an entity's rarity is told against.
const BASELINE_DAYS: u32 = 30;
/// Most bars of a lane.
const BARS: i64 = 32;
/// Lengths of a bar that people think in, in milliseconds; longer ones are whole weeks.
const BAR_LENGTHS: [i64; 14] = [
    1_000,
    5_000,
    15_000,
    60_000,
    5 * 60_000,
    15 * 60_000,
    30 * 60_000,
    3_600_000,
    3 * 3_600_000,
    6 * 3_600_000,
    12 * 3_600_000,
    DAY_MS,
    3 * DAY_MS,
    7 * DAY_MS,
];
/// Log types with a lane.
const MAX_LANES: u32 = 50;
/// Values of each field an entity was seen with.
const SEEN_WITH: u32 = 8;
/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Which time of an entity's life to show.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntityParameters {
    /// First millisecond, since the epoch.
    from: i64,
    /// One past the last millisecond.
    to: i64,
}

/// What is known of an entity.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entity {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its value.
    pub value: String,
    /// Fields it is looked for in.
    pub fields: Vec<String>,
    /// Its first event of all.
    pub first_seen: Option<Timestamp>,
    /// Its last event of all.
    pub last_seen: Option<Timestamp>,
    /// Its events of all time.
    pub total: u64,
    /// Its events in the window.
    pub in_window: u64,
    /// Its events in the window of the same length before.
    pub before_window: u64,
    /// Events of the window whose outcome is a failure.
    pub failed: u64,
    /// Events of the window that tell their outcome.
    pub with_outcome: u64,
    /// How usual it is.
    pub rarity: Rarity,
    /// Where an address is.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub geo: Option<Value>,
    /// Whose network an address belongs to.
    #[serde(rename = "as")]
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub autonomous_system: Option<Value>,
    /// Entries of threat lists that name it, of the lists as they are now and as they were when its
    /// latest events were loaded.
    #[schema(value_type = Vec<BTreeMap<String, Value>>)]
    pub threats: Vec<Value>,
    /// Length of a bar of the lanes, in milliseconds.
    pub interval_ms: i64,
    /// Its activity by log type, the busiest first.
    pub lanes: Vec<Lane>,
    /// What it was seen with in the window, the most telling field first.
    pub seen_with: Vec<SeenWith>,
}

/// How usual an entity is, from the daily roll-up, which follows the events within seconds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rarity {
    /// Days of the baseline with an event of it.
    pub seen_days: u64,
    /// Days looked at, today included: 30, or fewer if no log reaches back that far.
    pub baseline_days: u64,
    /// Its events on each day of the baseline, oldest first.
    pub days: Vec<u64>,
    /// Entities of its type that were seen in the baseline.
    pub peers: u64,
    /// Those that were seen on more days than this one.
    pub peers_on_more_days: u64,
    /// There are too many different values to keep all of them: days may be missing.
    pub is_cut: bool,
}

/// The commonest values of a field in an entity's events.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeenWith {
    /// Field.
    pub field: String,
    /// Type of entity that its values are.
    pub kind: Option<&'static str>,
    /// Values with their numbers of events.
    pub values: Vec<ValueCount>,
}

/// An entity's events in one log type.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lane {
    /// Log type.
    pub log_type: String,
    /// Events in the window.
    pub total: u64,
    /// Events in the window of the same length before.
    pub before_total: u64,
    /// Events by bar, from the window's start; each bar is `interval_ms` long.
    pub bars: Vec<u64>,
    /// The same for the window of the same length before.
    pub before: Vec<u64>,
}

/// Everything about an entity.
#[utoipa::path(get, path = "/api/v1/entities/{type}/{value}", operation_id = "entity", tag = "entities",
    params(("type" = String, Path, description = "ip, user, account, instance, accesskey, domain, bucket, arn, host, country, asn or action"),
        ("value" = String, Path, description = "Value"), EntityParameters),
    responses(
        (status = 200, description = "What is known of it", body = Entity),
        (status = 400, description = "The request is wrong", body = ErrorBody),
        (status = 404, description = "There is no such type of entity", body = ErrorBody)))]
pub(crate) async fn single(
    State(shared): State<Arc<Shared>>,
    Path((kind, value)): Path<(String, String)>,
    parameters: Result<Query<EntityParameters>, QueryRejection>,
) -> Result<Response, ApiError> {
    let parameters = super::parameters(parameters)?;
    let known = known_kind(&kind)?;
    let window = Window::new(parameters)?;
    check_value(&value)?;
    let (answer, timing) = limits::engine(look(&shared, known, &value, window)).await;
    Ok((timing, Json(answer?)).into_response())
}

/// The kind of this name, or the error that there is none.
pub(crate) fn known_kind(name: &str) -> Result<&'static EntityKind, ApiError> {
    kind(name).ok_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, "no_such_entity_type").with("type", name)
    })
}

/// Refuses values no event can have.
pub(crate) fn check_value(value: &str) -> Result<(), ApiError> {
    if !value.is_empty() && value.len() <= MAX_VALUE_BYTES {
        return Ok(());
    }
    let error = ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter");
    Err(error.with(
        "message",
        format!("a value has 1 to {MAX_VALUE_BYTES} bytes"),
    ))
}

/// A window of time and the bars it is shown in.
#[derive(Debug, Clone, Copy)]
struct Window {
    from: i64,
    to: i64,
    interval: i64,
    bars: usize,
}

impl Window {
    fn new(parameters: EntityParameters) -> Result<Window, ApiError> {
        let EntityParameters { from, to } = parameters;
        let length = to.checked_sub(from).filter(|length| *length > 0);
        let length = length.ok_or_else(|| {
            ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter")
                .with("message", "`to` must be later than `from`")
        })?;
        let interval = bar_length(length);
        let bars = usize::try_from((length + interval - 1) / interval).unwrap_or(0);
        Ok(Window {
            from,
            to,
            interval,
            bars,
        })
    }

    fn before(self) -> (i64, i64) {
        (self.from.saturating_sub(self.to - self.from), self.from)
    }
}

/// The shortest length of a bar of which few enough fill a window.
fn bar_length(length: i64) -> i64 {
    let weeks = (length / BARS / (7 * DAY_MS) + 1) * 7 * DAY_MS;
    let fits = |bar: &i64| length <= bar.saturating_mul(BARS);
    BAR_LENGTHS.into_iter().find(fits).unwrap_or(weeks)
}

async fn look(
    shared: &Shared,
    kind: &'static EntityKind,
    value: &str,
    window: Window,
) -> Result<Entity, ApiError> {
    let known = match shared.fields("*").await {
        Err(StoreError::NoSuchIndex(_)) => Arc::default(),
        known => known?,
    };
    let log_types = &shared.app.log_types;
    let fields: Vec<String> = entity_fields(log_types)
        .remove(kind.name)
        .unwrap_or_default()
        .into_iter()
        .filter(|field| known.contains(field))
        .collect();
    let query = entity_query(&fields, value);
    let seen_with = kind.seen_with.iter().copied();
    let seen_with: Vec<_> = seen_with.filter(|field| known.contains(field)).collect();
    let life = life_body(&query);
    let activity = activity_body(&query, window, &seen_with);
    let facts = facts_body(kind, value);
    let store = &shared.app.store;
    let (life, activity, facts, rarity) = tokio::join!(
        found(store.search("*", &life)),
        found(store.search("*", &activity)),
        async {
            match &facts {
                Some(body) => found(store.search("*", body)).await,
                None => Ok(Value::Null),
            }
        },
        rarity(shared, kind.name, value),
    );
    let (life, activity, facts, rarity) = (life?, activity?, facts?, rarity?);
    let sides = &activity["aggregations"]["sides"]["buckets"];
    let count = |side: &str| sides[side]["doc_count"].as_u64().unwrap_or(0);
    let outcome = |name: &str| {
        let outcomes = &sides["now"]["outcomes"]["buckets"];
        outcomes[name]["doc_count"].as_u64().unwrap_or(0)
    };
    let mut facts = read_facts(&facts, value);
    facts.prefer(shared.app.facts.look_up(kind.name, value));
    Ok(Entity {
        kind: kind.name.to_owned(),
        value: value.to_owned(),
        fields,
        first_seen: instant(&life["aggregations"]["first"]),
        last_seen: instant(&life["aggregations"]["last"]),
        total: life
            .pointer("/hits/total/value")
            .and_then(Value::as_u64)
            .unwrap_or(0),
        in_window: count("now"),
        before_window: count("before"),
        failed: outcome("failure"),
        with_outcome: outcome("any"),
        rarity,
        geo: facts.geo,
        autonomous_system: facts.autonomous_system,
        threats: facts.threats,
        interval_ms: window.interval,
        lanes: lanes(sides, window),
        seen_with: seen_with
            .iter()
            .enumerate()
            .map(|(at, field)| {
                let mut values = values(&sides["now"][format!("w{at}")]);
                values.retain(|found| found.v.as_str() != Some(value));
                SeenWith {
                    field: (*field).to_owned(),
                    kind: kind_of(field, log_types),
                    values,
                }
            })
            .filter(|seen| !seen.values.is_empty())
            .collect(),
    })
}

/// The days of an entity, and how many others of its kind were seen how often.
async fn rarity(shared: &Shared, kind: &'static str, value: &str) -> Result<Rarity, ApiError> {
    let today = Timestamp::now().as_millisecond().div_euclid(DAY_MS);
    let from_day = today - i64::from(BASELINE_DAYS) + 1;
    let peers = shared.peers(kind, from_day).await?;
    let value = value.to_owned();
    let ask = move |history: &History| history.days(kind, &value, from_day);
    let days = shared.history(ask).await?;
    Ok(describe_days(&days, &peers, from_day, today))
}

fn describe_days(days: &Days, peers: &Peers, from_day: i64, today: i64) -> Rarity {
    let from_day = days.covered_from.unwrap_or(today).clamp(from_day, today);
    let mut counts = vec![0; usize::try_from(today - from_day + 1).unwrap_or(0)];
    for day in &days.days {
        let at = usize::try_from(day.day - from_day).ok();
        if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
            *count = day.count;
        }
    }
    let seen_days = counts.iter().filter(|count| **count > 0).count() as u64;
    Rarity {
        seen_days,
        baseline_days: counts.len() as u64,
        days: counts,
        peers: peers.total(),
        peers_on_more_days: peers.on_more_days(seen_days),
        is_cut: days.is_cut,
    }
}

/// An index that is not there yet holds nothing.
async fn found(
    answer: impl Future<Output = Result<Value, StoreError>>,
) -> Result<Value, StoreError> {
    match answer.await {
        Err(StoreError::NoSuchIndex(_)) => Ok(Value::Null),
        answer => answer,
    }
}

/// A search for an entity in any of the fields that hold it.
pub(crate) fn entity_query(fields: &[String], value: &str) -> Value {
    let terms: Vec<_> = fields
        .iter()
        .map(|field| json!({"term": {field: value}}))
        .collect();
    match terms.is_empty() {
        true => json!({"match_none": {}}),
        false => json!({"bool": {"should": terms, "minimum_should_match": 1}}),
    }
}

/// First and last event, and how many there are.
fn life_body(query: &Value) -> Value {
    json!({
        "size": 0,
        "track_total_hits": true,
        "query": query,
        "aggs": {
            "first": {"min": {"field": "@timestamp"}},
            "last": {"max": {"field": "@timestamp"}},
        },
    })
}

/// Lanes and companions in the window, and lanes of the window before.
fn activity_body(query: &Value, window: Window, seen_with: &[&str]) -> Value {
    let range = |from: i64, to: i64| {
        let bounds = json!({"gte": from, "lt": to, "format": "epoch_millis"});
        json!({"range": {"@timestamp": bounds}})
    };
    let (before_from, before_to) = window.before();
    let mut aggs: Map<_, _> = seen_with
        .iter()
        .enumerate()
        .map(|(at, field)| {
            let terms = json!({"terms": {"field": field, "size": SEEN_WITH}});
            (format!("w{at}"), terms)
        })
        .collect();
    aggs.insert(
        "outcomes".to_owned(),
        json!({"filters": {"filters": {
            "failure": {"term": {"event.outcome": "failure"}},
            "any": {"exists": {"field": "event.outcome"}},
        }}}),
    );
    aggs.insert(
        "lanes".to_owned(),
        json!({
            "terms": {"field": "@log_type", "size": MAX_LANES},
            "aggs": {"bars": {"date_histogram": {
                "field": "@timestamp",
                "fixed_interval": format!("{}ms", window.interval),
                "offset": format!("{}ms", window.from.rem_euclid(window.interval)),
                "min_doc_count": 1,
            }}},
        }),
    );
    json!({
        "size": 0,
        "track_total_hits": false,
        "query": {"bool": {"filter": [query, range(before_from, window.to)]}},
        "aggs": {"sides": {
            "filters": {"filters": {
                "now": range(window.from, window.to),
                "before": range(before_from, before_to),
            }},
            "aggs": aggs,
        }},
    })
}

/// The newest events that tell where an address is, and what threat lists say of it.
fn facts_body(kind: &EntityKind, value: &str) -> Option<Value> {
    if kind.name != "ip" && kind.name != "domain" {
        return None;
    }
    let fields: &[&str] = match kind.name {
        "ip" => &["source.ip", "destination.ip"],
        _ => kind.fields,
    };
    let terms: Vec<_> = fields
        .iter()
        .map(|field| json!({"term": {*field: value}}))
        .collect();
    Some(json!({
        "size": 20,
        "track_total_hits": false,
        "query": {"bool": {"should": terms, "minimum_should_match": 1}},
        "sort": [{"@timestamp": "desc"}],
        "_source": ["source.ip", "source.geo", "source.as", "destination.ip", "destination.geo",
            "destination.as", "threat.enrichments"],
    }))
}

fn read_facts(answer: &Value, value: &str) -> EntityFacts {
    let mut facts = EntityFacts::default();
    let hits = answer.pointer("/hits/hits").and_then(Value::as_array);
    for hit in hits.into_iter().flatten() {
        let source = &hit["_source"];
        // Documents hold this member under its dotted name.
        let threats = source.get("threat.enrichments").and_then(Value::as_array);
        for threat in threats.into_iter().flatten() {
            // An event is also marked for others than the entity asked for.
            let names_it = |path: &str| threat.pointer(path).and_then(Value::as_str) == Some(value);
            if names_it("/indicator/ip") || names_it("/matched/atomic") {
                facts.add_threat(threat.clone());
            }
        }
        for side in ["source", "destination"] {
            let side = &source[side];
            if side["ip"].as_str() != Some(value) {
                continue;
            }
            let keep = |slot: &mut Option<Value>, found: &Value| {
                if slot.is_none() && found.is_object() {
                    *slot = Some(found.clone());
                }
            };
            keep(&mut facts.geo, &side["geo"]);
            keep(&mut facts.autonomous_system, &side["as"]);
        }
    }
    facts
}

fn instant(metric: &Value) -> Option<Timestamp> {
    let millis = metric["value"].as_f64()?;
    Timestamp::from_millisecond(millis as i64).ok()
}

fn lanes(sides: &Value, window: Window) -> Vec<Lane> {
    let by_type = |side: &str| {
        let buckets = sides[side]["lanes"]["buckets"].as_array();
        let lanes = buckets.into_iter().flatten().filter_map(|bucket| {
            let name = bucket["key"].as_str()?.to_owned();
            Some((name, bucket.clone()))
        });
        lanes.collect::<Vec<_>>()
    };
    let bars = |bucket: Option<&Value>, from: i64| {
        let mut bars = vec![0; window.bars];
        let found = bucket.and_then(|bucket| bucket["bars"]["buckets"].as_array());
        for bar in found.into_iter().flatten() {
            let (Some(at), Some(count)) = (bar["key"].as_i64(), bar["doc_count"].as_u64()) else {
                continue;
            };
            // The first bar may begin before the window.
            let at = usize::try_from((at - from).div_euclid(window.interval).max(0));
            if let Some(bar) = at.ok().and_then(|at| bars.get_mut(at)) {
                *bar += count;
            }
        }
        bars
    };
    let (now, before) = (by_type("now"), by_type("before"));
    let names: Vec<&String> = now.iter().chain(&before).map(|(name, _)| name).collect();
    let mut lanes: Vec<Lane> = Vec::new();
    for name in names {
        if lanes.iter().any(|lane| lane.log_type == *name) {
            continue;
        }
        let find = |side: &'_ [(String, Value)]| {
            let found = side.iter().find(|(known, _)| known == name);
            found.map(|(_, bucket)| bucket.clone())
        };
        let (now, earlier) = (find(&now), find(&before));
        let total = |bucket: &Option<Value>| {
            let bucket = bucket.as_ref();
            bucket.and_then(|it| it["doc_count"].as_u64()).unwrap_or(0)
        };
        lanes.push(Lane {
            log_type: name.clone(),
            total: total(&now),
            before_total: total(&earlier),
            bars: bars(now.as_ref(), window.from),
            before: bars(earlier.as_ref(), window.before().0),
        });
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_lengths_that_people_think_in() {
        let hour = 3_600_000;
        for (length, expected) in [
            (1, 1_000),
            (hour, 5 * 60_000),
            (24 * hour, hour),
            (7 * DAY_MS, 6 * hour),
            (30 * DAY_MS, DAY_MS),
            (90 * DAY_MS, 3 * DAY_MS),
            (365 * DAY_MS, 14 * DAY_MS),
        ] {
            let found = bar_length(length);
            assert_eq!(found, expected, "{length}");
            assert!(length <= found * BARS, "{length}");
        }
        assert!(bar_length(i64::MAX / 2) > 0);
    }
}
