//! Tables with a header line: white-space separated, or RFC 4180 with a delimiter.

use std::borrow::Cow;

use yagura_model::{Arena, Object, Value};

use crate::object::Reading;
use crate::text::{Line, fail_long_line, next_line, next_line_from, trim};
use crate::text_buffer::TextBuffer;
use crate::{Position, Record, RecordText};

pub(crate) fn read_csv(
    buffer: &mut TextBuffer<'_>,
    delimiter: Option<char>,
    reading: &mut Reading<'_>,
) {
    let mut header: Option<Header> = None;
    // Split messages count the lines of white-space tables with their header, and the rows of
    // tables with a delimiter without it.
    let mut count = 0;
    loop {
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
        let raw = trim(&buffer.pending()[..length]);
        let is_header = header.is_none() && !raw.is_empty();
        if is_header {
            header = Some(Header::new(raw, delimiter));
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
            let record = Record {
                text: RecordText {
                    original: original.as_deref(),
                    header: Some(&header.raw),
                    ..RecordText::plain(raw)
                },
                fields: header.fields(raw, delimiter, &reading.arena),
                position,
                unparsed: None,
            };
            reading.receive.record(record, &reading.arena);
            reading.arena.reset();
        }
        buffer.consume_counting(length + width);
        if !reading.goes_on(count) {
            return;
        }
    }
}

/// Finds the next row; with a delimiter a quoted value may hold line ends.
fn next_row(buffer: &mut TextBuffer<'_>, delimiter: Option<char>, limit: usize) -> Option<Line> {
    let mut row = next_line(buffer, limit)?;
    let Some(delimiter) = delimiter else {
        return Some(row);
    };
    while let Line::Whole(length, width) = row {
        if !ends_in_quotes(&buffer.pending()[..length], delimiter) {
            break;
        }
        let start = length + width;
        if start > limit {
            return Some(Line::TooLong);
        }
        row = match next_line_from(buffer, start, limit) {
            None => break,
            Some(Line::Whole(more, width)) => Line::Whole(start + more, width),
            Some(Line::TooLong) => Line::TooLong,
        };
    }
    Some(row)
}

/// Whether a quoted value is open at the end of the row.
fn ends_in_quotes(row: &str, delimiter: char) -> bool {
    memchr::memchr(b'"', row.as_bytes()).is_some()
        && Values::new(row, delimiter).any(|value| !value.closed)
}

/// The names of the columns.
struct Header {
    raw: String,
    names: Vec<String>,
    unique: bool,
}

impl Header {
    fn new(raw: &str, delimiter: Option<char>) -> Header {
        let names: Vec<String> = match delimiter {
            None => raw.split_whitespace().map(column_name).collect(),
            Some(delimiter) => Values::new(raw, delimiter)
                .map(|value| column_name(&value.text))
                .collect(),
        };
        let mut sorted: Vec<_> = names.iter().collect();
        sorted.sort();
        sorted.dedup();
        let unique = sorted.len() == names.len();
        Header {
            raw: raw.to_owned(),
            names,
            unique,
        }
    }

    /// The row's values under the names of their columns; what has no column is left out.
    fn fields<'a>(
        &'a self,
        raw: &'a str,
        delimiter: Option<char>,
        arena: &'a Arena,
    ) -> &'a mut Object<'a> {
        // Normalising adds about 20 members.
        let fields = Object::with_capacity_in(self.names.len() + 20, arena);
        let mut add = |name: &'a str, value| {
            if self.unique {
                fields.push(name, value);
            } else {
                fields.set(name, value);
            }
        };
        match delimiter {
            None => {
                for (name, value) in self.names.iter().zip(raw.split_whitespace()) {
                    add(name, Value::Text(value));
                }
            }
            Some(delimiter) => {
                for (name, value) in self.names.iter().zip(Values::new(raw, delimiter)) {
                    let text = match value.text {
                        Cow::Borrowed(text) => text,
                        Cow::Owned(text) => arena.alloc_str(&text),
                    };
                    add(name, Value::Text(text));
                }
            }
        }
        fields
    }
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

struct CsvValue<'r> {
    text: Cow<'r, str>,
    /// No quoted value was open when the row ended.
    closed: bool,
}

impl<'r> Values<'r> {
    fn new(row: &'r str, delimiter: char) -> Self {
        Values {
            rest: Some(row),
            delimiter,
        }
    }

    fn quoted(&mut self, text: &'r str) -> CsvValue<'r> {
        let mut value = String::new();
        let mut rest = text;
        loop {
            let Some((inside, after)) = rest.split_once('"') else {
                self.rest = None;
                value.push_str(rest);
                return CsvValue {
                    text: Cow::Owned(value),
                    closed: false,
                };
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
            return CsvValue {
                text: Cow::Owned(value),
                closed: true,
            };
        }
    }
}

impl<'r> Iterator for Values<'r> {
    type Item = CsvValue<'r>;

    fn next(&mut self) -> Option<CsvValue<'r>> {
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
        Some(CsvValue {
            text: Cow::Borrowed(text),
            closed: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let values: Vec<_> = Values::new(row, ',').map(|value| value.text).collect();
            assert_eq!(values, expected, "{row}");
        }
    }
}
