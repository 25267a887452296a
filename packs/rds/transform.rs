//! Amazon RDS: database identifiers, statements, logins that failed, times.

use yagura_model::{Value, is_ip_address};
use yagura_pipeline::{Draft, Native, SplitLine, Stop, Transform};

mod tokens;

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[
    (
        "rds-postgresql",
        native(transform_postgresql, Some(tokens::split_postgresql)),
    ),
    (
        "rds-mysql-audit",
        native(transform_audit, Some(tokens::split_audit)),
    ),
    (
        "rds-mysql-general",
        native(transform_general, Some(tokens::split_general)),
    ),
    ("rds-mysql-error", native(transform_error, None)),
    ("rds-mysql-slowquery", native(transform_slowquery, None)),
];

const fn native(transform: Transform, split_line: Option<SplitLine>) -> Native {
    Native {
        transform: Some(transform),
        split_line,
        own_logs: &[],
    }
}

/// Tells cluster and instance by the log group `/aws/rds/<kind>/<name>/<log>`.
///
/// The log stream of an instance in a cluster begins with the name of the instance.
fn put_identifiers(draft: &mut Draft<'_>) {
    let mut parts = draft.text("@log_group").unwrap_or_default().split('/');
    let (Some(kind), Some(name)) = (parts.nth(3), parts.next()) else {
        return;
    };
    match kind {
        "instance" => draft.put_text("rds.instance_identifier", name),
        "cluster" => {
            let stream = draft.text("@log_stream").unwrap_or_default();
            let instance = stream.split('.').next().unwrap_or_default();
            draft.put_text("rds.cluster_identifier", name);
            draft.put_text("rds.instance_identifier", instance);
        }
        _ => {}
    }
}

/// Says that the record is about somebody who logged in or out, or tried to.
fn put_authentication(draft: &mut Draft<'_>, kind: &'static str, action: &'static str) {
    draft.put_text("event.category", "authentication");
    draft.put_text("event.type", kind);
    draft.put_text("event.action", action);
}

fn put_failed_login(draft: &mut Draft<'_>) {
    put_authentication(draft, "start", "failed");
    draft.put_text("event.outcome", "failure");
}

fn transform_postgresql(draft: &mut Draft<'_>) -> Result<(), Stop> {
    draft.gather("postgresql_");
    put_identifiers(draft);
    let level = draft.text("postgresql.log_level").unwrap_or_default();
    let message = draft.text("postgresql.message").unwrap_or_default();
    match level {
        "STATEMENT" => draft.put_text("rds.query", message),
        "FATAL" if message.contains("authentication failed") => put_failed_login(draft),
        "LOG" => return read_log_message(draft, message),
        _ => {}
    }
    Ok(())
}

/// Reads the messages that PostgreSQL writes about sessions and statements.
fn read_log_message<'a>(draft: &mut Draft<'a>, message: &'a str) -> Result<(), Stop> {
    if message.contains("connection authorized") {
        put_authentication(draft, "start", "authorized");
        draft.put_text("event.outcome", "success");
    } else if let Some(time) = message.strip_prefix("disconnection: session time: ") {
        if let Some((hours, minutes, seconds)) = session_time(time) {
            let seconds: f64 = seconds.parse().map_err(|_| NO_SECONDS)?;
            let total = seconds + hours * 3600.0 + minutes * 60.0;
            draft.put_float("postgresql.session_time_seconds", total);
        }
    } else if let Some(statement) = after_label(message, "statement:") {
        let line = first_line(statement);
        if line.starts_with(|first: char| first.is_alphanumeric() || first == '_') {
            draft.put_text("rds.query", line.trim_end_matches(';'));
            draft.put_text("postgresql.query_step", "execute");
        }
    } else if let Some(rest) = after_label(message, "duration:") {
        return read_duration(draft, rest);
    }
    Ok(())
}

const NO_SECONDS: Stop = Stop("the session time is no number of seconds");

/// Hours, minutes, and the text of the seconds in `h:mm:ss.fff`.
fn session_time(text: &str) -> Option<(f64, f64, &str)> {
    let mut parts = text.splitn(3, ':');
    let (hours, minutes, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let end = rest.find(|character| !is_number_part(character));
    let seconds = &rest[..end.unwrap_or(rest.len())];
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits(hours) && minutes.len() == 2 && is_digits(minutes) && !seconds.is_empty())
        .then(|| Some((hours.parse().ok()?, minutes.parse().ok()?, seconds)))?
}

/// Reads `0.117 ms  bind <unnamed>: SELECT 1`.
fn read_duration<'a>(draft: &mut Draft<'a>, text: &'a str) -> Result<(), Stop> {
    let end = text.find(|character| !is_number_part(character));
    let (number, rest) = text.split_at(end.unwrap_or(text.len()));
    let Some(rest) = after_label(rest, "").and_then(|rest| rest.strip_prefix("ms")) else {
        return Ok(());
    };
    let milliseconds: f64 = number
        .parse()
        .map_err(|_| Stop("the duration is no number"))?;
    draft.put_float("postgresql.duration_ms", milliseconds);
    draft.put_float("rds.query_time", milliseconds / 1000.0);
    let rest = rest.trim_start();
    let steps = ["parse", "bind", "execute"];
    let step = steps.into_iter().find(|step| rest.starts_with(step));
    let statement = first_line(rest)
        .match_indices(':')
        .find_map(|(at, _)| after_label(&rest[at + 1..], ""));
    let step = step.filter(|_| statement.is_some());
    draft.put_text("postgresql.query_step", step.unwrap_or("execute"));
    if let Some(statement) = statement {
        draft.put_text("rds.query", first_line(statement));
    }
    Ok(())
}

