//! Trend Micro Deep Security: events in CEF text that a log shipper wrapped into JSON.

mod packet;

use yagura_model::{Form, Value, is_ip_address, python_text};
use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("deepsecurity", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

/// Bars in front of the extension.
const HEADER_BARS: usize = 7;
/// Attributes that are read of one event; what comes behind them is in `message`.
const MAX_ATTRIBUTES: usize = 500;

/// Attributes and the fields they become; addresses are moved only if they are valid.
const MAPPING: [(&str, &str); 17] = [
    ("dst", "destination.ip"),
    ("dpt", "destination.port"),
    ("dmac", "destination.mac"),
    ("out", "destination.bytes"),
    ("src", "source.ip"),
    ("spt", "source.port"),
    ("smac", "source.mac"),
    ("in", "source.bytes"),
    ("proto", "network.transport"),
    ("act", "event.action"),
    ("hostname", "server.name"),
    ("fluent_hostname", "server.name"),
    ("fname", "file.path"),
    ("cnt", "event.count"),
    ("cs1", "rule.category"),
    ("cn1", "host.id"),
    ("msg", "event.original"),
];

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let message = draft.fields.text("message").unwrap_or_default();
    let header = Header::split(message).ok_or(Stop("`message` is no CEF"))?;
    let [_, vendor, product, version, signature, name, severity] = header.parts;
    let agent = draft.keep(&format!("{vendor} {product} {version}"));
    draft.put_text("agent.name", agent);
    let rule = draft.keep(&format!("{signature} {name}").replace("\\|", "|"));
    draft.put_text("rule.name", rule);
    draft.put_text("event.severity", severity);
    put_attributes(draft, header.extension);
    if draft.fields.text("act") == Some("IDS:Reset") {
        // In this mode the product only reports.
        draft.put_text("act", "DetectOnly:NotReset");
    }
    for (attribute, path) in MAPPING {
        move_attribute(draft, attribute, path);
    }
    if draft.text("source.ip").is_none()
        && let Some(device) = draft.fields.text("dvc").filter(|text| is_ip_address(text))
    {
        draft.put_text("source.ip", device);
    }
    packet::decode(draft);
    draft.fields.remove("TrendMicroDsTenant");
    draft.fields.remove("TrendMicroDsTenantId");
    Ok(())
}

/// The parts of a CEF text.
struct Header<'t> {
    parts: [&'t str; HEADER_BARS],
    extension: &'t str,
}

impl<'t> Header<'t> {
    fn split(message: &'t str) -> Option<Header<'t>> {
        let mut parts = [""; HEADER_BARS];
        let mut rest = message;
        for part in &mut parts {
            (*part, rest) = split_at_bar(rest)?;
        }
        Some(Header {
            parts,
            extension: rest,
        })
    }
}

/// Splits at the first bar that no backslash precedes.
fn split_at_bar(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let at = text.bytes().position(|byte| {
        let is_end = byte == b'|' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some((&text[..at], &text[at + 1..]))
}

/// Adds the `key=value` pairs as fields; none takes the place of a field of the record.
fn put_attributes<'a>(draft: &mut Draft<'a>, extension: &'a str) {
    let first = draft.fields.len();
    for (key, value) in attributes(extension) {
        let mut words = value.split_whitespace();
        let Some(word) = words.next() else {
            continue;
        };
        let mut text = word.to_owned();
        for word in words {
            text.push(' ');
            text.push_str(word);
        }
        let text = draft.keep(&text.replace("\\=", "="));
        match draft.fields.position(key) {
            None => draft.fields.push(key, Value::Text(text)),
            Some(at) if at >= first => draft.fields.set(key, Value::Text(text)),
            Some(_) => {}
        }
    }
}

/// The pairs of an extension; a value ends before the blank in front of the next key.
fn attributes(extension: &str) -> Vec<(&str, &str)> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    let mut word_at = 0;
    let mut value_at = 0;
    for word in extension.split_inclusive(char::is_whitespace) {
        if let Some((key, _)) = word.split_once('=').filter(|(key, _)| is_key(key)) {
            if let Some((_, value)) = pairs.last_mut() {
                *value = &extension[value_at..word_at];
            }
            if pairs.len() == MAX_ATTRIBUTES {
                return pairs;
            }
            value_at = word_at + key.len() + 1;
            pairs.push((key, &extension[value_at..]));
        }
        word_at += word.len();
    }
    pairs
}

fn is_key(text: &str) -> bool {
    let is_member = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    !text.is_empty() && text.bytes().all(is_member)
}

/// Moves an attribute to a common field; an address that is none stays where it is.
fn move_attribute(draft: &mut Draft<'_>, attribute: &str, path: &'static str) {
    let Some(value) = draft
        .fields
        .get(attribute)
        .filter(|value| value.is_truthy())
    else {
        return;
    };
    let text = python_text(value, Form::Plain, draft.arena);
    if path.ends_with(".ip") && !is_ip_address(text) {
        return;
    }
    draft.fields.remove(attribute);
    draft.put_text(path, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_before_the_next_key() {
        for (extension, expected) in [
            ("a=1 b=two words c=", "a:1|b:two words|c:"),
            ("noise a=x=y z\\=w b=Zg== ", "a:x=y z\\=w|b:Zg=="),
            ("a=1\tb=2", "a:1|b:2"),
            ("", ""),
            ("no pair", ""),
        ] {
            let shown = |(key, value): &(&str, &str)| format!("{key}:{}", value.trim());
            let pairs: Vec<String> = attributes(extension).iter().map(shown).collect();
            assert_eq!(pairs.join("|"), expected, "{extension}");
        }
    }

    #[test]
    fn attributes_are_capped() {
        assert_eq!(attributes(&"k=v ".repeat(100_000)).len(), MAX_ATTRIBUTES);
    }

    #[test]
    fn headers_have_seven_bars_that_are_not_escaped() {
        let header = Header::split(r"CEF:0|Trend Micro|D\|S|20|6|Na\|me|3|a=b|c");
        assert!(
            header.is_some_and(|header| header.parts[2] == r"D\|S" && header.extension == "a=b|c")
        );
        assert!(Header::split("too|few|fields").is_none());
    }
}
