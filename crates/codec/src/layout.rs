//! How the records of an object are framed and parsed: what a log type's options say.

use yagura_model::{Arena, Object};

use crate::{FailureReason, Pattern, XmlStart};

/// Framing of an object and form of its records.
pub enum Format {
    /// One record a line.
    Text {
        /// Lines before the first record.
        header_lines: u64,
        /// How a line is taken apart.
        parser: Box<dyn LineParser>,
    },
    /// Records of several lines.
    Multiline {
        /// Matches the first line of a record, from the line's start.
        first_line: Pattern,
        /// How a record is taken apart.
        parser: Box<dyn LineParser>,
    },
    /// JSON values, one after the other.
    Json {
        /// Key of the array whose elements are the records.
        delimiter: Option<String>,
        /// Values without that array are records themselves; otherwise they are none.
        keeps_others: bool,
    },
    /// A table.
    Csv(Table),
    /// XML elements.
    Xml {
        /// Where they begin.
        start: XmlStart,
        /// How an element is taken apart.
        parser: Box<dyn LineParser>,
    },
    /// CloudWatch Logs subscription data around records of another form.
    CloudWatchLogs(MessageFormat),
    /// One FireLens line around each record of another form.
    FireLens(MessageFormat),
}

/// How a table is laid out.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Character between values; `None` is a run of white space.
    pub delimiter: Option<char>,
    /// Names of the columns; `None` takes them from a header line.
    pub columns: Option<Vec<String>>,
    /// A row with more or fewer values than there are columns is schema drift.
    pub is_strict: bool,
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

/// Takes the text of one record, a line or several, apart into fields.
pub trait LineParser: Send {
    /// The fields of the record, in the arena.
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)>;

    /// Looks again at what [`LineParser::parse`] gave: a line that it does not cover whole may be
    /// read as far as it goes.
    fn check<'a>(
        &'a self,
        _line: &'a str,
        fields: Result<&'a mut Object<'a>, (FailureReason, String)>,
        _arena: &'a Arena,
    ) -> Checked<'a> {
        Checked {
            fields,
            drift: None,
        }
    }

    /// The `error.message` with which a line that cannot be parsed is kept all the same; `None`
    /// lets it fail.
    fn kept_with(&self) -> Option<&'static str> {
        None
    }
}

/// A line that was taken apart.
pub struct Checked<'a> {
    /// The fields, or why there are none.
    pub fields: Result<&'a mut Object<'a>, (FailureReason, String)>,
    /// How the line differs from the layout of its log type, if it was read all the same.
    pub drift: Option<&'a str>,
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
