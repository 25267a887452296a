//! Why something could not be kept.

use std::path::PathBuf;

use crate::{MAX_NAME_CHARACTERS, MAX_SEARCHES, MAX_URL_BYTES};

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened.
    #[error("cannot open saved searches and links in `{}`: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The file is not ours.
    #[error("cannot use `{}` for saved searches and links: {found}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: String,
    },
    /// The address is not one of this server's page.
    #[error(
        "an address must be a percent-encoded path that begins with `/`, at most {MAX_URL_BYTES} bytes long"
    )]
    BadUrl,
    /// The name is empty or too long.
    #[error("a name must have 1 to {MAX_NAME_CHARACTERS} characters")]
    BadName,
    /// The user has a saved search of that name.
    #[error("there is a saved search `{0}` already")]
    NameTaken(String),
    /// The user has too many saved searches.
    #[error("there are {MAX_SEARCHES} saved searches already; delete some")]
    TooMany,
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
