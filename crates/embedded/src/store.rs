//! The store itself: its partitions, taking documents in, answering requests.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use yagura_store::dsl::{DslContext, QueryStringParser, SearchBody};
use yagura_store::language::{KnownFields, QueryStrings};
use yagura_store::names::IndexPatterns;
use yagura_store::{
    FieldCatalog, IncomingDocument, IndexInfo, Query, Sink, Store, StoreError, WriteOutcome,
};

use crate::convert::{Workspace, convert};
use crate::document::IndexedDocument;
use crate::field_list;
use crate::layout::{PartitionKey, check_index_name, index_directory, indices_directory, is_label};
use crate::options::{Granularity, Options};
use crate::partition::{Partition, WriterSettings, failed, lock};
use crate::routes::Router;
use crate::schema::{self, Fields, TIMESTAMP_COLUMN};
use crate::search::{RecentDocuments, SearchContext, count, deadline, search};
use crate::tally::{self, Piece, PieceTally};

type Partitions = BTreeMap<String, BTreeMap<String, Arc<Partition>>>;

/// The store on one machine.
///
/// Cheap to clone; all clones are one store. Only one process can have a store open.
#[derive(Clone)]
pub struct EmbeddedStore {
    shared: Arc<Shared>,
}

/// What all clones and all searches share.
pub(crate) struct Shared {
    root: PathBuf,
    pub(crate) catalog: Arc<FieldCatalog>,
    pub(crate) fields: Fields,
    pub(crate) identifiers: Arc<HashSet<String>>,
    pivots: Arc<HashSet<String>>,
    pub(crate) search_threads: usize,
    options: Options,
    query_strings: Arc<dyn QueryStringParser>,
    partitions: RwLock<Partitions>,
    routers: Mutex<HashMap<String, Router>>,
    pub(crate) recent_documents: RecentDocuments,
    pending_bytes: AtomicUsize,
    /// Partitions with a writer, least recently used first.
    writing: Mutex<Vec<Arc<Partition>>>,
    _lock: File,
}

