//! AWS CloudTrail: outcome, short user name, instance, and fields whose type differs by service.

use yagura_model::{Object, Value};
use yagura_pipeline::{Draft, Native, OwnLog, Stop, text_form};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("cloudtrail", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[
        ("userAgent", OwnLog::UserAgent),
        (
            "sourceIPAddress",
            OwnLog::StartsWith("securitylake.amazonaws.com"),
        ),
        ("userIdentity.principalId", OwnLog::FunctionAfter("AROA")),
        ("userIdentity.arn", OwnLog::RoleAfter("arn")),
        (
            "requestParameters.functionName",
            OwnLog::FunctionAfter("arn"),
        ),
        ("requestParameters.roleArn", OwnLog::RoleAfter("arn")),
    ],
};

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let mut errors = ["errorCode", "errorMessage"].iter();
    let failed = errors.any(|key| draft.fields.get(key).is_some());
    draft.put_text("event.outcome", if failed { "failure" } else { "success" });
    draft.shorten_user_name();
    let service = draft.fields.text("eventSource").unwrap_or_default();
    add_instance(draft, service);
    settle_types(draft);
    settle_service_types(draft, service);
    Ok(())
}

/// Finds the instance, or the HSM, that the event is about.
fn add_instance(draft: &mut Draft<'_>, service: &str) {
    let instance = match service {
        "ssm.amazonaws.com" => match draft.fields.text("eventName") {
            Some("StartSession" | "GetConnectionStatus") => draft.text("requestParameters.target"),
            Some("PutComplianceItems") => draft
                .text("requestParameters.resourceId")
                .filter(|id| starts_like_an_instance(id)),
            _ => None,
        },
        "sts.amazonaws.com" if draft.fields.text("userAgent") == Some("ec2.amazonaws.com") => {
            draft.text("requestParameters.roleSessionName")
        }
        "cloudhsm.amazonaws.com" => {
            add_hsm(draft);
            None
        }
        _ => None,
    };
    if let Some(id) = instance.filter(|id| !id.is_empty()) {
        let instance = draft.wrap("id", Value::Text(id));
        draft.put("cloud.instance", instance);
    }
}

fn add_hsm(draft: &mut Draft<'_>) {
    let cluster = draft.text("requestParameters.clusterId");
    let hsm = draft
        .text("responseElements.hsmId")
        .or_else(|| draft.text("responseElements.hsm.hsmId"));
    let hosts = cluster.into_iter().chain(hsm).map(Value::Text);
    let hosts = Value::new_list(draft.arena, hosts);
    draft.put("related.hosts", hosts);
    if let Some(hsm) = hsm {
        let instance = draft.wrap("id", Value::Text(hsm));
        draft.put("cloud.instance", instance);
    }
}

/// `i-` and 8 or 17 lower-case letters or digits, at most one other character before.
fn starts_like_an_instance(text: &str) -> bool {
    let skipped = text.strip_prefix(|first: char| !first.is_alphanumeric());
    [Some(text), skipped].into_iter().flatten().any(|text| {
        let Some(rest) = text.strip_prefix("i-") else {
            return false;
        };
        let is_member = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        [8, 17].into_iter().any(|length| {
            let id = rest.as_bytes().get(..length);
            let ends = rest.get(length..).and_then(|rest| rest.chars().next());
            id.is_some_and(|id| id.iter().all(is_member))
                && ends.is_none_or(|next| !next.is_alphanumeric())
        })
    })
}

/// Fields that are sometimes text, sometimes an object, become objects for all services.
///
/// Hardly any event has one of them, so each is looked for once before anything is done.
fn settle_types(draft: &mut Draft<'_>) {
    if has_any(
        draft,
        "responseElements",
        &["credentials", "policy", "status"],
    ) {
        settle_response(draft);
    }
    let instance = ["tags", "disableApiTermination", "disableApiStop"];
    if has_any(draft, "requestParameters", &instance) {
        settle_request(draft);
    }
}

/// Whether an object of the document has any of the keys.
fn has_any(draft: &Draft<'_>, object: &str, keys: &[&str]) -> bool {
    let object = draft.fields.object(object);
    object.is_some_and(|object| keys.iter().any(|key| object.get(key).is_some()))
}

fn settle_response(draft: &mut Draft<'_>) {
    if let Some(credentials) = draft.text("responseElements.credentials") {
        let is_role = ["arn:aws:iam", "arn:aws-cn:iam", "arn:aws-us-gov:iam"]
            .iter()
            .any(|start| credentials.contains(start));
        let key = if is_role { "iam" } else { "value" };
        let object = draft.wrap(key, Value::Text(credentials));
        draft.put("responseElements.credentials", object);
    }
    normalise(draft, "responseElements.policy");
    wrap_text(draft, "responseElements.status", "status");
}

