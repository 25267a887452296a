//! Metrics: numbers about the values of a field.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use hashbrown::HashSet;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use tantivy::columnar::StrColumn;
use yagura_store::aggs::{
    CardinalitySketch, Metric, QuantileSketch, Stats, mix_hash, number, stats_json,
};
use yagura_store::dates::format_instant;
use yagura_store::{FieldType, StoreError};

use super::assign::Scope;
use super::terms_count::Counts;
use super::{Engine, remembered};
use crate::columns::{FieldColumn, NumberColumn, for_each_value, has_value, open};
use crate::partition::failed;
use crate::routes::TIMESTAMP;
use crate::search::Docs;

/// Bits of a table that tells which values each bucket has.
const MAX_DENSE_BITS: usize = 256 << 20;

impl Engine<'_> {
    pub(super) fn metric(
        &self,
        metric: &Metric,
        field: &str,
        missing: Option<f64>,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        match metric {
            Metric::Cardinality => {
                let sketches = self.cardinality(field, missing, scope)?;
                Ok(sketches
                    .iter()
                    .map(|sketch| json!({"value": sketch.count()}))
                    .collect())
            }
            Metric::ValueCount => {
                let counts = self.value_count(field, scope)?;
                Ok(counts
                    .into_iter()
                    .map(|count| json!({"value": count}))
                    .collect())
            }
            Metric::Percentiles { percents, keyed } => {
                let sketches = self.quantiles(field, missing, scope)?;
                Ok(sketches
                    .iter()
                    .map(|sketch| percentiles_json(sketch, percents, *keyed))
                    .collect())
            }
            Metric::Stats | Metric::ExtendedStats => {
                let extended = *metric == Metric::ExtendedStats;
                let stats = self.stats(field, missing, scope)?;
                Ok(stats
                    .iter()
                    .map(|stats| stats_json(stats, extended))
                    .collect())
            }
            Metric::Sum | Metric::Avg | Metric::Min | Metric::Max => {
                let is_date = matches!(metric, Metric::Min | Metric::Max) && self.is_date(field);
                let answer = |stats: &Stats| {
                    let value = property(stats, metric, "value");
                    let mut answer = json!({"value": number(value)});
                    if let (true, true, Some(object)) =
                        (is_date, value.is_finite(), answer.as_object_mut())
                    {
                        let text = format_instant(value as i64, &TimeZone::UTC);
                        object.insert("value_as_string".to_owned(), json!(text));
                    }
                    answer
                };
                Ok(self
                    .stats(field, missing, scope)?
                    .iter()
                    .map(answer)
                    .collect())
            }
        }
    }

    /// One number of a metric for each bucket, for ordering; `NaN` where there is none.
    pub(super) fn metric_numbers(
        &self,
        metric: &Metric,
        field: &str,
        missing: Option<f64>,
        name: &str,
        scope: &Scope<'_>,
    ) -> Result<Vec<f64>, StoreError> {
        Ok(match metric {
            Metric::Cardinality => self
                .cardinality(field, missing, scope)?
                .iter()
                .map(|sketch| sketch.count() as f64)
                .collect(),
            Metric::ValueCount => self
                .value_count(field, scope)?
                .into_iter()
                .map(|count| count as f64)
                .collect(),
            Metric::Percentiles { .. } => {
                let percent = name.parse().unwrap_or(50.0);
                let sketches = self.quantiles(field, missing, scope)?;
                sketches
                    .iter()
                    .map(|sketch| sketch.percentile(percent).unwrap_or(f64::NAN))
                    .collect()
            }
            _ => self
                .stats(field, missing, scope)?
                .iter()
                .map(|stats| property(stats, metric, name))
                .collect(),
        })
    }

    fn is_date(&self, field: &str) -> bool {
        let declared = |index: &str| {
            self.context
                .catalog()
                .lookup(index, field)
                .map(|field| field.field_type)
        };
        field == TIMESTAMP
            || self
                .segments
                .iter()
                .any(|view| declared(&view.partition.key.index) == Some(FieldType::Date))
    }

    /// Gathers something from every number of a field, by bucket.
    fn gather<T: Default + Clone + Send + Sync + 'static>(
        &self,
        field: &str,
        missing: Option<f64>,
        scope: &Scope<'_>,
        add: impl Fn(&mut T, f64) + Sync,
        merge: impl Fn(&mut T, &T),
        size: impl Fn(&T) -> usize + Sync,
    ) -> Result<Vec<T>, StoreError> {
        let parts = self.each_segment(|at, view| {
            let docs = self
                .docs
                .get(at)
                .ok_or_else(|| failed("segment vanished"))?;
            let numbers = || {
                let mut part = vec![T::default(); scope.parents];
                for column in NumberColumn::open(view.reader(), field)? {
                    scope.stream(at, docs, |docs, parents| {
                        column.for_each(docs, |at, value| {
                            let parent = parents.get(at).copied().unwrap_or_default();
                            part.get_mut(parent as usize)
                                .into_iter()
                                .for_each(|slot| add(slot, value));
                        });
                    });
                }
                Ok(part)
            };
            let mut part = remembered(view, docs, scope, field, size_of_all(&size), numbers)?;
            if let Some(value) = missing {
                let columns = open(view.reader(), field)?;
                let part = Arc::make_mut(&mut part);
                scope.stream(at, docs, |docs, parents| {
                    for (doc, parent) in docs.iter().zip(parents) {
                        if !columns.iter().any(|column| has_value(column, *doc)) {
                            part.get_mut(*parent as usize)
                                .into_iter()
                                .for_each(|slot| add(slot, value));
                        }
                    }
                });
            }
            Ok(part)
        })?;
        let mut total = vec![T::default(); scope.parents];
        for part in parts {
            total
                .iter_mut()
                .zip(part.iter())
                .for_each(|(total, part)| merge(total, part));
        }
        Ok(total)
    }

    fn stats(
        &self,
        field: &str,
        missing: Option<f64>,
        scope: &Scope<'_>,
    ) -> Result<Vec<Stats>, StoreError> {
        self.gather(field, missing, scope, Stats::add, Stats::merge, |_| 0)
    }

    fn quantiles(
        &self,
        field: &str,
        missing: Option<f64>,
        scope: &Scope<'_>,
    ) -> Result<Vec<QuantileSketch>, StoreError> {
        self.gather(
            field,
            missing,
            scope,
            QuantileSketch::add,
            QuantileSketch::merge,
            QuantileSketch::size,
        )
    }

    fn value_count(&self, field: &str, scope: &Scope<'_>) -> Result<Vec<u64>, StoreError> {
        let parts = self.each_segment(|at, view| {
            let docs = self
                .docs
                .get(at)
                .ok_or_else(|| failed("segment vanished"))?;
            let mut counts = vec![0u64; scope.parents];
            for column in open(view.reader(), field)? {
                scope.stream(at, docs, |docs, parents| {
                    let mut add = |at: usize| {
                        let parent = parents.get(at).copied().unwrap_or_default();
                        counts
                            .get_mut(parent as usize)
                            .into_iter()
                            .for_each(|count| *count += 1);
                    };
                    match &column {
                        FieldColumn::Str(column) => {
                            for_each_value(column.ords(), docs, |at, _| add(at))
                        }
                        FieldColumn::I64(column) | FieldColumn::Millis(column) => {
                            for_each_value(column, docs, |at, _| add(at));
                        }
                        FieldColumn::F64(column) => for_each_value(column, docs, |at, _| add(at)),
                        FieldColumn::Bool(column) => for_each_value(column, docs, |at, _| add(at)),
                        FieldColumn::Date(column) => for_each_value(column, docs, |at, _| add(at)),
                    }
                });
            }
            Ok(counts)
        })?;
        let mut total = vec![0; scope.parents];
        for part in parts {
            total
                .iter_mut()
                .zip(part)
                .for_each(|(sum, count)| *sum += count);
        }
        Ok(total)
    }

    fn cardinality(
        &self,
        field: &str,
        missing: Option<f64>,
        scope: &Scope<'_>,
    ) -> Result<Vec<CardinalitySketch>, StoreError> {
        let parts = self.each_segment(|at, view| {
            let docs = self
                .docs
                .get(at)
                .ok_or_else(|| failed("segment vanished"))?;
            let distinct = || {
                let mut sketches = vec![CardinalitySketch::default(); scope.parents];
                for column in open(view.reader(), field)? {
                    if let FieldColumn::Str(column) = column {
                        distinct_texts(&column, at, docs, scope, &mut sketches)?;
                    }
                }
                for column in NumberColumn::open(view.reader(), field)? {
                    let mut last = (u32::MAX, 0);
                    scope.stream(at, docs, |docs, parents| {
                        column.for_each(docs, |at, value| {
                            let parent = parents.get(at).copied().unwrap_or_default();
                            // Equal values often follow one another.
                            let now = (parent, value.to_bits());
                            if last != now {
                                last = now;
                                let hash = mix_hash(value.to_bits() ^ 0x5bd1_e995);
                                sketches
                                    .get_mut(parent as usize)
                                    .into_iter()
                                    .for_each(|sketch| sketch.add(hash));
                            }
                        });
                    });
                }
                Ok(sketches)
            };
            let size = size_of_all(CardinalitySketch::size);
            remembered(view, docs, scope, field, size, distinct)
        })?;
        let mut total = vec![CardinalitySketch::default(); scope.parents];
        for part in &parts {
            total
                .iter_mut()
                .zip(part.iter())
                .for_each(|(total, part)| total.merge(part));
        }
        if let (Some(value), true) = (missing, scope.parents > 0) {
            let hash = mix_hash(value.to_bits() ^ 0x5bd1_e995);
            total.iter_mut().for_each(|sketch| sketch.add(hash));
        }
        Ok(total)
    }
}

