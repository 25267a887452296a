//! When segments are merged while a partition is written to: rarely, and only small ones.

use tantivy::SegmentMeta;
use tantivy::index::SegmentId;
use tantivy::indexer::{MergeCandidate, MergePolicy};

/// Sizes of segments, in documents, below which a number of them become one.
///
/// A merge costs about as much as indexing its documents, so each is merged few times: what comes
/// in small commits until it is as large as what a load writes at once, and that again only when
/// there are very many of it. The rest is merged once, when the partition's time is over.
const TIERS: [Tier; 4] = [
    Tier::new(4_000, 8),
    Tier::new(32_000, 8),
    Tier::new(256_000, 24),
    Tier::new(MOST_DOCUMENTS as u32, 32),
];
/// Documents of the largest segment that a merge makes while the partition is written to.
const MOST_DOCUMENTS: u64 = 4_000_000;
/// Part of a segment's documents that may be deleted before it is written anew.
const MOST_DELETED: f64 = 0.3;

struct Tier {
    below: u32,
    count: usize,
}

impl Tier {
    const fn new(below: u32, count: usize) -> Self {
        Self { below, count }
    }
}

/// Merges segments of like size when there are many, up to a size.
#[derive(Debug)]
pub(crate) struct RareMerges;

impl MergePolicy for RareMerges {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let sizes: Vec<Size> = segments.iter().map(Size::of).collect();
        candidates(&sizes)
    }
}

struct Size {
    id: SegmentId,
    documents: u32,
    deleted: u32,
}

impl Size {
    fn of(segment: &SegmentMeta) -> Self {
        Self {
            id: segment.id(),
            documents: segment.num_docs(),
            deleted: segment.num_deleted_docs(),
        }
    }

    fn is_full_of_holes(&self) -> bool {
        let all = f64::from(self.documents) + f64::from(self.deleted);
        f64::from(self.deleted) > all * MOST_DELETED
    }
}

fn candidates(segments: &[Size]) -> Vec<MergeCandidate> {
    let (holes, whole): (Vec<&Size>, Vec<&Size>) = segments
        .iter()
        .partition(|segment| segment.is_full_of_holes());
    let mut candidates: Vec<MergeCandidate> = holes
        .iter()
        .map(|segment| MergeCandidate(vec![segment.id]))
        .collect();
    let mut above = 0;
    for tier in TIERS {
        let mut group: Vec<&&Size> = whole
            .iter()
            .filter(|segment| (above..tier.below).contains(&segment.documents))
            .collect();
        above = tier.below;
        if group.len() < tier.count {
            continue;
        }
        group.sort_by_key(|segment| segment.documents);
        let mut documents = 0;
        group.retain(|segment| {
            documents += u64::from(segment.documents);
            documents <= MOST_DOCUMENTS
        });
        if group.len() > 1 {
            candidates.push(MergeCandidate(
                group.iter().map(|segment| segment.id).collect(),
            ));
        }
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of the segments of each merge.
    fn merged(documents: &[u32], deleted: u32) -> Vec<Vec<u32>> {
        let sizes: Vec<Size> = documents
            .iter()
            .map(|documents| Size {
                id: SegmentId::generate_random(),
                documents: *documents,
                deleted,
            })
            .collect();
        let size_of = |id: &SegmentId| sizes.iter().find(|size| size.id == *id);
        candidates(&sizes)
            .iter()
            .map(|candidate| {
                let found = candidate.0.iter().filter_map(size_of);
                found.map(|size| size.documents).collect()
            })
            .collect()
    }

    #[test]
    fn few_segments_are_left_alone_and_many_small_ones_become_one() {
        assert!(merged(&[100; 7], 0).is_empty());
        assert_eq!(merged(&[100; 8], 0), [vec![100; 8]]);
        assert!(merged(&[200_000; 20], 0).is_empty());
        // Together they would be too large, so some are left out.
        assert_eq!(merged(&[200_000; 30], 0), [vec![200_000; 20]]);
        assert!(merged(&[3_000_000; 40], 0).is_empty());
        assert!(merged(&[9_000_000; 60], 0).is_empty());
    }

    #[test]
    fn what_is_mostly_deleted_is_written_anew() {
        assert!(merged(&[1_000, 2_000], 300).is_empty());
        assert_eq!(merged(&[500, 2_000], 300), [vec![500]]);
    }
}
