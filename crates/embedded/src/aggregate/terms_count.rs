//! Counting the values of a field in one segment.

use std::sync::Arc;

use hashbrown::HashMap;
use tantivy::columnar::{Cardinality, StrColumn};
use yagura_store::StoreError;
use yagura_store::aggs::TermsFilter;

use super::assign::Scope;
use super::numbers::{NumberCount, NumberCounts};
use super::remembered;
use crate::columns::{FieldColumn, for_each_value, has_value, open};
use crate::ip;
use crate::partition::failed;
use crate::query::Matcher;
use crate::search::{Docs, SegmentView};

/// Cells of a table that is kept whole instead of by hash.
const MAX_DENSE_CELLS: usize = 8 << 20;

/// Counts of numbered things in the buckets of a level.
#[derive(Clone)]
pub(super) enum Counts {
    /// Row for row.
    Dense { cells: Vec<u32>, width: usize },
    /// By bucket and number.
    Sparse(HashMap<u64, u32>),
}

impl Counts {
    pub(super) fn new(parents: usize, width: usize) -> Self {
        match parents.checked_mul(width) {
            Some(cells) if cells <= MAX_DENSE_CELLS => Self::Dense {
                cells: vec![0; cells],
                width,
            },
            _ => Self::Sparse(HashMap::new()),
        }
    }

    /// Bytes it takes, about.
    fn size(&self) -> usize {
        match self {
            Self::Dense { cells, .. } => cells.len() * size_of::<u32>(),
            Self::Sparse(cells) => cells.len() * 16,
        }
    }

    pub(super) fn add(&mut self, parent: u32, number: u32) {
        match self {
            Self::Dense { cells, width } => {
                if let Some(cell) = cells.get_mut(parent as usize * *width + number as usize) {
                    *cell += 1;
                }
            }
            Self::Sparse(cells) => {
                *cells
                    .entry(u64::from(parent) << 32 | u64::from(number))
                    .or_default() += 1
            }
        }
    }

    pub(super) fn get(&self, parent: u32, number: u32) -> u32 {
        match self {
            Self::Dense { cells, width } => cells
                .get(parent as usize * width + number as usize)
                .copied()
                .unwrap_or_default(),
            Self::Sparse(cells) => cells
                .get(&(u64::from(parent) << 32 | u64::from(number)))
                .copied()
                .unwrap_or_default(),
        }
    }

    /// Everything that was counted: bucket, number, count, in order of bucket and number.
    pub(super) fn entries(&self) -> Vec<(u32, u32, u32)> {
        match self {
            Self::Dense { cells, width } => {
                let rows = cells.chunks((*width).max(1)).zip(0u32..);
                rows.flat_map(|(row, parent)| {
                    let counted = row.iter().zip(0u32..).filter(|(count, _)| **count > 0);
                    counted.map(move |(count, number)| (parent, number, *count))
                })
                .collect()
            }
            Self::Sparse(cells) => {
                let split = |(key, count): (&u64, &u32)| ((key >> 32) as u32, *key as u32, *count);
                let mut entries: Vec<_> = cells.iter().map(split).collect();
                entries.sort_unstable();
                entries
            }
        }
    }

    /// Forgets the numbers that are not allowed.
    fn retain(&mut self, allowed: &[bool]) {
        let is_allowed = |number: usize| allowed.get(number).copied().unwrap_or_default();
        match self {
            Self::Dense { cells, width } => {
                for row in cells.chunks_mut((*width).max(1)) {
                    for (number, cell) in row.iter_mut().enumerate() {
                        if !is_allowed(number) {
                            *cell = 0;
                        }
                    }
                }
            }
            Self::Sparse(cells) => cells.retain(|key, _| is_allowed(*key as u32 as usize)),
        }
    }
}

/// The counts of one segment.
pub(super) struct SegmentCounts {
    /// Text columns with the counts of their dictionary's numbers.
    pub(super) texts: Vec<(StrColumn, Arc<Counts>)>,
    /// The other columns.
    pub(super) numbers: Vec<Arc<NumberCounts>>,
    /// Documents without a value, by bucket.
    pub(super) missing: Vec<u64>,
}

/// The values of a field that count, for columns of text.
pub(super) struct ValueFilter {
    include: Option<Values>,
    exclude: Option<Values>,
}

enum Values {
    List(Vec<String>),
    Matching(Matcher),
}

