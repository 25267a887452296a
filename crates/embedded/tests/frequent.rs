//! The most frequent values are exact where even they are rare and no segment shows them.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use yagura_embedded::{EmbeddedStore, Options};
use yagura_store::fields::FieldCatalog;
use yagura_store::{IncomingDocument, Sink, Store};

const DAY_MS: i64 = 86_400_000;
const DAYS: u32 = 4;
/// Values of a day: with all days more than the store looks at one by one.
const VALUES: u32 = 16_000;
const SIZE: usize = 12;

/// What a document says: its kind, and one of very many values.
fn documents(day: u32) -> impl Iterator<Item = (u32, String)> {
    // Each day begins a little later, so that values are there on one to four days.
    let first = day * 3_000;
    let often = |value: u32| 1 + u32::from(value % 1_777 == 5);
    (first..first + VALUES).flat_map(move |value| {
        (0..often(value)).map(move |again| ((value + again) % 3, format!("value-{value:05}")))
    })
}

fn ranked(counts: &BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut ranked: Vec<_> = counts.clone().into_iter().collect();
    ranked.sort_by_key(|(value, count)| (Reverse(*count), value.clone()));
    ranked.truncate(SIZE);
    ranked
}

fn buckets(aggregation: &Value) -> Vec<(String, u64)> {
    let buckets = aggregation["buckets"].as_array().unwrap().iter();
    let pair = |bucket: &Value| {
        let value = bucket["key"].as_str().unwrap().to_owned();
        (value, bucket["doc_count"].as_u64().unwrap())
    };
    buckets.map(pair).collect()
}

#[tokio::test]
async fn rare_values_are_counted_over_all_segments() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Arc::new(FieldCatalog::default());
    let store = EmbeddedStore::open(folder.path(), catalog, Options::default()).unwrap();
    let mut all = BTreeMap::new();
    let mut by_kind: BTreeMap<u32, BTreeMap<String, u64>> = BTreeMap::new();
    for day in 0..DAYS {
        let documents = documents(day).zip(0u64..).map(|((kind, value), number)| {
            *all.entry(value.clone()).or_default() += 1;
            let of_kind = by_kind.entry(kind).or_default();
            *of_kind.entry(value.clone()).or_default() += 1;
            IncomingDocument {
                index: "log-flow".to_owned(),
                id: format!("{day}-{number}"),
                log_type: "flow".to_owned(),
                timestamp_ms: 1_749_567_845_000 + i64::from(day) * DAY_MS,
                json: json!({"kind": format!("kind-{kind}"), "value": value})
                    .to_string()
                    .into_bytes(),
            }
        });
        store.write(documents.collect()).unwrap();
        store.commit().unwrap();
    }
    let values = json!({"terms": {"field": "value", "size": SIZE}});
    let body = json!({"size": 0, "aggs": {
        "all": values,
        "kinds": {"terms": {"field": "kind", "size": 3}, "aggs": {"values": values}},
    }});
    let answer = store.search("*", &body).await.unwrap();
    let found = &answer["aggregations"];
    assert_eq!(buckets(&found["all"]), ranked(&all));
    let kinds = found["kinds"]["buckets"].as_array().unwrap();
    assert_eq!(kinds.len(), by_kind.len());
    for bucket in kinds {
        let kind = bucket["key"].as_str().unwrap();
        let kind: u32 = kind.strip_prefix("kind-").unwrap().parse().unwrap();
        assert_eq!(
            buckets(&bucket["values"]),
            ranked(&by_kind[&kind]),
            "{kind}"
        );
    }
}
