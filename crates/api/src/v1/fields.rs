//! What fields hold: statistics over all matches, and values that make a time window special.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use yagura_store::StoreError;

use crate::error::{ApiError, ErrorBody};
use crate::limits;
use crate::state::Shared;

/// Most fields of one request.
const MAX_FIELDS: usize = 50;
/// Most values of one field in an answer.
const MAX_VALUES: u32 = 100;
/// Most values in the explanation of a window.
const MAX_EXPLANATIONS: usize = 50;
/// Values of each field that are compared inside and outside of a window.
const COMPARED_VALUES: u32 = 20;
/// What a value's share inside the window must exceed its share outside by.
const MIN_LIFT: f64 = 1.5;

/// Which fields of which events to describe.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatsRequest {
    /// Index names, comma-separated, with `*`.
    index: String,
    /// Query DSL; everything if absent.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    query: Option<Value>,
    /// Names of fields, at most 50.
    fields: Vec<String>,
    /// Commonest values wanted of each, 10 if absent, at most 100.
    top: Option<u32>,
    /// Whether the rarest values are wanted too.
    #[serde(default)]
    rare: bool,
}

/// What the fields of all matching events hold.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct StatsAnswer {
    /// Events that match.
    pub total: u64,
    /// By name; a field that no index has is left out.
    pub fields: BTreeMap<String, FieldStats>,
}

/// What a field holds.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct FieldStats {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Events that have the field.
    pub count: u64,
    /// Events that lack it.
    pub missing: u64,
    /// Distinct values; absent for fields whose values are not counted.
    pub distinct: Option<u64>,
    /// Commonest values.
    pub top: Vec<ValueCount>,
    /// Rarest values, if they were asked for.
    pub rare: Vec<ValueCount>,
    /// Smallest value, of numbers and dates.
    pub min: Option<f64>,
    /// Largest value, of numbers and dates.
    pub max: Option<f64>,
    /// Mean, of numbers.
    pub avg: Option<f64>,
    /// Median, of numbers.
    pub p50: Option<f64>,
    /// 95th percentile, of numbers.
    pub p95: Option<f64>,
}

/// A value and how many events have it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ValueCount {
    /// Value.
    #[schema(value_type = String)]
    pub v: Value,
    /// Number of events.
    pub n: u64,
}

/// Two sets of events to compare.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainRequest {
    /// Index names, comma-separated, with `*`.
    index: String,
    /// Query DSL for both; everything if absent.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    query: Option<Value>,
    /// The window to explain.
    window: TimeWindow,
    /// What it is compared with; its part inside the window does not count.
    baseline: TimeWindow,
    /// Names of fields, at most 50.
    fields: Vec<String>,
}

/// From one time to another, in milliseconds since the epoch, the end exclusive.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeWindow {
    /// First millisecond.
    from: i64,
    /// One past the last.
    to: i64,
}

/// A value that is more common inside a window than outside.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Explanation {
    /// Field.
    pub field: String,
    /// Value.
    #[schema(value_type = String)]
    pub value: Value,
    /// Events inside the window that have it.
    pub inside: u64,
    /// Events outside that have it.
    pub outside: u64,
    /// Its share of the events inside, in percent.
    pub in_pct: f64,
    /// Its share of the events outside, in percent.
    pub out_pct: f64,
    /// How many times larger its share is inside; a value that is new counts as if one event had it.
    pub lift: f64,
}

/// Describes fields over all events that match.
#[utoipa::path(post, path = "/api/v1/fields/stats", operation_id = "field_stats", tag = "fields",
    request_body = StatsRequest, responses(
        (status = 200, description = "Statistics", body = StatsAnswer),
        (status = 400, description = "The request is wrong", body = ErrorBody)))]
pub(crate) async fn stats(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let request: StatsRequest = super::json(&headers, body)?;
    check_fields(&request.fields)?;
    let top = request.top.unwrap_or(10);
    if !(1..=MAX_VALUES).contains(&top) {
        return Err(bad_parameter(format!("`top` must be 1 to {MAX_VALUES}")));
    }
    let kinds = kinds(&shared, &request.index, &request.fields).await?;
    let mut aggs = Map::new();
    for (at, (name, kind)) in kinds.iter().enumerate() {
        add_aggregations(at, name, kind, top, request.rare, &mut aggs);
    }
    let body = json!({
        "size": 0,
        "track_total_hits": true,
        "query": request.query.unwrap_or_else(|| json!({"match_all": {}})),
        "aggs": aggs,
    });
    let answer = limits::engine(shared.app.store.search(&request.index, &body)).await;
    let (answer, timing) = match answer {
        (Err(StoreError::NoSuchIndex(_)), timing) => (Value::Null, timing),
        (answer, timing) => (answer?, timing),
    };
    let total = answer.pointer("/hits/total/value").and_then(Value::as_u64);
    let total = total.unwrap_or(0);
    let fields = kinds.into_iter().enumerate();
    let fields = fields.map(|(at, (name, kind))| {
        let stats = read_stats(&answer["aggregations"], at, kind, total);
        (name, stats)
    });
    let answer = StatsAnswer {
        total,
        fields: fields.collect(),
    };
    Ok((timing, Json(answer)).into_response())
}

