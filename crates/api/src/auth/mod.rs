//! Who may do what: open on loopback, users and tokens everywhere else.

mod attempts;
mod guard;
mod host;
mod sessions;
mod token;
mod users;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use subtle::{Choice, ConstantTimeEq};
use tokio::sync::Semaphore;

use crate::state::lock;
use attempts::Attempts;
use sessions::Sessions;

pub(crate) use guard::{authenticate, change, check_csrf, hosts_and_origins, identify, own_change};
pub(crate) use token::random_hex;
pub use token::{CredentialError, hash_password, mint_token};
pub use users::{Role, Token, User, UsersError, UsersFile};

/// Passwords checked at the same time; each check takes 19 MiB and a core.
const PASSWORD_CHECKS: usize = 2;

/// How people are let in.
#[derive(Debug, Clone, Default)]
pub struct AuthConfig {
    /// Users; without them everyone who reaches the (loopback) port is the user `local`.
    pub users: Option<UsersFile>,
    /// Names the server is reached by, besides loopback, without port; empty accepts every name
    /// when there are users, and only loopback names when there are none.
    pub host_names: Vec<String>,
    /// The page is reached over TLS: cookies are sent over nothing else.
    pub secure_cookie: bool,
}

/// The address is open to others and nobody has to sign in.
#[derive(Debug, thiserror::Error)]
#[error(
    "refusing to listen on `{address}` without users: anyone who reaches it could read every log; configure a users file, or listen on `127.0.0.1`"
)]
pub struct BindError {
    address: SocketAddr,
}

/// Who may do what.
pub struct Auth {
    config: AuthConfig,
    sessions: Mutex<Sessions>,
    attempts: Mutex<Attempts>,
    password_checks: Arc<Semaphore>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) user: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) by: Credential,
}

/// What an identity rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    /// Nothing: the server is open to its own machine.
    Open,
    /// A cookie, so state changes need the session's token.
    Cookie { csrf: String },
    /// An API token.
    Token,
}

impl Identity {
    pub(crate) fn is_admin(&self) -> bool {
        self.roles.contains(&Role::Admin)
    }

    pub(crate) fn csrf(&self) -> Option<&str> {
        match &self.by {
            Credential::Cookie { csrf } => Some(csrf),
            Credential::Open | Credential::Token => None,
        }
    }
}

/// Why a sign-in failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SignInError {
    /// The name or the password is wrong; which one is not told.
    WrongCredentials,
    /// Too many failures; try again after this time.
    TooMany(Duration),
    /// The server has no users, so there is nothing to sign in to.
    NoUsers,
    /// The system gave no random numbers, or the check broke off.
    Internal,
}

impl Auth {
    /// Lets people in as configured.
    pub fn new(config: AuthConfig) -> Self {
        Auth {
            config,
            sessions: Mutex::default(),
            attempts: Mutex::default(),
            password_checks: Arc::new(Semaphore::new(PASSWORD_CHECKS)),
        }
    }

    /// Refuses an address others can reach unless somebody has to sign in.
    pub fn check_bind(address: SocketAddr, config: &AuthConfig) -> Result<(), BindError> {
        let has_users = config
            .users
            .as_ref()
            .is_some_and(|file| !file.users.is_empty());
        let is_loopback = address.ip().to_canonical().is_loopback();
        if is_loopback || has_users {
            return Ok(());
        }
        Err(BindError { address })
    }

    pub(crate) fn cookie_name(&self) -> &'static str {
        if self.config.secure_cookie {
            "__Host-yagura_session"
        } else {
            "yagura_session"
        }
    }

    /// The `Set-Cookie` value for a session; an empty one is deleted by the browser.
    pub(crate) fn cookie(&self, session: &str) -> String {
        let name = self.cookie_name();
        let secure = if self.config.secure_cookie {
            "; Secure"
        } else {
            ""
        };
        let age = if session.is_empty() {
            "; Max-Age=0"
        } else {
            ""
        };
        format!("{name}={session}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
    }

    /// The settings of a user of the page, if there is one of that name.
    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        let file = self.config.users.as_ref()?;
        file.users.iter().find(|user| user.name == name)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.config.users.is_none()
    }

    /// Checks name and password and starts a session; returns its identifier.
    ///
    /// A name nobody has takes as long as a wrong password.
    pub(crate) async fn sign_in(
        &self,
        address: Option<IpAddr>,
        name: &str,
        password: &str,
    ) -> Result<String, SignInError> {
        let users = self.config.users.as_ref().ok_or(SignInError::NoUsers)?;
        if name.len() > users::MAX_NAME_BYTES || password.len() > token::MAX_PASSWORD_BYTES {
            return Err(SignInError::WrongCredentials);
        }
        lock(&self.attempts)
            .begin(address, name, Instant::now())
            .map_err(SignInError::TooMany)?;
        let hash_of = |user: &User| user.password_hash.as_ref().map(|it| it.expose().to_owned());
        let own = self.user(name).and_then(hash_of);
        let is_known = own.is_some();
        let hash = own.or_else(|| users.users.iter().find_map(hash_of));
        let password = password.to_owned();
        let permit = self.password_checks.clone().acquire_owned().await;
        let permit = permit.map_err(|_| SignInError::Internal)?;
        let check = tokio::task::spawn_blocking(move || {
            let is_right = hash.is_some_and(|hash| token::verify_password(&password, &hash));
            drop(permit);
            is_right
        });
        let is_right = check.await.map_err(|_| SignInError::Internal)?;
        if !(is_known && is_right) {
            tracing::warn!(user = ?name, ?address, "sign-in failed");
            return Err(SignInError::WrongCredentials);
        }
        lock(&self.attempts).succeed(address, name);
        let id = lock(&self.sessions).start(name, Instant::now());
        id.map_err(|_| SignInError::Internal)
    }

    pub(crate) fn sign_out(&self, session: &str) {
        lock(&self.sessions).end(session);
    }

    /// The identity behind a session identifier from a cookie.
    pub(crate) fn by_session(&self, session: &str) -> Option<Identity> {
        let session = lock(&self.sessions).find(session, Instant::now())?;
        let user = self.user(&session.user)?;
        Some(Identity {
            user: user.name.clone(),
            roles: user.roles.clone(),
            by: Credential::Cookie { csrf: session.csrf },
        })
    }

    /// The identity behind an API token; every known token is compared, in constant time.
    fn by_token(&self, presented: &str) -> Option<Identity> {
        let digest = token::digest(presented);
        let file = self.config.users.as_ref()?;
        let mut found = None;
        for user in &file.users {
            for token in &user.tokens {
                let known = hex::decode(&token.sha256).unwrap_or_default();
                let is_equal: Choice = known.ct_eq(&digest);
                if bool::from(is_equal) {
                    found = Some(user);
                }
            }
        }
        found.map(|user| Identity {
            user: user.name.clone(),
            roles: user.roles.clone(),
            by: Credential::Token,
        })
    }

    /// The identity of whoever asks when nobody has to sign in.
    fn open(&self) -> Option<Identity> {
        self.is_open().then(|| Identity {
            user: "local".to_owned(),
            roles: vec![Role::Admin],
            by: Credential::Open,
        })
    }
}
