//! The rows of objects: recording, looking up, listing, summing up.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params_from_iter};

use crate::counts::ObjectCounts;
use crate::dead_letter::DeadLetter;
use yagura_database::Attempt;

use crate::Error;
use crate::query::{Conditions, MAX_PAGE, Page};
use crate::{Ledger, dead_letter};

/// What tells an object, in this content and range, from all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectIdentity {
    /// The bucket; for files on disk whatever stands for it.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The first and last record that were asked for; `None` for all.
    pub range: Option<(u64, u64)>,
    /// The size as stored, before decompression.
    pub size_bytes: u64,
    /// The ETag or a hash of the content; empty if neither is known.
    pub content: String,
}

/// How the loading of an object ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was read to its end.
    Loaded,
    /// It was skipped, for this reason.
    Ignored(String),
    /// It could not be read to its end, for this reason.
    Failed(String),
}

/// A [`Status`] without its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusKind {
    /// See [`Status::Loaded`].
    Loaded,
    /// See [`Status::Ignored`].
    Ignored,
    /// See [`Status::Failed`].
    Failed,
}

impl StatusKind {
    /// The word for it: `loaded`, `ignored` or `failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
        }
    }
}

impl Status {
    /// The status without its reason.
    pub fn kind(&self) -> StatusKind {
        match self {
            Self::Loaded => StatusKind::Loaded,
            Self::Ignored(_) => StatusKind::Ignored,
            Self::Failed(_) => StatusKind::Failed,
        }
    }

    /// The reason; empty for a loaded object.
    pub fn reason(&self) -> &str {
        match self {
            Self::Loaded => "",
            Self::Ignored(reason) | Self::Failed(reason) => reason,
        }
    }

    fn from_stored(kind: &str, reason: String) -> Self {
        match kind {
            "ignored" => Self::Ignored(reason),
            "failed" => Self::Failed(reason),
            _ => Self::Loaded,
        }
    }
}

/// What became of an object.
///
/// **Units**: times in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRow {
    /// Which object it is.
    pub identity: ObjectIdentity,
    /// The log type its key was routed to.
    pub log_type: String,
    /// What became of its records.
    pub counts: ObjectCounts,
    /// When its loading started.
    pub started_ms: i64,
    /// When its loading ended.
    pub finished_ms: i64,
    /// How its loading ended.
    pub status: Status,
    /// The version of the program that read it.
    pub parser_version: String,
}

/// A recorded object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEntry {
    /// The number of the row.
    pub id: i64,
    /// What was recorded.
    pub row: ObjectRow,
}

/// Which objects to list; every condition that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct ObjectFilter {
    /// How the loading ended.
    pub status: Option<StatusKind>,
    /// The log type.
    pub log_type: Option<String>,
    /// Text in bucket, key or reason, ASCII letters compared without case.
    pub text: Option<String>,
    /// Only objects with failed records.
    pub with_failures: bool,
}

/// Sums over objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of objects by how their loading ended.
    pub objects: BTreeMap<StatusKind, u64>,
    /// The number of bytes as stored.
    pub size_bytes: u64,
    /// What became of the records of all of them.
    pub counts: ObjectCounts,
}

const COLUMNS: &str = "id, bucket, key, range_start, range_end, size_bytes, content, log_type, \
                       documents, failed, started_ms, finished_ms, status, status_reason, parser_version, drifted";

impl Ledger {
    /// Records an object and its dead letters, all or nothing, and tells the row's number.
    ///
    /// An object that is already recorded with the same identity is replaced,
    /// its dead letters with it.
    /// **Errors**: as many dead letters as failed records must be given.
    pub fn record(&self, row: &ObjectRow, letters: &[DeadLetter]) -> Result<i64, Error> {
        self.change("record an object", |transaction| {
            record(transaction, row, letters)
        })
    }

    /// Records several objects at once, all or nothing, and tells their rows' numbers.
    ///
    /// Every call waits once for the disk, so many small objects are better recorded together.
    pub fn record_all(&self, objects: &[(&ObjectRow, &[DeadLetter])]) -> Result<Vec<i64>, Error> {
        self.change("record objects", |transaction| {
            objects
                .iter()
                .map(|(row, letters)| record(transaction, row, letters))
                .collect()
        })
    }

