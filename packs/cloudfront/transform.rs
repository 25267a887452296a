//! Amazon CloudFront access logs: tokenisers, full URL, HTTP version, user agent, distribution.

use std::sync::LazyLock;

use yagura_model::{Arena, Key, KeyRow, Object, Value, key, percent_decoded};
use yagura_pipeline::{Draft, Native, Stop, Tokens};

use crate::web::push_missing;

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[
    ("cloudfront-realtime", REALTIME),
    ("cloudfront-standard", STANDARD),
];

/// The Rust part of the real-time log.
const REALTIME: Native = Native {
    transform: Some(transform_realtime),
    split_line: Some(split_realtime),
    own_logs: &[],
};

/// The Rust part of the standard log.
const STANDARD: Native = Native {
    transform: Some(transform_standard),
    split_line: Some(split_standard),
    own_logs: &[],
};

/// The columns of a real-time record, in the order of the complete list of fields.
static REALTIME_COLUMNS: [Key; 40] = Key::list([
    "timestamp",
    "c_ip",
    "time_to_first_byte",
    "sc_status",
    "sc_bytes",
    "cs_method",
    "cs_protocol",
    "cs_host",
    "cs_uri_stem",
    "cs_bytes",
    "x_edge_location",
    "x_edge_request_id",
    "x_host_header",
    "time_taken",
    "cs_protocol_version",
    "c_ip_version",
    "cs_user_agent",
    "cs_referer",
    "cs_cookie",
    "cs_uri_query",
    "x_edge_response_result_type",
    "x_forwarded_for",
    "ssl_protocol",
    "ssl_cipher",
    "x_edge_result_type",
    "fle_encrypted_fields",
    "fle_status",
    "sc_content_type",
    "sc_content_len",
    "sc_range_start",
    "sc_range_end",
    "c_port",
    "x_edge_detailed_result_type",
    "c_country",
    "cs_accept_encoding",
    "cs_accept",
    "cache_behavior_path_pattern",
    "cs_headers",
    "cs_header_names",
    "cs_headers_count",
]);

static REALTIME_ROW: LazyLock<KeyRow> = LazyLock::new(|| KeyRow::new(&REALTIME_COLUMNS));

/// Whether a byte may stand in a column.
type IsMember = fn(u8) -> bool;

/// The columns behind date and time, with the bytes that they consist of.
static CHECKED_COLUMNS: [(Key, IsMember); 7] = [
    (Key::new("x_edge_location"), |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-'
    }),
    (Key::new("sc_bytes"), |byte| byte.is_ascii_digit()),
    (
        Key::new("c_ip"),
        |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'.' | b':'),
    ),
    (Key::new("cs_method"), |byte| byte.is_ascii_uppercase()),
    (Key::new("cs_host"), |byte| {
        byte.is_ascii_alphanumeric() || byte == b'.'
    }),
    (Key::new("cs_uri_stem"), |_| true),
    (Key::new("sc_status"), |byte| {
        byte.is_ascii_digit() || byte == b'-'
    }),
];

/// The other columns of a standard record.
static STANDARD_COLUMNS: [Key; 17] = Key::list([
    "cs_referer",
    "cs_user_agent",
    "cs_uri_query",
    "cs_cookie",
    "x_edge_result_type",
    "x_edge_request_id",
    "x_host_header",
    "cs_protocol",
    "cs_bytes",
    "time_taken",
    "x_forwarded_for",
    "ssl_protocol",
    "ssl_cipher",
    "x_edge_response_result_type",
    "cs_protocol_version",
    "fle_status",
    "fle_encrypted_fields",
]);

/// The columns that came to the standard format in December 2019, all or none of them.
static LATER_COLUMNS: [Key; 7] = Key::list([
    "c_port",
    "time_to_first_byte",
    "x_edge_detailed_result_type",
    "sc_content_type",
    "sc_content_len",
    "sc_range_start",
    "sc_range_end",
]);

static STANDARD_ROW: LazyLock<KeyRow> = LazyLock::new(|| {
    let checked = CHECKED_COLUMNS.iter().map(|(name, _)| name);
    let others = STANDARD_COLUMNS.iter().chain(&LATER_COLUMNS);
    KeyRow::new([key!("date_time")].into_iter().chain(checked).chain(others))
});

fn transform_realtime(draft: &mut Draft<'_>) -> Result<(), Stop> {
    add_distribution(draft, distribution_anywhere);
    decode_user_agent(draft);
    let path = draft.text("url.path");
    let path = path.ok_or(Stop("nothing was mapped into `url.path`"))?;
    // Some paths come with the query behind them.
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    draft.put_text("url.path", path);
    put_url(draft, "cs_host", None)?;
    add_http_version(draft)
}

fn transform_standard(draft: &mut Draft<'_>) -> Result<(), Stop> {
    add_distribution(draft, distribution_in_file_name);
    decode_user_agent(draft);
    if let Some(time) = draft.fields.text("date_time") {
        let time = draft.keep(&time.replace('\t', " "));
        draft.put_text("date_time", time);
    }
    let query = draft.fields.text("cs_uri_query");
    let query = query.filter(|query| *query != "-");
    put_url(draft, "x_host_header", query)?;
    add_http_version(draft)
}

