//! OCSF events: one index for each category, and findings under the time of their last change.

use yagura_model::Value;
use yagura_pipeline::{Draft, Native, OwnLog, Stop, parse_epoch};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[
    (
        "securitylake",
        Native {
            own_logs: &[
                (
                    "src_endpoint.domain",
                    OwnLog::StartsWith("securitylake.amazonaws.com"),
                ),
                ("resources.uid", OwnLog::FunctionAfter("arn")),
                ("actor.user.uid", OwnLog::FunctionAfter("AROA")),
                ("actor.session.issuer", OwnLog::RoleAfter("arn")),
            ],
            ..NATIVE
        },
    ),
    ("ocsf-json", NATIVE),
];

/// What both log types share.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: None,
    own_logs: &[],
};

/// `category_uid` of findings.
const FINDINGS: i64 = 2;
/// Longest first word of a category that may name an index.
const MAX_WORD_BYTES: usize = 32;

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let category = draft.fields.get("category_uid").and_then(integer);
    let category = category.ok_or(Stop("`category_uid` is missing or no number"))?;
    let (word, log_type) = category_names(draft, category);
    draft.index_base = Some(draft.keep(&format!("log-ocsf{word}")));
    let log_type = draft.keep(&format!("ocsf{log_type}"));
    draft.put_text("@log_type", log_type);
    if category == FINDINGS && draft.fields.get("finding").is_some() {
        take_time_of_finding(draft)?;
    }
    draft.shorten_user_name();
    Ok(())
}

/// What is put behind the index name and behind the log type.
fn category_names(draft: &Draft<'_>, category: i64) -> (String, String) {
    let name = draft.fields.text("category_name").unwrap_or_default();
    let word = name.split_whitespace().next().unwrap_or_default();
    let word = word.to_lowercase();
    let is_member = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    // What comes in a log becomes a part of an index name only if it looks like one.
    if (1..=MAX_WORD_BYTES).contains(&word.len()) && word.bytes().all(is_member) {
        let dashed = name.replace(' ', "-").to_lowercase();
        return (format!("-{word}"), format!("-{dashed}"));
    }
    let (word, log_type) = match category {
        1 => ("-system", "-system-activity"),
        FINDINGS => ("-findings", "-findings"),
        3 => ("-audit", "-audit-activity"),
        4 => ("-network", "-network-activity"),
        5 => ("-config", "-config-inventory"),
        _ => ("", ""),
    };
    (word.to_owned(), log_type.to_owned())
}

/// A finding is filed under the time at which it was changed, or else made.
fn take_time_of_finding(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let time = ["finding.modified_time", "finding.created_time"]
        .into_iter()
        .find_map(|path| draft.get(path).filter(|value| value.is_truthy()));
    let time = time.and_then(integer);
    let time = time.ok_or(Stop("`finding` has no time that is a number"))?;
    let text = draft.keep(&time.to_string());
    let instant = parse_epoch(text, 0).ok_or(Stop("the time of `finding` is out of range"))?;
    draft.index_date = Some(instant);
    draft.set_timestamp(instant, Value::Number(text));
    Ok(())
}

/// The whole number that a number or a decimal text stands for.
fn integer(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Text(text) => text.trim().parse().ok(),
        Value::Number(text) => text.parse().ok().or_else(|| {
            let number: f64 = text.parse().ok()?;
            // A double holds whole numbers exactly up to here.
            (number.abs() < 9e15).then_some(number as i64)
        }),
        _ => None,
    }
}
