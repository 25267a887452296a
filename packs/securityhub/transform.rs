//! AWS Security Hub: what the finding's product tells, in the terms of all other logs.

use yagura_model::{Object, Value};
use yagura_pipeline::{Draft, Native, Stop, md5_hex, parse_iso8601};

use crate::finding_type::{FindingType, swap_sides};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("securityhub", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

/// Instance, user and addresses that the finding's resources name.
#[derive(Default)]
struct Resources<'a> {
    instance: Option<&'a str>,
    user_id: Option<&'a str>,
    user_name: Option<&'a str>,
    addresses: Vec<&'a str>,
}

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let product = product_field(draft, "aws/securityhub/ProductName")
        .ok_or(Stop("`aws/securityhub/ProductName` is missing"))?;
    let module = draft.keep(&product.to_lowercase());
    draft.put_text("event.module", module);
    identify(draft)?;
    let finding = match module {
        "guardduty" | "macie" => Some(put_finding_type(draft)?),
        _ => None,
    };
    if module.contains("security hub") {
        describe_control(draft)?;
    } else if module.contains("guardduty") {
        describe_threat(draft, finding.as_ref())?;
    } else if module.contains("inspector") {
        describe_vulnerability(draft)?;
    } else if module.contains("macie")
        && !module.contains("iam access analyzer")
        && !module.contains("systems manager patch manager")
    {
        draft.put_text("event.category", "intrusion_detection");
    }
    let name = draft.text("rule.name").ok_or(Stop("`Title` is missing"))?;
    draft.put_text("rule.name", name.trim().trim_end_matches('.'));
    let resources = resources(draft)?;
    put_resources(draft, &resources);
    Ok(())
}

/// A text of `ProductFields`, whose keys are long names with slashes and dots.
fn product_field<'a>(draft: &Draft<'a>, key: &str) -> Option<&'a str> {
    draft.fields.object("ProductFields")?.text(key)
}

/// The first of the finding's types.
fn first_type<'a>(draft: &Draft<'a>) -> Option<&'a str> {
    draft.get("Types")?.as_list()?.first()?.as_text()
}

/// Time of a new finding, and an id for each state of the finding.
fn identify(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let workflow = draft.text("Workflow.Status");
    let workflow = workflow.ok_or(Stop("`Workflow.Status` is missing"))?;
    if workflow == "NEW" {
        let updated = draft.fields.text("UpdatedAt");
        let updated = updated.ok_or(Stop("`UpdatedAt` is missing"))?;
        let shown = draft.keep(&updated.replace('Z', "+00:00"));
        let timestamp = parse_iso8601(shown, 0).unwrap_or(draft.timestamp);
        draft.set_timestamp(timestamp, Value::Text(shown));
    }
    let timestamp = draft.fields.text("@timestamp").unwrap_or_default();
    draft.id_suffix = Some(md5_hex(&[timestamp, workflow], draft.arena));
    Ok(())
}

fn put_finding_type<'a>(draft: &mut Draft<'a>) -> Result<FindingType<'a>, Stop> {
    let text = first_type(draft).ok_or(Stop("`Types` is empty"))?;
    let finding = match FindingType::parse_asff(text) {
        Some((mut finding, category)) => {
            if finding.purpose.is_empty() {
                let category = category.ok_or(Stop("`Types` names no threat purpose"))?;
                finding.purpose = draft.keep(&category.replace(' ', ""));
            }
            finding
        }
        None => FindingType::parse(text).ok_or(Stop("`Types` holds no finding type"))?,
    };
    finding.put(draft);
    Ok(finding)
}

/// A control of a security standard failed or passed.
fn describe_control(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let generator = draft.fields.text("GeneratorId");
    let generator = generator.ok_or(Stop("`GeneratorId` is missing"))?;
    draft.put_text("rule.id", generator);
    let control = draft.get("Compliance.SecurityControlId");
    let has_control = control.is_some_and(Value::is_truthy);
    draft.put("consolidated_controls_view", Value::Bool(has_control));
    let is_consolidated = generator.starts_with("security-control");
    draft.put(
        "consolidated_control_findings",
        Value::Bool(is_consolidated),
    );
    Ok(())
}

/// A finding of GuardDuty: direction and kind of the attack.
fn describe_threat(draft: &mut Draft<'_>, finding: Option<&FindingType<'_>>) -> Result<(), Stop> {
    draft.put_text("event.category", "intrusion_detection");
    let action = product_field(draft, "aws/guardduty/service/action/actionType");
    let direction = match action {
        Some("NETWORK_CONNECTION") => {
            let key = "aws/guardduty/service/action/networkConnectionAction/connectionDirection";
            let direction = product_field(draft, key);
            let direction = direction.ok_or(Stop("`connectionDirection` is missing"))?;
            Some(draft.keep(&direction.to_lowercase()))
        }
        Some("DNS_REQUEST") => Some("outbound"),
        _ if finding.is_some_and(FindingType::is_file) => None,
        _ => Some("inbound"),
    };
    if let Some(direction) = direction {
        draft.put_text("network.direction", direction);
    }
    if direction == Some("outbound") {
        swap_sides(draft);
    }
    if finding.is_some_and(FindingType::is_malware) {
        draft.put_text("event.category", "malware");
    }
    Ok(())
}

