//! Where chunks of the input end changes nothing: the same records and failures come out.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use proptest::prelude::*;
use yagura_codec::{
    Buffers, Cef, Extent, Failure, FailureReason, Format, Leef, Limits, LineParser, MessageFormat,
    Pattern, Piece, Position, Receive, Record, Settled, Slice, Table, WindowsEvent, XmlElement,
    XmlStart, read_object,
};
use yagura_model::{Arena, Value, push_compact_json};

/// How much the codec asks for at a time.
const CHUNK: usize = 1 << 16;

/// What decides that an object is text.
const NOISE: &str = "sixteen bytes and some\n";

/// Bounds with which the pieces below make records that are too long.
const LIMITS: Limits = Limits {
    decompressed_bytes: 1 << 24,
    record_bytes: 5_000,
    whole_bytes: 1 << 20,
    piece_bytes: 2_000,
};

fn formats() -> Vec<Format> {
    let text = |parser: Box<dyn LineParser>| Format::Text {
        header_lines: 0,
        parser,
    };
    let xml = |start: XmlStart, parser: Box<dyn LineParser>| Format::Xml { start, parser };
    let line = Pattern::at_start("^ *<(Event|rec)").unwrap();
    vec![
        text(Box::new(Cef)),
        text(Box::new(Leef)),
        xml(XmlStart::Named("Event"), Box::new(WindowsEvent)),
        xml(XmlStart::Line(Box::new(line)), Box::new(XmlElement)),
        xml(XmlStart::Any, Box::new(XmlElement)),
    ]
}

/// Writes down everything but places, after the number of the record.
#[derive(Default, Debug, PartialEq)]
struct Seen(Vec<(u64, String)>);

impl Receive for Seen {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        let mut json = Vec::new();
        push_compact_json(&Value::Object(record.fields), &mut json);
        let json = String::from_utf8(json).unwrap();
        let (raw, unparsed) = (record.text.raw, record.unparsed);
        let number = record.position.number;
        self.0
            .push((number, format!("{raw:?} {unparsed:?} {json}")));
    }

    fn failed(&mut self, failure: Failure<'_>) {
        let raw = String::from_utf8_lossy(failure.raw);
        let (reason, detail) = (failure.reason.as_str(), failure.detail);
        let number = failure.position.number;
        self.0.push((number, format!("{raw:?} {reason}: {detail}")));
    }
}

/// Gives as many bytes at a time as it is told, over and over.
struct Chunks {
    bytes: Cursor<Vec<u8>>,
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.turn = (self.turn + 1) % self.sizes.len();
        let length = self.sizes[self.turn].min(buffer.len());
        self.bytes.read(&mut buffer[..length])
    }
}

impl Seek for Chunks {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(position)
    }
}

fn read(bytes: Vec<u8>, sizes: Vec<usize>, format: &Format, slice: Slice) -> Seen {
    let mut seen = Seen::default();
    let bytes = Cursor::new(bytes);
    let body = Chunks {
        bytes,
        sizes,
        turn: 0,
    };
    read_object(
        Box::new(body),
        format,
        Extent::Object,
        slice,
        &LIMITS,
        &mut seen,
    )
    .unwrap();
    seen
}

/// Beginning and end of a text, which is all that a failed test need show.
fn short(text: &str) -> (usize, &str, &str) {
    let head = text.floor_char_boundary(200);
    let tail = text.ceil_char_boundary(text.len().saturating_sub(200));
    (text.len(), &text[..head], &text[tail..])
}

