//! Values of documents to values of the language, and what a script made of them back.
//!
//! What a script did not change stays as it was: numbers keep their text, members their order.

use vrl::prelude::NotNan;
use vrl::value::{KeyString, ObjectMap, Value as VrlValue};
use yagura_model::{Arena, MAX_DEPTH, Object, Timestamp, Value, parse, push_python_float};

/// Size in memory up to which a document is taken back.
const MAX_SIZE: usize = 64 << 20;
/// What a value counts beside its text.
const VALUE_SIZE: usize = 32;

/// The value as scripts see it. Whole numbers beyond 64 bits become floats, what is no number null.
pub fn to_vrl(value: &Value<'_>) -> VrlValue {
    match value {
        Value::Null => VrlValue::Null,
        Value::Bool(value) => VrlValue::Boolean(*value),
        Value::Number(text) => number_to_vrl(text),
        Value::Text(text) => VrlValue::from(*text),
        Value::List(list) => VrlValue::Array(list.iter().map(to_vrl).collect()),
        Value::Object(object) => VrlValue::Object(object_to_vrl(object)),
        Value::Written(json) => {
            let arena = Arena::new();
            to_vrl(&parse(json, &arena).unwrap_or(Value::Null))
        }
    }
}

/// The members as scripts see them.
pub fn object_to_vrl(object: &Object<'_>) -> ObjectMap {
    let members = object.iter();
    members
        .map(|member| (KeyString::from(member.key), to_vrl(&member.value)))
        .collect()
}

fn number_to_vrl(text: &str) -> VrlValue {
    match text.parse::<i64>() {
        Ok(number) => VrlValue::Integer(number),
        Err(_) => {
            let number = text
                .parse()
                .ok()
                .and_then(|number| NotNan::new(number).ok());
            number.map_or(VrlValue::Null, VrlValue::Float)
        }
    }
}

/// Whether what a script made can be a part of a document; an error tells why not.
pub fn check(value: &VrlValue) -> Result<(), &'static str> {
    let mut size_left = MAX_SIZE;
    check_within(value, MAX_DEPTH, &mut size_left)
}

fn check_within(value: &VrlValue, depth: usize, size_left: &mut usize) -> Result<(), &'static str> {
    const TOO_DEEP: &str = "the document nests deeper than 256 levels";
    let size = match value {
        VrlValue::Bytes(bytes) => bytes.len(),
        VrlValue::String(text) => text.len(),
        _ => 0,
    };
    let left = size_left.checked_sub(size + VALUE_SIZE);
    *size_left = left.ok_or("the document is larger than 64 MiB")?;
    match value {
        VrlValue::Array(values) => {
            let depth = depth.checked_sub(1).ok_or(TOO_DEEP)?;
            values
                .iter()
                .try_for_each(|value| check_within(value, depth, size_left))
        }
        VrlValue::Object(members) => {
            let depth = depth.checked_sub(1).ok_or(TOO_DEEP)?;
            members
                .values()
                .try_for_each(|value| check_within(value, depth, size_left))
        }
        _ => Ok(()),
    }
}

/// The value that a script left behind where `before` was.
pub fn from_vrl<'a>(value: VrlValue, before: Value<'a>, arena: &'a Arena) -> Value<'a> {
    match (value, before) {
        (VrlValue::Object(members), Value::Object(object)) => {
            take_members(object, members, arena);
            Value::Object(object)
        }
        (VrlValue::Object(members), _) => {
            let object = Object::with_capacity_in(members.len(), arena);
            take_members(object, members, arena);
            Value::Object(object)
        }
        (VrlValue::Array(values), before) => {
            let mut before = match before {
                Value::List(list) if list.len() == values.len() => list.iter_mut(),
                _ => [].iter_mut(),
            };
            let values = values.into_iter().map(|value| {
                let before = before.next().map_or(Value::Null, Value::take);
                from_vrl(value, before, arena)
            });
            Value::new_list(arena, values)
        }
        (VrlValue::Null, Value::Number(text)) if number_to_vrl(text).is_null() => {
            Value::Number(text)
        }
        (VrlValue::Null, _) => Value::Null,
        (VrlValue::Boolean(value), _) => Value::Bool(value),
        (VrlValue::Bytes(bytes), Value::Text(text)) if bytes == text => Value::Text(text),
        (VrlValue::String(value), Value::Text(text)) if *value == *text => Value::Text(text),
        (VrlValue::Bytes(bytes), _) => {
            Value::Text(arena.alloc_str(&std::string::String::from_utf8_lossy(&bytes)))
        }
        (VrlValue::String(value), _) => Value::Text(arena.alloc_str(&value)),
        (number @ (VrlValue::Integer(_) | VrlValue::Float(_)), Value::Number(text))
            if number_to_vrl(text) == number =>
        {
            Value::Number(text)
        }
        (VrlValue::Integer(number), _) => Value::Number(arena.alloc_str(&number.to_string())),
        (VrlValue::Float(number), _) => float(number.into_inner(), arena),
        (VrlValue::Timestamp(time), _) => {
            let time = Timestamp::from_micros(time.timestamp_micros(), 0);
            time.map_or(Value::Null, |time| {
                Value::Text(arena.alloc_str(&time.to_iso8601()))
            })
        }
        (VrlValue::Regex(regex), _) => Value::Text(arena.alloc_str(regex.as_str())),
    }
}

/// Makes the object have these members: those it has already first, in their order.
pub fn take_members<'a>(object: &mut Object<'a>, mut members: ObjectMap, arena: &'a Arena) {
    let has_gone = |key: &str| !members.contains_key(key);
    let gone: Vec<_> = object
        .iter()
        .map(|member| member.key)
        .filter(|key| has_gone(key))
        .collect();
    for key in gone {
        object.remove(key);
    }
    for member in object.iter_mut() {
        if let Some(value) = members.remove(member.key) {
            member.value = from_vrl(value, member.value.take(), arena);
        }
    }
    for (key, value) in members {
        object.push(
            arena.alloc_str(key.as_str()),
            from_vrl(value, Value::Null, arena),
        );
    }
}

fn float<'a>(number: f64, arena: &'a Arena) -> Value<'a> {
    if number.is_infinite() {
        return Value::Number(if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        });
    }
    let mut text = Vec::new();
    push_python_float(number, &mut text);
    Value::Number(arena.alloc_str(&std::string::String::from_utf8_lossy(&text)))
}
