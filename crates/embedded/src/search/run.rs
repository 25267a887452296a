//! One search from the request to the answer.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tantivy::query::{EnableScoring, Weight};
use tantivy::{Searcher, SegmentReader};
use yagura_store::dsl::{SearchBody, TotalHits};
use yagura_store::query::BoolQuery;
use yagura_store::{FieldCatalog, Query, StoreError};

use super::docs::Docs;
use super::fetch::{Fetcher, WantedParts};
use super::hits::{Hit, top_of_segment};
use super::keys::{SortPlan, compare_values};
use crate::aggregate;
use crate::memory::SegmentMemory;
use crate::partition::{Partition, failed, lock};
use crate::query::{Compiler, TimeBounds};
use crate::schema::{Fields, TIMESTAMP_COLUMN};
use crate::store::Shared;

/// Documents below which threads cost more than they bring.
const MIN_DOCUMENTS_FOR_THREADS: usize = 50_000;

/// Documents to fetch for each thread that helps to.
const MIN_HITS_FOR_THREAD: usize = 25;

/// One segment of one partition.
pub(crate) struct SegmentView {
    pub(crate) partition: Arc<Partition>,
    pub(crate) searcher: Searcher,
    pub(crate) segment_ord: u32,
    pub(crate) max_timestamp_ms: i64,
}

impl SegmentView {
    pub(crate) fn reader(&self) -> &SegmentReader {
        self.searcher.segment_reader(self.segment_ord)
    }

    /// What is known of the segment.
    pub(crate) fn memory(&self) -> Arc<SegmentMemory> {
        self.partition.segment_memory(self.reader())
    }
}

/// What every part of a search needs.
pub(crate) struct SearchContext<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) now_ms: i64,
    pub(crate) deadline: Option<Instant>,
}

impl SearchContext<'_> {
    pub(crate) fn fields(&self) -> Fields {
        self.shared.fields
    }

    pub(crate) fn catalog(&self) -> &FieldCatalog {
        &self.shared.catalog
    }

    pub(crate) fn is_late(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// The engine's query for one partition, ready to run.
    pub(crate) fn weight(
        &self,
        query: &Query,
        view: &SegmentView,
    ) -> Result<Box<dyn Weight>, StoreError> {
        let compiler = Compiler {
            fields: self.shared.fields,
            catalog: &self.shared.catalog,
            identifiers: &self.shared.identifiers,
            partition: &view.partition,
            now_ms: self.now_ms,
        };
        let query = compiler.compile(query)?;
        query
            .weight(EnableScoring::disabled_from_searcher(&view.searcher))
            .map_err(failed)
    }

    /// The documents of each segment that a query matches.
    pub(crate) fn matching(
        &self,
        query: &Query,
        segments: &[SegmentView],
    ) -> Result<Vec<Docs>, StoreError> {
        for_each_parallel(self.shared.search_threads, segments, |_, view| {
            Docs::matching(self.weight(query, view)?.as_ref(), view.reader())
        })
    }
}

/// Runs an action on every segment, on several threads if that is worth it; results keep their order.
pub(crate) fn for_each_parallel<T: Send>(
    threads: usize,
    segments: &[SegmentView],
    action: impl Fn(usize, &SegmentView) -> Result<T, StoreError> + Sync,
) -> Result<Vec<T>, StoreError> {
    in_parallel(worthwhile(threads, segments), segments, action)
}

/// How many of the threads get through the segments sooner than one does.
pub(crate) fn worthwhile(threads: usize, segments: &[SegmentView]) -> usize {
    let documents = segments.iter().map(|view| view.reader().max_doc() as usize);
    if documents.sum::<usize>() >= MIN_DOCUMENTS_FOR_THREADS {
        threads
    } else {
        1
    }
}

