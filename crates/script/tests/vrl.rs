//! Scripts in VRL: what they change, what they leave as it was, and how they fail.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

mod support;

use serde_json::{Value, json};
use support::{Setup, numbered};

fn vrl(text: &str) -> Setup {
    Setup::new("", &[("sf_door_system.vrl", text)])
}

#[test]
fn a_script_changes_documents() {
    let setup = vrl(".user.name = downcase(string(.who) ?? \"\")\n\
         .size = to_int(.text_size) ?? 0\n\
         if .n == 1 { .event.outcome = \"failure\" }\n\
         del(.secret)\n\
         .related.ip = [.a, .b]\n");
    let loaded = setup.load(
        "{\"n\": 1, \"who\": \"Alice\", \"text_size\": \"12\", \"secret\": \"x\", \"a\": \"192.0.2.1\", \"b\": \"192.0.2.2\"}\n",
    );
    let body = &loaded.documents[0].2;
    assert_eq!(body["user"], json!({"name": "alice"}));
    assert_eq!(body["size"], 12);
    assert_eq!(body["event"]["outcome"], "failure");
    assert_eq!(body["event"]["module"], "door-system");
    assert_eq!(body["secret"], Value::Null);
    assert_eq!(body["related"]["ip"], json!(["192.0.2.1", "192.0.2.2"]));
}

#[test]
fn what_a_script_does_not_touch_stays_as_it_was() {
    let line = r#"{"z": {"big": 123456789012345678901234567890, "float": 1.10, "a": 1}, "list": [1.0, {"b": 1E5}]}"#;
    let texts = [
        ".z.new = 1\n.list[1].c = true\n",
        // The whole document goes through the script.
        ". = merge(., {\"other\": 1})\n.z.new = 1\n.list[1].c = true\n",
    ];
    for text in texts {
        let setup = vrl(text);
        let loaded = setup.load(&format!("{line}\n"));
        let text = &loaded.texts[0];
        for exact in [
            r#""z":{"big":123456789012345678901234567890,"float":1.10,"a":1,"new":1}"#,
            r#""list":[1.0,{"b":1E5,"c":true}]"#,
        ] {
            assert!(text.contains(exact), "{text}");
        }
    }
}

#[test]
fn the_fields_that_loaders_know() {
    let setup = vrl(".\"@id\" = md5(string!(.\"@message\"))\n\
         .__doc_id_suffix = 7\n\
         .__index_name = \"log-other\"\n\
         .__index_dt = t'2024-05-06T00:00:00Z'\n");
    let loaded = setup.load(&numbered(1));
    let (index, id, body) = &loaded.documents[0];
    assert_eq!(&**index, "log-other-2024-05");
    assert_eq!(id, &format!("{}_7", body["@id"].as_str().unwrap()));
    let names: Vec<_> = body.as_object().unwrap().keys().collect();
    assert!(
        names.iter().all(|name| !name.starts_with("__")),
        "{names:?}"
    );
}

#[test]
fn a_failure_costs_its_record_and_names_the_line() {
    for (statement, detail) in [
        ("abort", "sf_door_system.vrl:2: aborted"),
        ("abort \"not mine\"", "sf_door_system.vrl:2: not mine"),
        (
            ".x = parse_json!(\"{\")",
            "sf_door_system.vrl:2: function call error for \"parse_json\": unable to parse json",
        ),
        (
            ". = [1]",
            "sf_door_system.vrl: it made the document array, not an object",
        ),
        (
            "for_each(range(0, 99999) ?? []) -> |_, _| { for_each(range(0, 99999) ?? []) -> |_, _| { .y = 1 } }",
            "sf_door_system.vrl: it took more than 1000000 steps",
        ),
    ] {
        let setup = vrl(&format!("if .n == 1 {{\n{statement}\n}}\n"));
        let loaded = setup.load(&numbered(3));
        assert_eq!(loaded.values("n"), [0, 2].map(Value::from), "{statement}");
        let (line, found) = &loaded.failures[0];
        assert_eq!(*line, 2);
        assert!(found.starts_with(detail), "{statement}: {found}");
    }
}

