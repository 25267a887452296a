//! Records that could not be loaded: keeping, finding, and what a retry makes of them.

use rusqlite::{OptionalExtension, Row, Transaction, params_from_iter};
use sha2::{Digest, Sha256};

use crate::Ledger;
use yagura_database::Attempt;

use crate::Error;
use crate::object::{loaded, stored};
use crate::query::{Conditions, MAX_PAGE, Page};

/// How much of a record's raw text is kept.
pub const MAX_RAW_BYTES: usize = 1024 * 1024;
const MAX_DETAIL_BYTES: usize = 4 * 1024;

/// A record that could not be loaded.
///
/// **Units**: lines count from 1, bytes from 0 in the decompressed object, times in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The line of its first byte.
    pub line: u64,
    /// The place of its first byte.
    pub byte_offset: u64,
    /// The kind of failure, the same text for all failures of the kind.
    pub reason: String,
    /// What exactly was wrong with this record.
    pub detail: String,
    /// The raw text.
    pub raw: RawRecord,
    /// The log type that was to read it.
    pub log_type: String,
    /// The version of the program that failed on it.
    pub parser_version: String,
    /// When it failed.
    pub time_ms: i64,
}

/// The raw text of a record, cut off after [`MAX_RAW_BYTES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRecord {
    bytes: Vec<u8>,
    length_bytes: u64,
    sha256: Option<String>,
}

impl RawRecord {
    /// Keeps raw text, or its first [`MAX_RAW_BYTES`] with the hash of all of it.
    pub fn keep(raw: &[u8]) -> Self {
        let sha256 = (raw.len() > MAX_RAW_BYTES).then(|| {
            let digest = Sha256::digest(raw);
            digest.iter().map(|byte| format!("{byte:02x}")).collect()
        });
        Self {
            bytes: raw.get(..MAX_RAW_BYTES).unwrap_or(raw).to_vec(),
            length_bytes: u64::try_from(raw.len()).unwrap_or(u64::MAX),
            sha256,
        }
    }

    /// The bytes that were kept.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The length before it was cut off.
    pub fn length_bytes(&self) -> u64 {
        self.length_bytes
    }

    /// The SHA-256 of the whole text in hexadecimal, if it was cut off.
    pub fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// Tells whether it was cut off.
    pub fn is_truncated(&self) -> bool {
        self.sha256.is_some()
    }
}

/// A recorded dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterEntry {
    /// The number of the row.
    pub id: i64,
    /// The number of its object's row.
    pub object_id: i64,
    /// The bucket of its object.
    pub bucket: String,
    /// The key of its object.
    pub key: String,
    /// What was recorded.
    pub letter: DeadLetter,
    /// When it was last tried again.
    pub retried_ms: Option<i64>,
    /// How often it was tried again.
    pub retries: u32,
}

/// Which dead letters to list; every condition that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct DeadLetterFilter {
    /// The kind of failure.
    pub reason: Option<String>,
    /// The log type.
    pub log_type: Option<String>,
    /// The number of the object's row.
    pub object_id: Option<i64>,
    /// Text in the raw record or the detail, ASCII letters compared without case.
    pub text: Option<String>,
    /// Only those that failed before this time.
    pub before_ms: Option<i64>,
}

/// How many dead letters have the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonCount {
    /// The kind of failure.
    pub reason: String,
    /// The log type.
    pub log_type: String,
    /// The number of dead letters.
    pub count: u64,
}

/// What trying a dead letter again has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryOutcome<'a> {
    /// It became a document.
    Document,
    /// It was excluded, for this reason.
    Excluded(&'a str),
    /// It failed again.
    Failed {
        /// The kind of failure.
        reason: &'a str,
        /// What exactly was wrong.
        detail: &'a str,
        /// The version of the program that tried.
        parser_version: &'a str,
    },
}

/// The columns a dead letter brings itself, in the order of [`bind`].
pub(crate) const OWN_COLUMNS: &str = "line, byte_offset, reason, detail, raw, raw_bytes, raw_sha256, log_type, parser_version, time_ms";