/// Runs an action on every item, on up to so many threads; results keep their order.
pub(crate) fn in_parallel<I: Sync, T: Send>(
    threads: usize,
    items: &[I],
    action: impl Fn(usize, &I) -> Result<T, StoreError> + Sync,
) -> Result<Vec<T>, StoreError> {
    if threads < 2 || items.len() < 2 {
        let items = items.iter().enumerate();
        return items.map(|(at, item)| action(at, item)).collect();
    }
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Result<T, StoreError>)>> =
        Mutex::new(Vec::with_capacity(items.len()));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else {
                return;
            };
            let result = action(at, item);
            lock(&results).push((at, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(items.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if results.len() < items.len() {
        return Err(failed("a search thread stopped"));
    }
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The segments a query can match in, newest first.
pub(crate) fn select(
    shared: &Shared,
    indices: &str,
    bounds: TimeBounds,
) -> Result<Vec<SegmentView>, StoreError> {
    let mut segments = Vec::new();
    for partition in shared.partitions_for(indices)? {
        if !bounds.overlaps(partition.key.time_range()) {
            continue;
        }
        let searcher = partition.searcher()?;
        for (segment_ord, reader) in (0u32..).zip(searcher.segment_readers()) {
            let times = reader.fast_fields().i64(TIMESTAMP_COLUMN).map_err(failed)?;
            let (min, max) = (times.min_value(), times.max_value());
            if reader.num_docs() > 0 && bounds.overlaps(Some((min, max.saturating_add(1)))) {
                segments.push(SegmentView {
                    partition: Arc::clone(&partition),
                    searcher: searcher.clone(),
                    segment_ord,
                    max_timestamp_ms: max,
                });
            }
        }
    }
    segments.sort_by_key(|view| Reverse(view.max_timestamp_ms));
    Ok(segments)
}

/// The number of documents a query matches.
pub(crate) fn count(
    context: &SearchContext<'_>,
    indices: &str,
    query: &Query,
) -> Result<u64, StoreError> {
    let segments = select(
        context.shared,
        indices,
        TimeBounds::of(query, context.now_ms),
    )?;
    let counts = for_each_parallel(context.shared.search_threads, &segments, |_, view| {
        context
            .weight(query, view)?
            .count(view.reader())
            .map_err(failed)
    })?;
    Ok(counts.into_iter().map(u64::from).sum())
}

struct Found {
    hits: Vec<Hit>,
    total: u64,
    is_exact: bool,
    timed_out: bool,
}

/// A search as OpenSearch answers it.
pub(crate) fn search(
    context: &SearchContext<'_>,
    indices: &str,
    body: &SearchBody,
) -> Result<Value, StoreError> {
    let started = Instant::now();
    let segments = select(
        context.shared,
        indices,
        TimeBounds::of(&body.query, context.now_ms),
    )?;
    let plan = SortPlan::new(&body.sort, body.search_after.clone());
    let limit = body.from + body.size;
    let mut aggregations = None;
    let found = if body.aggregations.is_empty() {
        let query = match &body.post_filter {
            None => body.query.clone(),
            Some(filter) => both(&body.query, filter),
        };
        find_hits(context, &segments, &query, &plan, limit, body.total_hits)?
    } else {
        let docs = context.matching(&body.query, &segments)?;
        aggregations = Some(aggregate::run(
            context,
            &segments,
            &docs,
            &body.aggregations,
        )?);
        let filtered = match &body.post_filter {
            None => None,
            Some(filter) => Some(context.matching(&both(&body.query, filter), &segments)?),
        };
        hits_of(
            context,
            &segments,
            filtered.as_ref().unwrap_or(&docs),
            &plan,
            limit,
        )?
    };
    let fetcher = Fetcher {
        segments: &segments,
        fields: context.fields(),
        recent: &context.shared.recent_documents,
    };
    let wanted = WantedParts {
        source: &body.source,
        fields: &body.fields,
    };
    let page = found.hits.get(body.from..).unwrap_or_default();
    let page = page.get(..body.size).unwrap_or(page);
    // Documents are packed together by dozens, in the order in which they came. Fetched in that order
    // each block is unpacked once; each thread takes a run of neighbours.
    let mut places: Vec<usize> = (0..page.len()).collect();
    places.sort_unstable_by_key(|at| (page[*at].segment, page[*at].doc));
    let threads = (page.len() / MIN_HITS_FOR_THREAD).clamp(1, context.shared.search_threads.max(1));
    let runs: Vec<&[usize]> = places.chunks(page.len().div_ceil(threads).max(1)).collect();
    let fetched = in_parallel(threads, &runs, |_, places| {
        let hits = places.iter().map(|at| {
            let hit = fetcher.hit(&page[*at], &plan, &wanted)?;
            Ok((*at, hit))
        });
        hits.collect::<Result<Vec<(usize, Value)>, StoreError>>()
    })?;
    let mut fetched: Vec<(usize, Value)> = fetched.into_iter().flatten().collect();
    fetched.sort_unstable_by_key(|(at, _)| *at);
    let mut answer_hits = Map::new();
    if body.total_hits != TotalHits::Skip {
        let relation = if found.is_exact { "eq" } else { "gte" };
        answer_hits.insert(
            "total".to_owned(),
            json!({"value": found.total, "relation": relation}),
        );
    }
    answer_hits.insert("max_score".to_owned(), Value::Null);
    answer_hits.insert(
        "hits".to_owned(),
        Value::Array(fetched.into_iter().map(|(_, hit)| hit).collect()),
    );
    let shards = segments.len().max(1);
    let mut answer = Map::new();
    answer.insert(
        "took".to_owned(),
        json!(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)),
    );
    answer.insert(
        "timed_out".to_owned(),
        json!(found.timed_out || context.is_late()),
    );
    answer.insert(
        "_shards".to_owned(),
        json!({"total": shards, "successful": shards, "skipped": 0, "failed": 0}),
    );
    answer.insert("hits".to_owned(), Value::Object(answer_hits));
    if let Some(aggregations) = aggregations {
        answer.insert("aggregations".to_owned(), Value::Object(aggregations));
    }
    Ok(Value::Object(answer))
}

fn both(first: &Query, second: &Query) -> Query {
    Query::Bool(BoolQuery {
        filter: vec![first.clone(), second.clone()],
        ..BoolQuery::default()
    })
}

/// Hits of documents that are already found.
fn hits_of(
    context: &SearchContext<'_>,
    segments: &[SegmentView],
    docs: &[Docs],
    plan: &SortPlan,
    limit: usize,
) -> Result<Found, StoreError> {
    let total = docs.iter().map(|docs| docs.len() as u64).sum();
    let tops = for_each_parallel(
        context.shared.search_threads,
        segments,
        |at, view| match docs.get(at) {
            Some(docs) => top_of_segment(plan, limit, docs, view.reader(), at),
            None => Ok(Vec::new()),
        },
    )?;
    Ok(Found {
        hits: merge(plan, limit, tops),
        total,
        is_exact: true,
        timed_out: false,
    })
}

fn merge(plan: &SortPlan, limit: usize, tops: Vec<Vec<Hit>>) -> Vec<Hit> {
    let mut hits: Vec<Hit> = tops.into_iter().flatten().collect();
    hits.sort_by(|left, right| compare_values(&plan.keys, &left.values, &right.values));
    hits.truncate(limit);
    hits
}

/// Finds hits segment by segment, newest first, and stops when nothing better can come.
fn find_hits(
    context: &SearchContext<'_>,
    segments: &[SegmentView],
    query: &Query,
    plan: &SortPlan,
    limit: usize,
    total_hits: TotalHits,
) -> Result<Found, StoreError> {
    let mut found = Found {
        hits: Vec::new(),
        total: 0,
        is_exact: true,
        timed_out: false,
    };
    let threads = context.shared.search_threads.max(1);
    let wave = if plan.newest_first() {
        threads
    } else {
        segments.len().max(1)
    };
    for (wave_at, group) in segments.chunks(wave).enumerate() {
        if context.is_late() {
            found.timed_out = true;
            found.is_exact = false;
            break;
        }
        let newest = group.first().map_or(i64::MIN, |view| view.max_timestamp_ms);
        let is_full = limit == 0
            || (plan.newest_first() && found.hits.len() >= limit && {
                let last = found
                    .hits
                    .last()
                    .and_then(|hit| hit.values.first().cloned());
                matches!(last, Some(super::keys::SortValue::Whole(ms)) if ms > newest)
            });
        let counts = match total_hits {
            TotalHits::Exact => true,
            TotalHits::UpTo(enough) => found.total <= enough,
            TotalHits::Skip => false,
        };
        if is_full && !counts {
            found.is_exact = false;
            break;
        }
        let results = for_each_parallel(threads, group, |at, view| {
            let weight = context.weight(query, view)?;
            if is_full {
                let counted = weight.count(view.reader()).map_err(failed)?;
                return Ok((u64::from(counted), Vec::new()));
            }
            let docs = Docs::matching(weight.as_ref(), view.reader())?;
            let hits = top_of_segment(plan, limit, &docs, view.reader(), wave_at * wave + at)?;
            Ok((docs.len() as u64, hits))
        })?;
        let mut tops = vec![std::mem::take(&mut found.hits)];
        for (counted, hits) in results {
            found.total += counted;
            tops.push(hits);
        }
        found.hits = merge(plan, limit, tops);
    }
    Ok(found)
}

/// When a request that may take so long must end.
pub(crate) fn deadline(timeout_ms: Option<u64>) -> Option<Instant> {
    timeout_ms.and_then(|ms| Instant::now().checked_add(Duration::from_millis(ms)))
}
