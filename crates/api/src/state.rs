//! What the routes work with: the parts a program brings, and the limits they are used within.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use yagura_history::{History, Peers};
use yagura_saved::Saved;
use yagura_store::language::KnownFields;
use yagura_store::{Store, StoreError};

use crate::asset::AssetSource;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::exports::Exports;
use crate::facts::FactSource;
use crate::ledger_view::LedgerView;

/// How long a field list is good for.
const FIELDS_KEPT: Duration = Duration::from_secs(30);
/// Most field lists kept.
const MAX_FIELD_LISTS: usize = 64;

/// How long the numbers of an entity's peers are good for.
const PEERS_KEPT: Duration = Duration::from_secs(60);

/// Everything the API needs from the program that runs it.
pub struct AppState {
    /// Documents.
    pub store: Arc<dyn Store>,
    /// Objects read and dead letters.
    pub ledger: Arc<dyn LedgerView>,
    /// Which entities were seen on which day.
    pub history: Arc<History>,
    /// GeoIP and threat lists.
    pub facts: Arc<dyn FactSource>,
    /// Saved searches and short links.
    pub saved: Arc<Saved>,
    /// Folder that exported files are kept in; what an earlier run left there is removed.
    pub exports: PathBuf,
    /// Log types in the order they are shown.
    pub log_types: Vec<LogTypeInfo>,
    /// Who may do what.
    pub auth: Auth,
    /// Files of the page.
    pub assets: AssetSource,
    /// `embedded` or `opensearch`.
    pub backend: Backend,
    /// What this server can do besides searching, for the page; for example `retry`.
    pub features: Vec<String>,
    /// Version of the program.
    pub version: String,
    /// Limits.
    pub limits: Limits,
}

/// Which store answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// The store on this machine.
    Embedded,
    /// OpenSearch.
    Opensearch,
}

/// How much one request, and all of them together, may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest body of a request, in bytes.
    pub body_bytes: usize,
    /// Largest body of a `_msearch`, in bytes.
    pub msearch_body_bytes: usize,
    /// Most searches in one `_msearch`.
    pub msearch_items: usize,
    /// Searches of one `_msearch` that run at the same time.
    pub msearch_concurrency: usize,
    /// Requests that search at the same time.
    pub concurrent_searches: usize,
    /// How long a request waits for its turn before it is answered with 429.
    pub queue_wait: Duration,
    /// How long a request may take before it is answered with 504.
    pub request_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 1 << 20,
            msearch_body_bytes: 8 << 20,
            msearch_items: 200,
            msearch_concurrency: 4,
            concurrent_searches: 32,
            queue_wait: Duration::from_secs(2),
            request_timeout: Duration::from_secs(60),
        }
    }
}

/// A text in the languages of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LocalText {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

/// What the page knows about a log type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogTypeInfo {
    /// Identifier, the value of `@log_type`.
    pub id: String,
    /// Index pattern, for example `log-aws-cloudtrail-*`.
    pub index: String,
    /// Name.
    pub title: LocalText,
    /// Columns a table of these events shows, besides the time.
    pub columns: Vec<String>,
    /// Fields that hold entities, by the entity's type: `ip`, `user`, `account`, and so on.
    pub entities: BTreeMap<String, Vec<String>>,
    /// Field that holds the severity, if there is one.
    pub severity: Option<String>,
}

/// What all routes share.
pub(crate) struct Shared {
    pub(crate) app: AppState,
    pub(crate) search_slots: Semaphore,
    pub(crate) exports: Exports,
    field_lists: Mutex<HashMap<String, (Instant, Arc<KnownFields>)>>,
    peers: Mutex<HashMap<&'static str, (Instant, Arc<Peers>)>>,
}

impl Shared {
    pub(crate) fn new(app: AppState) -> Self {
        let search_slots = Semaphore::new(app.limits.concurrent_searches);
        Shared {
            exports: Exports::new(app.exports.clone(), Arc::clone(&app.store)),
            app,
            search_slots,
            field_lists: Mutex::default(),
            peers: Mutex::default(),
        }
    }

    /// Asks the history on a thread that may wait for the disk.
    pub(crate) async fn history<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&History) -> Result<T, yagura_history::Error> + Send + 'static,
    ) -> Result<T, ApiError> {
        let history = Arc::clone(&self.app.history);
        let answer = tokio::task::spawn_blocking(move || ask(&history)).await;
        Ok(answer.map_err(ApiError::broken_off)??)
    }

    /// Asks for what people keep, on a thread that may wait for the disk.
    pub(crate) async fn saved<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Saved) -> Result<T, yagura_saved::Error> + Send + 'static,
    ) -> Result<T, ApiError> {
        let saved = Arc::clone(&self.app.saved);
        let answer = tokio::task::spawn_blocking(move || ask(&saved)).await;
        Ok(answer.map_err(ApiError::broken_off)??)
    }

    /// How many entities of a kind were seen on how many days, at most a minute old.
    pub(crate) async fn peers(
        &self,
        kind: &'static str,
        from_day: i64,
    ) -> Result<Arc<Peers>, ApiError> {
        let kept = lock(&self.peers).get(kind).cloned();
        if let Some((made, peers)) = kept
            && made.elapsed() < PEERS_KEPT
        {
            return Ok(peers);
        }
        let ask = move |history: &History| history.peers(kind, from_day);
        let peers = Arc::new(self.history(ask).await?);
        lock(&self.peers).insert(kind, (Instant::now(), Arc::clone(&peers)));
        Ok(peers)
    }

    /// The fields of the indices that match a pattern, at most 30 seconds old.
    pub(crate) async fn fields(&self, indices: &str) -> Result<Arc<KnownFields>, StoreError> {
        if let Some(fields) = self.kept_fields(indices) {
            return Ok(fields);
        }
        let answer = self.app.store.field_caps(indices, "*").await?;
        let fields = Arc::new(KnownFields::from_field_caps(&answer));
        let mut lists = lock(&self.field_lists);
        if lists.len() >= MAX_FIELD_LISTS {
            lists.retain(|_, (made, _)| made.elapsed() < FIELDS_KEPT);
        }
        if lists.len() < MAX_FIELD_LISTS {
            lists.insert(indices.to_owned(), (Instant::now(), fields.clone()));
        }
        Ok(fields)
    }

    fn kept_fields(&self, indices: &str) -> Option<Arc<KnownFields>> {
        let lists = lock(&self.field_lists);
        let (made, fields) = lists.get(indices)?;
        (made.elapsed() < FIELDS_KEPT).then(|| fields.clone())
    }
}

/// Locks; a thread that panicked while holding the lock has left nothing half-changed behind.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
