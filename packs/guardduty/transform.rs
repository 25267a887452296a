//! Amazon GuardDuty: severity label, parts of the finding type, direction.

use yagura_model::Value;
use yagura_pipeline::{Draft, Native, Stop};

use crate::finding_type::{FindingType, swap_sides};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("guardduty", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let name = draft.text("rule.name").ok_or(Stop("`title` is missing"))?;
    draft.put_text("rule.name", name.trim().trim_end_matches('.'));
    let label = severity_label(draft).ok_or(Stop("`severity` is no number"))?;
    let finding = draft.text("type").and_then(FindingType::parse);
    let finding = finding.ok_or(Stop("`type` is no finding type"))?;
    let direction = direction(draft, &finding)?;
    draft.put_text("severitylabel", label);
    finding.put(draft);
    if let Some(direction) = direction {
        let lower = draft.keep(&direction.to_lowercase());
        draft.put_text("network.direction", lower);
    }
    if direction == Some("OUTBOUND") {
        swap_sides(draft);
    }
    if finding.is_malware() {
        draft.put_text("event.category", "malware");
    }
    Ok(())
}

fn severity_label(draft: &Draft<'_>) -> Option<&'static str> {
    let severity = match draft.fields.get("severity")? {
        Value::Number(text) => text.parse::<f64>().ok()?,
        _ => return None,
    };
    Some(match severity {
        severity if severity <= 3.9 => "low",
        severity if severity <= 6.9 => "medium",
        severity if severity <= 8.9 => "high",
        _ => "critical",
    })
}

/// The direction of the traffic that the finding is about.
fn direction<'a>(draft: &Draft<'a>, finding: &FindingType<'_>) -> Result<Option<&'a str>, Stop> {
    match draft.text("service.action.actionType") {
        Some("NETWORK_CONNECTION") => draft
            .text("service.action.networkConnectionAction.connectionDirection")
            .map(Some)
            .ok_or(Stop("`connectionDirection` is missing")),
        Some("DNS_REQUEST") => Ok(Some("OUTBOUND")),
        _ if finding.is_file() => Ok(None),
        _ => Ok(Some("INBOUND")),
    }
}
