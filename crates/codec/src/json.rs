//! JSON values one after the other, or the elements of an array inside them.
//!
//! A large array is never held as a whole: its elements are read straight from the stream.

use yagura_model::{
    Arena, Dump, JsonErrorKind, Object, Source, Value, parse_prefix_noting, push_python_dumps,
};

use crate::envelope::{is_envelope, unwrap};
use crate::object::Reading;
use crate::piece::{END_OF_ELEMENT, PieceForm, start_of_next};
use crate::text_buffer::TextBuffer;
use crate::{Envelope, FailureReason, Position, Record, RecordText};

pub(crate) fn read_json(
    buffer: &mut TextBuffer<'_>,
    delimiter: Option<&str>,
    keeps_others: bool,
    reading: &mut Reading<'_>,
) {
    JsonReader::new(buffer, delimiter, keeps_others, reading).values();
}

/// Reads a piece of an object, and tells whether all of it was read as it would have been with
/// what lies behind it.
pub(crate) fn read_json_piece(
    buffer: &mut TextBuffer<'_>,
    form: &PieceForm,
    (delimiter, keeps_others): (Option<&str>, bool),
    reading: &mut Reading<'_>,
) -> bool {
    let mut reader = JsonReader::new(buffer, delimiter, keeps_others, reading);
    let is_sound = match form {
        PieceForm::Elements => reader.elements_of_piece(true),
        PieceForm::Records => reader.elements_of_piece(false),
        _ => {
            reader.values();
            true
        }
    };
    is_sound && !reader.met_end
}

struct JsonReader<'j, 'r, 's> {
    buffer: &'j mut TextBuffer<'s>,
    delimiter: Option<&'j str>,
    keeps_others: bool,
    reading: &'j mut Reading<'r>,
    /// The text of the value at hand.
    dump: Dump,
    /// Something broken goes on to the end of the text, as far as can be seen.
    met_end: bool,
}

/// Bytes in which the delimiter's array must begin for its elements to be read one by one.
const MAX_PREAMBLE: usize = 4096;

/// What came of reading a value.
enum Outcome {
    /// It took so many bytes.
    Read(usize),
    /// More of the text could tell.
    More,
    TooLong,
    Broken(JsonErrorKind),
}

/// The reader cannot go on where it is; it has reported why and moved behind the damage.
struct Resync;

impl<'j, 'r, 's> JsonReader<'j, 'r, 's> {
    fn new(
        buffer: &'j mut TextBuffer<'s>,
        delimiter: Option<&'j str>,
        keeps_others: bool,
        reading: &'j mut Reading<'r>,
    ) -> Self {
        JsonReader {
            buffer,
            delimiter,
            keeps_others,
            reading,
            dump: Dump::default(),
            met_end: false,
        }
    }

    /// Reads values one after the other.
    fn values(&mut self) {
        loop {
            let goes_on = self.reading.give_pieces(self.buffer, || PieceForm::Values);
            if !goes_on || self.skip_blanks().is_none() || !self.goes_on() {
                return;
            }
            self.top_level_value();
        }
    }

    fn goes_on(&self) -> bool {
        self.reading.goes_on(self.reading.number)
    }

    fn position(&self) -> Position {
        Position {
            number: self.reading.number,
            line: self.buffer.line(),
            byte_offset: self.buffer.byte_offset(),
        }
    }

    /// Moves to the next byte that is no blank and tells it; `None` at the end.
    fn skip_blanks(&mut self) -> Option<u8> {
        loop {
            let pending = self.buffer.pending();
            let blanks = pending.len() - pending.trim_start_matches([' ', '\t', '\n', '\r']).len();
            let next = pending.as_bytes().get(blanks).copied();
            self.buffer.consume_counting(blanks);
            if next.is_some() || !self.buffer.fill() {
                return next;
            }
        }
    }

    fn top_level_value(&mut self) {
        let first = self.buffer.pending().as_bytes().first().copied();
        let streamed = match (self.delimiter, first) {
            (_, Some(b'[')) => self.elements(true),
            (Some(delimiter), Some(b'{')) if self.opens_with(delimiter) => self.members(delimiter),
            _ => self.whole_value(),
        };
        // After damage the reader already stands behind it.
        let _: Result<(), Resync> = streamed;
    }

