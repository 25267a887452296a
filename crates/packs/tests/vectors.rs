//! Compares routing, times and texts with the vectors of a reference collection, if one is at hand.
//!
//! `YAGURA_GOLDEN` names the folder of the collection; without it there is nothing to compare.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use yagura_codec::{Failure, Limits, Slice};
use yagura_config::Settings;
use yagura_model::{Arena, Object, Timestamp, parse, push_compact_json, push_python_dumps};
use yagura_packs::load_settings;
use yagura_pipeline::{
    Document, Draft, Loader, NoLookups, NoNatives, ObjectContext, Options, Output, RequestLine,
    Router, find_instance_id, put_request,
};

/// 2024-06-15T12:34:56.789012Z, at which the vectors were recorded.
const NOW_MICROS: i64 = 1_718_454_896_789_012;
/// Log types that the reference does not have.
const OUR_OWN: [&str; 3] = ["cloudhsm-cwl", "okta", "deepsecurity"];

fn vectors(name: &str) -> Vec<Value> {
    let Some(folder) = std::env::var_os("YAGURA_GOLDEN").map(PathBuf::from) else {
        println!("skipped: YAGURA_GOLDEN names no collection of vectors");
        return Vec::new();
    };
    let file = folder.join("_unit").join(format!("{name}.json"));
    let vectors: Vec<Value> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    println!("{name}: {} vectors", vectors.len());
    vectors
}

fn now() -> Timestamp {
    Timestamp::from_micros(NOW_MICROS, 0).unwrap()
}

#[test]
fn keys_lead_to_log_types() {
    let settings = load_settings(&[]).unwrap().settings;
    let router = Router::new(&settings).unwrap();
    for vector in vectors("s3key_logtype") {
        let key = vector["key"].as_str().unwrap();
        let found = router.matches(key).next();
        let name = found.map_or("unknown", |at| settings.log_types[at].name.as_str());
        if key.ends_with('/') || OUR_OWN.contains(&name) {
            continue;
        }
        assert_eq!(name, vector["logtype"], "{key}");
    }
}

/// Collects the documents of one object.
#[derive(Default)]
struct Documents(Vec<Value>);

impl Output for Documents {
    fn document(&mut self, document: &Document<'_>) {
        self.0.push(serde_json::from_slice(document.json).unwrap());
    }

    fn failed(&mut self, _failure: &Failure<'_>) {
        self.0.push(Value::Null);
    }
}

/// Loads JSON records with a log type of these options; what fails is null.
fn load(options: &str, key: &str, records: &[Value]) -> Vec<Value> {
    let ini =
        format!("[probe]\ns3_key = .\nfile_format = json\nindex_name = log-probe\n{options}\n");
    let (settings, _) = Settings::load(&[("probe.ini", &ini)]).unwrap();
    let mut loader = Loader::new(
        Arc::new(settings),
        Arc::new(NoNatives),
        Arc::new(Options::default()),
        Limits::default(),
    )
    .unwrap();
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    let bytes = lines.join("\n").into_bytes();
    let context = ObjectContext::new("local", key, 100, now());
    let body = Box::new(std::io::Cursor::new(bytes));
    let mut documents = Documents::default();
    let outcome = loader.load(context, body, Slice::ALL, &mut NoLookups, &mut documents);
    assert_eq!(outcome.error, None, "{key}");
    documents.0
}

