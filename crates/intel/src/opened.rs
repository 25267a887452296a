//! What opening a database can lead to.

use std::path::{Path, PathBuf};

/// A database that is ready, or a note why its feature is off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened<T> {
    /// Look-ups work.
    Ready(T),
    /// There is nothing to look up in; the note says why.
    Absent(String),
}

impl<T> Opened<T> {
    /// The database, if it is ready.
    pub fn ready(self) -> Option<T> {
        match self {
            Self::Ready(database) => Some(database),
            Self::Absent(_) => None,
        }
    }

    pub(crate) fn missing(what: &str, path: &Path) -> Self {
        Self::Absent(format!("no {what} at `{}`", path.display()))
    }
}

/// A database that exists but cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the {what} `{}`: {reason} (fetch it again, or remove it to go without)", path.display())]
pub struct Error {
    pub(crate) what: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) reason: String,
}

impl Error {
    pub(crate) fn new(what: &'static str, path: &Path, reason: impl ToString) -> Self {
        Self {
            what,
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}
