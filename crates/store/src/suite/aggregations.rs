//! Aggregations against plain loops over the documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::documents::{START_MS, Sample, load};
use super::{TestedStore, search};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

async fn aggregate(store: &dyn TestedStore, query: Value, aggs: Value) -> Value {
    let body = json!({"size": 0, "query": query, "aggs": aggs});
    search(store, "log-*", body).await["aggregations"].clone()
}

fn counts<'a>(samples: impl IntoIterator<Item = &'a Sample>, path: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for sample in samples {
        for value in sample.values(path).into_iter().collect::<BTreeSet<_>>() {
            *counts.entry(value).or_insert(0) += 1;
        }
    }
    counts
}

/// Values by count, the most frequent first; then by value.
fn ranked(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut ranked: Vec<(String, u64)> = counts.into_iter().collect();
    ranked.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    ranked
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn buckets(answer: &Value) -> Vec<(String, u64)> {
    let list = answer["buckets"].as_array().expect("buckets");
    list.iter()
        .map(|bucket| {
            (
                text(&bucket["key"]),
                bucket["doc_count"].as_u64().expect("count"),
            )
        })
        .collect()
}

fn close(got: &Value, expected: f64) -> bool {
    got.as_f64()
        .is_some_and(|got| (got - expected).abs() <= expected.abs() * 1e-9 + 1e-9)
}

pub(super) async fn counts_are_exact(store: &dyn TestedStore) {
    let samples = load(store);
    terms(store, &samples).await;
    time(store, &samples).await;
    numbers(store, &samples).await;
    fixed(store, &samples).await;
    nested(store, &samples).await;
}

async fn terms(store: &dyn TestedStore, samples: &[Sample]) {
    for path in [
        "event.action",
        "tags",
        "user.name",
        "extra.deep.key",
        "@log_type",
    ] {
        let expected = ranked(counts(samples, path));
        let answer = aggregate(
            store,
            json!({"match_all": {}}),
            json!({"t": {"terms": {"field": path, "size": 4}}}),
        )
        .await;
        let top = &expected[..expected.len().min(4)];
        assert_eq!(buckets(&answer["t"]), top, "{path}");
        let others: u64 = expected.iter().skip(4).map(|(_, count)| count).sum();
        assert_eq!(answer["t"]["sum_other_doc_count"], json!(others), "{path}");
    }
    let all = |path: &str| counts(samples, path);
    // Addresses and numbers tie in their own order, not in that of their text.
    let answer = aggregate(
        store,
        json!({"match_all": {}}),
        json!({
            "ip": {"terms": {"field": "source.ip", "size": 1_000}},
            "port": {"terms": {"field": "source.port", "size": 20_000_000}},
            "flag": {"terms": {"field": "flag"}},
            "keys": {"terms": {"field": "event.action", "order": {"_key": "desc"}}},
            "some": {"terms": {"field": "event.action", "include": "Console.*", "exclude": ["Console Out"]}},
            "none": {"terms": {"field": "user.name", "size": 100, "missing": "(none)"}},
            "bytes": {
                "terms": {"field": "event.action", "order": {"b": "desc"}, "size": 3},
                "aggs": {"b": {"sum": {"field": "network.bytes"}}},
            },
            "rare": {"terms": {"field": "source.ip", "order": {"_count": "asc"}, "size": 3}},
        }),
    )
    .await;
    assert_eq!(
        buckets(&answer["ip"])
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        all("source.ip")
    );
    assert_eq!(
        buckets(&answer["port"])
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        all("source.port")
    );
    assert_eq!(
        answer["flag"]["buckets"][0]["key_as_string"],
        json!("false")
    );
    assert_eq!(answer["flag"]["buckets"][0]["key"], json!(0));
    let mut keys: Vec<(String, u64)> = all("event.action").into_iter().collect();
    keys.reverse();
    assert_eq!(buckets(&answer["keys"]), keys);
    assert_eq!(buckets(&answer["some"]), [("ConsoleLogin".to_owned(), 300)]);
    let without = samples
        .iter()
        .filter(|sample| sample.values("user.name").is_empty())
        .count() as u64;
    assert!(buckets(&answer["none"]).contains(&("(none)".to_owned(), without)));
    let mut sums: Vec<(String, f64)> = all("event.action")
        .into_keys()
        .map(|action| {
            let own = samples
                .iter()
                .filter(|sample| sample.has("event.action", &action));
            let sum = own.map(|sample| sample.number("network.bytes")).sum();
            (action, sum)
        })
        .collect();
    sums.sort_by(|left, right| right.1.total_cmp(&left.1));
    for (bucket, (action, sum)) in answer["bytes"]["buckets"]
        .as_array()
        .expect("buckets")
        .iter()
        .zip(&sums)
    {
        assert_eq!(bucket["key"], json!(action));
        assert!(close(&bucket["b"]["value"], *sum));
    }
    let rarest = all("source.ip").into_values().min();
    assert_eq!(answer["rare"]["buckets"][0]["doc_count"].as_u64(), rarest);
}

async fn time(store: &dyn TestedStore, samples: &[Sample]) {
    // Offset of the zone's midnight from UTC's at the time of the samples.
    let cases = [
        (json!({"fixed_interval": "3h"}), 3 * HOUR_MS, 0),
        (
            json!({"fixed_interval": "1d", "time_zone": "Asia/Tokyo"}),
            DAY_MS,
            9 * HOUR_MS,
        ),
        (
            json!({"calendar_interval": "day", "time_zone": "America/New_York"}),
            DAY_MS,
            -5 * HOUR_MS,
        ),
        (
            json!({"calendar_interval": "1d", "time_zone": "+05:30"}),
            DAY_MS,
            5 * HOUR_MS + HOUR_MS / 2,
        ),
        (
            json!({"fixed_interval": "1d", "offset": "+6h"}),
            DAY_MS,
            -6 * HOUR_MS,
        ),
    ];
    for (mut options, length, shift) in cases {
        let mut expected: BTreeMap<i64, u64> = BTreeMap::new();
        for sample in samples {
            let start = (sample.timestamp_ms + shift).div_euclid(length) * length - shift;
            *expected.entry(start).or_default() += 1;
        }
        options["field"] = json!("@timestamp");
        options["min_doc_count"] = json!(1);
        let answer = aggregate(
            store,
            json!({"match_all": {}}),
            json!({"h": {"date_histogram": options.clone()}}),
        )
        .await;
        let expected: Vec<(String, u64)> = expected
            .into_iter()
            .map(|(ms, count)| (ms.to_string(), count))
            .collect();
        assert_eq!(buckets(&answer["h"]), expected, "{options}");
    }
    let answer = aggregate(
        store,
        json!({"range": {"@timestamp": {"lt": "2026-11-19T06:00:00Z"}}}),
        json!({
            "h": {"date_histogram": {
                "field": "@timestamp", "fixed_interval": "6h", "min_doc_count": 0,
                "extended_bounds": {"min": "2026-11-18T12:00:00Z", "max": "2026-11-19T12:00:00Z"},
            }},
            "auto": {"auto_date_histogram": {"field": "@timestamp", "buckets": 10}},
            "month": {"date_histogram": {"field": "created", "calendar_interval": "month"}},
        }),
    )
    .await;
    let early = samples
        .iter()
        .filter(|sample| sample.timestamp_ms < START_MS + 6 * HOUR_MS)
        .count() as u64;
    let filled: Vec<u64> = buckets(&answer["h"])
        .into_iter()
        .map(|(_, count)| count)
        .collect();
    assert_eq!(filled, [0, 0, early, 0, 0]);
    let auto = buckets(&answer["auto"]);
    assert!(!auto.is_empty() && auto.len() <= 10, "{answer}");
    assert_eq!(auto.iter().map(|(_, count)| count).sum::<u64>(), early);
    assert_eq!(
        answer["month"]["buckets"][0]["key_as_string"],
        json!("2026-11-01T00:00:00.000Z")
    );
}

async fn numbers(store: &dyn TestedStore, samples: &[Sample]) {
    let answer = aggregate(
        store,
        json!({"term": {"flag": true}}),
        json!({
            "stats": {"stats": {"field": "network.bytes"}},
            "more": {"extended_stats": {"field": "network.bytes"}},
            "distinct": {"cardinality": {"field": "source.ip"}},
            "ports": {"cardinality": {"field": "source.port"}},
            "values": {"value_count": {"field": "tags"}},
            "percentiles": {"percentiles": {"field": "network.bytes", "percents": [0, 50, 100]}},
            "max": {"max": {"field": "@timestamp"}},
            "nothing": {"avg": {"field": "nowhere"}},
            "histogram": {"histogram": {"field": "score", "interval": 2.5}},
        }),
    )
    .await;
    let own: Vec<&Sample> = samples
        .iter()
        .filter(|sample| sample.has("flag", "true"))
        .collect();
    let mut bytes: Vec<f64> = own
        .iter()
        .map(|sample| sample.number("network.bytes"))
        .collect();
    bytes.sort_by(f64::total_cmp);
    let (count, sum) = (bytes.len() as f64, bytes.iter().sum::<f64>());
    for name in ["stats", "more"] {
        assert_eq!(answer[name]["count"], json!(bytes.len()));
        assert!(close(&answer[name]["sum"], sum));
        assert!(close(&answer[name]["avg"], sum / count));
        assert!(close(&answer[name]["min"], bytes[0]));
        assert!(close(&answer[name]["max"], bytes[bytes.len() - 1]));
    }
    let variance = bytes
        .iter()
        .map(|value| (value - sum / count).powi(2))
        .sum::<f64>()
        / count;
    assert!((answer["more"]["variance"].as_f64().unwrap() / variance - 1.0).abs() < 1e-6);
    assert_eq!(
        answer["distinct"]["value"],
        json!(counts(own.iter().copied(), "source.ip").len())
    );
    assert_eq!(
        answer["ports"]["value"],
        json!(counts(own.iter().copied(), "source.port").len())
    );
    assert_eq!(answer["values"]["value"], json!(own.len() * 2));
    assert!(close(
        &answer["percentiles"]["values"]["100.0"],
        bytes[bytes.len() - 1]
    ));
    let median = answer["percentiles"]["values"]["50.0"].as_f64().unwrap();
    let exact = bytes[bytes.len() / 2];
    assert!(
        (median - exact).abs() <= exact * 0.02 + 20.0,
        "{median} {exact}"
    );
    let newest = own.iter().map(|sample| sample.timestamp_ms).max().unwrap();
    assert!(close(&answer["max"]["value"], newest as f64));
    assert!(answer["max"]["value_as_string"].is_string());
    assert_eq!(answer["nothing"]["value"], Value::Null);
    let mut expected: BTreeMap<i64, u64> = BTreeMap::new();
    for sample in &own {
        *expected
            .entry((sample.number("score") / 2.5).floor() as i64)
            .or_default() += 1;
    }
    let got: Vec<u64> = buckets(&answer["histogram"])
        .into_iter()
        .map(|(_, count)| count)
        .collect();
    assert_eq!(got, expected.into_values().collect::<Vec<_>>());
}

async fn fixed(store: &dyn TestedStore, samples: &[Sample]) {
    let answer = aggregate(
        store,
        json!({"match_all": {}}),
        json!({
            "named": {"filters": {"filters": {
                "login": {"term": {"event.action": "ConsoleLogin"}},
                "flag": {"term": {"flag": true}},
            }, "other_bucket": true}},
            "list": {"filters": {"filters": [{"term": {"flag": true}}]}, "aggs": {"m": {"max": {"field": "score"}}}},
            "one": {"filter": {"term": {"flag": true}}, "aggs": {"c": {"value_count": {"field": "score"}}}},
            "missing": {"missing": {"field": "user.name"}},
            "range": {"range": {"field": "network.bytes", "ranges": [{"to": 100}, {"from": 100, "to": 5000, "key": "mid"}, {"from": 5000}]}},
            "net": {"range": {"field": "source.ip", "ranges": [{"from": "192.0.2.0", "to": "192.0.3.0"}]}},
            "dates": {"date_range": {"field": "@timestamp", "ranges": [{"to": "2026-11-20"}, {"from": "2026-11-20"}]}},
        }),
    )
    .await;
    let count = |predicate: &dyn Fn(&Sample) -> bool| {
        json!(samples.iter().filter(|s| predicate(s)).count())
    };
    let login = |s: &Sample| s.has("event.action", "ConsoleLogin");
    let flag = |s: &Sample| s.has("flag", "true");
    let named = &answer["named"]["buckets"];
    assert_eq!(named["login"]["doc_count"], count(&login));
    assert_eq!(named["flag"]["doc_count"], count(&flag));
    assert_eq!(
        named["_other_"]["doc_count"],
        count(&|s| !login(s) && !flag(s))
    );
    assert_eq!(answer["list"]["buckets"][0]["doc_count"], count(&flag));
    assert!(close(
        &answer["list"]["buckets"][0]["m"]["value"],
        98.0 / 8.0
    ));
    assert_eq!(answer["one"]["c"]["value"], count(&flag));
    assert_eq!(
        answer["missing"]["doc_count"],
        count(&|s| s.values("user.name").is_empty())
    );
    let bytes = |s: &Sample| s.number("network.bytes");
    let range = &answer["range"]["buckets"];
    assert_eq!(
        range[0],
        json!({"key": "*-100.0", "to": 100.0, "doc_count": count(&|s| bytes(s) < 100.0)})
    );
    assert_eq!(range[1]["key"], json!("mid"));
    assert_eq!(
        range[1]["doc_count"],
        count(&|s| (100.0..5000.0).contains(&bytes(s)))
    );
    assert_eq!(range[2]["doc_count"], count(&|s| bytes(s) >= 5000.0));
    let inside = |s: &Sample| {
        s.values("source.ip")
            .iter()
            .any(|ip| ip.starts_with("192.0.2."))
    };
    assert_eq!(answer["net"]["buckets"][0]["doc_count"], count(&inside));
    assert_eq!(
        answer["dates"]["buckets"][0]["doc_count"],
        count(&|s| s.timestamp_ms < START_MS + DAY_MS)
    );
    assert_eq!(
        answer["dates"]["buckets"][1]["from_as_string"],
        json!("2026-11-20T00:00:00.000Z")
    );
}

async fn nested(store: &dyn TestedStore, samples: &[Sample]) {
    let answer = aggregate(
        store,
        json!({"match_all": {}}),
        json!({
            "a": {
                "terms": {"field": "event.action", "size": 3},
                "aggs": {
                    "d": {
                        "date_histogram": {"field": "@timestamp", "calendar_interval": "day"},
                        "aggs": {
                            "o": {
                                "terms": {"field": "tags", "size": 3},
                                "aggs": {"ip": {"cardinality": {"field": "source.ip"}}},
                            },
                            "n": {"sum": {"field": "network.bytes"}},
                        },
                    },
                    "most": {"max_bucket": {"buckets_path": "d>n"}},
                    "days": {"sum_bucket": {"buckets_path": "d._count"}},
                    "top": {"top_hits": {"size": 2, "sort": [{"@timestamp": "desc"}], "_source": ["event.action"]}},
                },
            },
            "mean": {"avg_bucket": {"buckets_path": "a>_count"}},
        }),
    )
    .await;
    for (bucket, (action, count)) in answer["a"]["buckets"]
        .as_array()
        .expect("buckets")
        .iter()
        .zip(ranked(counts(samples, "event.action")))
    {
        assert_eq!(
            (bucket["key"].as_str(), bucket["doc_count"].as_u64()),
            (Some(action.as_str()), Some(count))
        );
        let own: Vec<&Sample> = samples
            .iter()
            .filter(|sample| sample.has("event.action", &action))
            .collect();
        let mut most = f64::MIN;
        for day in bucket["d"]["buckets"].as_array().expect("days") {
            let start = day["key"].as_i64().expect("key");
            let of_day = |sample: &&&Sample| (start..start + DAY_MS).contains(&sample.timestamp_ms);
            let day_samples: Vec<&Sample> = own.iter().filter(of_day).copied().collect();
            assert_eq!(day["doc_count"], json!(day_samples.len()));
            let sum = day_samples
                .iter()
                .map(|sample| sample.number("network.bytes"))
                .sum::<f64>();
            assert!(close(&day["n"]["value"], sum));
            most = most.max(sum);
            let tags = ranked(counts(day_samples.iter().copied(), "tags"));
            assert_eq!(buckets(&day["o"]), tags[..tags.len().min(3)]);
            for tag in day["o"]["buckets"].as_array().expect("tags") {
                let name = tag["key"].as_str().expect("tag");
                let tagged = day_samples
                    .iter()
                    .copied()
                    .filter(|sample| sample.has("tags", name));
                assert_eq!(tag["ip"]["value"], json!(counts(tagged, "source.ip").len()));
            }
        }
        assert!(close(&bucket["most"]["value"], most));
        let newest = own
            .iter()
            .map(|sample| sample.timestamp_ms)
            .max()
            .expect("newest");
        let top = &bucket["top"]["hits"];
        assert_eq!(top["total"]["value"], json!(own.len()));
        assert_eq!(top["hits"][0]["sort"], json!([newest]));
        assert_eq!(
            top["hits"][0]["_source"],
            json!({"event": {"action": action}})
        );
    }
    let three: u64 = ranked(counts(samples, "event.action"))
        .iter()
        .take(3)
        .map(|(_, count)| count)
        .sum();
    assert!(close(&answer["mean"]["value"], three as f64 / 3.0));
}
