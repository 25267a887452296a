//! The history: which addresses, users and other entities were seen on which day, in which logs.
//!
//! The daily roll-up `entity_day` lies in one SQLite file. Its rows are never added to: the rows of
//! a piece of the store are replaced as a whole, in one transaction with the version of the piece
//! they were counted from. So loading an object again, a document that replaces another, and a
//! crash at any moment leave nothing counted twice: whatever is out of date shows by its version
//! and is counted again.

mod answers;
mod schema;
mod write;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Transaction;
use yagura_database::Database;

pub use answers::{Day, Days, FirstSeen, Newcomer, Peers};
pub use write::{Counts, PieceCounts, PieceName, Row};
pub use yagura_database::Error;

/// Most values that one question may name.
pub const MAX_QUESTIONS: usize = 500;

/// An open history, to be shared between threads.
#[derive(Debug)]
pub struct History {
    database: Database,
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
        let adopt = |transaction: &Transaction<'_>| schema::adopt(transaction, definition);
        Ok(Self {
            database: Database::open(path, &schema::LAYOUT, |_| Ok(()), adopt)?,
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
}
