//! Saved searches of whoever asks.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yagura_saved::{Saved, SavedSearch};

use crate::auth::Identity;
use crate::error::{ApiError, ErrorBody};
use crate::state::Shared;

/// A search to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchToSave {
    /// Name, 1 to 200 characters, unique among one's own.
    name: String,
    /// The address that shows it: a percent-encoded path of this page.
    url: String,
}

/// A saved search.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedSearchItem {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// The address that shows it.
    pub url: String,
    /// When it was saved first.
    pub created: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
}

impl From<SavedSearch> for SavedSearchItem {
    fn from(search: SavedSearch) -> Self {
        let instant = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
        SavedSearchItem {
            id: search.id.to_string(),
            name: search.name,
            url: search.url,
            created: instant(search.created_ms),
            changed: instant(search.changed_ms),
        }
    }
}

/// One's own saved searches by name, at most 500.
#[utoipa::path(get, path = "/api/v1/saved-searches", tag = "saved searches", responses(
    (status = 200, description = "Saved searches", body = Vec<SavedSearchItem>)))]
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
) -> Result<Json<Vec<SavedSearchItem>>, ApiError> {
    let ask = move |saved: &Saved| saved.searches(&identity.user);
    let searches = shared.saved(ask).await?.into_iter();
    Ok(Json(searches.map(SavedSearchItem::from).collect()))
}

/// Saves a search.
#[utoipa::path(post, path = "/api/v1/saved-searches", tag = "saved searches",
    request_body = SearchToSave, responses(
    (status = 201, description = "Saved", body = SavedSearchItem),
    (status = 400, description = "Name or address do not fit", body = ErrorBody),
    (status = 403, description = "`X-CSRF` is missing", body = ErrorBody),
    (status = 409, description = "The name is taken, or there are too many", body = ErrorBody)))]
pub(crate) async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<SavedSearchItem>), ApiError> {
    let SearchToSave { name, url } = super::json(&headers, body)?;
    let now = Timestamp::now().as_millisecond();
    let ask = move |saved: &Saved| saved.add_search(&identity.user, &name, &url, now);
    let search = shared.saved(ask).await?;
    Ok((StatusCode::CREATED, Json(search.into())))
}

/// One saved search of one's own.
#[utoipa::path(get, path = "/api/v1/saved-searches/{id}", tag = "saved searches",
    params(("id" = String, Path, description = "Identifier")), responses(
    (status = 200, description = "The saved search", body = SavedSearchItem),
    (status = 404, description = "There is none with this id", body = ErrorBody)))]
pub(crate) async fn single(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<Json<SavedSearchItem>, ApiError> {
    let number = number(&id)?;
    let ask = move |saved: &Saved| saved.search(&identity.user, number);
    let search = shared.saved(ask).await?.ok_or_else(|| no_such(&id))?;
    Ok(Json(search.into()))
}

/// Gives a saved search of one's own another name and address.
#[utoipa::path(put, path = "/api/v1/saved-searches/{id}", tag = "saved searches",
    params(("id" = String, Path, description = "Identifier")),
    request_body = SearchToSave, responses(
    (status = 200, description = "Changed", body = SavedSearchItem),
    (status = 400, description = "Name or address do not fit", body = ErrorBody),
    (status = 404, description = "There is none with this id", body = ErrorBody),
    (status = 409, description = "The name is taken", body = ErrorBody)))]
pub(crate) async fn change(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SavedSearchItem>, ApiError> {
    let SearchToSave { name, url } = super::json(&headers, body)?;
    let number = number(&id)?;
    let now = Timestamp::now().as_millisecond();
    let ask = move |saved: &Saved| saved.change_search(&identity.user, number, &name, &url, now);
    let search = shared.saved(ask).await?.ok_or_else(|| no_such(&id))?;
    Ok(Json(search.into()))
}

/// Deletes a saved search of one's own.
#[utoipa::path(delete, path = "/api/v1/saved-searches/{id}", tag = "saved searches",
    params(("id" = String, Path, description = "Identifier")), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "There is none with this id", body = ErrorBody)))]
pub(crate) async fn delete(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let number = number(&id)?;
    let ask = move |saved: &Saved| saved.delete_search(&identity.user, number);
    match shared.saved(ask).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_such(&id)),
    }
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| no_such(id))
}

fn no_such(id: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "no_such_saved_search").with("id", id)
}
