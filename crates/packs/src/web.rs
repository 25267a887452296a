//! What the logs of all web servers have in common.

use yagura_model::{Key, Object, Value, forwarded_addresses, key, keys};
use yagura_pipeline::{Draft, RequestLine, Tokens, find_instance_id, put_request};

/// Whether a byte may stand in an address of a web server's client.
pub(crate) fn is_address(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b'.' || byte == b':'
}

/// Takes the signed-in user and the time of an access log's line: `user [time]`.
pub(crate) fn split_user<'a>(tokens: &mut Tokens<'a>, fields: &mut Object<'a>) -> Option<()> {
    fields.push_noted(key!("ident"), Value::Null);
    let user = tokens.until(b'[')?.strip_suffix(' ')?;
    // The pattern takes the longest name, so that it could find a later bracket.
    let is_only = user == "-" || (!user.is_empty() && !tokens.rest().contains(" ["));
    is_only.then_some(())?;
    fields.push_noted(key!("authuser"), text_unless(user, "-"));
    let time = tokens.until(b']')?;
    let is_member = |byte: u8| byte.is_ascii_alphanumeric() || b"/:+ -".contains(&byte);
    let is_time = !time.is_empty() && time.bytes().all(is_member);
    fields.push_noted(key!("datetime"), is_time.then_some(Value::Text(time))?);
    tokens.literal(" ")
}

/// Takes the request, its status and the size of its answer: `"GET / HTTP/1.1" 200 512`.
pub(crate) fn split_request<'a>(tokens: &mut Tokens<'a>, fields: &mut Object<'a>) -> Option<()> {
    let names = keys!["request_method", "request_path", "request_version"];
    match tokens.quoted()? {
        "-" => push_missing(fields, names),
        request => {
            let (request, version) = request.rsplit_once(" HTTP/")?;
            let (method, path) = request.split_once(' ')?;
            // The pattern takes the longest path, so that it could find a later version.
            let is_plain =
                !method.is_empty() && !version.contains(' ') && !tokens.rest().contains(" HTTP/");
            is_plain.then_some(())?;
            for (name, text) in names.iter().zip([method, path, version]) {
                fields.push_noted(name, Value::Text(text));
            }
        }
    }
    push_missing(fields, keys!["request_raw"]);
    tokens.literal(" ")?;
    let status = tokens.word_of(|byte| byte.is_ascii_digit())?;
    let is_status = status.len() == 3;
    fields.push_noted(
        key!("response_status"),
        is_status.then_some(Value::Text(status))?,
    );
    let size = tokens.word();
    let is_size = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
    (is_size || size == "-").then_some(())?;
    fields.push_noted(key!("response_body_bytes"), text_unless(size, "-"));
    Some(())
}

/// Takes a text in double quotes in which nothing is escaped.
pub(crate) fn plain_quoted<'a>(tokens: &mut Tokens<'a>) -> Option<&'a str> {
    tokens.quoted().filter(|text| !text.contains('\\'))
}

/// The text as a value, or null for what stands in place of a missing one.
pub(crate) fn text_unless<'a>(text: &'a str, missing: &str) -> Value<'a> {
    if text == missing {
        Value::Null
    } else {
        Value::Text(text)
    }
}

/// Pushes the next fields of a row, which a line does not have, as a pattern does with groups that
/// took no part.
pub(crate) fn push_missing(fields: &mut Object<'_>, names: &'static [Key]) {
    for name in names {
        fields.push_noted(name, Value::Null);
    }
}

/// Rearranges an access log's line: instance, site, URL, outcome and forwarded addresses; the
/// fields of the line go.
pub(crate) fn put_access(draft: &mut Draft<'_>, raw_names: &[&str]) {
    put_origin(draft);
    let line = RequestLine {
        method: draft.fields.text("request_method"),
        target: draft.fields.text("request_path"),
        version: draft.fields.text("request_version"),
        raw: draft.fields.text("request_raw"),
    };
    put_request(draft, line);
    put_scheme(draft, "access");
    let status = draft.fields.text("response_status");
    let outcome = match status.and_then(|status| status.parse::<u32>().ok()) {
        Some(1..400) => "success",
        Some(400..) => "failure",
        _ => "unknown",
    };
    draft.put_text("event.outcome", outcome);
    put_forwarded(draft);
    for name in raw_names {
        draft.fields.remove(name);
    }
}

/// Puts the instance and the web site that the log's stream and the object's key tell.
pub(crate) fn put_origin(draft: &mut Draft<'_>) {
    if let Some(id) = draft.fields.text("@log_stream").and_then(find_instance_id) {
        draft.put_text("cloud.instance.id", id);
        draft.put_text("related.hosts", id);
    }
    let site = draft.fields.text("@log_s3key").and_then(|key| {
        let (_, site) = key.split_once("/web-site-name=")?;
        let (site, _) = site.split_once('/')?;
        (!site.is_empty()).then_some(site)
    });
    if let Some(site) = site {
        draft.put_text("service.name", site);
    }
}

/// Puts the scheme, which the name of the log group tells: `ssl`, or the kind of log alone.
pub(crate) fn put_scheme(draft: &mut Draft<'_>, kind: &str) {
    let group = draft.fields.text("@log_group").unwrap_or_default();
    if group.contains("ssl") {
        draft.put_text("url.scheme", "https");
    } else if group.contains(kind) {
        draft.put_text("url.scheme", "http");
    }
}

/// Puts the addresses of `X-Forwarded-For`, and with the client's into the related ones.
fn put_forwarded(draft: &mut Draft<'_>) {
    let Some(header) = draft.fields.text("xff").filter(|text| !text.is_empty()) else {
        return;
    };
    let forwarded: Vec<&str> = forwarded_addresses(header).collect();
    let mut related: Vec<&str> = draft.text("source.ip").into_iter().collect();
    related.extend(&forwarded);
    related.sort_unstable();
    related.dedup();
    let list = |texts: Vec<_>| Value::new_list(draft.arena, texts.into_iter().map(Value::Text));
    let (forwarded, related) = (list(forwarded), list(related));
    draft.put("http.request.header.x_forwarded_for", forwarded);
    draft.put("related.ip", related);
}
