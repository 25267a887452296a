//! The floor of the access logs of Application Load Balancers.

use yagura_model::{Buffer, Timestamp, is_ip_address};
use yagura_pipeline::{Tokens, parse_iso8601};

use super::{
    Constants, FLUSH_AT, MonthIndex, Take, begin, each_line, push_plain, push_text, push_two,
};

pub(super) fn make(
    text: &str,
    constants: &Constants,
    out: &mut Buffer,
    take: &mut Take<'_>,
) -> Option<u64> {
    let mut index = MonthIndex::new("log-aws-elb");
    each_line(text, |line, id| {
        push_request(line, id, &mut index, constants, out)?;
        if out.len() >= FLUSH_AT {
            take(out);
        }
        Some(())
    })
}

fn push_request(
    line: &str,
    id: &[u8; 32],
    index: &mut MonthIndex,
    constants: &Constants,
    out: &mut Buffer,
) -> Option<()> {
    let mut tokens = Tokens::new(line);
    let kind = tokens.until(b' ')?;
    let time = tokens.until(b' ')?;
    let instant: Timestamp = parse_iso8601(time, 0)?;
    begin(index.of(instant), id, out);
    push_plain(b"\"request_type\":\"", kind, out);
    push_plain(b",\"timestamp\":\"", time, out);
    push_plain(b",\"elb\":\"", tokens.until(b' ')?, out);
    let (client, client_port) = tokens.until(b' ')?.rsplit_once(':')?;
    push_plain(b",\"client_ip\":\"", client, out);
    push_plain(b",\"client_port\":\"", client_port, out);
    let (target, target_port) = tokens.until(b' ')?.rsplit_once([':', '-'])?;
    push_plain(b",\"target_ip\":\"", target, out);
    push_plain(b",\"target_port\":\"", target_port, out);
    push_plain(b",\"request_processing_time\":\"", tokens.until(b' ')?, out);
    push_plain(b",\"target_processing_time\":\"", tokens.until(b' ')?, out);
    push_plain(
        b",\"response_processing_time\":\"",
        tokens.until(b' ')?,
        out,
    );
    let status = tokens.until(b' ')?;
    push_plain(b",\"elb_status_code\":\"", status, out);
    push_plain(b",\"target_status_code\":\"", tokens.until(b' ')?, out);
    let (received, sent) = (tokens.until(b' ')?, tokens.until(b' ')?);
    push_plain(b",\"received_bytes\":\"", received, out);
    push_plain(b",\"sent_bytes\":\"", sent, out);
    let request = tokens.quoted()?;
    let (method, rest) = request.split_once(' ')?;
    let (url, version) = rest.split_once(" HTTP/")?;
    let (scheme, rest) = url.split_once("://")?;
    let (host, rest) = rest.split_once(':')?;
    let (port, path) = rest.split_at(rest.find('/')?);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    push_text(b",\"request\":", request, out);
    push_plain(b",\"http_method\":\"", method, out);
    push_plain(b",\"http_protocol\":\"", scheme, out);
    push_text(b",\"http_host\":", host, out);
    push_plain(b",\"http_port\":\"", port, out);
    push_text(b",\"http_path\":", path, out);
    push_text(b",\"http_query\":", query, out);
    push_plain(b",\"http_version\":\"", version, out);
    tokens.literal(" ")?;
    let agent = tokens.quoted()?;
    push_text(b",\"useragent\":", agent, out);
    tokens.literal(" ")?;
    push_plain(b",\"ssl_cipher\":\"", tokens.until(b' ')?, out);
    push_plain(b",\"ssl_protocol\":\"", tokens.until(b' ')?, out);
    push_plain(b",\"target_group_arn\":\"", tokens.until(b' ')?, out);
    push_text(b",\"trace_id\":", tokens.quoted()?, out);
    tokens.literal(" ")?;
    push_text(b",\"domain_name\":", tokens.quoted()?, out);
    tokens.literal(" ")?;
    push_text(b",\"chosen_cert_arn\":", tokens.quoted()?, out);
    tokens.literal(" ")?;
    push_plain(b",\"matched_rule_priority\":\"", tokens.until(b' ')?, out);
    push_plain(b",\"request_creation_time\":\"", tokens.until(b' ')?, out);
    push_text(b",\"actions_executed\":", tokens.quoted()?, out);
    tokens.literal(" ")?;
    push_text(b",\"redirect_url\":", tokens.quoted()?, out);
    tokens.literal(" ")?;
    push_text(b",\"lambda_error_reason\":", tokens.quoted()?, out);
    tokens.literal(" ")?;
    push_text(b",\"target_port_list\":", tokens.quoted()?, out);
    tokens.literal(" ")?;
    push_text(b",\"target_status_code_list\":", tokens.quoted()?, out);
    tokens.literal(" ")?;
    push_text(b",\"classification\":", tokens.quoted()?, out);
    tokens.literal(" ")?;
    push_text(b",\"classification_reason\":", tokens.quoted()?, out);
    push_text(b",\"@message\":", line, out);
    push_plain(b",\"@timestamp\":\"", instant.iso8601().as_str(), out);
    out.push(&constants.log);
    out.push(id);
    out.push_all(b"\",\"event\":{\"module\":\"alb\",\"ingested\":\"");
    out.push(&constants.ingested);
    out.push_all(b"\",\"kind\":\"event\",\"category\":[\"web\"]},");
    out.push(&constants.cloud);
    let has_target = is_ip_address(target);
    is_ip_address(client).then_some(())?;
    if has_target {
        push_plain(b",\"destination\":{\"address\":\"", target, out);
        push_plain(b",\"ip\":\"", target, out);
        push_plain(b",\"port\":\"", target_port, out);
        out.push_all(b"}");
    }
    push_plain(b",\"http\":{\"request\":{\"bytes\":\"", received, out);
    push_plain(b",\"method\":\"", method, out);
    push_plain(b"},\"response\":{\"bytes\":\"", sent, out);
    push_plain(b",\"status_code\":\"", status, out);
    push_plain(b"},\"version\":\"", version, out);
    out.push_all(b"},\"related\":{\"ip\":[");
    push_two(client, if has_target { target } else { client }, out);
    push_plain(b"]},\"source\":{\"address\":\"", client, out);
    push_plain(b",\"ip\":\"", client, out);
    push_plain(b",\"port\":\"", client_port, out);
    push_text(b"},\"url\":{\"domain\":", host, out);
    push_text(b",\"path\":", path, out);
    push_plain(b",\"port\":\"", port, out);
    push_text(b",\"query\":", query, out);
    push_plain(b",\"scheme\":\"", scheme, out);
    push_text(b",\"full\":", url, out);
    out.push_all(b"}");
    push_text(b",\"user_agent\":{\"original\":", agent, out);
    if !matches!(agent, "" | "-") {
        out.push_all(b"}");
    }
    out.push_all(b"}}\n");
    Some(())
}
