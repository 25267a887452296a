//! Fields of AWS Config whose type differs by resource type get one type for all.

use yagura_model::{Object, Value, push_python_dumps};
use yagura_pipeline::Draft;

/// Objects whose keys are only names of their elements, by resource type.
const KEYED_LISTS: [(&str, &[&str]); 4] = [
    (
        "AWS::S3::Bucket",
        &[
            "supplementaryConfiguration.BucketNotificationConfiguration.configurations",
            "supplementaryConfiguration.BucketReplicationConfiguration.rules",
        ],
    ),
    (
        "AWS::SSM::ManagedInstanceInventory",
        &[
            "configuration.AWS:Application.Content",
            "configuration.AWS:AWSComponent.Content",
            "configuration.AWS:InstanceInformation.Content",
            "configuration.AWS:Network.Content",
            "configuration.AWS:WindowsUpdate.Content",
        ],
    ),
    ("AWS::SSM::PatchCompliance", COMPLIANCE_LISTS),
    ("AWS::SSM::AssociationCompliance", COMPLIANCE_LISTS),
];
const COMPLIANCE_LISTS: &[&str] = &[
    "configuration.AWS:ComplianceItem.Content.Association",
    "configuration.AWS:ComplianceItem.Content.Patch",
];

/// Gives every field that is known to change its type one type.
pub(super) fn unify_types(draft: &mut Draft<'_>, kind: &str) {
    let lists = KEYED_LISTS.iter().filter(|(name, _)| *name == kind);
    for path in lists.flat_map(|(_, paths)| *paths) {
        to_list(draft, path);
    }
    flatten(draft, "owner", "id", "owner_id");
    flatten(draft, "state", "code", "state_code");
    flatten(draft, "state", "name", "state_name");
    if let Some(tags) = draft.fields.object_mut("tags")
        && let Some(value) = tags.remove("AmazonFSx.FileSystemId")
    {
        tags.set("AmazonFSx_FileSystemId", value);
    }
    wrap_state_reason(draft);
    wrap_elements(draft, "configuration.securityGroups", "groupId");
    wrap_elements(draft, "configuration.availabilityZones", "zoneName");
    wrap_elements(draft, "configuration.subnets", "subnetIdentifier");
    wrap_text(draft, "configuration.endpoint", "address");
    wrap_text(draft, "configuration.iamInstanceProfile", "arn");
    statements_to_text(draft);
    flatten_status(draft);
}

fn configuration<'r, 'a>(draft: &'r mut Draft<'a>) -> Option<&'r mut Object<'a>> {
    draft.fields.object_mut("configuration")
}

/// Makes a list of an object's values.
fn to_list(draft: &mut Draft<'_>, path: &str) {
    let arena = draft.arena;
    if let Some(value) = draft.get_mut(path)
        && let Value::Object(object) = value
    {
        let values = object.iter_mut().map(|member| member.value.take());
        *value = Value::new_list(arena, values);
    }
}

/// Moves a member of an object below `configuration` beside that object.
fn flatten(draft: &mut Draft<'_>, key: &str, inner: &str, flat: &'static str) {
    if let Some(configuration) = configuration(draft)
        && let Some(object) = configuration.object_mut(key)
        && let Some(value) = object.remove(inner)
    {
        configuration.set(flat, value);
    }
}

/// A reason that is text becomes an object like that of instances.
fn wrap_state_reason(draft: &mut Draft<'_>) {
    let Some(message) = draft.text("configuration.stateReason") else {
        return;
    };
    let reason = draft.wrap("message", Value::Text(message));
    if let Some(configuration) = configuration(draft) {
        let code = configuration.remove("stateReasonCode");
        configuration.set("stateReason", reason);
        if let (Some(code), Some(reason)) = (code, configuration.object_mut("stateReason")) {
            reason.set("code", code);
        }
    }
}

/// Makes objects of the elements of a list of texts.
fn wrap_elements(draft: &mut Draft<'_>, path: &str, key: &'static str) {
    let arena = draft.arena;
    let list = draft.get_mut(path).and_then(Value::as_list_mut);
    let Some(list) = list.filter(|list| matches!(list.first(), Some(Value::Text(_)))) else {
        return;
    };
    for element in list.iter_mut() {
        let object = Object::with_capacity_in(1, arena);
        object.push(key, element.take());
        *element = Value::Object(object);
    }
}

/// Makes an object of a text.
fn wrap_text(draft: &mut Draft<'_>, path: &'static str, key: &'static str) {
    if let Some(text) = draft.text(path) {
        let object = draft.wrap(key, Value::Text(text));
        draft.put(path, object);
    }
}

/// Statements of firewall rules nest without end; they are kept as JSON text.
fn statements_to_text(draft: &mut Draft<'_>) {
    let arena = draft.arena;
    let rules = draft.get_mut("configuration.rules");
    let Some(rules) = rules.and_then(Value::as_list_mut) else {
        return;
    };
    let statement = |rule: &Value<'_>| {
        let statement = rule.as_object().and_then(|rule| rule.get("statement"));
        matches!(statement, Some(Value::Object(_)))
    };
    if !rules.first().is_some_and(statement) {
        return;
    }
    for rule in rules.iter_mut().filter_map(Value::as_object_mut) {
        if let Some(statement) = rule.get_mut("statement") {
            let mut json = Vec::new();
            push_python_dumps(statement, &mut json);
            *statement = Value::Text(arena.alloc_str(&String::from_utf8_lossy(&json)));
        }
    }
}

/// A status that is an object becomes its code, as others have it, and a message beside it.
fn flatten_status(draft: &mut Draft<'_>) {
    let Some(configuration) = configuration(draft) else {
        return;
    };
    let Some(status) = configuration.object_mut("status") else {
        return;
    };
    let Some(message) = status.remove("message") else {
        return;
    };
    let code = status.remove("code");
    configuration.set("status_message", message);
    if let Some(code) = code {
        configuration.set("status", code);
    }
}
