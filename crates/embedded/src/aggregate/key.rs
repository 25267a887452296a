//! Keys of buckets.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use yagura_store::aggs::{Bucket, number};
use yagura_store::dates::format_instant;

use crate::ip;

/// A value of a field as the key of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Text(String),
    Whole(i64),
    /// The bits of a number.
    Number(u64),
    Bool(bool),
    /// Milliseconds since the epoch.
    Date(i64),
}

impl Key {
    pub(super) fn number(value: f64) -> Self {
        // The two zeros are one value.
        Self::Number((if value == 0.0 { 0.0 } else { value }).to_bits())
    }

    /// The key as people write it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => ip::display(text),
            Self::Whole(value) => value.to_string(),
            Self::Number(bits) => f64::from_bits(*bits).to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Date(ms) => format_instant(*ms, &TimeZone::UTC),
        }
    }

    pub(super) fn bucket(&self, doc_count: u64) -> Bucket {
        let (key, key_as_string) = match self {
            Self::Text(text) => (json!(ip::display(text)), None),
            Self::Whole(value) => (json!(value), None),
            Self::Number(bits) => (number(f64::from_bits(*bits)), None),
            Self::Bool(value) => (json!(u8::from(*value)), Some(value.to_string())),
            Self::Date(ms) => (json!(ms), Some(self.text()).filter(|_| *ms > i64::MIN)),
        };
        let key = if key.is_null() {
            Value::String(self.text())
        } else {
            key
        };
        Bucket {
            key,
            key_as_string,
            doc_count,
            ..Bucket::default()
        }
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            Self::Text(_) => None,
            Self::Whole(value) | Self::Date(value) => Some(*value as f64),
            Self::Number(bits) => Some(f64::from_bits(*bits)),
            Self::Bool(value) => Some(f64::from(u8::from(*value))),
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (Self::Whole(left), Self::Whole(right)) => left.cmp(right),
            _ => match (self.as_number(), other.as_number()) {
                (Some(left), Some(right)) => left.total_cmp(&right),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            },
        }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
