//! What tests of the whole program share: made-up logs, and a server to ask.
#![allow(dead_code, reason = "not every test needs everything")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The time at which the made-up logs end.
pub const LOGS_END: &str = "2026-11-20T12:00:00Z";

/// The program with arguments, its messages thrown away.
pub fn yagura(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yagura"));
    command.args(arguments).stderr(Stdio::null());
    command
}

/// Writes the logs of two days into a folder.
pub fn make_logs(folder: &Path, events: usize) {
    let now = LOGS_END.parse().unwrap();
    yagura_testkit::demo::write_demo(folder, now, events).unwrap();
}

/// A server of the program.
pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts it over a store and waits until it listens.
    pub fn start(data: &str, more: &[&str]) -> Server {
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

    /// The JSON it answers a request with.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nX-CSRF: 1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let is_done = [" 200 ", " 202 "].iter().any(|code| head.contains(code));
        assert!(is_done, "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap()
    }

    /// The number of documents.
    pub fn count(&self) -> u64 {
        let body = json!({"query": {"match_all": {}}});
        self.ask("POST", "/_count", &body)["count"]
            .as_u64()
            .unwrap()
    }

    /// Waits until there are so many documents.
    pub fn wait_for(&self, count: u64) {
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

    /// Kills it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
