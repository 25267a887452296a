//! Exports of whole results: begin, follow, fetch, remove.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::channel::Channel;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::auth::Identity;
use crate::error::{ApiError, ErrorBody};
use crate::exports::{ExportFormat, Job, JobState, MAX_PER_USER, Refused, Wanted};
use crate::state::Shared;

/// Most columns of a table.
const MAX_FIELDS: usize = 200;
/// Bytes handed to the connection at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// What to export.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// Index names, comma-separated, with `*`.
    index: String,
    /// Query DSL; everything if absent.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    query: Option<Value>,
    /// How to write it.
    format: ExportFormat,
    /// Columns of a table, 1 to 200; not for `ndjson`, which holds whole events.
    #[serde(default)]
    fields: Vec<String>,
    /// Oldest events first instead of newest.
    #[serde(default)]
    oldest_first: bool,
}

/// An export, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Export {
    /// Identifier.
    pub id: String,
    /// How far it is.
    pub state: JobState,
    /// How it is written.
    pub format: ExportFormat,
    /// When it was asked for.
    pub started: Timestamp,
    /// Events that match, as far as is known.
    pub total: u64,
    /// Events written.
    pub written: u64,
    /// Bytes written.
    pub bytes: u64,
    /// There are more events than one export may hold, 1,000,000 or 2 GiB: only the first are there.
    pub is_cut: bool,
    /// When the file is removed; a day after it was finished.
    pub expires: Option<Timestamp>,
}

impl Export {
    fn of(job: &Job) -> Self {
        Export {
            id: job.id.clone(),
            state: job.state(),
            format: job.format,
            started: job.started,
            total: job.total.load(Ordering::Relaxed),
            written: job.written.load(Ordering::Relaxed),
            bytes: job.bytes.load(Ordering::Relaxed),
            is_cut: job.is_cut(),
            expires: job.expires(),
        }
    }
}

/// Begins to write a whole result to a file.
#[utoipa::path(post, path = "/api/v1/exports", operation_id = "export", tag = "exports",
    request_body = ExportRequest, responses(
    (status = 202, description = "Begun", body = Export),
    (status = 400, description = "The request is wrong", body = ErrorBody),
    (status = 403, description = "`X-CSRF` is missing", body = ErrorBody),
    (status = 429, description = "There are too many exports; remove some", body = ErrorBody)))]
pub(crate) async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Export>), ApiError> {
    let request: ExportRequest = super::json(&headers, body)?;
    let is_table = request.format == ExportFormat::Csv;
    let fits = match is_table {
        true => (1..=MAX_FIELDS).contains(&request.fields.len()),
        false => request.fields.is_empty(),
    };
    if !fits {
        let error = ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter");
        let message = format!("`csv` needs 1 to {MAX_FIELDS} `fields`; `ndjson` takes none");
        return Err(error.with("message", message));
    }
    let query = request.query.unwrap_or_else(|| json!({"match_all": {}}));
    // A wrong query is told now, not by an export that failed.
    let body = json!({"query": query});
    let count = shared.app.store.count(&request.index, &body);
    match count.await {
        Err(yagura_store::StoreError::NoSuchIndex(_)) => {}
        counted => drop(counted?),
    }
    let wanted = Wanted {
        indices: request.index,
        query,
        format: request.format,
        fields: request.fields,
        order: if request.oldest_first { "asc" } else { "desc" },
    };
    tracing::info!(user = identity.user, indices = wanted.indices, query = %wanted.query, "export");
    let job = shared.exports.start(&identity.user, wanted);
    let job = job.map_err(|refused| match refused {
        Refused::TooMany => ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_exports")
            .with("limit", MAX_PER_USER),
        Refused::NoName => ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    })?;
    Ok((StatusCode::ACCEPTED, Json(Export::of(&job))))
}

/// One's own exports, newest first, at most 10.
#[utoipa::path(get, path = "/api/v1/exports", tag = "exports", responses(
    (status = 200, description = "Exports", body = Vec<Export>)))]
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
) -> Json<Vec<Export>> {
    let jobs = shared.exports.of(&identity.user);
    Json(jobs.iter().map(|job| Export::of(job)).collect())
}

/// One export of one's own.
#[utoipa::path(get, path = "/api/v1/exports/{id}", tag = "exports",
    params(("id" = String, Path, description = "Identifier")), responses(
    (status = 200, description = "The export", body = Export),
    (status = 404, description = "There is none with this id", body = ErrorBody)))]
pub(crate) async fn single(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<Json<Export>, ApiError> {
    Ok(Json(Export::of(&*find(&shared, &identity, &id)?)))
}

/// The file of an export that is done.
#[utoipa::path(get, path = "/api/v1/exports/{id}/file", tag = "exports",
    params(("id" = String, Path, description = "Identifier")), responses(
    (status = 200, description = "The file", content_type = "text/csv"),
    (status = 404, description = "There is none with this id", body = ErrorBody),
    (status = 409, description = "It is not done", body = ErrorBody)))]
pub(crate) async fn file(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let job = find(&shared, &identity, &id)?;
    if job.state() != JobState::Done {
        return Err(ApiError::new(StatusCode::CONFLICT, "export_not_done").with("id", id));
    }
    let path = job.path.clone();
    let opened = tokio::task::spawn_blocking(move || std::fs::File::open(path)).await;
    let file = opened
        .map_err(ApiError::broken_off)?
        .map_err(|_| no_such(&id))?;
    let day = job.started.strftime("%Y%m%d-%H%M%S");
    let name = format!("yagura-{day}.{}", job.format.extension());
    let headers = [
        (header::CONTENT_TYPE, job.format.media_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, stream(file)).into_response())
}

/// Stops an export, or removes its file.
#[utoipa::path(delete, path = "/api/v1/exports/{id}", tag = "exports",
    params(("id" = String, Path, description = "Identifier")), responses(
    (status = 204, description = "Removed"),
    (status = 403, description = "`X-CSRF` is missing", body = ErrorBody),
    (status = 404, description = "There is none with this id", body = ErrorBody)))]
pub(crate) async fn delete(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    match shared.exports.remove(&identity.user, &id) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_such(&id)),
    }
}

fn find(shared: &Shared, identity: &Identity, id: &str) -> Result<Arc<Job>, ApiError> {
    let job = shared.exports.find(&identity.user, id);
    job.ok_or_else(|| no_such(id))
}

fn no_such(id: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "no_such_export").with("id", id)
}

/// A body that reads the file as fast as the client takes it.
fn stream(mut file: std::fs::File) -> Body {
    let (mut sender, channel) = Channel::<Bytes, std::io::Error>::new(2);
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        loop {
            let mut chunk = vec![0; CHUNK_BYTES];
            let read = match file.read(&mut chunk) {
                Ok(0) => return,
                Ok(read) => read,
                // The client must not take what it has for the whole file.
                Err(error) => return sender.abort(error),
            };
            chunk.truncate(read);
            if runtime.block_on(sender.send_data(chunk.into())).is_err() {
                return;
            }
        }
    });
    Body::new(channel)
}
