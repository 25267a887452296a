//! AWS Client VPN connection logs: outcome, error, sizes as numbers, times in ISO 8601.

use yagura_model::{Object, Value};
use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("clientvpn", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

/// How the log writes that there is no value.
const NONE: &str = "NA";

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    match draft.fields.text("connection-attempt-status") {
        Some("successful") => draft.put_text("event.outcome", "success"),
        Some("failed") => draft.put_text("event.outcome", "failure"),
        _ => {}
    }
    if draft.fields.text("client-ip") == Some(NONE) {
        draft.fields.remove("client-ip");
    }
    // What one step lacks does not keep the others from being done.
    let steps = [
        add_error(draft),
        add_traffic(draft),
        put_times(draft),
        add_duration(draft),
    ];
    steps.into_iter().collect()
}

fn add_error(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let reason = draft.fields.text("connection-attempt-failure-reason");
    let reason = reason.ok_or(Stop("`connection-attempt-failure-reason` is missing"))?;
    if reason != NONE {
        let error = draft.wrap("message", Value::Text(reason));
        draft.put("error", error);
    }
    Ok(())
}

fn put_times(draft: &mut Draft<'_>) -> Result<(), Stop> {
    for name in ["connection-start-time", "connection-end-time"] {
        match draft.fields.text(name) {
            Some(NONE) => drop(draft.fields.remove(name)),
            Some("") | None => {}
            Some(time) => put_time(draft, name, time),
        }
    }
    let name = "connection-last-update-time";
    let updated = draft.fields.text(name);
    let updated = updated.ok_or(Stop("`connection-last-update-time` is missing"))?;
    put_time(draft, name, updated);
    Ok(())
}

/// Sums what went in and out.
fn add_traffic(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let sum = |[egress, ingress]: [&str; 2]| {
        let egress = count(draft.fields, egress)?;
        egress.checked_add(count(draft.fields, ingress)?)
    };
    let is_no_number = Stop("bytes or packets are no number");
    let bytes = sum(["egress-bytes", "ingress-bytes"]).ok_or(is_no_number)?;
    let packets = sum(["egress-packets", "ingress-packets"]).ok_or(is_no_number)?;
    if bytes != 0 || packets != 0 {
        let traffic = Object::with_capacity_in(2, draft.arena);
        for (name, number) in [("bytes", bytes), ("packets", packets)] {
            traffic.push(name, Value::Number(draft.keep(&number.to_string())));
        }
        draft.put("network", Value::Object(traffic));
    }
    Ok(())
}

/// A count; a missing one is zero.
fn count(fields: &Object<'_>, name: &str) -> Option<u64> {
    match fields.get(name) {
        None => Some(0),
        Some(value) => number(value),
    }
}

fn number(value: &Value<'_>) -> Option<u64> {
    match value {
        Value::Text(text) | Value::Number(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// `2025-06-10 01:02:03` is in UTC.
fn put_time(draft: &mut Draft<'_>, name: &'static str, time: &str) {
    let time = format!("{}+00:00", time.replace(' ', "T"));
    let time = draft.keep(&time);
    draft.put_text(name, time);
}

/// Seconds to nanoseconds.
fn add_duration(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let seconds = draft.fields.get("connection-duration-seconds");
    let seconds = seconds.ok_or(Stop("`connection-duration-seconds` is missing"))?;
    if seconds.as_text() == Some(NONE) {
        return Ok(());
    }
    let nanoseconds = number(seconds).and_then(|seconds| seconds.checked_mul(1_000_000_000));
    let nanoseconds = nanoseconds.ok_or(Stop("`connection-duration-seconds` is no number"))?;
    let nanoseconds = draft.keep(&nanoseconds.to_string());
    draft.put("event.duration", Value::Number(nanoseconds));
    Ok(())
}
