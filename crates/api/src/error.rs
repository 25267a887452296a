//! Errors as the API answers them: OpenSearch's shape for its endpoints, ours for `/api/v1`.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yagura_store::StoreError;

use crate::ledger_view::LedgerError;

tokio::task_local! {
    /// The id of the request being answered, for its errors.
    pub(crate) static REQUEST_ID: String;
}

/// The id of the request being answered.
pub(crate) fn request_id() -> String {
    REQUEST_ID.try_with(String::clone).unwrap_or_default()
}

/// An error of `/api/v1`; the page holds the text for each code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorBody {
    /// Stable code, for example `not_signed_in`.
    pub code: String,
    /// Values for the text.
    pub params: BTreeMap<String, String>,
    /// Id of the request, also in the `X-Request-Id` header and in the server's log.
    pub request_id: String,
}

/// Why a request to `/api/v1` failed.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    code: &'static str,
    params: BTreeMap<String, String>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str) -> Self {
        ApiError {
            status,
            code,
            params: BTreeMap::new(),
        }
    }

    /// A task that did not come to its end.
    pub(crate) fn broken_off(error: tokio::task::JoinError) -> Self {
        tracing::error!(request_id = request_id(), %error, "a task broke off");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            code: self.code.to_owned(),
            params: self.params,
            request_id: request_id(),
        };
        (self.status, Json(body)).into_response()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::BadRequest { path, .. } => {
                let status = StatusCode::BAD_REQUEST;
                ApiError::new(status, "bad_request")
                    .with("path", path)
                    .with("message", &error)
            }
            StoreError::NoSuchIndex(index) => {
                ApiError::new(StatusCode::NOT_FOUND, "no_such_index").with("index", index)
            }
            _ => {
                tracing::error!(request_id = request_id(), %error, "cannot answer from the store");
                ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "store_failed")
            }
        }
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        match &error {
            LedgerError::BadCursor(cursor) => {
                ApiError::new(StatusCode::BAD_REQUEST, "bad_cursor").with("cursor", cursor)
            }
            LedgerError::ReadOnly => ApiError::new(StatusCode::CONFLICT, "read_only"),
            LedgerError::Failed(_) => {
                tracing::error!(request_id = request_id(), %error, "cannot answer from the ledger");
                ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "ledger_failed")
            }
        }
    }
}

impl From<yagura_history::Error> for ApiError {
    fn from(error: yagura_history::Error) -> Self {
        tracing::error!(request_id = request_id(), %error, "cannot answer from the history");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "history_failed")
    }
}

impl From<yagura_saved::Error> for ApiError {
    fn from(error: yagura_saved::Error) -> Self {
        use yagura_saved::Error;
        match &error {
            Error::BadUrl | Error::BadName => {
                ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter").with("message", &error)
            }
            Error::NameTaken(name) => {
                ApiError::new(StatusCode::CONFLICT, "name_taken").with("name", name)
            }
            Error::TooMany => ApiError::new(StatusCode::CONFLICT, "too_many_saved")
                .with("limit", yagura_saved::MAX_SEARCHES),
            _ => {
                tracing::error!(request_id = request_id(), %error, "cannot keep or find what is saved");
                ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "saved_failed")
            }
        }
    }
}

/// Why a request to an OpenSearch endpoint failed, in OpenSearch's words.
#[derive(Debug, Clone)]
pub(crate) struct SearchError {
    pub(crate) status: StatusCode,
    kind: &'static str,
    reason: String,
    index: Option<String>,
}

impl SearchError {
    pub(crate) fn new(status: StatusCode, kind: &'static str, reason: impl Into<String>) -> Self {
        SearchError {
            status,
            kind,
            reason: reason.into(),
            index: None,
        }
    }

    pub(crate) fn illegal(reason: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "illegal_argument_exception",
            reason,
        )
    }

    /// Says which search of a `_msearch` the error is about, counted from 0.
    pub(crate) fn in_item(mut self, number: usize) -> Self {
        self.reason = format!("search {number}: {}", self.reason);
        self
    }

    /// OpenSearch's body.
    pub(crate) fn body(&self) -> SearchErrorBody {
        let cause = SearchErrorCause {
            kind: self.kind.to_owned(),
            reason: self.reason.clone(),
            index: self.index.clone(),
        };
        SearchErrorBody {
            error: SearchErrorDetail {
                root_cause: vec![cause.clone()],
                cause,
            },
            status: self.status.as_u16(),
        }
    }
}

/// An error of an OpenSearch endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchErrorBody {
    /// What went wrong.
    pub error: SearchErrorDetail,
    /// The HTTP status; in a `_msearch` that of this search.
    pub status: u16,
}

/// What went wrong in an OpenSearch endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchErrorDetail {
    /// What went wrong first; the same.
    pub root_cause: Vec<SearchErrorCause>,
    /// What went wrong.
    #[serde(flatten)]
    pub cause: SearchErrorCause,
}

/// One cause of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchErrorCause {
    /// OpenSearch's name for it, for example `parsing_exception`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is wrong, with the JSON path of the offending part.
    pub reason: String,
    /// The index that does not exist, if that is the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
}

impl From<StoreError> for SearchError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::BadRequest { kind, .. } => {
                Self::new(StatusCode::BAD_REQUEST, kind, error.to_string())
            }
            StoreError::NoSuchIndex(index) => SearchError {
                index: Some(index.clone()),
                ..Self::new(
                    StatusCode::NOT_FOUND,
                    "index_not_found_exception",
                    format!("no such index [{index}]"),
                )
            },
            _ => {
                tracing::error!(request_id = request_id(), %error, "cannot answer from the store");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Self::new(
                    status,
                    "search_phase_execution_exception",
                    error.to_string(),
                )
            }
        }
    }
}

impl IntoResponse for SearchError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}