/// The text behind a label and at least one blank.
fn after_label<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(label)?;
    let trimmed = rest.trim_start();
    (trimmed.len() < rest.len()).then_some(trimmed)
}

fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

fn is_number_part(character: char) -> bool {
    character.is_ascii_digit() || character == '.'
}

fn transform_audit(draft: &mut Draft<'_>) -> Result<(), Stop> {
    put_identifiers(draft);
    // Aurora counts microseconds, MariaDB writes date and time.
    let time = draft.text("mysql_timestamp").unwrap_or_default();
    if let Ok(microseconds) = time.parse::<u64>()
        && microseconds > 1_000_000_000_000_000
    {
        draft.put_float("mysql_timestamp", microseconds as f64 / 1e6);
    }
    let object = draft.text("mysql_object").unwrap_or_default();
    match quoted_statement(object) {
        Some(statement) => {
            let statement = draft.keep(&unescape(statement));
            draft.put_text("rds.query", statement);
        }
        // The name of a table is no statement.
        None => draft.put("rds.query", Value::Null),
    }
    match draft.text("mysql_operation") {
        Some("FAILED_CONNECT") => put_authentication(draft, "start", "failed"),
        Some("CONNECT") => put_authentication(draft, "start", "authorized"),
        Some("DISCONNECT") => put_authentication(draft, "end", "disconnected"),
        _ => {}
    }
    match draft.text("mysql_retcode") {
        Some("0") => draft.put_text("event.outcome", "success"),
        Some(code) if !code.is_empty() => draft.put_text("event.outcome", "failure"),
        _ => {}
    }
    draft.gather("mysql_");
    Ok(())
}

/// What stands in the quotes around a statement; one that was cut may lack the second quote.
fn quoted_statement(object: &str) -> Option<&str> {
    let statement = object.strip_prefix('\'')?;
    Some(statement.strip_suffix('\'').unwrap_or(statement))
}

/// Undoes what the audit log does to quotes, backslashes and control characters. A backslash in
/// front of anything else stays.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut characters = after.chars();
        let plain = match characters.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('0') => '\0',
            Some(same @ ('\\' | '\'' | '"')) => same,
            _ => {
                out.push('\\');
                rest = after;
                continue;
            }
        };
        out.push(plain);
        rest = characters.as_str();
    }
    out.push_str(rest);
    out
}

fn transform_general(draft: &mut Draft<'_>) -> Result<(), Stop> {
    put_identifiers(draft);
    draft.gather("mysql_");
    Ok(())
}

fn transform_error(draft: &mut Draft<'_>) -> Result<(), Stop> {
    put_identifiers(draft);
    let message = draft.text("mysql_message").unwrap_or_default();
    if let Some((user, host)) = denied_user(message) {
        put_failed_login(draft);
        draft.put_text("mysql_username", user);
        draft.put_text("user.name", user);
        draft.put_text("mysql_host", host);
        draft.put_text("source.address", host);
        if is_ip_address(host) {
            draft.put_text("source.ip", host);
        }
    } else if let Some(database) = unknown_database(message) {
        put_failed_login(draft);
        draft.put_text("mysql_database", database);
        draft.put_text("rds.database_name", database);
    }
    draft.gather("mysql_");
    Ok(())
}

/// User and host in `Access denied for user 'name'@'host'`.
fn denied_user(message: &str) -> Option<(&str, &str)> {
    let rest = message.strip_prefix("Access denied for user '")?;
    let (user, rest) = rest.split_once('\'')?;
    let (host, _) = rest.strip_prefix("@'")?.split_once('\'')?;
    Some((user, host))
}

fn unknown_database(message: &str) -> Option<&str> {
    let rest = message.strip_prefix("Unknown database '")?;
    Some(rest.split_once('\'')?.0)
}

fn transform_slowquery(draft: &mut Draft<'_>) -> Result<(), Stop> {
    put_identifiers(draft);
    let query = draft.text("mysql_query").unwrap_or_default();
    if let Some(database) = used_database(query) {
        draft.put_text("rds.database_name", database);
    }
    if let Some(statement) = slow_statement(query) {
        draft.put_text("rds.query", statement.trim_end_matches(';'));
    }
    draft.gather("mysql_");
    Ok(())
}

/// The name in `use name;` at the beginning.
fn used_database(query: &str) -> Option<&str> {
    let (name, _) = query.strip_prefix("use ")?.split_once(';')?;
    (!name.is_empty() && !name.contains(' ')).then_some(name)
}

/// The text from the first line that does not begin with the word `use` or `set`.
fn slow_statement(query: &str) -> Option<&str> {
    let mut rest = query;
    loop {
        let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_');
        let word = &rest[..end.unwrap_or(rest.len())];
        if !word.eq_ignore_ascii_case("use") && !word.eq_ignore_ascii_case("set") {
            return (!rest.is_empty()).then_some(rest);
        }
        rest = rest.split_once('\n')?.1;
    }
}
