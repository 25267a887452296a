//! Tokenisers for ordinary entries; what is stranger is left to the patterns.

use yagura_model::{Arena, Object, Value, key};
use yagura_pipeline::Tokens;

/// Splits `<date> <time> UTC:<address>(<port>):<user>@<database>:[<pid>]:<level>:  <message>`.
pub(super) fn split_postgresql<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let mut tokens = Tokens::new(line);
    let date = tokens.word_of(|byte| byte.is_ascii_digit() || byte == b'-')?;
    let time = tokens.word_of(|byte| matches!(byte, b'0'..=b'9' | b'.' | b':'))?;
    let timestamp = line.get(..date.len() + 1 + time.len())?;
    tokens.literal("UTC:")?;
    let mut head = Tokens::new(tokens.until(b' ')?);
    let address = head.until(b'(')?;
    let port = head.until(b')')?;
    head.literal(":")?;
    let user = head.until(b'@')?;
    let database = head.until(b':')?;
    head.literal("[")?;
    let pid = head.until(b']')?;
    head.literal(":")?;
    let level = head.until(b':')?;
    let message = tokens.rest().trim_start_matches(' ');
    // Where a delimiter comes twice, the pattern may see it otherwise.
    let is_plain = |text: &str| !text.contains(['(', ')', '@', ':', '[', ']']);
    let is_ordinary = !date.is_empty()
        && !time.is_empty()
        && !address.is_empty()
        && !address.starts_with([':', '['])
        && !address.contains(['@', ')'])
        && is_number(port)
        && is_plain(user)
        && is_plain(database)
        && is_number(pid)
        && is_word(level)
        && head.rest().is_empty()
        && message
            .bytes()
            .next()
            .is_none_or(|byte| byte.is_ascii_graphic());
    is_ordinary.then_some(())?;
    let fields = Object::with_capacity_in(40, arena);
    for (name, text) in [
        (key!("postgresql_timestamp"), timestamp),
        (key!("postgresql_source_address"), address),
        (key!("postgresql_source_port"), port),
        (key!("postgresql_user"), user),
        (key!("postgresql_database"), database),
        (key!("postgresql_pid"), pid),
        (key!("postgresql_log_level"), level),
        (key!("postgresql_message"), message),
    ] {
        fields.push_key(name, Value::Text(text));
    }
    Some(fields)
}

/// Splits ten parts at commas; the statement, the last but one, may hold some itself.
pub(super) fn split_audit<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    if line.contains(['\n', '\r']) {
        return None;
    }
    let fields = Object::with_capacity_in(40, arena);
    let mut tokens = Tokens::new(line);
    let mut push = |name, is_member: fn(u8) -> bool| {
        let text = tokens.until(b',')?;
        fields.push_key(name, Value::Text(text));
        text.bytes().all(is_member).then_some(())
    };
    let is_count = |byte: u8| byte.is_ascii_digit() || byte == b'*';
    push(key!("mysql_timestamp"), |byte| {
        matches!(byte, b'0'..=b'9' | b' ' | b':')
    })?;
    push(key!("mysql_serverhost"), |_| true)?;
    push(key!("mysql_username"), |_| true)?;
    push(key!("mysql_host"), |_| true)?;
    push(key!("mysql_thread_id"), is_count)?;
    push(key!("mysql_queryid"), is_count)?;
    push(key!("mysql_operation"), |_| true)?;
    push(key!("mysql_database"), |_| true)?;
    let (object, code) = tokens.rest().rsplit_once(',')?;
    fields.push_key(key!("mysql_object"), Value::Text(object));
    fields.push_key(key!("mysql_retcode"), Value::Text(code));
    Some(fields)
}

/// Splits `<time>\t<thread> <command>\t<statement>`.
pub(super) fn split_general<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let is_time = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b':' | b'.' | b'T' | b'Z');
    let (time, rest) = split_run(line, is_time)?;
    let (_, rest) = split_run(rest, is_blank)?;
    let (thread, rest) = split_run(rest, u8::is_ascii_digit)?;
    let (_, rest) = split_run(rest, is_blank)?;
    let (command, rest) = split_run(rest, |byte| byte.is_ascii_alphanumeric() || *byte == b'_')?;
    let query = match rest.as_bytes().first() {
        None | Some(b' ') => rest,
        Some(b'\t') => &rest[1..],
        _ => return None,
    };
    let fields = Object::with_capacity_in(30, arena);
    fields.push_key(key!("mysql_timestamp"), Value::Text(time));
    fields.push_key(key!("mysql_thread_id"), Value::Text(thread));
    fields.push_key(key!("mysql_command"), Value::Text(command));
    fields.push_key(key!("mysql_query"), Value::Text(query));
    Some(fields)
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The bytes of a kind at the start, at least one, and the rest.
fn split_run(text: &str, is_member: impl Fn(&u8) -> bool) -> Option<(&str, &str)> {
    let length = text.bytes().take_while(|byte| is_member(byte)).count();
    (length > 0).then(|| text.split_at(length))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(text: &str) -> bool {
    let mut bytes = text.bytes();
    !text.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
