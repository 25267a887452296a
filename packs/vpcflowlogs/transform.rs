//! VPC and transit gateway flow logs: outcome and transport protocol.

use yagura_model::{Arena, HintedKey, Value, key};
use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("vpcflowlogs", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

// Flow logs differ in their columns, but those of an account mostly have the same.
static EVENT: HintedKey = HintedKey::of(key!("event"));
static ACTION: HintedKey = HintedKey::of(key!("action"));
static PROTOCOL: HintedKey = HintedKey::of(key!("protocol"));
static NETWORK: HintedKey = HintedKey::of(key!("network"));

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let resource_type = draft.fields.get("resource_type");
    if resource_type.is_some_and(Value::is_truthy) {
        draft.put_text("@log_type", "transit-gateway");
    } else {
        // Reached once for both fields.
        let event = EVENT.object_or_insert(draft.fields, draft.arena);
        let action = ACTION.text(event);
        let action = action.unwrap_or_default();
        let outcome = if action.contains("ACCEPT") {
            "success"
        } else if action.contains("REJECT") {
            "failure"
        } else {
            "unknown"
        };
        event.set_key(key!("outcome"), Value::Text(outcome));
    }
    let protocol = match PROTOCOL.find(draft.fields) {
        Some(Value::Text(number) | Value::Number(number)) => transport(number),
        _ => None,
    };
    let network = match protocol {
        Some(_) => Some(NETWORK.object_or_insert(draft.fields, draft.arena)),
        None => draft.fields.object_mut("network"),
    };
    if let Some(network) = network {
        if let Some(protocol) = protocol {
            network.set_key(key!("transport"), Value::Text(protocol));
        }
        if let Some(kind) = network.text("type") {
            network.set("type", Value::Text(lower_case(kind, draft.arena)));
        }
    }
    Ok(())
}

/// Name of an IANA protocol number.
fn transport(number: &str) -> Option<&'static str> {
    Some(match number {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "41" => "ipv6",
        "8" => "egp",
        "33" => "dccp",
        "42" => "sdrp",
        "47" => "gre",
        "132" => "sctp",
        _ => return None,
    })
}

fn lower_case<'a>(text: &'a str, arena: &'a Arena) -> &'a str {
    match text {
        "IPv4" => "ipv4",
        "IPv6" => "ipv6",
        text => arena.alloc_str(&text.to_lowercase()),
    }
}
