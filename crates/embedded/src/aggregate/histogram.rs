//! Histograms over time and over numbers.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use yagura_store::StoreError;
use yagura_store::aggs::{
    Aggregation, Bucket, DateHistogram, Histogram, Interval, KeepKey, MAX_BUCKETS, Rounder,
    buckets_array, buckets_object, number,
};
use yagura_store::dates::{Edge, format_instant, parse_instant, parse_time_zone};

use super::Engine;
use super::assign::{Assign, Pairs, Scope, Step};
use crate::columns::NumberColumn;
use crate::partition::failed;
use crate::search::Docs;

/// Cells of a table that is kept whole instead of by hash.
const MAX_DENSE_CELLS: i64 = 4 << 20;
const NOWHERE: u32 = u32::MAX;
/// Buckets an automatic histogram aims for.
const AUTO_BUCKETS: usize = 100;

/// Gives every value the number of its bucket; numbers are in the order of the buckets.
#[derive(Clone)]
enum Keyer {
    Date(Rounder),
    Number { interval: f64, offset: f64 },
}

impl Keyer {
    fn of_whole(&self, value: i64) -> i64 {
        match self {
            Self::Date(Rounder::Uniform {
                base_ms,
                interval_ms,
            }) => (value - base_ms).div_euclid(*interval_ms),
            Self::Date(Rounder::Boundaries(starts)) => starts
                .partition_point(|start| *start <= value)
                .saturating_sub(1) as i64,
            Self::Number { .. } => self.of_number(value as f64),
        }
    }

    fn of_number(&self, value: f64) -> i64 {
        match self {
            Self::Date(_) => self.of_whole(value as i64),
            Self::Number { interval, offset } => ((value - offset) / interval).floor() as i64,
        }
    }

    /// Gives the bucket of every value.
    ///
    /// Documents lie about in the order in which they happened, so most dates are in the bucket of
    /// the one before: two comparisons tell that, which take a fraction of a division.
    fn visit(&self, column: &NumberColumn, docs: &[u32], mut visit: impl FnMut(usize, i64)) {
        match self {
            Self::Date(_) => {
                let (mut bucket, mut run) = (0, 0..0);
                column.for_each_whole(docs, |at, value| {
                    if !run.contains(&value) {
                        bucket = self.of_whole(value);
                        run = self.start_ms(bucket)..self.start_ms(bucket.saturating_add(1));
                    }
                    visit(at, bucket);
                })
            }
            Self::Number { .. } => {
                column.for_each(docs, |at, value| visit(at, self.of_number(value)))
            }
        }
    }

    fn start_ms(&self, bucket: i64) -> i64 {
        match self {
            Self::Date(Rounder::Uniform {
                base_ms,
                interval_ms,
            }) => bucket.saturating_mul(*interval_ms).saturating_add(*base_ms),
            Self::Date(Rounder::Boundaries(starts)) => usize::try_from(bucket)
                .ok()
                .and_then(|at| starts.get(at))
                .copied()
                .unwrap_or_default(),
            Self::Number { interval, offset } => (bucket as f64 * interval + offset) as i64,
        }
    }

    fn start(&self, bucket: i64) -> f64 {
        match self {
            Self::Date(_) => self.start_ms(bucket) as f64,
            Self::Number { interval, offset } => bucket as f64 * interval + offset,
        }
    }
}

/// Something for each bucket of each parent, by table or by hash.
enum Table<T> {
    Dense {
        first: i64,
        width: i64,
        cells: Vec<T>,
    },
    Sparse(HashMap<(u32, i64), T>),
}

impl<T: Copy> Table<T> {
    fn new(parents: usize, range: (i64, i64), empty: T) -> Self {
        let width = range.1.saturating_sub(range.0).saturating_add(1);
        let cells = i64::try_from(parents)
            .ok()
            .and_then(|parents| parents.checked_mul(width));
        match cells.filter(|cells| (0..=MAX_DENSE_CELLS).contains(cells)) {
            Some(cells) => Self::Dense {
                first: range.0,
                width,
                cells: vec![empty; cells as usize],
            },
            None => Self::Sparse(HashMap::new()),
        }
    }

    fn cell(&mut self, parent: u32, bucket: i64, empty: T) -> Option<&mut T> {
        match self {
            Self::Dense {
                first,
                width,
                cells,
            } => {
                let column = bucket - *first;
                if column < 0 || column >= *width {
                    return None;
                }
                cells.get_mut(usize::try_from(i64::from(parent) * *width + column).ok()?)
            }
            Self::Sparse(cells) => Some(cells.entry((parent, bucket)).or_insert(empty)),
        }
    }

