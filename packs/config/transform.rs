//! AWS Config: one id for each state of a resource, one type for each field, and whom it concerns.

mod rename;

use yagura_model::{Value, is_ip_address};
use yagura_pipeline::{Draft, Native, Stop, md5_hex};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[
    ("config-history", ITEMS),
    ("config-snapshot", ITEMS),
    ("config-rules", RULES),
];

/// Configuration items, in histories and snapshots.
const ITEMS: Native = Native {
    transform: Some(transform_item),
    split_line: None,
    own_logs: &[],
};

/// Changes of compliance.
const RULES: Native = Native {
    transform: Some(transform_rule),
    split_line: None,
    own_logs: &[],
};

fn transform_item(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let resource = identify(draft)?;
    rename::unify_types(draft, resource.kind);
    resource.put_concerned(draft);
    Ok(())
}

fn transform_rule(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let resource = identify(draft)?;
    resource.put_concerned(draft);
    let outcome = match draft.text("newEvaluationResult.complianceType") {
        Some("COMPLIANT") => "success",
        Some("NON_COMPLIANT") => "failure",
        None | Some("") => return Ok(()),
        Some(_) => "unknown",
    };
    draft.put_text("event.outcome", outcome);
    Ok(())
}

/// The resource that a document is about.
struct Resource<'a> {
    /// Its type, like `AWS::EC2::Instance`.
    kind: &'a str,
    id: &'a str,
}

/// The id is that of the resource, its suffix that of the state.
fn identify<'a>(draft: &mut Draft<'a>) -> Result<Resource<'a>, Stop> {
    let text = |draft: &Draft<'a>, key| draft.fields.text(key).ok_or(Stop("no resource is named"));
    let account = text(draft, "awsAccountId")?;
    let region = text(draft, "awsRegion")?;
    let kind = text(draft, "resourceType")?;
    let id = text(draft, "resourceId")?;
    draft.set_id(md5_hex(&[account, region, kind, id], draft.arena));
    let module = draft.text("event.module").unwrap_or_default();
    let rule = draft.fields.text("configRuleARN").unwrap_or_default();
    let hash = md5_hex(&[module, rule], draft.arena);
    let shown = draft.fields.text("@timestamp").unwrap_or_default();
    let mut suffix = String::new();
    for digit in shown.chars().filter(char::is_ascii_digit).take(14) {
        if suffix.len() == 8 {
            suffix.push('_');
        }
        suffix.push(digit);
    }
    suffix.push('_');
    suffix.extend(hash.chars().take(4));
    draft.id_suffix = Some(draft.keep(&suffix));
    Ok(Resource { kind, id })
}

impl<'a> Resource<'a> {
    /// Writes the instance, the user and the addresses that the document concerns.
    fn put_concerned(&self, draft: &mut Draft<'a>) {
        if let Some(id) = self.instance() {
            let instance = draft.wrap("id", Value::Text(id));
            draft.put("cloud.instance", instance);
            let hosts = Value::new_list(draft.arena, [Value::Text(id)]);
            draft.put("related.hosts", hosts);
        }
        self.put_user(draft);
        self.put_addresses(draft);
    }

    /// The two parts of the id of a resource whose compliance is told.
    fn complying(&self) -> Option<(&'a str, &'a str)> {
        let parts = self.id.split_once('/');
        parts.filter(|(_, id)| self.kind == "AWS::Config::ResourceCompliance" && !id.contains('/'))
    }

    fn instance(&self) -> Option<&'a str> {
        match self.kind {
            "AWS::EC2::Instance" | "AWS::SSM::ManagedInstanceInventory" => Some(self.id),
            "AWS::SSM::AssociationCompliance" | "AWS::SSM::PatchCompliance" => {
                self.id.rsplit('/').next()
            }
            _ => match self.complying()? {
                ("AWS::EC2::Instance", id) => Some(id),
                _ => None,
            },
        }
    }

    fn put_user(&self, draft: &mut Draft<'a>) {
        let (id, name) = match (self.kind, self.complying()) {
            ("AWS::IAM::User" | "AWS::IAM::Role", _) => {
                (self.id, draft.fields.text("resourceName"))
            }
            (_, Some(("AWS::IAM::User" | "AWS::IAM::Role", id))) => (id, None),
            _ => return,
        };
        let user = draft.wrap("id", Value::Text(id));
        draft.put("user", user);
        if let Some(name) = name {
            draft.put_text("user.name", name);
        }
        let known = [name.unwrap_or_default(), id].into_iter();
        let known = known.filter(|text| !text.is_empty()).map(Value::Text);
        let users = Value::new_list(draft.arena, known);
        draft.put("related.user", users);
    }

    fn put_addresses(&self, draft: &mut Draft<'a>) {
        let mut found = Vec::new();
        match self.kind {
            "AWS::EC2::EIP" => {
                found.extend(draft.fields.text("resourceName"));
                found.extend(draft.text("configuration.privateIpAddress"));
            }
            "AWS::EC2::Instance" => {
                for interface in list(draft.get("configuration.networkInterfaces")) {
                    let addresses = member(interface, "privateIpAddresses");
                    collect_of_interface(addresses, &mut found);
                }
            }
            "AWS::EC2::NetworkInterface" => {
                let addresses = draft.get("configuration.privateIpAddresses");
                collect_of_interface(addresses, &mut found);
            }
            "AWS::EC2::NatGateway" => {
                let addresses = draft.get("configuration.natGatewayAddresses");
                if let Some(first) = list(addresses).first() {
                    found.extend(text(first, "publicIp"));
                    found.extend(text(first, "privateIp"));
                }
            }
            "AWS::SSM::ManagedInstanceInventory" => {
                for network in list(draft.get("configuration.AWS:Network.Content")) {
                    found.extend(text(network, "IPV6"));
                    found.extend(text(network, "IPV4"));
                }
            }
            _ => {}
        }
        found.retain(|address| is_ip_address(address));
        found.sort_unstable();
        found.dedup();
        if !found.is_empty() {
            let addresses = found.into_iter().map(Value::Text);
            let addresses = Value::new_list(draft.arena, addresses);
            draft.put("related.ip", addresses);
        }
    }
}

/// Private and public addresses of a network interface.
fn collect_of_interface<'a>(addresses: Option<&Value<'a>>, found: &mut Vec<&'a str>) {
    for address in list(addresses) {
        found.extend(text(address, "privateIpAddress"));
        found.extend(member(address, "association").and_then(|value| text(value, "publicIp")));
    }
}

fn list<'r, 'a>(value: Option<&'r Value<'a>>) -> &'r [Value<'a>] {
    value.and_then(Value::as_list).unwrap_or_default()
}

fn member<'r, 'a>(value: &'r Value<'a>, key: &str) -> Option<&'r Value<'a>> {
    value.as_object()?.get(key)
}

fn text<'a>(value: &Value<'a>, key: &str) -> Option<&'a str> {
    value.as_object()?.text(key)
}
