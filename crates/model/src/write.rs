//! A document as JSON text.

use crate::buffer::Opening;
use crate::escape::push_json_string;
use crate::key::is_same;
use crate::mould::Cast;
use crate::number::is_finite;
use crate::object::Member;
use crate::{Buffer, Object, Source, Value};

/// How long a text may be before it is cut, so that a store's index takes the document.
#[derive(Debug, Clone, Copy)]
pub struct TextLimit {
    /// Texts of this many bytes and more are cut.
    pub from_bytes: usize,
    /// What stays, at most; cut at a character.
    pub keep_bytes: usize,
    /// What is put behind the part that stays.
    pub mark: &'static str,
    /// The key whose text is never cut.
    pub except_key: &'static str,
}

/// Where JSON text goes.
trait JsonOut {
    /// Appends what is JSON already.
    fn put(&mut self, json: &[u8]);

    /// Appends a string.
    fn put_string(&mut self, text: &str);
}

impl JsonOut for Vec<u8> {
    fn put(&mut self, json: &[u8]) {
        self.extend_from_slice(json);
    }

    fn put_string(&mut self, text: &str) {
        push_json_string(text, self);
    }
}

impl JsonOut for Buffer {
    fn put(&mut self, json: &[u8]) {
        self.push(json);
    }

    fn put_string(&mut self, text: &str) {
        self.push_string(text);
    }
}

/// Appends the value as JSON without blanks; numbers as they were written.
pub fn push_compact_json(value: &Value<'_>, out: &mut Vec<u8>) {
    put_value(value, out);
}

fn put_value(value: &Value<'_>, out: &mut impl JsonOut) {
    match value {
        Value::Null => out.put(b"null"),
        Value::Bool(true) => out.put(b"true"),
        Value::Bool(false) => out.put(b"false"),
        Value::Number(text) if is_finite(text) => out.put(text.as_bytes()),
        Value::Number(_) => out.put(b"null"),
        Value::Text(text) => out.put_string(text),
        Value::Written(json) => out.put(json.as_bytes()),
        Value::List(list) => {
            out.put(b"[");
            for (at, value) in list.iter().enumerate() {
                if at > 0 {
                    out.put(b",");
                }
                put_value(value, out);
            }
            out.put(b"]");
        }
        Value::Object(object) => {
            out.put(b"{");
            for (at, member) in object.iter().enumerate() {
                if at > 0 {
                    out.put(b",");
                }
                out.put_string(member.key);
                out.put(b":");
                put_value(&member.value, out);
            }
            out.put(b"}");
        }
    }
}

/// A text whose form in JSON is known already.
#[derive(Debug, Clone, Copy)]
pub struct EscapedText<'t> {
    /// The text.
    pub text: &'t str,
    /// What stands between the quotes of the JSON string that says it.
    pub json: &'t [u8],
}

/// Members with texts that follow each other, and whose form in JSON is known already.
#[derive(Debug, Clone, Copy)]
pub struct Run<'t> {
    /// The place of the first, if the document was left as it was.
    pub at: usize,
    /// Their keys and texts.
    pub members: &'t [(&'t str, &'t str)],
    /// All of them as JSON, a comma in front of each.
    pub json: &'t [u8],
}

impl Run<'_> {
    /// What stands in front of the run and behind it, if it is among the members.
    fn split<'r, 'a>(&self, members: &'r [Member<'a>]) -> Option<[&'r [Member<'a>]; 2]> {
        let (before, rest) = members.split_at_checked(self.at)?;
        let (run, behind) = rest.split_at_checked(self.members.len())?;
        let mut pairs = run.iter().zip(self.members);
        pairs
            .all(|(member, (key, text))| {
                let same = member
                    .value
                    .as_text()
                    .is_some_and(|it| std::ptr::eq(it, *text));
                same && is_same(member.key, key)
            })
            .then_some([before, behind])
    }
}

/// What helps to write a document, beside the document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'t> {
    /// A text whose form is known.
    pub known: Option<EscapedText<'t>>,
    /// Members of the document itself whose form is known.
    pub run: Option<Run<'t>>,
    /// The text of which most texts of the document are parts.
    pub source: Source<'t>,
}

