//! The most frequent values where even those are rare: all dictionaries, side by side.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use yagura_store::StoreError;

use super::terms_reduce::{Entry, Named, Table};
use crate::partition::failed;

/// The most frequent values of every bucket; among equal ones the smaller.
///
/// Dictionaries are in order, so a value's counts in all segments come one after the other, and
/// only what is kept needs a name.
pub(super) fn merged(
    parents: usize,
    tables: &mut [Table<'_>],
    size: usize,
) -> Result<Named, StoreError> {
    for (_, _, entries) in tables.iter_mut() {
        entries.sort_unstable_by_key(|(_, number, _)| *number);
    }
    let mut walks = BinaryHeap::with_capacity(tables.len());
    for table in tables.iter() {
        let mut walk = Walk::new(table)?;
        if walk.advance() {
            walks.push(walk);
        }
    }
    let mut most = vec![Most::default(); parents];
    let mut current = Vec::new();
    let mut counts: Vec<(u32, u64)> = Vec::new();
    let mut number = 0;
    let mut settle = |term: &[u8], counts: &mut Vec<(u32, u64)>| {
        counts.sort_unstable_by_key(|(parent, _)| *parent);
        for group in counts.chunk_by(|left, right| left.0 == right.0) {
            let Some((parent, _)) = group.first() else {
                continue;
            };
            let count = group.iter().map(|(_, count)| count).sum();
            if let Some(most) = most.get_mut(*parent as usize) {
                most.offer(count, number, term, size);
            }
        }
        number += 1;
        counts.clear();
    };
    while let Some(mut walk) = walks.peek_mut() {
        if walk.term != current {
            settle(&current, &mut counts);
            current.clone_from(&walk.term);
        }
        counts.extend_from_slice(&walk.counts);
        if !walk.advance() {
            PeekMut::pop(walk);
        }
    }
    settle(&current, &mut counts);
    let mut named = Named::new();
    for (parent, most) in (0u32..).zip(most) {
        for Reverse((count, _, name)) in most.kept {
            named.insert((parent, name), count);
        }
    }
    Ok(named)
}

/// Puts the next term of a dictionary into the memory and gives its number.
type Step<'t> = dyn FnMut(&mut Vec<u8>) -> Option<u32> + 't;

/// Gives the terms of a dictionary that were counted, in order; the greatest walk is the one whose
/// term comes first.
struct Walk<'t> {
    step: Box<Step<'t>>,
    /// What is left to count, in the order of the terms' numbers.
    entries: &'t [Entry],
    term: Vec<u8>,
    /// Its first bytes, which nearly always tell two terms apart.
    start: u64,
    /// Its counts, by bucket.
    counts: Vec<(u32, u64)>,
}

impl<'t> Walk<'t> {
    fn new((column, _, entries): &'t Table<'_>) -> Result<Self, StoreError> {
        let mut stream = column.dictionary().stream().map_err(failed)?;
        let step = move |term: &mut Vec<u8>| {
            stream.advance().then(|| {
                term.clear();
                term.extend_from_slice(stream.key());
                stream.term_ord() as u32
            })
        };
        Ok(Walk {
            step: Box::new(step),
            entries,
            term: Vec::new(),
            start: 0,
            counts: Vec::new(),
        })
    }

    /// Goes to the next term that was counted; false if there is none.
    fn advance(&mut self) -> bool {
        self.counts.clear();
        let Some((_, wanted, _)) = self.entries.first() else {
            return false;
        };
        loop {
            match (self.step)(&mut self.term) {
                None => return false,
                Some(number) if number == *wanted => break,
                Some(_) => {}
            }
        }
        while let Some(((parent, number, count), rest)) = self.entries.split_first()
            && number == wanted
        {
            self.counts.push((*parent, u64::from(*count)));
            self.entries = rest;
        }
        let mut start = [0; 8];
        let length = self.term.len().min(start.len());
        start[..length].copy_from_slice(&self.term[..length]);
        self.start = u64::from_be_bytes(start);
        true
    }
}

impl Ord for Walk<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_start = other.start.cmp(&self.start);
        by_start.then_with(|| other.term.cmp(&self.term))
    }
}

impl PartialOrd for Walk<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Walk<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Walk<'_> {}

/// The most frequent values of a bucket so far: count, place in the order of all values, name.
#[derive(Default, Clone)]
struct Most {
    /// The first to go on top.
    kept: BinaryHeap<Reverse<(u64, Reverse<u64>, String)>>,
}

impl Most {
    /// Takes a value that is greater than all before.
    fn offer(&mut self, count: u64, number: u64, term: &[u8], size: usize) {
        if self.kept.len() >= size {
            let least = self.kept.peek().map_or(0, |Reverse((least, _, _))| *least);
            if count <= least {
                return;
            }
            self.kept.pop();
        }
        let name = String::from_utf8_lossy(term).into_owned();
        self.kept.push(Reverse((count, Reverse(number), name)));
    }
}
