//! Tables with a header line: white-space separated, or RFC 4180 with a delimiter.

use std::borrow::Cow;
use std::sync::Arc;

use wide::u8x16;
use yagura_model::{Arena, Key, KeyRow, Object, Value};

use crate::ahead::SumsAhead;
use crate::drift::UNPARSED;
use crate::object::Reading;
use crate::piece::PieceForm;
use crate::text::{Line, fail_long_line, is_white_space, next_line, next_line_from, trim};
use crate::text_buffer::TextBuffer;
use crate::{Extent, Position, Record, RecordText, Table};

pub(crate) fn read_csv(
    buffer: &mut TextBuffer<'_>,
    table: &Table,
    extent: Extent,
    reading: &mut Reading<'_>,
) {
    // A record that is read again has its header in front.
    let columns = table.columns.as_ref().filter(|_| extent == Extent::Object);
    let header = columns.map(|columns| Header::of_columns(columns, table.delimiter));
    read_rows(buffer, table, header, reading);
}

/// Reads rows under a header that is not among them.
pub(crate) fn read_rows_under(
    buffer: &mut TextBuffer<'_>,
    table: &Table,
    header: &str,
    reading: &mut Reading<'_>,
) {
    let header = Header::new(header, table.delimiter);
    read_rows(buffer, table, Some(header), reading);
}

/// Reads rows; the first one is the header if none is known.
fn read_rows(
    buffer: &mut TextBuffer<'_>,
    table: &Table,
    mut header: Option<Header>,
    reading: &mut Reading<'_>,
) {
    let delimiter = table.delimiter;
    let mut sums = reading.receive.wants_md5().then(SumsAhead::default);
    // Split messages count the lines of white-space tables with their header, and the rows of
    // tables with a delimiter without it.
    let mut count = 0;
    loop {
        // A quoted value may hold line ends, so rows with a delimiter are not split at those.
        if let (Some(header), None) = (&header, delimiter)
            && !reading.give_pieces(buffer, || PieceForm::Rows(Arc::clone(&header.raw)))
        {
            return;
        }
        let position = Position {
            number: reading.number + 1,
            line: buffer.line(),
            byte_offset: buffer.byte_offset(),
        };
        let Some(row) = next_row(buffer, delimiter, reading.limits.record_bytes) else {
            return;
        };
        let Line::Whole(length, width) = row else {
            reading.number += 1;
            fail_long_line(buffer, position, reading);
            continue;
        };
        let row = &buffer.pending()[..length];
        let raw = trim(row);
        let cells = match delimiter {
            Some(delimiter) => trim_around(row, delimiter),
            None => raw,
        };
        let is_header = header.is_none() && !raw.is_empty();
        if is_header {
            header = Some(Header::new(cells, delimiter));
        }
        if delimiter.is_none() || !is_header && !raw.is_empty() {
            count += 1;
        }
        if let Some(header) = &header
            && !is_header
            && !raw.is_empty()
            && reading.slice.contains(count)
        {
            reading.number += 1;
            let original = buffer.original(length);
            // Without a delimiter at its ends the row could not be read again.
            let cut = (cells.len() > raw.len()).then_some(cells.as_bytes());
            let Row { fields, rest } = header.fields(cells, delimiter, &reading.arena);
            let drift = rest.filter(|_| table.is_strict);
            if let Some(Rest::Behind(text)) = drift {
                fields.set(UNPARSED, Value::Text(text));
            }
            let record = Record {
                text: RecordText {
                    original: original.as_deref().or(cut),
                    header: Some(&header.raw),
                    md5: sums.as_mut().and_then(|sums| sums.sum_of(raw, buffer)),
                    ..RecordText::of_line(raw, buffer.pending(), length)
                },
                fields,
                position,
                unparsed: None,
                drift: drift.map(Rest::as_str),
            };
            reading.receive.record(record, &reading.arena);
            reading.arena.reset();
        }
        match delimiter {
            None => buffer.consume(length + width, 1),
            // A quoted value may hold line ends.
            Some(_) => buffer.consume_counting(length + width),
        }
        if !reading.goes_on(count) {
            return;
        }
    }
}

/// Trims white space from both ends of a row, but no delimiter: an empty value stands there.
fn trim_around(row: &str, delimiter: char) -> &str {
    if !is_white_space(delimiter) {
        return trim(row);
    }
    row.trim_matches(|character| is_white_space(character) && character != delimiter)
}

