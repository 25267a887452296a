//! The `terms` aggregation.

use hashbrown::HashMap;
use serde_json::{Value, json};
use tantivy::SegmentReader;
use tantivy::columnar::StrColumn;
use yagura_store::StoreError;
use yagura_store::aggs::{Aggregation, AggregationKind, Bucket, Terms, TermsOrder, buckets_array};
use yagura_store::dsl::SortOrder;

use super::Engine;
use super::assign::{Assign, Pairs, Scope, Step};
use super::key::Key;
use super::numbers::Kind;
use super::terms_count::{SegmentCounts, ValueFilter, count_segment};
use super::terms_reduce::{Need, reduce};
use crate::columns::{FieldColumn, for_each_value, has_value, millis, open};
use crate::partition::failed;

const NOWHERE: u32 = u32::MAX;

/// The bucket of each value of each parent.
type Places = HashMap<(u32, Key), u32>;

/// The same by the raw numbers of a column.
type RawPlaces = HashMap<(u32, i64), u32>;

impl Engine<'_> {
    pub(super) fn terms(
        &self,
        entry: &Aggregation,
        terms: &Terms,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        let filter = ValueFilter::new(terms.include.as_ref(), terms.exclude.as_ref())?;
        let counts: Vec<SegmentCounts> = self.each_segment(|at, view| {
            let docs = self
                .docs
                .get(at)
                .ok_or_else(|| failed("segment vanished"))?;
            count_segment(
                view,
                at,
                docs,
                scope,
                &terms.field,
                &filter,
                terms.missing.is_some(),
            )
        })?;
        let need = match &terms.order {
            TermsOrder::Count(SortOrder::Descending) => Need::MostFrequent(terms.size),
            TermsOrder::Key(SortOrder::Ascending) if terms.min_doc_count <= 1 => {
                Need::FirstKeys(terms.size)
            }
            _ => Need::All,
        };
        let mut reduced = reduce(scope.parents, &counts, need)?;
        let missing_key = terms
            .missing
            .as_deref()
            .map(|text| missing_key(text, &counts));
        if let Some(key) = &missing_key {
            for (parent, values) in reduced.values.iter_mut().enumerate() {
                let count = counts
                    .iter()
                    .filter_map(|segment| segment.missing.get(parent))
                    .sum();
                if count > 0 {
                    reduced
                        .counted
                        .get_mut(parent)
                        .into_iter()
                        .for_each(|sum| *sum += count);
                    match values.iter_mut().find(|(other, _)| other == key) {
                        Some((_, sum)) => *sum += count,
                        None => values.push((key.clone(), count)),
                    }
                }
            }
        }
        drop(counts);
        for values in &mut reduced.values {
            values.retain(|(_, count)| *count >= terms.min_doc_count);
        }
        self.order(
            entry,
            terms,
            scope,
            missing_key.as_ref(),
            &mut reduced.values,
        )?;
        let mut others = Vec::with_capacity(scope.parents);
        let mut buckets: Vec<Vec<Bucket>> = Vec::with_capacity(scope.parents);
        for (values, counted) in reduced.values.iter_mut().zip(&reduced.counted) {
            values.truncate(terms.size);
            let returned: u64 = values.iter().map(|(_, count)| count).sum();
            others.push(counted.saturating_sub(returned));
            buckets.push(
                values
                    .iter()
                    .map(|(key, count)| key.bucket(*count))
                    .collect(),
            );
        }
        let step = || self.terms_step(&terms.field, &reduced.values, missing_key.as_ref());
        let buckets = self.fill_subs(entry, scope, buckets, step)?;
        let answers = buckets.into_iter().zip(others).map(|(buckets, others)| {
            let mut answer =
                json!({"doc_count_error_upper_bound": 0, "sum_other_doc_count": others});
            if let Some(object) = answer.as_object_mut() {
                if terms.clamped {
                    object.insert("size_clamped_to".to_owned(), json!(terms.size));
                }
                object.insert("buckets".to_owned(), buckets_array(buckets));
            }
            answer
        });
        Ok(answers.collect())
    }

    /// Puts the values of every parent in the order asked for.
    fn order(
        &self,
        entry: &Aggregation,
        terms: &Terms,
        scope: &Scope<'_>,
        missing: Option<&Key>,
        values: &mut [Vec<(Key, u64)>],
    ) -> Result<(), StoreError> {
        let directed = |ordering: std::cmp::Ordering, order: SortOrder| match order {
            SortOrder::Ascending => ordering,
            SortOrder::Descending => ordering.reverse(),
        };
        match &terms.order {
            TermsOrder::Count(order) => {
                for values in values {
                    values.sort_by(|left, right| {
                        directed(left.1.cmp(&right.1), *order).then(left.0.cmp(&right.0))
                    });
                }
            }
            TermsOrder::Key(order) => {
                for values in values {
                    values.sort_by(|left, right| directed(left.0.cmp(&right.0), *order));
                }
            }
            TermsOrder::Metric { order, .. } => {
                let Some((target, property)) = entry.order_target() else {
                    return Ok(());
                };
                let AggregationKind::Metric {
                    metric,
                    field,
                    missing: default,
                } = &target.kind
                else {
                    return Ok(());
                };
                let total = values.iter().map(Vec::len).sum();
                let step = self.terms_step(&terms.field, values, missing)?;
                let below = scope.below(&step, total);
                let mut numbers = self
                    .metric_numbers(metric, field, *default, property, &below)?
                    .into_iter();
                for values in values {
                    let mut ranked: Vec<((Key, u64), f64)> = Vec::with_capacity(values.len());
                    for value in values.drain(..) {
                        ranked.push((value, numbers.next().unwrap_or(f64::NAN)));
                    }
                    ranked.sort_by(|left, right| {
                        // A bucket without a number comes last, whatever the direction.
                        let ordering = left.1.is_nan().cmp(&right.1.is_nan());
                        let ordering =
                            ordering.then_with(|| directed(left.1.total_cmp(&right.1), *order));
                        ordering.then_with(|| left.0.0.cmp(&right.0.0))
                    });
                    values.extend(ranked.into_iter().map(|(value, _)| value));
                }
            }
        }
        Ok(())
    }

    fn terms_step(
        &self,
        field: &str,
        values: &[Vec<(Key, u64)>],
        missing: Option<&Key>,
    ) -> Result<Step, StoreError> {
        let mut places = Places::new();
        let mut bucket = 0;
        for (values, parent) in values.iter().zip(0u32..) {
            for (key, _) in values {
                places.insert((parent, key.clone()), bucket);
                bucket += 1;
            }
        }
        self.each_segment(|_, view| {
            let assign = TermsAssign::new(view.reader(), field, &places, values.len(), missing)?;
            Ok(Box::new(assign) as Box<dyn Assign>)
        })
    }
}

