//! Finds all ranges of numbers that contain a number, however they overlap.

const NONE: u32 = u32::MAX;
const BUCKETS: usize = 1 << 16;

/// An address as a number.
pub(crate) trait Number: Copy + Ord {
    /// The 16 most significant bits.
    fn top(self) -> usize;
}

impl Number for u32 {
    fn top(self) -> usize {
        (self >> 16) as usize
    }
}

impl Number for u128 {
    fn top(self) -> usize {
        (self >> 112) as usize
    }
}

/// Ranges with an identifier each, sorted by their start.
///
/// The last range that starts at or before a number is found through a table
/// of its leading bits; from there, links skip the ranges that end too early.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Intervals<N> {
    starts: Vec<N>,
    ends: Vec<N>,
    ids: Vec<u32>,
    /// The nearest range before this one that ends later than this one.
    links: Vec<u32>,
    /// How many ranges start before the first number of each bucket.
    buckets: Vec<u32>,
}

impl<N: Number> Intervals<N> {
    /// Builds the search structure from first number, last number and identifier of each range.
    ///
    /// **Limits**: fewer than 2³² ranges; ranges that end before they start contain nothing.
    pub(crate) fn new(mut ranges: Vec<(N, N, u32)>) -> Self {
        ranges.sort_unstable_by(|a, b| (a.0, b.1, a.2).cmp(&(b.0, a.1, b.2)));
        let mut links = Vec::with_capacity(ranges.len());
        let mut later: Vec<(N, u32)> = Vec::new();
        for (index, &(_, end, _)) in (0u32..).zip(&ranges) {
            while later.last().is_some_and(|&(other, _)| other <= end) {
                later.pop();
            }
            links.push(later.last().map_or(NONE, |&(_, other)| other));
            later.push((end, index));
        }
        let mut buckets = vec![0u32; BUCKETS + 1];
        for &(start, _, _) in &ranges {
            if let Some(count) = buckets.get_mut(start.top() + 1) {
                *count += 1;
            }
        }
        let mut total = 0;
        for count in &mut buckets {
            total += *count;
            *count = total;
        }
        Self {
            starts: ranges.iter().map(|range| range.0).collect(),
            ends: ranges.iter().map(|range| range.1).collect(),
            ids: ranges.iter().map(|range| range.2).collect(),
            links,
            buckets,
        }
    }

    /// The identifiers of all ranges that contain a number.
    pub(crate) fn containing(&self, number: N) -> impl Iterator<Item = u32> {
        let bucket = number.top();
        let bound = |bucket: usize| self.buckets.get(bucket).map_or(0, |&count| count as usize);
        let (from, to) = (bound(bucket), bound(bucket + 1));
        let candidates = self.starts.get(from..to).unwrap_or_default();
        let mut after = from + candidates.partition_point(|&start| start <= number);
        std::iter::from_fn(move || {
            while let Some(index) = after.checked_sub(1) {
                if *self.ends.get(index)? >= number {
                    after = index;
                    return self.ids.get(index).copied();
                }
                after = match *self.links.get(index)? {
                    NONE => 0,
                    link => link as usize + 1,
                };
            }
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_a_scan_finds(
            ranges in prop::collection::vec((0u32..200, 0u32..60), 0..80),
            scale in prop::sample::select(vec![1u32, 1 << 15, 1 << 24]),
        ) {
            let ranges: Vec<(u32, u32, u32)> = (0..)
                .zip(&ranges)
                .map(|(id, &(start, length))| (start.saturating_mul(scale), (start + length).saturating_mul(scale), id))
                .collect();
            let wide = ranges
                .iter()
                .map(|&(start, end, id)| (u128::from(start) << 90, u128::from(end) << 90, id))
                .collect();
            let (narrow, wide) = (Intervals::new(ranges.clone()), Intervals::new(wide));
            for number in (0..=262).map(|step: u32| step.saturating_mul(scale)) {
                let mut expected: Vec<u32> = ranges
                    .iter()
                    .filter(|range| range.0 <= number && number <= range.1)
                    .map(|range| range.2)
                    .collect();
                expected.sort_unstable();
                let mut found: Vec<u32> = narrow.containing(number).collect();
                found.sort_unstable();
                prop_assert_eq!(&found, &expected);
                let mut found: Vec<u32> = wide.containing(u128::from(number) << 90).collect();
                found.sort_unstable();
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
