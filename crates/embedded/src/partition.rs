//! One piece of an index: its files, its reader and, while it is written to, its writer.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tantivy::directory::MmapDirectory;
use tantivy::index::SegmentId;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, SegmentMeta, SegmentReader, Term,
};
use yagura_store::StoreError;

use crate::columns::SegmentFields;
use crate::document::{IndexedDocument, id_order};
use crate::ids::IdFilter;
use crate::layout::PartitionKey;
use crate::memory::SegmentMemory;
use crate::merging::RareMerges;
use crate::replace::SameId;
use crate::schema::{self, Fields, ORDER_COLUMN};

/// Segments above this size are not merged when a partition is compacted.
const MAX_DOCUMENTS_PER_SEGMENT: u32 = 10_000_000;

/// Unpacked blocks of documents that are kept for each segment: one for each thread of a search.
const UNPACKED_BLOCKS: usize = 8;

/// A partition.
pub(crate) struct Partition {
    pub(crate) key: PartitionKey,
    directory: PathBuf,
    fields: Fields,
    opened: OnceLock<Opened>,
    opening: Mutex<()>,
    writer: Mutex<Option<OpenWriter>>,
    segments: Mutex<HashMap<String, Arc<SegmentMemory>>>,
}

struct Opened {
    index: Index,
    reader: IndexReader,
}

/// A partition's writer and what is not committed yet.
pub(crate) struct OpenWriter {
    writer: IndexWriter<IndexedDocument>,
    /// Bytes of documents since the last commit.
    pub(crate) pending_bytes: usize,
    /// Ids of all documents of the partition.
    ids: IdFilter,
}

/// Turns an error of the engine into the store's.
pub(crate) fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Failed(error.to_string())
}

/// Locks even if a thread panicked while it held the lock; what it guards stays usable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Partition {
    pub(crate) fn new(key: PartitionKey, root: &Path, fields: Fields) -> Self {
        Self {
            directory: key.directory(root),
            key,
            fields,
            opened: OnceLock::new(),
            opening: Mutex::new(()),
            writer: Mutex::new(None),
            segments: Mutex::new(HashMap::new()),
        }
    }

    fn opened(&self) -> Result<&Opened, StoreError> {
        let _guard = lock(&self.opening);
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        std::fs::create_dir_all(&self.directory).map_err(|error| {
            StoreError::Failed(format!(
                "cannot create `{}`: {error}",
                self.directory.display()
            ))
        })?;
        let directory = MmapDirectory::open(&self.directory).map_err(failed)?;
        let (schema, _) = schema::build();
        let builder = Index::builder().schema(schema).settings(schema::settings());
        let index = builder.open_or_create(directory).map_err(|error| {
            StoreError::Failed(format!(
                "cannot open partition `{}`: {error}",
                self.directory.display()
            ))
        })?;
        schema::register_tokenizer(&index);
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            // Threads go through documents in the order of the disk; what they fetched is remembered
            // by itself.
            .doc_store_cache_num_blocks(UNPACKED_BLOCKS)
            .try_into()
            .map_err(failed)?;
        Ok(self.opened.get_or_init(|| Opened { index, reader }))
    }

    /// The documents as of the last commit.
    pub(crate) fn searcher(&self) -> Result<Searcher, StoreError> {
        Ok(self.opened()?.reader.searcher())
    }

    /// Bytes on disk.
    pub(crate) fn size_bytes(&self) -> u64 {
        let Ok(entries) = std::fs::read_dir(&self.directory) else {
            return 0;
        };
        entries
            .flatten()
            .filter_map(|entry| entry.metadata().ok())
            .map(|meta| meta.len())
            .sum()
    }

    /// What is known of a segment as it is now: its documents never change, but more of them may be
    /// deleted.
    pub(crate) fn segment_memory(&self, segment: &SegmentReader) -> Arc<SegmentMemory> {
        let id = segment_state(segment);
        Arc::clone(lock(&self.segments).entry(id).or_default())
    }

    /// The paths a segment has columns for.
    pub(crate) fn segment_fields(
        &self,
        segment: &SegmentReader,
    ) -> Result<Arc<SegmentFields>, StoreError> {
        let read = || SegmentFields::read(segment);
        let memory = self.segment_memory(segment);
        memory.recall("", SegmentFields::size, read)
    }

    /// Runs an action on the writer, which is opened if it is not.
    pub(crate) fn with_writer<T>(
        &self,
        settings: WriterSettings,
        action: impl FnOnce(&mut OpenWriter) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut guard = lock(&self.writer);
        let writer = match &mut *guard {
            Some(writer) => writer,
            empty => empty.insert(self.open_writer(settings)?),
        };
        action(writer)
    }

    fn open_writer(&self, settings: WriterSettings) -> Result<OpenWriter, StoreError> {
        let opened = self.opened()?;
        let options = IndexWriterOptions::builder()
            .num_worker_threads(settings.threads.max(1))
            .memory_budget_per_thread(
                settings.memory_bytes.clamp(16 << 20, 3 << 30) / settings.threads.max(1),
            )
            .num_merge_threads(1)
            .build();
        let writer = opened.index.writer_with_options(options);
        let writer: IndexWriter<IndexedDocument> = writer.map_err(|error| {
            StoreError::Failed(format!(
                "cannot write to partition `{}`: {error}",
                self.directory.display()
            ))
        })?;
        // A process that was killed may have left deletions it did not commit, in a file whose name
        // holds their number; the same number comes again, and the file must not be there then.
        writer.garbage_collect_files().wait().map_err(failed)?;
        // A new writer numbers its operations from the last commit's own number on. A deletion with
        // that number counts as committed for some segments of a merge and not for others, which
        // loses it; so the number goes to a deletion that matches nothing (words are lower case).
        writer.delete_term(Term::from_field_text(self.fields.message, "NOTHING"));
        writer.set_merge_policy(Box::new(RareMerges));
        Ok(OpenWriter {
            writer,
            pending_bytes: 0,
            ids: existing_ids(&opened.reader.searcher())?,
        })
    }

    /// Makes what was written durable and visible; does nothing if there is nothing.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        let mut guard = lock(&self.writer);
        let Some(writer) = guard.as_mut().filter(|writer| writer.pending_bytes > 0) else {
            return Ok(());
        };
        writer.writer.commit().map_err(|error| {
            StoreError::Failed(format!(
                "cannot commit partition `{}`: {error}",
                self.directory.display()
            ))
        })?;
        writer.pending_bytes = 0;
        self.reload()
    }

    fn reload(&self) -> Result<(), StoreError> {
        let opened = self.opened()?;
        opened.reader.reload().map_err(failed)?;
        let searcher = opened.reader.searcher();
        let live: HashSet<String> = searcher
            .segment_readers()
            .iter()
            .map(segment_state)
            .collect();
        lock(&self.segments).retain(|id, _| live.contains(id));
        Ok(())
    }

    /// Commits, waits for running merges and gives the writer's memory back.
    pub(crate) fn close_writer(&self) -> Result<(), StoreError> {
        let mut guard = lock(&self.writer);
        let Some(mut open) = guard.take() else {
            return Ok(());
        };
        if open.pending_bytes > 0 {
            open.writer.commit().map_err(failed)?;
        }
        open.writer.wait_merging_threads().map_err(failed)?;
        self.reload()
    }

    /// Gives up what is not committed and the writer, before the partition is deleted.
    pub(crate) fn abandon_writer(&self) {
        drop(lock(&self.writer).take());
    }

    /// Merges all segments into as few as possible, and deletes what is no longer part of any.
    pub(crate) fn compact(&self, settings: WriterSettings) -> Result<(), StoreError> {
        self.with_writer(settings, |open| {
            let group = mergeable(segments(open.writer.index())?);
            if !group.is_empty() {
                open.writer.merge(&group).wait().map_err(failed)?;
                self.reload()?;
            }
            // The library deletes what was merged when a merge ends, but not what searches hold;
            // those of the reader do so until it is loaded anew.
            open.writer.garbage_collect_files().wait().map_err(failed)?;
            Ok(())
        })?;
        self.close_writer()
    }

    /// Whether segments can be merged, or files are part of no segment: searches that ran while they
    /// were merged keep them.
    pub(crate) fn is_scattered(&self) -> Result<bool, StoreError> {
        let index = &self.opened()?.index;
        let files = index.directory().list_managed_files();
        let is_store = |path: &&PathBuf| path.extension().is_some_and(|kind| kind == "store");
        let segments = segments(index)?;
        let has_more = files.iter().filter(is_store).count() > segments.len();
        Ok(has_more || !mergeable(segments).is_empty())
    }

    /// Whether a writer is open.
    pub(crate) fn is_writing(&self) -> bool {
        lock(&self.writer).is_some()
    }
}

