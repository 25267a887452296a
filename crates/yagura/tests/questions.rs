//! What the page asks of a server gives what counting the documents one by one gives.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::{LOGS_END, Server, make_logs, yagura};

const EVENTS: usize = 4_000;

/// Every document, at most 10,000 of them.
fn documents(server: &Server, query: &Value) -> Vec<Value> {
    let body = json!({"size": 10_000, "query": query, "sort": [{"@timestamp": "asc"}]});
    let answer = server.ask("POST", "/_search", &body);
    let hits = answer["hits"]["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["_source"].clone()).collect()
}

/// The texts at a path, through lists.
fn texts(document: &Value, path: &str) -> Vec<String> {
    let value = path.split('.').fold(document, |value, part| &value[part]);
    match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().map(text).collect(),
        value => vec![text(value)],
    }
}

/// A value as the store names it: addresses have one spelling there.
fn text(value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    match text.parse::<std::net::IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => text,
    }
}

fn counts(documents: &[Value], path: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for document in documents {
        let mut values = texts(document, path);
        values.sort();
        values.dedup();
        for value in values {
            *counts.entry(value).or_default() += 1;
        }
    }
    counts
}

fn value_counts(answer: &Value) -> Vec<(String, u64)> {
    let values = answer.as_array().unwrap().iter();
    values
        .map(|value| (text(&value["v"]), value["n"].as_u64().unwrap()))
        .collect()
}

#[test]
fn answers_are_what_counting_gives() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    make_logs(&logs, EVENTS);
    let (logs, data) = (logs.to_str().unwrap(), folder.path().join("data"));
    let data = data.to_str().unwrap();
    let load = [
        "load",
        "--quiet",
        logs,
        "--strip-prefix",
        logs,
        "--data",
        data,
    ];
    assert_eq!(yagura(&load).status().unwrap().code(), Some(1));
    let server = Server::start(data, &[]);
    let everything = json!({"match_all": {}});
    let all = documents(&server, &everything);
    assert!(all.len() > EVENTS / 2, "{}", all.len());
    statistics_of_fields(&server, &all);
    windows_are_explained(&server, &all);
    values_are_completed(&server, &all);
    entities_are_described(&server, &all);
    server.kill();
}

fn statistics_of_fields(server: &Server, all: &[Value]) {
    let names = [
        "source.ip",
        "event.action",
        "http.response.status_code",
        "@log_type",
        "nowhere",
    ];
    let body = json!({"index": "log-*", "fields": names, "top": 5, "rare": true});
    let answer = server.ask("POST", "/api/v1/fields/stats", &body);
    assert_eq!(answer["total"], all.len());
    let fields = &answer["fields"];
    assert!(fields.get("nowhere").is_none());
    for name in &names[..4] {
        let (found, expected) = (&fields[name], counts(all, name));
        let missing = all.iter().filter(|it| texts(it, name).is_empty()).count();
        assert_eq!(found["missing"], missing, "{name}");
        assert_eq!(found["count"], all.len() - missing, "{name}");
        assert_eq!(found["distinct"], expected.len(), "{name}");
        let mut sorted: Vec<u64> = expected.values().copied().collect();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        for (side, sorted) in [
            ("top", sorted.iter().collect::<Vec<_>>()),
            ("rare", sorted.iter().rev().collect()),
        ] {
            let values = value_counts(&found[side]);
            assert_eq!(values.len(), sorted.len().min(5), "{name} {side}");
            for ((value, count), expected_count) in values.iter().zip(sorted) {
                assert_eq!(
                    (count, expected.get(value)),
                    (expected_count, Some(count)),
                    "{name} {side} {value}"
                );
            }
        }
    }
    let codes = &fields["http.response.status_code"];
    assert_eq!(codes["type"], "long");
    let numbers: Vec<f64> = all
        .iter()
        .flat_map(|it| texts(it, "http.response.status_code"))
        .map(|it| it.parse().unwrap())
        .collect();
    assert_eq!(
        codes["max"].as_f64(),
        numbers.iter().copied().reduce(f64::max)
    );
    assert_eq!(
        codes["min"].as_f64(),
        numbers.iter().copied().reduce(f64::min)
    );
}

