//! The tables, and how a file made with another definition is emptied.

use rusqlite::{OptionalExtension, Transaction};
use yagura_database::Layout;

pub(crate) const LAYOUT: Layout = Layout {
    name: "history",
    application_id: i32::from_be_bytes(*b"YGHI"),
    tables: TABLES,
    upgrades: &[],
    // What a loss of power takes away is counted again.
    durable: false,
};

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

/// Empties a file that was made with another definition.
pub(crate) fn adopt(transaction: &Transaction<'_>, definition: &str) -> rusqlite::Result<()> {
    let made_with: Option<String> = transaction
        .query_row("SELECT text FROM definition", [], |row| row.get(0))
        .optional()?;
    if made_with.as_deref() == Some(definition) {
        return Ok(());
    }
    transaction.execute_batch(EMPTY)?;
    transaction.execute("INSERT INTO definition (text) VALUES (?)", [definition])?;
    Ok(())
}
