//! Lines of syslog as records: the parts of the header, and pairs in the message.

use yagura_model::{Arena, Object, Value};

use crate::keyvalue::{push_key_values, weigh_key_values};
use crate::{FailureReason, LineParser, SyslogLine};

/// Takes lines of RFC 5424 and RFC 3164 apart; a line without such a header is kept as `message`.
///
/// The fields are `syslog_facility`, `syslog_severity`, `syslog_timestamp`, `hostname`, `program`,
/// `pid`, `message_id`, `message` and `structured_data`, by the ids of its elements. A message that
/// is mostly `key=value` pairs gives these as well.
pub struct SyslogRecord;

impl LineParser for SyslogRecord {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        let fields = Object::with_capacity_in(40, arena);
        let Some(parsed) = SyslogLine::parse(line) else {
            fields.push("message", Value::Text(line));
            return Ok(fields);
        };
        let priority = parsed.priority;
        let parts = [
            (
                "syslog_facility",
                priority.map(|priority| priority.facility_name()),
            ),
            (
                "syslog_severity",
                priority.map(|priority| priority.severity_name()),
            ),
            ("syslog_timestamp", parsed.timestamp),
            ("hostname", parsed.host),
            ("program", parsed.app),
            ("pid", parsed.process_id),
            ("message_id", parsed.message_id),
            ("message", Some(parsed.message)),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                fields.push(name, Value::Text(value));
            }
        }
        for element in &parsed.structured_data {
            let all = fields.object_or_insert("structured_data", arena);
            let object = all.object_or_insert(element.id, arena);
            for (name, value) in &element.parameters {
                object.set(name, Value::Text(arena.alloc_str(value)));
            }
        }
        let (pairs, bytes) = weigh_key_values(parsed.message);
        if pairs >= 2 && bytes * 2 >= parsed.message.len() {
            push_key_values(parsed.message, fields, arena);
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use yagura_model::push_compact_json;

    use super::*;

    #[test]
    fn every_line_becomes_a_record() {
        for (line, expected) in [
            (
                "<34>Oct 11 22:14:15 mymachine su[77]: 'su root' failed",
                r#"{"syslog_facility":"auth","syslog_severity":"crit","syslog_timestamp":"Oct 11 22:14:15","hostname":"mymachine","program":"su","pid":"77","message":"'su root' failed"}"#,
            ),
            (
                r#"<165>1 2024-06-15T12:34:56Z host.example.com app - ID47 [x@32473 a="1"] hi"#,
                r#"{"syslog_facility":"local4","syslog_severity":"notice","syslog_timestamp":"2024-06-15T12:34:56Z","hostname":"host.example.com","program":"app","message_id":"ID47","message":"hi","structured_data":{"x@32473":{"a":"1"}}}"#,
            ),
            (
                "Jun 15 12:34:56 fw kernel: IN=eth0 SRC=192.0.2.1",
                r#"{"syslog_timestamp":"Jun 15 12:34:56","hostname":"fw","program":"kernel","message":"IN=eth0 SRC=192.0.2.1","IN":"eth0","SRC":"192.0.2.1"}"#,
            ),
            ("no header at all", r#"{"message":"no header at all"}"#),
        ] {
            let arena = Arena::new();
            let fields = SyslogRecord.parse(line, &arena).unwrap();
            let mut text = Vec::new();
            for member in fields.iter() {
                text.push(format!("{:?}:{}", member.key, {
                    let mut json = Vec::new();
                    push_compact_json(&member.value, &mut json);
                    String::from_utf8(json).unwrap()
                }));
            }
            assert_eq!(format!("{{{}}}", text.join(",")), expected, "{line}");
        }
    }
}