/// `+09:00` of a number of hours.
fn offset(hours: f64) -> String {
    let minutes = (hours.abs() * 60.0).round() as u32;
    let sign = if hours < 0.0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[test]
fn times_are_read() {
    for vector in vectors("timestamps") {
        let format = vector["format"].as_str().unwrap().replace('$', "$$");
        let zone = offset(vector["tz_hours"].as_f64().unwrap());
        let options =
            format!("timestamp_key = t\ntimestamp_format = {format}\ntimestamp_tz = {zone}");
        let found = load(&options, "x", &[json!({"t": vector["timestr"]})]);
        match vector["result"].as_str() {
            Some(expected) => assert_eq!(found[0]["@timestamp"], expected, "{vector}"),
            // The reference fails on an epoch that is exactly the least of its unit, and on one
            // that only the zone brings into the years that there are.
            None if vector["format"].as_str().unwrap().contains("epoch") => {}
            None => assert_eq!(found[0], Value::Null, "{vector}"),
        }
    }
}

#[test]
fn accounts_regions_and_instances_are_found() {
    for vector in vectors("account_region_instance") {
        let text = vector["text"].as_str().unwrap();
        let instance = find_instance_id(text).map_or(Value::Null, Value::from);
        assert_eq!(instance, vector["instance"], "{text}");
        // A key that ends like a folder is not read.
        if text.ends_with('/') || text.is_empty() {
            continue;
        }
        let document = &load("", text, &[json!({"a": 1})])[0];
        let known = |value: &Value| match value.as_str() {
            None => json!("unknown"),
            Some(text) => json!(text),
        };
        let cloud = &document["cloud"];
        assert_eq!(cloud["account"]["id"], known(&vector["account"]), "{text}");
        assert_eq!(cloud["region"], known(&vector["region"]), "{text}");
    }
}

#[test]
fn texts_are_written_as_python_does() {
    for vector in vectors("python_json") {
        let arena = Arena::new();
        let value = parse(vector["text"].as_str().unwrap(), &arena).unwrap();
        let mut text = Vec::new();
        push_python_dumps(&value, &mut text);
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text, vector["dumps_ensure_ascii_false"], "{vector}");
    }
}

#[test]
fn requests_are_taken_apart() {
    for vector in vectors("http_request") {
        let arena = Arena::new();
        let fields = Object::new_in(&arena);
        let mut draft = Draft {
            fields,
            arena: &arena,
            timestamp: now(),
            id: "",
            id_suffix: None,
            index_base: None,
            index_date: None,
        };
        let line = RequestLine {
            method: vector["method"].as_str(),
            target: vector["path"].as_str(),
            version: vector["version"].as_str(),
            raw: vector["raw"].as_str(),
        };
        put_request(&mut draft, line);
        for name in ["http", "url"] {
            let mut text = Vec::new();
            match draft.get(name) {
                Some(value) => push_compact_json(value, &mut text),
                None => text.extend_from_slice(b"{}"),
            }
            let found: Value = serde_json::from_slice(&text).unwrap();
            assert_eq!(found, without_empty(&vector[name]), "{vector}");
        }
    }
}

/// Members without a value are not written to documents.
fn without_empty(value: &Value) -> Value {
    let Value::Object(members) = value else {
        return value.clone();
    };
    let kept = members
        .iter()
        .filter(|(_, value)| !value.is_null() && **value != "");
    Value::Object(
        kept.map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    )
}

#[test]
fn offsets_are_read() {
    for vector in vectors("timestr_to_hours") {
        let text = vector["in"].as_str().unwrap();
        let Some(hours) = vector["result"]
            .as_str()
            .and_then(|hours| hours.parse::<f64>().ok())
        else {
            continue;
        };
        // Negative offsets with minutes are wrong in the reference.
        if text.starts_with('-') && !text.ends_with(":00") {
            continue;
        }
        if let Some(seconds) = yagura_config::parse_utc_offset(text) {
            assert_eq!(f64::from(seconds) / 3600.0, hours, "{text}");
        }
    }
}

#[test]
fn fractions_are_cut() {
    for vector in vectors("nano") {
        let (text, expected) = (&vector["in"], vector["result"].as_str().unwrap());
        let options = "timestamp_key = t\ntimestamp_nano = True";
        let found = &load(options, "x", &[json!({"t": text})])[0];
        if *found != Value::Null {
            let instant = yagura_pipeline::parse_iso8601(expected, 0).unwrap();
            assert_eq!(found["@timestamp"], instant.to_iso8601(), "{text}");
        }
    }
}
