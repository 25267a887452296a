//! What a place that keeps documents must be able to do: the [`Sink`] and [`Store`] traits,
//! the query tree every query language is translated to, and the types that travel between.

pub mod aggs;
mod date_format;
pub mod dates;
pub mod dsl;
pub mod fields;
pub mod language;
pub mod names;
pub mod query;
pub mod source;
#[cfg(feature = "suite")]
pub mod suite;

use async_trait::async_trait;
use serde_json::Value;

pub use date_format::{BadDateFormat, DateFormats};
pub use fields::{FieldCatalog, FieldType};
pub use query::Query;

/// One finished document on its way into a store.
#[derive(Debug, Clone)]
pub struct IncomingDocument {
    /// Index name as users know it, for example `log-aws-cloudtrail-2026-11`.
    pub index: String,
    /// Document id; writing the same id to the same index again replaces the document.
    pub id: String,
    /// Log type, the value of `@log_type` when the record was routed.
    pub log_type: String,
    /// `@timestamp` in milliseconds since the epoch, UTC.
    pub timestamp_ms: i64,
    /// The whole document as one JSON object.
    pub json: Vec<u8>,
}

/// A store that takes documents in.
///
/// Called from plain threads; an implementation that needs a runtime brings its own.
pub trait Sink: Send + Sync {
    /// Takes a batch. Documents are durable only after the next [`Sink::commit`] that returns `Ok`.
    ///
    /// No document is refused for its shape: what a field cannot hold is left out of the field's
    /// column, stays in the source, and is counted in the outcome.
    fn write(&self, batch: Vec<IncomingDocument>) -> Result<WriteOutcome, StoreError>;

    /// Makes everything written before durable and visible to searches.
    fn commit(&self) -> Result<(), StoreError>;
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteOutcome {
    /// Documents taken.
    pub written: u64,
    /// Field values that did not fit their field's type and are found only in the source.
    pub repaired_values: u64,
}

/// A store that can be searched; requests and answers have OpenSearch's JSON shapes.
#[async_trait]
pub trait Store: Send + Sync {
    /// `POST /{indices}/_search`: `indices` is a comma-separated list with `*` wildcards and
    /// `-` exclusions; `body` is the request body.
    async fn search(&self, indices: &str, body: &Value) -> Result<Value, StoreError>;

    /// `POST /{indices}/_count`.
    async fn count(&self, indices: &str, body: &Value) -> Result<u64, StoreError>;

    /// `GET /{index}/_doc/{id}`: the `_source`, or `None`.
    async fn get(&self, index: &str, id: &str) -> Result<Option<Value>, StoreError>;

    /// `GET /{indices}/_field_caps?fields=…`: OpenSearch's answer.
    async fn field_caps(&self, indices: &str, fields: &str) -> Result<Value, StoreError>;

    /// The indices that exist, for `_cat/indices`.
    async fn indices(&self, pattern: &str) -> Result<Vec<IndexInfo>, StoreError>;
}

/// One index of a store.
#[derive(Debug, Clone, serde::Serialize)]
pub struct IndexInfo {
    /// Index name as users know it.
    pub index: String,
    /// Number of documents.
    pub documents: u64,
    /// Bytes on disk.
    pub size_bytes: u64,
    /// Oldest `@timestamp` in milliseconds since the epoch, if there is any document.
    pub min_timestamp_ms: Option<i64>,
    /// Newest `@timestamp` in milliseconds since the epoch, if there is any document.
    pub max_timestamp_ms: Option<i64>,
}

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The request is wrong; `path` is the JSON path of the offending part.
    #[error("{message} (at `{path}`)")]
    BadRequest {
        /// OpenSearch's error type, for example `parsing_exception`.
        kind: &'static str,
        /// JSON path in the request body, for example `query.bool.filter[0].rnge`.
        path: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// No index matches and the request does not allow that.
    #[error("no such index `{0}`")]
    NoSuchIndex(String),
    /// The store itself failed.
    #[error("store failed: {0}")]
    Failed(String),
}
