//! A folder of thirty made-up files that no log type declares: all of them are loaded, and every
//! record is told.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

mod support;

use serde_json::Value;
use support::yagura;

/// What becomes of each file: log type, records read, documents, time of the first document and
/// where it is from.
const EXPECTED: [(&str, &str, u64, u64, &str, &str); 30] = [
    (
        "01-ndjson.json",
        "json",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "`timestamp`",
    ),
    (
        "02-pretty.json",
        "json",
        2,
        2,
        "2024-06-15T10:00:01.500000+09:00",
        "`time`",
    ),
    (
        "03-array.json",
        "json",
        3,
        3,
        "2024-06-15T10:00:01+00:00",
        "`ts`",
    ),
    (
        "04-records.json",
        "json",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "`eventTime`",
    ),
    (
        "05-epoch-ms.json",
        "json",
        1,
        1,
        "2024-06-15T10:00:01.123000+00:00",
        "`t`",
    ),
    (
        "06-epoch-ns.json",
        "json",
        1,
        1,
        "2024-06-15T10:00:01.123457+00:00",
        "`time_ns`",
    ),
    (
        "07-deep-time.json",
        "json",
        1,
        1,
        "2024-06-15T10:00:01+00:00",
        "`meta.when`",
    ),
    ("08-no-time.json", "json", 1, 1, "", "the time of loading"),
    (
        "09-mixed.json",
        "json",
        4,
        3,
        "2024-06-15T10:00:01+00:00",
        "`time`",
    ),
    (
        "10-logfmt.log",
        "keyvalue",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "`time`",
    ),
    (
        "11-firewall.log",
        "keyvalue",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "`eventtime`",
    ),
    (
        "12-table.csv",
        "csv",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "`time`",
    ),
    (
        "13-quoted.csv",
        "csv",
        3,
        3,
        "2024-06-15T10:00:01+00:00",
        "`when`",
    ),
    (
        "14-table.tsv",
        "csv",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "`DateTime`",
    ),
    (
        "15-semicolons.csv",
        "csv",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "`date`",
    ),
    (
        "16-no-header.csv",
        "csv",
        3,
        3,
        "2024-06-15T10:00:01+00:00",
        "the text",
    ),
    (
        "17-rfc3164.log",
        "syslog",
        2,
        2,
        "2026-06-15T10:00:01+00:00",
        "`syslog_timestamp`",
    ),
    (
        "18-rfc5424.log",
        "syslog",
        2,
        2,
        "2024-06-15T10:00:01.003000+00:00",
        "`syslog_timestamp`",
    ),
    (
        "19-syslog-pairs.log",
        "syslog",
        1,
        1,
        "2026-06-15T10:00:01+00:00",
        "`syslog_timestamp`",
    ),
    (
        "20-access.log",
        "text",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "the text",
    ),
    (
        "21-java.log",
        "text",
        3,
        3,
        "2024-06-15T10:00:01.123000+00:00",
        "the text",
    ),
    (
        "22-asctime.log",
        "text",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "the text",
    ),
    ("23-prose.txt", "text", 2, 2, "", "the time of loading"),
    (
        "24-latin1.txt",
        "text",
        1,
        1,
        "2024-06-15T10:00:01+00:00",
        "the text",
    ),
    (
        "25-utf16.txt",
        "text",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "the text",
    ),
    (
        "26-packed.json.gz",
        "json",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "`timestamp`",
    ),
    (
        "27-packed.zip",
        "keyvalue",
        2,
        2,
        "2024-06-15T10:00:01+00:00",
        "`time`",
    ),
    ("28-image.png", "text", 1, 0, "", ""),
    ("29-late-binary.dat", "text", 1, 0, "", ""),
    ("30-tiny.txt", "text", 1, 1, "", "the time of loading"),
];

/// The time that counts as now where the program can be told.
const NOW: &str = "2026-11-20T12:00:00Z";

fn folder() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/unknown")
}