/// A finding of Inspector: the rule is the kind of vulnerability with the package.
fn describe_vulnerability(draft: &mut Draft<'_>) -> Result<(), Stop> {
    const VULNERABILITIES: &str = "Vulnerabilities";
    let types = draft.fields.get("Types");
    let types = types.ok_or(Stop("`Types` is missing"))?;
    let id = product_field(draft, "aws/inspector/id").filter(|id| !id.is_empty());
    let (rule, is_package) = match (id, types) {
        (Some(_), types) => {
            let is_package = match types {
                Value::List(list) => list
                    .iter()
                    .any(|value| value.as_text() == Some(VULNERABILITIES)),
                types => types
                    .as_text()
                    .is_some_and(|text| text.contains(VULNERABILITIES)),
            };
            (types.copy_in(draft.arena), is_package)
        }
        (None, types) => {
            let text = types.as_text().or_else(|| first_type(draft));
            let text = text.ok_or(Stop("`Types` is empty"))?;
            let kind = text.split_once("/CVE").map_or(text, |(kind, _)| kind);
            let is_package = kind.contains(VULNERABILITIES);
            if is_package {
                let title = draft.fields.text("Title").unwrap_or_default();
                let package = title.split_whitespace().next();
                let package = package.ok_or(Stop("`Title` is empty"))?;
                let rule = draft.keep(&format!("{kind}/{package}"));
                (Value::Text(rule), is_package)
            } else {
                (Value::Text(kind), is_package)
            }
        }
    };
    draft.put("rule.id", rule);
    if let Some(id) = id {
        draft.put_text("rule.name", id);
    }
    if is_package {
        draft.put_text("event.category", "package");
    }
    Ok(())
}

/// What the finding's resources name; of several of a kind the last counts.
fn resources<'a>(draft: &Draft<'a>) -> Result<Resources<'a>, Stop> {
    let mut found = Resources::default();
    let resources = draft.get("Resources").and_then(Value::as_list);
    let resources = resources.ok_or(Stop("`Resources` is missing"))?;
    for resource in resources.iter().filter_map(Value::as_object) {
        let id = resource.text("Id").unwrap_or_default();
        let last_part = |separator: char| id.rsplit(separator).next();
        match resource.text("Type") {
            Some("AwsEc2Instance") => {
                found.instance = last_part('/');
                if let Some(details) = details(resource, "AwsEc2Instance") {
                    for key in ["IpV4Addresses", "IpV6Addresses"] {
                        let addresses = details.get(key).and_then(Value::as_list);
                        let addresses = addresses.unwrap_or_default().iter();
                        found.addresses.extend(addresses.filter_map(Value::as_text));
                    }
                }
            }
            Some("AwsIamAccessKey") => {
                let details = details(resource, "AwsIamAccessKey");
                let text = |key| details.and_then(|details| details.text(key));
                found.user_id = match last_part(':') {
                    Some("null") => text("PrincipalId").and_then(|id| id.split(':').next()),
                    id => id,
                };
                let name = text("PrincipalName");
                found.user_name = Some(name.ok_or(Stop("`PrincipalName` is missing"))?);
            }
            Some("AwsEc2Volume") => {
                let instance = details(resource, "AwsEc2Volume")
                    .and_then(|details| details.get("Attachments")?.as_list()?.first())
                    .and_then(|attachment| attachment.as_object()?.text("InstanceId"));
                found.instance = instance.or(found.instance);
            }
            Some("AwsIamRole") => {
                found.user_id = None;
                found.user_name = last_part('/');
            }
            _ => {}
        }
    }
    Ok(found)
}

/// What is told about the resource beside its identifier.
fn details<'r, 'a>(resource: &'r Object<'a>, kind: &str) -> Option<&'r Object<'a>> {
    resource.object("Details")?.object(kind)
}

fn put_resources<'a>(draft: &mut Draft<'a>, resources: &Resources<'a>) {
    for (path, text) in [
        ("cloud.instance.id", resources.instance),
        ("user.id", resources.user_id),
        ("user.name", resources.user_name),
    ] {
        if let Some(text) = text {
            draft.put_text(path, text);
        }
    }
    if let Some(instance) = draft.text("cloud.instance.id") {
        let hosts = Value::new_list(draft.arena, [Value::Text(instance)]);
        draft.put("related.hosts", hosts);
    }
    let users = [draft.text("user.id"), draft.text("user.name")];
    let mut users = users.into_iter().flatten().map(Value::Text).peekable();
    if users.peek().is_some() {
        let users = Value::new_list(draft.arena, users);
        draft.put("related.user", users);
    }
    if !resources.addresses.is_empty() {
        let known = draft.get("related.ip").and_then(Value::as_list);
        let known = known.unwrap_or_default().iter().filter_map(Value::as_text);
        let mut addresses: Vec<&str> = known.chain(resources.addresses.iter().copied()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let addresses = addresses.into_iter().map(Value::Text);
        let addresses = Value::new_list(draft.arena, addresses);
        draft.put("related.ip", addresses);
    }
}
