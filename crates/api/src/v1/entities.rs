//! Everything about one address, user, account or other entity, over all log types.

use std::collections::{BTreeMap, BTreeSet};
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

use super::fields::{ValueCount, values};
use crate::error::{ApiError, ErrorBody};
use crate::limits;
use crate::state::Shared;

/// Longest value of an entity, in bytes.
const MAX_VALUE_BYTES: usize = 2048;
/// Days that an entity's rarity is told against.
const BASELINE_DAYS: u32 = 30;
/// Bars of a lane, about.
const BARS: i64 = 48;
/// Log types with a lane.
const MAX_LANES: u32 = 50;
/// Values of each field an entity was seen with.
const SEEN_WITH: u32 = 8;

/// What is known of a kind of entity besides what the packs declare.
struct EntityKind {
    name: &'static str,
    /// Fields that hold it, in any log.
    fields: &'static [&'static str],
    /// Fields whose values tell what it was seen with.
    seen_with: &'static [&'static str],
}

const KINDS: &[EntityKind] = &[
    EntityKind {
        name: "ip",
        fields: &[
            "related.ip",
            "source.ip",
            "destination.ip",
            "client.ip",
            "server.ip",
        ],
        seen_with: &[
            "user.name",
            "cloud.account.id",
            "event.action",
            "user_agent.original",
            "destination.port",
            "url.domain",
            "source.ip",
            "destination.ip",
        ],
    },
    EntityKind {
        name: "user",
        fields: &["related.user", "user.name", "userIdentity.arn", "user.id"],
        seen_with: &[
            "source.ip",
            "source.geo.country_name",
            "cloud.account.id",
            "event.action",
            "errorCode",
            "user_agent.original",
        ],
    },
    EntityKind {
        name: "account",
        fields: &["cloud.account.id"],
        seen_with: &[
            "cloud.region",
            "user.name",
            "event.provider",
            "event.action",
            "source.ip",
            "event.severity",
        ],
    },
    EntityKind {
        name: "instance",
        fields: &[
            "cloud.instance.id",
            "related.hosts",
            "host.id",
            "interface_id",
        ],
        seen_with: &[
            "source.ip",
            "destination.ip",
            "destination.port",
            "event.action",
            "rule.name",
        ],
    },
    EntityKind {
        name: "accesskey",
        fields: &["userIdentity.accessKeyId"],
        seen_with: &[
            "source.ip",
            "cloud.region",
            "event.provider",
            "event.action",
            "user.name",
        ],
    },
    EntityKind {
        name: "domain",
        fields: &["url.domain", "dns.question.name", "destination.domain"],
        seen_with: &[
            "source.ip",
            "http.response.status_code",
            "source.geo.country_name",
            "url.path",
        ],
    },
    EntityKind {
        name: "bucket",
        fields: &["Bucket", "requestParameters.bucketName"],
        seen_with: &[
            "user.name",
            "event.action",
            "source.ip",
            "http.response.status_code",
        ],
    },
    EntityKind {
        name: "arn",
        fields: &["resources.ARN", "userIdentity.arn"],
        seen_with: &["user.name", "event.action", "source.ip"],
    },
];

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
    /// On how many of the days before now it was seen.
    pub rarity: Rarity,
    /// Where an address is.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub geo: Option<Value>,
    /// Whose network an address belongs to.
    #[serde(rename = "as")]
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub autonomous_system: Option<Value>,
    /// Entries of threat lists that name it.
    #[schema(value_type = Vec<BTreeMap<String, Value>>)]
    pub threats: Vec<Value>,
    /// Length of a bar of the lanes, in milliseconds.
    pub interval_ms: i64,
    /// Its activity by log type, the busiest first.
    pub lanes: Vec<Lane>,
    /// What it was seen with: the commonest values by field.
    pub seen_with: BTreeMap<String, Vec<ValueCount>>,
}

/// How often an entity was seen before.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rarity {
    /// Days with an event of it.
    pub seen_days: u32,
    /// Days looked at.
    pub baseline_days: u32,
}

/// An entity's events in one log type.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lane {
    /// Log type.
    pub log_type: String,
    /// Events in the window.
    pub total: u64,
    /// Events by bar, from the window's start; each bar is `interval_ms` long.
    pub bars: Vec<u64>,
    /// The same for the window of the same length before.
    pub before: Vec<u64>,
}

/// Everything about an entity.
#[utoipa::path(get, path = "/api/v1/entities/{type}/{value}", operation_id = "entity", tag = "entities",
    params(("type" = String, Path, description = "ip, user, account, instance, accesskey, domain, bucket or arn"),
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
    let known = KINDS.iter().find(|known| known.name == kind);
    let Some(known) = known else {
        let error = ApiError::new(StatusCode::NOT_FOUND, "no_such_entity_type");
        return Err(error.with("type", kind));
    };
    let window = Window::new(parameters)?;
    if value.is_empty() || value.len() > MAX_VALUE_BYTES {
        return Err(
            ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter").with(
                "message",
                format!("a value has 1 to {MAX_VALUE_BYTES} bytes"),
            ),
        );
    }
    let (answer, timing) = limits::engine(look(&shared, known, &value, window)).await;
    Ok((timing, Json(answer?)).into_response())
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
        let interval = (length / BARS).max(1000);
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

