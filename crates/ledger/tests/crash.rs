//! Kills a process while it writes: what it was told to be recorded is there, and all of it adds up.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use yagura_ledger::{
    DeadLetter, DeadLetterFilter, Ledger, ObjectCounts, ObjectIdentity, ObjectRow, RawRecord,
    Status,
};

const FILE: &str = "YAGURA_LEDGER_CRASH_FILE";
const LETTERS: u64 = 40;

fn row(number: u64) -> ObjectRow {
    let mut counts = ObjectCounts::new();
    (0..number % 7).for_each(|_| counts.document());
    counts.excluded("own log");
    (0..LETTERS).for_each(|_| counts.failed());
    ObjectRow {
        identity: ObjectIdentity {
            bucket: "logs".to_owned(),
            key: format!("key/{}", number % 50),
            range: None,
            size_bytes: 1,
            content: String::new(),
        },
        log_type: "app".to_owned(),
        counts,
        started_ms: 0,
        finished_ms: 1,
        status: Status::Loaded,
        parser_version: number.to_string(),
    }
}

fn letter(line: u64) -> DeadLetter {
    DeadLetter {
        line,
        byte_offset: 0,
        reason: "pattern".to_owned(),
        detail: String::new(),
        raw: RawRecord::keep(&[b'x'; 2_000]),
        log_type: "app".to_owned(),
        parser_version: "1".to_owned(),
        time_ms: 0,
    }
}

/// The writing process: this test binary, started again by the test below.
fn write_until_killed(path: &str) {
    let ledger = Ledger::open(Path::new(path)).unwrap();
    let letters: Vec<DeadLetter> = (0..LETTERS).map(letter).collect();
    for number in 0.. {
        let mut draft = ledger.draft();
        draft.add(&letters[..30]).unwrap();
        draft.record(&row(number), &letters[30..]).unwrap();
        println!("\nrecorded {number}");
    }
}

#[test]
fn a_killed_writer_leaves_a_ledger_that_adds_up() {
    if let Ok(path) = std::env::var(FILE) {
        write_until_killed(&path);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    for acknowledged_before_the_kill in [0, 1, 7, 60, 90] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "a_killed_writer_leaves_a_ledger_that_adds_up",
                "--nocapture",
            ])
            .env(FILE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut last = None;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while last < Some(acknowledged_before_the_kill) {
            let line = lines.next().unwrap().unwrap();
            last = line
                .strip_prefix("recorded ")
                .map(|number| number.parse().unwrap())
                .or(last);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let rest = lines.map_while(Result::ok);
        let last = rest
            .filter_map(|line| line.strip_prefix("recorded ")?.parse().ok())
            .last()
            .or(last);
        let ledger = Ledger::open(&path).unwrap();
        assert!(ledger.unbalanced().unwrap().is_empty());
        let newest = ledger
            .objects(&Default::default(), None, 1)
            .unwrap()
            .items
            .remove(0);
        let written: u64 = newest.row.parser_version.parse().unwrap();
        assert!(written >= last.unwrap());
        assert_eq!(newest.row, row(written));
        for object in ledger
            .objects(&Default::default(), None, 100)
            .unwrap()
            .items
        {
            let filter = DeadLetterFilter {
                object_id: Some(object.id),
                ..Default::default()
            };
            let reasons = ledger.dead_letter_reasons(&filter).unwrap();
            assert_eq!(reasons[0].count, LETTERS);
        }
    }
}
