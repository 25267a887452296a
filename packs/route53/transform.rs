//! Amazon Route 53 Resolver query logs: names without the dot at their end.

use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("route53resolver", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    for path in ["dns.question.name", "dns.answers.data"] {
        if let Some(name) = draft.text(path) {
            draft.put_text(path, name.trim_end_matches('.'));
        }
    }
    Ok(())
}
