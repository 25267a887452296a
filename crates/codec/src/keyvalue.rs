//! `key=value` pairs anywhere in a line, as firewalls and programs write them.

use std::borrow::Cow;

use yagura_model::{Arena, Object, Value};

use crate::{FailureReason, LineParser};

/// Pairs of one record; what comes behind them stays in the text alone.
const MAX_PAIRS: usize = 500;
/// Bytes of a key; a longer word before an equals sign is no key.
const MAX_KEY_BYTES: usize = 128;

/// Takes the pairs out of a line; a line without any is a record without fields of its own.
pub struct KeyValue;

impl LineParser for KeyValue {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        let fields = Object::with_capacity_in(40, arena);
        push_key_values(line, fields, arena);
        Ok(fields)
    }
}

/// Adds the pairs of a text to the fields; of a key that comes twice, and of one that is there
/// already, the first value stays.
pub(crate) fn push_key_values<'a>(text: &'a str, fields: &mut Object<'a>, arena: &'a Arena) {
    for (key, value) in Pairs::new(text).take(MAX_PAIRS) {
        if fields.get(key).is_some() {
            continue;
        }
        let value = match value {
            Cow::Borrowed(value) => value,
            Cow::Owned(value) => arena.alloc_str(&value),
        };
        fields.push(key, Value::Text(value));
    }
}

/// How many pairs a text has, and how many of its bytes they are.
pub(crate) fn weigh_key_values(text: &str) -> (usize, usize) {
    let mut pairs = Pairs::new(text);
    let count = pairs.by_ref().take(MAX_PAIRS).count();
    (count, pairs.bytes)
}

/// The pairs of a text, from its start.
///
/// A key is a word of letters, digits and `_-.@/:[]` with a letter or `_` in front. A value ends
/// at white space or a comma, semicolon or bar behind it, or at its closing quote; a backslash in
/// quotes hides the next character.
struct Pairs<'t> {
    rest: &'t str,
    /// Bytes of the pairs so far.
    bytes: usize,
}

impl<'t> Pairs<'t> {
    fn new(text: &'t str) -> Self {
        Pairs {
            rest: text,
            bytes: 0,
        }
    }

    fn take_value(&mut self, text: &'t str) -> Cow<'t, str> {
        let quote = text.chars().next().filter(|first| "\"'".contains(*first));
        if let Some(quote) = quote
            && let Some((value, rest)) = take_quoted(&text[1..], quote)
        {
            self.rest = rest;
            return value;
        }
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        // `a=1,b=2`: the next key begins behind the separator.
        let next = word
            .char_indices()
            .find(|(at, character)| ",;|".contains(*character) && begins_with_key(&word[at + 1..]));
        if let Some((at, _)) = next {
            self.rest = &text[at + 1..];
            return Cow::Borrowed(&word[..at]);
        }
        let word = word.trim_end_matches([',', ';', '|']);
        Cow::Borrowed(match word.strip_suffix([']', ')']) {
            // The bracket was opened in front of the key.
            Some(inside) if !word.contains(['[', '(']) => inside,
            _ => word,
        })
    }
}

impl<'t> Iterator for Pairs<'t> {
    type Item = (&'t str, Cow<'t, str>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let at = memchr::memchr(b'=', self.rest.as_bytes())?;
            let (before, after) = (&self.rest[..at], &self.rest[at + 1..]);
            let start = before
                .rfind(|character: char| !is_key_character(character))
                .map_or(0, |last| {
                    last + before[last..].chars().next().map_or(1, char::len_utf8)
                });
            let key = before[start..].trim_start_matches(['[', ':', '/', '.', '-']);
            // `==`, `>=` and the like are no pairs, nor is an address with a query.
            if !is_key(key) || after.starts_with(['=', '>', '~']) || before.ends_with(['!', '<']) {
                self.rest = after;
                continue;
            }
            let value = self.take_value(after);
            self.bytes += key.len() + 1 + (after.len() - self.rest.len());
            return Some((key, value));
        }
    }
}

/// The text up to the closing quote and what is behind it.
fn take_quoted(text: &str, quote: char) -> Option<(Cow<'_, str>, &str)> {
    let mut decoded = String::new();
    let mut characters = text.char_indices();
    let mut from = 0;
    while let Some((at, character)) = characters.next() {
        if character == quote {
            let rest = &text[at + 1..];
            if from == 0 {
                return Some((Cow::Borrowed(&text[..at]), rest));
            }
            decoded.push_str(&text[from..at]);
            return Some((Cow::Owned(decoded), rest));
        }
        if character == '\\'
            && let Some((next, hidden)) = characters.next()
            && (hidden == quote || hidden == '\\')
        {
            decoded.push_str(&text[from..at]);
            from = next;
        }
    }
    None
}

fn begins_with_key(text: &str) -> bool {
    let end = text
        .find(|character| !is_key_character(character))
        .unwrap_or(text.len());
    is_key(&text[..end]) && text[end..].starts_with('=')
}

fn is_key(text: &str) -> bool {
    let first = text.chars().next();
    let is_start = first.is_some_and(|first| first.is_alphabetic() || "_@".contains(first));
    is_start && text.len() <= MAX_KEY_BYTES
}

fn is_key_character(character: char) -> bool {
    character.is_alphanumeric() || "_-.@/:[]".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> String {
        let pairs = Pairs::new(text).map(|(key, value)| format!("{key}={value}"));
        pairs.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn pairs_are_found_anywhere() {
        for (text, expected) in [
            ("a=1 b=two", "a=1|b=two"),
            (
                r#"level=info msg="it \"works\" \\ well" n=3"#,
                r#"level=info|msg=it "works" \ well|n=3"#,
            ),
            (
                "time=12:00:00,devname=fw1,action='deny it'",
                "time=12:00:00|devname=fw1|action=deny it",
            ),
            (
                "Jun 15 drop IN=eth0 OUT= MAC=aa:bb SRC=192.0.2.1",
                "IN=eth0|OUT=|MAC=aa:bb|SRC=192.0.2.1",
            ),
            (
                "[user=alice] (host=web) x=f(1)",
                "user=alice|host=web|x=f(1)",
            ),
            (
                "url=https://example.com/?a=1&b=2 x=y",
                "url=https://example.com/?a=1&b=2|x=y",
            ),
            ("a==b c!=d e>=f 1=2 =x", ""),
            (r#"open="no end here"#, r#"open="no"#),
            ("日本=東京 ключ=значение", "日本=東京|ключ=значение"),
            ("nothing", ""),
            ("", ""),
        ] {
            assert_eq!(pairs(text), expected, "{text}");
        }
    }

    #[test]
    fn the_first_value_of_a_key_stays() {
        let arena = Arena::new();
        let fields = KeyValue.parse("a=1 a=2 b=3", &arena).unwrap();
        assert_eq!(fields.text("a"), Some("1"));
        assert_eq!(fields.len(), 2);
    }
}