/// Pieces that mean something to one of the formats.
fn piece() -> impl Strategy<Value = String> {
    let known = vec![
        "\n",
        "\r\n",
        "\r",
        " ",
        "\t",
        "<",
        ">",
        "/>",
        "'",
        "\"",
        "=",
        "|",
        "\\",
        "&amp;",
        "&",
        ";",
        "\u{fffd}",
        "<Event xmlns='x'>",
        "</Event>",
        "<Event/>",
        "<Event a=\"",
        "\n<Event>",
        "<Events>",
        "</Events>",
        "<rec id='1'>",
        "</rec>",
        "\n<rec>",
        "<Data Name='a'>1</Data>",
        "<EventData>",
        "</EventData>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?xml version='1.0'?>",
        "<?",
        "?>",
        "<!DOCTYPE a [",
        "<!",
        "櫓😀",
        "\u{1}",
        "\nCEF:0|V|P|1|id|n|5|k=v l=w",
        "\nLEEF:2.0|V|P|1|id|^|k=v^l=w",
        "kLabel=k",
        "CEF:",
    ];
    prop_oneof![
        12 => proptest::sample::select(known).prop_map(str::to_owned),
        2 => "[a-z0-9 .:-]{0,12}",
        1 => (100usize..9_000).prop_map(|length| "x".repeat(length)),
    ]
}

/// Reads each record and failure again by itself, as a retry of dead letters does.
struct Again<'f> {
    format: &'f Format,
    texts: Vec<Vec<u8>>,
}

impl Receive for Again<'_> {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        self.texts.push(record.text.self_contained().into_owned());
    }

    fn failed(&mut self, failure: Failure<'_>) {
        // Text outside the elements may begin with one when it stands alone.
        let is_outside = failure.detail.contains("outside the elements");
        if failure.reason != FailureReason::TooLong && !is_outside {
            self.texts.push(failure.raw.to_vec());
        }
    }
}

impl Again<'_> {
    fn read(&mut self, bytes: &[u8], extent: Extent) {
        let body = Box::new(Cursor::new(bytes.to_vec()));
        read_object(body, self.format, extent, Slice::ALL, &LIMITS, self).unwrap();
    }
}

/// The text as a gzip file.
fn packed(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// What comes out of a gzip file that is unpacked at once if it is not too large for that.
fn unpacked(bytes: &[u8], whole_bytes: usize, format: &Format) -> Seen {
    let mut seen = Seen::default();
    let limits = Limits {
        whole_bytes,
        ..LIMITS
    };
    let body = Box::new(Cursor::new(bytes.to_vec()));
    read_object(body, format, Extent::Object, Slice::ALL, &limits, &mut seen).unwrap();
    seen
}

/// Pieces of JSON, whole and broken, some of them longer than a record may be.
fn json_piece() -> impl Strategy<Value = String> {
    let known = [
        r#"{"a":1}"#,
        r#"{"Records":["#,
        "]}",
        "]",
        "}",
        "[",
        "{",
        ",",
        "\n",
        " ",
        "12",
        r#""text""#,
        r#"{"a":"#,
        r#"{"detail-type":"t","resources":[],"detail":{"b":2}}"#,
        r#"{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{"id":"1","timestamp":1,"message":"{\"c\":3}"}]}"#,
        r#"{"k":1,"k":2}"#,
        "\"",
        "\\",
        "a,b\n",
        "\"c\nd\",e\n",
    ];
    prop_oneof![
        12 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => (100usize..30_000).prop_map(|length| format!("\"{}\"", "x".repeat(length))),
        1 => (100usize..30_000).prop_map(|length| "[1]".repeat(length / 3)),
        1 => (30_000usize..90_000).prop_map(|length| " ".repeat(length)),
    ]
}

proptest! {
    // Each case reads a long text in a dozen formats, twice.
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn unpacking_at_once_changes_nothing(
        pieces in proptest::collection::vec(prop_oneof![piece(), json_piece()], 1..60),
        json in proptest::collection::vec(json_piece(), 1..60),
    ) {
        let delimiter = || Some("Records".to_owned());
        let others = [
            Format::Json { delimiter: None, keeps_others: false },
            Format::Json { delimiter: delimiter(), keeps_others: false },
            Format::Csv(Table { delimiter: None, ..Table::default() }),
            Format::Csv(Table { delimiter: Some(','), ..Table::default() }),
            Format::CloudWatchLogs(MessageFormat::Json),
        ];
        for text in [pieces.concat(), json.concat()] {
            let bytes = packed(&format!("{NOISE}{text}"));
            for (at, format) in formats().iter().chain(&others).enumerate() {
                let whole = unpacked(&bytes, 1 << 24, format);
                let pieces = unpacked(&bytes, 0, format);
                for ((_, whole), (_, pieces)) in whole.0.iter().zip(&pieces.0) {
                    prop_assert_eq!(short(whole), short(pieces), "format {}", at);
                }
                prop_assert_eq!(whole.0.len(), pieces.0.len(), "format {}", at);
            }
        }
    }

}

/// Reads some pieces of an object by itself, with positions and all.
struct InPieces<'f> {
    format: &'f Format,
    /// Which pieces are wanted, in turn.
    wanted: Vec<bool>,
    turn: usize,
    settled: Settled,
    seen: Vec<(Position, String)>,
}

