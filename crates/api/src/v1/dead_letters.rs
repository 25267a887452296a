//! Records that could not become documents.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Identity;
use crate::error::{ApiError, ErrorBody};
use crate::ledger_view::{DeadLetter, DeadLetterRequest, ReasonCount, RetryRequest};
use crate::state::Shared;

/// Bytes of a raw record shown in a list.
const LISTED_RAW_BYTES: usize = 4 * 1024;
/// Bytes of a raw record shown on its own.
const SINGLE_RAW_BYTES: usize = 1024 * 1024;
/// Most ids in one request to retry.
const MAX_RETRY_IDS: usize = 10_000;

/// One page of dead letters.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeadLetterList {
    /// Dead letters, newest first.
    pub items: Vec<DeadLetterItem>,
    /// Numbers by reason over the whole filter.
    pub counts: Vec<ReasonCount>,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// A record that could not become a document.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeadLetterItem {
    /// Identifier.
    pub id: String,
    /// Identifier of the object in the ledger.
    pub object: String,
    /// Bucket of the object.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// Line in the object, from 1, if it has lines.
    pub line: Option<u64>,
    /// Offset in the decompressed object.
    pub byte_offset: u64,
    /// Stable reason.
    pub reason: String,
    /// What exactly was wrong.
    pub detail: String,
    /// The record as text; what is not UTF-8 is replaced.
    pub raw: String,
    /// Length of the whole record in bytes.
    pub raw_bytes: u64,
    /// `raw` is only the beginning.
    pub raw_truncated: bool,
    /// The record is not UTF-8, so `raw` is not exact.
    pub raw_lossy: bool,
    /// Log type, if the object was routed to one.
    pub log_type: Option<String>,
    /// Version of the parser that failed.
    pub parser_version: String,
    /// When it failed.
    pub time: Timestamp,
    /// How often it was run again.
    pub retries: u32,
    /// When it was last run again.
    pub retried: Option<Timestamp>,
}

/// How many dead letters are run again.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RetryAnswer {
    /// How many were taken on.
    pub accepted: u64,
}

impl DeadLetterItem {
    fn new(letter: DeadLetter, most_bytes: usize) -> Self {
        let (kept, is_exact) = readable(&letter.raw, letter.raw_bytes);
        let mut end = kept.min(most_bytes);
        // A character is not cut in half: continuation bytes go with their beginning.
        let is_inside = |at: usize| letter.raw.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        while is_exact && end < kept && is_inside(end) {
            end -= 1;
        }
        let shown = letter.raw.get(..end).unwrap_or_default();
        DeadLetterItem {
            raw: String::from_utf8_lossy(shown).into_owned(),
            raw_bytes: letter.raw_bytes,
            raw_truncated: (end as u64) < letter.raw_bytes,
            raw_lossy: !is_exact,
            id: letter.id,
            object: letter.object,
            bucket: letter.bucket,
            key: letter.key,
            line: letter.line,
            byte_offset: letter.byte_offset,
            reason: letter.reason,
            detail: letter.detail,
            log_type: letter.log_type,
            parser_version: letter.parser_version,
            time: letter.time,
            retries: letter.retries,
            retried: letter.retried,
        }
    }
}

/// How many of the kept bytes to show, and whether they are UTF-8.
///
/// A character that was cut in half with the record is left out.
fn readable(kept: &[u8], whole_bytes: u64) -> (usize, bool) {
    match std::str::from_utf8(kept) {
        Ok(text) => (text.len(), true),
        Err(error) if error.error_len().is_none() && (kept.len() as u64) < whole_bytes => {
            (error.valid_up_to(), true)
        }
        Err(_) => (kept.len(), false),
    }
}

