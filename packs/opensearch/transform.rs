//! Amazon OpenSearch Service audit logs: outcome, category, and messages that were cut.

use yagura_model::Value;
use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("opensearch-audit", AUDIT)];

/// The Rust part of the audit log.
const AUDIT: Native = Native {
    transform: Some(transform_audit),
    split_line: None,
    own_logs: &[],
};

/// Characters after which the service cuts an audit message.
const LONGEST_MESSAGE: usize = 10_000;

fn transform_audit(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let category = draft.fields.text("audit_category").unwrap_or_default();
    let outcome = match category {
        "GRANTED_PRIVILEGES" | "AUTHENTICATED" => "success",
        "MISSING_PRIVILEGES" | "FAILED_LOGIN" => "failure",
        _ => "unknown",
    };
    draft.put_text("event.outcome", outcome);
    if matches!(category, "FAILED_LOGIN" | "AUTHENTICATED")
        && let Some(categories) = draft.get_mut("event.category")
        && let Some(categories) = categories.as_list_mut()
    {
        categories.push(Value::Text("authentication"));
    }
    if !draft.get("rule.name").is_some_and(Value::is_truthy) {
        draft.put_text("rule.name", "ParsingError");
        let message = draft.fields.text("@message").unwrap_or_default();
        if message.chars().count() == LONGEST_MESSAGE {
            let told = "the service cuts audit messages after 10,000 characters, and cut this one";
            draft.put_text("error.message", told);
        }
    }
    Ok(())
}
