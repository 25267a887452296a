//! Apache HTTP Server: URL, outcome and forwarded addresses of requests, kind of errors.

use std::sync::LazyLock;

use yagura_model::{Arena, Key, KeyRow, Object, Value, key, keys};
use yagura_pipeline::{Draft, Native, Stop, Tokens};

use crate::web::{
    is_address, plain_quoted, push_missing, put_access, put_origin, put_scheme, split_request,
    split_user, text_unless,
};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[
    (
        "apache-access",
        Native {
            transform: Some(transform_access),
            split_line: Some(split_access),
            own_logs: &[],
        },
    ),
    (
        "apache-error",
        Native {
            transform: Some(transform_error),
            split_line: None,
            own_logs: &[],
        },
    ),
];

/// The fields of an access log's line, in the order in which they are found.
const ACCESS_NAMES: [&str; 15] = [
    "xff",
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
    "request_bytes",
    "response_bytes",
];

static ACCESS_ROW: LazyLock<KeyRow> = LazyLock::new(|| KeyRow::new(&Key::list(ACCESS_NAMES)));

const ERROR_NAMES: [&str; 10] = [
    "client_ip",
    "client_port",
    "datetime",
    "debug_message",
    "log_level",
    "message",
    "message_code",
    "module",
    "pid",
    "tid",
];

fn transform_access(draft: &mut Draft<'_>) -> Result<(), Stop> {
    put_access(draft, &ACCESS_NAMES);
    Ok(())
}

/// Splits the lines of ordinary requests; what is stranger is left to the pattern.
fn split_access<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    // A dot of the pattern stands for no line feed.
    (!line.contains('\n')).then_some(())?;
    let fields = Object::for_record_in(&ACCESS_ROW, arena);
    let (client, rest) = line.split_once(" - ")?;
    split_client(client, fields)?;
    let mut tokens = Tokens::new(rest);
    split_user(&mut tokens, fields)?;
    split_request(&mut tokens, fields)?;
    if tokens.rest().starts_with(" \"") {
        for name in keys!["referer", "useragent"] {
            tokens.literal(" ")?;
            let text = plain_quoted(&mut tokens).filter(|text| !text.is_empty())?;
            fields.push_noted(name, text_unless(text, "-"));
        }
    } else {
        push_missing(fields, keys!["referer", "useragent"]);
    }
    if tokens.literal(" ").is_some() {
        let (request, response) = tokens.rest().split_once(' ')?;
        let sizes = keys!["request_bytes", "response_bytes"].iter();
        for (name, size) in sizes.zip([request, response]) {
            let is_size = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
            fields.push_noted(name, is_size.then_some(Value::Text(size))?);
        }
    } else {
        tokens.rest().is_empty().then_some(())?;
        push_missing(fields, keys!["request_bytes", "response_bytes"]);
    }
    Some(fields)
}

/// Splits the forwarded addresses, a dash in their place or nothing, and the client's own.
fn split_client<'a>(client: &'a str, fields: &mut Object<'a>) -> Option<()> {
    let (forwarded, host) = match client.rsplit_once(' ') {
        None => (Value::Null, client),
        Some(("-", host)) => (Value::Null, host),
        Some((forwarded, host)) => {
            let is_member = |byte| is_address(byte) || byte == b',' || byte == b' ';
            let is_list = forwarded.len() > 1 && forwarded.bytes().all(is_member);
            (is_list.then_some(Value::Text(forwarded))?, host)
        }
    };
    fields.push_noted(key!("xff"), forwarded);
    let is_host = host.len() > 1 && host.bytes().all(is_address);
    fields.push_noted(key!("remotehost"), is_host.then_some(Value::Text(host))?);
    Some(())
}

fn transform_error(draft: &mut Draft<'_>) -> Result<(), Stop> {
    put_origin(draft);
    if let Some(referrer) = draft.fields.text("message").and_then(find_referrer) {
        draft.put_text("http.request.referrer", referrer);
    }
    put_scheme(draft, "error");
    match draft.fields.text("log_level") {
        Some("info") => draft.put_text("event.type", "info"),
        Some("emerg" | "alert" | "crit" | "error" | "warn") => {
            draft.put_text("event.type", "error");
        }
        _ => {}
    }
    for name in ERROR_NAMES {
        draft.fields.remove(name);
    }
    Ok(())
}

/// The URL behind the first `referer:` that has one.
fn find_referrer(message: &str) -> Option<&str> {
    message.match_indices("referer:").find_map(|(at, word)| {
        let rest = message[at + word.len()..].trim_start();
        let url = rest.split(' ').next()?;
        url.starts_with("http").then_some(url)
    })
}