impl ValueFilter {
    pub(super) fn new(
        include: Option<&TermsFilter>,
        exclude: Option<&TermsFilter>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            include: values(include)?,
            exclude: values(exclude)?,
        })
    }

    fn is_empty(&self) -> bool {
        self.include.is_none() && self.exclude.is_none()
    }

    /// Whether a value counts, as people write it.
    pub(super) fn allows(&self, text: &str) -> bool {
        let holds = |values: &Values| match values {
            Values::List(list) => list.iter().any(|value| value == text),
            Values::Matching(matcher) => matcher.matches(text),
        };
        self.include.as_ref().is_none_or(holds) && !self.exclude.as_ref().is_some_and(holds)
    }

    /// Which numbers of a dictionary count.
    fn allowed(&self, column: &StrColumn) -> Result<Vec<bool>, StoreError> {
        let mut allowed = vec![self.include.is_none(); column.num_terms()];
        let mut set = |values: &Values, value: bool| -> Result<(), StoreError> {
            match values {
                Values::List(list) => {
                    for text in list {
                        let spellings = [Some(text.clone()), ip::encode_text(text)];
                        for spelling in spellings.into_iter().flatten() {
                            if let Some(ord) =
                                column.dictionary().term_ord(spelling).map_err(failed)?
                            {
                                allowed
                                    .get_mut(ord as usize)
                                    .into_iter()
                                    .for_each(|slot| *slot = value);
                            }
                        }
                    }
                }
                Values::Matching(matcher) => {
                    let mut stream = column.dictionary().stream().map_err(failed)?;
                    let mut ord = 0;
                    while stream.advance() {
                        if std::str::from_utf8(stream.key()).is_ok_and(|text| matcher.matches(text))
                        {
                            allowed
                                .get_mut(ord)
                                .into_iter()
                                .for_each(|slot| *slot = value);
                        }
                        ord += 1;
                    }
                }
            }
            Ok(())
        };
        self.include
            .as_ref()
            .map_or(Ok(()), |values| set(values, true))?;
        self.exclude
            .as_ref()
            .map_or(Ok(()), |values| set(values, false))?;
        Ok(allowed)
    }
}

fn values(filter: Option<&TermsFilter>) -> Result<Option<Values>, StoreError> {
    Ok(match filter {
        None => None,
        Some(TermsFilter::Values(list)) => Some(Values::List(list.clone())),
        Some(TermsFilter::Pattern(pattern)) => {
            let matcher = Matcher::regexp(pattern).map_err(|message| StoreError::BadRequest {
                kind: "parsing_exception",
                path: "aggs.terms.include".to_owned(),
                message,
            })?;
            Some(Values::Matching(matcher))
        }
    })
}

/// Counts the values of a field in one segment.
pub(super) fn count_segment(
    view: &SegmentView,
    segment: usize,
    docs: &Docs,
    scope: &Scope<'_>,
    field: &str,
    filter: &ValueFilter,
    wants_missing: bool,
) -> Result<SegmentCounts, StoreError> {
    let columns = open(view.reader(), field)?;
    let mut counts = SegmentCounts {
        texts: Vec::new(),
        numbers: Vec::new(),
        missing: vec![0; scope.parents],
    };
    for (at, column) in columns.iter().enumerate() {
        // A field may have several columns.
        let name = format!("{at} {field}");
        let FieldColumn::Str(column) = column else {
            let count = || {
                let counted = NumberCounts::of(column, segment, docs, scope);
                counted.ok_or_else(|| failed("a column of text has no numbers"))
            };
            let mut table = remembered(view, docs, scope, &name, NumberCounts::size, count)?;
            if !filter.is_empty() {
                let table = Arc::make_mut(&mut table);
                let kind = table.kind;
                let allows = |it: &NumberCount| filter.allows(&kind.key(it.raw).text());
                table.counts.retain(allows);
            }
            counts.numbers.push(table);
            continue;
        };
        let count = || {
            let mut table = Counts::new(scope.parents, column.num_terms());
            count_texts(column, segment, docs, scope, &mut table);
            Ok(table)
        };
        let mut table = remembered(view, docs, scope, &name, Counts::size, count)?;
        if !filter.is_empty() {
            Arc::make_mut(&mut table).retain(&filter.allowed(column)?);
        }
        counts.texts.push((column.clone(), table));
    }
    if wants_missing {
        scope.stream(segment, docs, |docs, parents| {
            for (doc, parent) in docs.iter().zip(parents) {
                if !columns.iter().any(|column| has_value(column, *doc)) {
                    counts
                        .missing
                        .get_mut(*parent as usize)
                        .into_iter()
                        .for_each(|count| *count += 1);
                }
            }
        });
    }
    Ok(counts)
}

fn count_texts(
    column: &StrColumn,
    segment: usize,
    docs: &Docs,
    scope: &Scope<'_>,
    table: &mut Counts,
) {
    let is_multivalued = column.ords().get_cardinality() == Cardinality::Multivalued;
    let mut seen: Vec<u64> = Vec::new();
    scope.stream(segment, docs, |docs, parents| {
        let mut last = usize::MAX;
        if let (Counts::Dense { cells, .. }, 1, false) =
            (&mut *table, scope.parents, is_multivalued)
        {
            for_each_value(column.ords(), docs, |_, ord| {
                cells
                    .get_mut(ord as usize)
                    .into_iter()
                    .for_each(|cell| *cell += 1);
            });
            return;
        }
        for_each_value(column.ords(), docs, |at, ord| {
            if is_multivalued {
                // A document counts once for a value, however often it has it.
                if at != last {
                    seen.clear();
                    last = at;
                }
                if seen.contains(&ord) {
                    return;
                }
                seen.push(ord);
            }
            if let Some(parent) = parents.get(at) {
                table.add(*parent, ord as u32);
            }
        });
    });
}