const ENTRY: &str =
    "SELECT d.id, d.object_id, o.bucket, o.key, d.line, d.byte_offset, d.reason, d.detail, d.raw,
    d.raw_bytes, d.raw_sha256, d.log_type, d.parser_version, d.time_ms, d.retried_ms, d.retries
    FROM dead_letters d JOIN objects o ON o.id = d.object_id";

impl Ledger {
    /// The dead letters that match a filter, last recorded first.
    ///
    /// **Limits**: [`MAX_PAGE`] entries per page; `cursor` is [`Page::next`] of the page before.
    pub fn dead_letters(
        &self,
        filter: &DeadLetterFilter,
        cursor: Option<i64>,
        limit: usize,
    ) -> Result<Page<DeadLetterEntry>, Error> {
        let limit = limit.clamp(1, MAX_PAGE);
        let mut conditions = filter.conditions();
        conditions.add("d.id < ?", cursor);
        let sql = format!(
            "{ENTRY} WHERE {} ORDER BY d.id DESC LIMIT ?",
            conditions.sql()
        );
        conditions.limit(limit);
        let reader = self.database.reader();
        let run = || {
            let mut statement = reader.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(&conditions.parameters), entry)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let items = run().attempt("list dead letters")?;
        Ok(Page::of(items, limit, |found| found.id))
    }

