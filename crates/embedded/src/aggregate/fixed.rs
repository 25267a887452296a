//! Aggregations whose buckets are known beforehand: ranges, filters, documents without a field.

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tantivy::SegmentReader;
use tantivy::columnar::{ColumnIndex, StrColumn};
use yagura_store::aggs::{
    Aggregation, Bucket, Filters, KeepKey, RangeSpec, Ranges, buckets_array, buckets_object, number,
};
use yagura_store::dates::{Edge, format_instant, parse_instant, parse_time_zone};
use yagura_store::{Query, StoreError};

use super::assign::{Assign, Pairs, Scope, Step};
use super::{Engine, remembered};
use crate::columns::{FieldColumn, NumberColumn, for_each_value, has_value, open};
use crate::ip;
use crate::partition::failed;
use crate::search::Docs;

/// Documents of a segment without a field.
struct Missing(u64);

impl Engine<'_> {
    /// The buckets of all parents from a step that numbers `width` buckets for each parent.
    fn fixed(
        &self,
        entry: &Aggregation,
        scope: &Scope<'_>,
        step: Step,
        width: usize,
        bucket: impl Fn(usize, u64) -> Bucket,
    ) -> Result<Vec<Vec<Bucket>>, StoreError> {
        let total = scope.parents * width;
        let below = scope.below(&step, total);
        let counted = self.each_segment(|at, _| {
            let docs = self
                .docs
                .get(at)
                .ok_or_else(|| failed("segment vanished"))?;
            let mut counts = vec![0u64; total];
            below.stream(at, docs, |_, buckets| {
                for bucket in buckets {
                    counts
                        .get_mut(*bucket as usize)
                        .into_iter()
                        .for_each(|count| *count += 1);
                }
            });
            Ok(counts)
        })?;
        let mut counts = vec![0u64; total];
        for segment in counted {
            counts
                .iter_mut()
                .zip(segment)
                .for_each(|(sum, count)| *sum += count);
        }
        let rows = counts.chunks(width.max(1));
        let buckets = rows
            .map(|row| {
                row.iter()
                    .enumerate()
                    .map(|(at, count)| bucket(at, *count))
                    .collect()
            })
            .collect();
        drop(below);
        self.fill_subs(entry, scope, buckets, || Ok(step))
    }

    pub(super) fn filters(
        &self,
        entry: &Aggregation,
        filters: &Filters,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        let mut by_filter = Vec::with_capacity(filters.filters.len());
        for (_, query) in &filters.filters {
            by_filter.push(self.context.matching(query, self.segments)?);
        }
        let width = filters.filters.len() + usize::from(filters.other.is_some());
        let step = self.filter_step(by_filter, filters.other.is_some());
        let is_named = filters.filters.iter().all(|(name, _)| name.is_some());
        let bucket = |at: usize, doc_count: u64| {
            let name = match filters.filters.get(at) {
                Some((name, _)) => name.clone(),
                None => filters.other.clone(),
            };
            let key = name.filter(|_| is_named).map_or(Value::Null, Value::String);
            Bucket {
                key,
                doc_count,
                ..Bucket::default()
            }
        };
        let rows = self.fixed(entry, scope, step, width, bucket)?;
        let answer = |buckets| match is_named {
            true => json!({"buckets": buckets_object(buckets, KeepKey::No)}),
            false => json!({"buckets": buckets_array(buckets)}),
        };
        Ok(rows.into_iter().map(answer).collect())
    }

    pub(super) fn filter(
        &self,
        entry: &Aggregation,
        query: &Query,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        let docs = self.context.matching(query, self.segments)?;
        let step = self.filter_step(vec![docs], false);
        self.single(entry, scope, step)
    }

    /// One bucket for each parent, which stands in the answer by itself.
    fn single(
        &self,
        entry: &Aggregation,
        scope: &Scope<'_>,
        step: Step,
    ) -> Result<Vec<Value>, StoreError> {
        let bucket = |_, doc_count| Bucket {
            doc_count,
            ..Bucket::default()
        };
        let rows = self.fixed(entry, scope, step, 1, bucket)?;
        let answer = |buckets| match buckets_array(buckets) {
            Value::Array(mut list) => list.pop().unwrap_or_default(),
            other => other,
        };
        Ok(rows.into_iter().map(answer).collect())
    }

    fn filter_step(&self, by_filter: Vec<Vec<Docs>>, wants_other: bool) -> Step {
        let mut per_segment: Vec<Vec<Docs>> = self.segments.iter().map(|_| Vec::new()).collect();
        for filter in by_filter {
            for (segment, docs) in per_segment.iter_mut().zip(filter) {
                segment.push(docs);
            }
        }
        let assign = |filters| {
            Box::new(FilterAssign {
                filters,
                wants_other,
            }) as Box<dyn Assign>
        };
        per_segment.into_iter().map(assign).collect()
    }

    pub(super) fn missing(
        &self,
        entry: &Aggregation,
        field: &str,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        if scope.is_root() && entry.subs.is_empty() {
            return Ok(vec![json!({"doc_count": self.count_missing(field)?})]);
        }
        let step = self.each_segment(|_, view| {
            let columns = open(view.reader(), field)?;
            Ok(Box::new(MissingAssign { columns }) as Box<dyn Assign>)
        })?;
        self.single(entry, scope, step)
    }

    /// Documents of the query without the field.
    fn count_missing(&self, field: &str) -> Result<u64, StoreError> {
        let counts = self.each_segment(|at, view| {
            let docs = self
                .docs
                .get(at)
                .ok_or_else(|| failed("segment vanished"))?;
            let count = || {
                let columns = open(view.reader(), field)?;
                if columns
                    .iter()
                    .any(|column| matches!(column.index(), ColumnIndex::Full))
                {
                    return Ok(Missing(0));
                }
                let mut missing = docs.len() as u64;
                docs.for_each_block(|block| {
                    let has_any =
                        |doc: &&u32| columns.iter().any(|column| has_value(column, **doc));
                    missing -= block.iter().filter(has_any).count() as u64;
                });
                Ok(Missing(missing))
            };
            Ok(remembered(view, docs, &Scope::root(), field, |_| 0, count)?.0)
        })?;
        Ok(counts.into_iter().sum())
    }

    pub(super) fn ranges(
        &self,
        entry: &Aggregation,
        ranges: &Ranges,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        let texts: Vec<TextRange> = ranges.ranges.iter().map(TextRange::new).collect();
        let numbers: Vec<Option<(f64, f64)>> = ranges.ranges.iter().map(number_range).collect();
        let is_text = numbers.iter().any(Option::is_none);
        if is_text && texts.iter().any(|range| !range.is_address) {
            return Err(StoreError::BadRequest {
                kind: "parsing_exception",
                path: format!("aggs.{}.range.ranges", entry.name),
                message: "the ends of a range must be numbers or addresses".to_owned(),
            });
        }
        let end =
            |text: &Option<String>| match text.as_deref().map(|text| (text, text.parse::<f64>())) {
                None => None,
                Some((_, Ok(value))) if !is_text => Some(number(value)),
                Some((text, _)) => Some(json!(text)),
            };
        let step = self.range_step(&ranges.field, numbers, texts)?;
        let bucket = |range: &RangeSpec, doc_count: u64| {
            let key = range.key.clone().unwrap_or_else(|| {
                let text = |end: Option<Value>| {
                    end.map_or("*".to_owned(), |end| match end {
                        Value::String(text) => text,
                        other => other.to_string(),
                    })
                };
                format!("{}-{}", text(end(&range.from)), text(end(&range.to)))
            });
            let from = end(&range.from).map(|end| ("from", end));
            let to = end(&range.to).map(|end| ("to", end));
            let extra = from.into_iter().chain(to).collect();
            Bucket {
                key: json!(key),
                doc_count,
                extra,
                ..Bucket::default()
            }
        };
        self.range_answers(entry, ranges, scope, step, bucket)
    }

    pub(super) fn date_ranges(
        &self,
        entry: &Aggregation,
        ranges: &Ranges,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        let zone = parse_time_zone(&ranges.time_zone).unwrap_or(TimeZone::UTC);
        let instant = |text: &Option<String>| -> Result<Option<i64>, StoreError> {
            let Some(text) = text else {
                return Ok(None);
            };
            let ms = parse_instant(text, self.context.now_ms, &zone, Edge::Start);
            ms.map(Some).ok_or_else(|| StoreError::BadRequest {
                kind: "parsing_exception",
                path: format!("aggs.{}.date_range.ranges", entry.name),
                message: format!("cannot read `{text}` as a date"),
            })
        };
        let mut ends = Vec::with_capacity(ranges.ranges.len());
        for range in &ranges.ranges {
            ends.push((instant(&range.from)?, instant(&range.to)?));
        }
        let numbers = ends.iter().map(|(from, to)| {
            Some((
                from.map_or(f64::NEG_INFINITY, |ms| ms as f64),
                to.map_or(f64::INFINITY, |ms| ms as f64),
            ))
        });
        let step = self.range_step(&ranges.field, numbers.collect(), Vec::new())?;
        let bucket = |range: &RangeSpec, doc_count: u64| {
            let (from, to) = (
                instant(&range.from).ok().flatten(),
                instant(&range.to).ok().flatten(),
            );
            let text = |ms: Option<i64>| ms.map_or("*".to_owned(), |ms| format_instant(ms, &zone));
            let key = range
                .key
                .clone()
                .unwrap_or_else(|| format!("{}-{}", text(from), text(to)));
            let mut extra = Vec::new();
            if from.is_some() {
                extra.extend([("from", json!(from)), ("from_as_string", json!(text(from)))]);
            }
            if to.is_some() {
                extra.extend([("to", json!(to)), ("to_as_string", json!(text(to)))]);
            }
            Bucket {
                key: json!(key),
                doc_count,
                extra,
                ..Bucket::default()
            }
        };
        self.range_answers(entry, ranges, scope, step, bucket)
    }

    fn range_answers(
        &self,
        entry: &Aggregation,
        ranges: &Ranges,
        scope: &Scope<'_>,
        step: Step,
        bucket: impl Fn(&RangeSpec, u64) -> Bucket,
    ) -> Result<Vec<Value>, StoreError> {
        let at = |at: usize, count: u64| {
            ranges
                .ranges
                .get(at)
                .map(|range| bucket(range, count))
                .unwrap_or_default()
        };
        let rows = self.fixed(entry, scope, step, ranges.ranges.len(), at)?;
        let answer = |buckets| match ranges.keyed {
            true => json!({"buckets": buckets_object(buckets, KeepKey::No)}),
            false => json!({"buckets": buckets_array(buckets)}),
        };
        Ok(rows.into_iter().map(answer).collect())
    }

    fn range_step(
        &self,
        field: &str,
        numbers: Vec<Option<(f64, f64)>>,
        texts: Vec<TextRange>,
    ) -> Result<Step, StoreError> {
        self.each_segment(|_, view| {
            let assign = RangeAssign::new(view.reader(), field, &numbers, &texts)?;
            Ok(Box::new(assign) as Box<dyn Assign>)
        })
    }
}

