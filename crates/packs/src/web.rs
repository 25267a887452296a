//! What the logs of all web servers have in common.

use yagura_model::{Value, forwarded_addresses};
use yagura_pipeline::{Draft, RequestLine, find_instance_id, put_request};

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