/// Finds the values that are more common inside a window than outside.
#[utoipa::path(post, path = "/api/v1/fields/explain", operation_id = "explain_window",
    tag = "fields", request_body = ExplainRequest, responses(
        (status = 200, description = "Values, the most telling first", body = Vec<Explanation>),
        (status = 400, description = "The request is wrong", body = ErrorBody)))]
pub(crate) async fn explain(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let request: ExplainRequest = super::json(&headers, body)?;
    check_fields(&request.fields)?;
    for window in [request.window, request.baseline] {
        if window.from >= window.to {
            return Err(bad_parameter("a window must end after it begins"));
        }
    }
    let kinds = kinds(&shared, &request.index, &request.fields).await?;
    let fields: Vec<_> = kinds
        .into_iter()
        .filter(|(_, kind)| kind.is_counted)
        .map(|(name, _)| name)
        .collect();
    let body = explain_body(&request, &fields);
    let answer = limits::engine(shared.app.store.search(&request.index, &body)).await;
    let (answer, timing) = match answer {
        (Err(StoreError::NoSuchIndex(_)), timing) => (Value::Null, timing),
        (answer, timing) => (answer?, timing),
    };
    let explanations = explanations(&answer["aggregations"]["sides"]["buckets"], &fields);
    Ok((timing, Json(explanations)).into_response())
}

/// What matters of a field's type.
#[derive(Debug, Clone)]
struct Kind {
    name: String,
    /// Its values are counted by the store.
    is_counted: bool,
}

impl Kind {
    fn is_number(&self) -> bool {
        matches!(self.name.as_str(), "long" | "double")
    }

    fn is_ordered(&self) -> bool {
        self.is_number() || self.name == "date"
    }
}

fn bad_parameter(message: impl ToString) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter").with("message", message)
}

fn check_fields(fields: &[String]) -> Result<(), ApiError> {
    if (1..=MAX_FIELDS).contains(&fields.len()) {
        return Ok(());
    }
    Err(bad_parameter(format!(
        "`fields` must hold 1 to {MAX_FIELDS} names"
    )))
}

/// The types of those of the fields that the indices have.
async fn kinds(
    shared: &Shared,
    index: &str,
    names: &[String],
) -> Result<BTreeMap<String, Kind>, ApiError> {
    let answer = match shared.app.store.field_caps(index, &names.join(",")).await {
        Err(StoreError::NoSuchIndex(_)) => return Ok(BTreeMap::new()),
        answer => answer?,
    };
    let kind = |name: &String| {
        let types = answer["fields"].get(name)?.as_object()?;
        let (kind, flags) = types.iter().next()?;
        let kind = Kind {
            name: kind.clone(),
            is_counted: flags["aggregatable"].as_bool().unwrap_or(false),
        };
        Some((name.clone(), kind))
    };
    Ok(names.iter().filter_map(kind).collect())
}

/// The aggregations for a field; their names begin with its number.
fn add_aggregations(
    at: usize,
    field: &str,
    kind: &Kind,
    top: u32,
    rare: bool,
    aggs: &mut Map<String, Value>,
) {
    let mut add = |what: &str, body: Value| aggs.insert(format!("{at}{what}"), body);
    add("missing", json!({"missing": {"field": field}}));
    if !kind.is_counted {
        return;
    }
    add("distinct", json!({"cardinality": {"field": field}}));
    add("top", json!({"terms": {"field": field, "size": top}}));
    if rare {
        let order = json!({"_count": "asc"});
        add(
            "rare",
            json!({"terms": {"field": field, "size": top, "order": order}}),
        );
    }
    if kind.is_ordered() {
        add("stats", json!({"stats": {"field": field}}));
    }
    if kind.is_number() {
        let percentiles = json!({"field": field, "percents": [50, 95], "keyed": false});
        add("percentiles", json!({"percentiles": percentiles}));
    }
}

