//! The users file: names, argon2id hashes, roles and hashed API tokens, in TOML.

use std::collections::BTreeSet;
use std::path::Path;

use argon2::password_hash::phc::PasswordHash;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// Most users a file may hold.
const MAX_USERS: usize = 10_000;
/// Longest user or token name in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 128;

/// Everyone who may sign in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsersFile {
    /// Users.
    #[serde(default)]
    pub users: Vec<User>,
}

/// One user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Name to sign in with.
    pub name: String,
    /// argon2id hash in PHC form; without one the user has tokens only.
    pub password_hash: Option<Secret>,
    /// What the user may do.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Language of the page: `en` or `ja`.
    pub lang: Option<String>,
    /// Time zone of the page, an IANA name.
    pub tz: Option<String>,
    /// Theme of the page: `light` or `dark`.
    pub theme: Option<String>,
    /// API tokens.
    #[serde(default)]
    pub tokens: Vec<Token>,
}

/// What a user may do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, also what changes something.
    Admin,
    /// Searching and reading.
    Viewer,
}

/// One API token; the token itself is stored nowhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// What it is for.
    pub name: String,
    /// SHA-256 of the token in hexadecimal.
    pub sha256: String,
    /// When it was made.
    pub created: jiff::Timestamp,
}

/// Why a users file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UsersError {
    /// The file cannot be read.
    #[error("cannot read users file `{path}`: {source}")]
    Read {
        /// Path as given.
        path: String,
        /// Reason.
        source: std::io::Error,
    },
    /// The file is not TOML of the right shape.
    #[error("cannot parse users file: {0}")]
    Parse(String),
    /// The file says something that cannot be.
    #[error("users file: {0}")]
    Invalid(String),
}

impl UsersFile {
    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, UsersError> {
        let text = std::fs::read_to_string(path).map_err(|source| UsersError::Read {
            path: path.display().to_string(),
            source,
        })?;
        Self::parse(&text)
    }

    /// Reads and checks the text of a file.
    pub fn parse(text: &str) -> Result<Self, UsersError> {
        let file: UsersFile = toml::from_str(text)
            .map_err(|error| UsersError::Parse(without_values(&error, text)))?;
        file.check()?;
        Ok(file)
    }

    /// Writes the file's text, hashes included.
    ///
    /// A file that this program wrote is read back to the same users.
    pub fn to_text(&self) -> Result<String, UsersError> {
        let mut text = String::new();
        for user in &self.users {
            let stored = StoredUser {
                name: &user.name,
                password_hash: user.password_hash.as_ref().map(Secret::expose),
                roles: &user.roles,
                lang: user.lang.as_deref(),
                tz: user.tz.as_deref(),
                theme: user.theme.as_deref(),
                tokens: user
                    .tokens
                    .iter()
                    .map(|token| StoredToken {
                        name: &token.name,
                        sha256: &token.sha256,
                        created: token.created.to_string(),
                    })
                    .collect(),
            };
            let file = StoredFile { users: [stored] };
            let block =
                toml::to_string(&file).map_err(|error| UsersError::Invalid(error.to_string()))?;
            text.push_str(&block);
            text.push('\n');
        }
        Ok(text)
    }

    fn check(&self) -> Result<(), UsersError> {
        let invalid = |text: String| Err(UsersError::Invalid(text));
        if self.users.len() > MAX_USERS {
            return invalid(format!("more than {MAX_USERS} users"));
        }
        let mut names = BTreeSet::new();
        for user in &self.users {
            let name = &user.name;
            if name.trim().is_empty() || name.len() > MAX_NAME_BYTES {
                return invalid(format!("user name `{name}` is empty or too long"));
            }
            if !names.insert(name) {
                return invalid(format!("user `{name}` occurs twice"));
            }
            if let Some(hash) = &user.password_hash {
                let is_argon2id = PasswordHash::new(hash.expose())
                    .is_ok_and(|hash| hash.algorithm.as_str() == "argon2id");
                if !is_argon2id {
                    return invalid(format!(
                        "`password_hash` of user `{name}` is not an argon2id hash; make one with the command line"
                    ));
                }
            }
            for token in &user.tokens {
                let is_sha256 = hex::decode(&token.sha256).is_ok_and(|bytes| bytes.len() == 32);
                if !is_sha256 {
                    return invalid(format!(
                        "token `{}` of user `{name}` has no SHA-256 in hexadecimal",
                        token.name
                    ));
                }
            }
        }
        Ok(())
    }
}

/// The parser's message with its line, but without the line's text: it may hold a hash.
fn without_values(error: &toml::de::Error, text: &str) -> String {
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    format!("line {line}: {}", error.message())
}

#[derive(Serialize)]
struct StoredFile<'a> {
    users: [StoredUser<'a>; 1],
}

#[derive(Serialize)]
struct StoredUser<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_hash: Option<&'a str>,
    roles: &'a [Role],
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tz: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<StoredToken<'a>>,
}

#[derive(Serialize)]
struct StoredToken<'a> {
    name: &'a str,
    sha256: &'a str,
    created: String,
}