/// The key of the bucket for documents without the field, of the field's own kind.
fn missing_key(text: &str, counts: &[SegmentCounts]) -> Key {
    let kind = counts
        .iter()
        .flat_map(|segment| &segment.numbers)
        .find(|numbers| !numbers.counts.is_empty())
        .map(|numbers| numbers.kind);
    let parsed = match kind {
        Some(Kind::Whole) => text.parse().ok().map(Key::Whole),
        Some(Kind::Double) => text.parse().ok().map(Key::number),
        Some(Kind::Bool) => text.parse().ok().map(Key::Bool),
        Some(Kind::Date) | None => None,
    };
    parsed.unwrap_or_else(|| Key::Text(text.to_owned()))
}

struct TermsAssign {
    texts: Vec<TextPlaces>,
    others: Vec<(FieldColumn, RawPlaces)>,
    /// Bucket of documents without the field, by parent, with the columns that tell.
    missing: Option<(Vec<FieldColumn>, Vec<u32>)>,
}

struct TextPlaces {
    column: StrColumn,
    /// By dictionary number if there is one parent, else by parent and number.
    dense: Option<Vec<u32>>,
    sparse: HashMap<u64, u32>,
}

impl TermsAssign {
    fn new(
        reader: &SegmentReader,
        field: &str,
        places: &Places,
        parents: usize,
        missing: Option<&Key>,
    ) -> Result<Self, StoreError> {
        let columns = open(reader, field)?;
        let mut assign = Self {
            texts: Vec::new(),
            others: Vec::new(),
            missing: None,
        };
        for column in &columns {
            match column {
                FieldColumn::Str(column) => {
                    assign.texts.push(TextPlaces::new(column, places, parents)?)
                }
                other => {
                    let raw = |((parent, key), bucket): (&(u32, Key), &u32)| {
                        let raw = match (other, key) {
                            (FieldColumn::I64(_), Key::Whole(value)) => *value,
                            (FieldColumn::Millis(_) | FieldColumn::Date(_), Key::Date(value)) => {
                                *value
                            }
                            (FieldColumn::Bool(_), Key::Bool(value)) => i64::from(*value),
                            (FieldColumn::F64(_), Key::Number(bits)) => bits.cast_signed(),
                            _ => return None,
                        };
                        Some(((*parent, raw), *bucket))
                    };
                    assign
                        .others
                        .push((other.clone(), places.iter().filter_map(raw).collect()));
                }
            }
        }
        if let Some(key) = missing {
            let parents = u32::try_from(parents).unwrap_or(u32::MAX);
            let bucket = |parent| {
                places
                    .get(&(parent, key.clone()))
                    .copied()
                    .unwrap_or(NOWHERE)
            };
            assign.missing = Some((columns, (0..parents).map(bucket).collect()));
        }
        Ok(assign)
    }
}

