//! Records of several lines, each begun by a line that a pattern recognises.

use std::borrow::Cow;

use crate::object::Reading;
use crate::text::{Line, next_line, next_line_from, receive_line, skip_line, trim, trim_end};
use crate::text_buffer::TextBuffer;
use crate::{FailureReason, LineParser, Pattern, Position, RecordText};

pub(crate) fn read_multiline(
    buffer: &mut TextBuffer<'_>,
    first_line: &Pattern,
    parser: &dyn LineParser,
    reading: &mut Reading<'_>,
) {
    let mut framing = Framing {
        first_line,
        limit: reading.limits.record_bytes,
        at_first: false,
        line: String::new(),
    };
    // Split messages count the first lines.
    let mut count = 0;
    while let Some(block) = framing.next_block(buffer) {
        count += u64::from(block.is_record);
        // What stands before the first record goes with it.
        let wanted = reading.slice.contains(count.max(1));
        let position = Position {
            number: reading.number + 1,
            line: buffer.line(),
            byte_offset: buffer.byte_offset(),
        };
        if block.is_too_long {
            if wanted {
                reading.number += 1;
                fail_long_block(buffer, position, reading);
            }
            framing.skip_block(buffer);
        } else {
            let text = &buffer.pending()[..block.length];
            if wanted && !trim(text).is_empty() {
                reading.number += 1;
                let original = buffer.original(block.length);
                let lines = trim_end(text);
                let raw = with_line_feeds(lines);
                let text = RecordText {
                    original: original.as_deref(),
                    ..RecordText::plain(&raw)
                };
                if block.is_record {
                    reading.in_arena(|reading, arena| {
                        receive_line(text, parser, position, reading, arena);
                    });
                } else {
                    let detail = "the lines stand before the first line that begins a record";
                    let reason = FailureReason::PatternMismatch;
                    reading.fail(position, reason, detail, &text.self_contained());
                }
            }
            buffer.consume(block.length, block.lines);
        }
        if !reading.goes_on(count) {
            return;
        }
    }
}

/// Reports the beginning of a block that is longer than a record may be.
fn fail_long_block(buffer: &TextBuffer<'_>, position: Position, reading: &mut Reading<'_>) {
    let limit = reading.limits.record_bytes;
    let detail = format!("the record is longer than {limit} bytes; only its beginning is kept");
    let kept = buffer.pending().floor_char_boundary(limit);
    reading.fail(
        position,
        FailureReason::TooLong,
        detail,
        &buffer.raw_bytes(kept),
    );
}

/// The text with a line feed for every line end.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Lines that belong together.
struct Block {
    /// Its first line begins a record; otherwise it stands before the first record.
    is_record: bool,
    /// It is longer than a record may be; length and lines are not known.
    is_too_long: bool,
    length: usize,
    lines: u64,
}

/// Cuts text where a line begins a record.
struct Framing<'f> {
    first_line: &'f Pattern,
    limit: usize,
    /// The pending text is known to begin with a first line.
    at_first: bool,
    /// Reused for lines that do not end in a line feed alone.
    line: String,
}

impl Framing<'_> {
    /// Finds the lines from here to the next first line, reading as much as it takes.
    fn next_block(&mut self, buffer: &mut TextBuffer<'_>) -> Option<Block> {
        let mut block = Block {
            is_record: false,
            is_too_long: false,
            length: 0,
            lines: 0,
        };
        while let Some(line) = next_line_from(buffer, block.length, self.limit) {
            let is_first =
                std::mem::take(&mut self.at_first) || self.is_first(buffer, block.length, &line);
            if block.lines == 0 {
                block.is_record = is_first;
            } else if is_first {
                self.at_first = true;
                return Some(block);
            }
            let Line::Whole(length, width) = line else {
                block.is_too_long = true;
                return Some(block);
            };
            if block.length + length > self.limit {
                block.is_too_long = true;
                return Some(block);
            }
            block.length += length + width;
            block.lines += 1;
        }
        (block.lines > 0).then_some(block)
    }

    /// Consumes the lines from here to the next first line, however many there are.
    fn skip_block(&mut self, buffer: &mut TextBuffer<'_>) {
        skip_line(buffer);
        while let Some(line) = next_line(buffer, self.limit) {
            if self.is_first(buffer, 0, &line) {
                self.at_first = true;
                return;
            }
            skip_line(buffer);
        }
    }

    /// Whether the line at this place of the pending text begins a record.
    ///
    /// The pattern sees a line feed at the end of the line, as `(?!\s)` wants to know of an empty
    /// line. A line for which it needs too many steps begins none.
    fn is_first(&mut self, buffer: &TextBuffer<'_>, start: usize, line: &Line) -> bool {
        let pending = &buffer.pending()[start..];
        let text = match *line {
            Line::Whole(length, 0) => &pending[..length],
            Line::Whole(length, 1) if pending.as_bytes()[length] == b'\n' => &pending[..length + 1],
            Line::Whole(length, _) => {
                self.line.clear();
                self.line.push_str(&pending[..length]);
                self.line.push('\n');
                &self.line
            }
            Line::TooLong => &pending[..pending.floor_char_boundary(self.limit)],
        };
        self.first_line.is_match(text).unwrap_or(false)
    }
}
