//! How documents reach the buckets of a level.

use crate::search::Docs;

/// Documents with the bucket each is in; a document may be in several.
#[derive(Default)]
pub(super) struct Pairs {
    pub(super) docs: Vec<u32>,
    pub(super) buckets: Vec<u32>,
}

impl Pairs {
    pub(super) fn push(&mut self, doc: u32, bucket: u32) {
        self.docs.push(doc);
        self.buckets.push(bucket);
    }

    fn clear(&mut self) {
        self.docs.clear();
        self.buckets.clear();
    }
}

/// Puts the documents of one segment from the buckets of a level into those of the next.
pub(super) trait Assign: Send + Sync {
    /// `parents` holds the bucket of each document.
    fn assign(&self, docs: &[u32], parents: &[u32], out: &mut Pairs);
}

/// The assignments of one level, segment by segment.
pub(super) type Step = Vec<Box<dyn Assign>>;

/// The parent buckets of a level and the way to them.
pub(super) struct Scope<'a> {
    pub(super) parents: usize,
    steps: Vec<&'a Step>,
}

impl Scope<'_> {
    /// All documents of the query in one bucket.
    pub(super) fn root() -> Self {
        Self {
            parents: 1,
            steps: Vec::new(),
        }
    }

    /// Whether all documents of the query are in one bucket.
    pub(super) fn is_root(&self) -> bool {
        self.steps.is_empty()
    }

    /// The scope of the next level.
    pub(super) fn below<'b>(&'b self, step: &'b Step, parents: usize) -> Scope<'b> {
        let steps = self.steps.iter().copied().chain([step]).collect();
        Scope { parents, steps }
    }

    /// Visits the documents of a segment with their buckets, block by block.
    pub(super) fn stream(
        &self,
        segment: usize,
        docs: &Docs,
        mut visit: impl FnMut(&[u32], &[u32]),
    ) {
        let steps: Vec<&dyn Assign> = self
            .steps
            .iter()
            .filter_map(|step| step.get(segment))
            .map(Box::as_ref)
            .collect();
        let mut zeros: Vec<u32> = Vec::new();
        let (mut current, mut next) = (Pairs::default(), Pairs::default());
        docs.for_each_block(|block| {
            if zeros.len() < block.len() {
                zeros.resize(block.len(), 0);
            }
            let root = zeros.get(..block.len()).unwrap_or_default();
            let Some((first, rest)) = steps.split_first() else {
                visit(block, root);
                return;
            };
            current.clear();
            first.assign(block, root, &mut current);
            for step in rest {
                next.clear();
                step.assign(&current.docs, &current.buckets, &mut next);
                std::mem::swap(&mut current, &mut next);
            }
            if !current.docs.is_empty() {
                visit(&current.docs, &current.buckets);
            }
        });
    }
}
