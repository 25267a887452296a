//! JSON: a value that is broken costs itself only.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::Cursor;

use yagura_codec::{Extent, Failure, Format, Limits, Receive, Record, Slice, read_object};
use yagura_model::Arena;

/// Texts of records, and of what failed behind a mark.
#[derive(Default)]
struct Seen(Vec<String>);

impl Receive for Seen {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        self.0.push(record.text.raw.to_owned());
    }

    fn failed(&mut self, failure: Failure<'_>) {
        let raw = String::from_utf8_lossy(failure.raw);
        self.0.push(format!("failed: {raw}"));
    }
}

#[test]
fn elements_behind_a_broken_one_are_read() {
    for (text, expected) in [
        (
            r#"{"Records":[{"number":1},{"number":tru},{"number":3},{"number":4}],"more":5}"#,
            &[
                r#"{"number": 1}"#,
                r#"failed: {"number":tru}"#,
                r#"{"number": 3}"#,
                r#"{"number": 4}"#,
            ][..],
        ),
        (
            "[{\"number\":1},\n{\"number\":\n},\n{\"number\":3}]\n{\"number\":4}",
            &[
                r#"{"number": 1}"#,
                r#"failed: {"number":"#,
                "failed: },",
                r#"{"number": 3}"#,
                r#"{"number": 4}"#,
            ],
        ),
        (
            r#"{"Records":[{"number":{"is":1},{"number":2},{"number":3"},{"number":4}]}"#,
            &[
                r#"failed: {"number":{"is":1},"#,
                r#"{"number": 2}"#,
                r#"failed: {"number":3"},"#,
                r#"{"number": 4}"#,
            ],
        ),
    ] {
        let format = Format::Json {
            delimiter: text.starts_with('{').then(|| "Records".to_owned()),
            keeps_others: false,
        };
        let mut seen = Seen::default();
        let body = Box::new(Cursor::new(text.as_bytes()));
        let limits = Limits::default();
        read_object(
            body,
            &format,
            Extent::Object,
            Slice::ALL,
            &limits,
            &mut seen,
        )
        .unwrap();
        assert_eq!(seen.0, expected);
    }
}
