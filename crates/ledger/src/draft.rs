//! Collects the dead letters of an object while it is read, so that they need not fit into memory.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::dead_letter::{DeadLetter, OWN_COLUMNS, bind};
use yagura_database::Attempt;

use crate::Error;
use crate::object::{self, ObjectRow};
use crate::{Ledger, dead_letter};

static NEXT_DRAFT: AtomicI64 = AtomicI64::new(1);

/// An object that is being read: its dead letters wait on disk, outside the ledger, until it is recorded.
///
/// Dropping a draft, or a crash, forgets them.
#[derive(Debug)]
pub struct Draft<'a> {
    ledger: &'a Ledger,
    number: i64,
    staged: usize,
}

impl Ledger {
    /// Starts to collect the dead letters of an object.
    pub fn draft(&self) -> Draft<'_> {
        Draft {
            ledger: self,
            number: NEXT_DRAFT.fetch_add(1, Ordering::Relaxed),
            staged: 0,
        }
    }
}

impl Draft<'_> {
    /// Adds dead letters; hand over a few hundred at a time rather than one by one.
    pub fn add(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        if letters.is_empty() {
            return Ok(());
        }
        let number = self.number;
        self.ledger.change("collect dead letters", |transaction| {
            let run = || {
                let mut statement = transaction.prepare_cached(&format!(
                    "INSERT INTO temp.staged (draft, {OWN_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                ))?;
                for letter in letters {
                    bind(&mut statement, number, letter)?;
                }
                Ok(())
            };
            run().attempt("collect dead letters").map_err(Error::from)
        })?;
        self.staged += letters.len();
        Ok(())
    }

    /// Records the object with the collected dead letters and the last few, as [`Ledger::record`] does.
    pub fn record(self, row: &ObjectRow, last: &[DeadLetter]) -> Result<i64, Error> {
        self.ledger.change("record an object", |transaction| {
            let id = object::insert(transaction, row)?;
            transaction
                .prepare_cached(&format!(
                    "INSERT INTO dead_letters (object_id, {OWN_COLUMNS})
                     SELECT ?, {OWN_COLUMNS} FROM temp.staged WHERE draft = ? ORDER BY rowid"
                ))
                .and_then(|mut statement| statement.execute((id, self.number)))
                .attempt("record dead letters")?;
            dead_letter::insert(transaction, id, last)?;
            object::check_letters(row, self.staged + last.len())?;
            Ok(id)
        })
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if self.staged == 0 {
            return;
        }
        // Nothing is lost when this fails: the table goes with the connection.
        let _ = self
            .ledger
            .database
            .writer()
            .execute("DELETE FROM temp.staged WHERE draft = ?", [self.number]);
    }
}
