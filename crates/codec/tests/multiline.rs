//! Records of several lines: the same ones however the bytes come, and none of the lines lost.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use proptest::prelude::*;
use yagura_codec::{
    Extent, Failure, FailureReason, Format, Limits, Pattern, Position, Receive, Record, Slice,
    read_object,
};
use yagura_model::Arena;

/// Gives its bytes in pieces of these sizes, over and over.
struct Pieces {
    bytes: Cursor<Vec<u8>>,
    sizes: Vec<usize>,
    next: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.next % self.sizes.len()].min(buffer.len());
        self.next += 1;
        self.bytes.read(&mut buffer[..size])
    }
}

impl Seek for Pieces {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// What came out, in order: position, and the text or why there is none.
#[derive(Debug, Default, PartialEq)]
struct Seen(Vec<(Position, Result<String, FailureReason>, Vec<u8>)>);

impl Receive for Seen {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        let raw = record.text.raw;
        assert_eq!(record.fields.text("all"), Some(raw));
        let bytes = record.text.self_contained().into_owned();
        self.0.push((record.position, Ok(raw.to_owned()), bytes));
    }

    fn failed(&mut self, failure: Failure<'_>) {
        let (reason, raw) = (failure.reason, failure.raw.to_vec());
        self.0.push((failure.position, Err(reason), raw));
    }
}

impl Seen {
    fn texts(&self) -> Vec<Result<&str, FailureReason>> {
        let texts = self.0.iter();
        texts
            .map(|(_, text, _)| text.as_deref().map_err(|reason| *reason))
            .collect()
    }
}

fn read(bytes: &[u8], first_line: &str, sizes: &[usize], slice: Slice, limit: usize) -> Seen {
    let format = Format::Multiline {
        first_line: Pattern::at_start(first_line).unwrap(),
        parser: Box::new(Pattern::at_start(r"(?P<all>[\s\S]*)").unwrap()),
    };
    let body = Pieces {
        bytes: Cursor::new(bytes.to_vec()),
        sizes: sizes.to_vec(),
        next: 0,
    };
    let limits = Limits {
        record_bytes: limit,
        ..Limits::default()
    };
    let mut seen = Seen::default();
    let body = Box::new(body);
    read_object(body, &format, Extent::Object, slice, &limits, &mut seen).unwrap();
    seen
}

fn read_whole(text: &str, first_line: &str) -> Seen {
    read(text.as_bytes(), first_line, &[1 << 16], Slice::ALL, 1 << 20)
}

#[test]
fn a_record_goes_to_the_next_first_line() {
    let mismatch = Err(FailureReason::PatternMismatch);
    for (text, first_line, expected) in [
        ("#a\n b\n\n c\n#d", "#", vec![Ok("#a\n b\n\n c"), Ok("#d")]),
        ("#a \t\n\n\n#d\r\n", "#", vec![Ok("#a"), Ok("#d")]),
        ("#a\r\n b\r c\n#d", "#", vec![Ok("#a\n b\n c"), Ok("#d")]),
        (" #a\n#b\n", "#", vec![mismatch, Ok("#b")]),
        ("\n \n#b\n", "#", vec![Ok("#b")]),
        ("none\nat all\n", "#", vec![mismatch]),
        ("", "#", vec![]),
        // The pattern sees the line's end, and that only.
        ("a\n b\n\nc\n", r"(?!\s)", vec![Ok("a\n b"), Ok("c")]),
        ("[a]\r\nb\r\n[c]", r"^\[.\]$", vec![Ok("[a]\nb"), Ok("[c]")]),
        ("a\nb\n", "a\nb", vec![mismatch]),
    ] {
        assert_eq!(read_whole(text, first_line).texts(), expected, "{text:?}");
    }
}

#[test]
fn a_slice_counts_first_lines() {
    let text = b"before\n#1\n x\n#2\n#3\n y\n#4\n";
    for (first, last, expected) in [
        (
            1,
            1,
            vec![Err(FailureReason::PatternMismatch), Ok("#1\n x")],
        ),
        (2, 3, vec![Ok("#2"), Ok("#3\n y")]),
        (4, 9, vec![Ok("#4")]),
        (5, 9, vec![]),
    ] {
        let seen = read(text, "#", &[7], Slice { first, last }, 100);
        assert_eq!(seen.texts(), expected, "{first} to {last}");
    }
}

