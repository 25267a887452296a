//! Bytes that `marshal.dumps` wrote to a document.
//!
//! The bytes come from a process that runs a user's script, so nothing in them is taken for
//! granted: depth and size are bounded, and what JSON cannot say is an error.

use yagura_model::{Arena, MAX_DEPTH, Object, Value, push_python_float};

use super::{integer, tag};

/// Size in memory up to which a document is read. References can make a few bytes a large value.
const MAX_SIZE: usize = 256 << 20;
/// What a value counts beside its text.
const VALUE_SIZE: usize = 32;

/// Reads one dict that is all of the bytes; an error says what is wrong with it.
pub fn read_object<'a>(bytes: &[u8], arena: &'a Arena) -> Result<&'a mut Object<'a>, &'static str> {
    let mut reader = Reader {
        bytes,
        at: 0,
        arena,
        remembered: Vec::new(),
        is_repeating: false,
        size_left: MAX_SIZE,
    };
    match reader.value(MAX_DEPTH)? {
        Some(Value::Object(object)) if reader.at == bytes.len() => Ok(object),
        _ => Err(DAMAGED),
    }
}

const DAMAGED: &str = "the worker sent what is no document";

struct Reader<'b, 'a> {
    bytes: &'b [u8],
    at: usize,
    arena: &'a Arena,
    /// Where the values begin that may be referred to. A reference reads its value again.
    remembered: Vec<usize>,
    /// A value is being read again, in which everything is remembered already.
    is_repeating: bool,
    size_left: usize,
}

impl<'b, 'a> Reader<'b, 'a> {
    /// The next value; `None` where a dict ends.
    fn value(&mut self, depth: usize) -> Result<Option<Value<'a>>, &'static str> {
        let begin = self.at;
        let tag = self.byte()?;
        if tag & tag::REMEMBER != 0 && !self.is_repeating {
            self.remembered.push(begin);
        }
        self.count(VALUE_SIZE)?;
        let value = match tag & !tag::REMEMBER {
            tag::NONE => Value::Null,
            tag::TRUE => Value::Bool(true),
            tag::FALSE => Value::Bool(false),
            tag::INTEGER => {
                let number = i32::from_le_bytes(self.array()?);
                Value::Number(self.keep(&number.to_string())?)
            }
            tag::LONG => Value::Number(self.long()?),
            tag::FLOAT => Value::Number(self.float()?),
            tag @ (tag::TEXT
            | tag::INTERNED
            | tag::ASCII
            | tag::ASCII_INTERNED
            | tag::SHORT_ASCII
            | tag::SHORT_ASCII_INTERNED) => Value::Text(self.text(tag)?),
            tag::LIST | tag::TUPLE => {
                let length = self.length()?;
                self.list(length, depth)?
            }
            tag::SMALL_TUPLE => {
                let length = usize::from(self.byte()?);
                self.list(length, depth)?
            }
            tag::DICT => self.object(depth)?,
            tag::REFERENCE => return self.reference(depth),
            tag::END => return Ok(None),
            tag::SET | tag::FROZEN_SET => return Err("a set is no JSON; make it a list"),
            tag::BYTES => return Err("bytes are no JSON; decode them"),
            tag::COMPLEX => return Err("a complex number is no JSON"),
            _ => return Err("a value of its type is no JSON"),
        };
        Ok(Some(value))
    }

    fn element(&mut self, depth: usize) -> Result<Value<'a>, &'static str> {
        self.value(depth)?.ok_or(DAMAGED)
    }