    /// How the loading of an object ended, if it is recorded with this identity.
    pub fn status(&self, identity: &ObjectIdentity) -> Result<Option<Status>, Error> {
        let (start, end) = stored_range(identity.range);
        self.database
            .reader()
            .prepare_cached(
                "SELECT status, status_reason FROM objects
                 WHERE bucket = ? AND key = ? AND range_start = ? AND range_end = ?
                   AND content = ? AND size_bytes = ?",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(
                        (
                            &identity.bucket,
                            &identity.key,
                            start,
                            end,
                            &identity.content,
                            stored(identity.size_bytes),
                        ),
                        |row| Ok(Status::from_stored(row.get_ref(0)?.as_str()?, row.get(1)?)),
                    )
                    .optional()
            })
            .attempt("look up an object")
            .map_err(Error::from)
    }

    /// Tells whether the object was read to its end with exactly this content.
    pub fn is_loaded(&self, identity: &ObjectIdentity) -> Result<bool, Error> {
        Ok(self.status(identity)? == Some(Status::Loaded))
    }

    /// The objects that match a filter, last recorded first.
    ///
    /// **Limits**: [`MAX_PAGE`] entries per page; `cursor` is [`Page::next`] of the page before.
    pub fn objects(
        &self,
        filter: &ObjectFilter,
        cursor: Option<i64>,
        limit: usize,
    ) -> Result<Page<ObjectEntry>, Error> {
        let limit = limit.clamp(1, MAX_PAGE);
        let mut conditions = filter.conditions();
        conditions.add("id < ?", cursor);
        let sql = format!(
            "SELECT {COLUMNS} FROM objects WHERE {} ORDER BY id DESC LIMIT ?",
            conditions.sql()
        );
        conditions.limit(limit);
        let reader = self.database.reader();
        let run = || {
            let mut statement = reader.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(&conditions.parameters), |row| {
                entry(&reader, row)
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let items = run().attempt("list objects")?;
        Ok(Page::of(items, limit, |found| found.id))
    }

    /// The object with this row number.
    pub fn object(&self, id: i64) -> Result<Option<ObjectEntry>, Error> {
        let reader = self.database.reader();
        reader
            .prepare_cached(&format!("SELECT {COLUMNS} FROM objects WHERE id = ?"))
            .and_then(|mut statement| {
                statement
                    .query_row([id], |row| entry(&reader, row))
                    .optional()
            })
            .attempt("read an object")
            .map_err(Error::from)
    }

    /// Sums over the objects that match a filter.
    pub fn totals(&self, filter: &ObjectFilter) -> Result<Totals, Error> {
        let conditions = filter.conditions();
        let matching = conditions.sql();
        let reader = self.database.reader();
        let run = || {
            let mut totals = Totals::default();
            let (mut documents, mut failed, mut drifted) = (0, 0, 0);
            let mut statement = reader.prepare_cached(&format!(
                "SELECT status, count(*), sum(size_bytes), sum(documents), sum(failed), sum(drifted)
                 FROM objects WHERE {matching} GROUP BY status"
            ))?;
            let mut rows = statement.query(params_from_iter(&conditions.parameters))?;
            while let Some(row) = rows.next()? {
                let status = Status::from_stored(row.get_ref(0)?.as_str()?, String::new());
                totals.objects.insert(status.kind(), loaded(row.get(1)?));
                totals.size_bytes += loaded(row.get(2)?);
                documents += loaded(row.get(3)?);
                failed += loaded(row.get(4)?);
                drifted += loaded(row.get(5)?);
            }
            let mut statement = reader.prepare_cached(&format!(
                "SELECT reason, sum(count) FROM exclusions
                 WHERE object_id IN (SELECT id FROM objects WHERE {matching}) GROUP BY reason"
            ))?;
            let excluded = statement
                .query_map(params_from_iter(&conditions.parameters), |row| {
                    Ok((row.get(0)?, loaded(row.get(1)?)))
                })?
                .collect::<rusqlite::Result<BTreeMap<String, u64>>>()?;
            totals.counts = ObjectCounts::from_stored((documents, drifted), excluded, failed);
            Ok(totals)
        };
        run().attempt("sum up objects").map_err(Error::from)
    }
}

impl ObjectFilter {
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        let status = self.status.map(|status| status.as_str().to_owned());
        conditions.add("status = ?", status);
        conditions.add("log_type = ?", self.log_type.clone());
        conditions.add(
            "contains_text(bucket || '/' || key || char(10) || status_reason, ?)",
            self.text.clone(),
        );
        conditions.add("failed > ?", self.with_failures.then_some(0));
        conditions
    }
}

