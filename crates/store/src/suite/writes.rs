//! Taking documents in.

use serde_json::{Value, json};

use super::documents::START_MS;
use super::{TestedStore, ids, search};
use crate::IncomingDocument;

fn document(id: &str, body: &str) -> IncomingDocument {
    IncomingDocument {
        index: "log-audit-2026-11".to_owned(),
        id: id.to_owned(),
        log_type: "audit".to_owned(),
        timestamp_ms: START_MS,
        json: body.as_bytes().to_vec(),
    }
}

pub(super) async fn the_same_id_replaces(store: &dyn TestedStore) {
    let versioned = |id: &str, version: u32| document(id, &json!({"version": version}).to_string());
    // In one batch, in one commit, across commits.
    store
        .write(vec![
            versioned("a", 1),
            versioned("b", 1),
            versioned("a", 2),
        ])
        .expect("write");
    store.write(vec![versioned("b", 2)]).expect("write");
    store.commit().expect("commit");
    store
        .write((0..50).map(|n| versioned(&format!("c{n}"), n)).collect())
        .expect("write");
    store.write(vec![versioned("a", 3)]).expect("write");
    store.commit().expect("commit");
    assert_eq!(store.count("*", &json!({})).await.expect("count"), 52);
    for (id, version) in [("a", 3), ("b", 2), ("c7", 7)] {
        let found = store.get("log-audit-2026-11", id).await.expect("get");
        assert_eq!(found, Some(json!({"version": version})), "{id}");
    }
    let aggs = json!({"v": {"sum": {"field": "version"}}});
    let query = json!({"ids": {"values": ["a", "b"]}});
    let answer = search(
        store,
        "*",
        json!({"size": 10, "query": query, "aggs": aggs}),
    )
    .await;
    assert_eq!(answer["aggregations"]["v"]["value"], json!(5.0));
    assert_eq!(ids(&answer).len(), 2);
}

pub(super) async fn pages_hold_documents_without_the_field(store: &dyn TestedStore) {
    // What is committed together may lie together, without any value of the field to compare with.
    for (part, has_name) in [("a", true), ("b", false), ("c", true), ("d", false)] {
        let batch = (0..20).map(|n| match has_name {
            true => document(&format!("{part}{n}"), &format!(r#"{{"name":"{}"}}"#, n % 7)),
            false => document(&format!("{part}{n}"), "{}"),
        });
        store.write(batch.collect()).expect("write");
        store.commit().expect("commit");
    }
    for (order, missing) in [
        ("asc", "_first"),
        ("desc", "_first"),
        ("asc", "_last"),
        ("desc", "_last"),
    ] {
        let sort = json!([{"name": {"order": order, "missing": missing}}, {"_id": "asc"}]);
        let mut seen = Vec::new();
        let mut body = json!({"size": 9, "sort": sort});
        loop {
            let answer = search(store, "*", body.clone()).await;
            let Some(last) = answer["hits"]["hits"]
                .as_array()
                .and_then(|hits| hits.last())
            else {
                break;
            };
            body["search_after"] = last["sort"].clone();
            seen.extend(ids(&answer));
        }
        assert_eq!(seen.len(), 80, "{order} {missing}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 80, "{order} {missing}");
    }
}

pub(super) async fn misfits_stay_in_the_source(store: &dyn TestedStore) {
    let long = "x".repeat(40_000);
    let deep = format!("{}1{}", "{\"d\":".repeat(60), "}".repeat(60));
    let cases: Vec<(&str, String, u64)> = vec![
        (
            "fits",
            json!({"source": {"ip": "192.0.2.1", "port": "443"}, "flag": "true"}).to_string(),
            0,
        ),
        (
            "bad-ip",
            json!({"source": {"ip": "AWS Internal", "port": "443"}}).to_string(),
            1,
        ),
        (
            "bad-port",
            json!({"source": {"ip": "192.0.2.1", "port": "https"}}).to_string(),
            1,
        ),
        (
            "object",
            json!({"source": {"ip": {"v4": "192.0.2.1"}}}).to_string(),
            0,
        ),
        (
            "list",
            json!({"source": {"port": ["1", 2, "x"]}}).to_string(),
            1,
        ),
        ("long", json!({"event": {"action": long}}).to_string(), 1),
        ("date", json!({"created": "not a date"}).to_string(), 1),
        ("deep", deep, 1),
        ("broken", "{\"a\": ".to_owned(), 1),
        (
            "nulls",
            "{\"a\":null,\"b\":{},\"c\":[],\"\":\"\",\"a.b\":1,\"\\u0000\\u0001\":\"x\"}"
                .to_owned(),
            0,
        ),
    ];
    for (id, body, repaired) in &cases {
        let outcome = store.write(vec![document(id, body)]).expect("write");
        assert_eq!(
            (outcome.written, outcome.repaired_values),
            (1, *repaired),
            "{id}"
        );
    }
    store.commit().expect("commit");
    assert_eq!(
        store.count("*", &json!({})).await.expect("count"),
        cases.len() as u64
    );
    for (id, body, _) in &cases {
        let found = store
            .get("log-audit-2026-11", id)
            .await
            .expect("get")
            .expect("document");
        match serde_json::from_str::<Value>(body) {
            Ok(expected) => assert_eq!(found, expected, "{id}"),
            Err(_) => assert!(found.to_string().contains("\\\"a\\\""), "{found}"),
        }
    }
    let port = json!({"query": {"term": {"source.port": "443"}}, "sort": ["_id"]});
    let mut found = ids(&search(store, "*", port).await);
    found.sort();
    assert_eq!(found, ["bad-ip", "fits"]);
}