/// Appends the document without members that say nothing, and with overlong texts cut.
///
/// Members are left out whose value is null, not finite, an empty list or object (also one that
/// becomes empty), a list of one empty text, or one of the texts ``, `-`, `null`, `[]`. Elements
/// of lists stay; lists inside lists are written as they are. Where the document holds the known
/// text itself, and no copy, it is written by its known form. Returns how many texts were cut.
pub fn push_document(
    document: &Object<'_>,
    limit: &TextLimit,
    hints: Hints<'_>,
    out: &mut Buffer,
) -> usize {
    let mut writer = Writer {
        limit,
        hints,
        out,
        cut_texts: 0,
    };
    writer.document(document);
    writer.cut_texts
}

struct Writer<'w> {
    limit: &'w TextLimit,
    hints: Hints<'w>,
    out: &'w mut Buffer,
    cut_texts: usize,
}

impl Writer<'_> {
    /// Writes the document itself.
    fn document(&mut self, document: &Object<'_>) {
        let first = self.out.len();
        let (cast, members) = document.parts();
        let run = self.hints.run.filter(|_| cast.is_none());
        let Some((run, [before, behind])) = run.and_then(|run| Some((run, run.split(members)?)))
        else {
            self.object(document);
            return;
        };
        self.members(before);
        self.out.push(run.json);
        self.members(behind);
        self.end(first);
    }

    /// Writes the object and tells whether anything is in it.
    fn object(&mut self, object: &Object<'_>) -> bool {
        let first = self.out.len();
        let (cast, members) = object.parts();
        if let Some(cast) = cast {
            self.cast(cast);
        }
        self.members(members);
        self.end(first)
    }

    /// Ends the object that began at a place, and tells whether anything is in it.
    #[inline]
    fn end(&mut self, first: usize) -> bool {
        let filled = self.out.len() > first;
        if filled {
            // In front of the first member stands no comma.
            self.out.set(first, b'{');
            self.out.push_all(b"}");
        } else {
            self.out.push_all(b"{}");
        }
        filled
    }

    /// Writes members, a comma in front of each.
    #[inline]
    fn members(&mut self, members: &[Member<'_>]) {
        for member in members {
            // Nearly all values are texts; what they need is decided without looking further.
            if let Value::Text(text) = &member.value {
                if !text_says_nothing(text) {
                    self.member(member, text);
                }
                continue;
            }
            if says_nothing(&member.value) {
                continue;
            }
            let start = self.out.len();
            match member.opening {
                Some(opening) => self.out.push_key(opening),
                None => self.key(member.key),
            }
            match &member.value {
                Value::Object(object) => {
                    if !self.object(object) {
                        self.out.truncate(start);
                    }
                }
                Value::List(list) => self.list(member.key, list),
                Value::Written(json) => self.out.push(json.as_bytes()),
                value => put_value(value, self.out),
            }
        }
    }

    /// Writes the members of a cast, and the brace in front of them.
    fn cast(&mut self, cast: &Cast<'_>) {
        let (gaps, tail) = cast.json();
        for (gap, text) in gaps {
            if !gap.front.is_empty() {
                self.out.push(&gap.front);
            }
            self.text(&gap.opening, gap.key, text);
        }
        if !tail.is_empty() {
            self.out.push(tail);
        }
    }

    /// Writes a member with a text.
    #[inline]
    fn member(&mut self, member: &Member<'_>, text: &str) {
        match member.opening {
            Some(opening) => self.text(opening, member.key, text),
            None if self.whole(member.key, text) => {}
            None => {
                self.key(member.key);
                self.text(&Opening::TEXT, member.key, text);
            }
        }
    }

    /// Writes a member as it stands in the source, if it does.
    #[inline]
    fn whole(&mut self, key: &str, text: &str) -> bool {
        let (key, text) = (key.as_bytes(), text.as_bytes());
        let source = self.hints.source.bytes();
        text.len() < self.limit.from_bytes
            && match key.len() + text.len() {
                0..28 => self.out.push_whole::<2>(key, text, source),
                28..60 => self.out.push_whole::<4>(key, text, source),
                _ => false,
            }
    }

    #[inline]
    fn key(&mut self, key: &str) {
        let key = key.as_bytes();
        if !self.out.push_part(&Opening::KEY, key, &self.hints.source) {
            self.out.push_quoted(&Opening::KEY, key);
        }
        self.out.push_all(b":");
    }

    fn list(&mut self, key: &str, list: &[Value<'_>]) {
        self.out.push_all(b"[");
        for (at, value) in list.iter().enumerate() {
            if at > 0 {
                self.out.push_all(b",");
            }
            match value {
                Value::Object(object) => {
                    self.object(object);
                }
                Value::Text(text) => self.text(&Opening::TEXT, key, text),
                value => put_value(value, self.out),
            }
        }
        self.out.push_all(b"]");
    }

    /// Writes a text, and what stands in front of it.
    #[inline]
    fn text(&mut self, opening: &Opening, key: &str, text: &str) {
        if text.len() >= self.limit.from_bytes {
            self.long_text(opening, key, text);
        } else if !self
            .out
            .push_part(opening, text.as_bytes(), &self.hints.source)
        {
            self.other_text(opening, text);
        }
    }

    /// Writes a text that is no short part of the source.
    #[inline(never)]
    fn other_text(&mut self, opening: &Opening, text: &str) {
        if !self.out.push_short(opening, text.as_bytes()) {
            self.rare_text(opening, text);
        }
    }

    /// Writes a text that is long, or in which something is escaped.
    #[inline(never)]
    fn rare_text(&mut self, opening: &Opening, text: &str) {
        let known = match &self.hints.known {
            Some(known) if std::ptr::eq(known.text, text) => Some(known.json),
            _ => self.hints.source.json_of(text),
        };
        let Some(json) = known else {
            return self.out.push_rare(opening, text.as_bytes());
        };
        self.out.push_opening(opening);
        self.out.push(json);
        self.out.push_all(b"\"");
    }

    /// Writes a text that is too long, unless its key allows any length.
    #[cold]
    fn long_text(&mut self, opening: &Opening, key: &str, text: &str) {
        if key == self.limit.except_key {
            return self.other_text(opening, text);
        }
        let keep = text.floor_char_boundary(self.limit.keep_bytes);
        let cut = [&text[..keep], self.limit.mark].concat();
        self.out.push_quoted(opening, cut.as_bytes());
        self.cut_texts += 1;
    }
}

fn says_nothing(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text_says_nothing(text),
        Value::List(list) => list.is_empty() || matches!(&list[..], [Value::Text("")]),
        Value::Object(object) => object.is_empty(),
        Value::Number(text) => !is_finite(text),
        Value::Bool(_) | Value::Written(_) => false,
    }
}