impl EmbeddedStore {
    /// Opens the store in a directory, which is made if it does not exist.
    ///
    /// **Errors**: another process has it open, or the directory cannot be read.
    pub fn open(
        directory: &Path,
        catalog: Arc<FieldCatalog>,
        options: Options,
    ) -> Result<Self, StoreError> {
        let describe = |error: std::io::Error| {
            StoreError::Failed(format!(
                "cannot open the store in `{}`: {error}",
                directory.display()
            ))
        };
        std::fs::create_dir_all(indices_directory(directory)).map_err(describe)?;
        let lock_file = File::create(directory.join("lock")).map_err(describe)?;
        lock_file.try_lock().map_err(|_| {
            StoreError::Failed(format!(
                "the store in `{}` is in use by another process; stop it first",
                directory.display()
            ))
        })?;
        let (_, fields) = schema::build();
        let partitions = list_partitions(directory, fields).map_err(describe)?;
        let query_strings = options.query_strings.clone().unwrap_or_else(|| {
            Arc::new(QueryStrings {
                names: KnownFields::from(catalog.as_ref()),
            })
        });
        let shared = Shared {
            root: directory.to_owned(),
            catalog,
            fields,
            identifiers: Arc::new(options.identifiers.clone()),
            pivots: Arc::new(options.pivots.clone()),
            search_threads: options.search_threads.max(1),
            options,
            query_strings,
            partitions: RwLock::new(partitions),
            routers: Mutex::new(HashMap::new()),
            recent_documents: RecentDocuments::default(),
            pending_bytes: AtomicUsize::new(0),
            writing: Mutex::new(Vec::new()),
            _lock: lock_file,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Deletes an index with all its documents; `false` if there is none.
    pub fn delete_index(&self, name: &str) -> Result<bool, StoreError> {
        check_index_name(name)?;
        let removed = {
            let mut partitions = self
                .shared
                .partitions
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            partitions.remove(name)
        };
        let Some(removed) = removed else {
            return Ok(false);
        };
        lock(&self.shared.writing).retain(|partition| partition.key.index != name);
        removed
            .values()
            .for_each(|partition| partition.abandon_writer());
        // A directory that is renamed first is never half there, even if the process ends now.
        let directory = index_directory(&self.shared.root, name);
        let doomed = self.shared.root.join(format!("deleted-{name}"));
        let remove = || {
            let _ = std::fs::remove_dir_all(&doomed);
            std::fs::rename(&directory, &doomed)?;
            std::fs::remove_dir_all(&doomed)
        };
        remove().map_err(|error| {
            StoreError::Failed(format!("cannot delete index `{name}`: {error}"))
        })?;
        Ok(true)
    }

    /// The partitions there are, each with the version its documents have now.
    pub fn pieces(&self) -> Result<Vec<Piece>, StoreError> {
        let pieces = self.shared.partitions_for("*")?.into_iter();
        pieces
            .map(|partition| {
                Ok(Piece {
                    index: partition.key.index.clone(),
                    label: partition.key.label.clone(),
                    version: tally::version(&partition.searcher()?),
                })
            })
            .collect()
    }

    /// Counts the values of groups of fields in one partition, by day and log type; `None` if the
    /// partition is not there any more.
    ///
    /// **Limits**: at most `most` different values of each group.
    pub fn tally(
        &self,
        piece: &Piece,
        groups: &[Vec<String>],
        most: usize,
    ) -> Result<Option<PieceTally>, StoreError> {
        let partitions = match self.shared.partitions_for(&piece.index) {
            Err(StoreError::NoSuchIndex(_)) => return Ok(None),
            partitions => partitions?,
        };
        let partition = partitions
            .iter()
            .find(|partition| partition.key.label == piece.label);
        partition
            .map(|partition| tally::tally(partition, groups, most))
            .transpose()
    }

    /// Merges the segments of every partition whose time is over and that nobody writes to.
    ///
    /// Meant to be called now and then from a thread of its own; a partition is merged once, and what
    /// it was made of is deleted as soon as no search holds it.
    pub fn compact_closed(&self) -> Result<(), StoreError> {
        let now_ms = Timestamp::now().as_millisecond();
        for partition in self.shared.partitions_for("*")? {
            let is_over = partition
                .key
                .time_range()
                .is_some_and(|(_, until)| until < now_ms);
            if is_over && !partition.is_writing() && partition.is_scattered()? {
                partition.compact(self.shared.writer_settings())?;
            }
        }
        Ok(())
    }

    /// Commits, waits for running merges and gives all writers' memory back.
    pub fn close(&self) -> Result<(), StoreError> {
        let writing = std::mem::take(&mut *lock(&self.shared.writing));
        self.shared.pending_bytes.store(0, Ordering::Relaxed);
        writing
            .iter()
            .try_for_each(|partition| partition.close_writer())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || work(&shared))
            .await
            .map_err(failed)?
    }
}

fn list_partitions(root: &Path, fields: Fields) -> std::io::Result<Partitions> {
    let mut partitions = Partitions::new();
    for entry in std::fs::read_dir(root)?.flatten() {
        if entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with("deleted-"))
        {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    for index in std::fs::read_dir(indices_directory(root))?.flatten() {
        let Some(index_name) = index.file_name().to_str().map(str::to_owned) else {
            continue;
        };
        if check_index_name(&index_name).is_err() || !index.path().is_dir() {
            continue;
        }
        for piece in std::fs::read_dir(index.path())?.flatten() {
            let Some(label) = piece
                .file_name()
                .to_str()
                .filter(|label| is_label(label))
                .map(str::to_owned)
            else {
                continue;
            };
            // A directory without its list of segments was being made when the process ended.
            if !piece.path().join("meta.json").exists() {
                continue;
            }
            let key = PartitionKey {
                index: index_name.clone(),
                label: label.clone(),
            };
            let partition = Arc::new(Partition::new(key, root, fields));
            partitions
                .entry(index_name.clone())
                .or_default()
                .insert(label, partition);
        }
    }
    Ok(partitions)
}

impl Shared {
    fn writer_settings(&self) -> WriterSettings {
        WriterSettings {
            memory_bytes: self.options.memory_budget_bytes,
            threads: self.options.indexing_threads,
        }
    }

    /// The partitions of the indices a pattern means.
    pub(crate) fn partitions_for(&self, indices: &str) -> Result<Vec<Arc<Partition>>, StoreError> {
        let patterns = IndexPatterns::parse(indices);
        let partitions = self
            .partitions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(missing) = patterns
            .exact_names()
            .find(|name| !partitions.contains_key(*name))
        {
            return Err(StoreError::NoSuchIndex(missing.to_owned()));
        }
        let wanted = partitions.iter().filter(|(name, _)| patterns.matches(name));
        Ok(wanted
            .flat_map(|(_, pieces)| pieces.values().cloned())
            .collect())
    }

    fn partition(&self, key: &PartitionKey) -> Result<Arc<Partition>, StoreError> {
        {
            let partitions = self
                .partitions
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(partition) = partitions
                .get(&key.index)
                .and_then(|pieces| pieces.get(&key.label))
            {
                return Ok(Arc::clone(partition));
            }
        }
        check_index_name(&key.index)?;
        let mut partitions = self
            .partitions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let pieces = partitions.entry(key.index.clone()).or_default();
        let made = || Arc::new(Partition::new(key.clone(), &self.root, self.fields));
        Ok(Arc::clone(
            pieces.entry(key.label.clone()).or_insert_with(made),
        ))
    }

    /// Takes one partition's documents of a batch.
    fn write_partition(
        &self,
        key: &PartitionKey,
        documents: Vec<IncomingDocument>,
    ) -> Result<u64, StoreError> {
        let partition = self.partition(key)?;
        self.note_writing(&partition)?;
        let (converted, repaired) = self.convert(&key.index, documents);
        let bytes: usize = converted.iter().map(IndexedDocument::size).sum();
        partition.with_writer(self.writer_settings(), |writer| {
            converted
                .into_iter()
                .try_for_each(|document| writer.upsert(document))
        })?;
        let pending = self.pending_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if pending > self.options.memory_budget_bytes {
            // What the engine holds in memory grows with the documents that wait for a commit.
            self.commit()?;
        }
        Ok(repaired)
    }

    /// Documents as the engine takes them, and how many values did not fit their field.
    fn convert(
        &self,
        index: &str,
        documents: Vec<IncomingDocument>,
    ) -> (Vec<IndexedDocument>, u64) {
        let known = lock(&self.routers).remove(index);
        let mut router = known.unwrap_or_else(|| {
            Router::new(
                index,
                Arc::clone(&self.catalog),
                Arc::clone(&self.identifiers),
                Arc::clone(&self.pivots),
            )
        });
        let (mut repaired, mut workspace) = (0, Workspace::default());
        let mut converted = Vec::with_capacity(documents.len());
        for document in documents {
            let (document, misfits) = convert(document, self.fields, &mut router, &mut workspace);
            repaired += misfits;
            converted.push(document);
        }
        let paths = router.paths();
        for document in &mut converted {
            document.paths = Arc::clone(&paths);
        }
        lock(&self.routers).insert(index.to_owned(), router);
        (converted, repaired)
    }

    /// Marks a partition as the one written to last; closes the one written to longest ago if there
    /// are too many.
    fn note_writing(&self, partition: &Arc<Partition>) -> Result<(), StoreError> {
        let evicted = {
            let mut writing = lock(&self.writing);
            writing.retain(|other| !Arc::ptr_eq(other, partition));
            writing.push(Arc::clone(partition));
            (writing.len() > self.options.max_open_writers.max(1)).then(|| writing.remove(0))
        };
        evicted.map_or(Ok(()), |partition| partition.close_writer())
    }

    fn commit(&self) -> Result<(), StoreError> {
        self.pending_bytes.store(0, Ordering::Relaxed);
        let writing: Vec<Arc<Partition>> = lock(&self.writing).clone();
        let next = AtomicUsize::new(0);
        let errors = Mutex::new(Vec::new());
        let work = || {
            while let Some(partition) = writing.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(error) = partition.commit() {
                    lock(&errors).push(error);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..writing.len().min(4) {
                scope.spawn(work);
            }
            work();
        });
        let mut errors = errors.into_inner().unwrap_or_else(PoisonError::into_inner);
        errors.pop().map_or(Ok(()), Err)
    }

    fn context(&self, timeout_ms: Option<u64>) -> SearchContext<'_> {
        let now_ms = Timestamp::now().as_millisecond();
        SearchContext {
            shared: self,
            now_ms,
            deadline: deadline(timeout_ms),
        }
    }

    fn dsl(&self) -> DslContext<'_> {
        DslContext {
            query_strings: self.query_strings.as_ref(),
        }
    }

