//! Counting the values of columns that are not text.

use hashbrown::HashMap;
use tantivy::DateTime;
use tantivy::columnar::Column;

use super::assign::Scope;
use super::key::Key;
use crate::columns::{FieldColumn, for_each_value, millis};
use crate::search::Docs;

/// Widest range of whole numbers that is counted in a table. Ports, packets and durations fit; a
/// table is some ten times faster than hashing.
const MAX_TABLE: u64 = 4 << 20;

/// What the raw numbers of a column stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Whole,
    Date,
    /// The bits of a double.
    Double,
    Bool,
}

impl Kind {
    pub(super) fn key(self, raw: i64) -> Key {
        match self {
            Kind::Whole => Key::Whole(raw),
            Kind::Date => Key::Date(raw),
            Kind::Double => Key::number(f64::from_bits(raw.cast_unsigned())),
            Kind::Bool => Key::Bool(raw != 0),
        }
    }
}

/// How often a value stands in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NumberCount {
    pub(super) parent: u32,
    pub(super) raw: i64,
    pub(super) count: u32,
}

/// The values of a column with their counts, in order of bucket and raw number.
#[derive(Clone)]
pub(super) struct NumberCounts {
    pub(super) kind: Kind,
    pub(super) counts: Vec<NumberCount>,
}

impl NumberCounts {
    /// Counts a column of one segment; `None` for columns of text.
    pub(super) fn of(
        column: &FieldColumn,
        segment: usize,
        docs: &Docs,
        scope: &Scope<'_>,
    ) -> Option<NumberCounts> {
        let within = (segment, docs, scope);
        let (kind, counts) = match column {
            FieldColumn::Str(_) => return None,
            FieldColumn::I64(column) => (Kind::Whole, count_whole(column, within)),
            FieldColumn::Millis(column) => (Kind::Date, count_whole(column, within)),
            FieldColumn::F64(column) => {
                // The two zeros are one value.
                let raw = |value: f64| (if value == 0.0 { 0.0 } else { value }).to_bits();
                let counts = count(column, within, |value| raw(value).cast_signed());
                (Kind::Double, counts)
            }
            FieldColumn::Bool(column) => (Kind::Bool, count(column, within, i64::from)),
            FieldColumn::Date(column) => {
                let counts = count(column, within, |value: DateTime| millis(value));
                (Kind::Date, counts)
            }
        };
        Some(NumberCounts { kind, counts })
    }

    /// Bytes it takes, about.
    pub(super) fn size(&self) -> usize {
        self.counts.len() * size_of::<NumberCount>()
    }
}

/// Adds up counts of several segments: one for each bucket and number, in their order.
pub(super) fn added_up<'c>(all: impl Iterator<Item = &'c NumberCounts>) -> Vec<NumberCount> {
    let parts: Vec<&[NumberCount]> = all.map(|part| part.counts.as_slice()).collect();
    if let Some(mut table) = Table::for_parts(&parts) {
        for it in parts.iter().copied().flatten() {
            table.add(it.raw, it.count);
        }
        return table.into_counts();
    }
    let mut counts = parts.concat();
    // Each part is in order, which this sort makes use of.
    counts.sort_by_key(|count| (count.parent, count.raw));
    counts.dedup_by(|next, kept| {
        let is_same = (next.parent, next.raw) == (kept.parent, kept.raw);
        if is_same {
            kept.count = kept.count.saturating_add(next.count);
        }
        is_same
    });
    counts
}

/// Counts of whole numbers that lie close together, in one bucket.
struct Table {
    least: i64,
    cells: Vec<u32>,
}

impl Table {
    /// A table for so many numbers from the least to the most; `None` if it would be larger than
    /// what is counted, for then it costs more than it saves.
    fn new(least: i64, most: i64, numbers: usize) -> Option<Table> {
        let range = most.checked_sub(least)?.unsigned_abs();
        let is_worth_it = least <= most && range <= MAX_TABLE && range / 16 <= numbers as u64;
        is_worth_it.then(|| Table {
            least,
            cells: vec![0; range as usize + 1],
        })
    }

    /// A table for the numbers of several parts, each in order, if they are in one bucket.
    fn for_parts(parts: &[&[NumberCount]]) -> Option<Table> {
        let ends = || {
            let ends = parts
                .iter()
                .filter_map(|part| part.first().zip(part.last()));
            ends.flat_map(|(first, last)| [first, last])
        };
        if ends().any(|it| it.parent != 0) {
            return None;
        }
        let least = ends().map(|it| it.raw).min()?;
        let most = ends().map(|it| it.raw).max()?;
        Table::new(least, most, parts.iter().map(|part| part.len()).sum())
    }

