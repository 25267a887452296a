//! Common Event Format (CEF): a header of seven parts between bars, then `key=value` pairs.
//!
//! Written to version 27 of the specification, and tolerant where devices are not: a syslog header
//! may stand in front, the severity may be missing, and an equals sign in a value need not be
//! escaped.

use std::borrow::Cow;

use yagura_model::{Arena, Object, Value};

use crate::text::trim;
use crate::{FailureReason, LineParser};

/// Pairs of one record; what comes behind them stays in the value of the last.
const MAX_PAIRS: usize = 500;

/// What the name of a field ends with that names another field.
const LABEL: &str = "Label";

/// Takes lines of CEF apart; other lines are kept as they are, with `error.message`.
pub struct Cef;

impl LineParser for Cef {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        parse_cef(line, arena).ok_or_else(|| {
            let detail = "the line has no CEF header of six parts or more";
            (FailureReason::PatternMismatch, detail.to_owned())
        })
    }

    fn kept_with(&self) -> Option<&'static str> {
        Some("invalid cef file")
    }
}

/// The fields of a CEF text: `cef_version`, `cef_device_vendor` and so on, then the extension's
/// keys with their labels applied; `None` without a header of at least six parts.
pub fn parse_cef<'a>(text: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let fields = Object::with_capacity_in(48, arena);
    let mut header = Header::new(find_signature(trim(text))?);
    fields.push("cef_version", Value::Text(header.closed_part()?.trim()));
    for name in [
        "cef_device_vendor",
        "cef_device_product",
        "cef_device_version",
        "cef_device_event_class_id",
    ] {
        fields.push(name, Value::Text(header_text(header.closed_part()?, arena)));
    }
    let name = header
        .part()
        .filter(|name| header.rest.is_some() || !name.contains('='))?;
    fields.push("cef_name", Value::Text(header_text(name, arena)));
    let before_severity = header.rest;
    let extension = match header.part() {
        Some(severity) if opens_extension(severity) => before_severity,
        Some(severity) => {
            fields.push("cef_severity", Value::Text(header_text(severity, arena)));
            header.rest
        }
        None => None,
    };
    push_pairs(extension.unwrap_or_default(), fields, arena);
    apply_labels(fields);
    Some(fields)
}

/// The text behind the first `CEF:` that a version number follows.
fn find_signature(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let (_, after) = rest.split_once("CEF:")?;
        if after.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            return Some(after);
        }
        rest = after;
    }
}

/// The parts of a header between bars.
pub(crate) struct Header<'h> {
    /// What was not taken; `None` when the last part had no bar behind it.
    pub(crate) rest: Option<&'h str>,
}

impl<'h> Header<'h> {
    pub(crate) fn new(text: &'h str) -> Self {
        Header { rest: Some(text) }
    }

    /// Takes the text to the next bar that is not escaped, or to the end.
    pub(crate) fn part(&mut self) -> Option<&'h str> {
        let text = self.rest?;
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memchr2(b'|', b'\\', bytes.get(at..).unwrap_or_default()) {
            at += found;
            if bytes.get(at) == Some(&b'|') {
                self.rest = Some(&text[at + 1..]);
                return Some(&text[..at]);
            }
            at += 2;
        }
        self.rest = None;
        Some(text)
    }

    /// Takes a part that a bar ends.
    pub(crate) fn closed_part(&mut self) -> Option<&'h str> {
        self.part().filter(|_| self.rest.is_some())
    }
}

/// Whether what stands in the place of the severity is a pair, so that there is none.
fn opens_extension(part: &str) -> bool {
    part.split_once('=').is_some_and(|(key, _)| is_key(key))
}

/// A part of the header without its escapes: `\|` and `\\`.
pub(crate) fn header_text<'a>(part: &'a str, arena: &'a Arena) -> &'a str {
    unescape(part, arena, |escaped| match escaped {
        '|' | '\\' => Some(escaped),
        _ => None,
    })
}

/// A value of the extension without its escapes; a backslash before anything else is itself.
fn value_text<'a>(value: &'a str, arena: &'a Arena) -> &'a str {
    unescape(value, arena, |escaped| match escaped {
        '=' | '\\' | '|' => Some(escaped),
        'n' => Some('\n'),
        'r' => Some('\r'),
        _ => None,
    })
}

