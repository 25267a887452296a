//! The first documents of a segment in the order asked for.

use std::cmp::Ordering;

use tantivy::SegmentReader;
use yagura_store::StoreError;

use super::docs::Docs;
use super::keys::{SegmentKeys, SortPlan, SortValue};

/// A document that may come back.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) values: Vec<SortValue>,
    /// Place of the segment in the list of segments.
    pub(crate) segment: usize,
    pub(crate) doc: u32,
}

/// Keeps the best of many documents of one segment.
pub(crate) struct Selection {
    limit: usize,
    width: usize,
    /// Keys of the kept documents, one after the other.
    keys: Vec<u64>,
    docs: Vec<u32>,
    /// First key of the worst document that is certainly good enough.
    threshold: u64,
}

impl Selection {
    pub(crate) fn new(limit: usize, width: usize) -> Self {
        Self {
            limit,
            width,
            keys: Vec::new(),
            docs: Vec::new(),
            threshold: u64::MAX,
        }
    }

    /// Offers a document; `key` gives its keys by place.
    pub(crate) fn offer(&mut self, doc: u32, first: u64, key: impl Fn(usize) -> u64) {
        if first > self.threshold {
            return;
        }
        self.keys.push(first);
        (1..self.width).for_each(|at| self.keys.push(key(at)));
        self.docs.push(doc);
        if self.docs.len() >= self.limit.saturating_mul(2).max(256) {
            self.shrink();
        }
    }

    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.docs.len()).collect();
        let keys_of = |at: usize| {
            self.keys
                .get(at * self.width..(at + 1) * self.width)
                .unwrap_or_default()
        };
        if order.len() > self.limit && self.limit > 0 {
            order.select_nth_unstable_by(self.limit - 1, |left, right| {
                keys_of(*left).cmp(keys_of(*right))
            });
            order.truncate(self.limit);
        }
        order.sort_unstable_by(|left, right| keys_of(*left).cmp(keys_of(*right)));
        order.truncate(self.limit);
        order
    }

    fn shrink(&mut self) {
        let order = self.order();
        let mut keys = Vec::with_capacity(order.len() * self.width);
        let mut docs = Vec::with_capacity(order.len());
        for at in order {
            keys.extend_from_slice(
                self.keys
                    .get(at * self.width..(at + 1) * self.width)
                    .unwrap_or_default(),
            );
            docs.extend(self.docs.get(at));
        }
        (self.keys, self.docs) = (keys, docs);
        if self.docs.len() == self.limit {
            let last = self.keys.len().saturating_sub(self.width);
            self.threshold = self.keys.get(last).copied().unwrap_or(u64::MAX);
        }
    }

    /// The kept documents with their values, best first.
    pub(crate) fn finish(
        mut self,
        keys: &SegmentKeys<'_>,
        segment: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        self.shrink();
        let mut hits = Vec::with_capacity(self.docs.len());
        for (at, doc) in self.docs.iter().enumerate() {
            let mut values = Vec::with_capacity(self.width);
            for key_at in 0..self.width {
                let number = self
                    .keys
                    .get(at * self.width + key_at)
                    .copied()
                    .unwrap_or_default();
                values.push(keys.value(key_at, number)?);
            }
            hits.push(Hit {
                values,
                segment,
                doc: *doc,
            });
        }
        Ok(hits)
    }
}

/// The first documents of a segment.
pub(crate) fn top_of_segment(
    plan: &SortPlan,
    limit: usize,
    docs: &Docs,
    reader: &SegmentReader,
    segment: usize,
) -> Result<Vec<Hit>, StoreError> {
    if limit == 0 || docs.len() == 0 {
        return Ok(Vec::new());
    }
    let keys = SegmentKeys::open(plan, reader)?;
    let width = plan.keys.len();
    let mut selection = Selection::new(limit, width);
    let mut columns: Vec<Vec<u64>> = vec![Vec::new(); width];
    let mut visit = |block: &[u32]| {
        for (at, column) in columns.iter_mut().enumerate() {
            if at == 0 {
                keys.fill(0, block, column);
            }
        }
        let threshold = selection.threshold;
        let first = columns.first().map(Vec::as_slice).unwrap_or_default();
        // The other keys are read only if any document of the block can still come in.
        if first.iter().all(|key| *key > threshold) {
            return;
        }
        for (at, column) in columns.iter_mut().enumerate().skip(1) {
            keys.fill(at, block, column);
        }
        let key = |column: usize, at: usize| {
            columns
                .get(column)
                .and_then(|column| column.get(at))
                .copied()
                .unwrap_or_default()
        };
        for (at, doc) in block.iter().enumerate() {
            if let Some(after) = &keys.after {
                let compared = after
                    .iter()
                    .enumerate()
                    .map(|(column, after)| key(column, at).cmp(after));
                let ordering = compared.fold(Ordering::Equal, Ordering::then);
                if ordering != Ordering::Greater {
                    continue;
                }
            }
            selection.offer(*doc, key(0, at), |column| key(column, at));
        }
    };
    // Documents mostly arrive in the order of their time: begun at the right end, hardly any document
    // of a later block comes in.
    if plan.newest_first() {
        docs.for_each_block_from_end(&mut visit);
    } else {
        docs.for_each_block(&mut visit);
    }
    selection.finish(&keys, segment)
}
