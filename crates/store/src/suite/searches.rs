//! Searching, paging, answers and errors.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::documents::{COUNT, START_MS, Sample, load};
use super::{TestedStore, ids, search};
use crate::StoreError;

type Predicate = fn(&Sample) -> bool;

const DAY_MS: i64 = 86_400_000;

fn cases() -> Vec<(Value, Predicate)> {
    vec![
        (json!({"match_all": {}}), |_| true),
        (json!({"match_none": {}}), |_| false),
        (json!({"term": {"event.action": "ConsoleLogin"}}), |s| {
            s.has("event.action", "ConsoleLogin")
        }),
        (json!({"term": {"event.action": "consolelogin"}}), |_| false),
        (
            json!({"term": {"event.action": {"value": "consolelogin", "case_insensitive": true}}}),
            |s| s.has("event.action", "ConsoleLogin"),
        ),
        (json!({"term": {"source.port": "13"}}), |s| {
            s.number("source.port") == 13.0
        }),
        (json!({"term": {"source.port": 13}}), |s| {
            s.number("source.port") == 13.0
        }),
        (json!({"term": {"source.ip": "192.0.2.9"}}), |s| {
            s.has("source.ip", "192.0.2.9")
        }),
        (json!({"term": {"source.ip": "203.0.113.0/24"}}), |s| {
            s.values("source.ip")
                .iter()
                .any(|ip| ip.starts_with("203.0.113."))
        }),
        (json!({"term": {"source.ip": "2001:db8::/32"}}), |s| {
            s.values("source.ip").iter().any(|ip| ip.contains(':'))
        }),
        (json!({"term": {"related.ip": "192.0.2.250"}}), |_| true),
        (json!({"term": {"flag": true}}), |s| s.has("flag", "true")),
        (json!({"term": {"score": 1.5}}), |s| {
            s.number("score") == 1.5
        }),
        (json!({"term": {"extra.count": 3}}), |s| {
            s.number("extra.count") == 3.0
        }),
        (json!({"term": {"extra.deep.key": "k4"}}), |s| {
            s.has("extra.deep.key", "k4")
        }),
        (json!({"term": {"tags": "t2"}}), |s| s.has("tags", "t2")),
        (
            json!({"terms": {"event.action": ["ConsoleLogin", "GetObject"]}}),
            |s| s.has("event.action", "ConsoleLogin") || s.has("event.action", "GetObject"),
        ),
        (
            json!({"terms": {"source.port": (0..100).collect::<Vec<i64>>()}}),
            |s| s.number("source.port") < 100.0,
        ),
        (
            json!({"range": {"network.bytes": {"gte": 100, "lt": 5000}}}),
            |s| (100.0..5000.0).contains(&s.number("network.bytes")),
        ),
        (json!({"range": {"source.port": {"gt": "500"}}}), |s| {
            s.number("source.port") > 500.0
        }),
        (json!({"range": {"score": {"lte": 2.5}}}), |s| {
            s.number("score") <= 2.5
        }),
        (
            json!({"range": {"source.ip": {"gte": "203.0.113.5", "lte": "203.0.113.20"}}}),
            |s| {
                let last = s.values("source.ip").pop().unwrap_or_default();
                last.strip_prefix("203.0.113.")
                    .and_then(|n| n.parse::<u32>().ok())
                    .is_some_and(|n| (5..=20).contains(&n))
            },
        ),
        (
            json!({"range": {"@timestamp": {"gte": "2026-11-20", "lt": "2026-11-21"}}}),
            |s| (START_MS + DAY_MS..START_MS + 2 * DAY_MS).contains(&s.timestamp_ms),
        ),
        (
            json!({"range": {"@timestamp": {"gte": "2026-11-20", "lte": "2026-11-20", "time_zone": "+09:00"}}}),
            |s| {
                let start = START_MS + DAY_MS - 9 * 3_600_000;
                (start..start + DAY_MS).contains(&s.timestamp_ms)
            },
        ),
        (
            json!({"range": {"created": {"lt": "2026-11-19T00:00:00Z"}}}),
            |s| s.timestamp_ms - DAY_MS < START_MS,
        ),
        (
            json!({"range": {"seen": {"gte": "2026-11-20T00:00:00Z"}}}),
            |s| s.timestamp_ms >= START_MS + DAY_MS,
        ),
        (json!({"exists": {"field": "user.name"}}), |s| {
            !s.values("user.name").is_empty()
        }),
        (json!({"exists": {"field": "user"}}), |s| {
            !s.values("user.name").is_empty()
        }),
        (json!({"exists": {"field": "nowhere"}}), |_| false),
        (json!({"prefix": {"event.action": "Console"}}), |s| {
            s.values("event.action")
                .iter()
                .any(|action| action.starts_with("Console"))
        }),
        (
            json!({"wildcard": {"event.action": {"value": "*In?tances"}}}),
            |s| s.has("event.action", "DescribeInstances"),
        ),
        (json!({"wildcard": {"source.ip": "198.51.100.*"}}), |s| {
            s.values("source.ip")
                .iter()
                .any(|ip| ip.starts_with("198.51.100."))
        }),
        (json!({"wildcard": {"source.ip": "*.1?"}}), |s| {
            s.values("source.ip").iter().any(|ip| {
                let last = ip
                    .rsplit_once('.')
                    .map(|(_, last)| last)
                    .unwrap_or_default();
                last.len() == 2 && last.starts_with('1')
            })
        }),
        (json!({"regexp": {"user.name": "user-(1|10)"}}), |s| {
            s.has("user.name", "user-1") || s.has("user.name", "user-10")
        }),
        (json!({"match": {"error.message": "FOX 7"}}), |_| true),
        (
            json!({"match": {"error.message": {"query": "fox 7", "operator": "and"}}}),
            |s| {
                s.body["error"]["message"]
                    .as_str()
                    .unwrap_or_default()
                    .contains(" 7 ")
            },
        ),
        (
            json!({"match_phrase": {"error.message": "number 7 jumps"}}),
            |s| {
                s.body["error"]["message"]
                    .as_str()
                    .unwrap_or_default()
                    .contains(" 7 ")
            },
        ),
        (json!({"match_phrase": {"@message": "took 77 ms"}}), |s| {
            s.message().contains("took 77 ms")
        }),
        (json!({"match_phrase": {"@message": "ms took 77"}}), |_| {
            false
        }),
        (json!({"match": {"event.action": "Console Out"}}), |s| {
            s.has("event.action", "Console Out")
        }),
        (
            json!({"multi_match": {"query": "user-3", "fields": ["*"]}}),
            |s| s.has("user.name", "user-3"),
        ),
        (
            json!({"multi_match": {"query": "192.0.2.9", "fields": ["*"], "type": "phrase"}}),
            |s| s.has("source.ip", "192.0.2.9"),
        ),
        (
            json!({"ids": {"values": ["id-00003", "id-00004", "none"]}}),
            |s| s.id == "id-00003" || s.id == "id-00004",
        ),
        (
            json!({"bool": {"must_not": [{"term": {"flag": true}}]}}),
            |s| s.has("flag", "false"),
        ),
        (
            json!({"bool": {
                "filter": [{"term": {"flag": true}}],
                "should": [{"term": {"tags": "t2"}}, {"term": {"tags": "t4"}}],
                "minimum_should_match": 1,
                "must_not": {"term": {"event.outcome": "failure"}},
            }}),
            |s| {
                s.has("flag", "true")
                    && (s.has("tags", "t2") || s.has("tags", "t4"))
                    && s.has("event.outcome", "success")
            },
        ),
        (
            json!({"bool": {"filter": [{"term": {"flag": true}}], "should": [{"term": {"tags": "t2"}}]}}),
            |s| s.has("flag", "true"),
        ),
        (
            json!({"bool": {"should": [{"term": {"tags": "t2"}}, {"term": {"flag": true}}]}}),
            |s| s.has("tags", "t2") || s.has("flag", "true"),
        ),
        (
            json!({"nested": {"path": "extra", "query": {"term": {"extra.count": 5}}}}),
            |s| s.number("extra.count") == 5.0,
        ),
    ]
}

