//! What the enrichment databases say of an entity now, whoever holds them.

use serde_json::Value;

/// Most threat list entries told of one entity.
const MAX_THREATS: usize = 20;

/// GeoIP and threat lists as they are now.
pub trait FactSource: Send + Sync {
    /// What is known of an address or a domain; nothing of other kinds.
    fn look_up(&self, kind: &str, value: &str) -> EntityFacts;
}

/// Facts in the shapes that documents have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntityFacts {
    /// Place of an address, as `source.geo`.
    pub geo: Option<Value>,
    /// Network of an address, as `source.as`.
    pub autonomous_system: Option<Value>,
    /// Entries of threat lists, as `threat.enrichments`.
    pub threats: Vec<Value>,
}

impl EntityFacts {
    /// Adds an entry of a threat list unless it is known.
    pub(crate) fn add_threat(&mut self, threat: Value) {
        let indicator = |threat: &Value| {
            let indicator = &threat["indicator"];
            let text = |member: &str| indicator[member].as_str().unwrap_or_default().to_owned();
            ["provider", "name", "type", "description"].map(text)
        };
        let is_known = self
            .threats
            .iter()
            .any(|known| indicator(known) == indicator(&threat));
        if !is_known && self.threats.len() < MAX_THREATS {
            self.threats.push(threat);
        }
    }

    /// Takes newer facts over these.
    pub(crate) fn prefer(&mut self, newer: EntityFacts) {
        let older = std::mem::replace(self, newer);
        self.geo = self.geo.take().or(older.geo);
        self.autonomous_system = self.autonomous_system.take().or(older.autonomous_system);
        for threat in older.threats {
            self.add_threat(threat);
        }
    }
}
