//! The documents of the suite.

use serde_json::{Value, json};

use crate::DateFormats;
use crate::fields::{Field, FieldCatalog, FieldType};
use crate::{IncomingDocument, Sink};

/// 2026-11-19T00:00:00Z.
pub(super) const START_MS: i64 = 1_795_046_400_000;
/// Documents; they spread over four days, two indices and two log types.
pub(super) const COUNT: i64 = 1_500;

pub(super) fn catalog() -> FieldCatalog {
    let mut catalog = FieldCatalog::default();
    let fields = [
        ("source.ip", FieldType::Ip),
        ("related.ip", FieldType::Ip),
        ("source.port", FieldType::Long),
        ("network.bytes", FieldType::Long),
        ("score", FieldType::Double),
        ("event.action", FieldType::Keyword),
        ("created", FieldType::Date),
        ("seen", FieldType::Date),
        ("flag", FieldType::Boolean),
        ("error.message", FieldType::Text),
        ("source.geo.location", FieldType::GeoPoint),
    ];
    for (name, field_type) in fields {
        catalog.add_common(Field {
            name: name.to_owned(),
            field_type,
            format: (name == "seen")
                .then(|| DateFormats::new("epoch_second").ok())
                .flatten(),
            description: String::new(),
        });
    }
    catalog
}

/// One document: index, id, time and body.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) index: String,
    pub(super) id: String,
    pub(super) timestamp_ms: i64,
    pub(super) body: Value,
}

pub(super) fn samples() -> Vec<Sample> {
    (0..COUNT).map(sample).collect()
}

fn sample(n: i64) -> Sample {
    // Steps of a bit under four minutes, not in order, some at the same instant.
    let timestamp_ms = START_MS + (n * 7 % COUNT) / 3 * 3 * 230_000;
    let log_type = if n % 3 == 0 { "flow" } else { "audit" };
    let address = match n % 50 {
        0 => format!("2001:db8::{:x}", n % 7 + 1),
        _ => format!(
            "{}.{}",
            ["192.0.2", "198.51.100", "203.0.113"][(n % 3) as usize],
            n * n % 41
        ),
    };
    let action = [
        "ConsoleLogin",
        "AssumeRole",
        "GetObject",
        "DescribeInstances",
        "Console Out",
    ][(n % 5) as usize];
    // As a number or as text; the instants of the suite are whole seconds.
    let seconds = match (n % 2, timestamp_ms / 1_000) {
        (0, seconds) => json!(seconds),
        (_, seconds) => json!(seconds.to_string()),
    };
    let mut body = json!({
        "@timestamp": crate::dates::format_instant(timestamp_ms, &jiff::tz::TimeZone::UTC),
        "@log_type": log_type,
        "@message": format!("{log_type} {action} from {address} took {n} ms: user=\"u{}\" done", n % 11),
        "event": {"action": action, "outcome": if n % 4 == 0 { "failure" } else { "success" }},
        "source": {"ip": address, "port": (n * 13 % 1_000).to_string()},
        "related": {"ip": [address, "192.0.2.250"]},
        "network": {"bytes": n * n % 10_007},
        "score": (n % 100) as f64 / 8.0,
        "flag": n % 2 == 0,
        "created": timestamp_ms - 86_400_000,
        "seen": seconds,
        "tags": ["all", format!("t{}", n % 6)],
        "extra": {"count": n % 17, "deep.key": format!("k{}", n % 9)},
        "error": {"message": format!("The quick brown fox number {} jumps", n % 8)},
    });
    if n % 7 != 0 {
        body["user"] = json!({"name": format!("user-{}", n % 11)});
    }
    let index = if log_type == "flow" {
        "log-flow-2026-11"
    } else {
        "log-audit-2026-11"
    };
    Sample {
        index: index.to_owned(),
        id: format!("id-{n:05}"),
        timestamp_ms,
        body,
    }
}

impl Sample {
    pub(super) fn incoming(&self) -> IncomingDocument {
        IncomingDocument {
            index: self.index.clone(),
            id: self.id.clone(),
            log_type: self.body["@log_type"]
                .as_str()
                .unwrap_or("audit")
                .to_owned(),
            timestamp_ms: self.timestamp_ms,
            json: self.body.to_string().into_bytes(),
        }
    }

    /// The values of a path as text.
    pub(super) fn values(&self, path: &str) -> Vec<String> {
        let mut values = Vec::new();
        let mut at = String::new();
        crate::source::walk_leaves(&self.body, &mut at, 0, &mut |found, value| {
            if found == path {
                values.push(
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned),
                );
            }
        });
        values
    }

    pub(super) fn has(&self, path: &str, value: &str) -> bool {
        self.values(path).iter().any(|other| other == value)
    }

    pub(super) fn number(&self, path: &str) -> f64 {
        self.values(path)
            .first()
            .and_then(|value| value.parse().ok())
            .unwrap_or(f64::NAN)
    }

    pub(super) fn message(&self) -> &str {
        self.body["@message"].as_str().unwrap_or_default()
    }
}

/// Writes all documents in several batches and commits.
pub(super) fn load(store: &dyn super::TestedStore) -> Vec<Sample> {
    let samples = samples();
    for batch in samples.chunks(400) {
        Sink::write(store, batch.iter().map(Sample::incoming).collect()).expect("write");
        Sink::commit(store).expect("commit");
    }
    samples
}
