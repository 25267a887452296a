//! Where things lie on disk: one directory for each index, one in it for each stretch of time.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use yagura_store::StoreError;

use crate::options::Granularity;

/// Longest index name in bytes, as in OpenSearch.
const MAX_INDEX_NAME_BYTES: usize = 255;
const SINGLE: &str = "all";

/// A piece of an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PartitionKey {
    /// Index name as users know it.
    pub(crate) index: String,
    /// `2026-11-21`, `2026-11` or `all`.
    pub(crate) label: String,
}

impl PartitionKey {
    pub(crate) fn new(index: &str, timestamp_ms: i64, granularity: Granularity) -> Self {
        let timestamp = Timestamp::from_millisecond(timestamp_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        let date = timestamp.to_zoned(TimeZone::UTC).date();
        let label = match granularity {
            Granularity::Day => format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()),
            Granularity::Month => format!("{:04}-{:02}", date.year(), date.month()),
            Granularity::Single => SINGLE.to_owned(),
        };
        Self {
            index: index.to_owned(),
            label,
        }
    }

    pub(crate) fn directory(&self, root: &Path) -> PathBuf {
        index_directory(root, &self.index).join(&self.label)
    }

    /// First millisecond and the one after the last of the stretch; `None` if it has no ends.
    pub(crate) fn time_range(&self) -> Option<(i64, i64)> {
        let mut parts = self.label.splitn(3, '-');
        let year = parts.next()?.parse().ok()?;
        let month = parts.next()?.parse().ok()?;
        let day: Option<i8> = parts.next().map(str::parse).transpose().ok()?;
        let first = Date::new(year, month, day.unwrap_or(1)).ok()?;
        let after = match day {
            Some(_) => first.tomorrow().ok()?,
            None => first.last_of_month().tomorrow().ok()?,
        };
        Some((midnight_ms(first)?, midnight_ms(after)?))
    }
}

fn midnight_ms(date: Date) -> Option<i64> {
    date.to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp().as_millisecond())
}

/// Directory of all indices.
pub(crate) fn indices_directory(root: &Path) -> PathBuf {
    root.join("indices")
}

/// Directory of one index.
pub(crate) fn index_directory(root: &Path, index: &str) -> PathBuf {
    indices_directory(root).join(index)
}

/// Whether a text is a label that [`PartitionKey`] makes.
pub(crate) fn is_label(text: &str) -> bool {
    let digits_or_dash = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    text == SINGLE || (digits_or_dash && !text.is_empty())
}

/// Refuses names that OpenSearch refuses, among them all that could leave the store's directory.
pub(crate) fn check_index_name(name: &str) -> Result<(), StoreError> {
    let starts_well = !name.starts_with(['-', '_', '+', '.']);
    let characters = name.chars().all(|c| {
        let forbidden = matches!(
            c,
            '\\' | '/' | '*' | '?' | '"' | '<' | '>' | '|' | ' ' | ',' | '#' | ':'
        );
        !forbidden && !c.is_control() && !c.is_uppercase()
    });
    if starts_well && characters && !name.is_empty() && name.len() <= MAX_INDEX_NAME_BYTES {
        return Ok(());
    }
    Err(StoreError::BadRequest {
        kind: "invalid_index_name_exception",
        path: "index".to_owned(),
        message: format!(
            "cannot use `{name}` as an index name; use lower-case letters, digits, `-`, `_` and `.`"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_and_labels_have_ranges() {
        for bad in [
            "", "..", "../x", "a/b", "a\\b", "A", "_x", "-x", "a b", "a,b", ".hidden", "x\0",
        ] {
            assert!(check_index_name(bad).is_err(), "{bad}");
        }
        assert!(check_index_name("log-aws-cloudtrail-2026.11").is_ok());
        let cases = [
            (
                Granularity::Day,
                "2026-11-21",
                Some((1_795_219_200_000, 1_795_305_600_000)),
            ),
            (
                Granularity::Month,
                "2026-11",
                Some((1_793_491_200_000, 1_796_083_200_000)),
            ),
            (Granularity::Single, "all", None),
        ];
        for (granularity, label, range) in cases {
            let key = PartitionKey::new("log-x", 1_795_249_845_678, granularity);
            assert_eq!((key.label.as_str(), key.time_range()), (label, range));
        }
    }
}
