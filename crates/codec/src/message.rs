//! One message out of an envelope, read by itself.

use yagura_model::{Arena, JsonError, JsonErrorKind, Object, Value, parse, push_python_dumps};

use crate::envelope::{is_envelope, unwrap};
use crate::firelens::receive_firelens;
use crate::json::text_in;
use crate::object::Reading;
use crate::text::{receive_line, trim};
use crate::{FailureReason, MessageFormat, Position, Record, RecordText};

/// Hands over one message in the form its log type has.
pub(crate) fn receive_message<'a>(
    format: &'a MessageFormat,
    text: RecordText<'a>,
    position: Position,
    reading: &mut Reading<'_>,
    arena: &'a Arena,
) {
    match format {
        MessageFormat::Json => receive_json(text, position, reading, arena),
        MessageFormat::Text(parser) => {
            receive_line(text, parser.as_ref(), position, reading, arena);
        }
        MessageFormat::FireLens(format) => {
            receive_firelens(text, format, position, reading, arena);
        }
    }
}

/// Hands over a message that is a JSON object; text that is no JSON is kept unparsed.
///
/// An EventBridge event in the message is unwrapped, as one is that lies in an object by itself.
pub(crate) fn receive_json<'a>(
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
    let (parsed, text) = match parsed {
        Ok(Value::Object(object)) if is_envelope(object) => {
            let (detail, event) = unwrap(Value::Object(object));
            let mut raw = Vec::new();
            push_python_dumps(&detail, &mut raw);
            let text = RecordText {
                envelope: text.envelope.with_event(event),
                ..text.with_raw(text_in(&raw, arena))
            };
            (Ok(detail), text)
        }
        parsed => (parsed, text),
    };
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
        drift: None,
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
