//! The tables.

use yagura_database::Layout;

pub(crate) const LAYOUT: Layout = Layout {
    name: "file of saved searches and links",
    application_id: i32::from_be_bytes(*b"YGSV"),
    tables: TABLES,
    upgrades: &[],
    durable: true,
};

const TABLES: &str = "
CREATE TABLE searches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    UNIQUE (user, name)
) STRICT;
CREATE TABLE links (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    user TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    opened_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX links_opened ON links (opened_ms);
";
