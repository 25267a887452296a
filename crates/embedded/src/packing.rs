//! What is stored of a document: its JSON, and in it the raw line as its fields are written.
//!
//! A log that is JSON itself stands in its document twice, in fields and as the text of `@message`,
//! where every quote is escaped and a blank stands behind every `,` and `:`. That hides from the
//! compressor that all of it was said before: with neither, CloudTrail's documents take a quarter
//! less, and two thirds of the time.

mod blanks;

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use yagura_model::Buffer;

use blanks::{with_blanks, without_blanks};

/// Finds the raw line's field as it stands in a document.
static KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(r#""@message""#));
/// Stands between the JSON and the place of the raw line, `start,end,blanks`. No JSON holds it.
const MARK: char = '\0';
/// Most bytes of the mark and what stands behind it.
const MAX_PLACE_BYTES: usize = 24;

/// A document that is read, and where its texts stand in what is stored of it.
pub(crate) struct Packing<'d> {
    json: &'d str,
    line: Option<RawLine<'d>>,
}

/// A raw line that is stored otherwise than it stands in the JSON.
struct RawLine<'d> {
    /// Its place in the JSON, escaped, without quotes.
    escaped: Range<usize>,
    /// Its text without escapes, and without blanks if they can be put back.
    text: Cow<'d, str>,
}

impl<'d> Packing<'d> {
    /// How a document is stored whose raw line reads `text`. `workspace` is memory that serves one
    /// document after the other.
    pub(crate) fn new(json: &'d str, text: Option<&'d str>, workspace: &mut Buffer) -> Self {
        let line = text.and_then(|text| RawLine::find(json, text, workspace));
        Self { json, line }
    }

    /// Where a part of the JSON that is none of the raw line begins in what is stored; `None` if it
    /// is no part of it.
    pub(crate) fn place(&self, part: &str) -> Option<usize> {
        let at = place_in(self.json, part)?;
        let saved = match &self.line {
            Some(line) if at >= line.escaped.end => line.saved(),
            _ => 0,
        };
        Some(at - saved)
    }

    /// What is stored, if it is not the JSON as it is.
    pub(crate) fn stored(&self) -> Option<String> {
        let line = self.line.as_ref()?;
        let Range { start, end } = line.escaped;
        let (before, behind) = (self.json.get(..start)?, self.json.get(end..)?);
        let mut stored = String::with_capacity(self.json.len() - line.saved() + MAX_PLACE_BYTES);
        stored.extend([before, &line.text, behind]);
        let end = end - line.saved();
        let blanks = u8::from(matches!(line.text, Cow::Owned(_)));
        write!(stored, "{MARK}{start},{end},{blanks}").ok()?;
        Some(stored)
    }
}

/// Where a part of a text begins; `None` if it is no part of it but stands elsewhere in memory.
fn place_in(text: &str, part: &str) -> Option<usize> {
    let at = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (at < text.len()).then_some(at)
}

impl<'d> RawLine<'d> {
    /// The raw line, if its text is not part of the JSON as it is, and [`unpack`] will write the same.
    fn find(json: &str, text: &'d str, workspace: &mut Buffer) -> Option<Self> {
        if place_in(json, text).is_some() {
            return None;
        }
        workspace.clear();
        workspace.push_string(text);
        let quoted = workspace.as_bytes();
        let behind_key = KEY.find(json.as_bytes())? + KEY.needle().len();
        let value = json.get(behind_key..)?.trim_start_matches([' ', ':']);
        if !value.as_bytes().starts_with(quoted) {
            return None;
        }
        let start = json.len() - value.len() + 1;
        Some(Self {
            escaped: start..start + quoted.len() - 2,
            text: without_blanks(text).map_or(Cow::Borrowed(text), Cow::Owned),
        })
    }

    /// Bytes that are not stored.
    fn saved(&self) -> usize {
        self.escaped.len() - self.text.len()
    }
}

