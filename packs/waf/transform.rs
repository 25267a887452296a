//! AWS WAF: headers as an object, rule set and place out of the web ACL, HTTP version.

use yagura_model::{Object, Value};
use yagura_pipeline::{Draft, Native, Stop};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("waf", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let headers = spread_headers(draft);
    add_web_acl(draft);
    let version = draft.text("httpRequest.httpVersion");
    match version.and_then(|version| version.split('/').nth(1)) {
        Some(version) => draft.put_text("http.version", version),
        None => return Err(Stop("`httpRequest.httpVersion` has no `/`")),
    }
    headers
}

/// Makes `httpRequest.header` an object of the headers, without credentials.
fn spread_headers(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let arena = draft.arena;
    let list = draft.get("httpRequest.headers").and_then(Value::as_list);
    let list = list.ok_or(Stop("`httpRequest.headers` is missing"))?;
    if list.is_empty() {
        return Ok(());
    }
    let spread = Object::with_capacity_in(list.len(), arena);
    let (mut host, mut agent, mut referrer) = (None, None, None);
    for header in list.iter().filter_map(Value::as_object) {
        let (Some(name), Some(value)) = (header.text("name"), header.text("value")) else {
            continue;
        };
        let key = arena.alloc_str(&name.to_lowercase().replace('-', "_"));
        match &*key {
            "host" => host = Some(value),
            "user_agent" => agent = Some(value),
            "referer" => referrer = Some(value),
            "authorization" => continue,
            _ => {}
        }
        spread.set(key, Value::Text(value));
    }
    draft.put("httpRequest.header", Value::Object(spread));
    if let Some(host) = host {
        draft.put_text("url.domain", host);
    }
    if let Some(agent) = agent {
        let agent = draft.wrap("original", Value::Text(agent));
        draft.put("user_agent", agent);
    }
    if let Some(referrer) = referrer {
        draft.put_text("http.request.referrer", referrer);
    }
    Ok(())
}

/// Rule set, region and account of a WAFv2 web ACL; WAF Classic has an id in the place of an ARN.
fn add_web_acl(draft: &mut Draft<'_>) {
    let Some(acl) = draft.text("webaclId") else {
        return;
    };
    let parts = || {
        let name = acl.split('/').nth(2)?;
        let mut arn = acl.split(':').skip(3);
        let (region, account, resource) = (arn.next()?, arn.next()?, arn.next()?);
        Some((name, region, account, resource.split('/').next()?))
    };
    match parts() {
        Some((name, region, account, scope)) => {
            draft.put_text("rule.ruleset", name);
            let region = if scope == "global" { "global" } else { region };
            draft.put_text("cloud.region", region);
            let account = draft.wrap("id", Value::Text(account));
            draft.put("cloud.account", account);
        }
        None => draft.put_text("rule.ruleset", acl),
    }
}
