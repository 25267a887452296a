//! A record, where it lay, and who takes it.

use yagura_model::{Arena, Object};

use crate::Failure;

/// Where a record lies in its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Number of the record, from 1.
    pub number: u64,
    /// Line on which it begins, from 1; 0 where the object has no lines.
    pub line: u64,
    /// Byte of the decompressed object, decoded to UTF-8, at which it begins.
    pub byte_offset: u64,
}

/// One log entry, parsed.
#[derive(Debug)]
pub struct Record<'a> {
    /// The text that becomes `@message`.
    pub raw: &'a str,
    /// The fields.
    pub fields: &'a mut Object<'a>,
    /// Where it lay.
    pub position: Position,
    /// What the wrapping around it told.
    pub envelope: Envelope<'a>,
    /// Set when the record could not be parsed and is kept all the same: why.
    pub unparsed: Option<&'a str>,
}

/// What the wrapping around a record told about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Envelope<'a> {
    /// Text that makes the id unique beside the message.
    pub id: Option<&'a str>,
    /// AWS account.
    pub account: Option<&'a str>,
    /// AWS region.
    pub region: Option<&'a str>,
    /// Log group of CloudWatch Logs.
    pub log_group: Option<&'a str>,
    /// Log stream of CloudWatch Logs.
    pub log_stream: Option<&'a str>,
    /// Event time of CloudWatch Logs, milliseconds since the epoch as written.
    pub cwl_timestamp: Option<&'a str>,
    /// Event time of EventBridge.
    pub cwe_timestamp: Option<&'a str>,
}

/// Takes what a codec reads, record by record.
pub trait Receive {
    /// Takes a record. It lives in the arena, which is emptied after the call.
    fn record<'a>(&mut self, record: Record<'a>, arena: &'a Arena);

    /// Takes a record that could not be read; the codec goes on behind it.
    fn failed(&mut self, failure: Failure<'_>);

    /// Whether the codec shall go on reading.
    fn wants_more(&self) -> bool {
        true
    }
}
