//! The tables, and how a connection to them is set up.

use memchr::{memchr2_iter, memmem};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use yagura_database::Layout;

pub(crate) const LAYOUT: Layout = Layout {
    name: "ledger",
    application_id: i32::from_be_bytes(*b"YGLD"),
    tables: TABLES,
    upgrades: &[FROM_VERSION_1],
    durable: true,
};

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

/// Adds what statements of the ledger need beside the tables.
pub(crate) fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(STAGING)?;
    connection.create_scalar_function(
        "contains_text",
        2,
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
        |context| {
            let haystack = context.get_raw(0).as_bytes().unwrap_or_default();
            let needle = context.get_raw(1).as_bytes().unwrap_or_default();
            Ok(contains_text(haystack, needle))
        },
    )
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
