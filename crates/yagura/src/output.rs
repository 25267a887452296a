//! What several commands print, and the clock.

use yagura_model::{Timestamp, push_json_string};
use yagura_pipeline::Document;

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
