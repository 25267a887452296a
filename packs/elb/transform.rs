//! Access logs of load balancers: tokenisers and full URL.

use std::sync::LazyLock;

use yagura_model::{Arena, Key, KeyRow, Object, Value, key, keys};
use yagura_pipeline::{Draft, Native, Stop, Tokens};

use crate::web::{push_missing, text_unless};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("nlb", NLB), ("alb", ALB), ("clb", CLB)];

/// The Rust part of Network Load Balancers.
const NLB: Native = Native {
    transform: None,
    split_line: Some(split_nlb),
    own_logs: &[],
};

/// The Rust part of Application Load Balancers.
const ALB: Native = Native {
    transform: Some(add_full_url),
    split_line: Some(split_alb),
    own_logs: &[],
};

/// The Rust part of Classic Load Balancers.
const CLB: Native = Native {
    transform: Some(add_full_url),
    split_line: Some(split_clb),
    own_logs: &[],
};

/// The fields of an Application Load Balancer's line, in the order in which they are found.
static ALB_ROW: LazyLock<KeyRow> = LazyLock::new(|| {
    KeyRow::new(keys![
        "request_type",
        "timestamp",
        "elb",
        "client_ip",
        "client_port",
        "target_ip",
        "target_port",
        "request_processing_time",
        "target_processing_time",
        "response_processing_time",
        "elb_status_code",
        "target_status_code",
        "received_bytes",
        "sent_bytes",
        "request",
        "http_method",
        "http_protocol",
        "http_host",
        "http_port",
        "http_path",
        "http_query",
        "http_version",
        "useragent",
        "ssl_cipher",
        "ssl_protocol",
        "target_group_arn",
        "trace_id",
        "domain_name",
        "chosen_cert_arn",
        "matched_rule_priority",
        "request_creation_time",
        "actions_executed",
        "redirect_url",
        "lambda_error_reason",
        "target_port_list",
        "target_status_code_list",
        "classification",
        "classification_reason",
    ])
});

/// The same for Network Load Balancers.
static NLB_ROW: LazyLock<KeyRow> = LazyLock::new(|| {
    KeyRow::new(keys![
        "listener_type",
        "log_entry_version",
        "timestamp",
        "elb",
        "listener",
        "client_ip",
        "client_port",
        "destination_ip",
        "destination_port",
        "connection_time",
        "tls_handshake_time",
        "received_bytes",
        "sent_bytes",
        "incoming_tls_alert",
        "chosen_cert_arn",
        "chosen_cert_serial",
        "tls_cipher",
        "tls_protocol_version",
        "tls_named_group",
        "domain_name",
        "alpn_fe_protocol",
        "alpn_be_protocol",
        "alpn_client_preference_list",
        "tls_connection_creation_time",
    ])
});

/// The same for Classic Load Balancers.
static CLB_ROW: LazyLock<KeyRow> = LazyLock::new(|| {
    KeyRow::new(keys![
        "timestamp",
        "elb",
        "client_ip",
        "client_port",
        "backend_ip",
        "backend_port",
        "request_processing_time",
        "backend_processing_time",
        "response_processing_time",
        "elb_status_code",
        "backend_status_code",
        "received_bytes",
        "sent_bytes",
        "request",
        "http_method",
        "http_protocol",
        "http_host",
        "http_port",
        "http_path",
        "http_query",
        "http_version",
        "useragent",
        "ssl_cipher",
        "ssl_protocol",
    ])
});

fn add_full_url(draft: &mut Draft<'_>) -> Result<(), Stop> {
    if draft.fields.get("url").is_none() {
        return Err(Stop("nothing was mapped into `url`"));
    }
    let request = draft.fields.text("request").unwrap_or_default();
    let url = request
        .split(' ')
        .nth(1)
        .ok_or(Stop("`request` has no URL"))?;
    draft.put_text("url.full", url);
    Ok(())
}

