//! The ledger as the API shows it.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use yagura_api::{
    DeadLetter, DeadLetterPage, DeadLetterRequest, KeyRoute, LedgerError, LedgerItem, LedgerPage,
    LedgerRequest, LedgerTotals, LedgerView, LogTypeSums, ObjectStatus, ReasonCount, RetryRequest,
};
use yagura_ledger::{
    DeadLetterEntry, DeadLetterFilter, ObjectEntry, ObjectFilter, StatusKind, Totals,
};

use yagura_pipeline::Router;

use crate::configuration::Configuration;
use crate::key_route::key_route;
use crate::retry::{retry, retry_ids};
use crate::workspace::Workspace;

/// Items of a page when the request does not say.
const USUAL_LIMIT: u32 = 100;
/// Most items of a page.
const MAX_LIMIT: u32 = 1000;

/// The ledger and what retries need.
pub struct ServedLedger {
    /// Ledger and store.
    pub workspace: Arc<Workspace>,
    /// Configuration for retries.
    pub configuration: Configuration,
    /// Where keys lead; one key at a time, for its patterns keep their scratch space.
    pub router: Mutex<Router>,
    /// One retry at a time.
    pub retrying: Arc<Mutex<()>>,
}

impl ServedLedger {
    /// Runs a piece of work that waits for the disk.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Workspace) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let workspace = Arc::clone(&self.workspace);
        tokio::task::spawn_blocking(move || work(&workspace))
            .await
            .map_err(|error| LedgerError::Failed(error.to_string()))?
    }
}

fn failed(error: impl std::fmt::Display) -> LedgerError {
    LedgerError::Failed(error.to_string())
}

fn number(cursor: Option<&str>) -> Result<Option<i64>, LedgerError> {
    cursor
        .map(|text| {
            text.parse()
                .map_err(|_| LedgerError::BadCursor(text.to_owned()))
        })
        .transpose()
}

fn limit(requested: Option<u32>) -> usize {
    requested.unwrap_or(USUAL_LIMIT).min(MAX_LIMIT) as usize
}

fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[async_trait]
impl LedgerView for ServedLedger {
    async fn objects(&self, request: &LedgerRequest) -> Result<LedgerPage, LedgerError> {
        let cursor = number(request.cursor.as_deref())?;
        let limit = limit(request.limit);
        let filter = ObjectFilter {
            status: request.status.map(|status| match status {
                ObjectStatus::Loaded => StatusKind::Loaded,
                ObjectStatus::Ignored => StatusKind::Ignored,
                ObjectStatus::Failed => StatusKind::Failed,
            }),
            log_type: request.log_type.clone(),
            text: request.text.clone(),
            with_failures: request.with_failures.unwrap_or(false),
        };
        self.blocking(move |workspace| {
            let page = workspace
                .ledger
                .objects(&filter, cursor, limit)
                .map_err(failed)?;
            let totals = workspace.ledger.totals(&filter).map_err(failed)?;
            Ok(LedgerPage {
                items: page.items.into_iter().map(ledger_item).collect(),
                next: page.next.map(|next| next.to_string()),
                totals: ledger_totals(&totals),
            })
        })
        .await
    }

    async fn dead_letters(
        &self,
        request: &DeadLetterRequest,
    ) -> Result<DeadLetterPage, LedgerError> {
        let cursor = number(request.cursor.as_deref())?;
        let limit = limit(request.limit);
        let filter = DeadLetterFilter {
            reason: request.reason.clone(),
            log_type: request.log_type.clone(),
            object_id: number(request.object.as_deref())?,
            text: request.text.clone(),
            before_ms: None,
        };
        self.blocking(move |workspace| {
            let ledger = &workspace.ledger;
            let page = ledger
                .dead_letters(&filter, cursor, limit)
                .map_err(failed)?;
            let mut counts: Vec<ReasonCount> = Vec::new();
            for found in ledger.dead_letter_reasons(&filter).map_err(failed)? {
                match counts.iter_mut().find(|count| count.reason == found.reason) {
                    Some(count) => count.count += found.count,
                    None => counts.push(ReasonCount {
                        reason: found.reason,
                        count: found.count,
                    }),
                }
            }
            Ok(DeadLetterPage {
                items: page.items.into_iter().map(dead_letter).collect(),
                counts,
                next: page.next.map(|next| next.to_string()),
            })
        })
        .await
    }

