//! Dead letters through the pipeline again.

use yagura_codec::Failure;
use yagura_ledger::{DeadLetterEntry, DeadLetterFilter, RetryOutcome};
use yagura_pipeline::{Document, Loader, ObjectContext, Output};
use yagura_store::{IncomingDocument, Sink};

use crate::configuration::Configuration;
use crate::ingest::PARSER_VERSION;
use crate::output::{incoming, now};
use crate::workspace::Workspace;
use yagura_lookups::WorkerLookups;

/// Dead letters taken at a time.
const PAGE: usize = 500;

/// What became of the records.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct RetrySummary {
    /// Became documents.
    pub documents: u64,
    /// Were excluded.
    pub excluded: u64,
    /// Failed again.
    pub failed: u64,
}

/// Runs all dead letters that the filter lets through again, each once.
///
/// A letter leaves the ledger only after its document is durable.
pub fn retry(
    configuration: &Configuration,
    workspace: &Workspace,
    filter: &DeadLetterFilter,
) -> anyhow::Result<RetrySummary> {
    let mut retrier = Retrier::new(configuration, workspace)?;
    let mut cursor = None;
    loop {
        let page = workspace.ledger.dead_letters(filter, cursor, PAGE)?;
        retrier.run(&page.items)?;
        cursor = page.next;
        if cursor.is_none() {
            return Ok(retrier.summary);
        }
    }
}

/// Runs the dead letters with these numbers through again; unknown ones are passed over.
pub fn retry_ids(
    configuration: &Configuration,
    workspace: &Workspace,
    ids: &[i64],
) -> anyhow::Result<RetrySummary> {
    let mut retrier = Retrier::new(configuration, workspace)?;
    for ids in ids.chunks(PAGE) {
        let found = ids.iter().map(|id| workspace.ledger.dead_letter(*id));
        let found: Vec<_> = found.collect::<Result<_, _>>()?;
        let found: Vec<_> = found.into_iter().flatten().collect();
        retrier.run(&found)?;
    }
    Ok(retrier.summary)
}

struct Retrier<'w> {
    workspace: &'w Workspace,
    loader: Loader,
    lookups: WorkerLookups,
    summary: RetrySummary,
}

impl<'w> Retrier<'w> {
    fn new(configuration: &Configuration, workspace: &'w Workspace) -> anyhow::Result<Self> {
        Ok(Retrier {
            workspace,
            loader: configuration.loader(1)?,
            lookups: WorkerLookups::new(configuration.databases.clone()),
            summary: RetrySummary::default(),
        })
    }

    /// Tries a page of letters; notes the outcomes once the documents are durable.
    fn run(&mut self, entries: &[DeadLetterEntry]) -> anyhow::Result<()> {
        self.lookups.begin_object();
        let mut outcomes = Vec::with_capacity(entries.len());
        for entry in entries {
            let mut outcome = retry_one(entry, &mut self.loader, &mut self.lookups);
            let documents = std::mem::take(&mut outcome.documents);
            outcome.made_documents = !documents.is_empty();
            if outcome.made_documents {
                self.workspace.store.write(documents)?;
            }
            outcomes.push((entry.id, outcome));
        }
        self.workspace.store.commit()?;
        for (id, outcome) in &outcomes {
            note(self.workspace, *id, outcome, &mut self.summary)?;
        }
        Ok(())
    }
}

fn retry_one(
    entry: &DeadLetterEntry,
    loader: &mut Loader,
    lookups: &mut WorkerLookups,
) -> Collected {
    let raw = &entry.letter.raw;
    let mut collected = Collected::default();
    if raw.is_truncated() {
        let detail = "only the beginning of the record was kept; load its object again";
        collected.failure = Some((entry.letter.reason.clone(), detail.to_owned()));
        return collected;
    }
    let context = ObjectContext::new(&entry.bucket, &entry.key, raw.length_bytes(), now());
    let outcome = loader.load_record(
        context,
        (&entry.letter.log_type, raw.bytes().to_vec()),
        lookups,
        &mut collected,
    );
    if let Some(error) = outcome.error {
        collected.failure = Some((entry.letter.reason.clone(), error));
    }
    collected
}

fn note(
    workspace: &Workspace,
    id: i64,
    outcome: &Collected,
    summary: &mut RetrySummary,
) -> anyhow::Result<()> {
    let retried = match (&outcome.failure, &outcome.excluded) {
        (Some((reason, detail)), _) => {
            summary.failed += 1;
            RetryOutcome::Failed {
                reason,
                detail,
                parser_version: PARSER_VERSION,
            }
        }
        (None, Some(reason)) => {
            summary.excluded += 1;
            RetryOutcome::Excluded(reason)
        }
        (None, None) if !outcome.made_documents => {
            summary.failed += 1;
            RetryOutcome::Failed {
                reason: "no_record",
                detail: "the log type finds no record in it any more",
                parser_version: PARSER_VERSION,
            }
        }
        (None, None) => {
            summary.documents += 1;
            RetryOutcome::Document
        }
    };
    workspace.ledger.retried(id, retried, now().millis())?;
    Ok(())
}

/// What one record became.
#[derive(Default)]
struct Collected {
    documents: Vec<IncomingDocument>,
    made_documents: bool,
    excluded: Option<String>,
    failure: Option<(String, String)>,
}

impl Output for Collected {
    fn document(&mut self, document: &Document<'_>) {
        self.documents.push(incoming(document));
    }

    fn excluded(&mut self, reason: &str) {
        self.excluded = Some(reason.to_owned());
    }

    fn failed(&mut self, failure: &Failure<'_>) {
        self.failure = Some((failure.reason.as_str().to_owned(), failure.detail.clone()));
    }
}
