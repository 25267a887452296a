//! CloudWatch Logs subscription data: JSON envelopes whose log events are the records.

use yagura_model::{Arena, Object, Value, parse_prefix};

use crate::json::broken_length;
use crate::message::receive_message;
use crate::object::Reading;
use crate::piece::{END_OF_VALUE, PieceForm};
use crate::text_buffer::TextBuffer;
use crate::{Envelope, FailureReason, MessageFormat, Position, RecordText};

/// Reads envelopes one after the other; those without log data (control messages) hold no record.
/// Tells whether text behind these could not have changed how they were read.
pub(crate) fn read_cloudwatch_logs(
    buffer: &mut TextBuffer<'_>,
    format: &MessageFormat,
    reading: &mut Reading<'_>,
) -> bool {
    let mut is_sound = true;
    // Messages live in an arena of their own: an envelope may hold very many.
    let mut envelopes = Arena::new();
    loop {
        if !reading.give_pieces(buffer, || PieceForm::Values) {
            return is_sound;
        }
        let blanks = buffer.pending().len() - buffer.pending().trim_start().len();
        buffer.consume_counting(blanks);
        if buffer.pending().is_empty() {
            if !buffer.fill() {
                return is_sound;
            }
            continue;
        }
        let limit = reading.limits.record_bytes;
        let is_long = buffer.pending().len() > limit;
        let parsed = parse_prefix(buffer.pending(), &envelopes);
        let is_whole = parsed.is_ok();
        let outcome = match parsed {
            // How much of the text is at hand must not decide what is too long.
            Ok((_, end)) if end > limit => Some(fail_rest(TOO_LONG, buffer, reading)),
            Err(error) if error.at > limit || error.at_end && is_long => {
                Some(fail_rest(TOO_LONG, buffer, reading))
            }
            Ok((value, end)) => {
                match &value {
                    Value::Object(object) if object.get("messageType").is_some() => {
                        receive_events(object, format, buffer, reading);
                    }
                    _ => fail_other(end, buffer, reading),
                }
                Some(end)
            }
            Err(error) if error.at_end && !buffer.at_end() => None,
            Err(error) => {
                is_sound &= !error.at_end;
                Some(fail_rest(&error.to_string(), buffer, reading))
            }
        };
        envelopes.reset();
        match outcome {
            Some(end) => {
                is_sound &= is_whole || end < buffer.pending().len();
                buffer.consume_counting(end);
            }
            None => {
                buffer.fill();
            }
        }
        if !reading.goes_on(reading.number) {
            return is_sound;
        }
    }
}

/// Reports a value that is no envelope; what is no log data must not vanish.
fn fail_other(length: usize, buffer: &TextBuffer<'_>, reading: &mut Reading<'_>) {
    reading.number += 1;
    let position = Position {
        number: reading.number,
        line: buffer.line(),
        byte_offset: buffer.byte_offset(),
    };
    let raw = &buffer.pending().as_bytes()[..length];
    let detail = "the value is no envelope of CloudWatch Logs: it has no `messageType`";
    reading.fail(position, FailureReason::InvalidJson, detail, raw);
}

const TOO_LONG: &str = "the envelope is too long";

/// Reports what cannot be read, but no more than its line, and tells how long that is.
fn fail_rest(detail: &str, buffer: &mut TextBuffer<'_>, reading: &mut Reading<'_>) -> usize {
    let line = buffer.rest_of_line(reading.limits.record_bytes);
    reading.number += 1;
    let position = Position {
        number: reading.number,
        line: buffer.line(),
        byte_offset: buffer.byte_offset(),
    };
    let length = broken_length(&buffer.pending()[..line], END_OF_VALUE);
    let detail = format!("the CloudWatch Logs envelope is not JSON: {detail}");
    reading.fail(
        position,
        FailureReason::InvalidJson,
        detail,
        &buffer.pending().as_bytes()[..length],
    );
    length
}

fn receive_events(
    envelope: &Object<'_>,
    format: &MessageFormat,
    buffer: &TextBuffer<'_>,
    reading: &mut Reading<'_>,
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
        reading.in_arena(|reading, arena| {
            receive_message(format, text, position, reading, arena);
        });
    }
}
