//! AWS CloudHSM audit logs: cluster, module, users, outcome; ids that name the record in its module.

use yagura_model::Value;
use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[
    ("cloudhsm", native(transform_subscribed)),
    ("cloudhsm-cwl", native(transform_exported)),
];

const fn native(transform: yagura_pipeline::Transform) -> Native {
    Native {
        transform: Some(transform),
        split_line: None,
        own_logs: &[],
    }
}

/// Operations that somebody does for himself.
const OWN_OPERATIONS: [&str; 4] = [
    "CN_LOGIN",
    "CN_LOGOUT",
    "CN_APP_FINALIZE",
    "CN_CLOSE_SESSION",
];

/// Operations on another user.
const USER_OPERATIONS: [&str; 7] = [
    "CN_CREATE_USER",
    "CN_CREATE_CO",
    "CN_CREATE_APPLIANCE_USER",
    "CN_DELETE_USER",
    "CN_SET_M_VALUE",
    "CN_CHANGE_PSWD",
    "CN_APPROVE_TOKEN",
];

/// Log group `/aws/cloudhsm/<cluster>`, log stream `<module>`.
fn transform_subscribed(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let group = draft.text("@log_group");
    let cluster = group.and_then(|group| group.split('/').nth(3));
    let module = draft.text("@log_stream");
    transform(draft, cluster, module);
    Ok(())
}

/// The object's key names cluster and module.
fn transform_exported(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let names = draft.text("@log_s3key").and_then(cluster_and_module);
    let (cluster, module) = names.unzip();
    transform(draft, cluster, module);
    Ok(())
}

fn transform<'a>(draft: &mut Draft<'a>, cluster: Option<&'a str>, module: Option<&'a str>) {
    let text = |name: &str| draft.text(name).unwrap_or_default();
    let id = [
        module.unwrap_or("None"),
        text("sequence_no"),
        text("timestamp_usec"),
    ];
    let id = draft.keep(&id.concat());
    draft.set_id(id);
    // A later version of the record has some parts in another place.
    for (from, to) in [
        ("opcode_v2", "opcode"),
        ("opcode_hex_v2", "opcode_hex"),
        ("priv_secret_key_handle_v2", "priv_secret_key_handle"),
    ] {
        if draft.text(from).is_some_and(|text| !text.is_empty())
            && let Some(value) = draft.fields.remove(from)
        {
            draft.fields.set(to, value);
        }
    }
    for name in ["sequence_no", "reboot_counter"] {
        if let Some(number) = draft.text(name).and_then(hexadecimal) {
            let number = draft.keep(&number.to_string());
            draft.put(name, Value::Number(number));
        }
    }
    put_places(draft, cluster, module);
    put_users(draft);
    match draft.text("hsm_return") {
        Some("SUCCESS") => draft.put_text("event.outcome", "success"),
        _ => draft.put_text("event.outcome", "failure"),
    }
}

fn put_places<'a>(draft: &mut Draft<'a>, cluster: Option<&'a str>, module: Option<&'a str>) {
    let hosts = cluster.into_iter().chain(module).map(Value::Text);
    draft.put("related.hosts", Value::new_list(draft.arena, hosts));
    if let Some(cluster) = cluster {
        draft.put_text("cloudhsm.cluster_id", cluster);
    }
    if let Some(module) = module {
        draft.put_text("cloudhsm.hsm_id", module);
        draft.put_text("cloud.instance.id", module);
    }
}

fn put_users(draft: &mut Draft<'_>) {
    let opcode = draft.text("opcode").unwrap_or_default();
    let mut put = |path, names: &[&str]| {
        let found = names.iter().find_map(|name| draft.text(name));
        if let Some(text) = found {
            draft.put_text(path, text);
        }
    };
    if OWN_OPERATIONS.contains(&opcode) {
        put("user.name", &["user_name"]);
        put("user.roles", &["user_type"]);
    } else if USER_OPERATIONS.contains(&opcode) {
        put("user.target.name", &["target_user_name", "user_name"]);
        put("user.target.roles", &["target_user_type", "user_type"]);
        put("user.target.id", &["target_user_id"]);
    }
}

/// Reads `0x1f`.
fn hexadecimal(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// Finds `cluster-…` and, behind it, `hsm-…` in a key.
fn cluster_and_module(key: &str) -> Option<(&str, &str)> {
    let (cluster, rest) = named(key, "cluster-")?;
    let (module, _) = named(rest, "hsm-")?;
    Some((cluster, module))
}

/// The first part of a key that is a prefix and eleven letters and digits, and what follows it.
fn named<'k>(key: &'k str, prefix: &str) -> Option<(&'k str, &'k str)> {
    key.match_indices(prefix).find_map(|(at, _)| {
        let end = at + prefix.len() + 11;
        let name = key.get(at..end)?;
        let rest = &key[end..];
        let is_word = |it: Option<char>| it.is_some_and(|it| it.is_alphanumeric() || it == '_');
        let mut letters = name.bytes().skip(prefix.len());
        let is_name = letters.all(|byte| matches!(byte, b'1'..=b'9' | b'a'..=b'z'));
        let stands_alone = at > 0
            && !is_word(key[..at].chars().next_back())
            && !rest.is_empty()
            && !is_word(rest.chars().next());
        (is_name && stands_alone).then_some((name, rest))
    })
}
