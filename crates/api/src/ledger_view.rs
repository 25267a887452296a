//! What the API needs to know about objects read and records that failed, whoever keeps it.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The book of what was read, and the records that could not be.
///
/// **Limits**: `limit` in a request is at most 1,000; an implementation may return fewer.
#[async_trait]
pub trait LedgerView: Send + Sync {
    /// One page of the objects that were read, newest first.
    async fn objects(&self, request: &LedgerRequest) -> Result<LedgerPage, LedgerError>;

    /// One page of the dead letters, newest first, with counts by reason over the whole filter.
    async fn dead_letters(
        &self,
        request: &DeadLetterRequest,
    ) -> Result<DeadLetterPage, LedgerError>;

    /// One dead letter with all raw bytes that were kept, or `None`.
    async fn dead_letter(&self, id: &str) -> Result<Option<DeadLetter>, LedgerError>;

    /// Asks for dead letters to be run again; returns how many were taken on.
    async fn retry(&self, request: &RetryRequest) -> Result<u64, LedgerError>;

    /// Sums by log type over everything that was read; objects that lead to none are under no name.
    async fn log_types(&self, since_ms: i64) -> Result<Vec<LogTypeSums>, LedgerError>;

    /// Where a key leads, and why.
    fn route(&self, key: &str) -> KeyRoute;
}

/// Why the ledger could not answer.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The cursor was not made by this ledger.
    #[error("cannot read cursor `{0}`; start again without one")]
    BadCursor(String),
    /// The ledger is open for reading only, so nothing can be run again.
    #[error("cannot retry: the ledger is open for reading only")]
    ReadOnly,
    /// The ledger itself failed.
    #[error("ledger failed: {0}")]
    Failed(String),
}

/// Which objects to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LedgerRequest {
    /// Only this log type.
    pub log_type: Option<String>,
    /// Only objects in this state.
    pub status: Option<ObjectStatus>,
    /// Only objects with this text in bucket, key or reason.
    pub text: Option<String>,
    /// Only objects with records that failed.
    pub with_failures: Option<bool>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Most items to return; 100 if absent, at most 1,000.
    pub limit: Option<u32>,
}

/// Which dead letters to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeadLetterRequest {
    /// Only this reason.
    pub reason: Option<String>,
    /// Only this log type.
    pub log_type: Option<String>,
    /// Only dead letters of the object with this id in the ledger.
    pub object: Option<String>,
    /// Only dead letters with this text in the raw record or the detail.
    pub text: Option<String>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Most items to return; 100 if absent, at most 1,000.
    pub limit: Option<u32>,
}

/// Which dead letters to run again: these ids, or all that fit; everything empty is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetryRequest {
    /// These dead letters; at most 10,000.
    pub ids: Vec<String>,
    /// All with this reason.
    pub reason: Option<String>,
    /// All of this log type.
    pub log_type: Option<String>,
}

/// How reading an object ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectStatus {
    /// It was read to its end; every record has its final outcome.
    Loaded,
    /// It was left out as a whole, for its key for instance.
    Ignored,
    /// It could not be read to its end.
    Failed,
}

/// A number of records with the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonCount {
    /// Stable reason, for example `pattern_mismatch`.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// One object that was read; `read` = `documents` + excluded + `failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerItem {
    /// Identifier of this row.
    pub id: String,
    /// Bucket, empty for local files without one.
    pub bucket: String,
    /// Key or path.
    pub key: String,
    /// Size as stored, in bytes.
    pub size_bytes: u64,
    /// Log type, if the object was routed to one.
    pub log_type: Option<String>,
    /// Records read.
    pub read: u64,
    /// Documents written.
    pub documents: u64,
    /// Those of them whose records have only the beginning of their log type's layout.
    pub drifted: u64,
    /// Records left out on purpose, by reason.
    pub excluded: Vec<ReasonCount>,
    /// Records that became dead letters.
    pub failed: u64,
    /// When reading began.
    pub started: Timestamp,
    /// When reading ended.
    pub finished: Timestamp,
    /// How reading ended.
    pub status: ObjectStatus,
    /// Why it was ignored or failed.
    pub status_reason: Option<String>,
}

/// Sums over every object the filter lets through, not only this page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerTotals {
    /// Number of objects.
    pub objects: u64,
    /// Bytes as stored.
    pub size_bytes: u64,
    /// Records read.
    pub read: u64,
    /// Documents written.
    pub documents: u64,
    /// Those of them whose records have only the beginning of their log type's layout.
    pub drifted: u64,
    /// Records left out on purpose.
    pub excluded: u64,
    /// Records that became dead letters.
    pub failed: u64,
}

/// What was read of a log type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogTypeSums {
    /// Log type.
    #[serde(skip)]
    pub log_type: String,
    /// Objects read.
    pub objects: u64,
    /// Objects that could not be read to their end.
    pub failed_objects: u64,
    /// Their bytes as stored.
    pub size_bytes: u64,
    /// Bytes as stored of the objects of the last 24 hours.
    pub size_bytes_24h: u64,
    /// Records read.
    pub read: u64,
    /// Documents written.
    pub documents: u64,
    /// Records left out on purpose.
    pub excluded: u64,
    /// Records that failed, those of them that were run again with success included.
    pub failed: u64,
    /// Dead letters there are now.
    pub dead_letters: u64,
    /// When its last object was read.
    pub last_object: Option<Timestamp>,
}

/// Where a key leads, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyRoute {
    /// The log type that takes it.
    pub log_type: Option<String>,
    /// No log type's pattern is found in the key, so what the object holds decides.
    pub by_content: bool,
    /// Why the object is left out as a whole: `folder`, `unknown`, `key_ignored`, `no_format`,
    /// `no_index`, `empty` or `tiny`.
    pub ignored: Option<String>,
    /// Log types whose pattern is found in the key, in the order they are tried; the first one counts.
    pub matches: Vec<KeyMatch>,
    /// Log types that do not match but whose name or pattern has a word of the key.
    pub similar: Vec<KeyMatch>,
}

/// A log type and how it recognises its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyMatch {
    /// Log type.
    pub log_type: String,
    /// Its pattern for keys, `s3_key`.
    pub pattern: String,
    /// Its index.
    pub index: String,
}

/// One page of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerPage {
    /// Objects, newest first.
    pub items: Vec<LedgerItem>,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
    /// Sums over the whole filter.
    pub totals: LedgerTotals,
}

/// A record that could not become a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Identifier.
    pub id: String,
    /// Identifier of the object in the ledger.
    pub object: String,
    /// Bucket of the object.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// Line in the object, from 1, if it has lines.
    pub line: Option<u64>,
    /// Offset in the decompressed object.
    pub byte_offset: u64,
    /// Stable reason, for example `pattern_mismatch`.
    pub reason: String,
    /// What exactly was wrong.
    pub detail: String,
    /// The record's bytes, whatever they are; a very long record is kept only in part.
    pub raw: Vec<u8>,
    /// Length of the whole record in bytes.
    pub raw_bytes: u64,
    /// Log type, if the object was routed to one.
    pub log_type: Option<String>,
    /// Version of the parser that failed.
    pub parser_version: String,
    /// When it failed.
    pub time: Timestamp,
    /// How often it was run again.
    pub retries: u32,
    /// When it was last run again.
    pub retried: Option<Timestamp>,
}

/// One page of dead letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterPage {
    /// Dead letters, newest first.
    pub items: Vec<DeadLetter>,
    /// Numbers by reason over the whole filter.
    pub counts: Vec<ReasonCount>,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}
