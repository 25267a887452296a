//! AWS Trusted Advisor check results: what is an alert, the service concerned, addresses.

use yagura_model::{Object, Value, is_ip_address};
use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("trustedadvisor", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let is_alert = |status| matches!(status, "warning" | "error");
    let status = draft.text("result.status");
    if is_alert(status.ok_or(Stop("`result.status` is missing"))?) {
        draft.put_text("event.kind", "alert");
    }
    if draft.get("result.flaggedResource").is_some() {
        let status = draft.text("result.flaggedResource.status");
        let status = status.ok_or(Stop("`result.flaggedResource.status` is missing"))?;
        let kind = if is_alert(status) { "alert" } else { "event" };
        draft.put_text("event.kind", kind);
    }
    let resource = Resource::find(draft)?;
    let service = draft.keep(&resource.service);
    let name = draft.wrap("name", Value::Text(service));
    draft.put("cloud.service", name);
    if let Some(instance) = resource.instance {
        let id = draft.wrap("id", Value::Text(instance));
        draft.put("cloud.instance", id);
    }
    if let Some(category) = category(service) {
        draft.put_text("event.category", category);
    }
    put_related(draft, resource.instance);
    Ok(())
}

/// What the flagged metadata tell about the resource.
struct Resource<'a> {
    service: String,
    instance: Option<&'a str>,
}

impl<'a> Resource<'a> {
    /// Reads service and ARN out of the columns that bear such names.
    fn find(draft: &Draft<'a>) -> Result<Self, Stop> {
        let check = draft.fields.object("check");
        let check = check.ok_or(Stop("`check` is missing"))?;
        let columns = check.get("metadata").and_then(Value::as_list);
        let values = flagged_values(draft);
        let mut resource = Resource {
            service: match values {
                Some(_) => "trustedadvisor".to_owned(),
                None => String::new(),
            },
            instance: None,
        };
        let (Some(columns), Some(values)) = (columns, values) else {
            return Ok(resource);
        };
        resource.service.clear();
        let column = |name: &str| {
            let at = columns
                .iter()
                .position(|column| column.as_text() == Some(name));
            let Some(at) = at else { return Ok(None) };
            let value = values.get(at).and_then(Value::as_text);
            value
                .map(Some)
                .ok_or(Stop("metadata are shorter than their columns"))
        };
        if let Some(service) = column("Service")? {
            resource.service = service.to_lowercase();
        }
        let (named, workload) = (column("Resource")?, column("Workload ARN")?);
        if let Some(arn) = workload.or(named) {
            resource.read_arn(arn);
        }
        Ok(resource)
    }

    fn read_arn(&mut self, arn: &'a str) {
        let parts: Vec<&str> = arn.splitn(7, ':').collect();
        if let [_, _, service, ..] = parts.as_slice() {
            self.service = service.to_lowercase();
        }
        let Some(resource) = parts.get(5).filter(|_| self.service == "ec2") else {
            return;
        };
        let mut parts = resource.split('/');
        if let (Some(kind), Some(id)) = (parts.next(), parts.next()) {
            if kind == "instance" {
                self.instance = Some(id);
            } else {
                self.service = kind.to_owned();
            }
        }
    }
}

fn flagged_values<'d, 'a>(draft: &'d Draft<'a>) -> Option<&'d [Value<'a>]> {
    draft.get("result.flaggedResource.metadata")?.as_list()
}

fn category(service: &str) -> Option<&'static str> {
    Some(match service {
        "rds" | "dynamodb" | "s3" | "ebs" | "redshift" | "elasticache" => "database",
        "iam" | "cloudtrail" => "iam",
        "vpc"
        | "route53"
        | "elasticloadbalancing"
        | "network-acl"
        | "subnet"
        | "security-group" => "network",
        _ => return None,
    })
}

fn put_related(draft: &mut Draft<'_>, instance: Option<&str>) {
    let arena = draft.arena;
    let mut addresses: Vec<&str> = Vec::new();
    for value in flagged_values(draft).unwrap_or_default() {
        if let Some(text) = value.as_text()
            && is_ip_address(text)
            && !addresses.contains(&text)
        {
            addresses.push(text);
        }
    }
    let related = Object::with_capacity_in(2, arena);
    if !addresses.is_empty() {
        let addresses = addresses.into_iter().map(Value::Text);
        related.push("ip", Value::new_list(arena, addresses));
    }
    if let Some(instance) = instance {
        let instance = draft.keep(instance);
        related.push("hosts", Value::new_list(arena, [Value::Text(instance)]));
    }
    draft.put("related", Value::Object(related));
}
