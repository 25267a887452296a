//! JSON text into a document tree, as Python's reader understands it.
//!
//! Strings without escapes borrow from the input, numbers stay text, duplicate keys keep the
//! first place and the last value, `NaN` and `Infinity` are numbers. Depth is bounded.

use bumpalo::collections::Vec as ArenaVec;
use hashbrown::HashMap;

use crate::dump::{Dump, NoDump, Note};
use crate::escape::{BLOCK, block_at, first_special, plain_run};
use crate::key::{KeyBits, KeyMark};
use crate::object::Member;
use crate::row::{Tags, place_among, set_tag};
use crate::{Arena, Object, Value};

/// How deep values may nest.
pub const MAX_DEPTH: usize = 256;

/// Objects with more members than this find duplicate keys by hashing instead of comparing.
const MANY_MEMBERS: usize = 64;

/// Members of unfinished objects for which there is room at once.
const USUAL_MEMBERS: usize = 64;

/// Room for the members that normalising adds to a record.
const ADDED_MEMBERS: usize = 24;

/// Why text is not JSON, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {at}{}", if *at_end { ", and the text ends" } else { "" })]
pub struct JsonError {
    /// Byte offset in the text.
    pub at: usize,
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// The text ends before that is decided, so more of it could be right.
    pub at_end: bool,
}

/// What is wrong with JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonErrorKind {
    /// A value was expected.
    #[error("expected a value")]
    Value,
    /// A key in double quotes was expected.
    #[error("expected a key in double quotes")]
    Key,
    /// A colon was expected.
    #[error("expected `:`")]
    Colon,
    /// A comma or the closing bracket was expected.
    #[error("expected `,` or the closing bracket")]
    Comma,
    /// A backslash is followed by something that is no escape.
    #[error("invalid `\\` escape")]
    Escape,
    /// A string, whose opening quote is meant, has no end.
    #[error("unterminated string")]
    Unterminated,
    /// A raw control character stands in a string.
    #[error("control character in a string")]
    Control,
    /// Values nest too deep.
    #[error("nested deeper than 256 levels")]
    Depth,
    /// Something follows the value.
    #[error("text after the value")]
    Trailing,
}

/// Reads one value that is the whole text.
pub fn parse<'a>(text: &'a str, arena: &'a Arena) -> Result<Value<'a>, JsonError> {
    let mut note = NoDump;
    let mut reader = Reader::new(text, arena, &mut note);
    reader.skip_blanks();
    let value = reader.value(MAX_DEPTH)?;
    reader.skip_blanks();
    if reader.at < text.len() {
        return Err(reader.error(JsonErrorKind::Trailing));
    }
    Ok(value)
}

/// Reads the value at the start of the text and tells where it ends.
pub fn parse_prefix<'a>(text: &'a str, arena: &'a Arena) -> Result<(Value<'a>, usize), JsonError> {
    let mut note = NoDump;
    let mut reader = Reader::new(text, arena, &mut note);
    reader.skip_blanks();
    let value = reader.value(MAX_DEPTH)?;
    Ok((value, reader.at))
}

/// Does the same, and notes the value's text as Python writes it on the way.
pub fn parse_prefix_noting<'a>(
    text: &'a str,
    arena: &'a Arena,
    dump: &mut Dump,
) -> Result<(Value<'a>, usize), JsonError> {
    dump.clear();
    let mut reader = Reader::new(text, arena, dump);
    reader.skip_blanks();
    let value = reader.value(MAX_DEPTH)?;
    Ok((value, reader.at))
}

/// What a string is: a value, or the first or another key of an object.
const VALUE: u8 = 0;
const FIRST_KEY: u8 = 1;
const NEXT_KEY: u8 = 2;

struct Reader<'a, 'n, N> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    arena: &'a Arena,
    /// Members of all objects that are not finished, the innermost last. Only a finished object
    /// knows how much room it needs.
    members: ArenaVec<'a, Member<'a>>,
    note: &'n mut N,
}

