//! From the counts of all segments to the values that come back.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use yagura_store::StoreError;

use super::key::Key;
use super::numbers::{Kind, NumberCount, added_up};
use super::terms_count::SegmentCounts;
use super::terms_merge::merged;
use crate::partition::failed;

/// Distinct values up to which all of them are looked at by name.
const MAX_NAMED: usize = 50_000;
/// Distinct values a request may make the store look at by name.
const MAX_NAMED_EVER: usize = 4_000_000;

/// How many times as many values segments propose if those they proposed are not enough.
const MORE: usize = 8;

/// Which values are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// The most frequent ones of every bucket.
    MostFrequent(usize),
    /// The first ones of every bucket in ascending order.
    FirstKeys(usize),
    /// All of them.
    All,
}

/// Values with their counts, by parent bucket.
pub(super) struct Reduced {
    pub(super) values: Vec<Vec<(Key, u64)>>,
    /// Documents counted under any value, by parent bucket.
    pub(super) counted: Vec<u64>,
}

/// Counts by bucket and value.
pub(super) type Named = HashMap<(u32, String), u64>;

/// Bucket, number in the dictionary, count.
pub(super) type Entry = (u32, u32, u32);

/// The values one segment proposes, with their counts there.
type Proposals = HashMap<(u32, String), u32>;

/// Adds up the counts of all segments; the values of `need` are complete and exact.
pub(super) fn reduce(
    parents: usize,
    segments: &[SegmentCounts],
    need: Need,
) -> Result<Reduced, StoreError> {
    let mut reduced = Reduced {
        values: vec![Vec::new(); parents],
        counted: vec![0; parents],
    };
    let mut tables: Vec<Table<'_>> = Vec::new();
    for segment in segments {
        for (column, counts) in &segment.texts {
            tables.push((column, counts, counts.entries()));
        }
    }
    let distinct: usize = tables.iter().map(|(_, _, entries)| entries.len()).sum();
    let mut add = |parent: u32, count: u64| {
        reduced
            .counted
            .get_mut(parent as usize)
            .into_iter()
            .for_each(|sum| *sum += count);
    };
    let numbers: Vec<_> = [Kind::Whole, Kind::Date, Kind::Double, Kind::Bool]
        .into_iter()
        .map(|kind| {
            let columns = segments.iter().flat_map(|segment| &segment.numbers);
            let columns = columns.map(Arc::as_ref).filter(|it| it.kind == kind);
            (kind, added_up(columns))
        })
        .collect();
    numbers
        .iter()
        .flat_map(|(_, counts)| counts)
        .for_each(|it| add(it.parent, u64::from(it.count)));
    tables
        .iter()
        .flat_map(|(_, _, entries)| entries)
        .for_each(|(parent, _, count)| add(*parent, u64::from(*count)));

    let named = match need {
        _ if distinct <= MAX_NAMED => name_all(&tables)?,
        Need::MostFrequent(size) => most_frequent(parents, &mut tables, size)?,
        Need::FirstKeys(size) => first_keys(&tables, size)?,
        Need::All if distinct <= MAX_NAMED_EVER => name_all(&tables)?,
        Need::All => {
            return Err(StoreError::BadRequest {
                kind: "too_many_buckets_exception",
                path: "aggs.terms".to_owned(),
                message: format!(
                    "this order needs all {distinct} values at once; order by `_count` descending or narrow the query"
                ),
            });
        }
    };
    let texts = named
        .into_iter()
        .map(|((parent, text), count)| ((parent, Key::Text(text)), count));
    let mut push = |parent: u32, key: Key, count: u64| {
        if let Some(values) = reduced.values.get_mut(parent as usize) {
            values.push((key, count));
        }
    };
    for (kind, mut counts) in numbers {
        for group in counts.chunk_by_mut(|left, right| left.parent == right.parent) {
            let least = least_count(group, need);
            for it in group.iter().filter(|it| it.count >= least) {
                push(it.parent, kind.key(it.raw), u64::from(it.count));
            }
        }
    }
    for ((parent, key), count) in texts {
        push(parent, key, count);
    }
    Ok(reduced)
}

/// How often a number of a bucket must stand there to be among the needed ones; making keys of all
/// costs more than counting them.
///
/// Among equal counts the smaller value wins, which is not the smaller raw number for negative
/// doubles; so all that are as frequent as the last one stay.
fn least_count(group: &mut [NumberCount], need: Need) -> u32 {
    let Need::MostFrequent(size) = need else {
        return 0;
    };
    if group.len() <= size {
        return 0;
    }
    let last = size.saturating_sub(1);
    let by_count = |it: &NumberCount| std::cmp::Reverse(it.count);
    group.select_nth_unstable_by_key(last, by_count).1.count
}

