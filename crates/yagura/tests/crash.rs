//! Loading survives being killed at any moment: nothing acknowledged is lost, nothing comes twice.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const EVENTS: usize = 6_000;

fn yagura(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yagura"));
    command.args(arguments).stderr(Stdio::null());
    command
}

fn make_logs(folder: &Path) {
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    yagura_testkit::demo::write_demo(folder, now, EVENTS).unwrap();
}

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

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(data: &str, more: &[&str]) -> Server {
        let mut arguments = vec!["serve", "--data", data, "--listen", "127.0.0.1:0"];
        arguments.extend(more);
        let mut child = yagura(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line.trim().split("http://").nth(1).unwrap();
        Server {
            child,
            address: address.trim_end_matches('/').to_owned(),
        }
    }

    fn count(&self) -> u64 {
        let body = json!({"query": {"match_all": {}}}).to_string();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST /_count HTTP/1.1\r\nHost: {}\r\nX-CSRF: 1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = &answer[answer.find('{').unwrap()..=answer.rfind('}').unwrap()];
        let body: Value = serde_json::from_str(body).unwrap();
        body["count"].as_u64().unwrap()
    }

    fn wait_for(&self, count: u64) {
        let start = Instant::now();
        while self.count() != count {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{} of {count}",
                self.count()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn a_killed_load_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    make_logs(&logs);
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
    make_logs(&logs);
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
