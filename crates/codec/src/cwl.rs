//! CloudWatch Logs subscription data: JSON envelopes whose log events are the records.

use yagura_model::{Arena, JsonError, JsonErrorKind, Object, Value, parse, parse_prefix};

use crate::object::Reading;
use crate::text::{receive_line, trim};
use crate::text_buffer::TextBuffer;
use crate::{Envelope, FailureReason, MessageFormat, Position, Record, RecordText};

/// Reads envelopes one after the other; those without log data (control messages) hold no record.
pub(crate) fn read_cloudwatch_logs(
    buffer: &mut TextBuffer<'_>,
    format: &MessageFormat,
    reading: &mut Reading<'_>,
) {
    loop {
        let blanks = buffer.pending().len() - buffer.pending().trim_start().len();
        buffer.consume_counting(blanks);
        if buffer.pending().is_empty() {
            if !buffer.fill() {
                return;
            }
            continue;
        }
        let mut arena = std::mem::take(&mut reading.arena);
        let outcome = match parse_prefix(buffer.pending(), &arena) {
            Ok((value, end)) => {
                if let Value::Object(object) = &value {
                    receive_events(object, format, buffer, reading, &arena);
                }
                Some(end)
            }
            Err(error) if error.at_end && !buffer.at_end() => None,
            Err(error) => Some(fail_rest(&error.to_string(), buffer, reading)),
        };
        arena.reset();
        reading.arena = arena;
        match outcome {
            Some(end) => buffer.consume_counting(end),
            None if buffer.pending().len() > reading.limits.record_bytes => {
                let length = fail_rest("the envelope is too long", buffer, reading);
                buffer.consume_counting(length);
            }
            None => {
                buffer.fill();
            }
        }
        if !reading.goes_on(reading.number) {
            return;
        }
    }
}

/// Reports what cannot be read, to the end of its line, and tells how long that is.
fn fail_rest(detail: &str, buffer: &TextBuffer<'_>, reading: &mut Reading<'_>) -> usize {
    reading.number += 1;
    let position = Position {
        number: reading.number,
        line: buffer.line(),
        byte_offset: buffer.byte_offset(),
    };
    let pending = buffer.pending().as_bytes();
    let length = memchr::memchr(b'\n', pending).unwrap_or(pending.len());
    let detail = format!("the CloudWatch Logs envelope is not JSON: {detail}");
    reading.fail(
        position,
        FailureReason::InvalidJson,
        detail,
        &pending[..length],
    );
    length
}

fn receive_events<'a>(
    envelope: &Object<'a>,
    format: &'a MessageFormat,
    buffer: &TextBuffer<'_>,
    reading: &mut Reading<'_>,
    arena: &'a Arena,
) {
    if envelope.text("messageType") != Some("DATA_MESSAGE") {
        return;
    }
    let events = envelope.get("logEvents").and_then(Value::as_list);
    for event in events.unwrap_or_default() {
        reading.number += 1;
        if !reading.slice.contains(reading.number) {
            continue;
        }
        let position = Position {
            number: reading.number,
            line: buffer.line(),
            byte_offset: buffer.byte_offset(),
        };
        let event = event.as_object();
        let Some(message) = event.and_then(|event| event.text("message")) else {
            let detail = "the log event has no text `message`";
            reading.fail(position, FailureReason::InvalidJson, detail, b"");
            continue;
        };
        let metadata = Envelope {
            id: event.and_then(|event| event.text("id")),
            account: envelope.text("owner"),
            log_group: envelope.text("logGroup"),
            log_stream: envelope.text("logStream"),
            cwl_timestamp: match event.and_then(|event| event.get("timestamp")) {
                Some(Value::Number(text) | Value::Text(text)) => Some(text),
                _ => None,
            },
            ..Envelope::default()
        };
        let text = RecordText {
            envelope: metadata,
            ..RecordText::plain(message)
        };
        match format {
            MessageFormat::Json => receive_json(text, position, reading, arena),
            MessageFormat::Text(parser) => {
                receive_line(text, parser.as_ref(), position, reading);
            }
        }
    }
}

/// Hands over a message that is a JSON object; text that is no JSON is kept unparsed.
fn receive_json<'a>(
    text: RecordText<'a>,
    position: Position,
    reading: &mut Reading<'_>,
    arena: &'a Arena,
) {
    let message = text.raw;
    let parsed = parse(trim(message), arena).or_else(|error| {
        if error.kind == JsonErrorKind::Escape {
            parse(arena.alloc_str(&repair_hex_escapes(message)), arena)
        } else {
            // The place of the error is counted in the whole message.
            Err(parse(message, arena).err().unwrap_or(error))
        }
    });
    let (fields, unparsed) = match parsed {
        Ok(Value::Object(fields)) => (fields, None),
        Ok(_) => {
            let detail = "the message is JSON, but not an object";
            return reading.fail(
                position,
                FailureReason::NotAnObject,
                detail,
                &text.self_contained(),
            );
        }
        Err(error) => {
            let detail = arena.alloc_str(&invalid_json(message, &error));
            (Object::new_in(arena), Some(&*detail))
        }
    };
    let record = Record {
        text,
        fields,
        position,
        unparsed,
    };
    reading.receive.record(record, arena);
}

/// The error text of an unparsed message, in the words that existing documents have.
fn invalid_json(message: &str, error: &JsonError) -> String {
    let problem = match error.kind {
        JsonErrorKind::Value => "Expecting value",
        JsonErrorKind::Key => "Expecting property name enclosed in double quotes",
        JsonErrorKind::Colon => "Expecting ':' delimiter",
        JsonErrorKind::Comma => "Expecting ',' delimiter",
        JsonErrorKind::Escape => "Invalid \\escape",
        JsonErrorKind::Unterminated => "Unterminated string starting at",
        JsonErrorKind::Control => "Invalid control character at",
        JsonErrorKind::Depth => "Nested too deep",
        JsonErrorKind::Trailing => "Extra data",
    };
    let before = &message[..message.floor_char_boundary(error.at)];
    let line = before.matches('\n').count() + 1;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[line_start..].chars().count() + 1;
    let character = before.chars().count();
    format!("invalid json file: {problem}: line {line} column {column} (char {character})")
}

/// Doubles the backslash of `\x41`, which some programs write into JSON text, and escapes raw
/// control characters.
fn repair_hex_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut previous = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if previous != '\\' && characters.peek() == Some(&'x') => out.push_str("\\\\"),
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => out.push(character),
        }
        previous = character;
    }
    out
}
