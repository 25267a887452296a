//! Aggregations, level by level.
//!
//! A level is computed for all its parent buckets at once, over all segments: first the values are
//! counted, then the buckets that will come back are chosen from the counts of all segments, and
//! only those are looked into for the next level. So answers are exact and memory grows with the
//! buckets of the answer, not with the values of the documents.

mod assign;
mod fixed;
mod histogram;
mod key;
mod metrics;
mod numbers;
mod terms;
mod terms_count;
mod terms_merge;
mod terms_reduce;
mod top_hits;

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value};
use yagura_store::StoreError;
use yagura_store::aggs::{
    Aggregation, AggregationKind, Aggregations, Bucket, MAX_BUCKETS, apply_pipelines,
};

use crate::search::{Docs, SearchContext, SegmentView, for_each_parallel, in_parallel, worthwhile};
use assign::{Scope, Step};

/// Computes the aggregations of a request over the documents its query matches.
pub(crate) fn run(
    context: &SearchContext<'_>,
    segments: &[SegmentView],
    docs: &[Docs],
    aggregations: &Aggregations,
) -> Result<Map<String, Value>, StoreError> {
    let engine = Engine {
        context,
        segments,
        docs,
        buckets: AtomicUsize::new(0),
    };
    let mut answers = engine.level(aggregations, &Scope::root())?;
    let mut answer = answers.pop().unwrap_or_default();
    apply_pipelines(aggregations, &mut answer);
    Ok(answer)
}

/// Makes something of the documents of a segment; what is made of all of them, in one bucket, is
/// remembered under a name. `size` tells about how many bytes it takes.
fn remembered<T: Any + Send + Sync>(
    view: &SegmentView,
    docs: &Docs,
    scope: &Scope<'_>,
    name: &str,
    size: impl Fn(&T) -> usize,
    make: impl FnOnce() -> Result<T, StoreError>,
) -> Result<Arc<T>, StoreError> {
    match scope.is_root() && docs.is_all() {
        true => view.memory().recall(name, size, make),
        false => Ok(Arc::new(make()?)),
    }
}

/// What all levels share.
struct Engine<'a> {
    context: &'a SearchContext<'a>,
    segments: &'a [SegmentView],
    docs: &'a [Docs],
    /// Buckets of the answer so far.
    buckets: AtomicUsize,
}

impl Engine<'_> {
    /// The answers of one level for each of its parent buckets.
    fn level(
        &self,
        aggregations: &Aggregations,
        scope: &Scope<'_>,
    ) -> Result<Vec<Map<String, Value>>, StoreError> {
        let mut answers = vec![Map::new(); scope.parents];
        // Choosing from what all segments counted is one thread's work.
        let threads = match scope.is_root() {
            true => worthwhile(self.context.shared.search_threads, self.segments),
            false => 1,
        };
        let all = in_parallel(threads, &aggregations.entries, |_, entry| {
            self.one(entry, scope)
        })?;
        for (entry, values) in aggregations.entries.iter().zip(all) {
            for (answer, mut value) in answers.iter_mut().zip(values) {
                if let (Some(meta), Some(object)) = (&entry.meta, value.as_object_mut()) {
                    object.insert("meta".to_owned(), meta.clone());
                }
                answer.insert(entry.name.clone(), value);
            }
        }
        Ok(answers)
    }

    fn one(&self, entry: &Aggregation, scope: &Scope<'_>) -> Result<Vec<Value>, StoreError> {
        if self.context.is_late() {
            return Err(StoreError::Failed(
                "the aggregations took longer than `timeout`; ask for less time or fewer buckets"
                    .to_owned(),
            ));
        }
        match &entry.kind {
            AggregationKind::Terms(terms) => self.terms(entry, terms, scope),
            AggregationKind::DateHistogram(histogram) => {
                self.date_histogram(entry, histogram, scope)
            }
            AggregationKind::AutoDateHistogram {
                field,
                buckets,
                time_zone,
            } => self.auto_date_histogram(entry, field, *buckets, time_zone, scope),
            AggregationKind::Histogram(histogram) => self.histogram(entry, histogram, scope),
            AggregationKind::Range(ranges) => self.ranges(entry, ranges, scope),
            AggregationKind::DateRange(ranges) => self.date_ranges(entry, ranges, scope),
            AggregationKind::Filters(filters) => self.filters(entry, filters, scope),
            AggregationKind::Filter(query) => self.filter(entry, query, scope),
            AggregationKind::Missing { field } => self.missing(entry, field, scope),
            AggregationKind::Metric {
                metric,
                field,
                missing,
            } => self.metric(metric, field, *missing, scope),
            AggregationKind::TopHits(top_hits) => self.top_hits(top_hits, scope),
        }
    }

    /// Runs an action on every segment.
    fn each_segment<T: Send>(
        &self,
        action: impl Fn(usize, &SegmentView) -> Result<T, StoreError> + Sync,
    ) -> Result<Vec<T>, StoreError> {
        for_each_parallel(self.context.shared.search_threads, self.segments, action)
    }

    /// Counts buckets against the limit of one answer.
    fn take_buckets(&self, count: usize) -> Result<(), StoreError> {
        let before = self.buckets.fetch_add(count, Ordering::Relaxed);
        let total = before.saturating_add(count);
        if total <= MAX_BUCKETS {
            return Ok(());
        }
        Err(StoreError::BadRequest {
            kind: "too_many_buckets_exception",
            path: "aggs".to_owned(),
            message: format!(
                "the answer would have more than {MAX_BUCKETS} buckets; use larger intervals, a smaller `size` \
                 or fewer levels"
            ),
        })
    }

    /// Fills the buckets of all parents with the answers of the next level.
    ///
    /// Buckets are numbered parent by parent in the order they stand here, as `step` numbers them.
    fn fill_subs(
        &self,
        entry: &Aggregation,
        scope: &Scope<'_>,
        mut buckets: Vec<Vec<Bucket>>,
        step: impl FnOnce() -> Result<Step, StoreError>,
    ) -> Result<Vec<Vec<Bucket>>, StoreError> {
        let total: usize = buckets.iter().map(Vec::len).sum();
        self.take_buckets(total)?;
        if entry.subs.is_empty() || total == 0 {
            return Ok(buckets);
        }
        let step = step()?;
        let answers = self.level(&entry.subs, &scope.below(&step, total))?;
        for (bucket, answer) in buckets.iter_mut().flatten().zip(answers) {
            bucket.subs = answer;
        }
        Ok(buckets)
    }
}
