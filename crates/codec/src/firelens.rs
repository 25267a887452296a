//! FireLens: JSON lines in which containers' log routers put what a container wrote.

use yagura_model::{Arena, Object, Value, parse};

use crate::json::python_dumps;
use crate::message::receive_message;
use crate::object::Reading;
use crate::text::{Line, fail_long_line, next_line, trim};
use crate::text_buffer::TextBuffer;
use crate::{Container, Envelope, FailureReason, MessageFormat, Position, Record, RecordText};

/// Reads an object of FireLens lines; empty lines are no records.
pub(crate) fn read_firelens(
    buffer: &mut TextBuffer<'_>,
    format: &MessageFormat,
    reading: &mut Reading<'_>,
) {
    let mut line_number = 0;
    while let Some(line) = next_line(buffer, reading.limits.record_bytes) {
        line_number += 1;
        let position = Position {
            number: reading.number + 1,
            line: buffer.line(),
            byte_offset: buffer.byte_offset(),
        };
        let (length, width) = match line {
            Line::Whole(length, width) => (length, width),
            Line::TooLong => {
                reading.number += 1;
                fail_long_line(buffer, position, reading);
                continue;
            }
        };
        let raw = trim(&buffer.pending()[..length]);
        if reading.slice.contains(line_number) && !raw.is_empty() {
            reading.number += 1;
            let original = buffer.original(length);
            let text = RecordText {
                original: original.as_deref(),
                ..RecordText::plain(raw)
            };
            reading.in_arena(|reading, arena| {
                receive_firelens(text, format, position, reading, arena);
            });
        }
        buffer.consume(length + width, 1);
        if !reading.goes_on(line_number) {
            return;
        }
    }
}

/// Hands over what lies in one FireLens line.
///
/// The container's text stands in `log`. A log router that understands JSON may have put the
/// container's fields beside its own instead; then the line is the record.
pub(crate) fn receive_firelens<'a>(
    line: RecordText<'a>,
    format: &'a MessageFormat,
    position: Position,
    reading: &mut Reading<'_>,
    arena: &'a Arena,
) {
    let members = match parse(trim(line.raw), arena) {
        Ok(Value::Object(members)) => members,
        Ok(_) => {
            let detail = "the FireLens line is JSON, but not an object";
            let raw = line.self_contained();
            return reading.fail(position, FailureReason::NotAnObject, detail, &raw);
        }
        Err(error) => {
            let detail = format!("the FireLens line is not JSON: {error}");
            let raw = line.self_contained();
            return reading.fail(position, FailureReason::InvalidJson, detail, &raw);
        }
    };
    let container = &*arena.alloc(take_container(members, line.raw));
    let log = members.remove("log");
    let raw = match (&log, format) {
        (Some(Value::Text(raw)), _) => raw,
        (Some(value), _) => python_dumps(value, arena),
        (None, MessageFormat::Json) => line.raw,
        (None, _) => {
            let detail = "the FireLens line has no `log`";
            let raw = line.self_contained();
            return reading.fail(position, FailureReason::InvalidJson, detail, &raw);
        }
    };
    let text = RecordText {
        envelope: Envelope {
            id: container.name.or(line.envelope.id),
            container: Some(container),
            ..line.envelope
        },
        ..line.with_raw(raw)
    };
    let is_stderr = container.source == Some("stderr");
    let (fields, unparsed) = match (log, format) {
        (Some(Value::Text(_)), MessageFormat::Text(parser)) => match parser.parse(raw, arena) {
            Ok(fields) => (fields, None),
            // Programs put what they like there; it is kept as it is.
            Err(_) if is_stderr => (Object::new_in(arena), Some(raw)),
            Err((reason, detail)) => {
                return reading.fail(position, reason, detail, &text.self_contained());
            }
        },
        (Some(Value::Text(_)), format) => {
            return receive_message(format, text, position, reading, arena);
        }
        (Some(Value::Object(fields)), MessageFormat::Json) => (fields, None),
        (None, _) => (members, None),
        (Some(_), _) if is_stderr => (Object::new_in(arena), Some(raw)),
        (Some(_), _) => (Object::new_in(arena), Some("`log` is not text")),
    };
    let record = Record {
        text,
        fields,
        position,
        unparsed,
        drift: None,
    };
    reading.receive.record(record, arena);
}

/// Takes what the log router says about the container out of the line.
fn take_container<'a>(members: &mut Object<'a>, line: &'a str) -> Container<'a> {
    let mut take = |name: &str| match members.get(name) {
        Some(Value::Text(text)) if !text.is_empty() => {
            let text = *text;
            members.remove(name);
            Some(text)
        }
        _ => None,
    };
    Container {
        line,
        id: take("container_id"),
        name: take("container_name"),
        source: take("source"),
        ecs_cluster: take("ecs_cluster"),
        ecs_task_arn: take("ecs_task_arn"),
        ecs_task_definition: take("ecs_task_definition"),
        ec2_instance_id: take("ec2_instance_id"),
    }
}
