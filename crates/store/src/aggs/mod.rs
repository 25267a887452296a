//! Aggregations: what a request asks for, and the shape of the answer.

mod interval;
mod metric;
mod parse;
mod pipeline;
mod response;

use serde_json::Value;

use crate::Query;
use crate::dsl::{SortKey, SortOrder, SourceFilter};

pub use interval::{CalendarInterval, Interval, Rounder};
pub use metric::{CardinalitySketch, QuantileSketch, Stats, mix_hash};
pub use parse::parse_aggregations;
pub(crate) use parse::parse_aggregations_at;
pub use pipeline::apply_pipelines;
pub use response::{Bucket, KeepKey, buckets_array, buckets_object, key_text, number, stats_json};

/// Deepest nesting of aggregations.
pub const MAX_AGGREGATION_DEPTH: usize = 9;

/// Most buckets of one answer, as in OpenSearch's `search.max_buckets`.
pub const MAX_BUCKETS: usize = 65_535;

/// Most buckets one `terms` aggregation returns; larger sizes are clamped to it.
pub const MAX_TERMS_SIZE: usize = 10_000;

/// The aggregations of one level.
#[derive(Debug, Clone, Default)]
pub struct Aggregations {
    /// Those that look at documents.
    pub entries: Vec<Aggregation>,
    /// Those that look at the buckets of their siblings.
    pub pipelines: Vec<Pipeline>,
}

impl Aggregations {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.pipelines.is_empty()
    }
}

/// One aggregation with its name.
#[derive(Debug, Clone)]
pub struct Aggregation {
    /// The name the answer has.
    pub name: String,
    /// What is computed.
    pub kind: AggregationKind,
    /// What is computed in every bucket.
    pub subs: Aggregations,
    /// Comes back unchanged.
    pub meta: Option<Value>,
}

/// What an aggregation computes.
#[derive(Debug, Clone)]
pub enum AggregationKind {
    /// A bucket for each of the most frequent values.
    Terms(Terms),
    /// A bucket for each stretch of time.
    DateHistogram(DateHistogram),
    /// As many stretches of time as fit the wanted number of buckets.
    AutoDateHistogram {
        /// Date field.
        field: String,
        /// Buckets wanted at most.
        buckets: usize,
        /// IANA name or offset.
        time_zone: String,
    },
    /// A bucket for each stretch of numbers.
    Histogram(Histogram),
    /// A bucket for each given stretch of numbers or addresses.
    Range(Ranges),
    /// A bucket for each given stretch of time.
    DateRange(Ranges),
    /// A bucket for each query.
    Filters(Filters),
    /// One bucket for a query.
    Filter(Query),
    /// One bucket for the documents without a field.
    Missing {
        /// Field path.
        field: String,
    },
    /// One number (or a few) about a field's values.
    Metric {
        /// Which.
        metric: Metric,
        /// Field path.
        field: String,
        /// Value of documents without the field.
        missing: Option<f64>,
    },
    /// The first documents of the bucket.
    TopHits(TopHits),
}

/// A number about a field's values.
#[derive(Debug, Clone, PartialEq)]
pub enum Metric {
    /// Distinct values, exact up to 40 000 of them.
    Cardinality,
    /// Count, sum, smallest, largest, mean.
    Stats,
    /// The same with variance and deviation.
    ExtendedStats,
    /// Sum.
    Sum,
    /// Mean.
    Avg,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Number of values.
    ValueCount,
    /// Percentiles.
    Percentiles {
        /// Which, each from 0 to 100.
        percents: Vec<f64>,
        /// As an object instead of an array.
        keyed: bool,
    },
}

/// By what `terms` buckets are ordered.
#[derive(Debug, Clone, PartialEq)]
pub enum TermsOrder {
    /// By number of documents.
    Count(SortOrder),
    /// By the value itself.
    Key(SortOrder),
    /// By a metric in the bucket.
    Metric {
        /// Name of the sub-aggregation.
        name: String,
        /// Which of its numbers (`avg` of `stats`), `value` if it has one.
        property: String,
        /// Direction.
        order: SortOrder,
    },
}

