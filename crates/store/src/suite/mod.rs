//! What every store must be able to do, as tests: a store's crate calls [`run`] from a test.
//!
//! Expected answers are computed from the documents by plain loops, never by a store.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "tests stop at the first thing that is not as it must be"
)]

mod aggregations;
mod documents;
mod searches;
mod writes;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use crate::{FieldCatalog, Sink, Store};

/// A store that can be tested.
pub trait TestedStore: Sink + Store {}

impl<T: Sink + Store> TestedStore for T {}

/// Makes an empty store that knows the given fields.
pub type MakeStore<'a> = dyn Fn(Arc<FieldCatalog>) -> Box<dyn TestedStore> + 'a;

/// Runs all tests.
///
/// # Panics
///
/// If the store does anything else than it must.
pub async fn run(make_store: &MakeStore<'_>) {
    type Test = for<'a> fn(&'a dyn TestedStore) -> Pin<Box<dyn Future<Output = ()> + 'a>>;
    let tests: [(&str, Test); 8] = [
        ("searches", |store| {
            Box::pin(searches::queries_find_what_they_mean(store))
        }),
        ("pages", |store| {
            Box::pin(searches::pages_hold_every_hit_once(store))
        }),
        ("pages without a value", |store| {
            Box::pin(writes::pages_hold_documents_without_the_field(store))
        }),
        ("answers", |store| {
            Box::pin(searches::answers_have_the_parts_asked_for(store))
        }),
        ("errors", |store| {
            Box::pin(searches::wrong_requests_are_refused_with_their_place(store))
        }),
        ("aggregations", |store| {
            Box::pin(aggregations::counts_are_exact(store))
        }),
        ("upserts", |store| {
            Box::pin(writes::the_same_id_replaces(store))
        }),
        ("repairs", |store| {
            Box::pin(writes::misfits_stay_in_the_source(store))
        }),
    ];
    for (name, test) in tests {
        let store = make_store(Arc::new(documents::catalog()));
        tracing_line(name);
        test(store.as_ref()).await;
    }
}

/// Says on the test's output where it stands.
fn tracing_line(name: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "suite: {name}");
}

/// Searches and unwraps.
async fn search(store: &dyn TestedStore, indices: &str, body: Value) -> Value {
    match store.search(indices, &body).await {
        Ok(answer) => answer,
        Err(error) => unreachable!("{body} was refused: {error}"),
    }
}

/// The ids of an answer's hits.
fn ids(answer: &Value) -> Vec<String> {
    let hits = answer["hits"]["hits"].as_array().expect("hits");
    hits.iter()
        .map(|hit| hit["_id"].as_str().expect("id").to_owned())
        .collect()
}