    fn get(&self, parent: u32, bucket: i64) -> Option<T> {
        match self {
            Self::Dense {
                first,
                width,
                cells,
            } => {
                let column = bucket - *first;
                if column < 0 || column >= *width {
                    return None;
                }
                cells
                    .get(usize::try_from(i64::from(parent) * *width + column).ok()?)
                    .copied()
            }
            Self::Sparse(cells) => cells.get(&(parent, bucket)).copied(),
        }
    }

    fn for_each(&self, mut visit: impl FnMut(u32, i64, T)) {
        match self {
            Self::Dense {
                first,
                width,
                cells,
            } => {
                let rows = cells.chunks((*width).max(1) as usize).zip(0u32..);
                for (row, parent) in rows {
                    row.iter()
                        .zip(*first..)
                        .for_each(|(cell, bucket)| visit(parent, bucket, *cell));
                }
            }
            Self::Sparse(cells) => cells
                .iter()
                .for_each(|((parent, bucket), cell)| visit(*parent, *bucket, *cell)),
        }
    }
}

/// What buckets there are even without documents, and beyond which there are none.
#[derive(Default)]
struct Limits {
    min_doc_count: u64,
    extended: Option<(i64, i64)>,
    hard: Option<(i64, i64)>,
}

impl Engine<'_> {
    pub(super) fn date_histogram(
        &self,
        entry: &Aggregation,
        histogram: &DateHistogram,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        let zone = parse_time_zone(&histogram.time_zone).unwrap_or(TimeZone::UTC);
        let read = |bounds: &Option<(String, String)>| -> Result<Option<(i64, i64)>, StoreError> {
            let Some((min, max)) = bounds else {
                return Ok(None);
            };
            let instant = |text: &str, edge| {
                parse_instant(text, self.context.now_ms, &zone, edge).ok_or_else(|| {
                    StoreError::BadRequest {
                        kind: "parsing_exception",
                        path: format!("aggs.{}.date_histogram", entry.name),
                        message: format!("cannot read `{text}` as a date"),
                    }
                })
            };
            Ok(Some((
                instant(min, Edge::Start)?,
                instant(max, Edge::Start)?,
            )))
        };
        let (extended, hard) = (
            read(&histogram.extended_bounds)?,
            read(&histogram.hard_bounds)?,
        );
        let data = self.bounds(&histogram.field, scope)?;
        let empty = || Ok(vec![json!({"buckets": []}); scope.parents]);
        let mut range = match (data, extended) {
            (Some(data), Some(extended)) => (data.0.min(extended.0), data.1.max(extended.1)),
            (Some(range), None) | (None, Some(range)) => range,
            (None, None) => return empty(),
        };
        if let Some(hard) = hard {
            range = (range.0.max(hard.0), range.1.min(hard.1));
        }
        if range.0 > range.1 {
            return empty();
        }
        let interval = histogram
            .interval
            .unwrap_or_else(|| Interval::auto(range.0, range.1, AUTO_BUCKETS));
        let keyer = date_keyer(interval, &zone, histogram.offset_ms, range)?;
        let limits = Limits {
            min_doc_count: histogram.min_doc_count,
            extended: extended.map(|(min, max)| (keyer.of_whole(min), keyer.of_whole(max))),
            hard: hard.map(|(min, max)| (keyer.of_whole(min), keyer.of_whole(max))),
        };
        let mut answers = Vec::with_capacity(scope.parents);
        for mut buckets in self.histogram_buckets(
            entry,
            &histogram.field,
            &keyer,
            range,
            &limits,
            scope,
            &zone,
        )? {
            if histogram.descending {
                buckets.reverse();
            }
            let buckets = match histogram.keyed {
                true => buckets_object(buckets, KeepKey::Yes),
                false => buckets_array(buckets),
            };
            let mut answer = json!({ "buckets": buckets });
            if let (None, Some(object)) = (histogram.interval, answer.as_object_mut()) {
                object.insert("interval".to_owned(), json!(interval.text()));
            }
            answers.push(answer);
        }
        Ok(answers)
    }

    pub(super) fn auto_date_histogram(
        &self,
        entry: &Aggregation,
        field: &str,
        buckets: usize,
        time_zone: &str,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        let zone = parse_time_zone(time_zone).unwrap_or(TimeZone::UTC);
        let Some(range) = self.bounds(field, scope)? else {
            return Ok(vec![
                json!({"buckets": [], "interval": "1s"});
                scope.parents
            ]);
        };
        let interval = Interval::auto(range.0, range.1, buckets);
        let keyer = date_keyer(interval, &zone, 0, range)?;
        let limits = Limits::default();
        let rows = self.histogram_buckets(entry, field, &keyer, range, &limits, scope, &zone)?;
        let answer =
            |buckets| json!({"buckets": buckets_array(buckets), "interval": interval.text()});
        Ok(rows.into_iter().map(answer).collect())
    }

    pub(super) fn histogram(
        &self,
        entry: &Aggregation,
        histogram: &Histogram,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        let keyer = Keyer::Number {
            interval: histogram.interval,
            offset: histogram.offset,
        };
        let limits = Limits {
            min_doc_count: histogram.min_doc_count,
            extended: histogram
                .extended_bounds
                .map(|(min, max)| (keyer.of_number(min), keyer.of_number(max))),
            hard: None,
        };
        let range = match (
            self.bounds(&histogram.field, scope)?,
            histogram.extended_bounds,
        ) {
            (Some(range), _) => range,
            (None, Some((min, max))) => (min as i64, max as i64),
            (None, None) => return Ok(vec![json!({"buckets": []}); scope.parents]),
        };
        let zone = TimeZone::UTC;
        let rows = self.histogram_buckets(
            entry,
            &histogram.field,
            &keyer,
            range,
            &limits,
            scope,
            &zone,
        )?;
        let answer = |buckets| match histogram.keyed {
            true => json!({"buckets": buckets_object(buckets, KeepKey::Yes)}),
            false => json!({"buckets": buckets_array(buckets)}),
        };
        Ok(rows.into_iter().map(answer).collect())
    }

    /// Smallest and largest value of a field in the documents of a level.
    fn bounds(&self, field: &str, scope: &Scope<'_>) -> Result<Option<(i64, i64)>, StoreError> {
        let widen =
            |left: (i64, i64), right: (i64, i64)| (left.0.min(right.0), left.1.max(right.1));
        let ranges = self.each_segment(|at, view| {
            let docs = self
                .docs
                .get(at)
                .ok_or_else(|| failed("segment vanished"))?;
            let mut range: Option<(i64, i64)> = None;
            let mut add = |added: (i64, i64)| {
                range = Some(range.map_or(added, |range| widen(range, added)));
            };
            for column in NumberColumn::open(view.reader(), field)? {
                if let (true, Docs::All(_), Some(bounds)) = (scope.is_root(), docs, column.bounds())
                {
                    add(bounds);
                    continue;
                }
                scope.stream(at, docs, |docs, _| {
                    column.for_each_whole(docs, |_, value| add((value, value)));
                });
            }
            Ok(range)
        })?;
        Ok(ranges.into_iter().flatten().reduce(widen))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one caller for each kind of histogram, nothing to group"
    )]
    fn histogram_buckets(
        &self,
        entry: &Aggregation,
        field: &str,
        keyer: &Keyer,
        range: (i64, i64),
        limits: &Limits,
        scope: &Scope<'_>,
        zone: &TimeZone,
    ) -> Result<Vec<Vec<Bucket>>, StoreError> {
        // Fractions were cut off the range, so the bucket after the last may hold values too.
        let buckets = (
            keyer.of_whole(range.0),
            keyer.of_whole(range.1.saturating_add(1)),
        );
        let mut counts: Vec<BTreeMap<i64, u64>> = vec![BTreeMap::new(); scope.parents];
        let tables = self.each_segment(|at, view| {
            let docs = self
                .docs
                .get(at)
                .ok_or_else(|| failed("segment vanished"))?;
            let mut table = Table::new(scope.parents, buckets, 0u32);
            for column in NumberColumn::open(view.reader(), field)? {
                scope.stream(at, docs, |docs, parents| {
                    // Runs of one bucket are counted before the table is asked.
                    let (mut last, mut run, mut count) = (usize::MAX, (0, i64::MIN), 0);
                    let mut add = |(parent, bucket), count| {
                        if count > 0
                            && let Some(cell) = table.cell(parent, bucket, 0)
                        {
                            *cell += count;
                        }
                    };
                    keyer.visit(&column, docs, |at, bucket| {
                        let parent = parents.get(at).copied().unwrap_or_default();
                        if run != (parent, bucket) {
                            add(run, count);
                            (run, count) = ((parent, bucket), 1);
                        } else if last != at {
                            count += 1;
                        }
                        last = at;
                    });
                    add(run, count);
                });
            }
            Ok(table)
        })?;
        for table in tables {
            table.for_each(|parent, bucket, count| {
                let is_inside = limits
                    .hard
                    .is_none_or(|(first, last)| (first..=last).contains(&bucket));
                if let (true, true, Some(row)) =
                    (count > 0, is_inside, counts.get_mut(parent as usize))
                {
                    *row.entry(bucket).or_default() += u64::from(count);
                }
            });
        }
        for row in &mut counts {
            fill_gaps(row, limits)?;
        }
        let bucket = |(bucket, count): (&i64, &u64)| match keyer {
            Keyer::Date(_) => {
                let start = keyer.start_ms(*bucket);
                let text = format_instant(start, zone);
                Bucket {
                    key: json!(start),
                    key_as_string: Some(text),
                    doc_count: *count,
                    ..Bucket::default()
                }
            }
            Keyer::Number { .. } => Bucket {
                key: number(keyer.start(*bucket)),
                doc_count: *count,
                ..Bucket::default()
            },
        };
        let rows = counts
            .iter()
            .map(|row| row.iter().map(bucket).collect())
            .collect();
        self.fill_subs(entry, scope, rows, || {
            self.histogram_step(field, keyer, buckets, &counts)
        })
    }

    fn histogram_step(
        &self,
        field: &str,
        keyer: &Keyer,
        range: (i64, i64),
        counts: &[BTreeMap<i64, u64>],
    ) -> Result<Step, StoreError> {
        self.each_segment(|_, view| {
            let mut places = Table::new(counts.len(), range, NOWHERE);
            let mut place = 0;
            for (row, parent) in counts.iter().zip(0u32..) {
                for bucket in row.keys() {
                    if let Some(cell) = places.cell(parent, *bucket, NOWHERE) {
                        *cell = place;
                    }
                    place += 1;
                }
            }
            let columns = NumberColumn::open(view.reader(), field)?;
            Ok(Box::new(HistogramAssign {
                columns,
                keyer: keyer.clone(),
                places,
            }) as Box<dyn Assign>)
        })
    }
}