/// The JSON of a document as it was; `None` if it was stored as it is.
pub(crate) fn unpack(stored: &str) -> Option<Buffer> {
    // JSON ends with a brace.
    if !stored.ends_with(|last: char| last.is_ascii_digit()) {
        return None;
    }
    let (packed, place) = stored.rsplit_once(MARK)?;
    let mut numbers = place.split(',').map(|number| number.parse().ok());
    let line = numbers.next()??..numbers.next()??;
    let has_blanks = numbers.next()?? == 1;
    let before = packed.get(..line.start)?.strip_suffix('"')?;
    let behind = packed.get(line.end..)?.strip_prefix('"')?;
    let mut text = Cow::Borrowed(packed.get(line)?);
    if has_blanks {
        text = Cow::Owned(with_blanks(&text));
    }
    let mut json = Buffer::default();
    json.push(before.as_bytes());
    json.push_string(&text);
    json.push(behind.as_bytes());
    Some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(json: &str, text: &str) -> Option<String> {
        Packing::new(json, Some(text), &mut Buffer::default()).stored()
    }

    /// A raw line in its document, with other ways to write between key and value.
    fn documents(line: &str) -> impl Iterator<Item = String> {
        let quoted = serde_json::to_string(line).expect("a text");
        [":", ": ", " : "].into_iter().map(move |between| {
            format!(r#"{{"a":1,"@message"{between}{quoted},"b":"\"@message\""}}"#)
        })
    }

    #[test]
    fn a_raw_line_is_stored_as_fields_are_and_comes_back_as_it_was() {
        for (line, kept) in [
            (
                r#"{"user": "Zoë, \": ", "list": [1, {"a": "b\\"}, 2.5]}"#,
                r#"{"user":"Zoë, \": ","list":[1,{"a":"b\\"},2.5]}"#,
            ),
            (r#"{"a": 1,"b": 2}"#, r#"{"a": 1,"b": 2}"#),
            (r#"{"a":  1, "b": 2}"#, r#"{"a": 1,"b":2}"#),
            (r#"user="x", took 3 ms"#, r#"user="x",took 3 ms"#),
            (
                r#"open ", and: never closed"#,
                r#"open ", and: never closed"#,
            ),
            (r#"C:\日本"#, r#"C:\日本"#),
            (r#"ends with \"#, r#"ends with \"#),
            ("ends with \",", "ends with \","),
            ("ends, with a\t,", "ends, with a\t,"),
            ("\u{1}, \u{1f}\n", "\u{1},\u{1f}\n"),
        ] {
            for json in documents(line) {
                let stored = stored(&json, line).expect("it has escapes");
                assert!(stored.contains(kept), "{kept} in {stored}");
                let unpacked = unpack(&stored).expect("it is packed");
                assert_eq!(unpacked.as_bytes(), json.as_bytes());
            }
        }
    }

    #[test]
    fn what_would_not_come_back_the_same_is_left_as_it_is() {
        let plain = r#"{"@message":"no escapes, none"}"#;
        assert_eq!(stored(plain, &plain[13..29]), None);
        let other_escapes = r#"{"@message":"\u0022a\/"}"#;
        assert_eq!(stored(other_escapes, "\"a/"), None);
        let elsewhere = r#"{"a":"\"","@message":"b"}"#;
        assert_eq!(stored(elsewhere, "\""), None);
        assert_eq!(stored(r#"{"message":"\""}"#, "\""), None);
        assert_eq!(stored(r#"{"@message":["\""]}"#, "\""), None);
    }

    #[test]
    fn what_was_not_packed_or_is_damaged_is_no_packed_document() {
        for text in [
            "",
            "{}",
            "12",
            "\u{0}",
            "{}\u{0}001,2,0",
            "{\"\"}\u{0}002,9,0",
            "{\"\"}\u{0}003,2,0",
            "{\"\"}\u{0}002,2",
            "{\"ë\"}\u{0}003,3,0",
            "{\"\"}\u{0}-1,2,0",
            "{\"\"}\u{0}1,99999999999999999999,1",
        ] {
            assert!(unpack(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn parts_are_found_where_they_stand_in_what_is_stored() {
        let (json, line) = (
            r#"{"a":"one","@message":"\"two\", x","b":"three"}"#,
            "\"two\", x",
        );
        let packing = Packing::new(json, Some(line), &mut Buffer::default());
        let stored = packing.stored().expect("it has escapes");
        for word in ["one", "three"] {
            let at = json.find(word).expect("the word");
            let place = packing
                .place(&json[at..at + word.len()])
                .expect("it is stored");
            assert_eq!(stored.get(place..place + word.len()), Some(word));
        }
        assert_eq!(packing.place(line), None);
        assert_eq!(packing.place(""), None);
    }
}