fn read_stats(aggregations: &Value, at: usize, kind: Kind, total: u64) -> FieldStats {
    let part = |what: &str| &aggregations[format!("{at}{what}")];
    let missing = part("missing")["doc_count"].as_u64().unwrap_or(0);
    let stats = part("stats");
    let percentile = |at: usize| part("percentiles")["values"][at]["value"].as_f64();
    let avg = stats["avg"].as_f64().filter(|_| kind.is_number());
    FieldStats {
        count: total.saturating_sub(missing),
        missing,
        distinct: part("distinct")["value"].as_u64(),
        top: values(part("top")),
        rare: values(part("rare")),
        min: stats["min"].as_f64(),
        max: stats["max"].as_f64(),
        avg,
        p50: percentile(0),
        p95: percentile(1),
        kind: kind.name,
    }
}

/// The buckets of a `terms` aggregation as values with their counts.
pub(super) fn values(terms: &Value) -> Vec<ValueCount> {
    let buckets = terms["buckets"].as_array();
    let value = |bucket: &Value| {
        let key = bucket.get("key_as_string").or_else(|| bucket.get("key"))?;
        Some(ValueCount {
            v: key.clone(),
            n: bucket["doc_count"].as_u64()?,
        })
    };
    buckets.into_iter().flatten().filter_map(value).collect()
}

/// One aggregation with the commonest values of each field, inside the window and outside.
fn explain_body(request: &ExplainRequest, fields: &[String]) -> Value {
    let range = |window: TimeWindow| {
        let bounds = json!({"gte": window.from, "lt": window.to, "format": "epoch_millis"});
        json!({"range": {"@timestamp": bounds}})
    };
    let inside = range(request.window);
    let outside = json!({"bool": {
        "filter": [range(request.baseline)],
        "must_not": [inside],
    }});
    let aggs: Map<_, _> = fields
        .iter()
        .enumerate()
        .map(|(at, field)| {
            let terms = json!({"terms": {"field": field, "size": COMPARED_VALUES}});
            (at.to_string(), terms)
        })
        .collect();
    json!({
        "size": 0,
        "track_total_hits": false,
        "query": request.query.clone().unwrap_or_else(|| json!({"match_all": {}})),
        "aggs": {"sides": {
            "filters": {"filters": {"inside": inside, "outside": outside}},
            "aggs": aggs,
        }},
    })
}

/// Ranks the values by how much of the window they explain.
fn explanations(sides: &Value, fields: &[String]) -> Vec<Explanation> {
    let count = |side: &str| sides[side]["doc_count"].as_u64().unwrap_or(0);
    let (all_inside, all_outside) = (count("inside"), count("outside"));
    let mut found = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let outside: Vec<_> = values(&sides["outside"][at.to_string()]);
        // A value that is not among the commonest outside has at most as many events as the last.
        let unseen = match outside.last() {
            Some(last) if outside.len() as u32 >= COMPARED_VALUES => last.n,
            _ => 0,
        };
        for inside in values(&sides["inside"][at.to_string()]) {
            let known = outside.iter().find(|known| known.v == inside.v);
            let outside = known.map_or(unseen, |known| known.n);
            let share_in = inside.n as f64 / all_inside.max(1) as f64;
            let share_out = outside as f64 / all_outside.max(1) as f64;
            let lift = share_in / share_out.max(1.0 / all_outside.max(1) as f64);
            if lift < MIN_LIFT || inside.n < 2 {
                continue;
            }
            found.push(Explanation {
                field: field.clone(),
                value: inside.v,
                inside: inside.n,
                outside,
                in_pct: percent(share_in),
                out_pct: percent(share_out),
                lift: (lift * 10.0).round() / 10.0,
            });
        }
    }
    let weight = |it: &Explanation| (it.in_pct - it.out_pct) * it.lift.ln();
    found.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    found.truncate(MAX_EXPLANATIONS);
    found
}

fn percent(share: f64) -> f64 {
    (share * 1000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(values: &[(&str, u64)]) -> Value {
        let buckets = values
            .iter()
            .map(|(key, n)| json!({"key": key, "doc_count": n}));
        json!({"buckets": buckets.collect::<Vec<_>>()})
    }

    #[test]
    fn what_is_new_in_a_window_comes_first() {
        let sides = json!({
            "inside": {"doc_count": 100, "0": terms(&[("a", 71), ("b", 29)]), "1": terms(&[("x", 100)])},
            "outside": {"doc_count": 1000, "0": terms(&[("b", 980), ("a", 20)]), "1": terms(&[("x", 999)])},
        });
        let fields = ["source.as".to_owned(), "action".to_owned()];
        let found = explanations(&sides, &fields);
        assert_eq!(found.len(), 1, "{found:?}");
        let first = &found[0];
        assert_eq!(
            (first.field.as_str(), &first.value),
            ("source.as", &json!("a"))
        );
        assert_eq!((first.in_pct, first.out_pct, first.lift), (71.0, 2.0, 35.5));
    }
}
