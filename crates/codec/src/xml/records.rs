//! Elements of a stream, one after the other.

use super::between::Between;
use super::scan::{LOOK_AHEAD, Scan, Scanner, XmlStart};
use crate::object::Reading;
use crate::text::receive_line;
use crate::text_buffer::TextBuffer;
use crate::{FailureReason, LineParser, Position, RecordText};

pub(crate) fn read_xml(
    buffer: &mut TextBuffer<'_>,
    start: &XmlStart,
    parser: &dyn LineParser,
    reading: &mut Reading<'_>,
) {
    let mut reader = XmlReader {
        buffer,
        start,
        limit: reading.limits.record_bytes,
        at_line_start: true,
        given_up: None,
        between: Between::default(),
        scratch: String::new(),
    };
    while reader.find(reading) {
        reading.number += 1;
        reader.record(parser, reading);
        if !reading.goes_on(reading.number) {
            return;
        }
    }
}

struct XmlReader<'x, 's> {
    buffer: &'x mut TextBuffer<'s>,
    start: &'x XmlStart,
    limit: usize,
    /// Whether a line begins with the pending text, or a record ended just before it, behind which
    /// another may begin on the same line.
    at_line_start: bool,
    /// Name of the element in whose middle the pending text begins.
    given_up: Option<String>,
    between: Between,
    /// A record whose line ends are not those of the file.
    scratch: String,
}

impl XmlReader<'_, '_> {
    fn scanner(&self) -> Scanner<'_, '_> {
        Scanner {
            start: self.start,
            text: self.buffer.pending(),
            at_end: self.buffer.at_end(),
            limit: self.limit,
        }
    }

    fn consume(&mut self, bytes: usize) {
        if let Some(last) = self.buffer.pending()[..bytes].bytes().last() {
            self.at_line_start = matches!(last, b'\n' | b'\r');
        }
        self.buffer.consume_counting(bytes);
    }

    /// Moves to the next record; false when there is none.
    fn find(&mut self, reading: &mut Reading<'_>) -> bool {
        loop {
            let search = match &self.given_up {
                Some(name) => self.scanner().find_line(self.at_line_start, Some(name)),
                None => self.scanner().find(self.at_line_start),
            };
            let at_end = self.buffer.at_end();
            if self.given_up.is_none() {
                self.between.note(search.skip, self.buffer, reading);
            }
            self.consume(search.skip);
            if search.found || at_end {
                self.given_up = None;
                self.between.report(reading);
                return search.found;
            }
            self.buffer.fill();
        }
    }

    /// Reads the record that begins with the pending text.
    fn record(&mut self, parser: &dyn LineParser, reading: &mut Reading<'_>) {
        let scan = loop {
            match self.scanner().record() {
                Scan::More if self.buffer.pending().len() <= self.limit + LOOK_AHEAD => {
                    self.buffer.fill();
                }
                scan => break scan,
            }
        };
        let position = Position {
            number: reading.number,
            line: self.buffer.line(),
            byte_offset: self.buffer.byte_offset(),
        };
        let wanted = reading.slice.contains(reading.number);
        match scan {
            Scan::End { element, line_end } if element <= self.limit => {
                if wanted {
                    self.receive((element, line_end), position, parser, reading);
                }
                self.consume(element + line_end);
                self.at_line_start = true;
            }
            Scan::Broken(length) if length <= self.limit => {
                if wanted {
                    let detail = "the element does not end before the next one or the data does";
                    let raw = self.buffer.raw_bytes(length);
                    reading.fail(position, FailureReason::InvalidXml, detail, &raw);
                }
                self.consume(length);
            }
            _ => {
                let kept = self.buffer.pending().floor_char_boundary(self.limit);
                if wanted {
                    let limit = self.limit;
                    let detail = format!(
                        "the record is longer than {limit} bytes; only its beginning is kept"
                    );
                    let raw = self.buffer.raw_bytes(kept);
                    reading.fail(position, FailureReason::TooLong, detail, &raw);
                }
                let name = self.scanner().first_name().unwrap_or_default().to_owned();
                self.given_up = Some(name);
                self.consume(kept);
            }
        }
    }

    /// Hands over an element; an event of Windows comes with the end of its line, as it always
    /// did, for its id follows from its text.
    fn receive(
        &mut self,
        (element, line_end): (usize, usize),
        position: Position,
        parser: &dyn LineParser,
        reading: &mut Reading<'_>,
    ) {
        let length = match self.start {
            XmlStart::Named(_) => element + line_end,
            XmlStart::Line(_) | XmlStart::Any => element,
        };
        let mut scratch = std::mem::take(&mut self.scratch);
        let pending = &self.buffer.pending()[..length];
        let raw = match memchr::memchr(b'\r', pending.as_bytes()) {
            None => pending,
            Some(_) => {
                scratch.clear();
                push_with_line_feeds(pending, &mut scratch);
                &scratch
            }
        };
        let original = self.buffer.original(length);
        let text = RecordText {
            original: original.as_deref(),
            ..RecordText::plain(raw)
        };
        reading.in_arena(|reading, arena| {
            receive_line(text, parser, position, reading, arena);
        });
        self.scratch = scratch;
    }
}

/// Appends the text with every line end as one line feed.
fn push_with_line_feeds(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\r') {
        out.push_str(line);
        out.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    out.push_str(rest);
}