fn unescape<'a>(
    text: &'a str,
    arena: &'a Arena,
    meaning: impl Fn(char) -> Option<char>,
) -> &'a str {
    let mut rest = text;
    let mut out = Cow::Borrowed("");
    while let Some((before, after)) = rest.split_once('\\') {
        let out = out.to_mut();
        out.push_str(before);
        let escaped = after.chars().next();
        match (escaped, escaped.and_then(&meaning)) {
            (Some(escaped), Some(meant)) => {
                out.push(meant);
                rest = &after[escaped.len_utf8()..];
            }
            _ => {
                out.push('\\');
                rest = after;
            }
        }
    }
    match out {
        Cow::Borrowed(_) => text,
        Cow::Owned(mut out) => {
            out.push_str(rest);
            arena.alloc_str(&out)
        }
    }
}

/// Adds the pairs of an extension. A key follows white space and has only letters, digits and
/// `_`, `.`, `-`, `[`, `]`; every other equals sign belongs to the value. Of the white space before
/// a key the last character is no part of the value.
fn push_pairs<'a>(text: &'a str, fields: &mut Object<'a>, arena: &'a Arena) {
    let mut open: Option<(&'a str, usize)> = None;
    let mut pairs = 0;
    let (mut at, mut word_from) = (0, 0);
    let bytes = text.as_bytes();
    while let Some(found) = memchr::memchr2(b'=', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes.get(at) == Some(&b'\\') {
            at += 2;
            continue;
        }
        // What comes before the last equals sign was looked at then.
        if let Some(key_at) = key_before(text, word_from, at, open.is_none())
            && pairs < MAX_PAIRS
        {
            if let Some((key, from)) = open {
                let mut value = text[from..key_at].chars();
                value.next_back();
                fields.set(key, Value::Text(value_text(value.as_str(), arena)));
            }
            open = Some((&text[key_at..at], at + 1));
            pairs += 1;
        }
        at += 1;
        word_from = at;
    }
    if let Some((key, from)) = open {
        fields.set(key, Value::Text(value_text(&text[from..], arena)));
    }
}

/// Where the key begins that the equals sign at `at` ends, if it does. The first one may follow a
/// bar that devices leave unescaped in the header.
fn key_before(text: &str, from: usize, at: usize, is_first: bool) -> Option<usize> {
    let before = text.get(from..at)?;
    let blank = before.char_indices().rfind(|(_, c)| c.is_whitespace());
    let start = match blank {
        Some((blank_at, character)) => blank_at + character.len_utf8(),
        None if is_first => 0,
        None => return None,
    };
    let word = &before[start..];
    let start = match word.rfind('|') {
        Some(bar) if is_first => start + bar + 1,
        _ => start,
    };
    is_key(&before[start..]).then_some(from + start)
}

fn is_key(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']'))
}

