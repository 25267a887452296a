//! One export: how far it is, and where its file is.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{ExportFormat, now};
use crate::state::lock;

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits for its turn.
    Waiting,
    /// It is being written.
    Running,
    /// Its file is there.
    Done,
    /// It could not be written to its end.
    Failed,
}

/// An export.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) format: ExportFormat,
    pub(crate) path: PathBuf,
    pub(crate) started: Timestamp,
    /// Events that match.
    pub(crate) total: AtomicU64,
    /// Events written.
    pub(crate) written: AtomicU64,
    /// Bytes written.
    pub(crate) bytes: AtomicU64,
    cancelled: AtomicBool,
    end: Mutex<End>,
}

#[derive(Debug, Clone)]
struct End {
    state: JobState,
    is_cut: bool,
    expires: Option<Timestamp>,
}

impl Job {
    pub(crate) fn new(id: &str, user: &str, format: ExportFormat, path: PathBuf) -> Self {
        Job {
            id: id.to_owned(),
            user: user.to_owned(),
            format,
            path,
            started: now(),
            total: AtomicU64::new(0),
            written: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            end: Mutex::new(End {
                state: JobState::Waiting,
                is_cut: false,
                expires: None,
            }),
        }
    }

    pub(crate) fn state(&self) -> JobState {
        lock(&self.end).state
    }

    /// Not all events that match were written, for there are too many.
    pub(crate) fn is_cut(&self) -> bool {
        lock(&self.end).is_cut
    }

    /// When the file is removed.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        lock(&self.end).expires
    }

    pub(super) fn begin(&self) {
        lock(&self.end).state = JobState::Running;
    }

    pub(super) fn finish(&self, state: JobState, is_cut: bool) {
        let mut end = lock(&self.end);
        end.state = state;
        end.is_cut = is_cut;
    }

    pub(super) fn expires_after(&self, kept: Duration) {
        let kept = SignedDuration::try_from(kept).unwrap_or_default();
        lock(&self.end).expires = now().checked_add(kept).ok();
    }

    pub(super) fn is_expired(&self) -> bool {
        self.expires().is_some_and(|expires| expires <= now())
    }

    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Removes the file; there may be none yet.
    pub(super) fn remove_file(&self) {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!("cannot remove `{}`: {error}", self.path.display());
            }
            _ => {}
        }
    }
}
