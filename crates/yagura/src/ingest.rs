//! Objects into the store and the ledger, with several workers.
//!
//! An object is recorded in the ledger only after the store has made all of its documents
//! durable; after a crash in between it is loaded again, which is harmless, because the same
//! record has the same id.

use std::fs::File;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use yagura_codec::{Failure, Slice};
use yagura_ledger::{
    DeadLetter, Ledger, ObjectCounts, ObjectIdentity, ObjectRow, RawRecord, Status,
};
use yagura_pipeline::{
    Document, LoadOutcome, Loader, ObjectContext, Output, Route, SpareProcessors,
};
use yagura_source::FileObject;
use yagura_store::{IncomingDocument, Sink};

use crate::configuration::Configuration;
use crate::output::{incoming, now};
use crate::workspace::Workspace;
use yagura_lookups::WorkerLookups;

/// Version that dead letters and ledger rows are marked with.
pub const PARSER_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Documents handed to the store at a time.
const BATCH_DOCUMENTS: usize = 2_000;
/// Bytes of documents handed to the store at a time.
const BATCH_BYTES: usize = 8 << 20;
/// How soon finished objects are made durable and recorded when there is little to do.
const SHORTEST_COMMIT_INTERVAL: Duration = Duration::from_millis(500);
/// How long they wait at most when there is much to do: large commits make large segments, which
/// are not merged again.
const LONGEST_COMMIT_INTERVAL: Duration = Duration::from_secs(10);
/// How many times longer than a commit the time until the next one is.
const INTERVALS_PER_COMMIT: u32 = 10;
/// Dead letters of an object held in memory before they are put aside on disk.
const LETTERS_IN_MEMORY: usize = 500;

/// Counters that a progress display reads while workers run.
#[derive(Debug, Default)]
pub struct Progress {
    /// Objects finished.
    pub objects: AtomicU64,
    /// Their bytes as stored.
    pub bytes: AtomicU64,
    /// Records read.
    pub records: AtomicU64,
    /// Records that failed, and objects that could not be read.
    pub errors: AtomicU64,
}

/// One object with what became of it.
#[derive(Debug)]
pub struct Finished {
    /// The object's key.
    pub key: String,
    /// Its size as stored.
    pub size_bytes: u64,
    /// What became of its records.
    pub outcome: LoadOutcome,
}

/// Loads objects with a number of workers.
pub struct Ingest<'i> {
    /// Configuration of the workers.
    pub configuration: &'i Configuration,
    /// Where documents and rows go.
    pub workspace: &'i Workspace,
    /// Bucket that documents and rows name.
    pub bucket: &'i str,
    /// Number of workers.
    pub threads: usize,
    /// Load objects again that the ledger knows as loaded.
    pub again: bool,
}

/// Rows of objects whose documents are written but not yet durable.
type Pending<'l> = Mutex<Vec<Row<'l>>>;

struct Row<'l> {
    row: ObjectRow,
    letters: Vec<DeadLetter>,
    /// Letters that were put aside, if there were many.
    draft: Option<yagura_ledger::Draft<'l>>,
}