    fn search(&self, indices: &str, body: &Value) -> Result<Value, StoreError> {
        let body = SearchBody::parse(body, self.dsl())?;
        search(&self.context(body.timeout_ms), indices, &body)
    }

    fn get(&self, index: &str, id: &str) -> Result<Option<Value>, StoreError> {
        let query = serde_json::json!({"query": {"ids": {"values": [id]}}, "size": 1});
        let mut answer = match self.search(index, &query) {
            Err(StoreError::NoSuchIndex(_)) => return Ok(None),
            other => other?,
        };
        Ok(answer.pointer_mut("/hits/hits/0/_source").map(Value::take))
    }

    fn indices(&self, pattern: &str) -> Result<Vec<IndexInfo>, StoreError> {
        let mut infos: BTreeMap<String, IndexInfo> = BTreeMap::new();
        for partition in self.partitions_for(pattern)? {
            let name = partition.key.index.clone();
            let info = infos.entry(name.clone()).or_insert(IndexInfo {
                index: name,
                documents: 0,
                size_bytes: 0,
                min_timestamp_ms: None,
                max_timestamp_ms: None,
            });
            info.size_bytes += partition.size_bytes();
            let searcher = partition.searcher()?;
            info.documents += searcher.num_docs();
            for segment in searcher
                .segment_readers()
                .iter()
                .filter(|segment| segment.num_docs() > 0)
            {
                let times = segment
                    .fast_fields()
                    .i64(TIMESTAMP_COLUMN)
                    .map_err(failed)?;
                let (min, max) = (times.min_value(), times.max_value());
                info.min_timestamp_ms =
                    Some(info.min_timestamp_ms.map_or(min, |known| known.min(min)));
                info.max_timestamp_ms =
                    Some(info.max_timestamp_ms.map_or(max, |known| known.max(max)));
            }
        }
        Ok(infos.into_values().collect())
    }
}

