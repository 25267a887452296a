//! Every text format reads the same records from UTF-8, UTF-8 with a byte order mark and UTF-16.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::{Cursor, Write};

use flate2::{Compression, write::GzEncoder};
use yagura_codec::{
    Extent, Failure, Format, Limits, MessageFormat, Pattern, Receive, Record, Slice, Table,
    read_object,
};
use yagura_model::{Arena, push_compact_json};

/// The fields of each record as JSON, or why there are none.
#[derive(Default)]
struct Seen(Vec<String>);

impl Receive for Seen {
    fn record<'a>(&mut self, record: Record<'a>, arena: &'a Arena) {
        let mut text = Vec::new();
        let fields = arena.alloc(yagura_model::Value::Object(record.fields));
        push_compact_json(fields, &mut text);
        self.0.push(String::from_utf8(text).unwrap());
    }

    fn failed(&mut self, failure: Failure<'_>) {
        self.0.push(failure.reason.as_str().to_owned());
    }
}

fn read(bytes: Vec<u8>, format: &Format) -> Vec<String> {
    let mut seen = Seen::default();
    let body = Box::new(Cursor::new(bytes));
    let limits = Limits::default();
    read_object(body, format, Extent::Object, Slice::ALL, &limits, &mut seen).unwrap();
    seen.0
}

fn pattern() -> Box<Pattern> {
    Box::new(Pattern::at_start(r"(?P<first>\S+)\s(?P<rest>[\s\S]*)").unwrap())
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    marked.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn the_encoding_makes_no_difference() {
    let envelope = r#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s",
        "logEvents":[{"id":"1","timestamp":1,"message":"é 櫓😀"}]}"#;
    for (format, text, records) in [
        (
            Format::Text {
                header_lines: 1,
                parser: pattern(),
            },
            "head\r\né 櫓\r\n😀 x",
            2,
        ),
        (
            Format::Multiline {
                first_line: Pattern::at_start("é").unwrap(),
                parser: pattern(),
            },
            "é 櫓\r\n 😀\r\né x",
            2,
        ),
        (
            Format::Json {
                delimiter: None,
                keeps_others: false,
            },
            "{\"é\":\"櫓\"}\n{\"😀\":[1]}\n",
            2,
        ),
        (
            Format::Json {
                delimiter: Some("Records".to_owned()),
                keeps_others: false,
            },
            "{\"Records\":[{\"é\":\"櫓\"}]}",
            1,
        ),
        (
            Format::Csv(Table {
                delimiter: None,
                ..Table::default()
            }),
            "é second\n櫓 😀\n1 2\n",
            2,
        ),
        (
            Format::Csv(Table {
                delimiter: Some('\t'),
                ..Table::default()
            }),
            "é\tsecond\n\t\"櫓\r\n😀\"\n1\t2\n",
            2,
        ),
        (
            Format::CloudWatchLogs(MessageFormat::Text(pattern())),
            envelope,
            1,
        ),
    ] {
        let plain = read(text.as_bytes().to_vec(), &format);
        assert_eq!(plain.len(), records, "{plain:?}");
        assert!(
            plain.iter().all(|record| record.starts_with('{')),
            "{plain:?}"
        );
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&utf16(text, u16::to_le_bytes)).unwrap();
        for bytes in [
            format!("\u{feff}{text}").into_bytes(),
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
            packed.finish().unwrap(),
        ] {
            assert_eq!(read(bytes, &format), plain, "{text:?}");
        }
    }
}