impl TextPlaces {
    fn new(column: &StrColumn, places: &Places, parents: usize) -> Result<Self, StoreError> {
        let mut dense = (parents == 1).then(|| vec![NOWHERE; column.num_terms()]);
        let mut sparse = HashMap::new();
        for ((parent, key), bucket) in places {
            let Key::Text(text) = key else {
                continue;
            };
            let Some(ord) = column.dictionary().term_ord(text).map_err(failed)? else {
                continue;
            };
            match &mut dense {
                Some(dense) => dense
                    .get_mut(ord as usize)
                    .into_iter()
                    .for_each(|slot| *slot = *bucket),
                None => {
                    sparse.insert(u64::from(*parent) << 32 | ord, *bucket);
                }
            }
        }
        Ok(Self {
            column: column.clone(),
            dense,
            sparse,
        })
    }

    fn place(&self, parent: u32, ord: u64) -> u32 {
        match &self.dense {
            Some(dense) => dense.get(ord as usize).copied().unwrap_or(NOWHERE),
            None => self
                .sparse
                .get(&(u64::from(parent) << 32 | ord))
                .copied()
                .unwrap_or(NOWHERE),
        }
    }
}

impl Assign for TermsAssign {
    fn assign(&self, docs: &[u32], parents: &[u32], out: &mut Pairs) {
        let pair = |at: usize| docs.get(at).copied().zip(parents.get(at).copied());
        for texts in &self.texts {
            let mut seen: (usize, Vec<u32>) = (usize::MAX, Vec::new());
            for_each_value(texts.column.ords(), docs, |at, ord| {
                let Some((doc, parent)) = pair(at) else {
                    return;
                };
                let bucket = texts.place(parent, ord);
                if seen.0 != at {
                    seen.0 = at;
                    seen.1.clear();
                }
                if bucket != NOWHERE && !seen.1.contains(&bucket) {
                    seen.1.push(bucket);
                    out.push(doc, bucket);
                }
            });
        }
        for (column, places) in &self.others {
            let mut last = (usize::MAX, NOWHERE);
            let mut visit = |at: usize, raw: i64| {
                let Some((doc, parent)) = pair(at) else {
                    return;
                };
                if let Some(bucket) = places.get(&(parent, raw))
                    && last != (at, *bucket)
                {
                    last = (at, *bucket);
                    out.push(doc, *bucket);
                }
            };
            match column {
                FieldColumn::Str(_) => {}
                FieldColumn::I64(column) | FieldColumn::Millis(column) => {
                    for_each_value(column, docs, visit)
                }
                FieldColumn::F64(column) => {
                    for_each_value(column, docs, |at, v| {
                        visit(at, (if v == 0.0 { 0.0 } else { v }).to_bits().cast_signed())
                    });
                }
                FieldColumn::Bool(column) => {
                    for_each_value(column, docs, |at, v| visit(at, i64::from(v)))
                }
                FieldColumn::Date(column) => {
                    for_each_value(column, docs, |at, v| visit(at, millis(v)))
                }
            }
        }
        if let Some((columns, buckets)) = &self.missing {
            for (doc, parent) in docs.iter().zip(parents) {
                let bucket = buckets.get(*parent as usize).copied().unwrap_or(NOWHERE);
                if bucket != NOWHERE && !columns.iter().any(|column| has_value(column, *doc)) {
                    out.push(*doc, bucket);
                }
            }
        }
    }
}