    fn list(&mut self, length: usize, depth: usize) -> Result<Value<'a>, &'static str> {
        let depth = deeper(depth)?;
        let list = Value::new_list(self.arena, []);
        let Value::List(elements) = list else {
            return Err(DAMAGED);
        };
        for _ in 0..length {
            elements.push(self.element(depth)?);
        }
        Ok(Value::List(elements))
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, &'static str> {
        let depth = deeper(depth)?;
        let object = Object::new_in(self.arena);
        // Two keys are the same only if both are made text, such as `1` and `"1"`.
        let mut has_odd_keys = false;
        while let Some(key) = self.value(depth)? {
            has_odd_keys |= !matches!(key, Value::Text(_));
            let key = match key {
                Value::Text(key) | Value::Number(key) => key,
                Value::Null => "null",
                Value::Bool(true) => "true",
                Value::Bool(false) => "false",
                Value::List(_) | Value::Object(_) | Value::Written(_) => {
                    return Err("keys must be str, int, float, bool or None, not tuple");
                }
            };
            let value = self.element(depth)?;
            match has_odd_keys {
                true => object.set(key, value),
                false => object.push(key, value),
            }
        }
        Ok(Value::Object(object))
    }

    /// Reads a value that came before once more.
    fn reference(&mut self, depth: usize) -> Result<Option<Value<'a>>, &'static str> {
        let number = self.length()?;
        let depth = deeper(depth)?;
        let place = *self.remembered.get(number).ok_or(DAMAGED)?;
        let back = std::mem::replace(&mut self.at, place);
        let was_repeating = std::mem::replace(&mut self.is_repeating, true);
        let value = self.value(depth)?;
        self.at = back;
        self.is_repeating = was_repeating;
        Ok(value)
    }

    fn text(&mut self, tag: u8) -> Result<&'a str, &'static str> {
        let length = match tag {
            tag::SHORT_ASCII | tag::SHORT_ASCII_INTERNED => usize::from(self.byte()?),
            _ => self.length()?,
        };
        let bytes = self.take(length)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => self.keep(text),
            // Halves of surrogate pairs, which Python's texts can hold.
            Err(_) => self.keep(&String::from_utf8_lossy(bytes)),
        }
    }

    fn float(&mut self) -> Result<&'a str, &'static str> {
        let number = f64::from_le_bytes(self.array()?);
        if number.is_nan() {
            return Ok("NaN");
        }
        if number.is_infinite() {
            return Ok(if number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            });
        }
        let mut text = Vec::new();
        push_python_float(number, &mut text);
        self.keep(&String::from_utf8_lossy(&text))
    }

    fn long(&mut self) -> Result<&'a str, &'static str> {
        let length = i32::from_le_bytes(self.array()?);
        let count = length.unsigned_abs() as usize;
        if count > integer::MAX_WORDS {
            return Err("a whole number has more than 4,300 digits");
        }
        let bytes = self.take(count * 2)?;
        let words = bytes.chunks_exact(2);
        let words = words.map(|pair| u16::from_le_bytes([pair[0], pair[1]]) & 0x7fff);
        let digits = integer::decimal(words.collect());
        match length < 0 {
            true => self.keep(&format!("-{digits}")),
            false => self.keep(&digits),
        }
    }

    fn keep(&mut self, text: &str) -> Result<&'a str, &'static str> {
        self.count(text.len())?;
        Ok(self.arena.alloc_str(text))
    }

    fn count(&mut self, size: usize) -> Result<(), &'static str> {
        let left = self.size_left.checked_sub(size);
        self.size_left = left.ok_or("the document is larger than 256 MiB")?;
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        let byte = *self.bytes.get(self.at).ok_or(DAMAGED)?;
        self.at += 1;
        Ok(byte)
    }

    fn length(&mut self) -> Result<usize, &'static str> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        self.take(N)?.try_into().map_err(|_| DAMAGED)
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], &'static str> {
        let end = self.at.checked_add(length).ok_or(DAMAGED)?;
        let bytes = self.bytes.get(self.at..end).ok_or(DAMAGED)?;
        self.at = end;
        Ok(bytes)
    }
}