/// A segment and which of its documents are deleted: deletions only ever become more.
pub(crate) fn segment_state(segment: &SegmentReader) -> String {
    format!(
        "{} {}",
        segment.segment_id().uuid_string(),
        segment.num_docs()
    )
}

/// The segments as of the last commit.
fn segments(index: &Index) -> Result<Vec<SegmentMeta>, StoreError> {
    index.searchable_segment_metas().map_err(failed)
}

/// Those that become one when a partition's time is over; none if there is nothing to gain.
fn mergeable(mut segments: Vec<SegmentMeta>) -> Vec<SegmentId> {
    let mut documents = 0;
    segments.retain(|segment| {
        let fits = documents + segment.num_docs() <= MAX_DOCUMENTS_PER_SEGMENT;
        documents += if fits { segment.num_docs() } else { 0 };
        fits
    });
    let has_deletes = segments.iter().any(SegmentMeta::has_deletes);
    if segments.len() < 2 && !has_deletes {
        segments.clear();
    }
    segments.iter().map(SegmentMeta::id).collect()
}

/// The ids of the documents a partition holds when it is opened for writing.
fn existing_ids(searcher: &Searcher) -> Result<IdFilter, StoreError> {
    let segments = searcher.segment_readers();
    let documents: usize = segments
        .iter()
        .map(|segment| segment.max_doc() as usize)
        .sum();
    let mut ids = IdFilter::with_capacity(documents * 2);
    for segment in segments {
        let orders = segment.fast_fields().u64(ORDER_COLUMN).map_err(failed)?;
        orders.values.iter().for_each(|order| {
            ids.insert(order);
        });
    }
    Ok(ids)
}

/// What one writer may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriterSettings {
    pub(crate) memory_bytes: usize,
    pub(crate) threads: usize,
}

impl OpenWriter {
    /// Adds a document in place of the one with the same id.
    pub(crate) fn upsert(&mut self, document: IndexedDocument) -> Result<(), StoreError> {
        let id = &document.id;
        if self.ids.insert(id_order(id)) {
            self.writer
                .delete_query(Box::new(SameId::new(document.fields.id, id)))
                .map_err(failed)?;
        }
        let bytes = document.size();
        self.writer.add_document(document).map_err(failed)?;
        self.pending_bytes += bytes;
        Ok(())
    }
}
