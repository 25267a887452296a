//! Random identifiers, API tokens and password hashes.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use sha2::{Digest, Sha256};

use super::users::Token;
use crate::secret::Secret;

/// What every API token begins with, so that one that leaked can be recognised.
const TOKEN_PREFIX: &str = "ygr_";
/// Shortest password that is accepted for hashing, in characters.
const MIN_PASSWORD: usize = 10;
/// Longest password in bytes.
pub(crate) const MAX_PASSWORD_BYTES: usize = 1024;

/// Why a password or token could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The password is too short or too long.
    #[error(
        "password must have at least {MIN_PASSWORD} characters and at most {MAX_PASSWORD_BYTES} bytes"
    )]
    Length,
    /// The system gave no random numbers.
    #[error("cannot get random numbers: {0}")]
    Random(String),
    /// Hashing failed.
    #[error("cannot hash the password: {0}")]
    Hash(String),
}

/// Makes the argon2id hash of a password, for `password_hash` in the users file.
pub fn hash_password(password: &Secret) -> Result<Secret, CredentialError> {
    let text = password.expose();
    if text.chars().count() < MIN_PASSWORD || text.len() > MAX_PASSWORD_BYTES {
        return Err(CredentialError::Length);
    }
    let mut salt = [0u8; 16];
    getrandom::fill(&mut salt).map_err(|error| CredentialError::Random(error.to_string()))?;
    let hash = Argon2::default()
        .hash_password_with_salt(text.as_bytes(), &salt)
        .map_err(|error| CredentialError::Hash(error.to_string()))?;
    Ok(Secret::new(hash.to_string()))
}

/// Makes an API token: the token to hand out once, and what the users file keeps of it.
pub fn mint_token(name: &str) -> Result<(Secret, Token), CredentialError> {
    let random = random_hex().map_err(|error| CredentialError::Random(error.to_string()))?;
    let token = format!("{TOKEN_PREFIX}{random}");
    let kept = Token {
        name: name.to_owned(),
        sha256: hex::encode(digest(&token)),
        created: jiff::Timestamp::now(),
    };
    Ok((Secret::new(token), kept))
}

/// Whether a password fits a hash; takes as long as the hash says, whatever the answer.
pub(super) fn verify_password(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok()
}

/// 256 random bits.
pub(crate) fn random_hex() -> Result<String, getrandom::Error> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// SHA-256 of a text.
pub(super) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
