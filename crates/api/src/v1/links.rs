//! Short links to long addresses of the page.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yagura_saved::Saved;

use crate::auth::{Identity, identify};
use crate::error::{ApiError, ErrorBody};
use crate::page;
use crate::state::Shared;

/// An address to shorten.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// A percent-encoded path of this page with its query, at most 128 KiB.
    url: String,
}

/// A short link.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkAnswer {
    /// Identifier; the same address always has the same one.
    pub id: String,
    /// The short path, `/l/` and the identifier.
    pub path: String,
}

/// Makes a short link; everyone who can sign in may open it.
#[utoipa::path(post, path = "/api/v1/links", operation_id = "link", tag = "links",
    request_body = LinkRequest, responses(
    (status = 201, description = "The short link", body = LinkAnswer),
    (status = 400, description = "This is no path of the page", body = ErrorBody),
    (status = 403, description = "`X-CSRF` is missing", body = ErrorBody)))]
pub(crate) async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<LinkAnswer>), ApiError> {
    let LinkRequest { url } = super::json(&headers, body)?;
    let now = Timestamp::now().as_millisecond();
    let ask = move |saved: &Saved| saved.link(&url, &identity.user, now);
    let id = shared.saved(ask).await?;
    let path = format!("/l/{id}");
    Ok((StatusCode::CREATED, Json(LinkAnswer { id, path })))
}

/// Leads to the address behind a short link; to the sign-in page first if need be.
#[utoipa::path(get, path = "/l/{id}", operation_id = "open_link", tag = "links",
    params(("id" = String, Path, description = "Identifier")), responses(
    (status = 302, description = "The address is in `Location`"),
    (status = 404, description = "There is no such link; the page says so", content_type = "text/html")))]
pub(crate) async fn open(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let is_id = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id && identify(&shared.app.auth, &headers).is_none() {
        return Ok(found(&format!("/sign-in?next=/l/{id}")));
    }
    let now = Timestamp::now().as_millisecond();
    let wanted = id.clone();
    let url = match is_id {
        true => {
            let ask = move |saved: &Saved| saved.open_link(&wanted, now);
            shared.saved(ask).await?
        }
        false => None,
    };
    match url {
        Some(url) => Ok(found(&url)),
        // A person follows the link, so the page says that there is nothing.
        None => Ok(page::not_found(&shared, &headers)),
    }
}

fn found(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
