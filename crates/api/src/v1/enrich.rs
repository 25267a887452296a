//! What is known of many values at once, for marks in cells: place, network, threat lists, newness.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use yagura_history::{FirstSeen, History, MAX_QUESTIONS};

use super::entities::{DAY_MS, check_value, known_kind};
use crate::error::{ApiError, ErrorBody};
use crate::facts::EntityFacts;
use crate::state::Shared;

/// A value is new this long after its first event.
const NEW_MS: i64 = DAY_MS;
/// Nothing is called new until the logs reach back this many days.
const MIN_BASELINE_DAYS: i64 = 2;

/// Values to look up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrichRequest {
    /// Values, at most 500.
    values: Vec<EntityName>,
}

/// A value with the type of entity it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntityName {
    /// Type of entity, for example `ip`.
    #[serde(rename = "type")]
    kind: String,
    /// Value.
    value: String,
}

/// What is known of the values.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrichAnswer {
    /// One for each value, in the order asked.
    pub items: Vec<Enriched>,
    /// Days the logs reach back; with fewer than 2 nothing is called new.
    pub baseline_days: u64,
}

/// What is known of a value.
#[derive(Debug, Serialize, ToSchema)]
pub struct Enriched {
    /// Type of entity.
    #[serde(rename = "type")]
    pub kind: String,
    /// Value.
    pub value: String,
    /// Its first event; absent if it came within the last seconds, or is not kept because there are
    /// too many different values.
    pub first_seen: Option<Timestamp>,
    /// Its first event was less than 24 hours ago.
    pub new: bool,
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
}

/// What is known of up to 500 values: place, network, threat lists, and whether they are new.
#[utoipa::path(post, path = "/api/v1/enrich", operation_id = "enrich", tag = "entities",
    request_body = EnrichRequest, responses(
        (status = 200, description = "What is known of them", body = EnrichAnswer),
        (status = 400, description = "The request is wrong", body = ErrorBody),
        (status = 404, description = "There is no such type of entity", body = ErrorBody)))]
pub(crate) async fn enrich(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<EnrichAnswer>, ApiError> {
    let EnrichRequest { values } = super::json(&headers, body)?;
    if values.len() > MAX_QUESTIONS {
        let error = ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter");
        return Err(error.with("message", format!("at most {MAX_QUESTIONS} `values`")));
    }
    for EntityName { kind, value } in &values {
        known_kind(kind)?;
        check_value(value)?;
    }
    let names = values.clone();
    let ask = move |history: &History| {
        let names: Vec<(&str, &str)> = names
            .iter()
            .map(|name| (name.kind.as_str(), name.value.as_str()))
            .collect();
        let newness = Newness {
            covered_from: history.covered_from()?,
            is_complete: history.is_complete(),
            now_ms: Timestamp::now().as_millisecond(),
        };
        Ok((history.first_seen(&names)?, newness))
    };
    let (first_seen, newness) = shared.history(ask).await?;
    let items = values.into_iter().zip(first_seen).map(|(name, first)| {
        let EntityFacts {
            geo,
            autonomous_system,
            threats,
        } = shared.app.facts.look_up(&name.kind, &name.value);
        Enriched {
            kind: name.kind,
            value: name.value,
            first_seen: first
                .first_ms
                .and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            new: newness.is_new(first),
            geo,
            autonomous_system,
            threats,
        }
    });
    Ok(Json(EnrichAnswer {
        items: items.collect(),
        baseline_days: newness.baseline_days().unsigned_abs(),
    }))
}

/// What newness is told by.
struct Newness {
    /// First day of all.
    covered_from: Option<i64>,
    /// Everything was counted at least once.
    is_complete: bool,
    now_ms: i64,
}

impl Newness {
    fn baseline_days(&self) -> i64 {
        let today = self.now_ms.div_euclid(DAY_MS);
        self.covered_from.map_or(0, |from| (today - from).max(0))
    }

    fn is_new(&self, seen: FirstSeen) -> bool {
        if self.baseline_days() < MIN_BASELINE_DAYS {
            return false;
        }
        match seen.first_ms {
            Some(first) => first >= self.now_ms - NEW_MS,
            // It is on somebody's screen but was not counted yet, so it came just now.
            None => self.is_complete && !seen.is_cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newness() {
        let now_ms = 100 * DAY_MS + 5_000;
        let newness = |covered_from, is_complete| Newness {
            covered_from,
            is_complete,
            now_ms,
        };
        let seen = |first_ms, is_cut| FirstSeen { first_ms, is_cut };
        let just_now = seen(Some(now_ms - 10), false);
        for (newness, seen, expected) in [
            (newness(Some(90), true), just_now, true),
            (
                newness(Some(90), true),
                seen(Some(now_ms - NEW_MS), false),
                true,
            ),
            (
                newness(Some(90), true),
                seen(Some(now_ms - NEW_MS - 1), false),
                false,
            ),
            (newness(Some(90), true), seen(None, false), true),
            (newness(Some(90), true), seen(None, true), false),
            (newness(Some(90), false), seen(None, false), false),
            (newness(Some(99), true), just_now, false),
            (newness(None, true), just_now, false),
        ] {
            assert_eq!(newness.is_new(seen), expected, "{seen:?}");
        }
    }
}