impl<'a, 'n, N: Note> Reader<'a, 'n, N> {
    fn new(text: &'a str, arena: &'a Arena, note: &'n mut N) -> Self {
        Reader {
            text,
            bytes: text.as_bytes(),
            at: 0,
            arena,
            members: ArenaVec::with_capacity_in(USUAL_MEMBERS, arena),
            note,
        }
    }

    fn error(&self, kind: JsonErrorKind) -> JsonError {
        JsonError {
            at: self.at,
            kind,
            at_end: self.at >= self.bytes.len(),
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, JsonError> {
        match self.peek() {
            Some(b'"') => Ok(Value::Text(self.string::<VALUE>()?)),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Value::Bool(true)),
            Some(b'f') => self.word(b"false", Value::Bool(false)),
            Some(b'n') => self.word(b"null", Value::Null),
            Some(b'N') => self.word(b"NaN", Value::Number("NaN")),
            Some(b'I') => self.word(b"Infinity", Value::Number("Infinity")),
            _ => Err(self.error(JsonErrorKind::Value)),
        }
    }

    fn word<const LENGTH: usize>(
        &mut self,
        word: &[u8; LENGTH],
        value: Value<'a>,
    ) -> Result<Value<'a>, JsonError> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word) {
            self.at += LENGTH;
            self.note.word(word);
            Ok(value)
        } else {
            Err(JsonError {
                at_end: word.starts_with(rest),
                ..self.error(JsonErrorKind::Value)
            })
        }
    }

    fn number(&mut self) -> Result<Value<'a>, JsonError> {
        let start = self.at;
        self.take(b'-');
        match self.peek() {
            Some(b'I') => {
                self.note.word(b"-");
                return self.word(b"Infinity", Value::Number("-Infinity"));
            }
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.error(JsonErrorKind::Value)),
        }
        if self.peek() == Some(b'.') && self.digit_at(self.at + 1) {
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            let sign = matches!(self.bytes.get(self.at + 1), Some(b'+' | b'-'));
            let first = self.at + 1 + usize::from(sign);
            if self.digit_at(first) {
                self.at = first;
                self.digits();
            }
        }
        let number = &self.text[start..self.at];
        self.note.number(number);
        Ok(Value::Number(number))
    }

    fn digit_at(&self, at: usize) -> bool {
        self.bytes.get(at).is_some_and(u8::is_ascii_digit)
    }

    fn digits(&mut self) {
        while self.digit_at(self.at) {
            self.at += 1;
        }
    }

    /// Reads a string, which may be a key; the reader stands on the opening quote.
    #[inline]
    fn string<const ROLE: u8>(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at + 1;
        let mut end = start;
        // Most strings end in their first block, and are noted with their quotes at once.
        if let Some(block) = block_at(self.bytes, start) {
            let run = first_special(*block);
            if block.get(run) == Some(&b'"') {
                match ROLE {
                    VALUE => self.note.short(block, run),
                    FIRST_KEY => self.note.first_short_key(block, run),
                    _ => self.note.next_short_key(block, run),
                }
                self.at = start + run + 1;
                return Ok(&self.text[start..start + run]);
            }
        }
        if ROLE == NEXT_KEY {
            self.note.word(b", ");
        }
        self.note.quote();
        // The block that is looked at is noted at once: copying it later would load it again.
        loop {
            let Some(block) = block_at(self.bytes, end) else {
                let run = plain_run(&self.bytes[end..]);
                self.note.plain(&self.bytes[end..end + run]);
                end += run;
                break;
            };
            let run = first_special(*block);
            self.note.block(block, run);
            end += run;
            if run < BLOCK {
                break;
            }
        }
        if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            self.end_string::<ROLE>();
            return Ok(&self.text[start..end]);
        }
        let text = self.escaped_string(start, end)?;
        self.end_string::<ROLE>();
        Ok(text)
    }

    #[inline]
    fn end_string<const ROLE: u8>(&mut self) {
        match ROLE {
            VALUE => self.note.quote(),
            _ => self.note.key_end(),
        }
    }

    /// Reads the rest of a string whose first stop is not its end.
    #[inline(never)]
    fn escaped_string(&mut self, start: usize, stop: usize) -> Result<&'a str, JsonError> {
        let mut text =
            bumpalo::collections::String::with_capacity_in(stop - start + 64, self.arena);
        let mut from = start;
        self.at = stop;
        loop {
            text.push_str(&self.text[from..self.at]);
            let is_last = self.at + 1 >= self.bytes.len();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    let text = text.into_bump_str();
                    self.note.text(&text[stop - start..]);
                    return Ok(text);
                }
                None | Some(b'\\') if is_last => {
                    return Err(JsonError {
                        at: start - 1,
                        kind: JsonErrorKind::Unterminated,
                        at_end: true,
                    });
                }
                Some(b'\\') => {
                    let character = self.escape()?;
                    text.push(character);
                }
                _ => return Err(self.error(JsonErrorKind::Control)),
            }
            from = self.at;
            self.at += plain_run(&self.bytes[from..]);
        }
    }

    /// Reads an escape; a surrogate without its partner becomes U+FFFD.
    fn escape(&mut self) -> Result<char, JsonError> {
        let error = self.error(JsonErrorKind::Escape);
        self.at += 1;
        let character = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.hex4().ok_or(JsonError {
                    at_end: self.text.len() < self.at + 4,
                    ..error
                })?;
                return Ok(self.code_point(first));
            }
            Some(_) => return Err(error),
            None => return Err(self.error(JsonErrorKind::Escape)),
        };
        self.at += 1;
        Ok(character)
    }

    fn code_point(&mut self, first: u32) -> char {
        if (0xd800..0xdc00).contains(&first) && self.bytes[self.at..].starts_with(b"\\u") {
            let back = self.at;
            self.at += 2;
            if let Some(second) = self.hex4()
                && (0xdc00..0xe000).contains(&second)
            {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
            self.at = back;
        }
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn list(&mut self, depth: usize) -> Result<Value<'a>, JsonError> {
        let depth = self.deeper(depth)?;
        let mut list = ArenaVec::new_in(self.arena);
        self.at += 1;
        self.note.word(b"[");
        self.skip_blanks();
        if !self.take(b']') {
            loop {
                list.push(self.value(depth)?);
                self.skip_blanks();
                if self.take(b',') {
                    self.note.word(b", ");
                    self.skip_blanks();
                } else if self.take(b']') {
                    break;
                } else {
                    return Err(self.error(JsonErrorKind::Comma));
                }
            }
        }
        self.note.word(b"]");
        Ok(Value::List(self.arena.alloc(list)))
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, JsonError> {
        let spare = if depth == MAX_DEPTH { ADDED_MEMBERS } else { 0 };
        let depth = self.deeper(depth)?;
        let first = self.members.len();
        let mut keys = Keys::default();
        self.at += 1;
        self.note.word(b"{");
        self.skip_blanks();
        if !self.take(b'}') {
            let mut is_first = true;
            loop {
                if self.peek() != Some(b'"') {
                    return Err(self.error(JsonErrorKind::Key));
                }
                let key = match is_first {
                    true => self.string::<FIRST_KEY>()?,
                    false => self.string::<NEXT_KEY>()?,
                };
                is_first = false;
                self.skip_blanks();
                if !self.take(b':') {
                    return Err(self.error(JsonErrorKind::Colon));
                }
                self.skip_blanks();
                // Nearly all values are texts; nothing but that is decided about them.
                let value = match self.peek() {
                    Some(b'"') => Value::Text(self.string::<VALUE>()?),
                    _ => self.value(depth)?,
                };
                match keys.place_of(key, self.members.get(first..).unwrap_or_default()) {
                    None => self.members.push(Member::new(key, value)),
                    // A key that is there already keeps its place and gets the new value.
                    Some(at) => {
                        self.note.spoil();
                        if let Some(member) = self.members.get_mut(first + at) {
                            member.value = value;
                        }
                    }
                }
                self.skip_blanks();
                if self.take(b',') {
                    self.skip_blanks();
                } else if self.take(b'}') {
                    break;
                } else {
                    return Err(self.error(JsonErrorKind::Comma));
                }
            }
        }
        self.note.word(b"}");
        let Keys { seen, tags, .. } = keys;
        let members = if spare == 0 {
            self.members.split_off(first)
        } else {
            let count = self.members.len() - first;
            let mut members = ArenaVec::with_capacity_in(count + spare, self.arena);
            // The outermost object has all that are left.
            members.append(&mut self.members);
            members
        };
        Ok(Value::Object(Object::from_members(
            members, seen, tags, self.arena,
        )))
    }

    fn deeper(&self, depth: usize) -> Result<usize, JsonError> {
        depth
            .checked_sub(1)
            .ok_or_else(|| self.error(JsonErrorKind::Depth))
    }
}

/// Finds out whether a key of an object was there before.
#[derive(Default)]
struct Keys<'a> {
    /// The bits of the keys so far; a key with another bit is new without being compared.
    seen: KeyBits,
    /// The tags of the keys so far.
    tags: Tags,
    /// The place of each key, in an object with many.
    places: Option<HashMap<&'a str, usize>>,
}

