//! The floor of VPC flow logs with the columns of version 2.

use yagura_model::{Buffer, Timestamp};

use super::{Constants, FLUSH_AT, MonthIndex, Take, begin, each_line, push_plain, push_two};

const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

pub(super) fn make(
    text: &str,
    constants: &Constants,
    out: &mut Buffer,
    take: &mut Take<'_>,
) -> Option<u64> {
    let lines = text.strip_prefix(HEADER)?.strip_prefix('\n')?;
    let mut index = MonthIndex::new("log-aws-vpcflowlogs");
    each_line(lines, |line, id| {
        push_flow(line, id, &mut index, constants, out)?;
        if out.len() >= FLUSH_AT {
            take(out);
        }
        Some(())
    })
}

fn push_flow(
    line: &str,
    id: &[u8; 32],
    index: &mut MonthIndex,
    constants: &Constants,
    out: &mut Buffer,
) -> Option<()> {
    let mut words = line.split(' ');
    let mut word = || words.next();
    let (version, account, interface) = (word()?, word()?, word()?);
    let (source, destination, source_port, port) = (word()?, word()?, word()?, word()?);
    let (protocol, packets, bytes) = (word()?, word()?, word()?);
    let (start, end, action, status) = (word()?, word()?, word()?, word()?);
    let seconds: i64 = end.parse().ok()?;
    let instant = Timestamp::from_micros(seconds * 1_000_000, 0)?;
    begin(index.of(instant), id, out);
    push_plain(b"\"version\":\"", version, out);
    push_plain(b",\"account_id\":\"", account, out);
    push_plain(b",\"interface_id\":\"", interface, out);
    push_plain(b",\"srcaddr\":\"", source, out);
    push_plain(b",\"dstaddr\":\"", destination, out);
    push_plain(b",\"srcport\":\"", source_port, out);
    push_plain(b",\"dstport\":\"", port, out);
    push_plain(b",\"protocol\":\"", protocol, out);
    push_plain(b",\"packets\":\"", packets, out);
    push_plain(b",\"bytes\":\"", bytes, out);
    push_plain(b",\"start\":\"", start, out);
    push_plain(b",\"end\":\"", end, out);
    push_plain(b",\"action\":\"", action, out);
    push_plain(b",\"log_status\":\"", status, out);
    push_plain(b",\"@message\":\"", line, out);
    push_plain(b",\"@timestamp\":\"", instant.iso8601().as_str(), out);
    out.push(&constants.log);
    out.push(id);
    out.push_all(b"\",\"event\":{\"module\":\"vpcflowlogs\",\"ingested\":\"");
    out.push(&constants.ingested);
    out.push_all(b"\"");
    push_plain(b",\"action\":\"", action, out);
    let outcome = match action {
        "ACCEPT" => "success",
        "REJECT" => "failure",
        _ => "unknown",
    };
    let kind = b",\"kind\":\"event\",\"category\":[\"network\"],\"outcome\":\"";
    push_plain(kind, outcome, out);
    out.push_all(b"},");
    out.push(&constants.cloud);
    // Without traffic there are neither addresses nor counts.
    if source != "-" {
        push_plain(b",\"destination\":{\"address\":\"", destination, out);
        push_plain(b",\"ip\":\"", destination, out);
        push_plain(b",\"port\":\"", port, out);
        push_plain(b"},\"network\":{\"bytes\":\"", bytes, out);
        push_plain(b",\"iana_number\":\"", protocol, out);
        push_plain(b",\"packets\":\"", packets, out);
        let transport = match protocol {
            "6" => "tcp",
            "17" => "udp",
            "1" => "icmp",
            _ => return None,
        };
        push_plain(b",\"transport\":\"", transport, out);
        out.push_all(b"},\"related\":{\"ip\":[");
        push_two(source, destination, out);
        push_plain(b"]},\"source\":{\"address\":\"", source, out);
        push_plain(b",\"bytes\":\"", bytes, out);
        push_plain(b",\"ip\":\"", source, out);
        push_plain(b",\"packets\":\"", packets, out);
        push_plain(b",\"port\":\"", source_port, out);
        out.push_all(b"}");
    }
    out.push_all(b"}}\n");
    Some(())
}