/// A `terms` aggregation.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Field path.
    pub field: String,
    /// Buckets wanted.
    pub size: usize,
    /// Whether `size` was larger than [`MAX_TERMS_SIZE`].
    pub clamped: bool,
    /// Order of the buckets.
    pub order: TermsOrder,
    /// Buckets with fewer documents are left out.
    pub min_doc_count: u64,
    /// The value documents without the field are counted under.
    pub missing: Option<String>,
    /// Only these values.
    pub include: Option<TermsFilter>,
    /// Not these values.
    pub exclude: Option<TermsFilter>,
}

/// Which values of a field count.
#[derive(Debug, Clone, PartialEq)]
pub enum TermsFilter {
    /// These.
    Values(Vec<String>),
    /// Those a regular expression in Lucene's syntax matches as a whole.
    Pattern(String),
}

/// A `date_histogram` aggregation.
#[derive(Debug, Clone)]
pub struct DateHistogram {
    /// Date field.
    pub field: String,
    /// Length of a bucket; `None` chooses one for about 100 buckets.
    pub interval: Option<Interval>,
    /// IANA name or offset.
    pub time_zone: String,
    /// Milliseconds by which every bucket's start is shifted.
    pub offset_ms: i64,
    /// Buckets with fewer documents are left out; 0 fills the gaps.
    pub min_doc_count: u64,
    /// First and last instant for which there are buckets even without documents.
    pub extended_bounds: Option<(String, String)>,
    /// First and last instant beyond which there are no buckets.
    pub hard_bounds: Option<(String, String)>,
    /// As an object instead of an array.
    pub keyed: bool,
    /// Newest first.
    pub descending: bool,
}

/// A `histogram` aggregation.
#[derive(Debug, Clone)]
pub struct Histogram {
    /// Number field.
    pub field: String,
    /// Length of a bucket.
    pub interval: f64,
    /// Shift of every bucket's start.
    pub offset: f64,
    /// Buckets with fewer documents are left out; 0 fills the gaps.
    pub min_doc_count: u64,
    /// First and last number for which there are buckets even without documents.
    pub extended_bounds: Option<(f64, f64)>,
    /// As an object instead of an array.
    pub keyed: bool,
}

/// A `range` or `date_range` aggregation.
#[derive(Debug, Clone)]
pub struct Ranges {
    /// Field path.
    pub field: String,
    /// The ranges.
    pub ranges: Vec<RangeSpec>,
    /// As an object instead of an array.
    pub keyed: bool,
    /// IANA name or offset for dates without one.
    pub time_zone: String,
}

/// One range: `from` belongs to it, `to` does not.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeSpec {
    /// Name of the bucket.
    pub key: Option<String>,
    /// Lower end.
    pub from: Option<String>,
    /// Upper end.
    pub to: Option<String>,
}

/// A `filters` aggregation.
#[derive(Debug, Clone)]
pub struct Filters {
    /// The queries with their names; without names the buckets are an array.
    pub filters: Vec<(Option<String>, Query)>,
    /// Name of a bucket for documents that no query matches.
    pub other: Option<String>,
}

/// A `top_hits` aggregation.
#[derive(Debug, Clone)]
pub struct TopHits {
    /// Documents wanted.
    pub size: usize,
    /// Documents skipped.
    pub from: usize,
    /// Order; empty means newest first.
    pub sort: Vec<SortKey>,
    /// Part of the document that comes back.
    pub source: SourceFilter,
    /// Single fields that come back.
    pub fields: Vec<String>,
}

/// An aggregation over the buckets of a sibling.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// The name the answer has.
    pub name: String,
    /// What is computed.
    pub kind: PipelineKind,
    /// Names separated by `>`; the last one may have `.property`, `_count` is the number of documents.
    pub buckets_path: String,
}

/// What a sibling pipeline computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PipelineKind {
    /// Largest, with the keys of its buckets.
    Max,
    /// Smallest, with the keys of its buckets.
    Min,
    /// Mean.
    Avg,
    /// Sum.
    Sum,
}
