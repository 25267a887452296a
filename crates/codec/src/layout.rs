//! How the records of an object are framed and parsed: what a log type's options say.

use yagura_model::{Arena, Object};

use crate::{FailureReason, Pattern};

/// Framing of an object and form of its records.
pub enum Format {
    /// One record a line.
    Text {
        /// Lines before the first record.
        header_lines: u64,
        /// How a line is taken apart.
        parser: Box<dyn LineParser>,
    },
    /// JSON values, one after the other.
    Json {
        /// Key of the array whose elements are the records.
        delimiter: Option<String>,
    },
    /// A table with a header line.
    Csv {
        /// Character between values; `None` is a run of white space.
        delimiter: Option<char>,
    },
    /// CloudWatch Logs subscription data around records of another form.
    CloudWatchLogs(MessageFormat),
    /// One FireLens line around each record of another form.
    FireLens(MessageFormat),
}

/// Form of a record that is one message of an envelope.
pub enum MessageFormat {
    /// Text taken apart by a parser.
    Text(Box<dyn LineParser>),
    /// A JSON object.
    Json,
    /// A FireLens line around a record of another form.
    FireLens(Box<MessageFormat>),
}

/// Takes one line apart into fields.
pub trait LineParser: Send {
    /// The fields of the line, in the arena.
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)>;
}

impl LineParser for Pattern {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        self.match_fields(line, arena)
    }
}
