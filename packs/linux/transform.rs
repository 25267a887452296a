//! Linux: who signed in from where, and who ran what as another user.

use std::thread::LocalKey;

use yagura_codec::{Captures, Pattern};
use yagura_model::Value;
use yagura_pipeline::{Draft, Native, Stop, find_instance_id};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[
    (
        "linux-secure",
        Native {
            transform: Some(transform_secure),
            split_line: None,
            own_logs: &[],
        },
    ),
    (
        "linux-os-syslog",
        Native {
            transform: Some(transform_system),
            split_line: None,
            own_logs: &[],
        },
    ),
];

/// Messages of the SSH server; the first pattern that is found tells.
const SSHD: [&str; 9] = [
    r"(?P<action>Accepted|Failed|failure|Invalid user|invalid user)\s.*?(?:(?:publickey|password|none) for )?(?:invalid user )?(?P<user>\S+)(?:\s+from.*?(?P<source_ip>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}))?(?:\s+port\s+(?P<source_port>\d+))?",
    r"^(?P<action>Disconnected|Received disconnect) from (?P<source_ip>[^ ]*) port (?P<source_port>\d+)",
    r"^(?P<action>error): AuthorizedKeysCommand \S+ (?P<user>\S+) (?:SHA|RSA)",
    SESSION_CLOSED,
    SESSION_OPENED,
    r"^(?P<action>Connection (?:reset|closed))\s+by\s+(?P<source_ip>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\s+port\s+(?P<source_port>\d+)",
    r".+\s+(?:from|with)\s+(?P<source_ip>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\s+port\s+(?P<source_port>\d+)",
    r"^(?P<action>reverse mapping checking).*\[(?P<source_ip>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\]",
    r"\s(?P<source_ip>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\s",
];

/// Messages of sudo.
const SUDO: [&str; 3] = [
    r"^(?P<user>\S+) : .*COMMAND=(?P<action>.*)",
    SESSION_CLOSED,
    SESSION_OPENED,
];

const SESSION_CLOSED: &str = r"^pam_unix\S+: (?P<action>session closed) for user (?P<user>\S+)";
const SESSION_OPENED: &str =
    r"^pam_unix\S+: (?P<action>session opened) for user \S+ by (?P<user>\S*)\(";

thread_local! {
    static SSHD_PATTERNS: Vec<Pattern> = compile(&SSHD);
    static SUDO_PATTERNS: Vec<Pattern> = compile(&SUDO);
}

fn compile(patterns: &[&str]) -> Vec<Pattern> {
    let compiled = patterns.iter().map(|pattern| Pattern::search(pattern));
    compiled.filter_map(Result::ok).collect()
}

fn transform_secure(draft: &mut Draft<'_>) -> Result<(), Stop> {
    put_instance(draft);
    let program = draft.fields.text("proc").unwrap_or_default();
    if program.contains("sshd") {
        put_sshd(draft);
    } else if program.contains("sudo") {
        put_sudo(draft);
    }
    put_related(draft);
    Ok(())
}

/// Sign-ins belong into the same index wherever they were written.
fn transform_system(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let program = draft.fields.text("proc").unwrap_or_default();
    if program == "su" || program.contains("sshd") || program.contains("sudo") {
        draft.index_base = Some("log-linux-secure");
    }
    transform_secure(draft)
}

fn put_instance(draft: &mut Draft<'_>) {
    let Some(id) = draft.fields.text("@log_stream").and_then(find_instance_id) else {
        return;
    };
    draft.put_text("cloud.instance.id", id);
    let hosts = draft.fields.text("hostname").into_iter().chain([id]);
    let hosts = Value::new_list(draft.arena, hosts.map(Value::Text));
    draft.put("related.hosts", hosts);
}

/// Runs a function on what the first of the patterns finds in the message; whether one did.
fn with_first_match<'a>(
    patterns: &'static LocalKey<Vec<Pattern>>,
    draft: &mut Draft<'a>,
    put: fn(&mut Draft<'a>, &Captures<'_, 'a>),
) -> bool {
    let Some(message) = draft.fields.text("syslog_message") else {
        return false;
    };
    patterns.with(|patterns| {
        // A message that needs too many steps is none of those that the patterns describe.
        let found = patterns
            .iter()
            .find_map(|pattern| pattern.captures(message).ok()?);
        if let Some(found) = found {
            put(draft, &found);
            return true;
        }
        false
    })
}

fn put_sshd(draft: &mut Draft<'_>) {
    draft.put_text("event.module", "secure");
    with_first_match(&SSHD_PATTERNS, draft, |draft, found| {
        if let Some(user) = found.name("user") {
            draft.put_text("user.name", user);
        }
        if let Some(ip) = found.name("source_ip") {
            draft.put_text("source.ip", ip);
        }
        if let Some(port) = found.name("source_port") {
            draft.put_text("source.port", port);
        }
        if let Some(action) = found.name("action") {
            draft.put_text("event.category", "authentication");
            draft.put_text("event.action", action);
            if let Some(outcome) = outcome_of(action) {
                draft.put_text("event.outcome", outcome);
            }
        }
    });
}

fn outcome_of(action: &str) -> Option<&'static str> {
    let action = action.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| action.contains(word));
    if has(&["accept", "opened"]) {
        Some("success")
    } else if has(&["fail", "invalid", "err"]) {
        Some("failure")
    } else if has(&["disconnect", "reset", "close"]) {
        None
    } else {
        Some("unknown")
    }
}

fn put_sudo(draft: &mut Draft<'_>) {
    let is_found = with_first_match(&SUDO_PATTERNS, draft, |draft, found| {
        if let Some(user) = found.name("user") {
            draft.put_text("user.name", user);
        }
        if let Some(action) = found.name("action") {
            draft.put_text("event.action", action);
            draft.put_text("event.outcome", "success");
        }
    });
    // What is told about a command keeps the module of its log type.
    if !is_found {
        draft.put_text("event.module", "secure");
    }
}

fn put_related(draft: &mut Draft<'_>) {
    for (from, to) in [("user.name", "related.user"), ("source.ip", "related.ip")] {
        if let Some(text) = draft.text(from) {
            draft.put_text(to, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_compile() {
        assert_eq!(compile(&SSHD).len(), SSHD.len());
        assert_eq!(compile(&SUDO).len(), SUDO.len());
    }
}
