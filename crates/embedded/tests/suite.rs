//! The suite every store must pass, on the embedded store.

use std::sync::{Arc, Mutex};

use yagura_embedded::{EmbeddedStore, Granularity, Options};
use yagura_store::suite;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_store_passes_the_suite() {
    for granularity in [Granularity::Day, Granularity::Month] {
        let folders = Mutex::new(Vec::new());
        suite::run(&|catalog| {
            let folder = tempfile::tempdir().unwrap();
            let options = Options {
                granularity: Arc::new(move |_| granularity),
                max_open_writers: 3,
                memory_budget_bytes: 64 << 20,
                ..Options::default()
            };
            let store = EmbeddedStore::open(folder.path(), catalog, options).unwrap();
            folders.lock().unwrap().push(folder);
            Box::new(store)
        })
        .await;
    }
}
