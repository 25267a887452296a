//! The tables, and how a connection to them is set up.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Attempt, Error};

/// "YGSV" in ASCII: tells the file from databases of other programs.
const APPLICATION_ID: i32 = 0x5947_5356;
const VERSION: i32 = 1;

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

pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
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
        transaction
            .pragma_update(None, "user_version", VERSION)
            .attempt(what)?;
    }
    transaction.commit().attempt(what)
}
