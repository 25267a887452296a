//! Log Event Extended Format (LEEF), versions 1.0 and 2.0: a header between bars, then pairs
//! separated by a tab or by the character that the header names.

use yagura_model::{Arena, Object, Value};

use crate::cef::{Header, apply_labels, header_text};
use crate::text::trim;
use crate::{FailureReason, LineParser};

/// Pairs of one record; what comes behind them stays in the value of the last.
const MAX_PAIRS: usize = 500;

/// Takes lines of LEEF apart; other lines are kept as they are, with `error.message`.
pub struct Leef;

impl LineParser for Leef {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        parse_leef(line, arena).ok_or_else(|| {
            let detail = "the line has no LEEF header of five parts";
            (FailureReason::PatternMismatch, detail.to_owned())
        })
    }

    fn kept_with(&self) -> Option<&'static str> {
        Some("invalid leef file")
    }
}

/// The fields of a LEEF text: `leef_version`, `leef_vendor` and so on, then the attributes with
/// their labels applied; `None` without a header of five parts.
pub fn parse_leef<'a>(text: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let fields = Object::with_capacity_in(48, arena);
    let mut header = Header::new(find_signature(trim(text))?);
    let version = header.closed_part()?.trim();
    fields.push("leef_version", Value::Text(version));
    for name in ["leef_vendor", "leef_product", "leef_product_version"] {
        fields.push(name, Value::Text(header_text(header.closed_part()?, arena)));
    }
    let event_id = header_text(header.part()?, arena);
    fields.push("leef_event_id", Value::Text(event_id));
    let attributes = header.rest.unwrap_or_default();
    let (delimiter, attributes) = match version.starts_with('2') {
        true => split_delimiter(attributes),
        false => ('\t', attributes),
    };
    push_pairs(attributes, delimiter, fields);
    apply_labels(fields);
    Some(fields)
}

/// The text behind the first `LEEF:` that a version number follows.
fn find_signature(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let (_, after) = rest.split_once("LEEF:")?;
        if after.trim_start().starts_with(['1', '2']) {
            return Some(after);
        }
        rest = after;
    }
}

/// The delimiter that a header of version 2.0 names, and the attributes behind it. The part may
/// be empty or missing, which means a tab; so does anything that is no delimiter.
fn split_delimiter(text: &str) -> (char, &str) {
    // The delimiter may be the bar itself.
    if let Some(attributes) = text.strip_prefix("||") {
        return ('|', attributes);
    }
    let Some((part, attributes)) = text.split_once('|') else {
        return ('\t', text);
    };
    match delimiter(part) {
        Some(delimiter) => (delimiter, attributes),
        None => ('\t', text),
    }
}

fn delimiter(part: &str) -> Option<char> {
    let mut characters = part.chars();
    match (characters.next(), characters.next()) {
        (None, _) => return Some('\t'),
        (Some(character), None) => return Some(character),
        _ if part == "\\t" => return Some('\t'),
        _ => {}
    }
    let digits = part
        .strip_prefix("0x")
        .or_else(|| part.strip_prefix("0X"))
        .or_else(|| part.strip_prefix(['x', 'X']))
        .or_else(|| part.strip_prefix("\\x"))?;
    let is_hex = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex);
    code.and_then(char::from_u32)
}

/// Adds the pairs; a piece without an equals sign belongs to the value before it.
fn push_pairs<'a>(text: &'a str, delimiter: char, fields: &mut Object<'a>) {
    let mut open: Option<(&'a str, usize)> = None;
    let (mut from, mut pairs) = (0usize, 0);
    let mut close = |open: Option<(&'a str, usize)>, end: usize| {
        if let Some((key, value_at)) = open {
            fields.set(key, Value::Text(&text[value_at..end.max(value_at)]));
        }
    };
    for piece in text.split(delimiter) {
        let key = piece.split_once('=').map(|(key, _)| key);
        let trimmed = key.map(str::trim).filter(|key| !key.is_empty());
        if let (Some(key), Some(name)) = (key, trimmed)
            && pairs < MAX_PAIRS
        {
            close(open, from.saturating_sub(delimiter.len_utf8()));
            open = Some((name, from + key.len() + 1));
            pairs += 1;
        }
        from += piece.len() + delimiter.len_utf8();
    }
    close(open, text.len());
}

#[cfg(test)]
mod tests {
    use super::*;
    use yagura_model::push_compact_json;

    fn json(text: &str) -> Option<String> {
        let arena = Arena::new();
        let fields = parse_leef(arena.alloc_str(text), &arena)?;
        for name in ["vendor", "product", "product_version"] {
            fields.remove(&format!("leef_{name}"));
        }
        let mut out = Vec::new();
        push_compact_json(&Value::Object(fields), &mut out);
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn both_versions_and_their_delimiters() {
        for (text, expected) in [
            (
                "LEEF:1.0|V|P|1|42|src=192.0.2.1\tmsg=a b=c\tusrName=x",
                r#""1.0","leef_event_id":"42","src":"192.0.2.1","msg":"a b=c","usrName":"x""#,
            ),
            (
                "<13>Jan 2 03:04:05 h LEEF:1.0|V|P|1|a\\|b|k=v",
                r#""1.0","leef_event_id":"a|b","k":"v""#,
            ),
            (
                "LEEF:2.0|V|P|1|42|^|src=1^dst=2",
                r#""2.0","leef_event_id":"42","src":"1","dst":"2""#,
            ),
            (
                "LEEF:2.0|V|P|1|42|0x5E|src=1^dst=2",
                r#""2.0","leef_event_id":"42","src":"1","dst":"2""#,
            ),
            (
                "LEEF:2.0|V|P|1|42|xa6|src=1¦dst=2",
                r#""2.0","leef_event_id":"42","src":"1","dst":"2""#,
            ),
            (
                "LEEF:2.0|V|P|1|42|\\t|src=1\tdst=2",
                r#""2.0","leef_event_id":"42","src":"1","dst":"2""#,
            ),
            (
                "LEEF:2.0|V|P|1|42||src=1\tdst=2",
                r#""2.0","leef_event_id":"42","src":"1","dst":"2""#,
            ),
            (
                "LEEF:2.0|V|P|1|42|||src=1|dst=2",
                r#""2.0","leef_event_id":"42","src":"1","dst":"2""#,
            ),
            (
                "LEEF:2.0|V|P|1|42|src=1\tdst=a|b",
                r#""2.0","leef_event_id":"42","src":"1","dst":"a|b""#,
            ),
            ("LEEF:1.0|V|P|1|42", r#""1.0","leef_event_id":"42""#),
            (
                "LEEF:1.0|V|P|1|42|a=1\tno pair\tb= \t=x",
                r#""1.0","leef_event_id":"42","a":"1\tno pair","b":" \t=x""#,
            ),
            (
                "LEEF:1.0|V|P|1|42|cs1=v\tcs1Label=Rule",
                r#""1.0","leef_event_id":"42","Rule":"v""#,
            ),
        ] {
            let expected = format!(r#"{{"leef_version":{expected}}}"#);
            assert_eq!(json(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_lines_are_refused() {
        for text in ["", "no leef", "LEEF:x|V|P|1|42|", "LEEF:1.0|V|P|1"] {
            assert_eq!(json(text), None, "{text}");
        }
    }
}