pub(super) async fn queries_find_what_they_mean(store: &dyn TestedStore) {
    let samples = load(store);
    for (query, predicate) in cases() {
        let expected: BTreeSet<String> = samples
            .iter()
            .filter(|s| predicate(s))
            .map(|s| s.id.clone())
            .collect();
        let body =
            json!({"query": query, "size": 10_000, "track_total_hits": true, "_source": false});
        let answer = search(store, "log-*", body).await;
        let found: BTreeSet<String> = ids(&answer).into_iter().collect();
        assert_eq!(found, expected, "{query}");
        assert_eq!(
            answer["hits"]["total"],
            json!({"value": expected.len(), "relation": "eq"}),
            "{query}"
        );
        let count = store
            .count("log-*", &json!({"query": query}))
            .await
            .expect("count");
        assert_eq!(count, expected.len() as u64, "{query}");
    }
    for (indices, expected) in [
        ("log-flow-*", 500),
        ("log-*,-log-flow-*", 1_000),
        ("log-flow-2026-11", 500),
        ("nothing-*", 0),
        ("*", 1_500),
    ] {
        assert_eq!(
            store.count(indices, &json!({})).await.expect("count"),
            expected,
            "{indices}"
        );
    }
    let missing = store.search("log-missing", &json!({})).await;
    assert!(matches!(missing, Err(StoreError::NoSuchIndex(name)) if name == "log-missing"));
    let infos = store.indices("*").await.expect("indices");
    let counts: Vec<(&str, u64)> = infos
        .iter()
        .map(|info| (info.index.as_str(), info.documents))
        .collect();
    assert_eq!(
        counts,
        [("log-audit-2026-11", 1_000), ("log-flow-2026-11", 500)]
    );
    assert_eq!(infos[1].min_timestamp_ms, Some(START_MS));
    let caps = store.field_caps("log-*", "*").await.expect("field caps");
    for (field, kind) in [
        ("source.ip", "ip"),
        ("source.port", "long"),
        ("user.name", "keyword"),
        ("extra.count", "long"),
        ("@timestamp", "date"),
        ("@message", "text"),
        ("source.geo.location", "geo_point"),
    ] {
        assert_eq!(
            caps["fields"][field][kind]["searchable"],
            json!(true),
            "{field}: {caps}"
        );
    }
}

