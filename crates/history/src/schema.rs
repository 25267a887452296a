//! The tables, and how a connection to them is set up.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::error::{Attempt, Error};

/// "YGHI" in ASCII: tells the file from databases of other programs.
const APPLICATION_ID: i32 = 0x5947_4849;
const VERSION: i32 = 1;

/// `entity_day` is how the roll-up reads; below it, texts are kept once and numbered.
const TABLES: &str = "
CREATE TABLE definition (text TEXT NOT NULL) STRICT;
CREATE TABLE pieces (
    id INTEGER PRIMARY KEY,
    index_name TEXT NOT NULL,
    label TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (index_name, label)
) STRICT;
CREATE TABLE left_out (
    piece_id INTEGER NOT NULL REFERENCES pieces (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (piece_id, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE slices (
    id INTEGER PRIMARY KEY,
    piece_id INTEGER NOT NULL REFERENCES pieces (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    day INTEGER NOT NULL,
    log_type TEXT NOT NULL,
    UNIQUE (piece_id, kind, day, log_type)
) STRICT;
CREATE INDEX slices_kind ON slices (kind, day);
CREATE TABLE entities (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (kind, value)
) STRICT;
CREATE TABLE seen (
    slice_id INTEGER NOT NULL REFERENCES slices (id) ON DELETE CASCADE,
    entity_id INTEGER NOT NULL,
    count INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    PRIMARY KEY (slice_id, entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_entity ON seen (entity_id);
CREATE VIEW entity_day AS
    SELECT entities.kind AS type, value, day, sum(count) AS count,
        group_concat(DISTINCT log_type) AS log_types, min(first_ms) AS first_seen
    FROM seen JOIN slices ON slices.id = slice_id JOIN entities ON entities.id = entity_id
    GROUP BY entities.id, day;
";

const EMPTY: &str = "
DELETE FROM seen;
DELETE FROM slices;
DELETE FROM left_out;
DELETE FROM pieces;
DELETE FROM entities;
DELETE FROM definition;
";

pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What a loss of power takes away is counted again, so a commit need not wait for the disk.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Creates the tables in a new file, refuses files that are not ours, and empties one that was made
/// with another definition.
pub(crate) fn prepare(
    connection: &mut Connection,
    path: &Path,
    definition: &str,
) -> Result<(), Error> {
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
        transaction
            .pragma_update(None, "user_version", VERSION)
            .attempt(what)?;
    }
    let made_with: Option<String> = transaction
        .query_row("SELECT text FROM definition", [], |row| row.get(0))
        .optional()
        .attempt(what)?;
    if made_with.as_deref() != Some(definition) {
        transaction.execute_batch(EMPTY).attempt(what)?;
        transaction
            .execute("INSERT INTO definition (text) VALUES (?)", [definition])
            .attempt(what)?;
    }
    transaction.commit().attempt(what)
}