/// Finds the next row; with a delimiter a quoted value may hold line ends.
///
/// A quote that does not close before the end of the text, or within the longest record, closes
/// at the end of its line, so that it costs no row but its own.
fn next_row(buffer: &mut TextBuffer<'_>, delimiter: Option<char>, limit: usize) -> Option<Line> {
    let first = next_line(buffer, limit)?;
    let (Some(delimiter), Line::Whole(length, width)) = (delimiter, &first) else {
        return Some(first);
    };
    let mut quotes = Quotes::new(delimiter);
    let (mut start, mut length, mut width) = (0, *length, *width);
    while quotes.open_after(&buffer.pending()[start..length]) {
        start = length + width;
        match next_line_from(buffer, start, limit) {
            Some(Line::Whole(more, more_width)) if start + more <= limit => {
                (length, width) = (start + more, more_width);
            }
            _ => return Some(first),
        }
    }
    Some(Line::Whole(length, width))
}

/// Follows quoted values over the lines of a row, as [`Values`] sees them.
struct Quotes {
    delimiter: char,
    place: Place,
}

/// Where in a row a character stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    ValueStart,
    Plain,
    Quoted,
}

impl Quotes {
    fn new(delimiter: char) -> Self {
        Quotes {
            delimiter,
            place: Place::ValueStart,
        }
    }

    /// Whether a quoted value is open at the end of the next line of the row.
    fn open_after(&mut self, line: &str) -> bool {
        if self.place == Place::ValueStart && memchr::memchr(b'"', line.as_bytes()).is_none() {
            return false;
        }
        let mut rest = line;
        loop {
            match self.place {
                Place::Quoted => {
                    let Some((_, after)) = rest.split_once('"') else {
                        return true;
                    };
                    match after.strip_prefix('"') {
                        Some(more) => rest = more,
                        None => (self.place, rest) = (Place::Plain, after),
                    }
                }
                Place::Plain => match rest.split_once(self.delimiter) {
                    Some((_, after)) => (self.place, rest) = (Place::ValueStart, after),
                    None => return false,
                },
                Place::ValueStart => match rest.strip_prefix('"') {
                    Some(after) => (self.place, rest) = (Place::Quoted, after),
                    None => self.place = Place::Plain,
                },
            }
        }
    }
}

/// The values of a row.
pub(crate) fn split_row(row: &str, delimiter: char) -> Vec<String> {
    let values = Values::new(row, delimiter);
    values.map(Cow::into_owned).collect()
}

/// The names of the columns.
struct Header {
    raw: Arc<str>,
    names: Vec<Key<String>>,
    /// The names, if they are different.
    row: Option<KeyRow>,
}

impl Header {
    fn new(raw: &str, delimiter: Option<char>) -> Header {
        let names: Vec<String> = match delimiter {
            None => raw.split_whitespace().map(column_name).collect(),
            Some(delimiter) => Values::new(raw, delimiter).map(column_name).collect(),
        };
        let names: Vec<_> = names.into_iter().map(Key::from).collect();
        let mut sorted: Vec<_> = names.iter().map(Key::as_str).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let is_unique = sorted.len() == names.len();
        Header {
            raw: Arc::from(raw),
            row: is_unique.then(|| KeyRow::new(&names)),
            names,
        }
    }

    /// The header of a table that has no header line.
    fn of_columns(columns: &[String], delimiter: Option<char>) -> Header {
        let between = delimiter.unwrap_or(' ').to_string();
        Header::new(&columns.join(&between), delimiter)
    }

    /// Adds the value of the next column; says whether there is one.
    #[inline(always)]
    fn add<'a>(
        &self,
        names: &mut std::slice::Iter<'a, Key<String>>,
        text: &'a str,
        fields: &mut Object<'a>,
    ) -> bool {
        let Some(name) = names.next() else {
            return false;
        };
        if self.row.is_some() {
            fields.push_noted(name, Value::Text(text));
        } else {
            fields.set_key(name, Value::Text(text));
        }
        true
    }

    /// The row's values under the names of their columns.
    fn fields<'a>(&'a self, raw: &'a str, delimiter: Option<char>, arena: &'a Arena) -> Row<'a> {
        let fields = match &self.row {
            Some(row) => Object::for_record_in(row, arena),
            None => Object::new_in(arena),
        };
        let mut names = self.names.iter();
        let behind = match delimiter {
            // Words of plain text are found by the bytes between them, not character by character.
            None if is_plain(raw.as_bytes()) => {
                let add = |text| self.add(&mut names, text, fields);
                first_refused(raw, plain_words(raw, add))
            }
            None => {
                let mut words = raw.split_whitespace();
                let refused = words.find(|text| !self.add(&mut names, text, fields));
                first_refused(raw, refused)
            }
            Some(delimiter) => {
                let mut values = Values::new(raw, delimiter);
                while values.rest.is_some() && names.len() > 0 {
                    let text = match values.next() {
                        Some(Cow::Borrowed(text)) => text,
                        Some(Cow::Owned(text)) => arena.alloc_str(&text),
                        None => break,
                    };
                    self.add(&mut names, text, fields);
                }
                values.rest
            }
        };
        let missing = (names.len() > 0).then_some(Rest::Missing);
        Row {
            fields,
            rest: behind.map(Rest::Behind).or(missing),
        }
    }
}