    /// Whether the object at hand begins with the delimiter's array, or with plain values and then
    /// that array, as AWS writes it.
    fn opens_with(&mut self, delimiter: &str) -> bool {
        while self.buffer.pending().len() < MAX_PREAMBLE && self.buffer.fill() {}
        let pending = self.buffer.pending();
        let start = &pending[..pending.floor_char_boundary(MAX_PREAMBLE)];
        array_follows(start, delimiter).unwrap_or_default()
    }

    /// Reads an object that holds the delimiter's array, element by element; the other
    /// members are read and forgotten.
    fn members(&mut self, delimiter: &str) -> Result<(), Resync> {
        self.buffer.consume(1, 0);
        loop {
            match self.skip_blanks() {
                Some(b'}') => {
                    self.buffer.consume(1, 0);
                    return Ok(());
                }
                Some(b',') => self.buffer.consume(1, 0),
                Some(b'"') => self.member(delimiter)?,
                _ => return Err(self.give_up_line(JsonErrorKind::Comma)),
            }
        }
    }

    fn member(&mut self, delimiter: &str) -> Result<(), Resync> {
        let mut is_delimiter = false;
        self.value(|_, _, key, _| is_delimiter = key.as_text() == Some(delimiter))?;
        if self.skip_blanks() != Some(b':') {
            return Err(self.give_up_line(JsonErrorKind::Colon));
        }
        self.buffer.consume(1, 0);
        let next = self.skip_blanks();
        if is_delimiter && next == Some(b'[') {
            return self.elements(false);
        }
        self.value(|_, _, _, _| ())
    }

    /// Reads the elements of an array; at the top level they are values of their own, with
    /// envelope and delimiter.
    fn elements(&mut self, top_level: bool) -> Result<(), Resync> {
        self.buffer.consume(1, 0);
        loop {
            let goes_on = self.reading.give_pieces(self.buffer, || match top_level {
                true => PieceForm::Elements,
                false => PieceForm::Records,
            });
            if !goes_on {
                return Ok(());
            }
            match self.skip_blanks() {
                Some(b']') => {
                    self.buffer.consume(1, 0);
                    return Ok(());
                }
                Some(b',') => self.buffer.consume(1, 0),
                Some(_) if !self.goes_on() => return Ok(()),
                Some(_) => self.array_element(top_level),
                None => return Err(self.give_up_line(JsonErrorKind::Comma)),
            }
        }
    }

    /// Reads the elements of a piece, and tells whether the array goes on behind it.
    fn elements_of_piece(&mut self, top_level: bool) -> bool {
        loop {
            match self.skip_blanks() {
                Some(b']') => return false,
                Some(b',') => self.buffer.consume(1, 0),
                Some(_) if self.goes_on() => self.array_element(top_level),
                _ => return true,
            }
        }
    }

    /// Reads an element. One that is broken keeps none of those behind it back.
    fn array_element(&mut self, top_level: bool) {
        let read = match top_level {
            true => self.whole_value(),
            false => self.element(),
        };
        // After damage the reader already stands behind it.
        let _: Result<(), Resync> = read;
    }

    /// Reads one element of the delimiter's array, which is one record.
    fn element(&mut self) -> Result<(), Resync> {
        self.value(|reading, dump, value, place| {
            receive(reading, value, dump.texts(), Envelope::default(), place);
        })
    }

    /// Reads one value with everything in it: records are the value, the elements of its
    /// delimiter's array, or what its envelope holds.
    fn whole_value(&mut self) -> Result<(), Resync> {
        let (delimiter, keeps_others) = (self.delimiter, self.keeps_others);
        self.value(|reading, dump, value, place| {
            let is_wrapped = value.as_object().is_some_and(is_envelope);
            let (value, envelope) = unwrap(value);
            match (delimiter, value) {
                (None, Value::List(list)) => {
                    for value in list.iter_mut() {
                        let (value, envelope) = unwrap(value.take());
                        receive(reading, value, None, envelope, place);
                    }
                }
                (Some(delimiter), Value::Object(object))
                    if !keeps_others || holds_list(object, delimiter) =>
                {
                    let records = object.get_mut(delimiter).and_then(Value::as_list_mut);
                    for value in records.into_iter().flat_map(|list| list.iter_mut()) {
                        receive(reading, value.take(), None, envelope, place);
                    }
                }
                (_, value) => {
                    let texts = dump.texts().filter(|_| !is_wrapped);
                    receive(reading, value, texts, envelope, place);
                }
            }
        })
    }

