//! Records in FireLens lines, by themselves and in other envelopes.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::Cursor;

use yagura_codec::{
    Extent, Failure, Format, Limits, MessageFormat, Pattern, Receive, Record, Slice, read_object,
};
use yagura_model::{Arena, Value, push_compact_json, push_json_string};

/// Writes down what it gets: the fields or the failure, and what stood around.
#[derive(Default)]
struct Notes {
    lines: Vec<String>,
    /// Each record as it would be kept for a second attempt.
    kept: Vec<Vec<u8>>,
}

impl Receive for Notes {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        self.kept.push(record.text.self_contained().into_owned());
        let envelope = record.text.envelope;
        let mut fields = Vec::new();
        push_compact_json(&Value::Object(record.fields), &mut fields);
        let fields = String::from_utf8(fields).unwrap();
        let texts = [
            envelope.container.and_then(|container| container.name),
            envelope.container.and_then(|container| container.source),
            envelope.id,
            envelope.account,
            envelope.region,
            record.unparsed,
        ];
        let texts = texts.map(|text| text.unwrap_or("-")).join(" ");
        self.lines
            .push(format!("{} {fields} {texts}", record.text.raw));
    }

    fn failed(&mut self, failure: Failure<'_>) {
        self.kept.push(failure.raw.to_vec());
        let raw = String::from_utf8_lossy(failure.raw);
        self.lines
            .push(format!("{} {raw}", failure.reason.as_str()));
    }
}

fn read(text: &[u8], format: &Format, extent: Extent) -> Notes {
    let mut notes = Notes::default();
    let body = Box::new(Cursor::new(text.to_vec()));
    let limits = Limits::default();
    read_object(body, format, extent, Slice::ALL, &limits, &mut notes).unwrap();
    notes
}

/// Reads the object, compares, and reads each record again as it was kept.
fn check(text: &str, format: &Format, expected: &[&str]) {
    let notes = read(text.as_bytes(), format, Extent::Object);
    assert_eq!(notes.lines, expected, "{text}");
    for (line, kept) in notes.lines.iter().zip(&notes.kept) {
        let again = read(kept, format, Extent::Record);
        assert_eq!(
            again.lines,
            std::slice::from_ref(line),
            "{}",
            String::from_utf8_lossy(kept)
        );
    }
}

fn text_format() -> MessageFormat {
    MessageFormat::Text(Box::new(
        Pattern::at_start(r"(?P<first>\w+) (?P<rest>.*)").unwrap(),
    ))
}

#[test]
fn text_in_firelens_lines() {
    let format = Format::FireLens(text_format());
    for (line, expected) in [
        (
            r#"{"container_name":"web","source":"stdout","log":"a b c"}"#,
            r#"a b c {"first":"a","rest":"b c"} web stdout web - - -"#,
        ),
        (
            r#"{"log":"a b c","other":1}"#,
            r#"a b c {"first":"a","rest":"b c"} - - - - - -"#,
        ),
        (
            r#"{"container_name":"web","source":"stderr","log":"!"}"#,
            "! {} web stderr web - - !",
        ),
        (
            r#"{"container_name":"web","source":"stdout","log":"!"}"#,
            r#"pattern_mismatch {"container_name":"web","source":"stdout","log":"!"}"#,
        ),
        (
            r#"{"container_name":"web","log":{"a":1}}"#,
            r#"{"a": 1} {} web - web - - `log` is not text"#,
        ),
        (
            r#"{"container_name":"web"}"#,
            r#"invalid_json {"container_name":"web"}"#,
        ),
        ("nonsense", "invalid_json nonsense"),
        ("[1]", "not_an_object [1]"),
    ] {
        check(&format!("\n{line}\n\n"), &format, &[expected]);
    }
}

#[test]
fn json_in_firelens_lines() {
    let format = Format::FireLens(MessageFormat::Json);
    for (line, expected) in [
        (
            r#"{"container_name":"app","log":"{\"k\": 1}"}"#,
            r#"{"k": 1} {"k":1} app - app - - -"#,
        ),
        (
            r#"{"container_name":"app","log":{"k":1}}"#,
            r#"{"k": 1} {"k":1} app - app - - -"#,
        ),
        (
            r#"{"container_name":"app","source":"stdout","k":1}"#,
            r#"{"container_name":"app","source":"stdout","k":1} {"k":1} app stdout app - - -"#,
        ),
        (
            r#"{"container_name":"app","log":"{\"a"}"#,
            r#"{"a {} app - app - - invalid json file: Unterminated string starting at: line 1 column 2 (char 1)"#,
        ),
    ] {
        check(line, &format, &[expected]);
    }
}

#[test]
fn envelopes_in_cloudwatch_logs() {
    let envelope = |message: &str| {
        let mut quoted = Vec::new();
        push_json_string(message, &mut quoted);
        let message = String::from_utf8(quoted).unwrap();
        format!(
            r#"{{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"g","logStream":"s","logEvents":[{{"id":"7","timestamp":1,"message":{message}}}]}}"#
        )
    };
    let firelens = Format::CloudWatchLogs(MessageFormat::FireLens(Box::new(text_format())));
    check(
        &envelope(r#"{"container_name":"web","source":"stdout","log":"a b"}"#),
        &firelens,
        &[r#"a b {"first":"a","rest":"b"} web stdout web 123456789012 - -"#],
    );
    check(
        &envelope(r#"{"log":"a b"}"#),
        &firelens,
        &[r#"a b {"first":"a","rest":"b"} - - 7 123456789012 - -"#],
    );
    check(
        &envelope(
            r#"{"detail-type":"x","resources":[],"id":"9","account":"123456789012","region":"us-east-1","time":"2025-06-10T00:00:00Z","detail":{"k":1}}"#,
        ),
        &Format::CloudWatchLogs(MessageFormat::Json),
        &[r#"{"k": 1} {"k":1} - - 9 123456789012 us-east-1 -"#],
    );
}