/// A row, taken apart.
struct Row<'a> {
    fields: &'a mut Object<'a>,
    /// How its end differs from the header.
    rest: Option<Rest<'a>>,
}

/// How a row ends in another column than the last.
#[derive(Clone, Copy)]
enum Rest<'a> {
    /// This stands behind the last column.
    Behind(&'a str),
    /// The last columns have no value.
    Missing,
}

impl Rest<'_> {
    fn as_str(self) -> &'static str {
        match self {
            Rest::Behind(_) => "the row has more values than there are columns",
            Rest::Missing => "the row has fewer values than there are columns",
        }
    }
}

/// What is left of a row from the word on that found no column.
fn first_refused<'r>(row: &'r str, word: Option<&'r str>) -> Option<&'r str> {
    row.get(word?.as_ptr() as usize - row.as_ptr() as usize..)
}

/// Gives the words of a row of plain text until one is refused, and returns that.
fn plain_words<'r>(row: &'r str, mut give: impl FnMut(&'r str) -> bool) -> Option<&'r str> {
    let (chunks, rest) = row.as_bytes().as_chunks::<CHUNK>();
    let mut last = [b' '; CHUNK];
    last[..rest.len()].copy_from_slice(rest);
    let (mut start, mut offset) = (0, 0);
    // A blank stands behind the last word too.
    let last = (&last, u64::MAX >> (CHUNK - 1 - rest.len()));
    let whole = chunks.iter().map(|chunk| (chunk, u64::MAX));
    for (chunk, counted) in whole.chain([last]) {
        let mut blanks = blank_bits(chunk) & counted;
        while blanks != 0 {
            let end = offset + blanks.trailing_zeros() as usize;
            let word = row.get(start..end).unwrap_or_default();
            if !word.is_empty() && !give(word) {
                return Some(word);
            }
            start = end + 1;
            blanks &= blanks - 1;
        }
        offset += CHUNK;
    }
    None
}

/// Bytes that are looked at together: a word has a bit for each.
const CHUNK: usize = u64::BITS as usize;

/// A bit for each byte that is a blank.
#[inline]
fn blank_bits(chunk: &[u8; CHUNK]) -> u64 {
    let blocks = chunk.as_chunks::<16>().0.iter().enumerate();
    blocks.fold(0, |bits, (number, block)| {
        let blanks = u8x16::new(*block).simd_eq(u8x16::splat(b' '));
        bits | u64::from(blanks.to_bitmask()) << (16 * number)
    })
}

/// Whether all bytes are ASCII and none is a control character.
fn is_plain(bytes: &[u8]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<16>();
    let mut last = [b' '; 16];
    last[..rest.len()].copy_from_slice(rest);
    let odd = blocks
        .iter()
        .chain([&last])
        .fold(u8x16::ZERO, |odd, block| {
            let block = u8x16::new(*block);
            // The highest bit of each byte tells of bytes above 0x7f, and of those below a blank.
            odd | block | block.min(u8x16::splat(0x1f)).simd_eq(block)
        });
    odd.to_bitmask() == 0
}

fn column_name(text: impl AsRef<str>) -> String {
    text.as_ref().replace('-', "_")
}

/// The values of a row. A quote opens a quoted value only at its start; a doubled quote in it is
/// one quote; what follows the closing quote belongs to the value.
struct Values<'r> {
    rest: Option<&'r str>,
    delimiter: char,
}

impl<'r> Values<'r> {
    fn new(row: &'r str, delimiter: char) -> Self {
        Values {
            rest: Some(row),
            delimiter,
        }
    }

