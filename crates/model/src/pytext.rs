//! Python's text forms of values, which existing documents and ids are made of.

use crate::escape::{push_json_string, push_python_string};
use crate::number::{is_finite, python_number};
use crate::{Arena, Value, parse};

/// How text at the top is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is (`str`).
    Plain,
    /// Quoted (`repr`).
    Literal,
}

/// Appends the value as Python's `str` or `repr` would render it.
pub fn push_python_text(value: &Value<'_>, form: Form, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"None"),
        Value::Bool(true) => out.extend_from_slice(b"True"),
        Value::Bool(false) => out.extend_from_slice(b"False"),
        Value::Number(text) => python_number(text, out),
        Value::Text(text) if form == Form::Plain => out.extend_from_slice(text.as_bytes()),
        Value::Text(text) => push_python_string(text, out),
        Value::Written(json) => {
            let arena = Arena::new();
            let tree = parse(json, &arena).unwrap_or(Value::Null);
            push_python_text(&tree, form, out);
        }
        Value::List(list) => {
            out.push(b'[');
            for (at, value) in list.iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(b", ");
                }
                push_python_text(value, Form::Literal, out);
            }
            out.push(b']');
        }
        Value::Object(object) => {
            out.push(b'{');
            for (at, member) in object.iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(b", ");
                }
                push_python_string(member.key, out);
                out.extend_from_slice(b": ");
                push_python_text(&member.value, Form::Literal, out);
            }
            out.push(b'}');
        }
    }
}

/// The value as Python text, in the arena; plain text and whole numbers are not copied.
pub fn python_text<'a>(value: &Value<'a>, form: Form, arena: &'a Arena) -> &'a str {
    match value {
        Value::Null => "None",
        Value::Bool(true) => "True",
        Value::Bool(false) => "False",
        Value::Text(text) if form == Form::Plain => text,
        Value::Number(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text,
        _ => {
            let mut out = Vec::new();
            push_python_text(value, form, &mut out);
            arena.alloc_str(&String::from_utf8_lossy(&out))
        }
    }
}

/// Appends what `json.dumps` makes of a number that is none; digits beyond a double's range stay.
pub(crate) fn push_not_finite(text: &str, out: &mut Vec<u8>) {
    let name: &[u8] = match text.parse::<f64>() {
        Ok(number) if number.is_nan() => b"NaN",
        Ok(_)
            if text
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_digit()) =>
        {
            text.as_bytes()
        }
        Ok(number) if number > 0.0 => b"Infinity",
        _ => b"-Infinity",
    };
    out.extend_from_slice(name);
}

/// Appends the value as `json.dumps(…, ensure_ascii=False)` writes it: `, ` and `: ` between,
/// numbers in Python's form. This is the text that `@message` and ids of JSON records are made of.
pub fn push_python_dumps(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(text) if is_finite(text) => python_number(text, out),
        Value::Number(text) => push_not_finite(text, out),
        Value::Text(text) => push_json_string(text, out),
        Value::Written(json) => {
            let arena = Arena::new();
            let tree = parse(json, &arena).unwrap_or(Value::Null);
            push_python_dumps(&tree, out);
        }
        Value::List(list) => {
            out.push(b'[');
            for (at, value) in list.iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(b", ");
                }
                push_python_dumps(value, out);
            }
            out.push(b']');
        }
        Value::Object(object) => {
            out.push(b'{');
            for (at, member) in object.iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(b", ");
                }
                push_json_string(member.key, out);
                out.extend_from_slice(b": ");
                push_python_dumps(&member.value, out);
            }
            out.push(b'}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_render_as_in_python() {
        let arena = Arena::new();
        let json = r#"{"a":null,"b":[1,2.0,true,"x'y"],"c":{}}"#;
        let value = parse(json, &arena).unwrap();
        assert_eq!(
            python_text(&value, Form::Plain, &arena),
            r#"{'a': None, 'b': [1, 2.0, True, "x'y"], 'c': {}}"#
        );
        let mut out = Vec::new();
        push_python_dumps(&value, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"a": null, "b": [1, 2.0, true, "x'y"], "c": {}}"#
        );
    }
}