pub(super) async fn pages_hold_every_hit_once(store: &dyn TestedStore) {
    let samples = load(store);
    let sorts = [
        json!([{"@timestamp": "desc"}, {"_id": "desc"}]),
        json!([{"@timestamp": {"order": "asc"}}, "_doc"]),
        json!([{"user.name": {"order": "desc", "missing": "_first"}}, {"_id": "asc"}]),
        json!([{"network.bytes": "asc"}, {"source.ip": "desc"}, "_id"]),
        json!(["_doc"]),
    ];
    for sort in sorts {
        let mut seen: Vec<String> = Vec::new();
        let mut keys: Vec<Value> = Vec::new();
        let mut after: Option<Value> = None;
        loop {
            let mut body = json!({"size": 170, "sort": sort, "_source": false});
            if let Some(after) = &after {
                body["search_after"] = after.clone();
            }
            let answer = search(store, "log-*", body).await;
            let page = ids(&answer);
            if page.is_empty() {
                break;
            }
            for hit in answer["hits"]["hits"].as_array().expect("hits") {
                keys.push(hit["sort"][0].clone());
            }
            after = keys.last().and_then(|_| {
                answer["hits"]["hits"]
                    .as_array()?
                    .last()
                    .map(|hit| hit["sort"].clone())
            });
            seen.extend(page);
        }
        assert_eq!(seen.len() as i64, COUNT, "{sort}");
        assert_eq!(
            seen.iter().collect::<BTreeSet<_>>().len() as i64,
            COUNT,
            "{sort}"
        );
        if sort[0]["@timestamp"] == "desc" {
            let mut expected: Vec<i64> = samples.iter().map(|s| s.timestamp_ms).collect();
            expected.sort_by(|left, right| right.cmp(left));
            assert_eq!(
                keys,
                expected.iter().map(|ms| json!(ms)).collect::<Vec<_>>()
            );
        }
        if sort[0].get("user.name").is_some() {
            let mut expected: Vec<Option<String>> = samples
                .iter()
                .map(|s| s.values("user.name").pop())
                .collect();
            expected
                .sort_by(|left, right| right.is_none().cmp(&left.is_none()).then(right.cmp(left)));
            assert_eq!(
                keys,
                expected.iter().map(|name| json!(name)).collect::<Vec<_>>()
            );
        }
    }
    let all = search(
        store,
        "*",
        json!({"size": 40, "sort": [{"@timestamp": "desc"}, "_id"]}),
    )
    .await;
    let part = search(
        store,
        "*",
        json!({"size": 15, "from": 25, "sort": [{"@timestamp": "desc"}, "_id"]}),
    )
    .await;
    assert_eq!(ids(&all)[25..], ids(&part));
    let newest = search(store, "*", json!({"size": 5, "track_total_hits": false})).await;
    assert!(newest["hits"].get("total").is_none());
    assert_eq!(ids(&newest).len(), 5);
}

