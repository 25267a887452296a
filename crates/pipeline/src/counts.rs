//! What became of the records of an object.

use std::collections::BTreeMap;

use yagura_codec::FailureReason;

/// Counts of an object's records.
///
/// Every record is counted once as read and once by its outcome, so [`Counts::balances`] tells
/// whether one was lost or counted twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records read.
    pub read: u64,
    /// Documents made.
    pub documents: u64,
    /// Records excluded, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// Records failed, by reason.
    pub failed: BTreeMap<FailureReason, u64>,
    /// Documents of records of which only the beginning has the layout of the log type.
    pub drifted: u64,
    /// Records hit by COUNT conditions; they are documents or excluded as well.
    pub counted: u64,
    /// Documents whose transform ended early.
    pub transform_stops: u64,
    /// Texts cut because of their length.
    pub truncated_texts: u64,
}

impl Counts {
    /// Records excluded for any reason.
    pub fn excluded_total(&self) -> u64 {
        self.excluded.values().sum()
    }

    /// Records failed for any reason.
    pub fn failed_total(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Whether every record read has exactly one outcome.
    pub fn balances(&self) -> bool {
        self.read == self.documents + self.excluded_total() + self.failed_total()
    }

    /// Adds the counts of other records.
    pub(crate) fn add(&mut self, other: &Counts) {
        self.read += other.read;
        self.documents += other.documents;
        for (reason, count) in &other.excluded {
            *self.excluded.entry(reason.clone()).or_default() += count;
        }
        for (reason, count) in &other.failed {
            *self.failed.entry(*reason).or_default() += count;
        }
        self.drifted += other.drifted;
        self.counted += other.counted;
        self.transform_stops += other.transform_stops;
        self.truncated_texts += other.truncated_texts;
    }

    pub(crate) fn exclude(&mut self, reason: &str) {
        match self.excluded.get_mut(reason) {
            Some(count) => *count += 1,
            None => {
                self.excluded.insert(reason.to_owned(), 1);
            }
        }
    }
}
