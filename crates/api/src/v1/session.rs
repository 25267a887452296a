//! Signing in and out, and who one is.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{Identity, Role, SignInError, check_csrf};
use crate::error::{ApiError, ErrorBody};
use crate::state::{Backend, Shared};

/// Who is signed in, and what the server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionInfo {
    /// Name of the user; `local` when nobody has to sign in.
    pub user: String,
    /// What the user may do.
    pub roles: Vec<Role>,
    /// Language the user chose: `en` or `ja`.
    pub lang: Option<String>,
    /// Time zone the user chose, an IANA name.
    pub tz: Option<String>,
    /// Theme the user chose: `light` or `dark`.
    pub theme: Option<String>,
    /// Which store answers.
    pub backend: Backend,
    /// What this server can do besides searching.
    pub features: Vec<String>,
    /// Version of the server.
    pub version: String,
    /// Nobody has to sign in, so there is no signing out.
    pub open: bool,
    /// What to send as `X-CSRF` with requests that change something; absent when not needed.
    pub csrf: Option<String>,
}

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Name.
    user: String,
    /// Password.
    password: String,
}

/// Who one is.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses(
    (status = 200, description = "Signed in, or nobody has to", body = SessionInfo),
    (status = 401, description = "Not signed in", body = ErrorBody)))]
pub(crate) async fn current(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
) -> Json<SessionInfo> {
    Json(describe(&shared, &identity))
}

/// Signs in; the answer sets the session's cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignIn, responses(
    (status = 200, description = "Signed in", body = SessionInfo),
    (status = 401, description = "Wrong name or password", body = ErrorBody),
    (status = 429, description = "Too many failures; wait `retry_after_s`", body = ErrorBody)))]
pub(crate) async fn sign_in(
    State(shared): State<Arc<Shared>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let sign_in: SignIn = super::json(&headers, body)?;
    let auth = &shared.app.auth;
    let address = peer.map(|Extension(ConnectInfo(address))| address.ip().to_canonical());
    let session = auth
        .sign_in(address, &sign_in.user, &sign_in.password)
        .await
        .map_err(refusal)?;
    let identity = auth
        .by_session(&session)
        .ok_or_else(|| refusal(SignInError::Internal))?;
    let cookie = [(header::SET_COOKIE, auth.cookie(&session))];
    Ok((cookie, Json(describe(&shared, &identity))).into_response())
}

/// Signs out; the answer deletes the session's cookie.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses(
    (status = 204, description = "Signed out"),
    (status = 403, description = "`X-CSRF` is missing or wrong", body = ErrorBody)))]
pub(crate) async fn sign_out(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    check_csrf(&identity, &headers)?;
    let auth = &shared.app.auth;
    if let Some(session) = auth.session_in(&headers) {
        auth.sign_out(session);
    }
    let cookie = [(header::SET_COOKIE, auth.cookie(""))];
    Ok((StatusCode::NO_CONTENT, cookie).into_response())
}

fn describe(shared: &Shared, identity: &Identity) -> SessionInfo {
    let app = &shared.app;
    let user = app.auth.user(&identity.user);
    SessionInfo {
        user: identity.user.clone(),
        roles: identity.roles.clone(),
        lang: user.and_then(|user| user.lang.clone()),
        tz: user.and_then(|user| user.tz.clone()),
        theme: user.and_then(|user| user.theme.clone()),
        backend: app.backend,
        features: app.features.clone(),
        version: app.version.clone(),
        open: app.auth.is_open(),
        csrf: identity.csrf().map(str::to_owned),
    }
}

fn refusal(error: SignInError) -> ApiError {
    match error {
        SignInError::WrongCredentials => {
            ApiError::new(StatusCode::UNAUTHORIZED, "wrong_credentials")
        }
        SignInError::TooMany(wait) => {
            ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")
                .with("retry_after_s", wait.as_secs().max(1))
        }
        SignInError::NoUsers => ApiError::new(StatusCode::CONFLICT, "no_users"),
        SignInError::Internal => ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}
