//! Loading survives being killed at any moment: nothing acknowledged is lost, nothing comes twice.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

mod support;

use std::io::BufRead;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Server, make_logs, yagura};

const EVENTS: usize = 6_000;

/// Sums of the ledger: objects that were read, documents, records that failed.
fn ledger(data: &str) -> (u64, u64, u64) {
    let output = yagura(&["ledger", "--json", "--limit", "1000000", "--data", data])
        .output()
        .unwrap();
    assert!(output.status.success(), "the ledger balances");
    let rows: Vec<Value> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    let sum = |key: &str| rows.iter().map(|row| row[key].as_u64().unwrap()).sum();
    (rows.len() as u64, sum("documents"), sum("failed"))
}

#[test]
fn a_killed_load_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    make_logs(&logs, EVENTS);
    let logs = logs.to_str().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (whole, killed) = (path("whole"), path("killed"));
    let load = |data: &str| {
        yagura(&[
            "load",
            "--quiet",
            logs,
            "--strip-prefix",
            logs,
            "--data",
            data,
        ])
    };
    // Some lines of the logs are broken on purpose.
    assert_eq!(load(&whole).status().unwrap().code(), Some(1));
    let expected = ledger(&whole);
    let server = Server::start(&whole, &[]);
    let documents = server.count();
    server.kill();
    assert_eq!(documents, expected.1);

    for attempt in 0..12 {
        let mut child = load(&killed).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(40 + attempt * 130));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(
        load(&killed).status().unwrap().code().map(|code| code < 2),
        Some(true)
    );
    assert_eq!(ledger(&killed), expected);
    let server = Server::start(&killed, &[]);
    assert_eq!(server.count(), documents);
    server.kill();
}

#[test]
fn watched_files_are_loaded_once_across_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, watched) = (folder.path().join("logs"), folder.path().join("watched"));
    make_logs(&logs, EVENTS);
    std::fs::create_dir(&watched).unwrap();
    let data = folder.path().join("data").to_str().unwrap().to_owned();
    let prefix = watched.to_str().unwrap().to_owned();
    let arguments = ["--watch", &prefix, "--strip-prefix", &prefix];

    let server = Server::start(&data, &arguments);
    assert_eq!(server.count(), 0);
    std::fs::rename(&logs, watched.join("first")).unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    server.kill();

    let server = Server::start(&data, &arguments);
    let start = Instant::now();
    let mut last = (0, 0, 0);
    loop {
        std::thread::sleep(Duration::from_millis(1_500));
        let now = ledger(&data);
        if now == last && now.0 > 0 {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(90));
        last = now;
    }
    server.wait_for(last.1);
    // A restart finds everything loaded, and a new file is still noticed.
    server.kill();
    let server = Server::start(&data, &arguments);
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(ledger(&data), last);
    let key = "AWSLogs/123456789012/GuardDuty/new.jsonl";
    let path = watched.join(key);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(
        path,
        r#"{"id":"new","updatedAt":"2026-11-20T12:00:00Z","title":"x"}"#,
    )
    .unwrap();
    server.wait_for(last.1 + 1);
    server.kill();
}