#[test]
fn a_failure_is_a_document_if_the_log_type_says_so() {
    let text = ".half = 1\n.x = parse_json!(\"{\")\n";
    let setup = Setup::new("script_error = keep", &[("sf_door_system.vrl", text)]);
    let loaded = setup.load(&numbered(1));
    let body = &loaded.documents[0].2;
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("sf_door_system.vrl:2: "), "{message}");
    assert_eq!(body["half"], Value::Null);
    assert_eq!(loaded.counts.transform_stops, 1);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, expected) in [
        (
            ".a = 1\n.b = (\n",
            "sf_door_system.vrl:2:7: error: syntax error",
        ),
        (
            ".a = 1\n  .b = parse_json(.c)\n",
            "sf_door_system.vrl:2:8: error: unhandled fallible assignment",
        ),
        (
            ".a = upcas(\"x\")\n",
            "sf_door_system.vrl:1:6: error: call to undefined function: undefined function; did you mean \"upcase\"?",
        ),
        (
            ".a = now()\n",
            "sf_door_system.vrl:1:6: error: call to undefined function: undefined function",
        ),
    ] {
        let problems = vrl(text).problems();
        assert!(problems[0].contains(expected), "{problems:#?}");
    }
    let problems = vrl(".a = now()\n").problems();
    assert!(problems[0].contains("(`now` is left out: "), "{problems:?}");
}

#[test]
fn scripts_that_nobody_runs_are_told() {
    let setup = Setup::new(
        "[other]\ns3_key = x\n",
        &[
            ("sf_door_system.vrl", ".a = 1\n"),
            ("sf_door-system.vrl", ".a = 1\n"),
            ("sf_other.vrl", ".a = 1\n"),
            ("sf_door_systm.vrl", ".a = 1\n"),
            ("helper.py", "x"),
        ],
    );
    let problems = setup.problems();
    let expected = [
        "sf_door-system.vrl:1:1: warning: the script is not run: the log type `door-system` has another one, whose name has no dash",
        "sf_door_systm.vrl:1:1: warning: the script is not run: there is no log type of this name (did you mean `sf_door_system`?)",
        "sf_other.vrl:1:1: warning: the script is not run: the log type `other` has no `script_ecs` (write into section [other] `script_ecs = ` and the names of fields that the script sets)",
    ];
    assert_eq!(problems, expected);
    let both = [
        ("sf_door_system.vrl", ".a = 1\n"),
        ("sf_door_system.py", "x"),
    ];
    let problems = Setup::new("", &both).problems();
    let expected = "sf_door_system.vrl:1:1: error: the log type `door-system` has a second script, `sf_door_system.py` (keep one of the two)";
    assert_eq!(problems, [expected]);
}

/// Texts that are made to break parsers.
#[test]
fn hostile_text_costs_at_most_its_record() {
    let setup = vrl(".xml = parse_xml(.t) ?? null\n\
         .json = parse_json(.t) ?? null\n\
         .url = parse_url(.t) ?? null\n\
         .csv = parse_csv(.t) ?? null\n\
         .kv = parse_key_value(.t) ?? null\n\
         .log = parse_logfmt(.t) ?? null\n\
         .cef = parse_cef(.t) ?? null\n\
         .syslog = parse_syslog(.t) ?? null\n\
         .time = parse_timestamp(.t, \"%s\") ?? null\n\
         .duration = parse_duration(.t, \"s\") ?? null\n\
         .query = parse_query_string(.t) ?? null\n\
         .bytes = parse_bytes(.t, \"B\") ?? null\n\
         .nginx = parse_nginx_log(.t, \"combined\") ?? null\n\
         .tokens = parse_tokens(.t) ?? null\n\
         .regex = parse_regex_all(.t, r'(?P<a>(a+)+)$') ?? null\n\
         .sub = ip_subnet(.t, \"/33\") ?? null\n\
         .unix = from_unix_timestamp(to_int(.t) ?? 0) ?? null\n");
    let texts = [
        "<a>".repeat(100_000),
        "[".repeat(100_000),
        "{\"a\":".repeat(50_000),
        "9".repeat(400),
        "-9223372036854775808".to_owned(),
        "a=".repeat(100_000),
        "\"".repeat(100_001),
        "%".repeat(100_000),
        "a".repeat(50_000),
        "日本\u{0}\u{202e}".repeat(1_000),
        "CEF:0|a|b|c|d|e|f|".repeat(1_000),
        "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\">]><a>&b;</a>".to_owned(),
        "1e999999999s".to_owned(),
    ];
    let lines: String = texts
        .iter()
        .map(|text| format!("{}\n", json!({"t": text})))
        .collect();
    let loaded = setup.load(&lines);
    assert_eq!(loaded.documents.len() + loaded.failures.len(), texts.len());
    assert!(loaded.failures.is_empty(), "{:?}", loaded.failures);
}
