//! Exports: whole results written to files in the background, kept for a day.

mod csv;
mod job;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Semaphore;
use yagura_store::Store;

pub(crate) use job::{Job, JobState};

use crate::auth::random_hex;
use crate::state::lock;

/// Most events of one export.
pub(crate) const MAX_EVENTS: u64 = 1_000_000;
/// Most bytes of one export.
pub(crate) const MAX_BYTES: u64 = 2 << 30;
/// Most exports of one user that are kept or made.
pub(crate) const MAX_PER_USER: usize = 10;
/// Most exports kept or made in all.
pub(crate) const MAX_IN_ALL: usize = 40;
/// Exports made at the same time; others wait for their turn.
const AT_ONCE: usize = 2;
/// How long a finished export is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How often a finished export is looked after.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);
/// What the names of the files begin with.
const PREFIX: &str = "export-";

/// How an export is written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A table of the chosen fields for spreadsheets: UTF-8 with a byte order mark; text that a
    /// spreadsheet would take for a formula begins with an apostrophe.
    Csv,
    /// One JSON object on each line with `_index`, `_id` and the whole `_source`.
    Ndjson,
}

impl ExportFormat {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            ExportFormat::Csv => "csv",
            ExportFormat::Ndjson => "ndjson",
        }
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            ExportFormat::Csv => "text/csv; charset=utf-8",
            ExportFormat::Ndjson => "application/x-ndjson",
        }
    }
}

/// What to export.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) indices: String,
    pub(crate) query: Value,
    pub(crate) format: ExportFormat,
    /// Columns of a table.
    pub(crate) fields: Vec<String>,
    /// `asc` or `desc`, by time.
    pub(crate) order: &'static str,
}

/// There are too many exports already.
#[derive(Debug)]
pub(crate) enum Refused {
    TooMany,
    /// The system gave no random numbers.
    NoName,
}

/// All exports there are.
pub(crate) struct Exports {
    folder: PathBuf,
    store: Arc<dyn Store>,
    jobs: Arc<Mutex<BTreeMap<String, Arc<Job>>>>,
    slots: Arc<Semaphore>,
}

impl Exports {
    /// Exports into a folder; files that an earlier run left there are removed, for nobody could
    /// name them any more.
    pub(crate) fn new(folder: PathBuf, store: Arc<dyn Store>) -> Self {
        remove_left_over(&folder);
        Exports {
            folder,
            store,
            jobs: Arc::default(),
            slots: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Begins an export.
    pub(crate) fn start(&self, user: &str, wanted: Wanted) -> Result<Arc<Job>, Refused> {
        let id = random_hex().map_err(|_| Refused::NoName)?;
        let id: String = id.chars().take(20).collect();
        let path = self
            .folder
            .join(format!("{PREFIX}{id}.{}", wanted.format.extension()));
        let job = Arc::new(Job::new(&id, user, wanted.format, path));
        {
            let mut jobs = lock(&self.jobs);
            let own = jobs.values().filter(|job| job.user == user).count();
            if jobs.len() >= MAX_IN_ALL || own >= MAX_PER_USER {
                return Err(Refused::TooMany);
            }
            jobs.insert(id.clone(), Arc::clone(&job));
        }
        let running = Arc::clone(&job);
        let (store, slots) = (Arc::clone(&self.store), Arc::clone(&self.slots));
        let jobs = Arc::clone(&self.jobs);
        tokio::spawn(async move {
            // The semaphore is never closed.
            let slot = slots.acquire().await;
            write::run(&running, store.as_ref(), &wanted).await;
            drop(slot);
            running.expires_after(KEPT);
            while !running.is_cancelled() && !running.is_expired() {
                tokio::time::sleep(LOOK_INTERVAL).await;
            }
            lock(&jobs).remove(&running.id);
            running.remove_file();
        });
        Ok(job)
    }

    /// The exports of a user, newest first.
    pub(crate) fn of(&self, user: &str) -> Vec<Arc<Job>> {
        let mut own: Vec<_> = lock(&self.jobs)
            .values()
            .filter(|job| job.user == user)
            .cloned()
            .collect();
        own.sort_by_key(|job| std::cmp::Reverse(job.started));
        own
    }

    /// An export of a user.
    pub(crate) fn find(&self, user: &str, id: &str) -> Option<Arc<Job>> {
        let job = lock(&self.jobs).get(id).cloned();
        job.filter(|job| job.user == user)
    }

    /// Stops an export and removes its file; `false` if it is not there.
    pub(crate) fn remove(&self, user: &str, id: &str) -> bool {
        let Some(job) = self.find(user, id) else {
            return false;
        };
        lock(&self.jobs).remove(id);
        job.cancel();
        job.remove_file();
        true
    }
}

fn remove_left_over(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let is_ours = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX));
        if is_ours && let Err(error) = std::fs::remove_file(entry.path()) {
            tracing::warn!("cannot remove `{}`: {error}", entry.path().display());
        }
    }
}

/// The present time.
fn now() -> Timestamp {
    Timestamp::now()
}