impl InPieces<'_> {
    fn read(format: &Format, wanted: Vec<bool>, bytes: Vec<u8>) -> Vec<(Position, String)> {
        let settled = Settled::default();
        let (turn, seen) = (0, Vec::new());
        let mut object = InPieces {
            format,
            wanted,
            turn,
            settled,
            seen,
        };
        let body = Box::new(Cursor::new(bytes));
        read_object(
            body,
            format,
            Extent::Object,
            Slice::ALL,
            &LIMITS,
            &mut object,
        )
        .unwrap();
        object.seen
    }

    fn note(&mut self, position: Position, text: String) {
        self.seen.push((position, text));
    }
}

impl Receive for InPieces<'_> {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        let text = format!(
            "{:?} {:?} {:?}",
            record.text.raw, record.fields, record.drift
        );
        self.note(record.position, text);
    }

    fn failed(&mut self, failure: Failure<'_>) {
        let raw = String::from_utf8_lossy(failure.raw);
        let (reason, detail) = (failure.reason.as_str(), &failure.detail);
        self.note(failure.position, format!("{raw:?} {reason}: {detail}"));
    }

    fn wants_pieces(&mut self) -> bool {
        self.turn += 1;
        let wants = self.wanted.get(self.turn % self.wanted.len().max(1));
        self.settled.back.is_empty() && wants == Some(&true)
    }

    fn piece(&mut self, piece: Piece) {
        let mut part = InPieces {
            wanted: Vec::new(),
            seen: Vec::new(),
            settled: Settled::default(),
            ..*self
        };
        let end = Buffers::default().read_piece(&piece, self.format, &LIMITS, &mut part);
        if !end.is_sound {
            self.settled.back.push(Arc::new(piece));
            return;
        }
        let start = piece.start();
        for (mut position, text) in part.seen {
            position.number += start.number + self.settled.records;
            position.line += start.line + self.settled.lines - 1;
            self.note(position, text);
        }
        self.settled.records += end.records;
        self.settled.lines += end.lines;
    }

    fn settle(&mut self) -> Settled {
        std::mem::take(&mut self.settled)
    }
}

