//! Amazon S3 server access logs: tokeniser, short user name, region out of the endpoint.

use std::sync::LazyLock;

use yagura_model::{Arena, KeyRow, Object, Value, key, keys};
use yagura_pipeline::{Draft, Native, OwnLog, Stop, Tokens, find_region};

use crate::web::push_missing;

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("s3accesslog", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: Some(split_line),
    own_logs: &[
        ("Requester", OwnLog::FunctionAfter("arn:")),
        ("Requester", OwnLog::RoleAfter("arn")),
        (
            "Requester",
            OwnLog::StartsWith("svc:securitylake.amazonaws.com"),
        ),
        ("UserAgent", OwnLog::UserAgent),
    ],
};

/// The fields of a line, in the order in which they are found.
static ROW: LazyLock<KeyRow> = LazyLock::new(|| {
    KeyRow::new(keys![
        "BucketOwner",
        "Bucket",
        "RequestDateTime",
        "RemoteIP",
        "Requester",
        "RequestID",
        "Operation",
        "Key",
        "RequestURI_operation",
        "RequestURI_key",
        "RequestURI_httpProtoversion",
        "HTTPstatus",
        "ErrorCode",
        "BytesSent",
        "ObjectSize",
        "TotalTime",
        "TurnAroundTime",
        "Referrer",
        "UserAgent",
        "VersionId",
        "HostId",
        "SigV",
        "CipherSuite",
        "AuthType",
        "EndPoint",
        "TLSVersion",
        "S3AccessPointARN",
    ])
});

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    if let Some((_, name)) = draft
        .text("user.name")
        .and_then(|name| name.rsplit_once('/'))
    {
        draft.put_text("user.name", name);
    }
    if draft.text("cloud.region") == Some("unknown") {
        let endpoint = draft
            .text("EndPoint")
            .ok_or(Stop("`EndPoint` is missing"))?;
        if let Some(region) = find_region(endpoint, &["us", "ap", "ca", "eu", "me", "sa", "af"]) {
            draft.put_text("cloud.region", region);
        }
    }
    Ok(())
}

/// Splits the lines that S3 itself writes; what is stranger is left to the pattern.
fn split_line<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let fields = Object::for_record_in(&ROW, arena);
    let mut tokens = Tokens::new(line);
    for name in keys!["BucketOwner", "Bucket"] {
        fields.push_noted(name, Value::Text(tokens.until(b' ')?));
    }
    tokens.literal("[")?;
    fields.push_noted(key!("RequestDateTime"), Value::Text(tokens.until(b']')?));
    tokens.literal(" ")?;
    for name in keys!["RemoteIP", "Requester", "RequestID", "Operation", "Key"] {
        fields.push_noted(name, Value::Text(tokens.until(b' ')?));
    }
    split_request(&mut tokens, fields)?;
    let status = tokens.until(b' ')?;
    let is_status = status == "-" || status.bytes().all(|byte| byte.is_ascii_digit());
    fields.push_noted(
        key!("HTTPstatus"),
        is_status.then_some(Value::Text(status))?,
    );
    for name in keys![
        "ErrorCode",
        "BytesSent",
        "ObjectSize",
        "TotalTime",
        "TurnAroundTime",
    ] {
        fields.push_noted(name, Value::Text(tokens.word_of(|byte| byte != b'"')?));
    }
    for name in keys!["Referrer", "UserAgent"] {
        fields.push_noted(name, quoted_or_dash(&mut tokens)?);
        tokens.literal(" ")?;
    }
    fields.push_noted(key!("VersionId"), Value::Text(tokens.word()));
    let names = keys![
        "HostId",
        "SigV",
        "CipherSuite",
        "AuthType",
        "EndPoint",
        "TLSVersion",
    ];
    if tokens.rest().is_empty() {
        push_missing(fields, names);
        push_missing(fields, keys!["S3AccessPointARN"]);
        return Some(fields);
    }
    for name in names {
        tokens.literal(" ")?;
        fields.push_noted(name, Value::Text(tokens.word()));
    }
    let access_point = match tokens.rest() {
        "" => Value::Null,
        rest if rest.starts_with(" arn:") => {
            tokens.literal(" ")?;
            Value::Text(tokens.word())
        }
        rest if rest.starts_with(" -") => Value::Text("-"),
        _ => Value::Null,
    };
    fields.push_noted(key!("S3AccessPointARN"), access_point);
    Some(fields)
}

fn split_request<'a>(tokens: &mut Tokens<'a>, fields: &mut Object<'a>) -> Option<()> {
    let names = keys![
        "RequestURI_operation",
        "RequestURI_key",
        "RequestURI_httpProtoversion",
    ];
    if tokens.literal("-").is_some() || tokens.literal("\"-\"").is_some() {
        push_missing(fields, names);
        return tokens.literal(" ");
    }
    let request = tokens.quoted()?;
    let mut parts = request.split(' ');
    for name in names {
        fields.push_noted(name, Value::Text(parts.next()?));
    }
    parts.next().is_none().then_some(())?;
    tokens.literal(" ")
}

fn quoted_or_dash<'a>(tokens: &mut Tokens<'a>) -> Option<Value<'a>> {
    if tokens.literal("-").is_some() {
        return Some(Value::Null);
    }
    tokens.quoted().map(Value::Text)
}
