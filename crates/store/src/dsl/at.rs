//! A JSON value together with its path, so that every complaint names the place.

use serde_json::{Map, Value};

use crate::StoreError;

/// A value of a request body and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct At<'a> {
    pub(crate) value: &'a Value,
    path: String,
}

impl<'a> At<'a> {
    pub(crate) fn new(value: &'a Value, path: impl Into<String>) -> Self {
        Self {
            value,
            path: path.into(),
        }
    }

    /// A complaint about this value.
    pub(crate) fn bad(&self, message: impl Into<String>) -> StoreError {
        StoreError::BadRequest {
            kind: "parsing_exception",
            path: self.path.clone(),
            message: message.into(),
        }
    }

    /// A complaint about a key of this object that is not known.
    pub(crate) fn unknown(&self, key: &str, known: &str) -> StoreError {
        let message = format!("`{key}` is not supported here; use one of: {known}");
        StoreError::BadRequest {
            kind: "parsing_exception",
            path: self.join(key),
            message,
        }
    }

    fn join(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    pub(crate) fn object(&self) -> Result<&'a Map<String, Value>, StoreError> {
        self.value
            .as_object()
            .ok_or_else(|| self.bad("expected an object"))
    }

    /// The members of the object, each with its path.
    pub(crate) fn members(&self) -> Result<Vec<(&'a str, At<'a>)>, StoreError> {
        let object = self.object()?;
        Ok(object
            .iter()
            .map(|(key, value)| (key.as_str(), At::new(value, self.join(key))))
            .collect())
    }

    /// The one member of an object such as `{"term": {…}}`.
    pub(crate) fn only_member(&self, what: &str) -> Result<(&'a str, At<'a>), StoreError> {
        let mut members = self.members()?;
        match (members.pop(), members.is_empty()) {
            (Some(member), true) => Ok(member),
            _ => Err(self.bad(format!("expected exactly one {what}"))),
        }
    }

    /// The elements of an array; a single value counts as an array of one.
    pub(crate) fn elements(&self) -> Vec<At<'a>> {
        match self.value {
            Value::Array(items) => {
                let item = |(index, value)| At::new(value, format!("{}[{index}]", self.path));
                items.iter().enumerate().map(item).collect()
            }
            _ => vec![self.clone()],
        }
    }

    pub(crate) fn array(&self) -> Result<Vec<At<'a>>, StoreError> {
        if self.value.is_array() {
            Ok(self.elements())
        } else {
            Err(self.bad("expected an array"))
        }
    }

    pub(crate) fn string(&self) -> Result<&'a str, StoreError> {
        self.value
            .as_str()
            .ok_or_else(|| self.bad("expected a string"))
    }

    /// A string, number or boolean as text.
    pub(crate) fn scalar(&self) -> Result<String, StoreError> {
        scalar_text(self.value).ok_or_else(|| self.bad("expected a string, a number or a boolean"))
    }

    pub(crate) fn boolean(&self) -> Result<bool, StoreError> {
        match self.value {
            Value::Bool(value) => Ok(*value),
            Value::String(text) if text == "true" => Ok(true),
            Value::String(text) if text == "false" => Ok(false),
            _ => Err(self.bad("expected true or false")),
        }
    }

    pub(crate) fn number(&self) -> Result<f64, StoreError> {
        let number = match self.value {
            Value::String(text) => text.parse().ok(),
            other => other.as_f64(),
        };
        number
            .filter(|n: &f64| n.is_finite())
            .ok_or_else(|| self.bad("expected a number"))
    }

    pub(crate) fn whole(&self) -> Result<u64, StoreError> {
        let number = match self.value {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64(),
        };
        number.ok_or_else(|| self.bad("expected a whole number that is not negative"))
    }
}

/// A string, number or boolean as text.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}
