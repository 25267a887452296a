//! Okta System Log: outcome, user, and Okta's own fields below `okta` with names in snake case.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use yagura_model::{Arena, Object, Value};
use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("okta", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

/// Fields that move below `okta`, with their new names.
const MOVED: [(&str, &str); 14] = [
    ("actor", "okta.actor"),
    ("debugContext", "okta.debug_context"),
    ("request", "okta.request"),
    ("outcome", "okta.outcome"),
    ("transaction", "okta.transaction"),
    ("authenticationContext", "okta.authentication_context"),
    ("securityContext", "okta.security_context"),
    ("displayMessage", "okta.display_message"),
    ("uuid", "okta.uuid"),
    ("version", "okta.version"),
    ("severity", "okta.severity"),
    ("published", "okta.published"),
    ("legacyEventType", "okta.legacy_event_type"),
    ("eventType", "okta.event_type"),
];
/// Members of `client` that move to `okta.client`, with their new names.
const MOVED_OF_CLIENT: [(&str, &str); 5] = [
    ("device", "okta.client.device"),
    ("ipAddress", "okta.client.ip"),
    ("userAgent", "okta.client.user_agent"),
    ("id", "okta.client.id"),
    ("zone", "okta.client.zone"),
];

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    put_outcome(draft);
    if draft.text("actor.type") == Some("User") {
        put_user(draft);
    }
    for (name, path) in MOVED {
        if draft.fields.get(name).is_some_and(Value::is_truthy)
            && let Some(value) = draft.fields.remove(name)
        {
            let value = with_snake_keys(value, draft.arena);
            draft.put(path, value);
        }
    }
    put_targets(draft);
    move_client(draft);
    Ok(())
}

fn put_outcome(draft: &mut Draft<'_>) {
    let result = draft.text("outcome.result").unwrap_or_default();
    let outcome = match result.to_lowercase().as_str() {
        "" => return,
        "success" | "allow" => "success",
        "failure" | "deny" => "failure",
        _ => "unknown",
    };
    draft.put_text("event.outcome", outcome);
}

fn put_user(draft: &mut Draft<'_>) {
    let email = draft.text("actor.alternateId").unwrap_or_default();
    if let Some((name, domain)) = email.rsplit_once('@') {
        draft.put_text("user.domain", domain);
        draft.put_text("user.name", name);
        draft.put_text("user.email", email);
    }
    if let Some(id) = draft.text("actor.id") {
        draft.put_text("client.user.id", id);
        draft.put_text("source.user.id", id);
    }
    if let Some(name) = draft.text("actor.displayName") {
        draft.put_text("client.user.full_name", name);
        draft.put_text("source.user.full_name", name);
        draft.put_text("related.user", name);
    }
}

/// Moves the targets, and adds the name of applications where it is always found.
fn put_targets(draft: &mut Draft<'_>) {
    let Some(mut targets) = draft.fields.remove("target").filter(Value::is_truthy) else {
        return;
    };
    let targets_of = targets
        .as_list_mut()
        .into_iter()
        .flat_map(|list| list.iter_mut());
    for target in targets_of.filter_map(Value::as_object_mut) {
        if target.text("type") != Some("AppInstance") {
            continue;
        }
        let name = Object::with_capacity_in(2, draft.arena);
        for (key, from) in [
            ("alternate_id", "alternateId"),
            ("display_name", "displayName"),
        ] {
            if let Some(text) = target.text(from) {
                name.push(key, Value::Text(text));
            }
        }
        target.set("app_name", Value::Object(name));
    }
    draft.put("okta.target", targets);
}

fn move_client(draft: &mut Draft<'_>) {
    for (name, path) in MOVED_OF_CLIENT {
        let client = draft.fields.object_mut("client");
        if let Some(value) = client.and_then(|client| client.remove(name)) {
            let value = with_snake_keys(value, draft.arena);
            draft.put(path, value);
        }
    }
    if let Some(client) = draft.fields.object_mut("client") {
        client.remove("geographicalContext");
    }
}

/// Changes the keys of an object and of the objects in it to snake case; lists stay as they are.
fn with_snake_keys<'a>(value: Value<'a>, arena: &'a Arena) -> Value<'a> {
    let Value::Object(object) = value else {
        return value;
    };
    let renamed = Object::with_capacity_in(object.len(), arena);
    let mut places = HashMap::with_capacity(object.len());
    for member in object.iter_mut() {
        let key = snake(member.key, arena);
        let value = with_snake_keys(member.value.take(), arena);
        // Two keys can become one; the later wins, as in JSON.
        match places.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(renamed.len());
                renamed.push(key, value);
            }
            Entry::Occupied(entry) => {
                if let Some(member) = renamed.iter_mut().nth(*entry.get()) {
                    member.value = value;
                }
            }
        }
    }
    Value::Object(renamed)
}

/// `requestId` becomes `request_id`; capitals behind capitals stay.
fn snake<'a>(key: &'a str, arena: &'a Arena) -> &'a str {
    let starts_word = |before: Option<char>, letter: char| {
        let ends =
            |before: char| before.is_ascii_lowercase() || before.is_ascii_digit() || before == '|';
        letter.is_ascii_uppercase() && before.is_some_and(ends)
    };
    let mut out = String::with_capacity(key.len() + 4);
    let mut before = None;
    for letter in key.chars() {
        if starts_word(before, letter) {
            out.push('_');
            out.push(letter.to_ascii_lowercase());
        } else {
            out.push(letter);
        }
        before = Some(letter);
    }
    if out.len() == key.len() {
        return key;
    }
    arena.alloc_str(&out)
}