    fn quoted(&mut self, text: &'r str) -> Cow<'r, str> {
        let mut value = String::new();
        let mut rest = text;
        loop {
            let Some((inside, after)) = rest.split_once('"') else {
                self.rest = None;
                value.push_str(rest);
                return Cow::Owned(value);
            };
            value.push_str(inside);
            if let Some(more) = after.strip_prefix('"') {
                value.push('"');
                rest = more;
                continue;
            }
            let (tail, next) = match after.split_once(self.delimiter) {
                Some((tail, next)) => (tail, Some(next)),
                None => (after, None),
            };
            self.rest = next;
            value.push_str(tail);
            return Cow::Owned(value);
        }
    }
}

impl<'r> Iterator for Values<'r> {
    type Item = Cow<'r, str>;

    fn next(&mut self) -> Option<Cow<'r, str>> {
        let row = self.rest?;
        if let Some(text) = row.strip_prefix('"') {
            return Some(self.quoted(text));
        }
        let text = match row.split_once(self.delimiter) {
            Some((text, rest)) => {
                self.rest = Some(rest);
                text
            }
            None => {
                self.rest = None;
                row
            }
        };
        Some(Cow::Borrowed(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_ends_where_no_quoted_value_is_open() {
        for (rows, expected) in [
            ("a,b\nc", 3),
            ("\"a\nb\",c\nd", 7),
            ("a,\"b\"\"\n\"\"\",c\nd", 12),
            ("a\"b,c\nd\"", 5),
            ("\"a\"b\"\nc", 5),
            ("a,\"b\r\n\r\nc\"\r\nd", 10),
            // No quote closes it: only its own line is the row.
            ("a,\"b\nc\nd", 4),
            ("\"\"\"\nc", 3),
            ("\"aaaaaaaaaa\nbbbbbbbbbb\ncccccccccc\"", 11),
        ] {
            let mut buffer = TextBuffer::new(Box::new(rows.as_bytes()));
            let Some(Line::Whole(length, _)) = next_row(&mut buffer, Some(','), 30) else {
                panic!("a row in {rows:?}");
            };
            assert_eq!(length, expected, "{rows:?}");
        }
    }

    #[test]
    fn trimming_leaves_the_delimiter() {
        for (row, delimiter, expected) in [
            (" a\tb \r", Some('\t'), "a\tb"),
            ("\t\ta\t ", Some('\t'), "\t\ta\t"),
            ("\ta, b ", Some(','), "a, b"),
            ("\ta b ", None, "a b"),
        ] {
            let trimmed = delimiter.map_or(trim(row), |delimiter| trim_around(row, delimiter));
            assert_eq!(trimmed, expected, "{row:?}");
        }
    }

    #[test]
    fn words_are_what_stands_between_blanks() {
        for row in [
            "a b",
            "  a  b ",
            "",
            " ",
            "a",
            "a\tb c",
            "é\u{a0}b c",
            "a\u{1f}b c",
            "a\u{7f}b",
            "ab cdefgh ijklmnopq   rs",
            "abcdefgh",
            "abcdefg hijklmn opqrstu ",
        ] {
            let expected: Vec<_> = row.split_whitespace().collect();
            for columns in 1..expected.len() + 2 {
                let names: Vec<_> = (0..columns).map(|number| format!("c{number}")).collect();
                let (header, arena) = (Header::new(&names.join(" "), None), Arena::new());
                let Row { fields, rest } = header.fields(row, None, &arena);
                let found: Vec<_> = fields.iter().map(|it| it.value.as_text()).collect();
                let first = expected.iter().take(columns).map(|word| Some(*word));
                assert_eq!(found, first.collect::<Vec<_>>(), "{row:?}");
                match rest {
                    None => assert_eq!(columns, expected.len(), "{row:?}"),
                    Some(Rest::Missing) => assert!(columns > expected.len(), "{row:?}"),
                    Some(Rest::Behind(rest)) => {
                        assert_eq!(rest.split_whitespace().next(), Some(expected[columns]));
                        assert!(row.ends_with(rest), "{row:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn values_follow_rfc_4180() {
        for (row, expected) in [
            ("a,b", &["a", "b"][..]),
            ("", &[""]),
            ("a,,", &["a", "", ""]),
            (r#""a,b",c"#, &["a,b", "c"]),
            (r#""a ""q"" b",c"#, &[r#"a "q" b"#, "c"]),
            (r#"x"y",z"#, &[r#"x"y""#, "z"]),
            (r#""a"b,c"#, &["ab", "c"]),
            ("\"a\nb\",c", &["a\nb", "c"]),
        ] {
            let values: Vec<_> = Values::new(row, ',').collect();
            assert_eq!(values, expected, "{row}");
        }
    }
}
