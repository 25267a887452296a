//! What can be wrong with a configuration file, and where.

use std::sync::Arc;

/// The ways a file or a value can be wrong; each but the last has a class of the same meaning in Python's `configparser`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// An option stands before the first section header.
    MissingSectionHeader,
    /// A section stands twice in one file.
    DuplicateSection,
    /// An option stands twice in one section of one file.
    DuplicateOption,
    /// A line is neither header, option, continuation nor comment.
    Parsing,
    /// A `$` is followed by something that is no reference.
    InterpolationSyntax,
    /// A reference names an option that does not exist.
    InterpolationMissingOption,
    /// References are nested too deeply, usually because they form a circle.
    InterpolationDepth,
    /// A file or an interpolated value is larger than allowed.
    TooLarge,
}

/// An error in a configuration file, with its place and advice.
///
/// **Units**: line and column count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message} ({hint})")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The file, as named when it was read.
    pub file: Arc<str>,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What was attempted, with the offending text in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Further lines of the file with the same error, for [`ErrorKind::Parsing`].
    pub more_lines: Vec<usize>,
}

/// Shortens text from a file so that an error message stays one readable line.
pub(crate) fn excerpt(text: &str) -> String {
    const LIMIT: usize = 60;
    let shown: String = text
        .chars()
        .take(LIMIT)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(LIMIT).is_some() {
        shown + "…"
    } else {
        shown
    }
}