/// Splits the lines of ordinary requests; what is stranger is left to the pattern.
fn split_alb<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let fields = Object::for_record_in(&ALB_ROW, arena);
    let mut tokens = Tokens::new(line);
    for name in keys!["request_type", "timestamp", "elb"] {
        fields.push_noted(name, Value::Text(tokens.until(b' ')?));
    }
    let (address, port) = tokens.until(b' ')?.rsplit_once(':')?;
    push_digits(
        fields,
        (key!("client_ip"), address),
        (key!("client_port"), port),
    )?;
    let (address, port) = tokens.until(b' ')?.rsplit_once([':', '-'])?;
    push_digits(
        fields,
        (key!("target_ip"), address),
        (key!("target_port"), port),
    )?;
    for name in keys![
        "request_processing_time",
        "target_processing_time",
        "response_processing_time",
    ] {
        let seconds = tokens.word_of(is_number)?;
        fields.push_noted(name, Value::Text(seconds));
    }
    for name in keys![
        "elb_status_code",
        "target_status_code",
        "received_bytes",
        "sent_bytes",
    ] {
        let number = tokens.word_of(|byte| byte.is_ascii_digit() || byte == b'-')?;
        fields.push_noted(name, Value::Text(number));
    }
    split_request(tokens.quoted()?, fields)?;
    tokens.literal(" ")?;
    let agent = tokens.quoted()?;
    let agent = (!agent.is_empty()).then_some(Value::Text(agent));
    fields.push_noted(key!("useragent"), agent.unwrap_or(Value::Null));
    tokens.literal(" ")?;
    let cipher = tokens.word_of(is_cipher)?;
    fields.push_noted(
        key!("ssl_cipher"),
        (!cipher.is_empty()).then_some(Value::Text(cipher))?,
    );
    let protocol =
        tokens.word_of(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')?;
    fields.push_noted(key!("ssl_protocol"), Value::Text(protocol));
    fields.push_noted(key!("target_group_arn"), Value::Text(tokens.until(b' ')?));
    for name in keys!["trace_id", "domain_name", "chosen_cert_arn"] {
        fields.push_noted(name, Value::Text(tokens.quoted()?));
        tokens.literal(" ")?;
    }
    fields.push_noted(
        key!("matched_rule_priority"),
        Value::Text(tokens.word_of(is_number)?),
    );
    fields.push_noted(
        key!("request_creation_time"),
        Value::Text(tokens.until(b' ')?),
    );
    for name in keys!["actions_executed", "redirect_url"] {
        fields.push_noted(name, Value::Text(tokens.quoted()?));
        tokens.literal(" ")?;
    }
    split_tail(&mut tokens, fields)?;
    Some(fields)
}

/// Splits the lines of TLS connections.
fn split_nlb<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let fields = Object::for_record_in(&NLB_ROW, arena);
    let mut tokens = Tokens::new(line);
    for name in keys![
        "listener_type",
        "log_entry_version",
        "timestamp",
        "elb",
        "listener",
    ] {
        fields.push_noted(name, Value::Text(solid(tokens.until(b' ')?)?));
    }
    let (address, port) = tokens.word_of(is_address)?.rsplit_once(':')?;
    push_solid(
        fields,
        (key!("client_ip"), address),
        (key!("client_port"), port),
    )?;
    let (address, port) = tokens.until(b' ')?.rsplit_once(':')?;
    push_solid(
        fields,
        (key!("destination_ip"), address),
        (key!("destination_port"), port),
    )?;
    let milliseconds = solid(tokens.word_of(|byte| byte.is_ascii_digit())?)?;
    fields.push_noted(key!("connection_time"), Value::Text(milliseconds));
    let handshake = unless_dash(tokens.until(b' ')?)?;
    let is_count = match handshake {
        Value::Text(text) => text.bytes().all(|byte| byte.is_ascii_digit()),
        _ => true,
    };
    fields.push_noted(key!("tls_handshake_time"), is_count.then_some(handshake)?);
    let is_size = |byte: u8| byte.is_ascii_digit() || byte == b'-';
    fields.push_noted(
        key!("received_bytes"),
        unless_dash(tokens.word_of(is_size)?)?,
    );
    let sent = solid(tokens.word_of(is_size)?)?;
    fields.push_noted(key!("sent_bytes"), Value::Text(sent));
    for name in keys![
        "incoming_tls_alert",
        "chosen_cert_arn",
        "chosen_cert_serial",
        "tls_cipher",
        "tls_protocol_version",
        "tls_named_group",
        "domain_name",
        "alpn_fe_protocol",
        "alpn_be_protocol",
    ] {
        fields.push_noted(name, unless_dash(tokens.until(b' ')?)?);
    }
    let protocols = tokens.word();
    // The pattern would take the dash alone and leave the rest of the line.
    (protocols == "-" || !protocols.starts_with('-')).then_some(())?;
    fields.push_noted(key!("alpn_client_preference_list"), unless_dash(protocols)?);
    let created = tokens.rest().strip_prefix(" 20").and_then(|rest| {
        let is_member = |byte: &u8| byte.is_ascii_digit() || b"T:-".contains(byte);
        let length = rest.bytes().take_while(is_member).count();
        (length > 0).then(|| &tokens.rest()[1..3 + length])
    });
    let created = created.map_or(Value::Null, Value::Text);
    fields.push_noted(key!("tls_connection_creation_time"), created);
    Some(fields)
}

