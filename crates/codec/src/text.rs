//! One record a line.

use yagura_model::{Arena, Object};

use crate::ahead::SumsAhead;
use crate::object::Reading;
use crate::piece::PieceForm;
use crate::text_buffer::{TextBuffer, find_line_end};
use crate::{Checked, FailureReason, LineParser, Position, Record, RecordText};

/// A line in the pending text of a buffer.
pub(crate) enum Line {
    /// A line of so many bytes, and so many of its end.
    Whole(usize, usize),
    /// A line longer than a record may be begins here.
    TooLong,
}

impl Line {
    fn new(length: usize, width: usize, limit: usize) -> Line {
        if length > limit {
            Line::TooLong
        } else {
            Line::Whole(length, width)
        }
    }
}

/// Finds the next line, reading as much as it takes; `None` at the end of the stream.
pub(crate) fn next_line(buffer: &mut TextBuffer<'_>, limit: usize) -> Option<Line> {
    next_line_from(buffer, 0, limit)
}

/// Finds the end of the line that begins so many bytes into the pending text.
pub(crate) fn next_line_from(
    buffer: &mut TextBuffer<'_>,
    start: usize,
    limit: usize,
) -> Option<Line> {
    let mut searched = start;
    loop {
        let pending = buffer.pending();
        if let Some((end, width)) = find_line_end(pending, searched, buffer.at_end()) {
            return Some(Line::new(end - start, width, limit));
        }
        // One byte more may be the first half of a line end.
        if pending.len() - start > limit + 1 {
            return Some(Line::TooLong);
        }
        // A lone carriage return at the end may be the first half of a line end.
        searched = pending.len().saturating_sub(1).max(start);
        while !pending.is_char_boundary(searched) {
            searched -= 1;
        }
        if !buffer.fill() && buffer.at_end() {
            let length = buffer.pending().len() - start;
            if find_line_end(buffer.pending(), searched, true).is_some() {
                continue;
            }
            return (length > 0).then(|| Line::new(length, 0, limit));
        }
    }
}

/// Gives up a line that is too long: reports its beginning and consumes it to its end.
pub(crate) fn fail_long_line(
    buffer: &mut TextBuffer<'_>,
    position: Position,
    reading: &mut Reading<'_>,
) {
    let limit = reading.limits.record_bytes;
    let detail = format!("the record is longer than {limit} bytes; only its beginning is kept");
    let start = buffer.pending();
    let kept = start.floor_char_boundary(limit);
    reading.fail(
        position,
        FailureReason::TooLong,
        detail,
        &buffer.raw_bytes(kept),
    );
    skip_line(buffer);
}

/// Consumes a line, however long it is.
pub(crate) fn skip_line(buffer: &mut TextBuffer<'_>) {
    loop {
        let pending = buffer.pending();
        if let Some((end, width)) = find_line_end(pending, 0, buffer.at_end()) {
            return buffer.consume(end + width, 1);
        }
        // A carriage return at the end may be the first half of a line end.
        let rest = usize::from(!buffer.at_end() && pending.ends_with('\r'));
        buffer.consume(pending.len() - rest, 0);
        if !buffer.fill() && buffer.pending().is_empty() {
            return;
        }
    }
}

/// Trims what Python calls white space from both ends.
pub(crate) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let plain = |byte: Option<&u8>| byte.is_none_or(|byte| (0x21..0x80).contains(byte));
    if plain(bytes.first()) && plain(bytes.last()) {
        return text;
    }
    text.trim_matches(is_white_space)
}

/// Trims what Python calls white space from the end.
pub(crate) fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_white_space)
}

/// Unlike Rust, Python counts the four separators from 0x1c as white space.
pub(crate) fn is_white_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

pub(crate) fn read_text(
    buffer: &mut TextBuffer<'_>,
    header_lines: u64,
    parser: &dyn LineParser,
    reading: &mut Reading<'_>,
) {
    read_lines(buffer, header_lines, (parser, PieceForm::Lines), reading);
}

/// Reads lines of which pieces have a form of their own.
pub(crate) fn read_lines(
    buffer: &mut TextBuffer<'_>,
    header_lines: u64,
    (parser, form): (&dyn LineParser, PieceForm),
    reading: &mut Reading<'_>,
) {
    let mut line_number = 0;
    let mut sums = reading.receive.wants_md5().then(SumsAhead::default);
    loop {
        if line_number >= header_lines && !reading.give_pieces(buffer, || form.clone()) {
            return;
        }
        let Some(line) = next_line(buffer, reading.limits.record_bytes) else {
            return;
        };
        line_number += 1;
        let wanted = line_number > header_lines && reading.slice.contains(line_number);
        let position = Position {
            number: reading.number + 1,
            line: buffer.line(),
            byte_offset: buffer.byte_offset(),
        };
        let (length, width) = match line {
            Line::Whole(length, width) => (length, width),
            Line::TooLong => {
                reading.number += 1;
                fail_long_line(buffer, position, reading);
                continue;
            }
        };
        if wanted {
            let raw = trim(&buffer.pending()[..length]);
            if !raw.is_empty() {
                reading.number += 1;
                let original = buffer.original(length);
                let text = RecordText {
                    original: original.as_deref(),
                    md5: sums.as_mut().and_then(|sums| sums.sum_of(raw, buffer)),
                    ..RecordText::of_line(raw, buffer.pending(), length)
                };
                reading.in_arena(|reading, arena| {
                    receive_line(text, parser, position, reading, arena);
                });
            }
        }
        buffer.consume(length + width, 1);
        if !reading.goes_on(line_number) {
            return;
        }
    }
}

/// Parses one line and hands it over.
pub(crate) fn receive_line<'a>(
    text: RecordText<'a>,
    parser: &'a dyn LineParser,
    position: Position,
    reading: &mut Reading<'_>,
    arena: &'a Arena,
) {
    let Checked { fields, drift } = parser.check(text.raw, parser.parse(text.raw, arena), arena);
    let (fields, unparsed) = match (fields, parser.kept_with()) {
        (Ok(fields), _) => (fields, None),
        (Err(_), Some(message)) => (Object::new_in(arena), Some(message)),
        (Err((reason, detail)), None) => {
            return reading.fail(position, reason, detail, &text.self_contained());
        }
    };
    let record = Record {
        text,
        fields,
        position,
        unparsed,
        drift,
    };
    reading.receive.record(record, arena);
}
