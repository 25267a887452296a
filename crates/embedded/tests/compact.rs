//! A day that is over is merged into one segment, and what it was made of is deleted.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use yagura_embedded::{EmbeddedStore, Granularity, Options};
use yagura_store::{FieldCatalog, IncomingDocument, Sink, Store};

/// A day of 2024.
const DAY_MS: i64 = 1_704_067_200_000;

/// So many documents, of which every write replaces some of the one before.
fn documents(write: u64) -> Vec<IncomingDocument> {
    let ids = write * 50..write * 50 + 60;
    ids.map(|id| IncomingDocument {
        index: "log-compact-2024-01".to_owned(),
        id: format!("id-{id}"),
        log_type: "compact".to_owned(),
        timestamp_ms: DAY_MS + id as i64 * 1_000,
        json: json!({"n": id, "write": write, "@message": format!("document {id}")})
            .to_string()
            .into_bytes(),
    })
    .collect()
}

/// The files in which segments keep their documents.
fn segments(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(segments(&path));
        } else if path.extension().is_some_and(|kind| kind == "store") {
            found.push(path.display().to_string());
        }
    }
    found
}

async fn newest_writes(store: &EmbeddedStore) -> Vec<u64> {
    let body = json!({"size": 1_000, "sort": [{"n": "asc"}]});
    let answer = store.search("log-*", &body).await.unwrap();
    let hits = answer["hits"]["hits"].as_array().unwrap();
    hits.iter()
        .map(|hit| hit["_source"]["write"].as_u64().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_over_becomes_one_segment_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        granularity: Arc::new(|_| Granularity::Day),
        memory_budget_bytes: 32 << 20,
        ..Options::default()
    };
    let catalog = Arc::new(FieldCatalog::default());
    let store = EmbeddedStore::open(folder.path(), catalog, options).unwrap();
    for write in 0..3 {
        store.write(documents(write)).unwrap();
        store.commit().unwrap();
    }
    // While somebody writes to the day, it is left alone.
    store.compact_closed().unwrap();
    assert!(segments(folder.path()).len() > 1);
    store.close().unwrap();
    let before = newest_writes(&store).await;
    assert_eq!(before.len(), 160);
    store.compact_closed().unwrap();
    assert_eq!(newest_writes(&store).await, before);
    // Those who searched before may have held what was merged until now.
    store.compact_closed().unwrap();
    assert_eq!(segments(folder.path()).len(), 1);
    assert_eq!(newest_writes(&store).await, before);
}
