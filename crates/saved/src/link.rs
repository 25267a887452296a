//! Short links: the same address always has the same one, made of a hash.

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use yagura_database::Attempt;

use crate::Error;
use crate::{Saved, check_url};

/// Most links kept; of more, those that were not opened for longest go.
pub const MAX_LINKS: usize = 100_000;
/// Shortest identifier.
const ID_CHARACTERS: usize = 10;

impl Saved {
    /// The identifier of the short link for an address; it is made if there is none yet.
    ///
    /// **Errors**: the address is none of this server's page.
    pub fn link(&self, url: &str, user: &str, now_ms: i64) -> Result<String, Error> {
        check_url(url)?;
        let connection = self.database.writer();
        let run = || {
            let hash: String = Sha256::digest(url.as_bytes())
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            // Two addresses with the same beginning of their hash: the later one is told by more of it.
            for characters in (ID_CHARACTERS..=hash.len()).step_by(2) {
                let id = hash.get(..characters).unwrap_or(&hash);
                let present: Option<String> = connection
                    .prepare_cached("SELECT url FROM links WHERE id = ?")?
                    .query_row([id], |row| row.get(0))
                    .optional()?;
                match present {
                    Some(present) if present == url => return Ok(id.to_owned()),
                    Some(_) => continue,
                    None => {}
                }
                let sql = "INSERT INTO links (id, url, user, created_ms, opened_ms) VALUES (?, ?, ?, ?, ?)";
                connection.execute(sql, (id, url, user, now_ms, now_ms))?;
                let most = i64::try_from(MAX_LINKS).unwrap_or(i64::MAX);
                connection.execute(
                    "DELETE FROM links WHERE id IN (
                         SELECT id FROM links ORDER BY opened_ms DESC, created_ms DESC LIMIT -1 OFFSET ?
                     )",
                    [most],
                )?;
                return Ok(id.to_owned());
            }
            Err(rusqlite::Error::InvalidQuery)
        };
        run().attempt("make a short link").map_err(Error::from)
    }

    /// The address behind a short link; `None` if there is none.
    pub fn open_link(&self, id: &str, now_ms: i64) -> Result<Option<String>, Error> {
        let sql = "UPDATE links SET opened_ms = ? WHERE id = ? RETURNING url";
        self.database
            .writer()
            .query_row(sql, (now_ms, id), |row| row.get(0))
            .optional()
            .attempt("open a short link")
            .map_err(Error::from)
    }
}