fn date_keyer(
    interval: Interval,
    zone: &TimeZone,
    offset_ms: i64,
    range: (i64, i64),
) -> Result<Keyer, StoreError> {
    let rounder = Rounder::new(interval, zone, offset_ms, range.0, range.1);
    rounder
        .map(Keyer::Date)
        .ok_or_else(|| StoreError::BadRequest {
            kind: "too_many_buckets_exception",
            path: "aggs".to_owned(),
            message: "the interval is too short for this stretch of time; use a longer one"
                .to_owned(),
        })
}

/// Adds the empty buckets an answer must have and removes those it must not have.
fn fill_gaps(row: &mut BTreeMap<i64, u64>, limits: &Limits) -> Result<(), StoreError> {
    if limits.min_doc_count > 0 {
        row.retain(|_, count| *count >= limits.min_doc_count);
        return Ok(());
    }
    let ends = row
        .first_key_value()
        .zip(row.last_key_value())
        .map(|(first, last)| (*first.0, *last.0));
    let ends = match (ends, limits.extended) {
        (Some(ends), Some(extended)) => Some((ends.0.min(extended.0), ends.1.max(extended.1))),
        (ends, extended) => ends.or(extended),
    };
    let Some((mut first, mut last)) = ends else {
        return Ok(());
    };
    if let Some(hard) = limits.hard {
        (first, last) = (first.max(hard.0), last.min(hard.1));
    }
    if last.saturating_sub(first) > MAX_BUCKETS as i64 {
        return Err(StoreError::BadRequest {
            kind: "too_many_buckets_exception",
            path: "aggs".to_owned(),
            message: format!(
                "the histogram would have more than {MAX_BUCKETS} buckets; use a longer interval or `min_doc_count` 1"
            ),
        });
    }
    (first..=last).for_each(|bucket| {
        row.entry(bucket).or_default();
    });
    Ok(())
}

struct HistogramAssign {
    columns: Vec<NumberColumn>,
    keyer: Keyer,
    places: Table<u32>,
}

impl Assign for HistogramAssign {
    fn assign(&self, docs: &[u32], parents: &[u32], out: &mut Pairs) {
        for column in &self.columns {
            let (mut last, mut run, mut place) = (usize::MAX, (0, i64::MIN), NOWHERE);
            self.keyer.visit(column, docs, |at, bucket| {
                let (Some(doc), Some(parent)) = (docs.get(at), parents.get(at)) else {
                    return;
                };
                let is_another = run != (*parent, bucket);
                if is_another {
                    run = (*parent, bucket);
                    place = self.places.get(*parent, bucket).unwrap_or(NOWHERE);
                }
                // A document counts once for a bucket, however often it has it.
                if (is_another || last != at) && place != NOWHERE {
                    out.push(*doc, place);
                }
                last = at;
            });
        }
    }
}
