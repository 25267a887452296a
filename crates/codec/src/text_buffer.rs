//! A window of valid text that slides over a stream.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, Read};

/// How much is asked for at a time.
const CHUNK: usize = 1 << 16;

/// Text read from a stream: valid UTF-8, invalid bytes replaced by U+FFFD and counted.
///
/// The text in front of what was consumed is dropped when more is read, so the window is as
/// large as the longest record and a chunk, however long the stream is.
pub(crate) struct TextBuffer<'r> {
    reader: Box<dyn Read + 'r>,
    text: String,
    /// Everything before this byte of `text` is consumed.
    start: usize,
    /// Bytes of an incomplete character at the end of the last chunk.
    rest: Vec<u8>,
    chunk: Vec<u8>,
    /// Offset of `text` in the stream.
    offset: u64,
    line: u64,
    replaced: u64,
    /// What U+FFFD stands for in the text that is not consumed: offset in the stream, and bytes.
    originals: VecDeque<(u64, Vec<u8>)>,
    at_end: bool,
    damage: Option<String>,
}

impl<'r> TextBuffer<'r> {
    pub(crate) fn new(reader: Box<dyn Read + 'r>) -> Self {
        Self::with_chunk(reader, vec![0; CHUNK])
    }

    fn with_chunk(reader: Box<dyn Read + 'r>, chunk: Vec<u8>) -> Self {
        TextBuffer {
            reader,
            text: String::new(),
            start: 0,
            rest: Vec::new(),
            chunk,
            offset: 0,
            line: 1,
            replaced: 0,
            originals: VecDeque::new(),
            at_end: false,
            damage: None,
        }
    }

