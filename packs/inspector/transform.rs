//! Amazon Inspector: one id for each state of a finding, rule and description.

use yagura_model::{Form, Value, python_text};
use yagura_pipeline::{Draft, Native, Stop, md5_hex};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("inspector", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

const MICROS_PER_SECOND: i64 = 1_000_000;

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let arn = draft.fields.text("findingArn");
    let arn = arn.ok_or(Stop("`findingArn` is no text"))?;
    draft.set_id(md5_hex(&[arn], draft.arena));
    let updated_s = draft.timestamp.micros().div_euclid(MICROS_PER_SECOND);
    draft.id_suffix = Some(draft.keep(&updated_s.to_string()));
    let categories = draft.get("vulnerability.category").and_then(Value::as_list);
    let categories = categories.ok_or(Stop("the finding has no category"))?;
    let is_image = |value: &Value<'_>| value.as_text() == Some("AWS_ECR_CONTAINER_IMAGE");
    if categories.iter().any(is_image) {
        // The image's ARN is no host.
        remove(draft, "related", "hosts");
        remove(draft, "cloud.instance", "id");
    }
    put_rule(draft)?;
    add_remediation(draft);
    Ok(())
}

fn remove(draft: &mut Draft<'_>, path: &str, key: &str) {
    if let Some(object) = draft.get_mut(path).and_then(Value::as_object_mut) {
        object.remove(key);
    }
}

/// The rule is what was found, not where.
fn put_rule(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let kind = draft.fields.text("type").unwrap_or_default();
    let rule = if kind.contains("PACKAGE_VULNERABILITY") {
        let id = draft.text("vulnerability.id");
        let id = id.ok_or(Stop("`vulnerabilityId` is missing"))?;
        format!("PACKAGE_VULNERABILITY_{id}")
    } else if kind.contains("NETWORK_REACHABILITY") {
        let mut rule = "NETWORK_REACHABILITY".to_owned();
        for path in [
            "networkReachabilityDetails.protocol",
            "networkReachabilityDetails.openPortRange.begin",
            "networkReachabilityDetails.openPortRange.end",
        ] {
            let part = draft.get(path);
            let part = part.ok_or(Stop("`networkReachabilityDetails` is not complete"))?;
            rule.push('_');
            rule.push_str(python_text(part, Form::Plain, draft.arena));
        }
        rule
    } else {
        return Ok(());
    };
    let rule = draft.keep(&rule);
    draft.put_text("rule.id", rule);
    Ok(())
}

fn add_remediation(draft: &mut Draft<'_>) {
    let description = draft.fields.text("description");
    let description = description.filter(|text| !text.is_empty());
    let remedy = draft.text("remediation.recommendation.text");
    if let (Some(description), Some(remedy)) = (description, remedy) {
        let text = draft.keep(&format!("{description}\n\nRemediation: {remedy}"));
        draft.put_text("vulnerability.description", text);
    }
}
