//! Pages of results, and conditions put together from filters.

use rusqlite::types::Value;

/// The most entries of one page.
pub const MAX_PAGE: usize = 1_000;

/// A part of a list, newest entries first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// The cursor that gets the next page; `None` at the end.
    pub next: Option<i64>,
}

impl<T> Page<T> {
    /// Makes a page from one entry more than fits, if there is one.
    pub(crate) fn of(mut items: Vec<T>, limit: usize, id: impl Fn(&T) -> i64) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(id);
        Self { items, next }
    }
}

/// Conditions of a `WHERE`, joined by `AND`, with their parameters.
#[derive(Default)]
pub(crate) struct Conditions {
    texts: Vec<&'static str>,
    pub(crate) parameters: Vec<Value>,
}

impl Conditions {
    /// Adds a condition with one `?` if there is a value for it.
    pub(crate) fn add(&mut self, condition: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.texts.push(condition);
            self.parameters.push(value.into());
        }
    }

    /// Adds the number of entries to fetch, for a `LIMIT ?` at the end: one more than the page holds.
    pub(crate) fn limit(&mut self, limit: usize) {
        let fetched = limit.saturating_add(1);
        self.parameters
            .push(Value::Integer(i64::try_from(fetched).unwrap_or(i64::MAX)));
    }

    pub(crate) fn sql(&self) -> String {
        if self.texts.is_empty() {
            return "1".to_owned();
        }
        self.texts.join(" AND ")
    }
}