fn deeper(depth: usize) -> Result<usize, &'static str> {
    depth
        .checked_sub(1)
        .ok_or("it nests deeper than 256 levels, or holds itself")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use yagura_model::{parse, push_compact_json};

    use super::super::push_object;
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, &'static str> {
        let arena = Arena::new();
        let object = read_object(bytes, &arena)?;
        let mut json = Vec::new();
        push_compact_json(&Value::Object(object), &mut json);
        Ok(String::from_utf8(json).unwrap())
    }

    fn through_marshal(json: &str) -> String {
        let arena = Arena::new();
        let value = parse(json, &arena).unwrap();
        let mut bytes = Vec::new();
        push_object(value.as_object().unwrap(), &mut bytes);
        read(&bytes).unwrap()
    }

    #[test]
    fn documents_come_back() {
        for json in [
            "{}",
            r#"{"a":null,"b":true,"c":false,"d":[1,-2,[]],"e":{"f":{}},"g":""}"#,
            r#"{"あ":"日本語 \u0000 \"","big":123456789012345678901234567890,"min":-9223372036854775809}"#,
            r#"{"int":2147483648,"float":1.5,"small":1e-07}"#,
        ] {
            assert_eq!(through_marshal(json), json);
        }
        // As Python's JSON reader takes numbers.
        let numbers = r#"{"a":1.10,"b":1E5,"c":-0,"d":1e400,"e":NaN}"#;
        let expected = r#"{"a":1.1,"b":100000.0,"c":0,"d":null,"e":null}"#;
        assert_eq!(through_marshal(numbers), expected);
        let long = format!(r#"{{"a":{}}}"#, "1".repeat(5_000));
        let text = format!(r#"{{"a":"{}"}}"#, "1".repeat(5_000));
        assert_eq!(through_marshal(&long), text);
    }

    /// What `marshal.dumps(…, 4)` of CPython 3.11 gives.
    #[test]
    fn forms_of_python() {
        let cases: [(&[u8], Result<&str, &str>); 7] = [
            // shared = {'k': 'v'}; {'a': shared, 'b': shared}
            (
                b"{\xda\x01a\xfb\xda\x01k\xda\x01v0\xda\x01br\x01\x00\x00\x000",
                Ok(r#"{"a":{"k":"v"},"b":{"k":"v"}}"#),
            ),
            // {'t': (1, 2.5), 'n': float('nan')}
            (
                b"{\xda\x01t\xa9\x02\xe9\x01\x00\x00\x00\xe7\x00\x00\x00\x00\x00\x00\x04@\xda\x01ng\x00\x00\x00\x00\x00\x00\xf8\x7f0",
                Ok(r#"{"t":[1,2.5],"n":null}"#),
            ),
            // {1: 'a', None: 'b'}
            (
                b"{\xe9\x01\x00\x00\x00\xda\x01aN\xda\x01b0",
                Ok(r#"{"1":"a","null":"b"}"#),
            ),
            // {'s': '\ud800'}
            (
                b"{\xda\x01s\xf5\x03\x00\x00\x00\xed\xa0\x800",
                Ok("{\"s\":\"\u{fffd}\u{fffd}\u{fffd}\"}"),
            ),
            // {'s': {1}}
            (
                b"{\xda\x01s<\x01\x00\x00\x00\xe9\x01\x00\x00\x000",
                Err("a set is no JSON; make it a list"),
            ),
            // a dict that holds itself
            (
                b"\xfb\xda\x01ar\x00\x00\x00\x000",
                Err("it nests deeper than 256 levels, or holds itself"),
            ),
            (b"\xe9\x01\x00\x00\x00", Err(DAMAGED)),
        ];
        for (bytes, expected) in cases {
            assert_eq!(read(bytes), expected.map(str::to_owned), "{bytes:?}");
        }
    }

    #[test]
    fn references_cannot_make_a_large_document() {
        // Each list holds the one before it ten times.
        let mut bytes = b"{".to_vec();
        for level in 0..20_u32 {
            bytes.extend_from_slice(b"z\x01x\xdb\x0a\x00\x00\x00");
            for _ in 0..10 {
                match level.checked_sub(1) {
                    Some(before) => {
                        bytes.push(b'r');
                        bytes.extend_from_slice(&before.to_le_bytes());
                    }
                    None => bytes.push(b'N'),
                }
            }
        }
        bytes.push(b'0');
        assert_eq!(read(&bytes), Err("the document is larger than 256 MiB"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_document_or_an_error(bytes: Vec<u8>) {
            let _ = read(&[b"{z\x01a", &bytes[..]].concat());
        }
    }
}
