//! A partition's tally is what counting its documents one by one gives, whatever was replaced.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};
use yagura_embedded::{EmbeddedStore, Granularity, Options, PieceTally};
use yagura_store::fields::{Field, FieldCatalog, FieldType};
use yagura_store::{IncomingDocument, Sink};

const DAY_MS: i64 = 86_400_000;
const FIRST_DAY: i64 = 20_000;

fn open(folder: &tempfile::TempDir) -> EmbeddedStore {
    let mut catalog = FieldCatalog::default();
    for name in ["source.ip", "destination.ip"] {
        catalog.add_common(Field {
            name: name.to_owned(),
            field_type: FieldType::Ip,
            format: None,
            description: String::new(),
        });
    }
    let options = Options {
        granularity: Arc::new(|log_type| match log_type {
            "finding" => Granularity::Single,
            _ => Granularity::Day,
        }),
        memory_budget_bytes: 32 << 20,
        ..Options::default()
    };
    EmbeddedStore::open(folder.path(), Arc::new(catalog), options).unwrap()
}

fn document(log_type: &str, id: u32, time_ms: i64, body: Value) -> IncomingDocument {
    let mut body = body;
    body["@log_type"] = json!(log_type);
    IncomingDocument {
        index: format!("log-{log_type}"),
        id: id.to_string(),
        log_type: log_type.to_owned(),
        timestamp_ms: time_ms,
        json: body.to_string().into_bytes(),
    }
}

/// Documents of three days; some are named twice within themselves, some come again as others.
fn documents(round: i64) -> Vec<IncomingDocument> {
    let mut all = Vec::new();
    for number in 0..400u32 {
        let id = number % 350;
        let time_ms = (FIRST_DAY + i64::from(id) % 3) * DAY_MS + i64::from(number) * 1_000;
        let name = ["ken", "hana", "", "ken"][number as usize % 4];
        let body = json!({
            "source": {"ip": format!("192.0.2.{}", number % 23)},
            "destination": {"ip": format!("192.0.2.{}", number % 7)},
            "user": {"name": name},
            "related": {"user": ["hana", "ken"]},
        });
        all.push(document("flow", id, time_ms, body));
        // A finding comes again on another day, about another user.
        let day = FIRST_DAY + (i64::from(number) + round) % 5;
        let body = json!({"user": {"name": format!("user-{}", (i64::from(number) + round) % 9)}});
        all.push(document(
            "finding",
            number % 40,
            day * DAY_MS + i64::from(number),
            body,
        ));
    }
    all
}

type Counts = BTreeMap<(i64, String, String), (u64, i64, i64)>;

/// What counting the documents that are left one by one gives.
fn counted(written: &[IncomingDocument], fields: &[&str]) -> Counts {
    let mut left: BTreeMap<(String, String, i64), &IncomingDocument> = BTreeMap::new();
    for document in written {
        let day = match document.log_type.as_str() {
            "finding" => 0,
            _ => document.timestamp_ms.div_euclid(DAY_MS),
        };
        left.insert((document.index.clone(), document.id.clone(), day), document);
    }
    let mut counts = Counts::new();
    for document in left.values() {
        let body: Value = serde_json::from_slice(&document.json).unwrap();
        let mut values = BTreeSet::new();
        for field in fields {
            match field.split('.').fold(&body, |value, part| &value[part]) {
                Value::String(text) => drop(values.insert(text.clone())),
                Value::Array(list) => {
                    values.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                _ => {}
            }
        }
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            let day = document.timestamp_ms.div_euclid(DAY_MS);
            let time = document.timestamp_ms;
            let cell = counts
                .entry((day, document.log_type.clone(), value))
                .or_insert((0, time, time));
            *cell = (cell.0 + 1, cell.1.min(time), cell.2.max(time));
        }
    }
    counts
}

fn tallied(store: &EmbeddedStore, groups: &[Vec<String>], most: usize) -> Vec<PieceTally> {
    let pieces = store.pieces().unwrap();
    pieces
        .iter()
        .map(|piece| {
            let tally = store.tally(piece, groups, most).unwrap().unwrap();
            assert_eq!(tally.version, piece.version);
            tally
        })
        .collect()
}

fn summed(tallies: &[PieceTally], group: usize) -> Counts {
    let mut counts = Counts::new();
    for row in tallies.iter().flat_map(|tally| &tally.groups[group].rows) {
        let key = (row.day, row.log_type.clone(), row.value.clone());
        let before = counts.insert(key, (row.count, row.first_ms, row.last_ms));
        assert_eq!(before, None, "no day of a log type lies in two partitions");
    }
    counts
}

#[test]
fn a_tally_is_what_counting_gives() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let fields = [
        &["source.ip", "destination.ip"][..],
        &["user.name", "related.user"],
        &["nowhere"],
    ];
    let groups: Vec<Vec<String>> = fields
        .iter()
        .map(|group| group.iter().map(|field| (*field).to_owned()).collect())
        .collect();
    let mut written = Vec::new();
    let mut versions = Vec::new();
    for round in 0..3 {
        for part in documents(round).chunks(150) {
            store.write(part.to_vec()).unwrap();
            store.commit().unwrap();
            written.extend(part.iter().cloned());
        }
        let tallies = tallied(&store, &groups, 1_000);
        for (at, group) in fields.iter().enumerate() {
            assert_eq!(
                summed(&tallies, at),
                counted(&written, group),
                "{round} {group:?}"
            );
        }
        versions.push(
            tallies
                .iter()
                .map(|tally| tally.version)
                .collect::<Vec<_>>(),
        );
    }
    assert_ne!(versions[0], versions[1]);
    store.close().unwrap();
    let unchanged = tallied(&store, &groups, 1_000);
    drop(store);
    let store = open(&folder);
    let reopened = tallied(&store, &groups, 1_000);
    let versions = |tallies: &[PieceTally]| tallies.iter().map(|it| it.version).collect::<Vec<_>>();
    assert_eq!(versions(&unchanged), versions(&reopened));
    store.delete_index("log-finding").unwrap();
    assert_eq!(store.pieces().unwrap().len(), 3);
}

#[test]
fn too_many_values_are_left_out_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let hostile: Vec<_> = (0..500)
        .map(|number| {
            let body = json!({"user": {"name": format!("user-{number}")}});
            document("flow", number, FIRST_DAY * DAY_MS, body)
        })
        .collect();
    store.write(hostile).unwrap();
    store.commit().unwrap();
    let groups = [vec!["user.name".to_owned()]];
    let tallies = tallied(&store, &groups, 100);
    let group = &tallies[0].groups[0];
    assert_eq!((group.rows.len(), group.left_out), (100, 400));
    assert!(group.rows.iter().all(|row| row.count == 1));
}
