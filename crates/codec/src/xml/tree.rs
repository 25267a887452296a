//! One XML element as an object: attributes and children are members, text is `#text`.
//!
//! Nothing outside the text is ever read: no document type, no entity but the five of XML.

use std::borrow::Cow;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape::resolve_predefined_entity};
use yagura_model::{Arena, MAX_DEPTH, Object, Value};

use crate::text::trim;

/// Elements and attributes of one record.
const MAX_NODES: usize = 10_000;

/// The member that holds the text of an element with attributes or children.
pub(super) const TEXT_KEY: &str = "#text";

/// What becomes of white space around text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// It stays, also where there is nothing else.
    Keep,
    /// It is trimmed, and text that is nothing else is none.
    Trim,
}

/// The object with the root element as its only member.
///
/// An element with attributes or children is an object, one with text alone is that text, an
/// empty one is null; elements of the same name are a list.
pub(super) fn parse_xml<'a>(
    text: &'a str,
    blanks: Blanks,
    arena: &'a Arena,
) -> Result<&'a mut Object<'a>, String> {
    let mut reader = Reader::from_str(legal_text(trim_end_of_data(text), arena));
    // A lone ampersand is clearly meant as one.
    reader.config_mut().allow_dangling_amp = true;
    let mut builder = Builder {
        root: Object::with_capacity_in(20, arena),
        open: Vec::new(),
        nodes: 0,
        blanks,
        arena,
    };
    loop {
        let event = reader.read_event();
        match event.map_err(|error| format!("{error} at byte {}", reader.error_position()))? {
            Event::Start(tag) => builder.open(&tag)?,
            Event::Empty(tag) => {
                builder.open(&tag)?;
                builder.close();
            }
            Event::End(_) => builder.close(),
            Event::Text(text) => builder.text(text.xml10_content())?,
            Event::CData(text) => builder.text(text.xml10_content())?,
            Event::GeneralRef(reference) => builder.text(referred(&reference))?,
            Event::DocType(_) => return Err("it has a document type declaration".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return builder.finish(),
        }
    }
}

/// Windows' services put zeros behind their events.
fn trim_end_of_data(text: &str) -> &str {
    trim(text).trim_end_matches('\0')
}

/// The text without control characters that XML forbids.
fn legal_text<'a>(text: &'a str, arena: &'a Arena) -> &'a str {
    let is_illegal = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    if !text.bytes().any(is_illegal) {
        return text;
    }
    let legal = text
        .chars()
        .filter(|&c| !u8::try_from(c).is_ok_and(is_illegal));
    arena.alloc_str(&legal.collect::<String>())
}

/// The character that a reference stands for; one that stands for nothing known is itself.
fn referred<'r>(reference: &BytesRef<'_>) -> Cow<'r, str> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Cow::Owned(character.to_string()),
        Ok(None) => match resolve_predefined_entity(reference) {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(format!("&{};", &**reference)),
        },
        Err(_) => Cow::Owned(char::REPLACEMENT_CHARACTER.to_string()),
    }
}

/// An element that is not closed yet.
struct Open<'a> {
    name: &'a str,
    /// Its attributes and children.
    members: Option<&'a mut Object<'a>>,
    text: Cow<'a, str>,
}

struct Builder<'a> {
    root: &'a mut Object<'a>,
    open: Vec<Open<'a>>,
    nodes: usize,
    blanks: Blanks,
    arena: &'a Arena,
}

impl<'a> Builder<'a> {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        let name = self.name(tag.name().0)?;
        if self.open.is_empty() && !self.root.is_empty() {
            return Err(format!("`{name}` is a second root element"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("it is nested deeper than {MAX_DEPTH} elements"));
        }
        self.count_node()?;
        let mut members = None;
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| format!("`{name}`: {error}"))?;
            self.count_node()?;
            let key = self.name(attribute.key.0)?;
            let value = match attribute.normalized_value(XmlVersion::Implicit1_0) {
                Ok(value) => self.arena.alloc_str(&value),
                Err(_) => self.arena.alloc_str(&attribute.value),
            };
            let members = members.get_or_insert_with(|| Object::new_in(self.arena));
            members.push(key, Value::Text(value));
        }
        self.open.push(Open {
            name,
            members,
            text: Cow::Borrowed(""),
        });
        Ok(())
    }

    /// Keeps a name. The reader takes anything for one; here it need not be strict, but a tag
    /// that a broken one has swallowed shall show.
    fn name(&self, name: &str) -> Result<&'a str, String> {
        let starts_well = name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':'));
        if !starts_well || name.contains(['<', '&', '"', '\'', '=', '/']) {
            return Err(format!("`{name}` is no name"));
        }
        Ok(self.arena.alloc_str(name))
    }

    fn count_node(&mut self) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(format!(
                "it has more than {MAX_NODES} elements and attributes"
            ));
        }
        Ok(())
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), String> {
        match self.open.last_mut() {
            Some(element) if element.text.is_empty() => element.text = text,
            Some(element) => element.text.to_mut().push_str(&text),
            None if trim(&text).is_empty() => {}
            None => return Err("there is text outside the root element".to_owned()),
        }
        Ok(())
    }

    fn close(&mut self) {
        let Some(element) = self.open.pop() else {
            return;
        };
        let text = match element.text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.arena.alloc_str(&text),
        };
        let text = match self.blanks {
            Blanks::Keep => text,
            Blanks::Trim => trim(text),
        };
        let value = match (element.members, text) {
            (None, "") => Value::Null,
            (None, text) => Value::Text(text),
            (Some(members), "") => Value::Object(members),
            (Some(members), text) => {
                add(members, TEXT_KEY, Value::Text(text), self.arena);
                Value::Object(members)
            }
        };
        match self.open.last_mut() {
            None => self.root.push(element.name, value),
            Some(parent) => {
                let members = parent
                    .members
                    .get_or_insert_with(|| Object::new_in(self.arena));
                add(members, element.name, value, self.arena);
            }
        }
    }

    fn finish(self) -> Result<&'a mut Object<'a>, String> {
        match self.open.last() {
            Some(element) => Err(format!("the element `{}` does not end", element.name)),
            None if self.root.is_empty() => Err("there is no element".to_owned()),
            None => Ok(self.root),
        }
    }
}

