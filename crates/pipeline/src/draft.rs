//! A document while it is being made, as transforms see it.

use yagura_model::{
    Arena, Form, Object, Timestamp, Value, push_compact_json, push_python_float, python_text,
};

/// A document in the making.
pub struct Draft<'a> {
    /// All fields: raw ones and normalised ones.
    pub fields: &'a mut Object<'a>,
    /// Where new texts and objects are put.
    pub arena: &'a Arena,
    /// The time of the record; changed through [`Draft::set_timestamp`].
    pub timestamp: Timestamp,
    /// The document's id; changed through [`Draft::set_id`].
    pub id: &'a str,
    /// Put behind the document's id with `_`.
    pub id_suffix: Option<&'a str>,
    /// Takes the place of the configured index name.
    pub index_base: Option<&'a str>,
    /// Takes the place of the timestamp in the index name.
    pub index_date: Option<Timestamp>,
}

/// A transform ends early because the record lacks what it needs; what it did until then stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop(pub &'static str);

impl<'a> Draft<'a> {
    /// The value at a path of object keys.
    pub fn get(&self, path: &str) -> Option<&Value<'a>> {
        let (object, key) = self.holder(path)?;
        object.get(key)
    }

    /// The text at a path of object keys.
    pub fn text(&self, path: &str) -> Option<&'a str> {
        let (object, key) = self.holder(path)?;
        object.text(key)
    }

    /// The object that holds the last key of a path, and that key.
    fn holder<'p>(&self, path: &'p str) -> Option<(&Object<'a>, &'p str)> {
        let (mut part, mut rest) = first_part(path);
        let mut object = &*self.fields;
        while let Some(path) = rest {
            object = object.object(part)?;
            (part, rest) = first_part(path);
        }
        Some((object, part))
    }

    /// The value at a path of object keys, to change.
    pub fn get_mut(&mut self, path: &str) -> Option<&mut Value<'a>> {
        let (first, mut rest) = first_part(path);
        let mut value = self.fields.get_mut(first)?;
        while let Some(path) = rest {
            let (part, behind) = first_part(path);
            value = value.as_object_mut()?.get_mut(part)?;
            rest = behind;
        }
        Some(value)
    }

    /// Sets the value at a path, making objects on the way.
    pub fn put(&mut self, path: &'static str, value: Value<'a>) {
        let mut object = &mut *self.fields;
        let (mut part, mut rest) = first_part(path);
        while let Some(path) = rest {
            object = object.object_or_insert(part, self.arena);
            (part, rest) = first_part(path);
        }
        object.set(part, value);
    }

    /// Sets a text at a path, making objects on the way.
    pub fn put_text(&mut self, path: &'static str, text: &'a str) {
        self.put(path, Value::Text(text));
    }

    /// Gives the document another time than its record; the index keeps its name.
    ///
    /// `shown` is what `@timestamp` tells.
    pub fn set_timestamp(&mut self, timestamp: Timestamp, shown: Value<'a>) {
        self.timestamp = timestamp;
        self.put("@timestamp", shown);
    }

    /// Sets a double at a path, making objects on the way.
    pub fn put_float(&mut self, path: &'static str, number: f64) {
        let mut text = Vec::new();
        push_python_float(number, &mut text);
        let text = self.keep(&String::from_utf8_lossy(&text));
        self.put(path, Value::Number(text));
    }

    /// Gives the document another id.
    pub fn set_id(&mut self, id: &'a str) {
        self.id = id;
        self.put_text("@id", id);
    }

    /// Cuts a `user.name` like `AROA…:session` or an ARN to what stands behind its last colon, and
    /// of that behind its last slash.
    pub fn shorten_user_name(&mut self) {
        if let Some((_, name)) = self
            .text("user.name")
            .and_then(|name| name.rsplit_once(':'))
        {
            let short = name.rsplit_once('/').map_or(name, |(_, short)| short);
            self.put_text("user.name", short);
        }
    }

    /// Moves the fields whose names begin like `acme_` into the object `acme`, and leaves `acme_`
    /// out of their names wherever it stands.
    pub fn gather(&mut self, prefix: &'static str) {
        let mut moved = Vec::new();
        for member in self.fields.iter() {
            if member.key.starts_with(prefix) {
                moved.push(member.key);
            }
        }
        let name = prefix.trim_end_matches('_');
        self.fields.object_or_insert(name, self.arena);
        for key in moved {
            let value = self.fields.remove(key).unwrap_or(Value::Null);
            let rest = key.strip_prefix(prefix).unwrap_or(key);
            let short = match rest.contains(prefix) {
                true => self.arena.alloc_str(&rest.replace(prefix, "")),
                false => rest,
            };
            let object = self.fields.object_or_insert(name, self.arena);
            object.set(short, value);
        }
    }

    /// Makes an object with one member.
    pub fn wrap(&self, key: &'a str, value: Value<'a>) -> Value<'a> {
        let object = Object::with_capacity_in(1, self.arena);
        object.push(key, value);
        Value::Object(object)
    }

    /// Copies a text into the arena.
    pub fn keep(&self, text: &str) -> &'a str {
        self.arena.alloc_str(text)
    }
}

/// The first part of a path, and what follows its dot; parts are too short to search them for it
/// in any other way than byte by byte.
#[inline]
fn first_part(path: &str) -> (&str, Option<&str>) {
    match path.bytes().position(|byte| byte == b'.') {
        Some(dot) => (&path[..dot], Some(&path[dot + 1..])),
        None => (path, None),
    }
}

/// A value as text: lists and objects as compact JSON, everything else as Python writes it.
pub fn text_form<'a>(value: &Value<'a>, arena: &'a Arena) -> &'a str {
    match value {
        Value::List(_) | Value::Object(_) => {
            let mut out = Vec::new();
            push_compact_json(value, &mut out);
            arena.alloc_str(&String::from_utf8_lossy(&out))
        }
        value => python_text(value, Form::Plain, arena),
    }
}
