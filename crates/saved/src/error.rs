//! Why something could not be kept.

use crate::{MAX_NAME_CHARACTERS, MAX_SEARCHES, MAX_URL_BYTES};

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be used, or a statement failed.
    #[error(transparent)]
    Database(#[from] yagura_database::Error),
    /// The address is not one of this server's page.
    #[error(
        "an address must be a percent-encoded path that begins with `/`, at most {MAX_URL_BYTES} bytes long"
    )]
    BadUrl,
    /// The name is empty or too long.
    #[error("a name must have 1 to {MAX_NAME_CHARACTERS} characters")]
    BadName,
    /// The user has a saved search of that name.
    #[error("there is a saved search `{0}` already")]
    NameTaken(String),
    /// The user has too many saved searches.
    #[error("there are {MAX_SEARCHES} saved searches already; delete some")]
    TooMany,
}
