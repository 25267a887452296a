//! Amazon GuardDuty: severity label, parts of the finding type, direction.

use yagura_model::Value;
use yagura_pipeline::{Draft, Native, Stop};

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
    let direction = direction(draft, finding.family)?;
    draft.put_text("severitylabel", label);
    draft.put_text("ThreatPurpose", finding.purpose);
    draft.put_text("ResourceTypeAffected", finding.resource);
    draft.put_text("ThreatFamilyName", finding.family);
    let text = |text: Option<_>| text.map_or(Value::Null, Value::Text);
    draft.put("DetectionMechanism", text(finding.mechanism));
    draft.put("Artifact", text(finding.artifact));
    if let Some(direction) = direction {
        let lower = draft.keep(&direction.to_lowercase());
        draft.put_text("network.direction", lower);
    }
    if direction == Some("OUTBOUND") {
        swap_sides(draft);
    }
    let is_malware = matches!(finding.purpose, "Backdoor" | "CryptoCurrency" | "Trojan")
        || is_file(finding.family);
    if is_malware {
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

fn is_file(family: &str) -> bool {
    matches!(family, "SuspiciousFile" | "MaliciousFile")
}

/// The direction of the traffic that the finding is about.
fn direction<'a>(draft: &Draft<'a>, family: &str) -> Result<Option<&'a str>, Stop> {
    match draft.text("service.action.actionType") {
        Some("NETWORK_CONNECTION") => draft
            .text("service.action.networkConnectionAction.connectionDirection")
            .map(Some)
            .ok_or(Stop("`connectionDirection` is missing")),
        Some("DNS_REQUEST") => Ok(Some("OUTBOUND")),
        _ if is_file(family) => Ok(None),
        _ => Ok(Some("INBOUND")),
    }
}

/// The remote side of outbound traffic is its destination.
fn swap_sides(draft: &mut Draft<'_>) {
    let source = draft.fields.remove("source").unwrap_or(Value::Null);
    let destination = draft.fields.remove("destination").unwrap_or(Value::Null);
    draft.put("source", destination);
    draft.put("destination", source);
}

/// `ThreatPurpose:ResourceTypeAffected/ThreatFamilyName.DetectionMechanism!Artifact`
struct FindingType<'t> {
    purpose: &'t str,
    resource: &'t str,
    family: &'t str,
    mechanism: Option<&'t str>,
    artifact: Option<&'t str>,
}

impl<'t> FindingType<'t> {
    fn parse(text: &'t str) -> Option<FindingType<'t>> {
        let (purpose, rest) = split_word(text, "");
        let (resource, rest) = split_word(rest.strip_prefix(':')?, "");
        let (family, rest) = split_word(rest.strip_prefix('/')?, "&");
        let (mechanism, rest) = match rest.strip_prefix('.') {
            Some(rest) => {
                let (word, rest) = split_word(rest, "");
                (Some(word), rest)
            }
            None => (None, rest),
        };
        let artifact = rest.strip_prefix('!').map(|rest| split_word(rest, "").0);
        Some(FindingType {
            purpose,
            resource,
            family,
            mechanism,
            artifact,
        })
    }
}

/// Splits off word characters, and those in `also`.
fn split_word<'t>(text: &'t str, also: &str) -> (&'t str, &'t str) {
    let is_member = |character: char| {
        character.is_alphanumeric() || character == '_' || also.contains(character)
    };
    let end = text.find(|character| !is_member(character));
    text.split_at(end.unwrap_or(text.len()))
}