    /// Reads the pending value, however much it takes, gives it away and consumes it.
    fn value(
        &mut self,
        mut give: impl for<'v> FnMut(&mut Reading<'_>, &'v Dump, Value<'v>, Place<'v>),
    ) -> Result<(), Resync> {
        loop {
            let Self {
                buffer,
                reading,
                dump,
                ..
            } = self;
            let mut arena = std::mem::take(&mut reading.arena);
            let pending = buffer.pending();
            let limit = reading.limits.record_bytes;
            // What is longer than a record may be is given up, whether its end can be seen or not:
            // how much of the text is at hand must change nothing.
            let outcome = match parse_prefix_noting(pending, &arena, dump) {
                // A number at the end of what was read may go on in what was not.
                Ok((Value::Number(_), end)) if end == pending.len() && !buffer.at_end() => {
                    Outcome::More
                }
                Ok((_, end)) if end > limit => Outcome::TooLong,
                Ok((value, end)) => {
                    let place = Place {
                        line: buffer.line(),
                        byte_offset: buffer.byte_offset(),
                        text: pending,
                        arena: &arena,
                    };
                    give(reading, dump, value, place);
                    Outcome::Read(end)
                }
                Err(error) if error.at > limit => Outcome::TooLong,
                Err(error) if error.at_end && pending.len() > limit => Outcome::TooLong,
                Err(error) if error.at_end && !buffer.at_end() => Outcome::More,
                Err(error) => {
                    self.met_end |= error.at_end;
                    Outcome::Broken(error.kind)
                }
            };
            arena.reset();
            reading.arena = arena;
            match outcome {
                Outcome::Broken(kind) => return Err(self.give_up_value(kind)),
                Outcome::TooLong => return Err(self.give_up_long_value()),
                Outcome::More => {
                    buffer.fill();
                }
                Outcome::Read(end) => {
                    buffer.consume_counting(end);
                    return Ok(());
                }
            }
        }
    }

    /// Reports the value at hand as broken and moves behind it, but not beyond its line.
    fn give_up_value(&mut self, kind: JsonErrorKind) -> Resync {
        let line = self.buffer.rest_of_line(self.reading.limits.record_bytes);
        let length = broken_length(&self.buffer.pending()[..line], END_OF_ELEMENT);
        self.fail(FailureReason::InvalidJson, kind.to_string(), length);
        Resync
    }

    fn give_up_line(&mut self, kind: JsonErrorKind) -> Resync {
        let length = self.buffer.rest_of_line(self.reading.limits.record_bytes);
        self.fail(FailureReason::InvalidJson, kind.to_string(), length);
        Resync
    }

    fn give_up_long_value(&mut self) -> Resync {
        let limit = self.reading.limits.record_bytes;
        let detail = format!("the value is longer than {limit} bytes; only its beginning is kept");
        let kept = self.buffer.pending().floor_char_boundary(limit);
        self.fail(FailureReason::TooLong, detail, kept);
        // The rest of the value cannot be told from other values before the line ends.
        while memchr::memchr(b'\n', self.buffer.pending().as_bytes()).is_none() {
            self.buffer.consume(self.buffer.pending().len(), 0);
            if !self.buffer.fill() {
                self.met_end = true;
                return Resync;
            }
        }
        let line = memchr::memchr(b'\n', self.buffer.pending().as_bytes());
        self.buffer.consume_counting(line.map_or(0, |at| at + 1));
        Resync
    }

    fn fail(&mut self, reason: FailureReason, detail: String, length: usize) {
        self.reading.number += 1;
        self.met_end |= length == self.buffer.pending().len();
        let position = self.position();
        if self.reading.slice.contains(position.number) && length > 0 {
            let raw = self.buffer.raw_bytes(length);
            self.reading.fail(position, reason, detail, &raw);
        }
        self.buffer.consume_counting(length);
    }
}

fn holds_list(object: &Object<'_>, name: &str) -> bool {
    object.get(name).and_then(Value::as_list).is_some()
}

