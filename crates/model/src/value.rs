//! One value of a document: a tree of borrowed text that lives in a per-record arena.

use bumpalo::collections::Vec as ArenaVec;

use crate::{Arena, Object};

/// Elements of a list.
pub type List<'a> = ArenaVec<'a, Value<'a>>;

/// A value of a document.
///
/// Texts borrow from the record's bytes or from the arena. Numbers keep the text they were
/// written with, so that nothing is lost before somebody needs the number. Values own nothing
/// outside the arena and are forgotten with it, record by record.
#[derive(Debug)]
pub enum Value<'a> {
    /// Absent or JSON `null`.
    Null,
    /// JSON `true` or `false`.
    Bool(bool),
    /// A JSON number as it was written.
    Number(&'a str),
    /// Text, already unescaped.
    Text(&'a str),
    /// A list.
    List(&'a mut List<'a>),
    /// An object.
    Object(&'a mut Object<'a>),
    /// An object that is JSON text already, and in which every member says something: what many
    /// documents have alike is written once.
    Written(&'a str),
}

impl<'a> Value<'a> {
    /// Makes an empty object in the arena.
    pub fn new_object(arena: &'a Arena) -> Self {
        Value::Object(Object::new_in(arena))
    }

    /// Makes a list of the given values in the arena.
    pub fn new_list(arena: &'a Arena, values: impl IntoIterator<Item = Value<'a>>) -> Self {
        let values = values.into_iter();
        let mut list = ArenaVec::with_capacity_in(values.size_hint().0, arena);
        list.extend(values);
        Value::List(arena.alloc(list))
    }

    /// The text of a text value.
    #[inline]
    pub fn as_text(&self) -> Option<&'a str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The object, if it is one.
    #[inline]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The object to change, if it is one.
    #[inline]
    pub fn as_object_mut(&mut self) -> Option<&mut Object<'a>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The list's elements, if it is one.
    pub fn as_list(&self) -> Option<&[Value<'a>]> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The list to change, if it is one.
    pub fn as_list_mut(&mut self) -> Option<&mut List<'a>> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The value as a double; text is not converted.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether Python would call the value true: not null, false, zero or empty.
    #[inline]
    pub fn is_truthy(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Bool(value) => *value,
            Value::Number(text) => text.parse::<f64>().is_ok_and(|number| number != 0.0),
            Value::Text(text) => !text.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Object(object) => !object.is_empty(),
            Value::Written(_) => true,
        }
    }

    /// Whether a look-up treats the value as absent: null or empty text.
    #[inline]
    pub fn is_missing(&self) -> bool {
        matches!(self, Value::Null | Value::Text(""))
    }

    /// Copies the value with everything below it; texts stay shared.
    #[inline]
    pub fn copy_in(&self, arena: &'a Arena) -> Value<'a> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(*value),
            Value::Number(text) => Value::Number(text),
            Value::Text(text) => Value::Text(text),
            Value::List(list) => {
                Value::new_list(arena, list.iter().map(|value| value.copy_in(arena)))
            }
            Value::Object(object) => {
                let copy = Object::with_capacity_in(object.len(), arena);
                for member in object.iter() {
                    copy.push(member.key, member.value.copy_in(arena));
                }
                Value::Object(copy)
            }
            Value::Written(json) => Value::Written(json),
        }
    }

    /// Merges a value over this one: objects member by member; an equal value stays, anything
    /// else is replaced.
    pub fn merge(&mut self, value: Value<'a>) {
        match (&mut *self, value) {
            (Value::Object(into), Value::Object(from)) => into.merge(from),
            (_, value) => {
                if *self != value {
                    *self = value;
                }
            }
        }
    }

    /// The object that is here; anything else is replaced by an empty one.
    pub fn make_object(&mut self, arena: &'a Arena) -> &mut Object<'a> {
        if !matches!(self, Value::Object(_)) {
            *self = Value::new_object(arena);
        }
        match self {
            Value::Object(object) => object,
            _ => unreachable!("an object was just put there"),
        }
    }

    /// Takes the value out and leaves null.
    pub fn take(&mut self) -> Value<'a> {
        std::mem::replace(self, Value::Null)
    }
}

impl PartialEq for Value<'_> {
    /// Equal as Python compares: numbers by value, objects without regard to order.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => {
                a == b || matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a == b)
            }
            (Value::Text(a), Value::Text(b)) | (Value::Written(a), Value::Written(b)) => a == b,
            (Value::List(a), Value::List(b)) => a[..] == b[..],
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|member| b.get(member.key) == Some(&member.value))
            }
            _ => false,
        }
    }
}
