//! The checks every request passes before its handler: host, origin, identity, CSRF token.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::host::Authority;
use super::{Auth, Credential, Identity};
use crate::error::{ApiError, SearchError};
use crate::state::Shared;

/// Refuses requests that a foreign page makes a browser send.
///
/// Without users, a name that is not the machine's own is refused: a foreign page could otherwise
/// let its name point here (DNS rebinding) and read along.
pub(crate) async fn hosts_and_origins(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let auth = &shared.app.auth;
    let from_uri = request.uri().authority().map(|it| it.as_str());
    let host = text(request.headers(), header::HOST.as_str()).or(from_uri);
    let authority = host.and_then(Authority::parse);
    let names = &auth.config.host_names;
    let must_be_own = auth.is_open() || !names.is_empty();
    if must_be_own && !authority.as_ref().is_some_and(|it| it.is_own(names)) {
        let error = ApiError::new(StatusCode::MISDIRECTED_REQUEST, "unknown_host");
        return error.with("host", host.unwrap_or_default()).into_response();
    }
    let origin = text(request.headers(), header::ORIGIN.as_str());
    let is_foreign_origin = origin.is_some_and(|origin| {
        let own = authority.as_ref();
        !own.is_some_and(|own| Authority::of_origin(origin).is_some_and(|it| it.is_same(own)))
    });
    let site = text(request.headers(), "sec-fetch-site");
    let is_navigation = text(request.headers(), "sec-fetch-mode") == Some("navigate")
        && matches!(*request.method(), Method::GET | Method::HEAD);
    let is_foreign_site = matches!(site, Some("cross-site" | "same-site")) && !is_navigation;
    if is_foreign_origin || is_foreign_site {
        return ApiError::new(StatusCode::FORBIDDEN, "foreign_origin").into_response();
    }
    next.run(request).await
}

/// Finds out who asks and lets only known people through.
pub(crate) async fn authenticate(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(identity) = identify(&shared.app.auth, request.headers()) else {
        let is_ours = request.uri().path().starts_with("/api/");
        return not_signed_in(is_ours);
    };
    request.extensions_mut().insert(identity);
    next.run(request).await
}

/// Lets requests that read through; others with a cookie only if the page sent the session's token.
pub(crate) async fn own_change(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let Some(identity) = request.extensions().get::<Identity>() else {
        return not_signed_in(true);
    };
    if let Err(error) = check_csrf(identity, request.headers()) {
        return error.into_response();
    }
    next.run(request).await
}

/// Lets only administrators through, and with a cookie only if the page sent the session's token.
pub(crate) async fn change(request: Request, next: Next) -> Response {
    let Some(identity) = request.extensions().get::<Identity>() else {
        return not_signed_in(true);
    };
    if let Err(error) = check_csrf(identity, request.headers()) {
        return error.into_response();
    }
    if !identity.is_admin() {
        return ApiError::new(StatusCode::FORBIDDEN, "not_allowed").into_response();
    }
    next.run(request).await
}

/// A request with a cookie must carry the session's token in `X-CSRF`.
pub(crate) fn check_csrf(identity: &Identity, headers: &HeaderMap) -> Result<(), ApiError> {
    let Credential::Cookie { csrf } = &identity.by else {
        return Ok(());
    };
    let sent = text(headers, "x-csrf").unwrap_or_default();
    if bool::from(sent.as_bytes().ct_eq(csrf.as_bytes())) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::FORBIDDEN, "csrf"))
}

impl Auth {
    /// The session identifier in the cookies of a request.
    pub(crate) fn session_in<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == self.cookie_name()).then_some(value))
    }
}

/// Who asks; `None` if somebody has to sign in first.
pub(crate) fn identify(auth: &Auth, headers: &HeaderMap) -> Option<Identity> {
    if let Some(identity) = auth.open() {
        return Some(identity);
    }
    if let Some(value) = text(headers, header::AUTHORIZATION.as_str()) {
        let (scheme, token) = value.split_once(' ')?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        return auth.by_token(token.trim()).filter(|_| is_bearer);
    }
    auth.by_session(auth.session_in(headers)?)
}

fn not_signed_in(is_ours: bool) -> Response {
    let status = StatusCode::UNAUTHORIZED;
    if is_ours {
        return ApiError::new(status, "not_signed_in").into_response();
    }
    let reason =
        "missing or unknown credentials; sign in or send an API token as `Authorization: Bearer …`";
    SearchError::new(status, "security_exception", reason).into_response()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
