//! The text of a drafted section: options in order, each with the reason for it.

use std::fmt::Write;

/// A section of INI in the making.
#[derive(Debug, Default)]
pub(super) struct Section {
    text: String,
}

impl Section {
    /// A section with its header.
    pub(super) fn new(name: &str) -> Self {
        Section {
            text: format!("[{name}]\n"),
        }
    }

    /// Adds lines of comment.
    pub(super) fn comment(&mut self, text: &str) {
        for line in text.lines() {
            let _ = writeln!(self.text, "# {line}");
        }
    }

    /// Adds an option; a dollar sign in the value is doubled, as INI wants it.
    pub(super) fn option(&mut self, key: &str, value: &str) {
        let value = value.replace('$', "$$");
        let _ = writeln!(self.text, "{}", format!("{key} = {value}").trim_end());
    }

    /// Adds an option that is a list, one entry a line.
    pub(super) fn list(&mut self, key: &str, entries: &[&str]) {
        let _ = writeln!(self.text, "{key} =");
        for entry in entries {
            let _ = writeln!(self.text, "  {entry}");
        }
    }

    /// The whole text.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}
