//! The tables, and how a connection to them is set up.

use std::path::Path;
use std::time::Duration;

use memchr::{memchr2_iter, memmem};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Attempt, Error};

/// "YGLD" in ASCII: tells the file from databases of other programs.
const APPLICATION_ID: i32 = 0x5947_4c44;
const VERSION: i32 = 2;

const TABLES: &str = "
CREATE TABLE objects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    range_start INTEGER NOT NULL,
    range_end INTEGER NOT NULL,
    content TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    log_type TEXT NOT NULL,
    read INTEGER NOT NULL,
    documents INTEGER NOT NULL CHECK (documents >= 0),
    drifted INTEGER NOT NULL DEFAULT 0 CHECK (drifted >= 0),
    excluded INTEGER NOT NULL CHECK (excluded >= 0),
    failed INTEGER NOT NULL CHECK (failed >= 0),
    started_ms INTEGER NOT NULL,
    finished_ms INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('loaded', 'ignored', 'failed')),
    status_reason TEXT NOT NULL,
    parser_version TEXT NOT NULL,
    UNIQUE (bucket, key, range_start, range_end, content, size_bytes),
    CHECK (read = documents + excluded + failed)
) STRICT;
CREATE INDEX objects_log_type ON objects (log_type, id);
CREATE INDEX objects_status ON objects (status, id);
CREATE TABLE exclusions (
    object_id INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (object_id, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    object_id INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    line INTEGER NOT NULL,
    byte_offset INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    raw BLOB NOT NULL,
    raw_bytes INTEGER NOT NULL,
    raw_sha256 TEXT,
    log_type TEXT NOT NULL,
    parser_version TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    retried_ms INTEGER,
    retries INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX dead_letters_object ON dead_letters (object_id);
CREATE INDEX dead_letters_reason ON dead_letters (reason, id);
CREATE INDEX dead_letters_log_type ON dead_letters (log_type, id);
";

/// What a file of version 1 lacks.
const FROM_VERSION_1: &str =
    "ALTER TABLE objects ADD COLUMN drifted INTEGER NOT NULL DEFAULT 0 CHECK (drifted >= 0);";

/// Dead letters of objects that are still being read; they live in the connection and vanish with it.
const STAGING: &str = "
CREATE TEMP TABLE staged (
    draft INTEGER NOT NULL,
    line INTEGER NOT NULL,
    byte_offset INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    raw BLOB NOT NULL,
    raw_bytes INTEGER NOT NULL,
    raw_sha256 TEXT,
    log_type TEXT NOT NULL,
    parser_version TEXT NOT NULL,
    time_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX temp.staged_draft ON staged (draft);
";

pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.create_scalar_function(
        "contains_text",
        2,
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
        |context| {
            let haystack = context.get_raw(0).as_bytes().unwrap_or_default();
            let needle = context.get_raw(1).as_bytes().unwrap_or_default();
            Ok(contains_text(haystack, needle))
        },
    )?;
    Ok(connection)
}

/// Creates the tables in a new file and refuses files that are not ours.
pub(crate) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let what = "create the tables";
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .attempt(what)?;
    let pragma =
        |name: &str| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let application = pragma("application_id").attempt(what)?;
    let version = pragma("user_version").attempt(what)?;
    let tables: i64 = transaction
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .attempt(what)?;
    let foreign = |found: String| Error::Foreign {
        path: path.to_owned(),
        found,
    };
    if tables > 0 && application != APPLICATION_ID {
        return Err(foreign("it is a database of another program".to_owned()));
    }
    if version > VERSION {
        return Err(foreign(format!(
            "its version is `{version}`, newer than `{VERSION}`"
        )));
    }
    if tables == 0 {
        transaction.execute_batch(TABLES).attempt(what)?;
        transaction
            .pragma_update(None, "application_id", APPLICATION_ID)
            .attempt(what)?;
    } else if version == 1 {
        transaction.execute_batch(FROM_VERSION_1).attempt(what)?;
    }
    if version < VERSION {
        transaction
            .pragma_update(None, "user_version", VERSION)
            .attempt(what)?;
    }
    transaction.commit().attempt(what)?;
    connection.execute_batch(STAGING).attempt(what)
}

/// Tells whether bytes contain a text, ASCII letters compared without case.
fn contains_text(haystack: &[u8], needle: &[u8]) -> bool {
    let Some((&first, _)) = needle.split_first() else {
        return true;
    };
    if !needle.iter().any(u8::is_ascii_alphabetic) {
        return memmem::find(haystack, needle).is_some();
    }
    memchr2_iter(
        first.to_ascii_lowercase(),
        first.to_ascii_uppercase(),
        haystack,
    )
    .any(|start| {
        haystack
            .get(start..start + needle.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(needle))
    })
}

#[cfg(test)]
mod tests {
    use super::contains_text;

    #[test]
    fn text_is_found_without_case() {
        let cases: &[(&[u8], &str, bool)] = &[
            (b"GET /Admin\0\xffx", "admin", true),
            (b"GET /Admin\0\xffX", "x", true),
            (b"100%", "0%", true),
            (b"abc", "abcd", false),
            (b"", "", true),
            ("ÄB".as_bytes(), "äb", false),
            ("ÄB".as_bytes(), "Äb", true),
        ];
        for (haystack, needle, expected) in cases {
            assert_eq!(
                contains_text(haystack, needle.as_bytes()),
                *expected,
                "{needle}"
            );
        }
    }
}