/// Sets `url.full`.
fn put_url(draft: &mut Draft<'_>, host: &str, query: Option<&str>) -> Result<(), Stop> {
    let part = |name| draft.fields.text(name).ok_or(Stop("the URL has gaps"));
    let (scheme, host, path) = (part("cs_protocol")?, part(host)?, part("cs_uri_stem")?);
    let mut url = format!("{scheme}://{host}{path}");
    if let Some(query) = query {
        url.push('?');
        url.push_str(query);
    }
    let url = draft.keep(&url);
    draft.put_text("url.full", url);
    Ok(())
}

/// `HTTP/2.0` is version 2.0.
fn add_http_version(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let protocol = draft.fields.text("cs_protocol_version");
    let version = protocol.and_then(|protocol| protocol.split('/').nth(1));
    let version = version.ok_or(Stop("`cs_protocol_version` has no `/`"))?;
    draft.put_text("http.version", version);
    Ok(())
}

/// CloudFront writes blanks and other characters of the user agent percent-encoded.
fn decode_user_agent(draft: &mut Draft<'_>) {
    if let Some(agent) = draft.text("user_agent.original")
        && agent.contains('%')
    {
        let agent = draft.keep(&percent_decoded(agent));
        draft.put_text("user_agent.original", agent);
    }
}

/// The log has no distribution; its object key does.
fn add_distribution(draft: &mut Draft<'_>, find: impl Fn(&str) -> Option<&str>) {
    let key = draft.fields.text("@log_s3key").unwrap_or_default();
    draft.put_text("distribution_id", find(key).unwrap_or("unknown"));
}

/// The first 12 to 14 capitals and digits in a row with a capital among them.
fn distribution_anywhere(key: &str) -> Option<&str> {
    (0..key.len()).find_map(|start| {
        let rest = key.as_bytes().get(start..)?;
        let length = rest.iter().take(14).take_while(is_distribution).count();
        let id = key.get(start..start + length)?;
        let has_capital = id.bytes().any(|byte| byte.is_ascii_uppercase());
        (length >= 12 && has_capital).then_some(id)
    })
}

/// The 12 to 14 capitals and digits between a `/` and a `.`.
fn distribution_in_file_name(key: &str) -> Option<&str> {
    let parts = key.split('/').skip(1);
    let ids = parts.filter_map(|part| part.split_once('.'));
    ids.map(|(id, _)| id).find(|id| {
        (12..=14).contains(&id.len()) && id.as_bytes().iter().all(|b| is_distribution(&b))
    })
}

fn is_distribution(byte: &&u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// Splits a record with all its columns; there is nothing strange in a tab-separated line.
fn split_realtime<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let fields = Object::for_record_in(&REALTIME_ROW, arena);
    let mut tokens = Tokens::new(line);
    push_columns(fields, &REALTIME_COLUMNS, &mut tokens)?;
    let is_epoch = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    let epoch = fields.text("timestamp")?;
    consists_of(epoch, is_epoch).then_some(fields)
}

/// Splits a record that has the columns of today or those of before 2019.
fn split_standard<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let fields = Object::for_record_in(&STANDARD_ROW, arena);
    let mut tokens = Tokens::new(line);
    let (date, time) = (tokens.until(b'\t')?, tokens.until(b'\t')?);
    let is_time = |text: &str| !text.is_empty() && consists_of(text, is_of_time);
    (is_time(date) && is_time(time)).then_some(())?;
    let date_time = line.get(..date.len() + 1 + time.len())?;
    fields.push_noted(key!("date_time"), Value::Text(date_time));
    for (name, is_member) in &CHECKED_COLUMNS {
        let column = tokens.until(b'\t')?;
        let fits = !column.is_empty() && consists_of(column, is_member);
        fields.push_noted(name, fits.then_some(Value::Text(column))?);
    }
    // Without a letter the pattern could take the edge location for a part of the time.
    let edge = fields.text("x_edge_location")?;
    (!consists_of(edge, is_of_time)).then_some(())?;
    push_columns(fields, &STANDARD_COLUMNS, &mut tokens)?;
    let present = fields.len();
    if tokens.literal("\t").is_none() || push_columns(fields, &LATER_COLUMNS, &mut tokens).is_none()
    {
        // A part of them is as good as none; which part, the pattern tells.
        (fields.len() == present).then_some(())?;
        push_missing(fields, &LATER_COLUMNS);
    }
    Some(fields)
}

fn is_of_time(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b':')
}

fn consists_of(text: &str, is_member: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(is_member)
}

/// Takes one column per name, none of them empty; the tab behind the last stays.
fn push_columns<'a>(
    fields: &mut Object<'a>,
    names: &'static [Key],
    tokens: &mut Tokens<'a>,
) -> Option<()> {
    let (last, names) = names.split_last()?;
    for name in names {
        let column = tokens.until(b'\t').filter(|column| !column.is_empty())?;
        fields.push_noted(name, Value::Text(column));
    }
    let column = tokens.word_before(b'\t');
    (!column.is_empty()).then_some(())?;
    fields.push_noted(last, Value::Text(column));
    Some(())
}