/// Gives `cs1` the name that `cs1Label` holds, for every such pair of fields.
pub(crate) fn apply_labels(fields: &mut Object<'_>) {
    let labelled: Vec<_> = fields
        .iter()
        .filter_map(|member| {
            let key = member.key.strip_suffix(LABEL)?;
            let label = member.value.as_text().filter(|label| !label.is_empty())?;
            (fields.get(key).is_some()).then_some((key, member.key, label))
        })
        .collect();
    for (key, label_key, label) in labelled {
        // An earlier label may have taken the field away.
        if let Some(value) = fields.remove(key) {
            fields.remove(label_key);
            fields.set(label, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yagura_model::push_compact_json;

    fn json(text: &str) -> Option<String> {
        let arena = Arena::new();
        let fields = parse_cef(arena.alloc_str(text), &arena)?;
        for (old, _) in [("cef_version", ""), ("cef_device_vendor", "")] {
            fields.remove(old);
        }
        for name in ["product", "version", "event_class_id"] {
            fields.remove(&format!("cef_device_{name}"));
        }
        let mut out = Vec::new();
        push_compact_json(&Value::Object(fields), &mut out);
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn header_and_extension() {
        for (text, expected) in [
            (
                "CEF:0|V|P|1|id|n|5|src=192.0.2.1 act=blocked by rule",
                r#"{"cef_name":"n","cef_severity":"5","src":"192.0.2.1","act":"blocked by rule"}"#,
            ),
            (
                "<13>Jan  2 03:04:05 h CEF: CEF: 1|V|P|1|id|n|5|",
                r#"{"cef_name":"n","cef_severity":"5"}"#,
            ),
            (
                r"CEF:0|V|P|1|id|a \| b \\ c \x|5|k=v",
                r#"{"cef_name":"a | b \\ c \\x","cef_severity":"5","k":"v"}"#,
            ),
            (
                "CEF:0|V|P|1|id|a = b|5|k=v",
                r#"{"cef_name":"a = b","cef_severity":"5","k":"v"}"#,
            ),
            (
                "CEF:0|V|P|1|id|n|5",
                r#"{"cef_name":"n","cef_severity":"5"}"#,
            ),
            ("CEF:0|V|P|1|id|n", r#"{"cef_name":"n"}"#),
            (
                "CEF:0|V|P|1|id|n|k=a|b l=c",
                r#"{"cef_name":"n","k":"a|b","l":"c"}"#,
            ),
            (
                "CEF:0|V|P|1|id|pipe | inside|5|k=v",
                r#"{"cef_name":"pipe ","cef_severity":" inside","k":"v"}"#,
            ),
            (
                "CEF:0|V|P|1|id|n||k=v",
                r#"{"cef_name":"n","cef_severity":"","k":"v"}"#,
            ),
        ] {
            assert_eq!(json(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn values_and_escapes() {
        for (extension, expected) in [
            (r"msg=a\=b\\c\nd\|e\x", r#""msg":"a=b\\c\nd|e\\x""#),
            (
                "request=http://x/?a=b&c=d src=1",
                r#""request":"http://x/?a=b&c=d","src":"1""#,
            ),
            (
                "msg=see http://x/?a=b src=1",
                r#""msg":"see http://x/?a=b","src":"1""#,
            ),
            ("a=1  b=two  words ", r#""a":"1 ","b":"two  words""#),
            ("a= b=1 a=2", r#""a":"2","b":"1""#),
            ("a=b=c==d e=", r#""a":"b=c==d","e":"""#),
            (r"p=C:\dir\ q=1", r#""p":"C:\\dir\\","q":"1""#),
            (
                "ad.x[0]=1 ad-y=2 \u{3000}名=3",
                r#""ad.x[0]":"1","ad-y":"2 ","名":"3""#,
            ),
            ("no pairs", ""),
            (r"a=\", r#""a":"\\""#),
            (
                "cs1=v w cs1Label=Rule Name cs2=orphan cs3Label=Only cn1=5 cn1Label=",
                r#""cs2":"orphan","cs3Label":"Only","cn1":"5","cn1Label":"","Rule Name":"v w""#,
            ),
            ("a=1 aLabel=b b=2 bLabel=a", r#""a":"1""#),
        ] {
            let expected = match expected {
                "" => r#"{"cef_name":"n","cef_severity":"5"}"#.to_owned(),
                expected => format!(r#"{{"cef_name":"n","cef_severity":"5",{expected}}}"#),
            };
            let found = json(&format!("CEF:0|V|P|1|id|n|5|{extension}"));
            assert_eq!(found, Some(expected), "{extension}");
        }
    }

    #[test]
    fn other_lines_are_refused() {
        for text in [
            "",
            "no cef at all",
            "CEF:x|V|P|1|id|n|5|",
            "CEF:0|V|P|1|id",
            "CEF:0|V|P|1|id|k=v l=w",
        ] {
            assert_eq!(json(text), None, "{text}");
        }
    }

    #[test]
    fn the_number_of_pairs_is_bounded() {
        let pairs: String = (0..100_000).map(|at| format!("k{at}=v ")).collect();
        let arena = Arena::new();
        let text = arena.alloc_str(&format!("CEF:0|V|P|1|id|n|5|{pairs}"));
        let fields = parse_cef(text, &arena).unwrap();
        assert_eq!(fields.len(), 7 + MAX_PAIRS);
        assert!(fields.text("k499").unwrap().starts_with("v k500=v k501"));
    }
}