fn windows_are_explained(server: &Server, all: &[Value]) {
    let end: jiff::Timestamp = LOGS_END.parse().unwrap();
    let end = end.as_millisecond();
    let (from, middle) = (end - 216 * 3_600_000, end - 6 * 3_600_000);
    let body = json!({
        "index": "log-*", "fields": ["event.action", "source.ip"],
        "window": {"from": middle, "to": end}, "baseline": {"from": from, "to": end},
    });
    let answer = server.ask("POST", "/api/v1/fields/explain", &body);
    let time = |it: &Value| {
        texts(it, "@timestamp")[0]
            .parse::<jiff::Timestamp>()
            .unwrap()
            .as_millisecond()
    };
    let inside: Vec<_> = all
        .iter()
        .filter(|it| (middle..end).contains(&time(it)))
        .cloned()
        .collect();
    for found in answer.as_array().unwrap() {
        let counted = counts(&inside, found["field"].as_str().unwrap());
        assert_eq!(
            counted.get(&text(&found["value"])),
            found["inside"].as_u64().as_ref(),
            "{found}"
        );
        assert!(found["lift"].as_f64().unwrap() >= 1.5, "{found}");
    }
}

fn values_are_completed(server: &Server, all: &[Value]) {
    let ask = |q: &str| {
        let body = json!({"index": "log-*", "q": q, "cursor": q.encode_utf16().count()});
        server.ask("POST", "/api/v1/suggest", &body)
    };
    let answer = ask("event.outcome:success and eventName:Co");
    assert_eq!(answer["from"], 36);
    let expected: BTreeMap<_, _> = counts(all, "eventName")
        .into_iter()
        .filter(|(name, _)| name.starts_with("Co"))
        .collect();
    assert!(!expected.is_empty());
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), expected.len());
    for item in items {
        assert_eq!(
            expected.get(item["text"].as_str().unwrap()),
            item["count"].as_u64().as_ref()
        );
    }
    let answer = ask("source.i");
    assert_eq!(
        answer["items"][0],
        json!({"kind": "field", "text": "source.ip", "insert": "source.ip:", "count": null, "type": "ip"})
    );
    assert_eq!(
        ask("203.0.113.5")["items"][0]["insert"],
        "/e/ip/203.0.113.5"
    );
    assert_eq!(ask("nowhere:x")["items"], json!([]));
}

fn entities_are_described(server: &Server, all: &[Value]) {
    let by_address = counts(all, "source.ip");
    let (address, _) = by_address.iter().max_by_key(|(_, count)| **count).unwrap();
    let fields = [
        "related.ip",
        "source.ip",
        "destination.ip",
        "client.ip",
        "server.ip",
    ];
    let mine: Vec<_> = all
        .iter()
        .filter(|it| {
            fields
                .iter()
                .any(|field| texts(it, field).contains(address))
        })
        .cloned()
        .collect();
    let end: jiff::Timestamp = LOGS_END.parse().unwrap();
    let (from, to) = (end.as_millisecond() - 86_400_000, end.as_millisecond());
    let path = format!("/api/v1/entities/ip/{address}?from={from}&to={to}");
    let found = server.ask("GET", &path, &Value::Null);
    assert_eq!(found["total"], mine.len());
    let time = |it: &Value| {
        texts(it, "@timestamp")[0]
            .parse::<jiff::Timestamp>()
            .unwrap()
    };
    let first = found["first_seen"]
        .as_str()
        .unwrap()
        .parse::<jiff::Timestamp>()
        .unwrap();
    assert_eq!(first.as_millisecond(), time(&mine[0]).as_millisecond());
    let window: Vec<_> = mine
        .iter()
        .filter(|it| (from..to).contains(&time(it).as_millisecond()))
        .cloned()
        .collect();
    assert_eq!(found["in_window"], window.len());
    let types = counts(&window, "@log_type");
    let lanes = found["lanes"].as_array().unwrap();
    for lane in lanes {
        let expected = types
            .get(lane["log_type"].as_str().unwrap())
            .copied()
            .unwrap_or(0);
        assert_eq!(lane["total"], expected, "{lane}");
        let bars: u64 = lane["bars"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_u64)
            .sum();
        assert_eq!(bars, expected, "{lane}");
    }
    assert!(
        types
            .keys()
            .all(|name| lanes.iter().any(|lane| lane["log_type"] == *name))
    );
    let seen_with = found["seen_with"].as_array().unwrap().iter();
    let seen = seen_with.clone().find(|it| it["field"] == "event.action");
    let seen = seen.unwrap();
    assert_eq!(seen["kind"], "action");
    for (value, count) in value_counts(&seen["values"]) {
        assert_eq!(counts(&window, "event.action").get(&value), Some(&count));
    }
    let failures = window
        .iter()
        .filter(|it| texts(it, "event.outcome") == ["failure"]);
    assert_eq!(found["failed"], failures.count());
}
