//! Tables: rows that are broken cost themselves only, and a row kept for later is the row again.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::Cursor;

use yagura_codec::{Extent, Failure, Format, Limits, Receive, Record, Slice, Table, read_object};
use yagura_model::{Arena, Object, Value, push_compact_json};

/// The fields of each record as JSON, and its bytes with the header.
#[derive(Default)]
struct Seen(Vec<(String, Vec<u8>)>);

fn json<'a>(fields: &'a mut Object<'a>, arena: &'a Arena) -> String {
    let mut text = Vec::new();
    push_compact_json(arena.alloc(Value::Object(fields)), &mut text);
    String::from_utf8(text).unwrap()
}

impl Receive for Seen {
    fn record<'a>(&mut self, record: Record<'a>, arena: &'a Arena) {
        let kept = record.text.self_contained().into_owned();
        self.0.push((json(record.fields, arena), kept));
    }

    fn failed(&mut self, failure: Failure<'_>) {
        let reason = failure.reason.as_str().to_owned();
        self.0.push((reason, failure.raw.to_vec()));
    }
}

fn read(bytes: &[u8], delimiter: char, extent: Extent) -> Vec<(String, Vec<u8>)> {
    let format = Format::Csv(Table {
        delimiter: Some(delimiter),
        ..Table::default()
    });
    let mut seen = Seen::default();
    let body = Box::new(Cursor::new(bytes.to_vec()));
    let limits = Limits::default();
    read_object(body, &format, extent, Slice::ALL, &limits, &mut seen).unwrap();
    seen.0
}

#[test]
fn a_row_that_is_kept_is_the_row_again() {
    for (table, delimiter) in [
        (&b"a\tb\tc\n\t2\t3\n1\t\t \n"[..], '\t'),
        (b"a,b\n \"1\n2\", x\xff \n,\n", ','),
        (b"\xef\xbb\xbfa;b\r\n\"1\r\n;\"\"2\";3\r\n", ';'),
    ] {
        let rows = read(table, delimiter, Extent::Object);
        assert!(!rows.is_empty());
        for (fields, kept) in rows {
            let again = read(&kept, delimiter, Extent::Record);
            assert_eq!(again.len(), 1, "{fields}");
            assert_eq!(again[0].0, fields);
        }
    }
}

#[test]
fn an_open_quote_costs_one_row() {
    let lines = 300_000;
    let text = format!("a,b\n1,\"open\n{}", "x,y\n".repeat(lines));
    let seen = read(text.as_bytes(), ',', Extent::Object);
    assert_eq!(seen.len(), lines + 1);
    assert_eq!(seen[0].0, r#"{"a":"1","b":"open"}"#);
    assert_eq!(seen[lines].0, r#"{"a":"x","b":"y"}"#);
}

#[test]
fn rows_of_another_length_are_drift_where_tables_are_strict() {
    #[derive(Default)]
    struct Drifts(Vec<(String, Option<String>)>);
    impl Receive for Drifts {
        fn record<'a>(&mut self, record: Record<'a>, arena: &'a Arena) {
            let drift = record.drift.map(str::to_owned);
            self.0.push((json(record.fields, arena), drift));
        }
        fn failed(&mut self, failure: Failure<'_>) {
            panic!("{}", failure.detail);
        }
    }
    let more = Some("the row has more values than there are columns".to_owned());
    let fewer = Some("the row has fewer values than there are columns".to_owned());
    for (delimiter, rows, unparsed) in [
        (None, "a b\n1 2\n1 2 3 4\n1\n", "3 4"),
        (Some(','), "a,b\n1,2\n1,2,3,\"4\"\n1\n", "3,\\\"4\\\""),
    ] {
        for is_strict in [true, false] {
            let format = Format::Csv(Table {
                delimiter,
                columns: None,
                is_strict,
            });
            let mut drifts = Drifts::default();
            let body = Box::new(Cursor::new(rows.as_bytes().to_vec()));
            let (extent, limits) = (Extent::Object, Limits::default());
            read_object(body, &format, extent, Slice::ALL, &limits, &mut drifts).unwrap();
            let whole = r#"{"a":"1","b":"2"}"#.to_owned();
            let longer = match is_strict {
                true => format!(r#"{{"a":"1","b":"2","unparsed":"{unparsed}"}}"#),
                false => whole.clone(),
            };
            let told = |drift: &Option<String>| drift.clone().filter(|_| is_strict);
            let expected = [
                (whole, None),
                (longer, told(&more)),
                (r#"{"a":"1"}"#.to_owned(), told(&fewer)),
            ];
            assert_eq!(drifts.0, expected);
        }
    }
}