/// Whether an object has the delimiter's array behind nothing but plain values; `None` if that
/// cannot be seen.
fn array_follows(object: &str, delimiter: &str) -> Option<bool> {
    let mut rest = without_blanks(object.strip_prefix('{')?);
    loop {
        let (key, behind) = split_string(rest)?;
        let value = without_blanks(without_blanks(behind).strip_prefix(':')?);
        if key == delimiter {
            return Some(value.starts_with('['));
        }
        // An envelope holds the array deeper, if at all.
        if key == "detail-type" || value.starts_with(['{', '[']) {
            return Some(false);
        }
        let behind = match split_string(value) {
            Some((_, behind)) => behind,
            None => &value[value.find([',', '}', '"'])?..],
        };
        rest = without_blanks(without_blanks(behind).strip_prefix(',')?);
    }
}

fn without_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

/// The inside of the string that the text begins with, escapes and all, and what is behind it.
fn split_string(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = inside.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some((&inside[..end], &inside[end + 1..]))
}

/// How much of a line belongs to the broken value that it begins with: to its closing bracket when the
/// brackets are balanced, but not beyond the start of one that begins like it; else all of it.
pub(crate) fn broken_length(line: &str, end: &[u8]) -> usize {
    let next = start_of_next(line.as_bytes(), end).unwrap_or(line.len());
    balanced_end(&line[..next]).unwrap_or(next)
}

/// Where the brackets that open at the start close again on the same line.
fn balanced_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut in_string, mut at) = (0usize, false, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' => return None,
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where a value lay, and where it lies now.
#[derive(Clone, Copy)]
struct Place<'a> {
    line: u64,
    byte_offset: u64,
    /// The text from there on.
    text: &'a str,
    arena: &'a Arena,
}

/// Counts one record and hands it over if the slice wants it; its `@message` is its text as
/// Python writes it, which is known if the record is all that was read.
fn receive<'a>(
    reading: &mut Reading<'_>,
    value: Value<'a>,
    texts: Option<(&'a str, &'a [u8])>,
    envelope: Envelope<'a>,
    place: Place<'a>,
) {
    reading.number += 1;
    if !reading.slice.contains(reading.number) {
        return;
    }
    let arena = place.arena;
    let position = Position {
        number: reading.number,
        line: place.line,
        byte_offset: place.byte_offset,
    };
    let (raw, escaped) = match texts {
        Some((raw, escaped)) => (raw, Some(escaped)),
        None => (python_dumps(&value, arena), None),
    };
    let Value::Object(fields) = value else {
        let detail = "the JSON value is not an object";
        return reading.fail(position, FailureReason::NotAnObject, detail, raw.as_bytes());
    };
    let record = Record {
        text: RecordText {
            envelope,
            escaped,
            source: Source::new(place.text),
            ..RecordText::plain(raw)
        },
        fields,
        position,
        unparsed: None,
        drift: None,
    };
    reading.receive.record(record, arena);
}

/// The text of a value as Python writes it, in the arena.
pub(crate) fn python_dumps<'a>(value: &Value<'_>, arena: &'a Arena) -> &'a str {
    let mut out = Vec::new();
    push_python_dumps(value, &mut out);
    text_in(&out, arena)
}

/// Keeps text that was written as bytes.
pub(crate) fn text_in<'a>(bytes: &[u8], arena: &'a Arena) -> &'a str {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => arena.alloc_str(text),
        Err(_) => arena.alloc_str(&String::from_utf8_lossy(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::array_follows;

    #[test]
    fn plain_values_may_stand_before_the_array() {
        for (object, expected) in [
            (r#"{"Records":[{"#, Some(true)),
            (r#"{ "Records" : ["#, Some(true)),
            (
                r#"{"fileVersion":"1.0","n":-1.5e3,"x":null,"Records":["#,
                Some(true),
            ),
            (r#"{"a":"quote \" and \\","Records":["#, Some(true)),
            (r#"{"a":"{","Records":["#, Some(true)),
            (r#"{"Records":{"#, Some(false)),
            (r#"{"a":{},"Records":["#, Some(false)),
            (r#"{"detail-type":"x","Records":["#, Some(false)),
            (r#"{"a":"no end"#, None),
            (r#"{"a":"b"}"#, None),
            (r#"{"a":"b","c":tru"#, None),
            ("[1]", None),
            ("", None),
        ] {
            assert_eq!(array_follows(object, "Records"), expected, "{object}");
        }
    }
}
