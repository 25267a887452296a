//! Why the history could not do what it was asked.

use std::path::PathBuf;

/// Why the history could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened.
    #[error("cannot open the history `{}`: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The file is not a history of ours.
    #[error("cannot use `{}` as a history: {found}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: String,
    },
    /// A statement failed.
    #[error("cannot {what}: {source}")]
    Failed {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: rusqlite::Error,
    },
}

/// Says what was tried when a statement failed.
pub(crate) trait Attempt<T> {
    fn attempt(self, what: &'static str) -> Result<T, Error>;
}

impl<T> Attempt<T> for rusqlite::Result<T> {
    fn attempt(self, what: &'static str) -> Result<T, Error> {
        self.map_err(|source| Error::Failed { what, source })
    }
}