/// The numbers a range goes from and to; `None` if an end is no number.
fn number_range(range: &RangeSpec) -> Option<(f64, f64)> {
    let end = |text: &Option<String>, open: f64| {
        text.as_ref().map_or(Some(open), |text| text.parse().ok())
    };
    end(&range.from, f64::NEG_INFINITY).zip(end(&range.to, f64::INFINITY))
}

/// A range of addresses as terms: from the first up to, but without, the last.
struct TextRange {
    from: Option<String>,
    to: Option<String>,
    /// A network's last address belongs to it.
    includes_last: bool,
    is_address: bool,
}

impl TextRange {
    fn new(range: &RangeSpec) -> Self {
        if let Some((from, to)) = range.from.as_deref().and_then(ip::network_range) {
            return Self {
                from: Some(from),
                to: Some(to),
                includes_last: true,
                is_address: true,
            };
        }
        let encode = |text: &Option<String>| text.as_deref().map(ip::encode_text);
        let (from, to) = (encode(&range.from), encode(&range.to));
        let is_address = !matches!(from, Some(None)) && !matches!(to, Some(None));
        Self {
            from: from.flatten(),
            to: to.flatten(),
            includes_last: false,
            is_address,
        }
    }

    /// The dictionary numbers that lie in the range.
    fn ords(&self, column: &StrColumn) -> Result<(u64, u64), StoreError> {
        use std::ops::Bound;
        if !self.is_address {
            return Ok((0, 0));
        }
        // Addresses alone: they lie between their marker and the character after it.
        let first = self.from.clone().unwrap_or_else(|| ip::MARKER.to_string());
        let (last, includes) = match &self.to {
            Some(last) => (last.clone(), self.includes_last),
            None => ("\u{3}".to_owned(), false),
        };
        let upper = if includes {
            Bound::Included(last)
        } else {
            Bound::Excluded(last)
        };
        let (lower, upper) = column
            .dictionary()
            .term_bounds_to_ord(Bound::Included(first), upper)
            .map_err(failed)?;
        let from = match lower {
            Bound::Included(ord) => ord,
            Bound::Excluded(ord) => ord + 1,
            Bound::Unbounded => 0,
        };
        let until = match upper {
            Bound::Included(ord) => ord + 1,
            Bound::Excluded(ord) => ord,
            Bound::Unbounded => column.num_terms() as u64,
        };
        Ok((from, until))
    }
}

