//! Bytes of an object into records: decompression, text decoding, framing and parsing.
//!
//! An object is read once, from front to back, in bounded memory. Every record ends as exactly
//! one call of [`Receive`]: parsed, or failed with its bytes and the reason. Pieces of a large
//! object can be read by several threads, see [`Piece`].

mod ahead;
mod cef;
mod csv;
mod cwl;
mod drift;
mod envelope;
mod failure;
mod firelens;
mod json;
mod keyvalue;
mod layout;
mod leef;
mod message;
mod multiline;
mod object;
mod open;
mod parquet;
mod pattern;
mod piece;
mod record;
mod risk;
mod sniff;
mod syslog;
mod syslog_record;
mod text;
mod text_buffer;
mod time_form;
mod whole;
mod xml;

pub use cef::{Cef, parse_cef};
pub use drift::Layout;
pub use failure::{Failure, FailureReason, ObjectError};
pub use keyvalue::KeyValue;
pub use layout::{Checked, Format, LineParser, MessageFormat, Table};
pub use leef::{Leef, parse_leef};
pub use object::{Buffers, Extent, ReadSummary, Slice, read_object};
pub use open::{Limits, ObjectBody};
pub use pattern::{Captures, Pattern, PatternError};
pub use piece::{Piece, PieceEnd, Settled};
pub use record::{Container, Envelope, Position, Receive, Record, RecordText};
pub use risk::{PatternRisk, pattern_risks};
pub use sniff::{Content, SAMPLE_BYTES, Sample, Sniffed, column_names, read_sample, sniff};
pub use syslog::{Priority, StructuredElement, SyslogLine};
pub use syslog_record::SyslogRecord;
pub use time_form::{FoundTime, TIME_FORMS, TimeForm, TimeForms};
pub use xml::{WindowsEvent, XmlElement, XmlStart};
