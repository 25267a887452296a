//! SQLite files of ours: made when they are missing, brought up to date, refused when they are
//! something else.

mod error;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use error::{Attempt, Error};

/// What a file of ours holds.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// What the file is called in errors, such as `ledger`.
    pub name: &'static str,
    /// Four ASCII characters that tell the file from databases of other programs.
    pub application_id: i32,
    /// The statements that make a new file.
    pub tables: &'static str,
    /// The statements that bring a file of version 1 to version 2, of version 2 to 3 and so on.
    pub upgrades: &'static [&'static str],
    /// Whether a commit waits for the disk; without it, a loss of power may take the last commits
    /// away.
    pub durable: bool,
}

impl Layout {
    /// The version of the tables.
    fn version(&self) -> i32 {
        1 + self.upgrades.len() as i32
    }
}

/// An open file, to be shared between threads: one connection that writes, one that reads beside it.
#[derive(Debug)]
pub struct Database {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

impl Database {
    /// Opens a file, which is created if it does not exist.
    ///
    /// `set_up` is called for each connection, for functions and temporary tables; `prepare` once,
    /// in the transaction that makes the tables.
    ///
    /// **Errors**: the file cannot be opened, is a database of something else, or was written by a
    /// newer version.
    pub fn open(
        path: &Path,
        layout: &Layout,
        set_up: impl Fn(&Connection) -> rusqlite::Result<()>,
        prepare: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<Self, Error> {
        let connect = || {
            let connection = connect(path, layout)?;
            set_up(&connection)?;
            Ok(connection)
        };
        let connect = || {
            connect().map_err(|source| Error::Open {
                name: layout.name,
                path: path.to_owned(),
                source,
            })
        };
        let mut writer = connect()?;
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .attempt(CREATE)?;
        make_tables(&transaction, path, layout)?;
        prepare(&transaction).attempt(CREATE)?;
        transaction.commit().attempt(CREATE)?;
        Ok(Database {
            writer: Mutex::new(writer),
            reader: Mutex::new(connect()?),
        })
    }

    /// The connection that writes.
    pub fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that reads what is committed, while the other one may be writing.
    pub fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const CREATE: &str = "create the tables";

fn connect(path: &Path, layout: &Layout) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = if layout.durable { "FULL" } else { "NORMAL" };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Makes the tables in a new file, upgrades those of an older one, and refuses a foreign one.
fn make_tables(transaction: &Transaction<'_>, path: &Path, layout: &Layout) -> Result<(), Error> {
    let pragma = |name: &str| {
        transaction
            .pragma_query_value(None, name, |row| row.get::<_, i32>(0))
            .attempt(CREATE)
    };
    let foreign = |found: String| Error::Foreign {
        name: layout.name,
        path: path.to_owned(),
        found,
    };
    let tables: i64 = transaction
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .attempt(CREATE)?;
    let (found, newest) = (pragma("user_version")?, layout.version());
    if tables == 0 {
        transaction.execute_batch(layout.tables).attempt(CREATE)?;
        transaction
            .pragma_update(None, "application_id", layout.application_id)
            .attempt(CREATE)?;
    } else if pragma("application_id")? != layout.application_id {
        return Err(foreign("it is a database of another program".to_owned()));
    } else if found > newest {
        let found = format!("its version is `{found}`, newer than `{newest}`");
        return Err(foreign(found));
    } else {
        let done = usize::try_from(found - 1).unwrap_or_default();
        for upgrade in layout.upgrades.iter().skip(done) {
            transaction.execute_batch(upgrade).attempt(CREATE)?;
        }
    }
    transaction
        .pragma_update(None, "user_version", newest)
        .attempt(CREATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Layout = Layout {
        name: "list",
        application_id: 0x5947_5453,
        tables: "CREATE TABLE items (name TEXT NOT NULL) STRICT;",
        upgrades: &[],
        durable: true,
    };
    const SECOND: Layout = Layout {
        tables: "CREATE TABLE items (name TEXT NOT NULL, size INTEGER NOT NULL DEFAULT 7) STRICT;",
        upgrades: &["ALTER TABLE items ADD COLUMN size INTEGER NOT NULL DEFAULT 7;"],
        ..FIRST
    };

    fn open(path: &Path, layout: &Layout) -> Result<Database, Error> {
        Database::open(path, layout, |_| Ok(()), |_| Ok(()))
    }

    #[test]
    fn older_files_are_upgraded_and_newer_ones_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.sqlite");
        let first = open(&path, &FIRST).unwrap();
        let insert = "INSERT INTO items (name) VALUES ('a')";
        first.writer().execute_batch(insert).unwrap();
        drop(first);
        for _ in 0..2 {
            let second = open(&path, &SECOND).unwrap();
            let size = second
                .reader()
                .query_row("SELECT size FROM items", [], |row| row.get::<_, i64>(0));
            assert_eq!(size, Ok(7));
        }
        let refused = open(&path, &FIRST).unwrap_err().to_string();
        assert!(
            refused.contains("as list: its version is `2`, newer than `1`"),
            "{refused}"
        );
    }

    #[test]
    fn files_of_others_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.sqlite");
        let other = Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE t (x)").unwrap();
        drop(other);
        assert!(matches!(open(&path, &FIRST), Err(Error::Foreign { .. })));
        std::fs::write(&path, "no database, but long enough to be read as one").unwrap();
        assert!(matches!(open(&path, &FIRST), Err(Error::Open { .. })));
    }

    #[test]
    fn what_is_prepared_is_committed_with_the_tables() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.sqlite");
        let prepare = |transaction: &Transaction<'_>| {
            transaction.execute_batch("INSERT INTO items (name) VALUES ('first')")
        };
        let database = Database::open(&path, &FIRST, |_| Ok(()), prepare).unwrap();
        let count = database
            .reader()
            .query_row("SELECT count(*) FROM items", [], |row| row.get::<_, i64>(0));
        assert_eq!(count, Ok(1));
    }
}
