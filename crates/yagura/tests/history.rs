//! The roll-up of entities, saved things and sources of a whole server, against counting.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::{Server, yagura};

const EVENTS: usize = 3_000;
const DAY_MS: i64 = 86_400_000;

fn texts(document: &Value, path: &str) -> Vec<String> {
    match path.split('.').fold(document, |value, part| &value[part]) {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

fn time(document: &Value) -> i64 {
    let text = document["@timestamp"].as_str().unwrap();
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

fn load(logs: &str, data: &str, more: &[&str]) -> Option<i32> {
    let mut arguments = vec![
        "load",
        "--quiet",
        logs,
        "--strip-prefix",
        logs,
        "--data",
        data,
    ];
    arguments.extend(more);
    yagura(&arguments).status().unwrap().code()
}

#[test]
fn the_roll_up_counts_once_whatever_is_loaded_again() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    let now = jiff::Timestamp::now();
    yagura_testkit::demo::write_demo(&logs, now, EVENTS).unwrap();
    let threats = folder.path().join("threats.db");
    yagura_testkit::demo::write_threat_list(&threats, now).unwrap();
    let (logs, data) = (logs.to_str().unwrap(), folder.path().join("data"));
    let (data, threats) = (data.to_str().unwrap(), threats.to_str().unwrap());
    assert_eq!(load(logs, data, &["--ioc", threats]), Some(1));
    // The same objects again: every document replaces itself.
    assert_eq!(load(logs, data, &["--ioc", threats, "--again"]), Some(1));
    let server = Server::start(data, &["--ioc", threats]);
    let body = json!({"size": 10_000, "query": {"match_all": {}}});
    let answer = server.ask("POST", "/_search", &body);
    let hits = answer["hits"]["hits"].as_array().unwrap().iter();
    let all: Vec<Value> = hits.map(|hit| hit["_source"].clone()).collect();
    assert!(all.len() > EVENTS, "{}", all.len());
    days_are_what_counting_gives(&server, &all);
    newcomers_are_what_counting_gives(&server, &all, now.as_millisecond());
    threats_are_told(&server);
    sources_are_told(&server, &all);
    whereabouts_are_told(&server);
    exports_hold_everything(&server, &all);
    server.kill();
}

fn days_are_what_counting_gives(server: &Server, all: &[Value]) {
    for (kind, fields, value) in [
        (
            "ip",
            &["source.ip", "destination.ip", "related.ip"][..],
            "203.0.113.66",
        ),
        ("user", &["user.name", "related.user"], "kenji"),
        ("account", &["cloud.account.id"], "123456789012"),
        ("action", &["event.action"], "ConsoleLogin"),
        (
            "bucket",
            &["Bucket", "requestParameters.bucketName"],
            "example-payroll",
        ),
        ("user", &["user.name"], "nobody"),
    ] {
        let mut days: BTreeMap<i64, u64> = BTreeMap::new();
        for document in all {
            let has = |field: &&str| texts(document, field).iter().any(|it| it == value);
            if fields.iter().any(has) {
                *days.entry(time(document).div_euclid(DAY_MS)).or_default() += 1;
            }
        }
        let path = format!("/api/v1/entities/{kind}/{value}?from=0&to=1000");
        let rarity = &server.ask("GET", &path, &Value::Null)["rarity"];
        let counts: Vec<u64> = rarity["days"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_u64)
            .collect();
        let expected: Vec<u64> = days.values().copied().collect();
        let seen: Vec<u64> = counts.iter().copied().filter(|count| *count > 0).collect();
        assert_eq!(seen, expected, "{kind} {value}");
        assert_eq!(rarity["seen_days"], expected.len(), "{kind} {value}");
        assert!((9..=10).contains(&counts.len()), "{rarity}");
        assert_eq!(rarity["is_cut"], false);
    }
}

fn newcomers_are_what_counting_gives(server: &Server, all: &[Value], now_ms: i64) {
    let mut first: BTreeMap<String, i64> = BTreeMap::new();
    for document in all {
        for action in texts(document, "event.action") {
            let known = first.entry(action).or_insert(i64::MAX);
            *known = (*known).min(time(document));
        }
    }
    let home = server.ask("GET", "/api/v1/home", &Value::Null);
    let asked: jiff::Timestamp = home["now"].as_str().unwrap().parse().unwrap();
    let since = asked.as_millisecond() - DAY_MS;
    let expected = first.values().filter(|first| **first >= since).count();
    assert!(expected > 0 && asked.as_millisecond() >= now_ms);
    let kinds = home["newcomers"].as_array().unwrap();
    let actions = kinds.iter().find(|it| it["kind"] == "action").unwrap();
    assert_eq!(actions["total"], expected);
    let names = ["CreateAccessKey", "ConsoleLogin", "nothing-like-it"];
    let values: Vec<Value> = names
        .iter()
        .map(|name| json!({"type": "action", "value": name}))
        .collect();
    let enriched = server.ask("POST", "/api/v1/enrich", &json!({"values": values}));
    for (name, item) in names.iter().zip(enriched["items"].as_array().unwrap()) {
        match first.get(*name) {
            Some(first) => {
                let seen: jiff::Timestamp = item["first_seen"].as_str().unwrap().parse().unwrap();
                assert_eq!(seen.as_millisecond(), *first, "{name}");
                assert_eq!(item["new"], *first >= since, "{name}");
            }
            None => assert_eq!(item["first_seen"], Value::Null),
        }
    }
    let sources = server.ask("GET", "/api/v1/sources", &Value::Null);
    let items = sources["items"].as_array().unwrap().iter();
    let names = |list: &mut dyn Iterator<Item = &Value>| -> Vec<String> {
        list.map(|it| it["log_type"].to_string()).collect()
    };
    assert_eq!(
        names(&mut home["silent"].as_array().unwrap().iter()),
        names(&mut items.filter(|it| it["state"] == "silent")),
    );
}

fn threats_are_told(server: &Server) {
    let path = "/api/v1/entities/ip/203.0.113.66?from=0&to=1000";
    let found = server.ask("GET", path, &Value::Null);
    let threats = found["threats"].as_array().unwrap();
    assert_eq!(
        threats.len(),
        1,
        "the list and the events name the same entry: {threats:?}"
    );
    assert_eq!(threats[0]["indicator"]["provider"], "built-in");
    let home = server.ask("GET", "/api/v1/home", &Value::Null);
    assert_eq!(home["threats"]["indicators"][0]["v"], "203.0.113.66");
}

fn sources_are_told(server: &Server, all: &[Value]) {
    let sources = server.ask("GET", "/api/v1/sources", &Value::Null);
    let items = sources["items"].as_array().unwrap();
    assert_eq!(items.len(), 7, "{sources}");
    for item in items {
        let name = item["log_type"].as_str().unwrap();
        let own = all.iter().filter(|it| it["@log_type"] == name);
        let last = own.clone().map(time).max().unwrap();
        let found: jiff::Timestamp = item["last_event"].as_str().unwrap().parse().unwrap();
        assert_eq!(found.as_millisecond(), last, "{name}");
        assert_eq!(item["sums"]["documents"], own.count(), "{name}");
        assert!(item["lag"]["p50_ms"].as_i64().unwrap() <= item["lag"]["p95_ms"].as_i64().unwrap());
        let fails = item["sums"]["dead_letters"].as_u64().unwrap() > 0;
        assert_eq!(fails, name == "alb", "{item}");
        assert!(
            item["state"] == "silent" || (item["state"] == "failing") == fails,
            "{item}"
        );
    }
}

fn whereabouts_are_told(server: &Server) {
    let ledger = server.ask("GET", "/api/v1/ledger?with_failures=true", &Value::Null);
    let key = ledger["items"][0]["key"].as_str().unwrap().to_owned();
    for (key, verdict, log_type) in [
        (key.as_str(), "some_missing", json!("alb")),
        (
            "AWSLogs/1/CloudTrail/never.json.gz",
            "not_read",
            json!("cloudtrail"),
        ),
        ("backup/cloudtrail/x.json.gz", "not_read", Value::Null),
    ] {
        let path = format!("/api/v1/sources/explain?key={key}");
        let found = server.ask("GET", &path, &Value::Null);
        assert_eq!(found["verdict"], verdict, "{found}");
        assert_eq!(found["route"]["log_type"], log_type, "{found}");
        assert_eq!(found["route"]["by_content"], log_type.is_null(), "{found}");
        if verdict == "some_missing" {
            assert_eq!(found["events"]["total"], found["objects"][0]["documents"]);
            assert_eq!(
                found["dead_letters"][0]["count"].as_u64().map(|it| it > 0),
                Some(true)
            );
        }
        if log_type.is_null() {
            let similar = found["route"]["similar"].as_array().unwrap();
            assert!(
                similar.iter().any(|it| it["log_type"] == "cloudtrail"),
                "{found}"
            );
        }
    }
}

fn exports_hold_everything(server: &Server, all: &[Value]) {
    let fields = [
        "@timestamp",
        "@log_type",
        "source.ip",
        "user_agent.original",
    ];
    let body = json!({"index": "*", "format": "csv", "fields": fields, "oldest_first": true});
    let mut export = server.ask("POST", "/api/v1/exports", &body);
    let path = format!("/api/v1/exports/{}", export["id"].as_str().unwrap());
    for _ in 0..1_000 {
        export = server.ask("GET", &path, &Value::Null);
        if export["state"] == "done" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(export["written"], all.len(), "{export}");
    assert_eq!(export["total"], all.len(), "{export}");
}