/// Dead letters, newest first; raw records are cut after 4 KiB.
#[utoipa::path(get, path = "/api/v1/dead-letters", tag = "dead letters",
    params(DeadLetterRequest), responses(
    (status = 200, description = "One page", body = DeadLetterList),
    (status = 400, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<DeadLetterRequest>, QueryRejection>,
) -> Result<Json<DeadLetterList>, ApiError> {
    let request = super::parameters(query)?;
    super::check_limit(request.limit)?;
    let page = shared.app.ledger.dead_letters(&request).await?;
    let items = page.items.into_iter();
    Ok(Json(DeadLetterList {
        items: items
            .map(|letter| DeadLetterItem::new(letter, LISTED_RAW_BYTES))
            .collect(),
        counts: page.counts,
        next: page.next,
    }))
}

/// One dead letter with its raw record, cut after 1 MiB.
#[utoipa::path(get, path = "/api/v1/dead-letters/{id}", tag = "dead letters",
    params(("id" = String, Path, description = "Identifier")), responses(
    (status = 200, description = "The dead letter", body = DeadLetterItem),
    (status = 404, description = "There is none with this id", body = ErrorBody)))]
pub(crate) async fn single(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<DeadLetterItem>, ApiError> {
    let letter = shared.app.ledger.dead_letter(&id).await?;
    let letter = letter.ok_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, "no_such_dead_letter").with("id", id)
    })?;
    Ok(Json(DeadLetterItem::new(letter, SINGLE_RAW_BYTES)))
}

/// Runs dead letters again; needs the role `admin`.
#[utoipa::path(post, path = "/api/v1/dead-letters/retry", tag = "dead letters",
    request_body = RetryRequest, responses(
    (status = 202, description = "Taken on", body = RetryAnswer),
    (status = 400, description = "The request is wrong or names nothing", body = ErrorBody),
    (status = 403, description = "`X-CSRF` is missing or the role is", body = ErrorBody)))]
pub(crate) async fn retry(
    State(shared): State<Arc<Shared>>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<RetryAnswer>), ApiError> {
    let request: RetryRequest = super::json(&headers, body)?;
    let names_nothing =
        request.ids.is_empty() && request.reason.is_none() && request.log_type.is_none();
    if names_nothing || request.ids.len() > MAX_RETRY_IDS {
        let error = ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter");
        return Err(error.with(
            "message",
            format!("give 1 to {MAX_RETRY_IDS} `ids`, a `reason` or a `log_type`"),
        ));
    }
    let accepted = shared.app.ledger.retry(&request).await?;
    tracing::info!(user = identity.user, accepted, "retrying dead letters");
    Ok((StatusCode::ACCEPTED, Json(RetryAnswer { accepted })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(raw: &[u8]) -> DeadLetter {
        DeadLetter {
            id: "1".to_owned(),
            bucket: String::new(),
            key: "log".to_owned(),
            line: Some(1),
            byte_offset: 0,
            reason: "pattern_mismatch".to_owned(),
            detail: String::new(),
            object: "1".to_owned(),
            raw: raw.to_vec(),
            raw_bytes: raw.len() as u64,
            log_type: None,
            parser_version: "0.1.0".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            retries: 0,
            retried: None,
        }
    }

    #[test]
    fn raw_records_are_cut_between_characters() {
        for (raw, whole, most, shown, is_truncated, is_lossy) in [
            (&b"abc"[..], 3, 3, "abc", false, false),
            (b"abcd", 4, 3, "abc", true, false),
            ("あい".as_bytes(), 6, 4, "あ", true, false),
            (&"あい".as_bytes()[..5], 6, 9, "あ", true, false),
            (&"あい".as_bytes()[..5], 5, 9, "あ\u{fffd}", false, true),
            (b"a\xffb", 3, 9, "a\u{fffd}b", false, true),
            (b"", 0, 3, "", false, false),
        ] {
            let letter = DeadLetter {
                raw_bytes: whole,
                ..letter(raw)
            };
            let item = DeadLetterItem::new(letter, most);
            let found = (item.raw.as_str(), item.raw_truncated, item.raw_lossy);
            assert_eq!(found, (shown, is_truncated, is_lossy));
        }
    }
}
