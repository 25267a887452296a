//! What can go wrong with a file of ours.

use std::path::PathBuf;

/// An error of a file of ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened as a database.
    #[error("cannot open the {name} `{}`: {source} (is it in a Yagura data folder, and may it be written?)", path.display())]
    Open {
        /// What the file is called.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file is a database of something else, or of a newer version.
    #[error("cannot use `{}` as {name}: {found} (choose another data folder, or use the version that wrote it)", path.display())]
    Foreign {
        /// What the file is called.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// What was found in it.
        found: String,
    },
    /// A statement failed.
    #[error("cannot {what}: {source}")]
    Failed {
        /// What was tried.
        what: &'static str,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

/// Says what was tried when a statement failed.
pub trait Attempt<T> {
    /// Names what was tried, as in "cannot read an object".
    fn attempt(self, what: &'static str) -> Result<T, Error>;
}

impl<T> Attempt<T> for rusqlite::Result<T> {
    fn attempt(self, what: &'static str) -> Result<T, Error> {
        self.map_err(|source| Error::Failed { what, source })
    }
}