fn output(arguments: &[&str]) -> String {
    String::from_utf8(yagura(arguments).output().unwrap().stdout).unwrap()
}

#[test]
fn every_file_is_loaded_and_every_record_told() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    let summary = output(&[
        "load",
        "--json",
        folder(),
        "--strip-prefix",
        folder(),
        "--data",
        data,
    ]);
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let objects = summary["objects"].as_array().unwrap();
    for (name, form, read, documents, ..) in EXPECTED {
        let is_it = |object: &&Value| object["key"].as_str().unwrap().ends_with(name);
        let object = objects.iter().find(is_it).unwrap();
        assert_eq!(object["log_type"], format!("generic-{form}"), "{name}");
        assert_eq!(object["read"], read, "{name}");
        assert_eq!(object["documents"], documents, "{name}");
        assert_eq!(object["failed"], read - documents, "{name}");
        assert_eq!(object["ignored"], Value::Null, "{name}");
        assert_eq!(object["error"], Value::Null, "{name}");
    }
    let letters = output(&["dead-letters", "--json", "--data", data]);
    let mut reasons: Vec<String> = letters
        .lines()
        .map(|line| {
            let letter: Value = serde_json::from_str(line).unwrap();
            letter["reason"].as_str().unwrap().to_owned()
        })
        .collect();
    reasons.sort();
    assert_eq!(reasons, ["binary", "binary", "invalid_json"]);
}

#[test]
fn the_best_time_is_found_and_its_source_told() {
    for (name, form, _, documents, time, from) in EXPECTED {
        let path = format!("{}/{name}", folder());
        let parse = ["parse", &path, "--key", name, "--by-content", "--now", NOW];
        let lines = output(&parse);
        assert_eq!(lines.lines().count() as u64, documents, "{name}");
        let Some(first) = lines.lines().next() else {
            continue;
        };
        let first: Value = serde_json::from_str(first).unwrap();
        let index = first["index"].as_str().unwrap();
        assert!(
            index.starts_with(&format!("log-generic-{form}-20")),
            "{index}"
        );
        let document = &first["doc"];
        let expected = if time.is_empty() {
            "2026-11-20T12:00:00+00:00"
        } else {
            time
        };
        assert_eq!(document["@timestamp"], expected, "{name}");
        let told = document["@timestamp_from"].as_str().unwrap();
        assert!(told.starts_with(from), "{name}: {told}");
    }
}

#[test]
fn explain_says_what_in_the_content_decided() {
    for (name, expected) in [
        ("04-records.json", "whose array `Records` holds the records"),
        ("11-firewall.log", "2 of 2 lines are `key=value` pairs"),
        (
            "16-no-header.csv",
            "columns: column_1, column_2, column_3, column_4",
        ),
        (
            "28-image.png",
            "becomes a dead letter: the content is a PNG image, not text",
        ),
    ] {
        let path = format!("{}/{name}", folder());
        let told = output(&["explain", name, "--file", &path]);
        assert!(told.contains(expected), "{told}");
    }
    let told = output(&["explain", "nowhere/x.log"]);
    assert!(told.contains("is loaded by what it holds"), "{told}");
}

#[test]
fn it_can_be_switched_off() {
    let conf = tempfile::tempdir().unwrap();
    let ini = conf.path().join("user.ini");
    std::fs::write(&ini, "[DEFAULT]\nload_unmatched = False\n").unwrap();
    let path = format!("{}/01-ndjson.json", folder());
    let data = conf.path().join("data");
    let load = [
        "load",
        "--json",
        &path,
        "--data",
        data.to_str().unwrap(),
        "--user-ini",
        ini.to_str().unwrap(),
    ];
    let summary: Value = serde_json::from_str(&output(&load)).unwrap();
    let ignored = summary["objects"][0]["ignored"].as_str().unwrap();
    assert_eq!(ignored, "no log type's `s3_key` matches the key");
}
