//! What can go wrong with the ledger.

/// An error of the ledger.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be used, or a statement failed.
    #[error(transparent)]
    Database(#[from] yagura_database::Error),
    /// The counts of an object do not agree with each other.
    #[error("cannot record `{key}`: {problem}; this is a defect of the loader, please report it")]
    Unbalanced {
        /// The key of the object.
        key: String,
        /// Which counts disagree.
        problem: String,
    },
}
