//! What several commands print, and the clock.

use std::io::Write;

use yagura_model::{Timestamp, push_json_string};
use yagura_pipeline::Document;
use yagura_store::IncomingDocument;

/// Prints a line on standard output; gives up the command when nobody reads any more.
macro_rules! say {
    ($($text:tt)*) => {
        crate::output::write_line(format_args!($($text)*))?
    };
}
pub(crate) use say;

/// Writes a line to standard output.
pub fn write_line(line: std::fmt::Arguments<'_>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_fmt(line)?;
    out.write_all(b"\n")
}

/// Whether an error only says that the reader of standard output has gone.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// The present time.
pub fn now() -> Timestamp {
    let micros = jiff::Timestamp::now().as_microsecond();
    // The clock of a machine lies within the years of the calendar.
    Timestamp::from_micros(micros, 0).unwrap_or_else(epoch)
}

fn epoch() -> Timestamp {
    #[expect(clippy::expect_used, reason = "zero is a valid instant")]
    Timestamp::from_micros(0, 0).expect("1970 is within the calendar")
}

/// Appends a document as one line `{"index", "id", "doc"}`.
pub fn push_document_line(document: &Document<'_>, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"index\":");
    push_json_string(document.index, line);
    line.extend_from_slice(b",\"id\":");
    push_json_string(document.id, line);
    line.extend_from_slice(b",\"doc\":");
    line.extend_from_slice(document.json);
    line.extend_from_slice(b"}\n");
}

/// A document as stores take it.
pub fn incoming(document: &Document<'_>) -> IncomingDocument {
    IncomingDocument {
        index: document.index.to_owned(),
        id: document.id.to_owned(),
        log_type: document.log_type.to_owned(),
        timestamp_ms: document.timestamp.millis(),
        json: document.json.to_vec(),
    }
}

/// Text of a log for the terminal: control characters, which could steer it, become visible.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match u32::from(character) {
            0x09 => shown.push('\t'),
            code @ (0..=0x1f
            | 0x7f..=0x9f
            | 0x200e..=0x200f
            | 0x202a..=0x202e
            | 0x2066..=0x2069) => {
                shown.push_str(&format!("<U+{code:04X}>"));
            }
            _ => shown.push(character),
        }
    }
    shown
}
