//! Any bytes, in any format, end as records and failures: no panic, positions in order.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::{Cursor, Write};

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use yagura_codec::{
    Cef, Extent, Failure, Format, Leef, Limits, LineParser, MessageFormat, Pattern, Position,
    Receive, Record, Slice, SyslogLine, Table, WindowsEvent, XmlElement, XmlStart, read_object,
};
use yagura_model::Arena;

/// Small bounds, so that a record can be too long.
const LIMITS: Limits = Limits {
    decompressed_bytes: 1 << 20,
    record_bytes: 2_000,
    whole_bytes: 1 << 20,
    piece_bytes: 100,
};

fn pattern() -> Box<Pattern> {
    Box::new(Pattern::at_start(r"(?P<first>\S+) (?P<rest>.*)").unwrap())
}

fn formats() -> Vec<Format> {
    let json = |delimiter: &str| Format::Json {
        delimiter: Some(delimiter.to_owned()),
        keeps_others: false,
    };
    let text = |parser: Box<dyn LineParser>| Format::Text {
        header_lines: 0,
        parser,
    };
    let xml = |start: XmlStart, parser: Box<dyn LineParser>| Format::Xml { start, parser };
    vec![
        text(pattern()),
        Format::Text {
            header_lines: 2,
            parser: pattern(),
        },
        Format::Multiline {
            first_line: Pattern::at_start("[a-z{]").unwrap(),
            parser: pattern(),
        },
        Format::Json {
            delimiter: None,
            keeps_others: false,
        },
        json("Records"),
        json("a.b"),
        Format::Csv(Table {
            delimiter: None,
            ..Table::default()
        }),
        Format::Csv(Table {
            delimiter: Some(','),
            ..Table::default()
        }),
        text(Box::new(Cef)),
        text(Box::new(Leef)),
        xml(XmlStart::Named("Event"), Box::new(WindowsEvent)),
        xml(
            XmlStart::Line(Box::new(Pattern::at_start("^<rec").unwrap())),
            Box::new(XmlElement),
        ),
        xml(XmlStart::Any, Box::new(XmlElement)),
        Format::CloudWatchLogs(MessageFormat::Text(Box::new(WindowsEvent))),
        Format::CloudWatchLogs(MessageFormat::Json),
        Format::CloudWatchLogs(MessageFormat::Text(pattern())),
        Format::CloudWatchLogs(MessageFormat::FireLens(Box::new(MessageFormat::Json))),
        Format::FireLens(MessageFormat::Json),
        Format::FireLens(MessageFormat::Text(pattern())),
    ]
}

/// Notes where records lay.
#[derive(Default)]
struct Positions(Vec<Position>);

impl Receive for Positions {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        self.0.push(record.position);
    }

    fn failed(&mut self, failure: Failure<'_>) {
        self.0.push(failure.position);
    }
}

/// Reads the bytes in every format, and looks at the order of what comes out.
fn read_in_every_format(bytes: &[u8]) {
    for (at, format) in formats().iter().enumerate() {
        for slice in [Slice::ALL, Slice { first: 2, last: 3 }] {
            let mut positions = Positions::default();
            let body = Box::new(Cursor::new(bytes.to_vec()));
            // An object that cannot be read at all is an error, and no record is lost by that.
            let _ = read_object(body, format, Extent::Object, slice, &LIMITS, &mut positions);
            for pair in positions.0.windows(2) {
                let [before, after] = pair else { continue };
                assert!(before.number <= after.number, "format {at}: {pair:?}");
            }
        }
    }
}

/// Pieces that mean something to one of the formats.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&[u8]> = vec![
        b"\n", b"\r\n", b" ", b",", b"\"", b"\"\"", b"{", b"}", b"[", b"]", b":", b"\\", b"\\u", b"\\ud83d",
        b"null", b"1e999", b"-", b"NaN", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\x00", b"\xe6\xab\x93",
        b"{\"Records\":[", b"{\"a\":{\"b\":[", b"{\"k\":\"v\"}", b"\"Records\"", b"]}",
        b"{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"123456789012\",\"logGroup\":\"g\",\"logStream\":\"s\",\"logEvents\":[",
        b"{\"id\":\"1\",\"timestamp\":1,\"message\":\"{}\"}",
        b"{\"container_name\":\"c\",\"source\":\"stderr\",\"log\":", b"\"{}\"}", b"{\"log\":\"a b\"}",
        b"{\"detail-type\":\"x\",\"source\":\"y\",\"time\":\"2025-06-10T00:00:00Z\",\"detail\":",
        b"h1 h2 h3", b"CEF:0|V|P|1|id|n|5|", b"LEEF:2.0|V|P|1|id|^|", b"k=v ", b"kLabel=k", b"|", b"=", b"^",
        b"<Event>", b"</Event>", b"<Event a='", b"<rec>", b"</rec>", b"<a b='1'>", b"</a>", b"<c/>", b"<!--", b"-->",
        b"<![CDATA[", b"]]>", b"<!DOCTYPE x [", b"&amp;", b"&", b"<EventData>", b"<Data Name='x'>", b"</Data>", b"</EventData>",
        b"\x1f\x8b\x08", b"PK\x03\x04", b"BZh9", b"\x28\xb5\x2f\xfd", b"PAR1",
    ];
    prop_oneof![
        6 => proptest::sample::select(known).prop_map(<[u8]>::to_vec),
        2 => "[a-z0-9 .:-]{0,12}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..8),
        1 => (500usize..3_000).prop_map(|length| vec![b'x'; length]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_end_as_records_and_failures(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_in_every_format(&bytes);
    }

    #[test]
    fn pieces_of_formats_end_as_records_and_failures(pieces in proptest::collection::vec(piece(), 0..40)) {
        read_in_every_format(&pieces.concat());
    }

    #[test]
    fn damaged_archives_end_as_records_and_failures(
        pieces in proptest::collection::vec(piece(), 0..20),
        cut in 0usize..200,
        flip in any::<(usize, u8)>(),
    ) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&pieces.concat()).unwrap();
        let mut packed = encoder.finish().unwrap();
        let at = flip.0 % packed.len();
        packed[at] ^= flip.1;
        packed.truncate(packed.len() - cut % packed.len());
        read_in_every_format(&packed);
    }

    #[test]
    fn syslog_lines_are_taken_apart_or_not(
        pieces in proptest::collection::vec(prop_oneof![
            proptest::sample::select(vec![
                "<34>", "<", ">", "1 ", "- ", "-", " ", "[", "]", "a@1", " k=\"", "\"", "\\", ":", "app[1]: ",
                "Jan  2 03:04:05", "2024-01-02T03:04:05.1Z ", "host ", "\u{feff}", "櫓",
            ]).prop_map(str::to_owned),
            "\\PC{0,6}",
        ], 0..16),
    ) {
        let line = pieces.concat();
        if let Some(parsed) = SyslogLine::parse(&line) {
            prop_assert!(line.ends_with(parsed.message));
        }
    }
}