struct RangeAssign {
    numbers: Vec<NumberColumn>,
    number_ranges: Vec<Option<(f64, f64)>>,
    texts: Vec<(StrColumn, Vec<(u64, u64)>)>,
}

impl RangeAssign {
    fn new(
        reader: &SegmentReader,
        field: &str,
        numbers: &[Option<(f64, f64)>],
        ranges: &[TextRange],
    ) -> Result<Self, StoreError> {
        let mut texts = Vec::new();
        for column in open(reader, field)? {
            if let FieldColumn::Str(column) = column {
                let ords: Result<_, _> = ranges.iter().map(|range| range.ords(&column)).collect();
                texts.push((column, ords?));
            }
        }
        Ok(Self {
            numbers: NumberColumn::open(reader, field)?,
            number_ranges: numbers.to_vec(),
            texts,
        })
    }
}

/// Remembers which ranges the document at hand is in already.
struct Once {
    at: usize,
    seen: Vec<u32>,
}

impl Once {
    fn new() -> Self {
        Self {
            at: usize::MAX,
            seen: Vec::new(),
        }
    }

    fn is_first(&mut self, at: usize, range: u32) -> bool {
        if self.at != at {
            self.at = at;
            self.seen.clear();
        }
        let is_first = !self.seen.contains(&range);
        if is_first {
            self.seen.push(range);
        }
        is_first
    }
}

