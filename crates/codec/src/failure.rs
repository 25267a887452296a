//! What went wrong with a record, and with a whole object.

use crate::Position;

/// A record that could not be read or normalised, with all that is needed to look at it again.
#[derive(Debug, Clone)]
pub struct Failure<'a> {
    /// Where it lay.
    pub position: Position,
    /// Kind of failure, for counting.
    pub reason: FailureReason,
    /// What exactly happened.
    pub detail: String,
    /// The record's bytes.
    pub raw: &'a [u8],
}

/// Kind of failure of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureReason {
    /// The line does not have the form that the log type describes.
    PatternMismatch,
    /// A user's pattern needed more steps than a line may take.
    PatternLimit,
    /// The text is not JSON.
    InvalidJson,
    /// The text is not XML, or not the element that the log type describes.
    InvalidXml,
    /// The JSON value is not an object.
    NotAnObject,
    /// The record is longer than a record may be.
    TooLong,
    /// The compressed data ends early or is damaged.
    DamagedData,
    /// The object is no text at all.
    Binary,
    /// No timestamp was found, or none that can be read.
    Timestamp,
    /// The field that identifies the document is missing.
    MissingId,
    /// The user's script failed on the document.
    Script,
}

impl FailureReason {
    /// Stable name, as the ledger and the API show it.
    pub fn as_str(self) -> &'static str {
        match self {
            FailureReason::PatternMismatch => "pattern_mismatch",
            FailureReason::PatternLimit => "pattern_limit",
            FailureReason::InvalidJson => "invalid_json",
            FailureReason::InvalidXml => "invalid_xml",
            FailureReason::NotAnObject => "not_an_object",
            FailureReason::TooLong => "too_long",
            FailureReason::DamagedData => "damaged_data",
            FailureReason::Binary => "binary",
            FailureReason::Timestamp => "timestamp",
            FailureReason::MissingId => "missing_id",
            FailureReason::Script => "script",
        }
    }
}

/// Why an object cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The bytes could not be fetched.
    #[error("cannot read the object: {0}")]
    Io(#[from] std::io::Error),
    /// The content is no text and no known container.
    #[error("the content is binary, not text or a known archive format")]
    Binary,
    /// Archives lie in archives deeper than they are opened.
    #[error("archives lie in archives too deep ({inner} in {outer}); unpack the object once")]
    NestedArchive {
        /// The outer format.
        outer: &'static str,
        /// The inner format.
        inner: &'static str,
    },
    /// The archive's directory is damaged.
    #[error("cannot open the {format} archive: {detail}")]
    Archive {
        /// Format of the archive.
        format: &'static str,
        /// What the reader said.
        detail: String,
    },
    /// The decompressed data is larger than allowed.
    #[error("the decompressed object is larger than {0} bytes")]
    TooLarge(u64),
}
