//! nginx: URL, outcome and forwarded addresses of requests, client and request of errors.

use std::sync::LazyLock;

use yagura_codec::{Captures, Pattern};
use yagura_model::{Arena, Key, KeyRow, Object, Value, is_ip_address, key, keys};
use yagura_pipeline::{Draft, Native, RequestLine, Stop, Tokens, put_request};

use crate::web::{
    is_address, plain_quoted, push_missing, put_access, put_origin, put_scheme, split_request,
    split_user, text_unless,
};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[
    (
        "nginx-access",
        Native {
            transform: Some(transform_access),
            split_line: Some(split_access),
            own_logs: &[],
        },
    ),
    (
        "nginx-error",
        Native {
            transform: Some(transform_error),
            split_line: None,
            own_logs: &[],
        },
    ),
];

/// The fields of an access log's line, in the order in which they are found.
const ACCESS_NAMES: [&str; 13] = [
    "remotehost",
    "ident",
    "authuser",
    "datetime",
    "request_method",
    "request_path",
    "request_version",
    "request_raw",
    "response_status",
    "response_body_bytes",
    "referer",
    "useragent",
    "xff",
];

static ACCESS_ROW: LazyLock<KeyRow> = LazyLock::new(|| KeyRow::new(&Key::list(ACCESS_NAMES)));

const ERROR_NAMES: [&str; 6] = [
    "connection_id",
    "datetime",
    "message",
    "process_id",
    "severity",
    "thread_id",
];

/// What nginx writes behind an error that a request caused.
const REQUEST: &str = r#"client: (?P<client_ip>[0-9a-f.:]+), server: (?:-|[^ ]*?)(?:, request: "(?:(?P<method>[^ ]+) (?P<path>[^ ]+) HTTP/(?P<version>[^ ]+)|(?P<raw>.*?))")?(?:, upstream: ".+?")?(?:, host: "(?P<host>[^ ]+?)")?(?:, referrer: "(?P<referrer>[^ ]+?)")?$"#;

thread_local! {
    static REQUEST_PATTERN: Option<Pattern> = Pattern::search(REQUEST).ok();
}

fn transform_access(draft: &mut Draft<'_>) -> Result<(), Stop> {
    put_access(draft, &ACCESS_NAMES);
    Ok(())
}

/// Splits the lines of ordinary requests; what is stranger is left to the pattern.
fn split_access<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    // A dot of the pattern stands for no line feed.
    (!line.contains('\n')).then_some(())?;
    let fields = Object::for_record_in(&ACCESS_ROW, arena);
    let (host, rest) = line.split_once(" - ")?;
    let is_host = !host.is_empty() && host.bytes().all(is_address);
    fields.push_noted(key!("remotehost"), is_host.then_some(Value::Text(host))?);
    let mut tokens = Tokens::new(rest);
    split_user(&mut tokens, fields)?;
    split_request(&mut tokens, fields)?;
    tokens.literal(" ")?;
    let referrer = plain_quoted(&mut tokens).filter(|text| !text.is_empty())?;
    fields.push_noted(key!("referer"), text_unless(referrer, "-"));
    tokens.literal(" ")?;
    fields.push_noted(
        key!("useragent"),
        text_unless(plain_quoted(&mut tokens)?, ""),
    );
    if tokens.rest().is_empty() {
        push_missing(fields, keys!["xff"]);
        return Some(fields);
    }
    tokens.literal(" ")?;
    fields.push_noted(key!("xff"), text_unless(plain_quoted(&mut tokens)?, "-"));
    tokens.rest().is_empty().then_some(fields)
}

fn transform_error(draft: &mut Draft<'_>) -> Result<(), Stop> {
    put_origin(draft);
    if let Some(message) = draft.fields.text("message") {
        REQUEST_PATTERN.with(|pattern| {
            // A message that needs too many steps has no request that could be told.
            let found = pattern
                .as_ref()
                .and_then(|pattern| pattern.captures(message).ok()?);
            if let Some(found) = found {
                put_error_request(draft, &found);
            }
        });
    }
    put_scheme(draft, "error");
    if let Some(connection) = draft.fields.text("connection_id") {
        draft.put_text("nginx.error.connection_id", connection);
    }
    for name in ERROR_NAMES {
        draft.fields.remove(name);
    }
    Ok(())
}

fn put_error_request<'a>(draft: &mut Draft<'a>, found: &Captures<'_, 'a>) {
    let (domain, port) = match found.name("host").map(|host| host.split_once(':')) {
        Some(Some((_, port))) if port.contains(':') => (None, None),
        Some(Some((domain, port))) => (Some(domain), Some(port)),
        Some(None) => (found.name("host"), None),
        None => (None, None),
    };
    let line = RequestLine {
        method: found.name("method"),
        target: found.name("path"),
        version: found.name("version"),
        raw: found.name("raw"),
    };
    let fields = [
        ("url.domain", domain),
        ("url.port", port),
        ("http.request.referrer", found.name("referrer")),
    ];
    for (path, text) in fields {
        if let Some(text) = text {
            draft.put(path, Value::Text(text));
        }
    }
    put_request(draft, line);
    if let Some(client) = found.name("client_ip") {
        draft.put_text("source.address", client);
        if is_ip_address(client) {
            draft.put_text("source.ip", client);
            draft.put_text("related.ip", client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_pattern_finds_its_parts() {
        let message = "open() failed, client: 192.0.2.1, server: _, request: \"GET /x HTTP/1.1\", \
                       upstream: \"http://127.0.0.1/\", host: \"example.com:81\", \
                       referrer: \"https://example.com/\"";
        let pattern = Pattern::search(REQUEST).unwrap();
        let found = pattern.captures(message).unwrap().unwrap();
        for (name, expected) in [
            ("client_ip", Some("192.0.2.1")),
            ("method", Some("GET")),
            ("path", Some("/x")),
            ("version", Some("1.1")),
            ("raw", None),
            ("host", Some("example.com:81")),
            ("referrer", Some("https://example.com/")),
        ] {
            assert_eq!(found.name(name), expected, "{name}");
        }
    }
}
