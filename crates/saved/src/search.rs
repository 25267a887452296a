//! Saved searches: each belongs to one user and has a name of its own.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row};

use yagura_database::Attempt;

use crate::Error;
use crate::{Saved, check_url};

/// Most saved searches of a user.
pub const MAX_SEARCHES: usize = 500;
/// Longest name, in characters.
pub const MAX_NAME_CHARACTERS: usize = 200;

const COLUMNS: &str = "id, name, url, created_ms, changed_ms";

/// A search somebody saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSearch {
    /// The number of the row.
    pub id: i64,
    /// The name, unique among the user's.
    pub name: String,
    /// The address that shows it, a path of the page.
    pub url: String,
    /// When it was saved first.
    pub created_ms: i64,
    /// When it was changed last.
    pub changed_ms: i64,
}

impl Saved {
    /// All saved searches of a user, by name.
    pub fn searches(&self, user: &str) -> Result<Vec<SavedSearch>, Error> {
        let connection = self.database.reader();
        let run = || {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM searches WHERE user = ? ORDER BY name COLLATE NOCASE, name"
            ))?;
            let rows = statement.query_map([user], search)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        run().attempt("list saved searches").map_err(Error::from)
    }

    /// One saved search of a user.
    pub fn search(&self, user: &str, id: i64) -> Result<Option<SavedSearch>, Error> {
        find(&self.database.reader(), user, id)
            .attempt("read a saved search")
            .map_err(Error::from)
    }

    /// Saves a search.
    ///
    /// **Errors**: the user has one of that name, or [`MAX_SEARCHES`] already; name or address do
    /// not fit.
    pub fn add_search(
        &self,
        user: &str,
        name: &str,
        url: &str,
        now_ms: i64,
    ) -> Result<SavedSearch, Error> {
        let name = check_name(name)?;
        check_url(url)?;
        let connection = self.database.writer();
        let present: i64 = connection
            .query_row(
                "SELECT count(*) FROM searches WHERE user = ?",
                [user],
                |row| row.get(0),
            )
            .attempt("count saved searches")?;
        if usize::try_from(present).is_ok_and(|present| present >= MAX_SEARCHES) {
            return Err(Error::TooMany);
        }
        let sql =
            "INSERT INTO searches (user, name, url, created_ms, changed_ms) VALUES (?, ?, ?, ?, ?)";
        let added = connection.execute(sql, (user, name, url, now_ms, now_ms));
        unless_taken(added, name, "save a search")?;
        Ok(SavedSearch {
            id: connection.last_insert_rowid(),
            name: name.to_owned(),
            url: url.to_owned(),
            created_ms: now_ms,
            changed_ms: now_ms,
        })
    }

    /// Gives a saved search of the user another name and address; `None` if it is not there.
    ///
    /// **Errors**: another one has that name; name or address do not fit.
    pub fn change_search(
        &self,
        user: &str,
        id: i64,
        name: &str,
        url: &str,
        now_ms: i64,
    ) -> Result<Option<SavedSearch>, Error> {
        let name = check_name(name)?;
        check_url(url)?;
        let connection = self.database.writer();
        let sql = "UPDATE searches SET name = ?, url = ?, changed_ms = ? WHERE user = ? AND id = ?";
        let changed = connection.execute(sql, (name, url, now_ms, user, id));
        unless_taken(changed, name, "change a saved search")?;
        find(&connection, user, id)
            .attempt("read a saved search")
            .map_err(Error::from)
    }

    /// Deletes a saved search of the user; `false` if it is not there.
    pub fn delete_search(&self, user: &str, id: i64) -> Result<bool, Error> {
        let deleted = self
            .database
            .writer()
            .execute("DELETE FROM searches WHERE user = ? AND id = ?", (user, id))
            .attempt("delete a saved search")?;
        Ok(deleted > 0)
    }
}

fn find(connection: &Connection, user: &str, id: i64) -> rusqlite::Result<Option<SavedSearch>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM searches WHERE user = ? AND id = ?"
        ))?
        .query_row((user, id), search)
        .optional()
}

fn search(row: &Row<'_>) -> rusqlite::Result<SavedSearch> {
    Ok(SavedSearch {
        id: row.get(0)?,
        name: row.get(1)?,
        url: row.get(2)?,
        created_ms: row.get(3)?,
        changed_ms: row.get(4)?,
    })
}

fn check_name(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    match (1..=MAX_NAME_CHARACTERS).contains(&name.chars().count()) {
        true => Ok(name),
        false => Err(Error::BadName),
    }
}

fn unless_taken(
    outcome: rusqlite::Result<usize>,
    name: &str,
    what: &'static str,
) -> Result<(), Error> {
    match outcome {
        Err(rusqlite::Error::SqliteFailure(error, _))
            if error.code == ErrorCode::ConstraintViolation =>
        {
            Err(Error::NameTaken(name.to_owned()))
        }
        outcome => outcome.map(drop).attempt(what).map_err(Error::from),
    }
}