impl<'a> Keys<'a> {
    /// The place among the members so far; `None` if the key is new.
    #[inline]
    fn place_of(&mut self, key: &'a str, members: &[Member<'a>]) -> Option<usize> {
        let mark = KeyMark::of(key);
        let is_new = !self.seen.may_have(mark);
        self.seen.add(mark);
        let known = if members.len() >= MANY_MEMBERS {
            self.place_of_many(key, members)
        } else if is_new {
            None
        } else {
            place_among(members, &self.tags, key, mark.tag)
        };
        if known.is_none() {
            set_tag(&mut self.tags, members.len(), mark.tag);
        }
        known
    }

    #[cold]
    fn place_of_many(&mut self, key: &'a str, members: &[Member<'a>]) -> Option<usize> {
        let places = self.places.get_or_insert_with(|| {
            let known = members.iter().enumerate();
            known.map(|(at, member)| (member.key, at)).collect()
        });
        let known = places.get(key).copied();
        if known.is_none() {
            places.insert(key, members.len());
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::push_compact_json;

    fn compact(text: &str) -> Result<String, JsonErrorKind> {
        let arena = Arena::new();
        let value = parse(text, &arena).map_err(|error| error.kind)?;
        let mut out = Vec::new();
        push_compact_json(&value, &mut out);
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn reads_what_python_reads() {
        for (text, expected) in [
            (
                r#" {"a":1 , "b":[true,null]} "#,
                r#"{"a":1,"b":[true,null]}"#,
            ),
            (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
            (r#""\u00e9\ud83d\ude00\/\n""#, "\"é😀/\\n\""),
            (r#""\ud83d x""#, "\"\u{fffd} x\""),
            (r#""\ud83d\u0041""#, "\"\u{fffd}A\""),
            (
                "[1.5e-3,-0,12345678901234567890]",
                "[1.5e-3,-0,12345678901234567890]",
            ),
        ] {
            assert_eq!(compact(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_python_refuses() {
        use JsonErrorKind::*;
        for (text, kind) in [
            ("", Value),
            ("{", Key),
            ("[1", Comma),
            ("[1 2]", Comma),
            ("{a:1}", Key),
            (r#"{"a" 1}"#, Colon),
            (r#"{"a":1,}"#, Key),
            (r#""\x""#, Escape),
            (r#""\u12g4""#, Escape),
            ("\"a\nb\"", Control),
            ("\"a", Unterminated),
            ("{\"a\": \"b\\", Unterminated),
            ("01", Trailing),
            ("tru", Value),
            ("1 2", Trailing),
        ] {
            assert_eq!(compact(text), Err(kind), "{text}");
        }
        let arena = Arena::new();
        for text in ["", "{", "[1", "\"a", "\"\\u12", "tru", r#"{"a":"#] {
            assert!(parse(text, &arena).unwrap_err().at_end, "{text}");
        }
        let unterminated = parse(r#"{"a": "b"#, &arena).unwrap_err();
        assert_eq!(unterminated.at, 6, "where the string starts");
        let deep = "[".repeat(100_000);
        assert_eq!(compact(&deep), Err(Depth));
    }

    #[test]
    fn many_members_keep_the_last_of_duplicates() {
        let members: Vec<_> = (0..300).map(|n| format!("\"k{}\":{n}", n % 200)).collect();
        let text = format!("{{{}}}", members.join(","));
        let arena = Arena::new();
        let value = parse(&text, &arena).unwrap();
        let object = value.as_object().unwrap();
        assert_eq!(object.len(), 200);
        assert_eq!(object.get("k5"), Some(&super::Value::Number("205")));
        assert_eq!(object.get("k150"), Some(&super::Value::Number("150")));
    }

    /// The noted text, plain and as the inside of a JSON string.
    fn noted(text: &str) -> Option<(String, String)> {
        let (arena, mut dump) = (Arena::new(), Dump::default());
        parse_prefix_noting(text, &arena, &mut dump).ok()?;
        let (plain, escaped) = dump.texts()?;
        Some((
            plain.to_owned(),
            String::from_utf8(escaped.to_vec()).unwrap(),
        ))
    }

    /// What is to be noted.
    fn dumped(text: &str) -> Option<(String, String)> {
        let arena = Arena::new();
        let (value, _) = parse_prefix(text, &arena).ok()?;
        let mut plain = Vec::new();
        crate::push_python_dumps(&value, &mut plain);
        let plain = String::from_utf8(plain).unwrap();
        let mut escaped = Vec::new();
        crate::push_json_string(&plain, &mut escaped);
        let escaped = String::from_utf8(escaped).unwrap();
        Some((plain, escaped[1..escaped.len() - 1].to_owned()))
    }

    #[test]
    fn what_is_read_is_noted_as_python_writes_it() {
        for text in [
            r#" {"a" : 1 ,"b":[true,null , false],"c":{},"d":[]} "#,
            r#"{"long":"0123456789abcdef0123456789abcdef!","é":"日本語日本語日本語"}"#,
            r#"["\u00e9\ud83d\ude00\/\n","a\"b","\\","\ud83d x","0123456789abcdef\t0123456789abcdef"]"#,
            "[1.50e3,-0,12345678901234567890,NaN,-Infinity,Infinity,1e999,-1e-7,0.1]",
            r#""text""#,
            "7",
        ] {
            assert_eq!(noted(text), dumped(text), "{text}");
        }
        assert_eq!(noted(r#"{"a":1,"b":2,"a":3}"#), None, "of a repeated key");
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,200}") {
            let _ = compact(&text);
        }

        #[test]
        fn any_text_is_noted_as_python_writes_it(texts in proptest::collection::vec(".{0,40}", 0..5)) {
            let json = serde_json::to_string(&texts).unwrap();
            prop_assert_eq!(noted(&json), dumped(&json));
        }

        #[test]
        fn reads_cut_json_without_panic(cut in 0..200usize) {
            let text = r#"{"a":[1.5e3,{"b":"\u00e9\n"},null,true],"c":{"d":[[],{}]},"é":"x"}"#;
            let end = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
            let _ = compact(&text[..end.unwrap_or(0)]);
        }

        #[test]
        fn agrees_with_serde_json(text in r#"[\[\]{}",:0-9a\\ntue.-]{0,40}"#) {
            let ours = compact(&text);
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            if let (Ok(ours), Ok(theirs)) = (&ours, &theirs) {
                let ours: serde_json::Value = serde_json::from_str(ours).unwrap();
                prop_assert_eq!(&ours, theirs);
            }
            prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}", text);
        }
    }
}