/// Bytes of several, of what each takes beside itself.
fn size_of_all<T>(size: impl Fn(&T) -> usize) -> impl Fn(&Vec<T>) -> usize {
    move |all| all.iter().map(|one| size_of::<T>() + size(one)).sum()
}

/// Adds the hashes of the texts each bucket has.
fn distinct_texts(
    column: &StrColumn,
    segment: usize,
    docs: &Docs,
    scope: &Scope<'_>,
    sketches: &mut [CardinalitySketch],
) -> Result<(), StoreError> {
    let terms = column.num_terms();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    if scope.parents.saturating_mul(terms) <= MAX_DENSE_BITS / 32 {
        let mut table = Counts::new(scope.parents, terms);
        scope.stream(segment, docs, |docs, parents| {
            for_each_value(column.ords(), docs, |at, ord| {
                table.add(parents.get(at).copied().unwrap_or_default(), ord as u32);
            });
        });
        pairs.extend(
            table
                .entries()
                .into_iter()
                .map(|(parent, number, _)| (number, parent)),
        );
    } else {
        let mut seen: HashSet<(u32, u32)> = HashSet::new();
        scope.stream(segment, docs, |docs, parents| {
            for_each_value(column.ords(), docs, |at, ord| {
                seen.insert((ord as u32, parents.get(at).copied().unwrap_or_default()));
            });
        });
        pairs.extend(seen);
    }
    pairs.sort_unstable();
    // The hash must be the same in every segment, so it is of the text.
    let hasher = FixedState;
    let mut numbers: Vec<u64> = pairs.iter().map(|(number, _)| u64::from(*number)).collect();
    numbers.dedup();
    let mut groups = pairs.chunk_by(|left, right| left.0 == right.0);
    let callback = |bytes: &[u8]| {
        let mut state = hasher.build_hasher();
        state.write(bytes);
        let hash = mix_hash(state.finish());
        for (_, parent) in groups.next().unwrap_or_default() {
            sketches
                .get_mut(*parent as usize)
                .into_iter()
                .for_each(|sketch| sketch.add(hash));
        }
    };
    column
        .dictionary()
        .sorted_ords_to_term_cb(&numbers, callback)
        .map_err(failed)?;
    Ok(())
}

/// FNV-1a, which is the same everywhere.
struct FixedState;

struct Fnv(u64);

impl BuildHasher for FixedState {
    type Hasher = Fnv;

    fn build_hasher(&self) -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// One number of the statistics; `NaN` where there is none.
fn property(stats: &Stats, metric: &Metric, name: &str) -> f64 {
    let name = match (metric, name) {
        (Metric::Sum, _) => "sum",
        (Metric::Avg, _) => "avg",
        (Metric::Min, _) => "min",
        (Metric::Max, _) => "max",
        (_, name) => name,
    };
    let answer = stats_json(stats, true);
    answer.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

fn percentiles_json(sketch: &QuantileSketch, percents: &[f64], keyed: bool) -> Value {
    let value = |percent: &f64| sketch.percentile(*percent).map_or(Value::Null, number);
    if keyed {
        let values: Map<String, Value> = percents
            .iter()
            .map(|percent| (format!("{percent:?}"), value(percent)))
            .collect();
        return json!({ "values": values });
    }
    let values: Vec<Value> = percents
        .iter()
        .map(|percent| json!({"key": percent, "value": value(percent)}))
        .collect();
    json!({ "values": values })
}