impl Assign for RangeAssign {
    fn assign(&self, docs: &[u32], parents: &[u32], out: &mut Pairs) {
        let width = self.number_ranges.len() as u32;
        for column in &self.numbers {
            let mut once = Once::new();
            column.for_each(docs, |at, value| {
                let (Some(doc), Some(parent)) = (docs.get(at), parents.get(at)) else {
                    return;
                };
                for (range, place) in self.number_ranges.iter().zip(0u32..) {
                    if range.is_some_and(|(from, to)| from <= value && value < to)
                        && once.is_first(at, place)
                    {
                        out.push(*doc, parent * width + place);
                    }
                }
            });
        }
        for (column, ranges) in &self.texts {
            let mut once = Once::new();
            for_each_value(column.ords(), docs, |at, ord| {
                let (Some(doc), Some(parent)) = (docs.get(at), parents.get(at)) else {
                    return;
                };
                for ((from, until), place) in ranges.iter().zip(0u32..) {
                    if (*from..*until).contains(&ord) && once.is_first(at, place) {
                        out.push(*doc, parent * width + place);
                    }
                }
            });
        }
    }
}

struct FilterAssign {
    filters: Vec<Docs>,
    wants_other: bool,
}

impl Assign for FilterAssign {
    fn assign(&self, docs: &[u32], parents: &[u32], out: &mut Pairs) {
        let width = (self.filters.len() + usize::from(self.wants_other)) as u32;
        for (doc, parent) in docs.iter().zip(parents) {
            let mut is_other = self.wants_other;
            for (filter, place) in self.filters.iter().zip(0u32..) {
                if filter.contains(*doc) {
                    out.push(*doc, parent * width + place);
                    is_other = false;
                }
            }
            if is_other {
                out.push(*doc, parent * width + width - 1);
            }
        }
    }
}

struct MissingAssign {
    columns: Vec<FieldColumn>,
}

impl Assign for MissingAssign {
    fn assign(&self, docs: &[u32], parents: &[u32], out: &mut Pairs) {
        for (doc, parent) in docs.iter().zip(parents) {
            if !self.columns.iter().any(|column| has_value(column, *doc)) {
                out.push(*doc, *parent);
            }
        }
    }
}