impl Sink for EmbeddedStore {
    fn write(&self, batch: Vec<IncomingDocument>) -> Result<WriteOutcome, StoreError> {
        let mut groups: HashMap<PartitionKey, Vec<IncomingDocument>> = HashMap::new();
        let mut granularities: HashMap<String, Granularity> = HashMap::new();
        let written = batch.len() as u64;
        for document in batch {
            let granularity = match granularities.get(&document.log_type) {
                Some(granularity) => *granularity,
                None => {
                    let granularity = (self.shared.options.granularity)(&document.log_type);
                    granularities.insert(document.log_type.clone(), granularity);
                    granularity
                }
            };
            let key = PartitionKey::new(&document.index, document.timestamp_ms, granularity);
            groups.entry(key).or_default().push(document);
        }
        let mut outcome = WriteOutcome {
            written,
            repaired_values: 0,
        };
        for (key, documents) in groups {
            outcome.repaired_values += self.shared.write_partition(&key, documents)?;
        }
        Ok(outcome)
    }

    fn commit(&self) -> Result<(), StoreError> {
        self.shared.commit()
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn search(&self, indices: &str, body: &Value) -> Result<Value, StoreError> {
        let (indices, body) = (indices.to_owned(), body.clone());
        self.blocking(move |shared| shared.search(&indices, &body))
            .await
    }

    async fn count(&self, indices: &str, body: &Value) -> Result<u64, StoreError> {
        let (indices, body) = (indices.to_owned(), body.clone());
        self.blocking(move |shared| {
            let query = match body.get("query") {
                Some(query) => yagura_store::dsl::parse_query(query, shared.dsl())?,
                None => Query::MatchAll,
            };
            count(&shared.context(None), &indices, &query)
        })
        .await
    }

    async fn get(&self, index: &str, id: &str) -> Result<Option<Value>, StoreError> {
        let (index, id) = (index.to_owned(), id.to_owned());
        self.blocking(move |shared| shared.get(&index, &id)).await
    }

    async fn field_caps(&self, indices: &str, fields: &str) -> Result<Value, StoreError> {
        let (indices, fields) = (indices.to_owned(), fields.to_owned());
        self.blocking(move |shared| field_list::field_caps(shared, &indices, &fields))
            .await
    }

    async fn indices(&self, pattern: &str) -> Result<Vec<IndexInfo>, StoreError> {
        let pattern = pattern.to_owned();
        self.blocking(move |shared| shared.indices(&pattern)).await
    }
}