/// Lines of JSON and rows, of which many begin alike, so that they are cut.
fn alike() -> impl Strategy<Value = String> {
    let known = [
        "{\"a\":1,\"b\":[{\"a\":2},{\"a\":3}]}",
        "{\"a\":\"},{\\\"a\\\":\"}",
        "{\"a\":tru}",
        "{\"a\":tru",
        "\n",
        "{\"a\":\n{\"a\":2}}",
        "{\"a\":",
        "\r",
        "\u{fffd}",
        "]",
    ];
    let plain = "{\"a\":\"some text\"}".to_owned();
    prop_oneof![
        30 => Just(plain).boxed(),
        8 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned).boxed(),
        1 => (100usize..9_000).prop_map(|length| format!("{{\"a\":\"{}\"}}", "x".repeat(length))).boxed(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn pieces_change_nothing(
        records in proptest::collection::vec(alike(), 1..900),
        wanted in proptest::collection::vec(proptest::bool::weighted(0.9), 1..40),
        bad in proptest::option::of(0usize..50_000),
    ) {
        let others = [
            Format::Json { delimiter: None, keeps_others: false },
            Format::Json { delimiter: Some("Records".to_owned()), keeps_others: false },
            Format::Csv(Table { is_strict: true, ..Table::default() }),
            Format::CloudWatchLogs(MessageFormat::Json),
        ];
        let (lines, elements) = (records.join("\n"), records.join(","));
        let texts = [
            format!("{NOISE}{lines}\n"),
            format!("{{\"Records\":[{elements}]}}"),
            format!("[{elements}]\n{lines}"),
            records.concat(),
            records.iter().map(|record| format!(
                r#"{{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{{"id":"1","message":{record:?}}}]}}"#
            )).collect(),
        ];
        for text in texts {
            let mut bytes = text.into_bytes();
            if let Some(at) = bad {
                let at = at % bytes.len();
                bytes[at] = 0xff;
            }
            for (at, format) in formats().iter().take(2).chain(&others).enumerate() {
                let whole = InPieces::read(format, Vec::new(), bytes.clone());
                let pieces = InPieces::read(format, wanted.clone(), bytes.clone());
                for (whole, piece) in whole.iter().zip(&pieces) {
                    prop_assert_eq!(whole, piece, "format {}", at);
                }
                prop_assert_eq!(whole.len(), pieces.len(), "format {}", at);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn records_are_readable_by_themselves(pieces in proptest::collection::vec(piece(), 1..40)) {
        let text = format!("{NOISE}{}", pieces.concat());
        for (at, format) in formats().iter().enumerate() {
            let texts = Vec::new();
            let mut object = Again { format, texts };
            object.read(text.as_bytes(), Extent::Object);
            for text in object.texts {
                let texts = Vec::new();
                let mut record = Again { format, texts };
                record.read(&text, Extent::Record);
                prop_assert_eq!(&record.texts, &[text], "format {}", at);
            }
        }
    }

    #[test]
    fn a_slice_is_a_part_of_the_whole(
        pieces in proptest::collection::vec(piece(), 1..40),
        first in 1u64..6,
        length in 0u64..4,
    ) {
        let bytes = format!("{NOISE}{}", pieces.concat()).into_bytes();
        let slice = Slice { first, last: first + length };
        for (at, format) in formats().iter().enumerate() {
            // The numbers of lines count blank lines, which are no records.
            if matches!(format, Format::Text { .. }) {
                continue;
            }
            let mut whole = read(bytes.clone(), vec![CHUNK], format, Slice::ALL);
            whole.0.retain(|(number, _)| (slice.first..=slice.last).contains(number));
            let part = read(bytes.clone(), vec![CHUNK], format, slice);
            prop_assert_eq!(part, whole, "format {}", at);
        }
    }

    #[test]
    fn chunks_change_nothing(
        pieces in proptest::collection::vec(piece(), 1..40),
        sizes in proptest::collection::vec(1usize..40_000, 1..5),
        behind in 0usize..20_000,
    ) {
        let text = pieces.concat();
        for (at, format) in formats().iter().enumerate() {
            let noisy = format!("{NOISE}{text}").into_bytes();
            let whole = read(noisy.clone(), vec![CHUNK], format, Slice::ALL);
            // Somewhere in the text a chunk of the codec ends.
            let padding = CHUNK - 50 - behind % text.len().clamp(1, CHUNK - 50);
            let moved = ["\n".repeat(padding).into_bytes(), noisy].concat();
            let moved = read(moved, sizes.clone(), format, Slice::ALL);
            for ((_, moved), (_, whole)) in moved.0.iter().zip(&whole.0) {
                prop_assert_eq!(short(moved), short(whole), "format {}", at);
            }
            prop_assert_eq!(moved.0.len(), whole.0.len(), "format {}", at);
        }
    }
}