impl Ingest<'_> {
    /// Loads the objects and gives what became of each; stops at the first error of the store.
    pub fn run(
        &self,
        objects: &[FileObject],
        progress: &Progress,
    ) -> anyhow::Result<Vec<Finished>> {
        let next = AtomicU64::new(0);
        let pending: Pending<'_> = Mutex::new(Vec::new());
        let finished = Mutex::new(Vec::new());
        // Workers for whom no object is left help with large ones.
        let spare = SpareProcessors::default();
        let next_commit = Mutex::new(Instant::now() + SHORTEST_COMMIT_INTERVAL);
        let work = || -> anyhow::Result<()> {
            let mut worker = Worker::new(self, &spare)?;
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed) as usize;
                let Some(object) = objects.get(at) else {
                    spare.give();
                    return Ok(());
                };
                let identity = self.identity(object);
                if !self.again && self.workspace.ledger.is_loaded(&identity)? {
                    tracing::debug!("`{}` is loaded already", object.key);
                    progress.finish(object, None);
                    continue;
                }
                let (row, outcome) = worker.load(object, identity)?;
                progress.finish(object, Some(&outcome));
                lock(&pending).push(row);
                lock(&finished).push(Finished {
                    key: object.key.clone(),
                    size_bytes: object.size_bytes,
                    outcome,
                });
                if let Ok(mut due) = next_commit.try_lock()
                    && *due <= Instant::now()
                {
                    let started = Instant::now();
                    self.commit(&pending)?;
                    let pause = (started.elapsed() * INTERVALS_PER_COMMIT)
                        .clamp(SHORTEST_COMMIT_INTERVAL, LONGEST_COMMIT_INTERVAL);
                    *due = Instant::now() + pause;
                }
            }
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads.max(1))
                .map(|_| scope.spawn(work))
                .collect();
            workers
                .into_iter()
                .try_for_each(|worker| match worker.join() {
                    Ok(outcome) => outcome,
                    Err(_) => Err(anyhow::anyhow!("a worker stopped unexpectedly")),
                })
        })?;
        self.commit(&pending)?;
        let mut finished = finished
            .into_inner()
            .unwrap_or_else(|error| error.into_inner());
        finished.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(finished)
    }

    fn identity(&self, object: &FileObject) -> ObjectIdentity {
        ObjectIdentity {
            bucket: self.bucket.to_owned(),
            key: object.key.clone(),
            range: None,
            size_bytes: object.size_bytes,
            content: object.content.clone(),
        }
    }

    /// Makes the documents durable, and only then records the objects they came from.
    fn commit(&self, pending: &Pending<'_>) -> anyhow::Result<()> {
        let rows = std::mem::take(&mut *lock(pending));
        if rows.is_empty() {
            return Ok(());
        }
        self.workspace.store.commit()?;
        let mut small = Vec::new();
        for Row {
            row,
            letters,
            draft,
        } in rows
        {
            match draft {
                Some(draft) => {
                    draft.record(&row, &letters)?;
                }
                None => small.push((row, letters)),
            }
        }
        let small: Vec<_> = small
            .iter()
            .map(|(row, letters)| (row, &letters[..]))
            .collect();
        self.workspace.ledger.record_all(&small)?;
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Progress {
    fn finish(&self, object: &FileObject, outcome: Option<&LoadOutcome>) {
        self.objects.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(object.size_bytes, Ordering::Relaxed);
        if let Some(outcome) = outcome {
            let errors = outcome.counts.failed_total() + u64::from(outcome.error.is_some());
            self.records
                .fetch_add(outcome.counts.read, Ordering::Relaxed);
            self.errors.fetch_add(errors, Ordering::Relaxed);
        }
    }
}

/// One worker with its loader and look-ups.
struct Worker<'i> {
    ingest: &'i Ingest<'i>,
    loader: Loader,
    lookups: WorkerLookups,
}

impl<'i> Worker<'i> {
    fn new(ingest: &'i Ingest<'i>, spare: &SpareProcessors) -> anyhow::Result<Self> {
        let loader = ingest.configuration.loader(ingest.threads)?;
        Ok(Worker {
            ingest,
            loader: loader.with_spare(spare.clone()),
            lookups: WorkerLookups::new(ingest.configuration.databases.clone()),
        })
    }

