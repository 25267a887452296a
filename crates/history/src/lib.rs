//! The history: which addresses, users and other entities were seen on which day, in which logs.
//!
//! The daily roll-up `entity_day` lies in one SQLite file. Its rows are never added to: the rows of
//! a piece of the store are replaced as a whole, in one transaction with the version of the piece
//! they were counted from. So loading an object again, a document that replaces another, and a
//! crash at any moment leave nothing counted twice: whatever is out of date shows by its version
//! and is counted again.

mod answers;
mod error;
mod schema;
mod write;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

pub use answers::{Day, Days, FirstSeen, Newcomer, Peers};
pub use error::Error;
pub use write::{Counts, PieceCounts, PieceName, Row};

/// Most values that one question may name.
pub const MAX_QUESTIONS: usize = 500;

/// An open history, to be shared between threads.
#[derive(Debug)]
pub struct History {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
    complete: AtomicBool,
}

impl History {
    /// Opens the history in a file, which is created if it does not exist.
    ///
    /// `definition` says what is counted; if the file was made with another one, it is emptied, and
    /// everything is counted again.
    ///
    /// **Errors**: the file cannot be opened, is no history, or was written by a newer version.
    pub fn open(path: &Path, definition: &str) -> Result<Self, Error> {
        let connect = || {
            schema::connect(path).map_err(|source| Error::Open {
                path: path.to_owned(),
                source,
            })
        };
        let mut writer = connect()?;
        schema::prepare(&mut writer, path, definition)?;
        Ok(Self {
            writer: Mutex::new(writer),
            reader: Mutex::new(connect()?),
            complete: AtomicBool::new(false),
        })
    }

    /// Whether all pieces of the store were counted at least once since the history was opened.
    pub fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Relaxed)
    }

    /// Notes that all pieces of the store are counted.
    pub fn set_complete(&self) {
        self.complete.store(true, Ordering::Relaxed);
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