/// A column of text, its counts, and the same as a list.
pub(super) type Table<'a> = (
    &'a tantivy::columnar::StrColumn,
    &'a super::terms_count::Counts,
    Vec<Entry>,
);

/// The texts of dictionary numbers.
fn names(table: &Table<'_>, mut numbers: Vec<u32>) -> Result<HashMap<u32, String>, StoreError> {
    numbers.sort_unstable();
    numbers.dedup();
    let mut names = HashMap::with_capacity(numbers.len());
    let mut given = numbers.iter();
    let ords: Vec<u64> = numbers.iter().map(|number| u64::from(*number)).collect();
    let callback = |bytes: &[u8]| {
        if let Some(number) = given.next() {
            names.insert(*number, String::from_utf8_lossy(bytes).into_owned());
        }
    };
    table
        .0
        .dictionary()
        .sorted_ords_to_term_cb(&ords, callback)
        .map_err(failed)?;
    Ok(names)
}

fn name_all(tables: &[Table<'_>]) -> Result<Named, StoreError> {
    let mut named = Named::new();
    for table in tables {
        let names = names(
            table,
            table.2.iter().map(|(_, number, _)| *number).collect(),
        )?;
        for (parent, number, count) in &table.2 {
            if let Some(name) = names.get(number) {
                *named.entry((*parent, name.clone())).or_default() += u64::from(*count);
            }
        }
    }
    Ok(named)
}

fn first_keys(tables: &[Table<'_>], size: usize) -> Result<Named, StoreError> {
    // Dictionary numbers are in order, so the first of all are among the first of each segment.
    let mut proposals = Vec::with_capacity(tables.len());
    for table in tables {
        let mut taken: HashMap<u32, usize> = HashMap::new();
        let mut chosen = Vec::new();
        for entry in &table.2 {
            let taken = taken.entry(entry.0).or_default();
            if *taken < size {
                *taken += 1;
                chosen.push(*entry);
            }
        }
        proposals.push(named_entries(table, &chosen)?);
    }
    let wanted = proposals.iter().flat_map(HashMap::keys).collect();
    exact_counts(tables, &proposals, &wanted)
}

/// Some entries of a table by bucket and name.
fn named_entries(table: &Table<'_>, entries: &[Entry]) -> Result<Proposals, StoreError> {
    let names = names(
        table,
        entries.iter().map(|(_, number, _)| *number).collect(),
    )?;
    let named = entries.iter().filter_map(|(parent, number, count)| {
        let name = names.get(number)?;
        Some(((*parent, name.clone()), *count))
    });
    Ok(named.collect())
}

/// The most frequent values of every bucket.
///
/// Every segment proposes its most frequent values. What it does not propose is no more frequent
/// there than the last one that it does; so most proposals cannot belong to the answer, and only
/// the others are looked for in all segments. Where even the needed values are rare, what no segment
/// proposes could belong to it too; then all dictionaries are gone through once.
fn most_frequent(
    parents: usize,
    tables: &mut [Table<'_>],
    size: usize,
) -> Result<Named, StoreError> {
    let few = size.saturating_mul(2).saturating_add(100);
    for candidates in [few, few.saturating_mul(MORE)] {
        let mut proposals = Vec::with_capacity(tables.len());
        let mut hidden = Vec::with_capacity(tables.len());
        for table in tables.iter_mut() {
            let (proposed, most) = propose(parents, table, candidates)?;
            proposals.push(proposed);
            hidden.push(most);
        }
        match contenders(parents, &proposals, &hidden, size) {
            Contenders::Proposed(wanted) => return exact_counts(tables, &proposals, &wanted),
            Contenders::Hidden => {}
            Contenders::FarBelow => break,
        }
    }
    merged(parents, tables, size)
}

/// The most frequent values of a segment, and how often another one can stand there at most, by
/// bucket. They are split off without sorting the rest, as most values are never looked at again.
fn propose(
    parents: usize,
    table: &mut Table<'_>,
    candidates: usize,
) -> Result<(Proposals, Vec<u64>), StoreError> {
    let mut hidden = vec![0; parents];
    let mut chosen: Vec<Entry> = Vec::new();
    for group in table.2.chunk_by_mut(|left, right| left.0 == right.0) {
        if group.len() > candidates {
            let by_count = |(_, number, count): &Entry| (std::cmp::Reverse(*count), *number);
            let (_, last, _) = group.select_nth_unstable_by_key(candidates, by_count);
            if let Some(hidden) = hidden.get_mut(last.0 as usize) {
                *hidden = u64::from(last.2);
            }
        }
        chosen.extend(group.iter().take(candidates));
    }
    Ok((named_entries(table, &chosen)?, hidden))
}

/// What is known of a value before it is looked for: it stands there at least so often, and at most
/// so often more.
#[derive(Default, Clone, Copy)]
struct Bounds {
    least: u64,
    more: u64,
}

/// Which values can be among the most frequent ones.
enum Contenders<'p> {
    /// These alone.
    Proposed(HashSet<&'p (u32, String)>),
    /// Some that were not proposed as well; more proposals may tell.
    Hidden,
    /// The same, and more proposals would not tell: the needed values are too rare.
    FarBelow,
}

/// Tells which values can be among the most frequent ones.
fn contenders<'p>(
    parents: usize,
    proposals: &'p [Proposals],
    hidden: &[Vec<u64>],
    size: usize,
) -> Contenders<'p> {
    let hidden_by = |segment: usize, parent: u32| {
        let hidden = hidden.get(segment).and_then(|it| it.get(parent as usize));
        hidden.copied().unwrap_or_default()
    };
    let all_hidden: Vec<u64> = (0u32..)
        .take(parents)
        .map(|parent| {
            (0..hidden.len())
                .map(|segment| hidden_by(segment, parent))
                .sum()
        })
        .collect();
    let hidden_of = |parent: u32| all_hidden.get(parent as usize).copied().unwrap_or_default();
    let mut bounds: HashMap<&(u32, String), Bounds> = HashMap::new();
    for (segment, proposals) in proposals.iter().enumerate() {
        for (key, count) in proposals {
            let bounds = bounds.entry(key).or_insert(Bounds {
                least: 0,
                more: hidden_of(key.0),
            });
            bounds.least += u64::from(*count);
            bounds.more = bounds.more.saturating_sub(hidden_by(segment, key.0));
        }
    }
    let mut least: Vec<Vec<u64>> = vec![Vec::new(); parents];
    for ((parent, _), bounds) in &bounds {
        if let Some(least) = least.get_mut(*parent as usize) {
            least.push(bounds.least);
        }
    }
    // So often do as many values stand there as are needed, or more.
    let needed: Vec<u64> = least
        .iter_mut()
        .map(|least| match size.checked_sub(1) {
            Some(last) if last < least.len() => {
                *least
                    .select_nth_unstable_by(last, |left, right| right.cmp(left))
                    .1
            }
            _ => 0,
        })
        .collect();
    let needed_of = |parent: u32| needed.get(parent as usize).copied().unwrap_or_default();
    // Among values by rank the count falls about as the rank rises.
    let is_far = |parent: u32| hidden_of(parent) >= needed_of(parent).saturating_mul(MORE as u64);
    let is_safe = |parent: u32| hidden_of(parent) == 0 || hidden_of(parent) < needed_of(parent);
    let mut open = (0u32..).take(parents).filter(|parent| !is_safe(*parent));
    match open.next() {
        Some(first) if is_far(first) || open.any(is_far) => Contenders::FarBelow,
        Some(_) => Contenders::Hidden,
        None => {
            let kept = bounds.iter().filter(|(key, bounds)| {
                bounds.least.saturating_add(bounds.more) >= needed_of(key.0)
            });
            Contenders::Proposed(kept.map(|(key, _)| *key).collect())
        }
    }
}

/// The counts of proposed values over all segments. A segment's own proposals bring their count
/// along, and only the others' are looked up in its dictionary.
fn exact_counts(
    tables: &[Table<'_>],
    proposals: &[Proposals],
    wanted: &HashSet<&(u32, String)>,
) -> Result<Named, StoreError> {
    let mut counted: Named = wanted.iter().map(|key| ((*key).clone(), 0)).collect();
    for ((column, counts, _), proposed) in tables.iter().zip(proposals) {
        let mut numbers: HashMap<String, Option<u64>> = HashMap::new();
        for (key, count) in &mut counted {
            if let Some(known) = proposed.get(key) {
                *count += u64::from(*known);
                continue;
            }
            let (parent, text) = key;
            let number = match numbers.get(text) {
                Some(number) => *number,
                None => {
                    let number = column.dictionary().term_ord(text).map_err(failed)?;
                    numbers.insert(text.clone(), number);
                    number
                }
            };
            if let Some(number) = number {
                *count += u64::from(counts.get(*parent, number as u32));
            }
        }
    }
    Ok(counted)
}