    /// A window over all of a text.
    pub(crate) fn whole(bytes: Vec<u8>) -> TextBuffer<'static> {
        let mut buffer = TextBuffer::with_chunk(Box::new(io::empty()), Vec::new());
        // The text takes the place of the bytes; it is not copied unless it is damaged.
        match String::from_utf8(bytes) {
            Ok(text) => buffer.text = text,
            Err(error) => buffer.append_bytes(error.as_bytes()),
        }
        buffer.skip_mark();
        buffer.end();
        buffer
    }

    /// A window over a piece of a text, which begins so many bytes into it.
    pub(crate) fn piece(text: String, offset: u64) -> TextBuffer<'static> {
        let mut buffer = TextBuffer::with_chunk(Box::new(io::empty()), Vec::new());
        buffer.text = text;
        buffer.offset = offset;
        buffer.end();
        buffer
    }

    /// The memory of the text.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// The text that was read and not consumed.
    pub(crate) fn pending(&self) -> &str {
        &self.text[self.start..]
    }

    /// Offset of the pending text in the stream.
    pub(crate) fn byte_offset(&self) -> u64 {
        self.offset + self.start as u64
    }

    /// Line on which the pending text begins, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// How many invalid bytes were replaced.
    pub(crate) fn replaced_bytes(&self) -> u64 {
        self.replaced
    }

    /// The bytes from which the first bytes of the pending text were decoded.
    pub(crate) fn raw_bytes(&self, length: usize) -> Cow<'_, [u8]> {
        match self.original(length) {
            Some(bytes) => Cow::Owned(bytes),
            None => Cow::Borrowed(&self.pending().as_bytes()[..length]),
        }
    }

    /// The same, if some of the bytes were no UTF-8 and so differ from the text.
    pub(crate) fn original(&self, length: usize) -> Option<Vec<u8>> {
        if self.originals.is_empty() {
            return None;
        }
        let text = &self.pending().as_bytes()[..length];
        let start = self.byte_offset();
        let end = start + length as u64;
        let (mut bytes, mut from) = (Vec::with_capacity(length), 0);
        for (at, original) in &self.originals {
            if (start..end).contains(at) {
                let at = (at - start) as usize;
                bytes.extend_from_slice(text.get(from..at).unwrap_or_default());
                bytes.extend_from_slice(original);
                from = at + char::REPLACEMENT_CHARACTER.len_utf8();
            }
        }
        bytes.extend_from_slice(text.get(from..).unwrap_or_default());
        (from > 0).then_some(bytes)
    }

    /// Length of the line at hand, or of as much of it as a record may be long; reads as much as that
    /// takes.
    pub(crate) fn rest_of_line(&mut self, limit: usize) -> usize {
        loop {
            let pending = self.pending();
            let start = &pending.as_bytes()[..pending.len().min(limit)];
            if let Some(at) = memchr::memchr(b'\n', start) {
                return at;
            }
            if pending.len() > limit {
                return pending.ceil_char_boundary(limit.max(1));
            }
            if !self.fill() {
                return self.pending().len();
            }
        }
    }

    /// What was wrong with the data when reading ended early.
    pub(crate) fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// Whether the stream has no more to give.
    pub(crate) fn at_end(&self) -> bool {
        self.at_end
    }

    /// Consumes bytes that hold so many line ends.
    pub(crate) fn consume(&mut self, bytes: usize, line_ends: u64) {
        self.start += bytes;
        self.line += line_ends;
        let consumed = self.byte_offset();
        while self.originals.front().is_some_and(|(at, _)| *at < consumed) {
            self.originals.pop_front();
        }
    }

    /// Takes the first bytes of the pending text away; their line ends are not counted.
    pub(crate) fn cut(&mut self, bytes: usize) -> String {
        let text = self.pending()[..bytes].to_owned();
        self.consume(bytes, 0);
        text
    }

    /// Puts texts that were cut off back in front of the pending text, in their order.
    pub(crate) fn put_back<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        let mut text: String = texts.collect();
        let length = text.len() as u64;
        text.push_str(self.pending());
        self.offset = self.byte_offset() - length;
        self.start = 0;
        self.text = text;
    }

    /// Counts line ends of texts that were cut off.
    pub(crate) fn add_lines(&mut self, lines: u64) {
        self.line += lines;
    }

    /// Whether U+FFFD stands for other bytes in the first bytes of the pending text.
    pub(crate) fn has_replacements(&self, bytes: usize) -> bool {
        let end = self.byte_offset() + bytes as u64;
        self.originals.front().is_some_and(|(at, _)| *at < end)
    }

    /// Consumes bytes and counts the line feeds in them.
    pub(crate) fn consume_counting(&mut self, bytes: usize) {
        let taken = &self.text.as_bytes()[self.start..self.start + bytes];
        let line_ends = memchr::memchr_iter(b'\n', taken).count() as u64;
        self.consume(bytes, line_ends);
    }

    /// Reads more; false when there is no more. Damaged data ends the stream and is remembered.
    pub(crate) fn fill(&mut self) -> bool {
        if self.at_end {
            return false;
        }
        if self.start > 0 {
            self.text.drain(..self.start);
            self.offset += self.start as u64;
            self.start = 0;
        }
        // A long record doubles the window, so that looking at it again stays cheap.
        let wanted = self.text.len().max(CHUNK);
        let before = self.text.len();
        while self.text.len() - before < wanted {
            match self.reader.read(&mut self.chunk) {
                Ok(0) => {
                    self.end();
                    break;
                }
                Ok(length) => self.append(length),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.damage = Some(error.to_string());
                    self.end();
                    break;
                }
            }
        }
        self.text.len() > before
    }

    fn end(&mut self) {
        self.at_end = true;
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            self.replace(&rest);
        }
    }

    fn append(&mut self, length: usize) {
        if self.offset == 0 && self.text.is_empty() && self.rest.is_empty() {
            self.text.reserve(2 * CHUNK);
        }
        let chunk = std::mem::take(&mut self.chunk);
        if self.rest.is_empty() {
            self.append_bytes(&chunk[..length]);
        } else {
            let mut joined = std::mem::take(&mut self.rest);
            joined.extend_from_slice(&chunk[..length]);
            self.append_bytes(&joined);
        }
        self.chunk = chunk;
        self.skip_mark();
    }

    /// Drops the byte order mark at the start of the stream.
    fn skip_mark(&mut self) {
        if self.offset == 0 && self.text.starts_with('\u{feff}') {
            let mark = '\u{feff}'.len_utf8();
            self.text.drain(..mark);
            for (at, _) in &mut self.originals {
                *at -= mark as u64;
            }
        }
    }

    fn append_bytes(&mut self, mut bytes: &[u8]) {
        loop {
            let error = match simdutf8::compat::from_utf8(bytes) {
                Ok(text) => return self.text.push_str(text),
                Err(error) => error,
            };
            let (valid, after) = bytes.split_at(error.valid_up_to());
            if let Ok(valid) = std::str::from_utf8(valid) {
                self.text.push_str(valid);
            }
            let Some(invalid) = error.error_len() else {
                return self.rest.extend_from_slice(after);
            };
            let (invalid, after) = after.split_at(invalid);
            self.replace(invalid);
            bytes = after;
        }
    }

    /// Puts U+FFFD in the place of bytes that are no UTF-8, and keeps them beside the text.
    fn replace(&mut self, invalid: &[u8]) {
        let at = self.offset + self.text.len() as u64;
        self.originals.push_back((at, invalid.to_vec()));
        self.text.push(char::REPLACEMENT_CHARACTER);
        self.replaced += invalid.len() as u64;
    }
}