fn record(
    transaction: &Transaction<'_>,
    row: &ObjectRow,
    letters: &[DeadLetter],
) -> Result<i64, Error> {
    check_letters(row, letters.len())?;
    let id = insert(transaction, row)?;
    dead_letter::insert(transaction, id, letters)?;
    Ok(id)
}

/// Replaces the row of an object; what hangs on the old row goes with it.
pub(crate) fn insert(transaction: &Transaction<'_>, row: &ObjectRow) -> Result<i64, Error> {
    let ObjectIdentity {
        bucket,
        key,
        range,
        size_bytes,
        content,
    } = &row.identity;
    let (start, end) = stored_range(*range);
    let run = || {
        transaction
            .prepare_cached(
                "DELETE FROM objects WHERE bucket = ? AND key = ? AND range_start = ?
                 AND range_end = ? AND content = ? AND size_bytes = ?",
            )?
            .execute((bucket, key, start, end, content, stored(*size_bytes)))?;
        transaction
            .prepare_cached(
                "INSERT INTO objects (bucket, key, range_start, range_end, content, size_bytes, log_type,
                     read, documents, drifted, excluded, failed, started_ms, finished_ms, status, status_reason, parser_version)
                 VALUES (:bucket, :key, :start, :end, :content, :size_bytes, :log_type,
                     :read, :documents, :drifted, :excluded, :failed, :started_ms, :finished_ms, :status, :status_reason, :parser_version)",
            )?
            .execute(named_params! {
                ":bucket": bucket,
                ":key": key,
                ":start": start,
                ":end": end,
                ":content": content,
                ":size_bytes": stored(*size_bytes),
                ":log_type": row.log_type,
                ":read": stored(row.counts.read()),
                ":documents": stored(row.counts.documents()),
                ":drifted": stored(row.counts.drifted_total()),
                ":excluded": stored(row.counts.excluded_total()),
                ":failed": stored(row.counts.failed_total()),
                ":started_ms": row.started_ms,
                ":finished_ms": row.finished_ms,
                ":status": row.status.kind().as_str(),
                ":status_reason": row.status.reason(),
                ":parser_version": row.parser_version,
            })?;
        let id = transaction.last_insert_rowid();
        let mut statement = transaction
            .prepare_cached("INSERT INTO exclusions (object_id, reason, count) VALUES (?, ?, ?)")?;
        for (reason, count) in row
            .counts
            .excluded_by_reason()
            .filter(|(_, count)| *count > 0)
        {
            statement.execute((id, reason, stored(count)))?;
        }
        Ok(id)
    };
    run().attempt("record an object").map_err(Error::from)
}

/// Refuses dead letters that are not as many as the failed records.
pub(crate) fn check_letters(row: &ObjectRow, letters: usize) -> Result<(), Error> {
    let failed = row.counts.failed_total();
    if u64::try_from(letters).ok() == Some(failed) {
        return Ok(());
    }
    Err(Error::Unbalanced {
        key: row.identity.key.clone(),
        problem: format!("`{failed}` records failed but `{letters}` dead letters were given"),
    })
}

fn entry(reader: &Connection, row: &Row<'_>) -> rusqlite::Result<ObjectEntry> {
    let id = row.get(0)?;
    let excluded = reader
        .prepare_cached("SELECT reason, count FROM exclusions WHERE object_id = ?")?
        .query_map([id], |row| Ok((row.get(0)?, loaded(row.get(1)?))))?
        .collect::<rusqlite::Result<BTreeMap<String, u64>>>()?;
    let (start, end) = (row.get(3)?, row.get(4)?);
    let row = ObjectRow {
        identity: ObjectIdentity {
            bucket: row.get(1)?,
            key: row.get(2)?,
            range: (start >= 0).then_some((loaded(start), loaded(end))),
            size_bytes: loaded(row.get(5)?),
            content: row.get(6)?,
        },
        log_type: row.get(7)?,
        counts: ObjectCounts::from_stored(
            (loaded(row.get(8)?), loaded(row.get(15)?)),
            excluded,
            loaded(row.get(9)?),
        ),
        started_ms: row.get(10)?,
        finished_ms: row.get(11)?,
        status: Status::from_stored(row.get_ref(12)?.as_str()?, row.get(13)?),
        parser_version: row.get(14)?,
    };
    Ok(ObjectEntry { id, row })
}

/// A range as stored: −1 stands for "all", because NULL is never equal to NULL.
fn stored_range(range: Option<(u64, u64)>) -> (i64, i64) {
    range.map_or((-1, -1), |(start, end)| (stored(start), stored(end)))
}

pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn loaded(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