    fn add(&mut self, raw: i64, count: u32) {
        let cell = self.cells.get_mut(raw.abs_diff(self.least) as usize);
        cell.into_iter()
            .for_each(|sum| *sum = sum.saturating_add(count));
    }

    fn into_counts(self) -> Vec<NumberCount> {
        let counted = self.cells.into_iter().zip(0i64..);
        let counted = counted.filter(|(count, _)| *count > 0);
        let counts = counted.map(|(count, at)| NumberCount {
            parent: 0,
            raw: self.least + at,
            count,
        });
        counts.collect()
    }
}

/// Number of the segment, its documents, and the way to their buckets.
type Within<'w> = (usize, &'w Docs, &'w Scope<'w>);

/// Counts whole numbers in a table if they lie close enough together.
fn count_whole(column: &Column<i64>, within: Within<'_>) -> Vec<NumberCount> {
    let (_, docs, scope) = within;
    let table = match scope.parents {
        1 => Table::new(column.min_value(), column.max_value(), docs.len()),
        _ => None,
    };
    let Some(mut table) = table else {
        return count(column, within, |value| value);
    };
    each_once(
        column,
        within,
        |value| value,
        |_, value| table.add(value, 1),
    );
    table.into_counts()
}

/// Counts by raw number. In one bucket the numbers are put in order and counted in runs: where nearly all differ, as
/// sizes in bytes do, hashing them takes several times as long.
fn count<T>(column: &Column<T>, within: Within<'_>, raw: impl Fn(T) -> i64) -> Vec<NumberCount>
where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + Default + 'static,
{
    if within.2.parents == 1 {
        let mut all: Vec<i64> = Vec::new();
        each_once(column, within, raw, |_, value| all.push(value));
        all.sort_unstable();
        let runs = all.chunk_by(|left, right| left == right);
        let counts = runs.map(|run| NumberCount {
            parent: 0,
            raw: run.first().copied().unwrap_or_default(),
            count: run.len() as u32,
        });
        return counts.collect();
    }
    let mut by_raw: HashMap<(u32, i64), u32> = HashMap::new();
    each_once(column, within, raw, |parent, value| {
        *by_raw.entry((parent, value)).or_default() += 1;
    });
    let counts = by_raw
        .into_iter()
        .map(|((parent, raw), count)| NumberCount { parent, raw, count });
    let mut counts: Vec<_> = counts.collect();
    counts.sort_unstable();
    counts
}

/// Visits the raw numbers with their buckets; one that a document has twice in a row counts once.
fn each_once<T>(
    column: &Column<T>,
    (segment, docs, scope): Within<'_>,
    raw: impl Fn(T) -> i64,
    mut visit: impl FnMut(u32, i64),
) where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + Default + 'static,
{
    scope.stream(segment, docs, |docs, parents| {
        let mut last = (usize::MAX, 0);
        for_each_value(column, docs, |at, value| {
            let now = (at, raw(value));
            if last != now {
                last = now;
                if let Some(parent) = parents.get(at) {
                    visit(*parent, now.1);
                }
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_segments_add_up() {
        let counts = |entries: &[(u32, i64, u32)]| NumberCounts {
            kind: Kind::Whole,
            counts: entries
                .iter()
                .map(|(parent, raw, count)| NumberCount {
                    parent: *parent,
                    raw: *raw,
                    count: *count,
                })
                .collect(),
        };
        let parts = [
            counts(&[(0, -3, 1), (0, 7, 2), (1, 7, 4)]),
            counts(&[(0, 7, 5), (1, 8, 1)]),
            counts(&[(0, -3, u32::MAX)]),
        ];
        let expected = counts(&[(0, -3, u32::MAX), (0, 7, 7), (1, 7, 4), (1, 8, 1)]);
        assert_eq!(added_up(parts.iter()), expected.counts);
        let in_one_bucket = [
            counts(&[(0, i64::MAX - 9, 1), (0, i64::MAX, 2)]),
            counts(&[]),
            counts(&[(0, i64::MAX - 9, u32::MAX), (0, i64::MAX - 3, 3)]),
        ];
        let expected = [
            (0, i64::MAX - 9, u32::MAX),
            (0, i64::MAX - 3, 3),
            (0, i64::MAX, 2),
        ];
        assert_eq!(added_up(in_one_bucket.iter()), counts(&expected).counts);
        let far_apart = [counts(&[(0, i64::MIN, 1)]), counts(&[(0, i64::MAX, 2)])];
        let expected = counts(&[(0, i64::MIN, 1), (0, i64::MAX, 2)]);
        assert_eq!(added_up(far_apart.iter()), expected.counts);
        assert_eq!(added_up([].iter()), []);
    }
}
