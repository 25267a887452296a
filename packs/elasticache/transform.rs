//! Amazon ElastiCache slow logs: address and port of the client.

use yagura_model::{Object, Value};
use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("elasticache-redis-slowlog", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let client = draft.fields.text("ClientAddress").unwrap_or_default();
    if client.is_empty() {
        return Ok(());
    }
    let parts = client.rsplit_once(':');
    let (address, port) = parts.ok_or(Stop("`ClientAddress` has no port"))?;
    let source = Object::with_capacity_in(3, draft.arena);
    for (name, text) in [("ip", address), ("port", port), ("address", address)] {
        source.push(name, Value::Text(text));
    }
    draft.put("source", Value::Object(source));
    let related = Value::new_list(draft.arena, [Value::Text(address)]);
    draft.put("related.ip", related);
    Ok(())
}