#[test]
fn a_record_that_never_ends_is_given_up_and_the_rest_goes_on() {
    let too_long = Err(FailureReason::TooLong);
    let mut lines = "#a\n".to_owned();
    lines.push_str(&" line\n".repeat(200_000));
    let long_line = "x".repeat(300_000);
    for (text, expected) in [
        (format!("{lines}#b\n c\n"), vec![too_long, Ok("#b\n c")]),
        (format!("#{long_line}\n c\n#b"), vec![too_long, Ok("#b")]),
        (format!("#a\n{long_line}\n c\n#b"), vec![too_long, Ok("#b")]),
        (
            format!("#a\n#{long_line}\n#b"),
            vec![Ok("#a"), too_long, Ok("#b")],
        ),
        (format!("{long_line}\n#b"), vec![too_long, Ok("#b")]),
        (lines.clone(), vec![too_long]),
    ] {
        let seen = read(text.as_bytes(), "#", &[1 << 16], Slice::ALL, 1_000);
        assert_eq!(seen.texts(), expected, "{:.10}", text);
        let (position, _, _) = seen.0.last().unwrap();
        if expected.len() > 1 {
            let line = 1 + text[..text.rfind("#b").unwrap()].matches('\n').count();
            assert_eq!(position.line, line as u64);
        }
        for (_, text, raw) in &seen.0 {
            assert!(text.is_ok() || raw.len() == 1_000);
        }
    }
}

#[test]
fn a_dead_letter_is_the_record_again() {
    let seen = read(b"#a\r\n \xff\n\xfe \n#b", "#", &[3], Slice::ALL, 100);
    let [(_, text, bytes), _] = &seen.0[..] else {
        panic!("two records: {seen:?}");
    };
    let again = read(bytes, "#", &[3], Slice::ALL, 100);
    assert_eq!(again.0[0].1, *text);
    assert!(bytes.starts_with(b"#a\r\n \xff\n\xfe"));
}

/// Lines with their ends, and bytes that are no text.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => proptest::sample::select(vec![
            &b"\n"[..], b"\r\n", b"\r", b"#", b"\n#", b" ", b"\xe6\xab\x93", b"\xff", b"\xe6", b"at x.y(z)",
        ]).prop_map(<[u8]>::to_vec),
        2 => "[a-z#]{0,9}".prop_map(String::into_bytes),
        1 => (1usize..80).prop_map(|length| vec![b'y'; length]),
    ];
    // A letter in front, or the bytes could be taken for UTF-16.
    proptest::collection::vec(piece, 0..60)
        .prop_map(|pieces| [b"a".to_vec(), pieces.concat()].concat())
}

/// The records as a plain reader of the whole text finds them.
fn plainly(text: &str, limit: usize) -> Vec<Result<String, FailureReason>> {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut blocks: Vec<String> = Vec::new();
    for line in lines.split_inclusive('\n') {
        match blocks.last_mut() {
            Some(block) if !line.starts_with('#') => block.push_str(line),
            _ => blocks.push(line.to_owned()),
        }
    }
    let blocks = blocks.iter().map(|block| block.trim_end());
    let records = blocks.filter(|block| !block.is_empty());
    records
        .map(|block| match block.starts_with('#') {
            _ if block.len() > limit => Err(FailureReason::TooLong),
            true => Ok(block.to_owned()),
            false => Err(FailureReason::PatternMismatch),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn pieces_of_any_size_give_the_same_records(
        bytes in lines(),
        sizes in proptest::collection::vec(1usize..40, 1..6),
        limit in prop_oneof![Just(1usize << 20), 30usize..200],
    ) {
        let whole = read(&bytes, "#", &[1 << 16], Slice::ALL, limit);
        let pieces = read(&bytes, "#", &sizes, Slice::ALL, limit);
        prop_assert_eq!(&whole, &pieces);
        if limit == 1 << 20 {
            let plain = plainly(&String::from_utf8_lossy(&bytes), limit);
            let texts: Vec<_> = whole.0.into_iter().map(|(_, text, _)| text).collect();
            prop_assert_eq!(texts, plain);
        }
    }

    #[test]
    fn the_records_together_are_the_input(
        blocks in proptest::collection::vec("#[a-z櫓 ]{0,9}[a-z](\n[ \ta-z]{0,8}[a-z]){0,4}", 1..20),
        size in 1usize..50,
    ) {
        let text = blocks.join("\n");
        let seen = read(text.as_bytes(), "#", &[size], Slice::ALL, 1 << 20);
        let texts: Vec<_> = seen.texts().into_iter().map(Result::unwrap).collect();
        prop_assert_eq!(texts.join("\n"), text);
    }
}
