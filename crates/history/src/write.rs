//! Replacing what was counted of a piece of the store, and forgetting pieces that are gone.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior};

use crate::History;
use yagura_database::{Attempt, Error};

/// A piece of the store: an index and a stretch of time of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PieceName {
    /// The name of the index.
    pub index: String,
    /// The name of the stretch of time.
    pub label: String,
}

/// Everything that was counted in a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PieceCounts {
    /// The piece.
    pub name: PieceName,
    /// The version of the piece that was counted.
    pub version: u64,
    /// The counts by kind of entity.
    pub kinds: Vec<(String, Counts)>,
}

/// The counts of one kind of entity in a piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// One row for each day, log type and value.
    pub rows: Vec<Row>,
    /// How many values were left out because there are too many of them.
    pub left_out: u64,
}

/// An entity on one day in one log type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Days since the epoch, UTC.
    pub day: i64,
    /// The log type.
    pub log_type: String,
    /// The value.
    pub value: String,
    /// The number of events.
    pub count: u64,
    /// Its first event of that day, in milliseconds since the epoch.
    pub first_ms: i64,
    /// Its last event of that day, in milliseconds since the epoch.
    pub last_ms: i64,
}

impl History {
    /// The pieces that were counted, with the version of each.
    pub fn versions(&self) -> Result<HashMap<PieceName, u64>, Error> {
        let reader = self.database.reader();
        let run = || {
            let mut statement =
                reader.prepare_cached("SELECT index_name, label, version FROM pieces")?;
            let rows = statement.query_map([], |row| {
                let name = PieceName {
                    index: row.get(0)?,
                    label: row.get(1)?,
                };
                Ok((name, row.get::<_, i64>(2)?.cast_unsigned()))
            })?;
            rows.collect::<rusqlite::Result<HashMap<_, _>>>()
        };
        run().attempt("list what was counted")
    }

    /// Replaces everything that is known of a piece, all or nothing.
    pub fn replace(&self, counts: &PieceCounts) -> Result<(), Error> {
        self.change("record what was counted", |transaction| {
            forget(transaction, &counts.name)?;
            transaction
                .prepare_cached("INSERT INTO pieces (index_name, label, version) VALUES (?, ?, ?)")?
                .execute((
                    &counts.name.index,
                    &counts.name.label,
                    counts.version.cast_signed(),
                ))?;
            let piece = transaction.last_insert_rowid();
            for (kind, counts) in &counts.kinds {
                insert(transaction, piece, kind, counts)?;
            }
            Ok(())
        })
    }

    /// Forgets pieces that are not in the store any more, and the entities that only they had.
    pub fn forget(&self, pieces: &[PieceName]) -> Result<(), Error> {
        if pieces.is_empty() {
            return Ok(());
        }
        self.change("forget what is gone", |transaction| {
            for piece in pieces {
                forget(transaction, piece)?;
            }
            transaction.execute(
                "DELETE FROM entities WHERE id NOT IN (SELECT entity_id FROM seen)",
                [],
            )?;
            Ok(())
        })
    }

    /// Runs a change as one transaction: all of it is stored, or nothing.
    fn change(
        &self,
        what: &'static str,
        run: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), Error> {
        let mut writer = self.database.writer();
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .attempt(what)?;
        run(&transaction).attempt(what)?;
        transaction.commit().attempt(what)
    }
}

fn forget(transaction: &Transaction<'_>, piece: &PieceName) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM pieces WHERE index_name = ? AND label = ?")?
        .execute((&piece.index, &piece.label))?;
    Ok(())
}

fn insert(
    transaction: &Transaction<'_>,
    piece: i64,
    kind: &str,
    counts: &Counts,
) -> rusqlite::Result<()> {
    let mut find =
        transaction.prepare_cached("SELECT id FROM entities WHERE kind = ? AND value = ?")?;
    let mut name =
        transaction.prepare_cached("INSERT INTO entities (kind, value) VALUES (?, ?)")?;
    let mut slice = transaction
        .prepare_cached("INSERT INTO slices (piece_id, kind, day, log_type) VALUES (?, ?, ?, ?)")?;
    let mut seen = transaction.prepare_cached(
        "INSERT INTO seen (slice_id, entity_id, count, first_ms, last_ms) VALUES (?, ?, ?, ?, ?)",
    )?;
    let mut slices: HashMap<(i64, &str), i64> = HashMap::new();
    let mut entities: HashMap<&str, i64> = HashMap::new();
    let mut rows = Vec::with_capacity(counts.rows.len());
    for row in &counts.rows {
        let entity = match entities.get(row.value.as_str()) {
            Some(entity) => *entity,
            None => {
                let known = find
                    .query_row((kind, &row.value), |row| row.get(0))
                    .optional()?;
                let entity = match known {
                    Some(entity) => entity,
                    None => name.insert((kind, &row.value))?,
                };
                entities.insert(&row.value, entity);
                entity
            }
        };
        let key = (row.day, row.log_type.as_str());
        let slice = match slices.get(&key) {
            Some(slice) => *slice,
            None => {
                let made = slice.insert((piece, kind, row.day, &row.log_type))?;
                slices.insert(key, made);
                made
            }
        };
        rows.push((slice, entity, row));
    }
    // In the order of the table, so that neighbours are written together.
    rows.sort_unstable_by_key(|(slice, entity, _)| (*slice, *entity));
    for (slice, entity, row) in rows {
        let count = i64::try_from(row.count).unwrap_or(i64::MAX);
        seen.execute((slice, entity, count, row.first_ms, row.last_ms))?;
    }
    if counts.left_out > 0 {
        let days = counts.rows.iter().map(|row| row.day);
        let (first, last) = (days.clone().min(), days.max());
        transaction
            .prepare_cached(
                "INSERT INTO left_out (piece_id, kind, first_day, last_day, count) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute((
                piece,
                kind,
                first.unwrap_or_default(),
                last.unwrap_or(i64::MAX),
                i64::try_from(counts.left_out).unwrap_or(i64::MAX),
            ))?;
    }
    Ok(())
}
