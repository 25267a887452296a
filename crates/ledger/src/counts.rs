//! Counts the outcomes of an object's records.

use std::collections::BTreeMap;

/// How many different reasons of exclusion are told apart per object.
pub const MAX_REASONS: usize = 256;
const OTHER_REASONS: &str = "other reasons";

/// How many records of an object ended in which way.
///
/// There is no number of records to set: it is the sum of the outcomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectCounts {
    documents: u64,
    drifted: u64,
    excluded: BTreeMap<String, u64>,
    failed: u64,
}

impl ObjectCounts {
    /// Counts for an object none of whose records has an outcome yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one record that became a document.
    pub fn document(&mut self) {
        self.documents += 1;
    }

    /// Counts one document as made of a record of which only the beginning has the layout of its
    /// log type; the document itself is counted besides.
    pub fn drifted(&mut self) {
        self.drifted += 1;
    }

    /// Counts one record that was excluded.
    pub fn excluded(&mut self, reason: &str) {
        self.add_excluded(reason, 1);
    }

    /// Counts one record that failed and became a dead letter.
    pub fn failed(&mut self) {
        self.failed += 1;
    }

    /// Adds the outcomes of another part of the same object.
    pub fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.drifted += other.drifted;
        self.failed += other.failed;
        for (reason, count) in &other.excluded {
            self.add_excluded(reason, *count);
        }
    }

    /// The number of records that have an outcome.
    pub fn read(&self) -> u64 {
        self.documents + self.excluded_total() + self.failed
    }

    /// The number of documents.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// The number of documents whose records have only the beginning of their log type's layout.
    pub fn drifted_total(&self) -> u64 {
        self.drifted
    }

    /// The number of excluded records by reason, sorted by reason.
    pub fn excluded_by_reason(&self) -> impl Iterator<Item = (&str, u64)> {
        self.excluded
            .iter()
            .map(|(reason, count)| (reason.as_str(), *count))
    }

    /// The number of excluded records.
    pub fn excluded_total(&self) -> u64 {
        self.excluded.values().sum()
    }

    /// The number of failed records.
    pub fn failed_total(&self) -> u64 {
        self.failed
    }

    pub(crate) fn from_stored(
        (documents, drifted): (u64, u64),
        excluded: BTreeMap<String, u64>,
        failed: u64,
    ) -> Self {
        Self {
            documents,
            drifted,
            excluded,
            failed,
        }
    }

    fn add_excluded(&mut self, reason: &str, count: u64) {
        if let Some(present) = self.excluded.get_mut(reason) {
            *present += count;
            return;
        }
        let reason = if self.excluded.len() < MAX_REASONS {
            reason
        } else {
            OTHER_REASONS
        };
        *self.excluded.entry(reason.to_owned()).or_default() += count;
    }
}
