//! A finished document, and who takes what comes out of the pipeline.

use yagura_codec::{Failure, Position};
use yagura_model::Timestamp;

/// A finished document.
#[derive(Debug, Clone, Copy)]
pub struct Document<'d> {
    /// Index name.
    pub index: &'d str,
    /// Document id.
    pub id: &'d str,
    /// Log type by which the object was routed.
    pub log_type: &'d str,
    /// Its time, as `@timestamp` shows it.
    pub timestamp: Timestamp,
    /// Only the beginning of its record has the layout of the log type.
    pub drifted: bool,
    /// The document as compact JSON.
    pub json: &'d [u8],
}

/// One thing that was done to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Stage of the pipeline.
    pub stage: &'static str,
    /// What was done, and why.
    pub text: String,
}

/// Takes what comes out of the pipeline.
pub trait Output {
    /// Learns as which log type the object is read, before anything else.
    fn begins(&mut self, _log_type: &str) {}

    /// Takes a document.
    fn document(&mut self, document: &Document<'_>);

    /// Takes a record that could not be made a document.
    fn failed(&mut self, failure: &Failure<'_>);

    /// Learns that a record was excluded.
    fn excluded(&mut self, _reason: &str) {}

    /// Takes the steps of a record, when they are asked for.
    fn explained(&mut self, _position: Position, _steps: &[Step]) {}

    /// Whether to go on with the object.
    fn wants_more(&self) -> bool {
        true
    }
}
