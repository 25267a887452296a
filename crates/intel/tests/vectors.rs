//! Compares look-ups with the vectors of a reference collection, if one is at hand.
//!
//! `YAGURA_GOLDEN` names the folder of the collection; without it there is nothing to compare.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use yagura_intel::{GeoIp, Indicator, Indicators, TrustedProxies, UserAgentCache, UserAgents};
use yagura_model::{forwarded_addresses, is_ip_address};

fn collection() -> Option<PathBuf> {
    let folder = std::env::var_os("YAGURA_GOLDEN").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: YAGURA_GOLDEN names no collection of vectors");
    }
    folder
}

/// Compares all vectors of a file and prints how many agree.
fn compare(
    folder: &Path,
    name: &str,
    answer: impl Fn(&Value) -> Value,
    expected: impl Fn(&Value) -> Value,
) {
    let file = folder.join("_unit").join(format!("{name}.json"));
    let vectors: Vec<Value> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    for vector in &vectors {
        assert_eq!(answer(vector), expected(vector), "{name}: {vector}");
    }
    println!("{name}: {} vectors agree", vectors.len());
}

fn text<'a>(vector: &'a Value, member: &str) -> &'a str {
    vector[member].as_str().unwrap()
}

/// Members that are null, and objects left empty by that, are not written to documents.
fn pruned(value: &Value) -> Value {
    let Value::Object(members) = value else {
        return value.clone();
    };
    let kept: Map<String, Value> = members
        .iter()
        .map(|(key, value)| (key.clone(), pruned(value)))
        .filter(|(_, value)| !value.is_null() && *value != json!({}))
        .collect();
    Value::Object(kept)
}

fn enrichments<'a>(
    found: impl Iterator<Item = Indicator<'a>>,
    ip: Option<&str>,
    domain: Option<&str>,
) -> Value {
    let all = found.map(|indicator| {
        pruned(&json!({
            "indicator": {
                "provider": indicator.provider, "name": indicator.name, "ip": ip,
                "first_seen": indicator.first_seen, "last_seen": indicator.last_seen,
                "modified_at": indicator.modified_at, "reference": indicator.reference,
                "type": indicator.kind, "description": indicator.description,
            },
            "matched": {"field": [], "atomic": domain},
        }))
    });
    Value::Array(all.collect())
}

#[test]
fn geoip() {
    let Some(folder) = collection() else { return };
    let geoip = GeoIp::open(&folder.join("_enrich/geoip"), None)
        .unwrap()
        .ready()
        .unwrap();
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let answer = |vector: &Value| {
        let address = text(vector, "ip");
        let city = geoip.city(address).map(|city| {
            let location = city
                .location
                .as_ref()
                .map(|at| json!({"lon": number(&at.lon), "lat": number(&at.lat)}));
            pruned(&json!({
                "city_name": city.city_name, "country_iso_code": city.country_iso_code,
                "country_name": city.country_name, "location": location,
            }))
        });
        let asn = geoip.asn(address).map(|asn| {
            let digits = asn.number.as_deref().map(number);
            pruned(&json!({"number": digits, "organization": {"name": asn.organization}}))
        });
        json!([city, asn])
    };
    compare(&folder, "geoip", answer, |vector| {
        let parts = vector["geo"]["result"].as_array().unwrap();
        Value::Array(parts.iter().map(pruned).collect())
    });
}

#[test]
fn indicators() {
    let Some(folder) = collection() else { return };
    let indicators = Indicators::open(&folder.join("_enrich/ioc.db"), None)
        .unwrap()
        .ready()
        .unwrap();
    let answer = |vector: &Value| {
        let ip = text(vector, "ip");
        enrichments(indicators.lookup_ip(ip), Some(ip), None)
    };
    compare(&folder, "ioc_ip", answer, |vector| {
        match vector["ip"].as_str() {
            // The reference never looks private addresses up, not even the built-in one.
            Some("169.254.169.254") => json!([{
                "indicator": {"provider": "built-in", "name": "IMDS", "ip": "169.254.169.254", "type": "ipv4-addr"},
                "matched": {"field": []},
            }]),
            _ => match &vector["result"] {
                Value::Null => json!([]),
                result => result.clone(),
            },
        }
    });
    let answer = |vector: &Value| {
        let domain = text(vector, "domain");
        enrichments(indicators.lookup_domain(domain), None, Some(domain))
    };
    compare(&folder, "ioc_domain", answer, |vector| {
        vector["result"].clone()
    });
}

#[test]
fn forwarded_for() {
    let Some(folder) = collection() else { return };
    let proxies = TrustedProxies::open(&folder.join("_enrich/trusted_proxy.db"))
        .unwrap()
        .ready()
        .unwrap();
    let answer = |vector: &Value| {
        let hops = vector["xff"].as_array().unwrap();
        let hops: Vec<&str> = hops.iter().map(|hop| hop.as_str().unwrap()).collect();
        json!(
            proxies
                .client_ip(text(vector, "sourceip"), &hops)
                .unwrap_or_default()
        )
    };
    compare(&folder, "xff_select", answer, |vector| {
        vector["result"].clone()
    });
    let answer =
        |vector: &Value| json!(forwarded_addresses(text(vector, "xff")).collect::<Vec<_>>());
    compare(&folder, "parse_xff", answer, |vector| {
        vector["result"].clone()
    });
    let answer = |vector: &Value| json!(is_ip_address(text(vector, "ip")));
    compare(&folder, "validate_ip", answer, |vector| {
        json!(!vector["result"].is_null())
    });
}

#[test]
fn user_agents() {
    let Some(folder) = collection() else { return };
    let agents = UserAgents::new();
    let answer = |vector: &Value| {
        let mut cache = UserAgentCache::new();
        let found = agents.parse(text(vector, "ua"), &mut cache);
        pruned(&json!({
            "original": found.original, "name": found.name, "version": found.version,
            "os.name": found.os_name, "os.version": found.os_version, "os.full": found.os_full,
            "device.name": found.device_name,
        }))
    };
    compare(&folder, "user_agent", answer, |vector| {
        vector["result"].clone()
    });
}