/// Whether a text is one of those that documents leave out.
#[inline]
pub fn text_says_nothing(text: &str) -> bool {
    // Nearly every text is longer than all that say nothing.
    text.len() <= 4 && matches!(text, "" | "-" | "null" | "[]")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Arena, key, parse};

    const LIMIT: TextLimit = TextLimit {
        from_bytes: 10,
        keep_bytes: 7,
        mark: "<<CUT>>",
        except_key: "@message",
    };

    fn written(json: &str) -> String {
        let arena = Arena::new();
        let value = parse(json, &arena).unwrap();
        let mut out = Buffer::default();
        push_document(
            value.as_object().unwrap(),
            &LIMIT,
            Hints::default(),
            &mut out,
        );
        String::from_utf8(out.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn members_that_say_nothing_are_left_out() {
        for (json, expected) in [
            (
                r#"{"a":null,"b":"","c":"-","d":"null","e":"[]","f":[],"g":[""],"h":{}}"#,
                "{}",
            ),
            (
                r#"{"a":{"b":{"c":null}},"d":0,"e":false}"#,
                r#"{"d":0,"e":false}"#,
            ),
            (
                r#"{"a":[{"b":null},null,"","-"]}"#,
                r#"{"a":[{},null,"","-"]}"#,
            ),
            (r#"{"a":[[{"b":null}]]}"#, r#"{"a":[[{"b":null}]]}"#),
            (r#"{"a":NaN,"b":1e999,"c":[NaN]}"#, r#"{"c":[null]}"#),
            (r#"{"x":1,"a":{"b":null},"y":2}"#, r#"{"x":1,"y":2}"#),
        ] {
            assert_eq!(written(json), expected, "{json}");
        }
    }

    #[test]
    fn a_known_text_is_written_by_its_known_form() {
        let (arena, text) = (Arena::new(), "some text ".repeat(8));
        let known = EscapedText {
            text: &text,
            json: b"known",
        };
        let copy = text.clone();
        let object = Object::new_in(&arena);
        object.push("itself", Value::Text(&text));
        object.push("copy", Value::Text(&copy));
        let mut out = Buffer::default();
        let hints = Hints {
            known: Some(known),
            ..Hints::default()
        };
        let limit = TextLimit {
            from_bytes: 1_000,
            ..LIMIT
        };
        push_document(object, &limit, hints, &mut out);
        let expected = format!(r#"{{"itself":"known","copy":"{text}"}}"#);
        assert_eq!(out.as_bytes(), expected.as_bytes());
    }

    #[test]
    fn a_run_is_written_by_its_known_form_where_it_is_what_was_put_there() {
        type Change = for<'a> fn(&mut Object<'a>);
        let changes: [(Change, &str); 6] = [
            (|_| {}, r#"{"first":"1","type":"known"}"#),
            (
                |object| object.push("last", Value::Text("2")),
                r#"{"first":"1","type":"known","last":"2"}"#,
            ),
            (
                |object| object.set("first", Value::Null),
                r#"{"type":"known"}"#,
            ),
            (
                |object| object.set("key", Value::Text("other")),
                r#"{"first":"1","type":"flow","key":"other"}"#,
            ),
            (
                |object| {
                    object.remove("first");
                },
                r#"{"type":"flow","key":"a/b"}"#,
            ),
            (
                |object| {
                    object.remove("key");
                },
                r#"{"first":"1","type":"flow"}"#,
            ),
        ];
        let members = [("type", "flow"), ("key", "a/b")];
        for (change, expected) in changes {
            let arena = Arena::new();
            let object = Object::new_in(&arena);
            object.push("first", Value::Text("1"));
            for (key, text) in members {
                object.push(key, Value::Text(text));
            }
            change(object);
            let hints = Hints {
                run: Some(Run {
                    at: 1,
                    members: &members,
                    json: br#","type":"known""#,
                }),
                ..Hints::default()
            };
            let mut out = Buffer::default();
            push_document(object, &LIMIT, hints, &mut out);
            assert_eq!(std::str::from_utf8(out.as_bytes()), Ok(expected));
        }
    }

    /// The document of an object, with a source whose beginning is known, with one, and without.
    fn with_and_without(object: &Object<'_>, source: &str) -> [String; 3] {
        let known = None;
        let line = Source::of_line(source, source.len());
        [line, Source::new(source), Source::default()].map(|source| {
            let mut out = Buffer::default();
            push_document(
                object,
                &LIMIT,
                Hints {
                    known,
                    source,
                    ..Hints::default()
                },
                &mut out,
            );
            String::from_utf8(out.as_bytes().to_vec()).unwrap()
        })
    }

    proptest! {
        #[test]
        fn a_source_changes_nothing_in_what_is_written_of_json(
            members in prop::collection::vec(("[a-e]{1,30}", "[a-e\"\\\\\né:, ]{0,40}"), 0..8),
            between in ": ?",
        ) {
            let members = members.iter().map(|(key, text)| {
                format!("{key:?}{between}{}", serde_json::to_string(text).unwrap())
            });
            let text = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
            let arena = Arena::new();
            let value = parse(&text, &arena).unwrap();
            let object = value.as_object().unwrap();
            let [_, helped, alone] = with_and_without(object, &text);
            prop_assert_eq!(helped, alone);
        }

        #[test]
        fn a_source_changes_nothing_in_what_is_written_of_its_parts(
            source in "[a-c\":\\\\\n ]{0,120}",
            parts in prop::collection::vec((0..120usize, 0..40usize, 0..40usize, 0..4usize), 1..6),
        ) {
            let arena = Arena::new();
            let object = Object::new_in(&arena);
            let part = |start: usize, length: usize| {
                let end = source.len().min(start + length);
                source.get(start..end).unwrap_or_default()
            };
            for (start, key, text, apart) in parts {
                // Three bytes apart they may look like a member.
                object.set(part(start, key), Value::Text(part(start + key + apart, text)));
                object.set_key(key!("prepared"), Value::Text(part(start, text)));
            }
            let [line, helped, alone] = with_and_without(object, &source);
            prop_assert_eq!(&line, &alone);
            prop_assert_eq!(helped, alone);
        }
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        for (json, expected) in [
            (r#"{"a":"123456789"}"#, r#"{"a":"123456789"}"#),
            (r#"{"a":"1234567890"}"#, r#"{"a":"1234567<<CUT>>"}"#),
            (r#"{"a":["あああああ"]}"#, r#"{"a":["ああ<<CUT>>"]}"#),
            (
                r#"{"@message":"1234567890"}"#,
                r#"{"@message":"1234567890"}"#,
            ),
        ] {
            assert_eq!(written(json), expected, "{json}");
        }
    }
}