fn settle_request(draft: &mut Draft<'_>) {
    let arena = draft.arena;
    normalise(draft, "requestParameters.tags");
    for path in [
        "requestParameters.disableApiTermination",
        "requestParameters.disableApiStop",
    ] {
        if let Some(value) = draft.get_mut(path)
            && let Value::Object(object) = value
            && let Some(inner) = object.get("value").map(|inner| inner.copy_in(arena))
        {
            *value = inner;
        }
    }
}

/// Fields whose type is settled for one service only.
fn settle_service_types(draft: &mut Draft<'_>, service: &str) {
    match service {
        "athena.amazonaws.com" => rename_athena_projections(draft),
        "glue.amazonaws.com" => wrap_text(draft, "requestParameters.configuration", "text"),
        "cognito-idp.amazonaws.com" => wrap_text(draft, "responseElements.session", "value"),
        "ecs.amazonaws.com" => wrap_text(draft, "requestParameters.command", "command"),
        "ssm.amazonaws.com" | "sqlworkbench.amazonaws.com" => {
            wrap_text(draft, "requestParameters.parameters", "value");
        }
        "redshift-data.amazonaws.com" => wrap_text(draft, "responseElements.database", "name"),
        "cloud9.amazonaws.com" => wrap_text(draft, "requestParameters.settings", "value"),
        "s3.amazonaws.com" => replication_filters_to_text(draft),
        "inspector2.amazonaws.com" => {
            let path = "requestParameters.accountIds";
            let accounts = draft.get(path).and_then(Value::as_list);
            if let Some([Value::Object(_), ..]) = accounts {
                to_text(draft, path);
            }
        }
        "codeguru-security.amazonaws.com" => to_text(draft, "requestParameters.resourceId"),
        "dynamodb.amazonaws.com" => normalise(draft, "requestParameters.items"),
        _ => {}
    }
}

/// Makes an object of a text that is not empty.
fn wrap_text(draft: &mut Draft<'_>, path: &'static str, key: &'static str) {
    if let Some(text) = draft.text(path).filter(|text| !text.is_empty()) {
        let object = draft.wrap(key, Value::Text(text));
        draft.put(path, object);
    }
}

/// Makes a text of whatever is not empty.
fn to_text(draft: &mut Draft<'_>, path: &str) {
    let arena = draft.arena;
    if let Some(value) = draft.get_mut(path).filter(|value| value.is_truthy()) {
        *value = Value::Text(text_form(value, arena));
    }
}

/// Makes an object, or a list of objects, of a value of any type.
fn normalise(draft: &mut Draft<'_>, path: &str) {
    let arena = draft.arena;
    let Some(value) = draft.get_mut(path) else {
        return;
    };
    let inner = match &*value {
        Value::Object(_) => return,
        Value::List(list) => match &list[..] {
            [] => {
                *value = Value::new_object(arena);
                return;
            }
            [Value::Object(_), ..] => return,
            [Value::Text(_), ..] => value.take(),
            _ => Value::Text(text_form(value, arena)),
        },
        Value::Text(text) => Value::Text(text),
        other => Value::Text(text_form(other, arena)),
    };
    let object = Object::with_capacity_in(1, arena);
    object.push("value", inner);
    *value = Value::Object(object);
}

fn rename_athena_projections(draft: &mut Draft<'_>) {
    const DATE: (&str, &str) = (
        "projection.date.interval.unit",
        "projection.date.interval_unit",
    );
    const PART_DATE: (&str, &str) = (
        "projection.part_date.interval.unit",
        "projection.part_date.interval_unit",
    );
    let list = draft.get_mut("responseElements.tableMetadataList");
    for table in list
        .and_then(Value::as_list_mut)
        .into_iter()
        .flat_map(|list| list.iter_mut())
    {
        let parameters = table
            .as_object_mut()
            .and_then(|table| table.object_mut("parameters"));
        rename(parameters, DATE);
    }
    let parameters = draft.get_mut("responseElements.tableMetadata.parameters");
    rename(parameters.and_then(Value::as_object_mut), PART_DATE);
}

fn rename(object: Option<&mut Object<'_>>, (old, new): (&'static str, &'static str)) {
    if let Some(object) = object
        && let Some(value) = object.remove(old)
    {
        object.set(new, value);
    }
}

fn replication_filters_to_text(draft: &mut Draft<'_>) {
    let arena = draft.arena;
    let rules = draft.get_mut("requestParameters.ReplicationConfiguration.Rule");
    for rule in rules
        .and_then(Value::as_list_mut)
        .into_iter()
        .flat_map(|list| list.iter_mut())
    {
        let filter = rule.as_object_mut().and_then(|rule| rule.get_mut("Filter"));
        if let Some(filter) = filter.filter(|filter| filter.is_truthy()) {
            *filter = Value::Text(text_form(filter, arena));
        }
    }
}
