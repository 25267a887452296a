//! The documents of one segment that a query matches.

use tantivy::query::{AllScorer, Weight};
use tantivy::{BitSet, COLLECT_BLOCK_BUFFER_LEN, SegmentReader, TERMINATED};
use yagura_store::StoreError;

use crate::partition::failed;

/// Documents that are worked on at once.
pub(crate) const BLOCK: usize = 4_096;

/// A run of documents in ascending order.
pub(crate) type Block<'a> = &'a [u32];

/// Documents of a segment, deleted ones left out.
pub(crate) enum Docs {
    /// Every document from 0.
    All(u32),
    /// A few of them.
    Few(Vec<u32>),
    /// Many of them.
    Many(BitSet),
    /// Every document that is not deleted; some are.
    Alive(BitSet),
}

impl Docs {
    /// The documents a query matches.
    pub(crate) fn matching(
        weight: &dyn Weight,
        segment: &SegmentReader,
    ) -> Result<Self, StoreError> {
        let mut scorer = weight.scorer(segment, 1.0).map_err(failed)?;
        let max_doc = segment.max_doc();
        let alive = segment.alive_bitset();
        if alive.is_none() && scorer.is::<AllScorer>() {
            return Ok(Self::All(max_doc));
        }
        if let (Some(alive), true) = (alive, scorer.is::<AllScorer>()) {
            let mut bits = BitSet::with_max_value(max_doc);
            alive.iter_alive().for_each(|doc| {
                bits.insert(doc);
            });
            return Ok(Self::Alive(bits));
        }
        let few = (max_doc / 32).max(1_024) as usize;
        let mut list: Vec<u32> = Vec::new();
        let mut bits: Option<BitSet> = None;
        let mut buffer = [0u32; COLLECT_BLOCK_BUFFER_LEN];
        loop {
            let length = scorer.fill_buffer(&mut buffer);
            let found = buffer.get(..length).unwrap_or_default();
            let found = found
                .iter()
                .copied()
                .filter(|doc| alive.is_none_or(|alive| alive.is_alive(*doc)));
            match &mut bits {
                Some(bits) => found.for_each(|doc| {
                    bits.insert(doc);
                }),
                None => {
                    list.extend(found);
                    if list.len() > few {
                        let mut set = BitSet::with_max_value(max_doc);
                        for doc in list.drain(..) {
                            set.insert(doc);
                        }
                        bits = Some(set);
                    }
                }
            }
            if length < buffer.len() || scorer.doc() == TERMINATED {
                break;
            }
        }
        Ok(match bits {
            Some(bits) => Self::Many(bits),
            None => Self::Few(list),
        })
    }

    /// Whether these are all documents of the segment that are not deleted.
    pub(crate) fn is_all(&self) -> bool {
        matches!(self, Self::All(_) | Self::Alive(_))
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::All(max_doc) => *max_doc as usize,
            Self::Few(list) => list.len(),
            Self::Many(bits) | Self::Alive(bits) => bits.len(),
        }
    }

    /// Whether the document is among them.
    pub(crate) fn contains(&self, doc: u32) -> bool {
        match self {
            Self::All(max_doc) => doc < *max_doc,
            Self::Few(list) => list.binary_search(&doc).is_ok(),
            Self::Many(bits) | Self::Alive(bits) => bits.contains(doc),
        }
    }

    /// Visits the blocks from the last to the first; inside a block documents ascend.
    pub(crate) fn for_each_block_from_end(&self, mut visit: impl FnMut(Block<'_>)) {
        let window = BLOCK as u32;
        let windows = |max_doc: u32| {
            (0..max_doc.div_ceil(window))
                .rev()
                .map(move |at| at * window)
        };
        match self {
            Self::Few(list) => list.rchunks(BLOCK).for_each(visit),
            Self::All(max_doc) => {
                let mut block = Vec::with_capacity(BLOCK);
                for start in windows(*max_doc) {
                    block.clear();
                    block.extend(start..(start + window).min(*max_doc));
                    visit(&block);
                }
            }
            Self::Many(bits) | Self::Alive(bits) => {
                let mut block = Vec::with_capacity(BLOCK);
                for start in windows(bits.max_value()) {
                    block.clear();
                    let end = (start + window).min(bits.max_value());
                    for bucket in start / 64..end.div_ceil(64) {
                        let mut tiny = bits.tinyset(bucket);
                        while let Some(low) = tiny.pop_lowest() {
                            block.push(bucket * 64 + low);
                        }
                    }
                    if !block.is_empty() {
                        visit(&block);
                    }
                }
            }
        }
    }

    /// Visits the documents block by block, in order.
    pub(crate) fn for_each_block(&self, mut visit: impl FnMut(Block<'_>)) {
        match self {
            Self::Few(list) => list.chunks(BLOCK).for_each(visit),
            Self::All(max_doc) => {
                let mut block = Vec::with_capacity(BLOCK);
                let mut start = 0;
                while start < *max_doc {
                    let end = (start + BLOCK as u32).min(*max_doc);
                    block.clear();
                    block.extend(start..end);
                    visit(&block);
                    start = end;
                }
            }
            Self::Many(bits) | Self::Alive(bits) => {
                let mut block = Vec::with_capacity(BLOCK + 64);
                let mut bucket = 0;
                while let Some(found) = bits.first_non_empty_bucket(bucket) {
                    let mut tiny = bits.tinyset(found);
                    while let Some(low) = tiny.pop_lowest() {
                        block.push(found * 64 + low);
                    }
                    if block.len() >= BLOCK {
                        visit(&block);
                        block.clear();
                    }
                    bucket = found + 1;
                    if u64::from(bucket) * 64 >= u64::from(bits.max_value()) {
                        break;
                    }
                }
                if !block.is_empty() {
                    visit(&block);
                }
            }
        }
    }
}
