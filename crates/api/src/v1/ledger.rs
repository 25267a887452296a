//! The objects that were read.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};

use crate::error::{ApiError, ErrorBody};
use crate::ledger_view::{LedgerPage, LedgerRequest};
use crate::state::Shared;

/// Objects that were read, newest first, with sums over the whole filter.
#[utoipa::path(get, path = "/api/v1/ledger", tag = "ledger", params(LedgerRequest), responses(
    (status = 200, description = "One page", body = LedgerPage),
    (status = 400, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<LedgerRequest>, QueryRejection>,
) -> Result<Json<LedgerPage>, ApiError> {
    let request = super::parameters(query)?;
    super::check_limit(request.limit)?;
    Ok(Json(shared.app.ledger.objects(&request).await?))
}
