//! AWS Network Firewall logs: transport protocol, and alerts as such.

use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("networkfirewall", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    if draft.fields.get("network").is_some()
        && let Some(protocol) = draft.text("event.proto")
    {
        let protocol = draft.keep(&protocol.to_lowercase());
        draft.put_text("network.transport", protocol);
    }
    let kind = draft.text("event.event_type");
    if kind.ok_or(Stop("`event.event_type` is missing"))? == "alert" {
        draft.put_text("event.kind", "alert");
        draft.put_text("event.category", "intrusion_detection");
    }
    Ok(())
}
