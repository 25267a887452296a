//! What is wrong or doubtful in a configuration, where, and what to do about it.

use std::fmt;

use yagura_ini::Origin;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// The configuration can be used but probably does not do what was meant.
    Warning,
}

/// One finding in a configuration.
///
/// **Units**: line and column count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as named when it was read.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// The section, when the finding belongs to one.
    pub section: Option<String>,
    /// The option, when the finding belongs to one.
    pub option: Option<String>,
    /// What is wrong, with the offending text in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Diagnostic {
    pub(crate) fn new(severity: Severity, at: &Origin, message: String, hint: String) -> Self {
        Self {
            severity,
            file: at.file.to_string(),
            line: at.line,
            column: at.column,
            section: None,
            option: None,
            message,
            hint,
        }
    }

    pub(crate) fn of(mut self, section: &str, option: &str) -> Self {
        self.section = Some(section.to_owned());
        self.option = Some(option.to_owned());
        self
    }
}

impl From<yagura_ini::Error> for Diagnostic {
    fn from(error: yagura_ini::Error) -> Self {
        let mut message = error.message;
        if !error.more_lines.is_empty() {
            let lines: Vec<String> = error.more_lines.iter().map(usize::to_string).collect();
            message = format!("{message}, nor line {}", lines.join(", "));
        }
        Self {
            severity: Severity::Error,
            file: error.file.to_string(),
            line: error.line,
            column: error.column,
            section: None,
            option: None,
            message,
            hint: error.hint,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            "{}:{}:{}: {severity}: ",
            self.file, self.line, self.column
        )?;
        if let Some(section) = &self.section {
            write!(f, "[{section}] ")?;
        }
        write!(f, "{}", self.message)?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}

/// A configuration that cannot be used, with all that was found in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot use the configuration:{}", .diagnostics.iter().map(|found| format!("\n  {found}")).collect::<String>())]
pub struct ConfigError {
    /// The findings; at least one is an error.
    pub diagnostics: Vec<Diagnostic>,
}

/// The candidate closest to a mistyped name, if one is close enough to be meant.
pub(crate) fn suggest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = (name.chars().count() / 3).clamp(1, 3);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|&(distance, _)| distance > 0 && distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}