    fn load(
        &mut self,
        object: &FileObject,
        identity: ObjectIdentity,
    ) -> anyhow::Result<(Row<'i>, LoadOutcome)> {
        let started = now();
        self.lookups.begin_object();
        let context = ObjectContext::new(&identity.bucket, &object.key, object.size_bytes, started);
        let ledger = &*self.ingest.workspace.ledger;
        let log_type = match self.loader.router().route(&object.key) {
            Route::LogType(at) => self.ingest.configuration.settings.log_types[at]
                .name
                .clone(),
            Route::Unmatched | Route::Ignored(_) => String::new(),
        };
        let store = &*self.ingest.workspace.store;
        let mut output = StoreOutput::new(store, ledger, &log_type, started.millis());
        let outcome = match File::open(&object.path) {
            Ok(file) => {
                let body = Box::new(file);
                let lookups = &mut self.lookups;
                self.loader
                    .load(context, body, Slice::ALL, lookups, &mut output)
            }
            Err(error) => LoadOutcome::unreadable(format!("cannot open the file: {error}")),
        };
        output
            .finish()
            .with_context(|| format!("while loading `{}`", object.key))?;
        let row = ObjectRow {
            identity,
            log_type: std::mem::take(&mut output.log_type),
            counts: output.counts,
            started_ms: started.millis(),
            finished_ms: now().millis(),
            status: match (&outcome.ignored, &outcome.error) {
                (Some(reason), _) => Status::Ignored(reason.to_string()),
                (None, Some(error)) => Status::Failed(error.clone()),
                (None, None) => Status::Loaded,
            },
            parser_version: PARSER_VERSION.to_owned(),
        };
        let row = Row {
            row,
            letters: output.letters,
            draft: output.draft,
        };
        Ok((row, outcome))
    }
}

/// Hands documents to the store in batches and keeps the dead letters.
pub struct StoreOutput<'l> {
    sink: &'l dyn Sink,
    ledger: &'l Ledger,
    batch: Vec<IncomingDocument>,
    batch_bytes: usize,
    /// Dead letters held in memory.
    pub letters: Vec<DeadLetter>,
    draft: Option<yagura_ledger::Draft<'l>>,
    counts: ObjectCounts,
    log_type: String,
    time_ms: i64,
    error: Option<anyhow::Error>,
}

impl<'l> StoreOutput<'l> {
    /// An output for one object that is loaded at a time.
    pub fn new(sink: &'l dyn Sink, ledger: &'l Ledger, log_type: &str, time_ms: i64) -> Self {
        StoreOutput {
            sink,
            ledger,
            batch: Vec::new(),
            batch_bytes: 0,
            letters: Vec::new(),
            draft: None,
            counts: ObjectCounts::new(),
            log_type: log_type.to_owned(),
            time_ms,
            error: None,
        }
    }

    fn flush(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        self.batch_bytes = 0;
        if !batch.is_empty()
            && self.error.is_none()
            && let Err(error) = self.sink.write(batch)
        {
            self.error = Some(error.into());
        }
    }

    /// Hands over what is left; an error is the first one of the store or the ledger.
    pub fn finish(&mut self) -> anyhow::Result<()> {
        self.flush();
        match self.error.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn put_aside(&mut self) {
        let letters = std::mem::take(&mut self.letters);
        let ledger = self.ledger;
        let draft = self.draft.get_or_insert_with(|| ledger.draft());
        if let Err(error) = draft.add(&letters) {
            self.error.get_or_insert(error.into());
        }
    }
}

impl Output for StoreOutput<'_> {
    fn begins(&mut self, log_type: &str) {
        log_type.clone_into(&mut self.log_type);
    }

    fn document(&mut self, document: &Document<'_>) {
        self.counts.document();
        if document.drifted {
            self.counts.drifted();
        }
        self.batch_bytes += document.json.len();
        self.batch.push(incoming(document));
        if self.batch.len() >= BATCH_DOCUMENTS || self.batch_bytes >= BATCH_BYTES {
            self.flush();
        }
    }

    fn failed(&mut self, failure: &Failure<'_>) {
        self.counts.failed();
        self.letters.push(DeadLetter {
            line: failure.position.line,
            byte_offset: failure.position.byte_offset,
            reason: failure.reason.as_str().to_owned(),
            detail: failure.detail.clone(),
            raw: RawRecord::keep(failure.raw),
            log_type: self.log_type.clone(),
            parser_version: PARSER_VERSION.to_owned(),
            time_ms: self.time_ms,
        });
        if self.letters.len() >= LETTERS_IN_MEMORY {
            self.put_aside();
        }
    }

    fn excluded(&mut self, reason: &str) {
        self.counts.excluded(reason);
    }

    fn wants_more(&self) -> bool {
        self.error.is_none()
    }
}
