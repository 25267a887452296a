//! Numbers are counted as they are, up to the edges of their type, and again after a replacement.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::sync::Arc;

use serde_json::{Value, json};
use yagura_embedded::{EmbeddedStore, Options};
use yagura_store::fields::FieldCatalog;
use yagura_store::{IncomingDocument, Sink, Store};

fn write(store: &EmbeddedStore, id: &str, number: Value) {
    let document = IncomingDocument {
        index: "log-flow".to_owned(),
        id: id.to_owned(),
        log_type: "flow".to_owned(),
        timestamp_ms: 1_749_567_845_000,
        json: json!({"n": number}).to_string().into_bytes(),
    };
    store.write(vec![document]).unwrap();
}

async fn counts(store: &EmbeddedStore) -> Value {
    let body = json!({"size": 0, "aggs": {"n": {"terms": {"field": "n", "size": 2}}}});
    let answer = store.search("*", &body).await.unwrap();
    let buckets = answer["aggregations"]["n"]["buckets"].as_array().unwrap();
    let pair = |bucket: &Value| json!([bucket["key"], bucket["doc_count"]]);
    buckets.iter().map(pair).collect()
}

#[tokio::test]
async fn numbers_are_counted_to_the_edges_of_their_type() {
    for (numbers, expected) in [
        ([i64::MAX; 3], json!([[i64::MAX, 3]])),
        (
            [i64::MAX, i64::MAX - 1, i64::MAX],
            json!([[i64::MAX, 2], [i64::MAX - 1, 1]]),
        ),
        (
            [i64::MIN, i64::MAX, i64::MIN],
            json!([[i64::MIN, 2], [i64::MAX, 1]]),
        ),
        ([7, 9, 8], json!([[7, 1], [8, 1]])),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Arc::new(FieldCatalog::default());
        let store = EmbeddedStore::open(folder.path(), catalog, Options::default()).unwrap();
        for (number, id) in numbers.iter().zip(["a", "b", "c"]) {
            write(&store, id, json!(number));
        }
        store.commit().unwrap();
        assert_eq!(counts(&store).await, expected, "{numbers:?}");
        // Remembered counts hold for the documents of that time only.
        for id in ["a", "b", "c"] {
            write(&store, id, json!(5));
            store.commit().unwrap();
        }
        assert_eq!(counts(&store).await, json!([[5, 3]]), "{numbers:?}");
    }
}