/// Finds the line at the start of the text: its length and the length of its end (`\n`, `\r\n`
/// or `\r`); `None` when the end is not in the text.
pub(crate) fn find_line_end(text: &str, from: usize, at_end: bool) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let at = from + memchr::memchr2(b'\n', b'\r', bytes.get(from..)?)?;
    match (bytes[at], bytes.get(at + 1)) {
        (b'\n', _) => Some((at, 1)),
        (_, Some(b'\n')) => Some((at, 2)),
        (_, None) if !at_end => None,
        _ => Some((at, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Drip(&'static [u8]);

    impl Read for Drip {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn read(bytes: &'static [u8]) -> (String, u64) {
        let mut buffer = TextBuffer::new(Box::new(Drip(bytes)));
        while buffer.fill() {}
        (buffer.pending().to_owned(), buffer.replaced_bytes())
    }

    #[test]
    fn decodes_across_chunks() {
        for (bytes, text, replaced) in [
            ("aé日😀".as_bytes(), "aé日😀", 0),
            (b"a\xffb\xe6\x97", "a\u{fffd}b\u{fffd}", 3),
            (b"\xef\xbb\xbf{}", "{}", 0),
            (b"", "", 0),
        ] {
            assert_eq!(read(bytes), (text.to_owned(), replaced));
        }
    }

    #[test]
    fn a_whole_text_is_what_is_read_piece_by_piece() {
        for bytes in [
            "aé日😀".as_bytes(),
            b"a\xffb\xe6\x97",
            b"\xef\xbb\xbf{}\xff",
            b"",
        ] {
            let mut buffer = TextBuffer::whole(bytes.to_vec());
            assert!(buffer.at_end() && !buffer.fill());
            let length = buffer.pending().len();
            let whole = (buffer.pending().to_owned(), buffer.replaced_bytes());
            assert_eq!(whole, read(bytes));
            let mut stream = TextBuffer::new(Box::new(Drip(bytes)));
            while stream.fill() {}
            assert_eq!(buffer.raw_bytes(length), stream.raw_bytes(length));
        }
    }

    #[test]
    fn replaced_bytes_are_given_back() {
        let mut buffer = TextBuffer::new(Box::new(Drip(b"a\xffb\xe6\x97c\xfe")));
        while buffer.fill() {}
        let length = buffer.pending().len();
        assert_eq!(&*buffer.raw_bytes(length), b"a\xffb\xe6\x97c\xfe");
        assert_eq!(&*buffer.raw_bytes(1), b"a");
        buffer.consume("a\u{fffd}".len(), 0);
        assert_eq!(&*buffer.raw_bytes("b\u{fffd}c".len()), b"b\xe6\x97c");
    }

    #[test]
    fn a_byte_order_mark_moves_nothing() {
        let mut buffer = TextBuffer::new(Box::new(&b"\xef\xbb\xbfa\xffb"[..]));
        while buffer.fill() {}
        let length = buffer.pending().len();
        assert_eq!(&*buffer.raw_bytes(length), b"a\xffb");
    }

    #[test]
    fn every_kind_of_line_end_is_found() {
        for (text, at_end, expected) in [
            ("ab\nc", true, Some((2, 1))),
            ("ab\r\nc", true, Some((2, 2))),
            ("ab\rc", true, Some((2, 1))),
            ("ab\r", false, None),
            ("ab\r", true, Some((2, 1))),
            ("ab", true, None),
        ] {
            assert_eq!(find_line_end(text, 0, at_end), expected, "{text:?}");
        }
    }
}
