//! The HTTP API: OpenSearch's search endpoints, `/api/v1`, the page's files, and who may use them.
//!
//! [`router`] builds the routes from an [`AppState`]; [`serve`] runs them on a listener.

mod asset;
mod auth;
mod error;
mod exports;
mod facts;
mod ledger_view;
mod limits;
mod openapi;
mod opensearch;
mod page;
mod secret;
mod state;
#[cfg(test)]
mod tests;
mod v1;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;

pub use asset::{Asset, AssetSource};
pub use auth::{
    Auth, AuthConfig, BindError, CredentialError, Role, Token, User, UsersError, UsersFile,
    hash_password, mint_token,
};
pub use error::{ErrorBody, SearchErrorBody, SearchErrorCause, SearchErrorDetail};
pub use exports::ExportFormat;
pub use facts::{EntityFacts, FactSource};
pub use ledger_view::{
    DeadLetter, DeadLetterPage, DeadLetterRequest, KeyMatch, KeyRoute, LedgerError, LedgerItem,
    LedgerPage, LedgerRequest, LedgerTotals, LedgerView, LogTypeSums, ObjectStatus, ReasonCount,
    RetryRequest,
};
pub use openapi::document as openapi;
pub use opensearch::search::{CountAnswer, Hit, Hits, HitsTotal, SearchAnswer, ShardCounts};
pub use secret::Secret;
pub use state::{AppState, Backend, Limits, LocalText, LogTypeInfo};
pub use v1::dead_letters::{DeadLetterItem, DeadLetterList, RetryAnswer};
pub use v1::entity_kinds::entity_fields;
pub use v1::log_types::LogTypeStatus;
pub use v1::session::SessionInfo;

use state::Shared;

/// All routes, with every check in front of them.
pub fn router(state: AppState) -> Router {
    let body_bytes = state.limits.body_bytes;
    let msearch_body_bytes = state.limits.msearch_body_bytes;
    let shared = Arc::new(Shared::new(state));

    let msearch = Router::new()
        .route(
            "/_msearch",
            get(opensearch::msearch::msearch).post(opensearch::msearch::msearch),
        )
        .route(
            "/{index}/_msearch",
            get(opensearch::msearch::msearch).post(opensearch::msearch::msearch),
        )
        .layer(DefaultBodyLimit::max(msearch_body_bytes));
    let searching = Router::new()
        .route(
            "/_search",
            get(opensearch::search::search).post(opensearch::search::search),
        )
        .route(
            "/{index}/_search",
            get(opensearch::search::search).post(opensearch::search::search),
        )
        .route(
            "/_count",
            get(opensearch::search::count).post(opensearch::search::count),
        )
        .route(
            "/{index}/_count",
            get(opensearch::search::count).post(opensearch::search::count),
        )
        .route(
            "/_field_caps",
            get(opensearch::search::field_caps).post(opensearch::search::field_caps),
        )
        .route(
            "/{index}/_field_caps",
            get(opensearch::search::field_caps).post(opensearch::search::field_caps),
        )
        .route("/{index}/_doc/{id}", get(opensearch::document::get))
        .route("/_cat/indices", get(opensearch::cat::indices))
        .route("/_cat/indices/{pattern}", get(opensearch::cat::indices))
        .route("/_cluster/health", get(opensearch::cat::health))
        .route("/api/v1/log-types", get(v1::log_types::list))
        .route("/api/v1/query/parse", post(v1::query::parse))
        .route("/api/v1/suggest", post(v1::suggest::suggest))
        .route("/api/v1/fields/stats", post(v1::fields::stats))
        .route("/api/v1/fields/explain", post(v1::fields::explain))
        .route("/api/v1/entities/{type}/{value}", get(v1::entities::single))
        .route("/api/v1/enrich", post(v1::enrich::enrich))
        .route("/api/v1/home", get(v1::home::summary))
        .route("/api/v1/sources", get(v1::sources::list))
        .route("/api/v1/sources/explain", get(v1::whereabouts::explain))
        .route("/api/v1/dead-letters", get(v1::dead_letters::list))
        .route("/api/v1/dead-letters/{id}", get(v1::dead_letters::single))
        .route("/api/v1/ledger", get(v1::ledger::list))
        .layer(DefaultBodyLimit::max(body_bytes))
        .merge(msearch)
        .layer(from_fn_with_state(shared.clone(), limits::searching));
    let changing = Router::new()
        .route("/api/v1/dead-letters/retry", post(v1::dead_letters::retry))
        .layer(from_fn(auth::change));
    let own = Router::new()
        .route(
            "/api/v1/saved-searches",
            get(v1::saved_searches::list).post(v1::saved_searches::create),
        )
        .route(
            "/api/v1/saved-searches/{id}",
            get(v1::saved_searches::single)
                .put(v1::saved_searches::change)
                .delete(v1::saved_searches::delete),
        )
        .route("/api/v1/links", post(v1::links::create))
        .route(
            "/api/v1/exports",
            get(v1::exports::list).post(v1::exports::create),
        )
        .route(
            "/api/v1/exports/{id}",
            get(v1::exports::single).delete(v1::exports::delete),
        )
        .route("/api/v1/exports/{id}/file", get(v1::exports::file))
        .layer(from_fn(auth::own_change));
    let known = searching
        .merge(changing)
        .merge(own)
        .route(
            "/api/v1/session",
            get(v1::session::current).delete(v1::session::sign_out),
        )
        .layer(from_fn_with_state(shared.clone(), auth::authenticate));
    let anyone = Router::new()
        .route("/api/v1/session", post(v1::session::sign_in))
        .route("/api/v1/openapi.json", get(|| async { Json(openapi()) }))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/l/{id}", get(v1::links::open))
        .route("/", get(page::root))
        .fallback(page::other);

    known
        .merge(anyone)
        .layer(DefaultBodyLimit::max(body_bytes))
        .layer(from_fn_with_state(shared.clone(), auth::hosts_and_origins))
        .layer(from_fn(page::secure))
        .layer(CompressionLayer::new())
        .layer(from_fn(limits::trace))
        .with_state(shared)
}

/// Serves the API on a listener until `shutdown` is done and open requests have ended.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Small answers go out at once instead of waiting to fill a packet.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    });
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(shutdown)
        .await
}