/// Splits the lines of ordinary requests to a Classic Load Balancer.
fn split_clb<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let fields = Object::for_record_in(&CLB_ROW, arena);
    let mut tokens = Tokens::new(line);
    for name in keys!["timestamp", "elb"] {
        fields.push_noted(name, Value::Text(solid(tokens.until(b' ')?)?));
    }
    let (address, port) = tokens.word_of(is_address)?.rsplit_once(':')?;
    push_solid(
        fields,
        (key!("client_ip"), address),
        (key!("client_port"), port),
    )?;
    match tokens.until(b' ')? {
        "-" => {
            push_missing(fields, keys!["backend_ip", "backend_port"]);
        }
        backend => {
            let (address, port) = backend.rsplit_once(':')?;
            let is_address = address.bytes().all(is_address);
            is_address.then_some(())?;
            push_solid(
                fields,
                (key!("backend_ip"), address),
                (key!("backend_port"), port),
            )?;
        }
    }
    for name in keys![
        "request_processing_time",
        "backend_processing_time",
        "response_processing_time",
        "elb_status_code",
        "backend_status_code",
        "received_bytes",
        "sent_bytes",
    ] {
        fields.push_noted(name, Value::Text(solid(tokens.word_of(is_number)?)?));
    }
    split_request(tokens.quoted()?, fields)?;
    tokens.literal(" ")?;
    // The user agent may hold quotes and blanks; what follows it does not.
    let (rest, protocol) = tokens.rest().rsplit_once(' ')?;
    let (agent, cipher) = rest.rsplit_once(' ')?;
    let agent = match agent {
        "-" => Value::Null,
        agent => match agent.strip_prefix('"')?.strip_suffix('"')? {
            "" => Value::Null,
            agent => Value::Text(agent),
        },
    };
    fields.push_noted(key!("useragent"), agent);
    fields.push_noted(key!("ssl_cipher"), Value::Text(solid(cipher)?));
    fields.push_noted(key!("ssl_protocol"), Value::Text(solid(protocol)?));
    Some(fields)
}

fn solid(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn unless_dash(text: &str) -> Option<Value<'_>> {
    solid(text).map(|text| text_unless(text, "-"))
}

fn is_address(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'.' | b':')
}

/// An address and a port, neither of them empty.
fn push_solid<'a>(
    fields: &mut Object<'a>,
    (address_name, address): (&'static Key, &'a str),
    (port_name, port): (&'static Key, &'a str),
) -> Option<()> {
    push_digits(
        fields,
        (address_name, solid(address)?),
        (port_name, solid(port)?),
    )
}

fn is_number(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'.' || byte == b'-'
}

fn is_cipher(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"()_-".contains(&byte)
}

fn push_digits<'a>(
    fields: &mut Object<'a>,
    (address_name, address): (&'static Key, &'a str),
    (port_name, port): (&'static Key, &'a str),
) -> Option<()> {
    fields.push_noted(address_name, Value::Text(address));
    fields.push_noted(port_name, Value::Text(port));
    port.bytes().all(|byte| byte.is_ascii_digit()).then_some(())
}

/// `METHOD protocol://host:port/path?query HTTP/version`, with nothing odd in it.
fn split_request<'a>(request: &'a str, fields: &mut Object<'a>) -> Option<()> {
    let mut parts = request.split(' ');
    let (method, url, version) = (parts.next()?, parts.next()?, parts.next()?);
    let is_word = |text: &str| {
        let mut bytes = text.bytes();
        bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let is_plain = parts.next().is_none() && is_word(method) && !method.is_empty();
    let (protocol, rest) = url.split_once("://")?;
    let (host, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once("]:")?,
        None => rest.split_once(':')?,
    };
    let path_at = rest.find('/')?;
    let (port, path) = rest.split_at(path_at);
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Value::Text(query)),
        None => (path, Value::Null),
    };
    let (name, version) = version.split_once('/')?;
    let is_plain = is_plain
        && is_word(protocol)
        && !host.is_empty()
        && !host.contains(['/', '[', ']', '?'])
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && !name.is_empty()
        && is_word(name)
        && version
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_plain.then_some(())?;
    fields.push_noted(key!("request"), Value::Text(request));
    fields.push_noted(key!("http_method"), Value::Text(method));
    fields.push_noted(key!("http_protocol"), Value::Text(protocol));
    fields.push_noted(key!("http_host"), Value::Text(host));
    fields.push_noted(key!("http_port"), Value::Text(port));
    fields.push_noted(key!("http_path"), Value::Text(path));
    fields.push_noted(key!("http_query"), query);
    fields.push_noted(key!("http_version"), Value::Text(version));
    Some(())
}

/// The five quoted values at the end; the last two came later to the format.
fn split_tail<'a>(tokens: &mut Tokens<'a>, fields: &mut Object<'a>) -> Option<()> {
    let is_solid = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
    let error = tokens.quoted()?;
    (!error.contains(' ')).then_some(())?;
    fields.push_noted(key!("lambda_error_reason"), Value::Text(error));
    for name in keys!["target_port_list", "target_status_code_list"] {
        tokens.literal(" ")?;
        let list = tokens.quoted()?;
        fields.push_noted(name, is_solid(list).then_some(Value::Text(list))?);
    }
    let names = keys!["classification", "classification_reason"];
    if tokens.rest().is_empty() {
        push_missing(fields, names);
        return Some(());
    }
    for name in names {
        tokens.literal(" ")?;
        let text = tokens.quoted()?;
        fields.push_noted(name, is_solid(text).then_some(Value::Text(text))?);
    }
    // A quote behind the last value could belong to a longer match of the pattern.
    (tokens.rest().is_empty() || tokens.rest().starts_with(' ')).then_some(())
}
