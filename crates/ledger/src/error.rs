//! What can go wrong with the ledger.

use std::path::PathBuf;

/// An error of the ledger.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened as a database.
    #[error("cannot open the ledger `{}`: {source} (is it a Yagura data folder, and may it be written?)", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file is a database of something else, or of a newer version.
    #[error("cannot use `{}` as ledger: {found} (choose another data folder, or use the version that wrote it)", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found in it.
        found: String,
    },
    /// The database refused an operation.
    #[error("cannot {attempt} in the ledger: {source}")]
    Database {
        /// The operation.
        attempt: &'static str,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The counts of an object do not agree with each other.
    #[error("cannot record `{key}`: {problem}; this is a defect of the loader, please report it")]
    Unbalanced {
        /// The key of the object.
        key: String,
        /// Which counts disagree.
        problem: String,
    },
}

/// Turns database errors into errors that tell what was attempted.
pub(crate) trait Attempt<T> {
    fn attempt(self, attempt: &'static str) -> Result<T, Error>;
}

impl<T> Attempt<T> for rusqlite::Result<T> {
    fn attempt(self, attempt: &'static str) -> Result<T, Error> {
        self.map_err(|source| Error::Database { attempt, source })
    }
}
