//! What lies between the elements that are records: markup around them is nothing, text is
//! something that nobody could read.

use crate::object::Reading;
use crate::text_buffer::TextBuffer;
use crate::{FailureReason, Position};

/// The bytes since the last record, from the first that is not blank.
#[derive(Default)]
pub(super) struct Between {
    bytes: Vec<u8>,
    position: Position,
    /// More bytes came than a record may have.
    is_too_long: bool,
}

impl Between {
    /// Takes note of the first bytes of the pending text, which are about to be skipped.
    pub(super) fn note(&mut self, length: usize, buffer: &TextBuffer<'_>, reading: &Reading<'_>) {
        let text = &buffer.pending()[..length];
        let mut blank = 0;
        if self.bytes.is_empty() {
            blank = length - text.trim_start_matches(is_blank).len();
            if blank == length {
                return;
            }
            let lines = memchr::memchr_iter(b'\n', &text.as_bytes()[..blank]).count();
            self.position = Position {
                number: reading.number + 1,
                line: buffer.line() + lines as u64,
                byte_offset: buffer.byte_offset() + blank as u64,
            };
        }
        let raw = buffer.raw_bytes(length);
        let raw = raw.get(blank..).unwrap_or_default();
        let room = reading.limits.record_bytes - self.bytes.len();
        self.is_too_long |= raw.len() > room;
        self.bytes.extend_from_slice(&raw[..raw.len().min(room)]);
    }

    /// Reports what was noted if there is text in it, and forgets it.
    pub(super) fn report(&mut self, reading: &mut Reading<'_>) {
        let bytes = std::mem::take(&mut self.bytes);
        let is_too_long = std::mem::take(&mut self.is_too_long);
        let text = String::from_utf8_lossy(&bytes);
        if !has_text(&text) || !reading.slice.contains(self.position.number) {
            return;
        }
        if is_too_long {
            let limit = reading.limits.record_bytes;
            let detail = format!(
                "there are more than {limit} bytes outside the elements; only their beginning is kept"
            );
            reading.fail(self.position, FailureReason::TooLong, detail, &bytes);
        } else {
            let detail = "there is text outside the elements that are records";
            let raw = bytes.trim_ascii_end();
            reading.fail(self.position, FailureReason::InvalidXml, detail, raw);
        }
    }
}

/// Whether there is anything but tags, comments and blanks.
fn has_text(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, markup)) = rest.split_once('<') {
        if !before.trim_matches(is_blank).is_empty() {
            return true;
        }
        let end = match markup.starts_with("!--") {
            true => "-->",
            false => ">",
        };
        match markup.split_once(end) {
            Some((_, after)) => rest = after,
            None => return true,
        }
    }
    !rest.trim_matches(is_blank).is_empty()
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || character == '\0'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_no_text() {
        for (text, expected) in [
            ("", false),
            (" \n\0", false),
            ("<?xml version='1.0'?>\n<Events>", false),
            ("</Events>\n<!-- a > b -->", false),
            ("noise", true),
            ("<a>noise", true),
            ("<a", true),
            ("<!-- a >", true),
        ] {
            assert_eq!(has_text(text), expected, "{text:?}");
        }
    }
}
