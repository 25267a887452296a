//! GeoIP and threat lists as the page asks them.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};
use yagura_api::{EntityFacts, FactSource};
use yagura_lookups::{SharedDatabases, WorkerLookups};
use yagura_pipeline::{AutonomousSystem, City, Indicator, Lookups};

/// The databases that documents are enriched from, asked directly.
pub struct DatabaseFacts {
    lookups: Mutex<WorkerLookups>,
}

impl DatabaseFacts {
    /// Facts from open databases.
    pub fn new(databases: SharedDatabases) -> Self {
        DatabaseFacts {
            lookups: Mutex::new(WorkerLookups::new(databases)),
        }
    }
}

impl FactSource for DatabaseFacts {
    fn look_up(&self, kind: &str, value: &str) -> EntityFacts {
        let mut lookups = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        lookups.begin_object();
        match kind {
            "ip" if value.parse::<IpAddr>().is_ok() => {
                let geo = lookups.city(value).and_then(geo);
                let autonomous_system = lookups.system(value).and_then(autonomous_system);
                let found = lookups.address_indicators(value);
                EntityFacts {
                    geo,
                    autonomous_system,
                    threats: found.iter().map(|it| threat(it, "ip", value)).collect(),
                }
            }
            "domain" => {
                let found = lookups.domain_indicators(value);
                EntityFacts {
                    threats: found.iter().map(|it| threat(it, "domain", value)).collect(),
                    ..EntityFacts::default()
                }
            }
            _ => EntityFacts::default(),
        }
    }
}

fn geo(city: City<'_>) -> Option<Value> {
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let location = city
        .location
        .map(|(lon, lat)| json!({"lon": number(lon), "lat": number(lat)}));
    let members = [
        ("city_name", city.city_name.map(Value::from)),
        ("country_iso_code", city.country_iso_code.map(Value::from)),
        ("country_name", city.country_name.map(Value::from)),
        ("location", location),
    ];
    object(members)
}

fn autonomous_system(system: AutonomousSystem<'_>) -> Option<Value> {
    let number = system
        .number
        .and_then(|number| serde_json::from_str::<Value>(number).ok());
    let organization = system.organization.map(|name| json!({"name": name}));
    object([("number", number), ("organization", organization)])
}

fn threat(found: &Indicator<'_>, kind: &str, value: &str) -> Value {
    let members = [
        ("provider", found.provider),
        ("name", found.name),
        ("ip", (kind == "ip").then_some(value)),
        ("first_seen", found.first_seen),
        ("last_seen", found.last_seen),
        ("modified_at", found.modified),
        ("reference", found.reference),
        ("type", found.kind),
        ("description", found.description),
    ];
    let indicator = object(members.map(|(name, text)| (name, text.map(Value::from))));
    json!({"indicator": indicator, "matched": {"atomic": value}})
}

/// An object of the members there are; `None` if there are none.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Option<Value> {
    let present = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let object: Map<String, Value> = present.collect();
    (!object.is_empty()).then_some(Value::Object(object))
}