pub(super) async fn answers_have_the_parts_asked_for(store: &dyn TestedStore) {
    let samples = load(store);
    let one = samples
        .iter()
        .find(|sample| sample.id == "id-00016")
        .expect("sample");
    let query = json!({"ids": {"values": [one.id]}});
    let answer = search(store, "*", json!({"query": query})).await;
    let hit = &answer["hits"]["hits"][0];
    assert_eq!(hit["_source"], one.body);
    assert_eq!(hit["_index"], json!(one.index));
    let body = json!({
        "query": query,
        "_source": {"includes": ["source", "event.*"], "excludes": ["source.port"]},
        "fields": ["related.*", {"field": "@timestamp", "format": "epoch_millis"}],
    });
    let hit = search(store, "*", body).await["hits"]["hits"][0].clone();
    assert_eq!(
        hit["_source"],
        json!({"source": {"ip": one.body["source"]["ip"]}, "event": one.body["event"]})
    );
    assert_eq!(hit["fields"]["related.ip"], one.body["related"]["ip"]);
    assert_eq!(
        hit["fields"]["@timestamp"],
        json!([one.timestamp_ms.to_string()])
    );
    assert_eq!(
        store.get(&one.index, &one.id).await.expect("get"),
        Some(one.body.clone())
    );
    assert_eq!(store.get(&one.index, "none").await.expect("get"), None);
}

pub(super) async fn wrong_requests_are_refused_with_their_place(store: &dyn TestedStore) {
    load(store);
    let cases = [
        (
            json!({"query": {"bool": {"filter": [{"match_all": {}}, {"rnge": {}}]}}}),
            "query.bool.filter[1].rnge",
        ),
        (json!({"quary": {}}), "quary"),
        (json!({"size": 10_001}), "size"),
        (json!({"size": -1}), "size"),
        (
            json!({"query": {"term": {"a": {"value": 1, "fuzzy": 2}}}}),
            "query.term.a.fuzzy",
        ),
        (
            json!({"aggs": {"x": {"significant_terms": {"field": "a"}}}}),
            "aggs.x.significant_terms",
        ),
        (
            json!({"aggs": {"x": {"terms": {"field": "a", "sice": 3}}}}),
            "aggs.x.terms.sice",
        ),
        (
            json!({"aggs": {"x": {"date_histogram": {"field": "a", "fixed_interval": "1M"}}}}),
            "aggs.x.date_histogram.fixed_interval",
        ),
        (json!({"sort": [{"a": "up"}]}), "sort[0].a"),
        (json!({"search_after": [1]}), "search_after"),
    ];
    for (body, expected) in cases {
        match store.search("*", &body).await {
            Err(StoreError::BadRequest { path, .. }) => assert_eq!(path, expected, "{body}"),
            other => unreachable!("{body}: {other:?}"),
        }
    }
    let late = json!({"query": {"range": {"@timestamp": {"gte": "someday"}}}});
    assert!(matches!(
        store.search("*", &late).await,
        Err(StoreError::BadRequest { .. })
    ));
    let many = json!({"size": 0, "aggs": {"t": {"date_histogram": {"field": "@timestamp", "fixed_interval": "1s"}}}});
    match store.search("*", &many).await {
        Err(StoreError::BadRequest { kind, .. }) => assert_eq!(kind, "too_many_buckets_exception"),
        other => unreachable!("{other:?}"),
    }
}