    /// The number of dead letters by reason and log type, most frequent first.
    pub fn dead_letter_reasons(
        &self,
        filter: &DeadLetterFilter,
    ) -> Result<Vec<ReasonCount>, Error> {
        let conditions = filter.conditions();
        let sql = format!(
            "SELECT d.reason, d.log_type, count(*) FROM dead_letters d WHERE {}
             GROUP BY d.reason, d.log_type ORDER BY count(*) DESC, d.reason, d.log_type",
            conditions.sql()
        );
        let reader = self.database.reader();
        let run = || {
            let mut statement = reader.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(&conditions.parameters), |row| {
                Ok(ReasonCount {
                    reason: row.get(0)?,
                    log_type: row.get(1)?,
                    count: loaded(row.get(2)?),
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        run().attempt("count dead letters").map_err(Error::from)
    }

    /// The dead letter with this number.
    pub fn dead_letter(&self, id: i64) -> Result<Option<DeadLetterEntry>, Error> {
        self.database
            .reader()
            .prepare_cached(&format!("{ENTRY} WHERE d.id = ?"))
            .and_then(|mut statement| statement.query_row([id], entry).optional())
            .attempt("read a dead letter")
            .map_err(Error::from)
    }

    /// Notes what trying a dead letter again has led to, and tells whether it exists.
    ///
    /// One that succeeded leaves the dead letters, and the counts of its
    /// object move with it.
    pub fn retried(&self, id: i64, outcome: RetryOutcome<'_>, time_ms: i64) -> Result<bool, Error> {
        self.change("note a retry", |transaction| {
            let run = || match outcome {
                RetryOutcome::Failed {
                    reason,
                    detail,
                    parser_version,
                } => transaction
                    .prepare_cached(
                        "UPDATE dead_letters SET reason = ?, detail = ?, parser_version = ?,
                         retried_ms = ?, retries = retries + 1 WHERE id = ?",
                    )?
                    .execute((reason, cut(detail), parser_version, time_ms, id))
                    .map(|changed| changed > 0),
                RetryOutcome::Document => move_count(transaction, id, None),
                RetryOutcome::Excluded(reason) => move_count(transaction, id, Some(reason)),
            };
            run().attempt("note a retry").map_err(Error::from)
        })
    }

    /// Deletes the dead letters that match a filter and tells how many they were.
    ///
    /// The counts of their objects stay: the records did fail.
    pub fn delete_dead_letters(&self, filter: &DeadLetterFilter) -> Result<usize, Error> {
        let conditions = filter.conditions();
        let sql = format!(
            "DELETE FROM dead_letters WHERE id IN (SELECT d.id FROM dead_letters d WHERE {})",
            conditions.sql()
        );
        self.change("delete dead letters", |transaction| {
            transaction
                .execute(&sql, params_from_iter(&conditions.parameters))
                .attempt("delete dead letters")
                .map_err(Error::from)
        })
    }

    /// Deletes one dead letter and tells whether it existed.
    pub fn delete_dead_letter(&self, id: i64) -> Result<bool, Error> {
        self.change("delete a dead letter", |transaction| {
            transaction
                .execute("DELETE FROM dead_letters WHERE id = ?", [id])
                .map(|deleted| deleted > 0)
                .attempt("delete a dead letter")
                .map_err(Error::from)
        })
    }
}

impl DeadLetterFilter {
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        // First, because it names its parameter by number.
        conditions.add(
            "(contains_text(d.raw, ?1) OR contains_text(d.detail, ?1))",
            self.text.clone(),
        );
        conditions.add("d.reason = ?", self.reason.clone());
        conditions.add("d.log_type = ?", self.log_type.clone());
        conditions.add("d.object_id = ?", self.object_id);
        conditions.add("d.time_ms < ?", self.before_ms);
        conditions
    }
}

/// Adds dead letters to an object's row.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    object_id: i64,
    letters: &[DeadLetter],
) -> Result<(), Error> {
    let run = || {
        let mut statement = transaction.prepare_cached(&format!(
            "INSERT INTO dead_letters (object_id, {OWN_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ))?;
        for letter in letters {
            bind(&mut statement, object_id, letter)?;
        }
        Ok(())
    };
    run().attempt("record dead letters").map_err(Error::from)
}

/// Runs an insertion whose first column is `owner` and whose others are [`OWN_COLUMNS`].
pub(crate) fn bind(
    statement: &mut rusqlite::Statement<'_>,
    owner: i64,
    letter: &DeadLetter,
) -> rusqlite::Result<usize> {
    statement.execute((
        owner,
        stored(letter.line),
        stored(letter.byte_offset),
        &letter.reason,
        cut(&letter.detail),
        letter.raw.bytes(),
        stored(letter.raw.length_bytes),
        letter.raw.sha256(),
        &letter.log_type,
        &letter.parser_version,
        letter.time_ms,
    ))
}

/// Takes a dead letter away and books its record as document or exclusion.
fn move_count(
    transaction: &Transaction<'_>,
    id: i64,
    excluded: Option<&str>,
) -> rusqlite::Result<bool> {
    let object: Option<i64> = transaction
        .prepare_cached("DELETE FROM dead_letters WHERE id = ? RETURNING object_id")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(object) = object else {
        return Ok(false);
    };
    let sql = match excluded {
        None => "UPDATE objects SET failed = failed - 1, documents = documents + 1 WHERE id = ?",
        Some(_) => "UPDATE objects SET failed = failed - 1, excluded = excluded + 1 WHERE id = ?",
    };
    transaction.prepare_cached(sql)?.execute([object])?;
    if let Some(reason) = excluded {
        transaction
            .prepare_cached(
                "INSERT INTO exclusions (object_id, reason, count) VALUES (?, ?, 1)
                 ON CONFLICT (object_id, reason) DO UPDATE SET count = count + 1",
            )?
            .execute((object, reason))?;
    }
    Ok(true)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<DeadLetterEntry> {
    Ok(DeadLetterEntry {
        id: row.get(0)?,
        object_id: row.get(1)?,
        bucket: row.get(2)?,
        key: row.get(3)?,
        letter: DeadLetter {
            line: loaded(row.get(4)?),
            byte_offset: loaded(row.get(5)?),
            reason: row.get(6)?,
            detail: row.get(7)?,
            raw: RawRecord {
                bytes: row.get(8)?,
                length_bytes: loaded(row.get(9)?),
                sha256: row.get(10)?,
            },
            log_type: row.get(11)?,
            parser_version: row.get(12)?,
            time_ms: row.get(13)?,
        },
        retried_ms: row.get(14)?,
        retries: row.get(15)?,
    })
}

/// Cuts a detail off at a character boundary.
fn cut(detail: &str) -> &str {
    let mut end = detail.len().min(MAX_DETAIL_BYTES);
    while !detail.is_char_boundary(end) {
        end -= 1;
    }
    detail.get(..end).unwrap_or(detail)
}
