//! A process that is killed at any point loses nothing it acknowledged.
//!
//! The test starts itself again as a child that writes, commits and prints what is committed, and
//! kills it after ever other delays.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use yagura_embedded::{EmbeddedStore, Granularity, Options};
use yagura_store::{FieldCatalog, IncomingDocument, Sink, Store};

const FOLDER: &str = "YAGURA_CRASH_TEST_FOLDER";
const FIRST: &str = "YAGURA_CRASH_TEST_FIRST";
const KILLS: u64 = 24;
/// How long a child may take until it has committed something.
const PATIENCE: Duration = Duration::from_secs(120);
const DAY_MS: i64 = 86_400_000;

fn open(folder: &Path) -> EmbeddedStore {
    let options = Options {
        granularity: Arc::new(|_| Granularity::Day),
        memory_budget_bytes: 32 << 20,
        max_open_writers: 2,
        ..Options::default()
    };
    EmbeddedStore::open(folder, Arc::new(FieldCatalog::default()), options).unwrap()
}

/// Documents over three days; every fifth one replaces an older one.
fn document(n: u64) -> IncomingDocument {
    let id = if n % 5 == 4 { n / 5 * 5 } else { n };
    let timestamp_ms = 1_795_046_400_000 + (id % 3) as i64 * DAY_MS;
    IncomingDocument {
        index: "log-crash-2026-11".to_owned(),
        id: format!("id-{id}"),
        log_type: "crash".to_owned(),
        timestamp_ms,
        json:
            json!({"n": id, "written": n, "@message": format!("document number {id} of the test")})
                .to_string()
                .into_bytes(),
    }
}

/// What the child does: writes and commits without end.
fn write_until_killed(folder: &Path, first: u64) {
    let store = open(folder);
    let mut out = std::io::stdout();
    let mut n = first;
    loop {
        let batch = 1 + n * 7 % 97;
        store.write((n..n + batch).map(document).collect()).unwrap();
        store
            .write((n + batch..n + 2 * batch).map(document).collect())
            .unwrap();
        store.commit().unwrap();
        n += 2 * batch;
        writeln!(out, "committed {n}").unwrap();
        out.flush().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_written() {
    if let Ok(folder) = std::env::var(FOLDER) {
        let first = std::env::var(FIRST).unwrap().parse().unwrap();
        write_until_killed(Path::new(&folder), first);
    }
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0u64;
    for round in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "nothing_acknowledged_is_lost_and_nothing_is_half_written",
                "--nocapture",
            ])
            .env(FOLDER, folder.path())
            .env(FIRST, acknowledged.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (tell, told) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            lines
                .filter_map(|line| line.rsplit_once("committed ")?.1.trim().parse::<u64>().ok())
                .inspect(|_| tell.send(()).unwrap_or_default())
                .last()
        });
        // Some die while they open. Most die while they write, however slow the machine is.
        if round % 4 != 0 {
            told.recv_timeout(PATIENCE).unwrap();
        }
        std::thread::sleep(Duration::from_millis(20 + round * round * 37 % 900));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = reader
            .join()
            .unwrap()
            .unwrap_or(acknowledged)
            .max(acknowledged);
        check(folder.path(), acknowledged, round).await;
    }
    assert!(
        acknowledged > 100,
        "the child hardly wrote anything: {acknowledged}"
    );
}

async fn check(folder: &Path, acknowledged: u64, round: u64) {
    let store = open(folder);
    let body = json!({"size": 10_000, "track_total_hits": true, "query": {"range": {"n": {"lt": acknowledged}}}, "_source": false});
    let mut found: HashSet<String> = HashSet::new();
    let mut hits = 0;
    let mut after = None;
    loop {
        let mut page = body.clone();
        page["sort"] = json!(["_doc"]);
        if let Some(after) = &after {
            page["search_after"] = json!([after]);
        }
        let answer = store.search("log-*", &page).await.unwrap();
        let list = answer["hits"]["hits"].as_array().unwrap().clone();
        let Some(last) = list.last() else {
            break;
        };
        after = Some(last["sort"][0].clone());
        hits += list.len();
        found.extend(
            list.iter()
                .map(|hit| hit["_id"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(hits, found.len(), "round {round}: an id is there twice");
    for n in 0..acknowledged {
        let document = document(n);
        assert!(
            found.contains(&document.id),
            "round {round}: `{}` was acknowledged and is gone",
            document.id
        );
    }
    if acknowledged > 0 {
        let phrase = json!({"query": {"match_phrase": {"@message": "document number 0"}}});
        assert_eq!(
            store.count("log-*", &phrase).await.unwrap(),
            1,
            "round {round}"
        );
    }
    store.close().unwrap();
}