async fn look(
    shared: &Shared,
    kind: &EntityKind,
    value: &str,
    window: Window,
) -> Result<Entity, StoreError> {
    let known = match shared.fields("*").await {
        Err(StoreError::NoSuchIndex(_)) => Arc::default(),
        known => known?,
    };
    let declared = shared.app.log_types.iter();
    let declared = declared.filter_map(|log_type| log_type.entities.get(kind.name));
    let fields: BTreeSet<&str> = declared
        .flatten()
        .map(String::as_str)
        .chain(kind.fields.iter().copied())
        .filter(|field| known.contains(field))
        .collect();
    let query = entity_query(&fields, value);
    let seen_with = kind.seen_with.iter().copied();
    let seen_with: Vec<_> = seen_with.filter(|field| known.contains(field)).collect();
    let life = life_body(&query);
    let activity = activity_body(&query, window, &seen_with);
    let facts = facts_body(kind, value);
    let store = &shared.app.store;
    let (life, activity, facts) = tokio::join!(
        found(store.search("*", &life)),
        found(store.search("*", &activity)),
        async {
            match &facts {
                Some(body) => found(store.search("*", body)).await,
                None => Ok(Value::Null),
            }
        },
    );
    let (life, activity, facts) = (life?, activity?, facts?);
    let sides = &activity["aggregations"]["sides"]["buckets"];
    let count = |side: &str| sides[side]["doc_count"].as_u64().unwrap_or(0);
    let facts = read_facts(&facts, value);
    Ok(Entity {
        kind: kind.name.to_owned(),
        value: value.to_owned(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        first_seen: instant(&life["aggregations"]["first"]),
        last_seen: instant(&life["aggregations"]["last"]),
        total: life
            .pointer("/hits/total/value")
            .and_then(Value::as_u64)
            .unwrap_or(0),
        in_window: count("now"),
        before_window: count("before"),
        rarity: Rarity {
            seen_days: seen_days(&life),
            baseline_days: BASELINE_DAYS,
        },
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
                ((*field).to_owned(), values)
            })
            .filter(|(_, values)| !values.is_empty())
            .collect(),
    })
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

fn entity_query(fields: &BTreeSet<&str>, value: &str) -> Value {
    let terms: Vec<_> = fields
        .iter()
        .map(|field| json!({"term": {*field: value}}))
        .collect();
    match terms.is_empty() {
        true => json!({"match_none": {}}),
        false => json!({"bool": {"should": terms, "minimum_should_match": 1}}),
    }
}

/// First and last event, and the days of the last month with one.
fn life_body(query: &Value) -> Value {
    let month = json!({"range": {"@timestamp": {"gte": format!("now-{BASELINE_DAYS}d")}}});
    json!({
        "size": 0,
        "track_total_hits": true,
        "query": query,
        "aggs": {
            "first": {"min": {"field": "@timestamp"}},
            "last": {"max": {"field": "@timestamp"}},
            "month": {
                "filter": month,
                "aggs": {"days": {"date_histogram": {
                    "field": "@timestamp", "fixed_interval": "1d", "min_doc_count": 1,
                }}},
            },
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

#[derive(Default)]
struct Facts {
    geo: Option<Value>,
    autonomous_system: Option<Value>,
    threats: Vec<Value>,
}

fn read_facts(answer: &Value, value: &str) -> Facts {
    let mut facts = Facts::default();
    let hits = answer.pointer("/hits/hits").and_then(Value::as_array);
    for hit in hits.into_iter().flatten() {
        let source = &hit["_source"];
        // Documents hold this member under its dotted name.
        let threats = source.get("threat.enrichments").and_then(Value::as_array);
        for threat in threats.into_iter().flatten() {
            if facts.threats.len() < 20 && !facts.threats.contains(threat) {
                facts.threats.push(threat.clone());
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

fn seen_days(life: &Value) -> u32 {
    let days = life.pointer("/aggregations/month/days/buckets");
    let days = days.and_then(Value::as_array).map_or(0, Vec::len);
    u32::try_from(days).map_or(BASELINE_DAYS, |days| days.min(BASELINE_DAYS))
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
        lanes.push(Lane {
            log_type: name.clone(),
            total: now
                .as_ref()
                .and_then(|it| it["doc_count"].as_u64())
                .unwrap_or(0),
            bars: bars(now.as_ref(), window.from),
            before: bars(earlier.as_ref(), window.before().0),
        });
    }
    lanes
}