/// Adds a member; the values of members of one name are a list.
fn add<'a>(object: &mut Object<'a>, name: &'a str, value: Value<'a>, arena: &'a Arena) {
    match object.get_mut(name) {
        None => object.push(name, value),
        Some(Value::List(list)) => list.push(value),
        Some(present) => {
            let first = present.take();
            *present = Value::new_list(arena, [first, value]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yagura_model::push_compact_json;

    fn json(text: &str, blanks: Blanks) -> Result<String, String> {
        let arena = Arena::new();
        let fields = parse_xml(arena.alloc_str(text), blanks, &arena)?;
        let mut out = Vec::new();
        push_compact_json(&Value::Object(fields), &mut out);
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn elements_become_members() {
        for (text, expected) in [
            ("<a/>", r#"{"a":null}"#),
            (
                "<?xml version='1.0'?>\n<!-- c --><a>x</a>\n",
                r#"{"a":"x"}"#,
            ),
            ("<a b='1' c=\"2\"/>", r#"{"a":{"b":"1","c":"2"}}"#),
            ("<a b='1'>x</a>", r##"{"a":{"b":"1","#text":"x"}}"##),
            (
                "<a><b/><b>x</b><b c='1'/></a>",
                r#"{"a":{"b":[null,"x",{"c":"1"}]}}"#,
            ),
            ("<a b='1'><b>2</b></a>", r#"{"a":{"b":["1","2"]}}"#),
            ("<a> x <b/> y </a>", r##"{"a":{"b":null,"#text":"x  y"}}"##),
            ("<a>\n <b>1</b>\n</a>", r#"{"a":{"b":"1"}}"#),
            (
                "<p:a xmlns:p='u'><p:b/></p:a>",
                r#"{"p:a":{"xmlns:p":"u","p:b":null}}"#,
            ),
            (
                "<a>&lt;x&gt; &amp;amp; &#x3042;&#33;<![CDATA[<raw> & ]]></a>",
                r#"{"a":"<x> &amp; あ!<raw> &"}"#,
            ),
            ("<a b='x&amp;y&#10;z\nw'/>", r#"{"a":{"b":"x&y\nz w"}}"#),
            (
                "<a>q&a &unknown; &#0; &</a>",
                "{\"a\":\"q&a &unknown; \u{fffd} &\"}",
            ),
            (
                "<a b='&x;'>\u{1}x\u{8}\ty</a>\0\0",
                r##"{"a":{"b":"&x;","#text":"x\ty"}}"##,
            ),
        ] {
            assert_eq!(
                json(text, Blanks::Trim).as_deref(),
                Ok(expected),
                "{text:?}"
            );
        }
        assert_eq!(
            json("<a> <b>\n</b><c> x </c></a>", Blanks::Keep).as_deref(),
            Ok(r##"{"a":{"b":"\n","c":" x ","#text":" "}}"##)
        );
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        let deep = "<a>".repeat(MAX_DEPTH + 1);
        let many = format!("<a>{}</a>", "<b/>".repeat(MAX_NODES));
        for (text, expected) in [
            ("", "there is no element"),
            ("text", "there is text outside the root element"),
            ("<a><b></a>", "ill-formed document"),
            ("<a>", "the element `a` does not end"),
            ("<a/><b/>", "`b` is a second root element"),
            ("<a b='1' b='2'/>", "`a`: "),
            ("<a><<b/></a>", "`<b` is no name"),
            ("<a <b='1'/>", "`<b` is no name"),
            (
                "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
                "it has a document type declaration",
            ),
            (&deep, "it is nested deeper than 256 elements"),
            (&many, "it has more than 10000 elements and attributes"),
        ] {
            let error = json(text, Blanks::Keep).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
