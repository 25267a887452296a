//! A document to bytes that `marshal.loads` reads.

use yagura_model::{Arena, Object, Value, parse};

use super::{integer, tag};

/// Appends the object as a dict.
pub fn push_object(object: &Object<'_>, out: &mut Vec<u8>) {
    out.push(tag::DICT);
    for member in object.iter() {
        push_text(member.key, out);
        push_value(&member.value, out);
    }
    out.push(tag::END);
}

fn push_value(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(tag::NONE),
        Value::Bool(true) => out.push(tag::TRUE),
        Value::Bool(false) => out.push(tag::FALSE),
        Value::Number(text) => push_number(text, out),
        Value::Text(text) => push_text(text, out),
        Value::List(list) => {
            out.push(tag::LIST);
            push_length(list.len(), out);
            list.iter().for_each(|value| push_value(value, out));
        }
        Value::Object(object) => push_object(object, out),
        Value::Written(json) => {
            let arena = Arena::new();
            push_value(&parse(json, &arena).unwrap_or(Value::Null), out);
        }
    }
}

fn push_text(text: &str, out: &mut Vec<u8>) {
    out.push(tag::TEXT);
    push_length(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

/// Lengths of marshal are whole numbers of 32 bits; records are far below that.
fn push_length(length: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&(length as u32).to_le_bytes());
}

/// A number as Python's JSON reader takes it; whole numbers that are too long for it stay text.
fn push_number(text: &str, out: &mut Vec<u8>) {
    if let Ok(number) = text.parse::<i32>() {
        out.push(tag::INTEGER);
        return out.extend_from_slice(&number.to_le_bytes());
    }
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if let Some(words) = integer::words(digits) {
        let length = words.len() as i32;
        out.push(tag::LONG);
        let length = if is_negative { -length } else { length };
        out.extend_from_slice(&length.to_le_bytes());
        for word in words {
            out.extend_from_slice(&word.to_le_bytes());
        }
        return;
    }
    match text.parse::<f64>() {
        Ok(_) if digits.bytes().all(|byte| byte.is_ascii_digit()) => push_text(text, out),
        Ok(number) => {
            out.push(tag::FLOAT);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Err(_) => push_text(text, out),
    }
}
