//! Apache HTTP Server: URL, outcome and forwarded addresses of requests, kind of errors.

use yagura_pipeline::{Draft, Native, Stop};

use crate::web::{put_access, put_origin, put_scheme};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[
    (
        "apache-access",
        Native {
            transform: Some(transform_access),
            split_line: None,
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

const ACCESS_NAMES: [&str; 15] = [
    "authuser",
    "datetime",
    "ident",
    "referer",
    "remotehost",
    "request_bytes",
    "request_method",
    "request_path",
    "request_raw",
    "request_version",
    "response_body_bytes",
    "response_bytes",
    "response_status",
    "useragent",
    "xff",
];

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