    async fn dead_letter(&self, id: &str) -> Result<Option<DeadLetter>, LedgerError> {
        let Ok(id) = id.parse() else {
            return Ok(None);
        };
        self.blocking(move |workspace| {
            let found = workspace.ledger.dead_letter(id).map_err(failed)?;
            Ok(found.map(dead_letter))
        })
        .await
    }

    async fn retry(&self, request: &RetryRequest) -> Result<u64, LedgerError> {
        let ids: Vec<i64> = request
            .ids
            .iter()
            .filter_map(|id| id.parse().ok())
            .collect();
        let filter = DeadLetterFilter {
            reason: request.reason.clone(),
            log_type: request.log_type.clone(),
            ..DeadLetterFilter::default()
        };
        let by_id = !request.ids.is_empty();
        let configuration = self.configuration.clone();
        let retrying = Arc::clone(&self.retrying);
        self.blocking(move |workspace| {
            let _one_at_a_time = retrying.lock().map_err(failed)?;
            let summary = if by_id {
                retry_ids(&configuration, workspace, &ids)
            } else {
                retry(&configuration, workspace, &filter)
            };
            let summary = summary.map_err(failed)?;
            Ok(summary.documents + summary.excluded + summary.failed)
        })
        .await
    }

    async fn log_types(&self, since_ms: i64) -> Result<Vec<LogTypeSums>, LedgerError> {
        self.blocking(move |workspace| {
            let totals = workspace.ledger.totals_by_log_type(since_ms);
            let totals = totals.map_err(failed)?.into_iter();
            Ok(totals
                .map(|(log_type, totals)| LogTypeSums {
                    log_type,
                    objects: totals.objects,
                    failed_objects: totals.failed_objects,
                    size_bytes: totals.size_bytes,
                    size_bytes_24h: totals.recent_size_bytes,
                    read: totals.read,
                    documents: totals.documents,
                    excluded: totals.excluded,
                    failed: totals.failed,
                    dead_letters: totals.dead_letters,
                    last_object: (totals.last_finished_ms > 0)
                        .then(|| instant(totals.last_finished_ms)),
                })
                .collect())
        })
        .await
    }

    fn route(&self, key: &str) -> KeyRoute {
        let router = self.router.lock().unwrap_or_else(PoisonError::into_inner);
        key_route(&router, &self.configuration.settings, key)
    }
}

fn ledger_item(entry: ObjectEntry) -> LedgerItem {
    let ObjectEntry { id, row } = entry;
    let excluded = row.counts.excluded_by_reason();
    LedgerItem {
        id: id.to_string(),
        bucket: row.identity.bucket,
        key: row.identity.key,
        size_bytes: row.identity.size_bytes,
        log_type: Some(row.log_type).filter(|name| !name.is_empty()),
        read: row.counts.read(),
        documents: row.counts.documents(),
        drifted: row.counts.drifted_total(),
        excluded: excluded
            .map(|(reason, count)| ReasonCount {
                reason: reason.to_owned(),
                count,
            })
            .collect(),
        failed: row.counts.failed_total(),
        started: instant(row.started_ms),
        finished: instant(row.finished_ms),
        status: match row.status.kind() {
            StatusKind::Loaded => ObjectStatus::Loaded,
            StatusKind::Ignored => ObjectStatus::Ignored,
            StatusKind::Failed => ObjectStatus::Failed,
        },
        status_reason: Some(row.status.reason().to_owned()).filter(|text| !text.is_empty()),
    }
}

fn ledger_totals(totals: &Totals) -> LedgerTotals {
    LedgerTotals {
        objects: totals.objects.values().sum(),
        size_bytes: totals.size_bytes,
        read: totals.counts.read(),
        documents: totals.counts.documents(),
        drifted: totals.counts.drifted_total(),
        excluded: totals.counts.excluded_total(),
        failed: totals.counts.failed_total(),
    }
}

fn dead_letter(entry: DeadLetterEntry) -> DeadLetter {
    let letter = entry.letter;
    DeadLetter {
        id: entry.id.to_string(),
        object: entry.object_id.to_string(),
        bucket: entry.bucket,
        key: entry.key,
        line: (letter.line > 0).then_some(letter.line),
        byte_offset: letter.byte_offset,
        reason: letter.reason,
        detail: letter.detail,
        raw_bytes: letter.raw.length_bytes(),
        raw: letter.raw.bytes().to_vec(),
        log_type: Some(letter.log_type).filter(|name| !name.is_empty()),
        parser_version: letter.parser_version,
        time: instant(letter.time_ms),
        retries: entry.retries,
        retried: entry.retried_ms.map(instant),
    }
}
