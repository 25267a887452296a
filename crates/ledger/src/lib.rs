//! The ledger: what became of every object, and the records that could not be loaded.
//!
//! One SQLite file holds one row per object and one row per dead letter. For
//! every object, records read = documents + exclusions + failures: the counts
//! can only be made by counting outcomes, and the database checks the sum.

mod by_log_type;
mod counts;
mod dead_letter;
mod draft;
mod error;
mod object;
mod query;
mod schema;

use std::path::Path;

use rusqlite::{Transaction, TransactionBehavior};
use yagura_database::{Attempt, Database};

pub use by_log_type::LogTypeTotals;
pub use counts::{MAX_REASONS, ObjectCounts};
pub use dead_letter::{
    DeadLetter, DeadLetterEntry, DeadLetterFilter, MAX_RAW_BYTES, RawRecord, ReasonCount,
    RetryOutcome,
};
pub use draft::Draft;
pub use error::Error;
pub use object::{
    ObjectEntry, ObjectFilter, ObjectIdentity, ObjectRow, Status, StatusKind, Totals,
};
pub use query::{MAX_PAGE, Page};

/// An open ledger, to be shared between threads.
///
/// Writers take turns; a reader never waits for a writer.
#[derive(Debug)]
pub struct Ledger {
    database: Database,
}

impl Ledger {
    /// Opens the ledger in a file, which is created if it does not exist.
    ///
    /// **Errors**: the file cannot be opened, is no ledger, or was written by a
    /// newer version.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let database = Database::open(path, &schema::LAYOUT, schema::set_up, |_| Ok(()))?;
        Ok(Self { database })
    }

    /// The rows whose counts do not add up; an intact ledger has none.
    pub fn unbalanced(&self) -> Result<Vec<i64>, Error> {
        let reader = self.database.reader();
        let mut statement = reader
            .prepare(
                "SELECT id FROM objects o
                 WHERE read <> documents + excluded + failed
                    OR excluded <> (SELECT coalesce(sum(count), 0) FROM exclusions WHERE object_id = o.id)
                    OR failed < (SELECT count(*) FROM dead_letters WHERE object_id = o.id)",
            )
            .attempt("check the balance")?;
        let rows = statement
            .query_map([], |row| row.get(0))
            .attempt("check the balance")?;
        rows.collect::<Result<_, _>>()
            .attempt("check the balance")
            .map_err(Error::from)
    }

    /// Runs a change as one transaction: all of it is stored, or nothing.
    fn change<T>(
        &self,
        what: &'static str,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut writer = self.database.writer();
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .attempt(what)?;
        let result = run(&transaction)?;
        transaction.commit().attempt(what)?;
        Ok(result)
    }
}
