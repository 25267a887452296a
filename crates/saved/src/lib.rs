//! What people keep: saved searches, each of one user, and short links, which everyone may open.
//!
//! Both lie in one SQLite file. Addresses are paths of this server's page, never of another's.

mod error;
mod link;
mod schema;
mod search;

use std::path::Path;

use yagura_database::Database;

pub use error::Error;
pub use link::MAX_LINKS;
pub use search::{MAX_NAME_CHARACTERS, MAX_SEARCHES, SavedSearch};

/// Longest address that is kept, in bytes.
pub const MAX_URL_BYTES: usize = 128 << 10;

/// An open file of what people keep, to be shared between threads.
#[derive(Debug)]
pub struct Saved {
    database: Database,
}

impl Saved {
    /// Opens the file, which is created if it does not exist.
    ///
    /// **Errors**: the file cannot be opened, is not ours, or was written by a newer version.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let database = Database::open(path, &schema::LAYOUT, |_| Ok(()), |_| Ok(()))?;
        Ok(Self { database })
    }
}

/// Refuses what is not a path of this server's page.
fn check_url(url: &str) -> Result<(), Error> {
    let is_path = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
    // A control character could end a header; what is not ASCII cannot stand in one.
    let is_plain = url.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    if is_path && is_plain && url.len() <= MAX_URL_BYTES {
        return Ok(());
    }
    Err(Error::BadUrl)
}
