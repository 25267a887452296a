//! Parquet files: every row is written as a line of JSON, which is its `@message`, and read as one.
//!
//! Columns are decoded some rows at a time and written without a tree between. So rows are hashed
//! side by side, shared among threads and looked into like the lines of any other log.

mod chunks;
mod column;
mod lines;
mod schema;

use yagura_model::{Arena, Object, Value, parse};

pub(crate) use self::lines::RowLines;
use crate::object::Reading;
use crate::piece::PieceForm;
use crate::text::read_lines;
use crate::text_buffer::TextBuffer;
use crate::{FailureReason, LineParser};

/// Reads lines of [`RowLines`].
pub(crate) fn read_rows(buffer: &mut TextBuffer<'_>, reading: &mut Reading<'_>) {
    read_lines(buffer, 0, (&RowParser, PieceForm::RowLines), reading);
}

struct RowParser;

impl LineParser for RowParser {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        match parse(line, arena) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err((
                FailureReason::NotAnObject,
                "the row is no object".to_owned(),
            )),
            Err(error) => Err((FailureReason::InvalidJson, error.kind.to_string())),
        }
    }
}
