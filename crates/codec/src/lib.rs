//! Bytes of an object into records: decompression, text decoding, framing and parsing.
//!
//! An object is read once, from front to back, in bounded memory. Every record ends as exactly
//! one call of [`Receive`]: parsed, or failed with its bytes and the reason.

mod ahead;
mod cef;
mod csv;
mod cwl;
mod envelope;
mod failure;
mod firelens;
mod json;
mod layout;
mod leef;
mod message;
mod multiline;
mod object;
mod open;
mod parquet;
mod pattern;
mod record;
mod syslog;
mod text;
mod text_buffer;
mod whole;
mod xml;

pub use cef::{Cef, parse_cef};
pub use failure::{Failure, FailureReason, ObjectError};
pub use layout::{Format, LineParser, MessageFormat};
pub use leef::{Leef, parse_leef};
pub use object::{Buffers, Extent, ReadSummary, Slice, read_object};
pub use open::{Limits, ObjectBody};
pub use pattern::{Captures, Pattern, PatternError};
pub use record::{Container, Envelope, Position, Receive, Record, RecordText};
pub use syslog::{Priority, StructuredElement, SyslogLine};
pub use xml::{WindowsEvent, XmlElement, XmlStart};
