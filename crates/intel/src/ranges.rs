//! Finds all ranges of numbers that contain a number, however they overlap: written once, searched in place.
//!
//! ```text
//! filter   a bit for each piece of the numbers, set where a range has a part of the piece
//! buckets  for each piece, of another size, how many ranges start before it
//! ranges   first number, last number, link, entry; sorted by the first number
//! ```
//!
//! Most numbers are in no range, and the filter knows most of those. For the
//! others a bucket leads to the last range that starts at or before the number,
//! and links skip the ranges before it that end too early. The sizes of filter
//! and buckets follow the number of ranges, so a look-up takes as long among
//! many as among few.

use std::io::{self, Write};
use std::marker::PhantomData;

/// An address as a number.
pub(crate) trait Number: Copy + Ord {
    /// Length in a file.
    const BYTES: usize;

    fn wide(self) -> u128;

    /// Reads a number from the beginning of a record.
    fn read(record: &[u8]) -> Option<Self>;
}

impl Number for u32 {
    const BYTES: usize = 4;

    fn wide(self) -> u128 {
        self.into()
    }

    fn read(record: &[u8]) -> Option<Self> {
        record.first_chunk().copied().map(Self::from_le_bytes)
    }
}

impl Number for u128 {
    const BYTES: usize = 16;

    fn wide(self) -> u128 {
        self
    }

    fn read(record: &[u8]) -> Option<Self> {
        record.first_chunk().copied().map(Self::from_le_bytes)
    }
}

/// A range of numbers, and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<N> {
    pub(crate) first: N,
    pub(crate) last: N,
    pub(crate) entry: u32,
}

/// What divides numbers into pieces of equal size, beginning with the first number of all ranges.
#[derive(Clone, Copy, Debug, Default)]
struct Pieces {
    shift: u32,
    count: usize,
}

impl Pieces {
    /// At most `limit` pieces for the numbers up to `span`.
    fn new(span: u128, limit: usize) -> Self {
        let mut shift = 0;
        while span >> shift >= limit as u128 {
            shift += 1;
        }
        Self {
            shift,
            count: (span >> shift) as usize + 1,
        }
    }

    /// The piece of a number; the last one for all that are too large.
    fn of(self, distance: u128) -> usize {
        let piece = distance >> self.shift;
        usize::try_from(piece).unwrap_or(usize::MAX)
    }
}

/// Bits of the filter per range.
const FILTER_BITS: usize = 16;
const LEAST_PIECES: usize = 64;
/// Length of a link, and of an entry.
const WORD: usize = 4;
/// Count of ranges, first number, last number, shift and pieces of filter and of buckets.
const HEADER_BYTES: usize = 8 + 16 + 16 + 2 * (4 + 8);

const fn record_bytes<N: Number>() -> usize {
    2 * N::BYTES + 2 * WORD
}

/// Writes ranges so that [`Ranges`] can search them.
///
/// **Shape**: of ranges with the same first number, those that come later in `ranges` are found
/// first. **Limits**: fewer than 2³² ranges; those that end before they start contain nothing.
pub(crate) fn write<N: Number>(
    mut ranges: Vec<Entry<N>>,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    ranges.sort_by_key(|range| range.first);
    let base = ranges.first().map_or(0, |range| range.first.wide());
    let top_first = ranges.last().map_or(0, |range| range.first.wide());
    let top = ranges
        .iter()
        .map(|range| range.last.wide())
        .fold(top_first, u128::max);
    let filter = Pieces::new(top - base, (FILTER_BITS * ranges.len()).max(LEAST_PIECES));
    let buckets = Pieces::new(top_first - base, (ranges.len() / 2).max(LEAST_PIECES));
    out.write_all(&(ranges.len() as u64).to_le_bytes())?;
    out.write_all(&base.to_le_bytes())?;
    out.write_all(&top.to_le_bytes())?;
    for pieces in [filter, buckets] {
        out.write_all(&pieces.shift.to_le_bytes())?;
        out.write_all(&(pieces.count as u64).to_le_bytes())?;
    }
    out.write_all(&filter_bits(&ranges, base, filter))?;
    let mut started = 0u32;
    let mut at = ranges.iter().peekable();
    for bucket in 0..=buckets.count {
        while at
            .next_if(|range| buckets.of(range.first.wide() - base) < bucket)
            .is_some()
        {
            started += 1;
        }
        out.write_all(&started.to_le_bytes())?;
    }
    write_records(&ranges, out)
}

fn filter_bits<N: Number>(ranges: &[Entry<N>], base: u128, pieces: Pieces) -> Vec<u8> {
    let mut bits = vec![0u8; pieces.count.div_ceil(8)];
    // Whatever lies below this and not below the range's start is set already.
    let mut next = 0;
    for range in ranges.iter().filter(|range| range.first <= range.last) {
        let first = pieces.of(range.first.wide() - base);
        let last = pieces.of(range.last.wide() - base);
        for piece in next.max(first)..=last {
            if let Some(byte) = bits.get_mut(piece / 8) {
                *byte |= 1 << (piece % 8);
            }
        }
        next = next.max(last + 1);
    }
    bits
}

fn write_records<N: Number>(
    ranges: &[Entry<N>],
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    // The ranges so far that end later than all ranges after them, with their numbers plus one.
    let mut later: Vec<(N, u32)> = Vec::new();
    for (number, range) in (1u32..).zip(ranges) {
        while later.last().is_some_and(|&(last, _)| last <= range.last) {
            later.pop();
        }
        let link = later.last().map_or(0, |&(_, number)| number);
        later.push((range.last, number));
        for number in [range.first, range.last] {
            let wide = number.wide().to_le_bytes();
            out.write_all(wide.get(..N::BYTES).unwrap_or_default())?;
        }
        out.write_all(&link.to_le_bytes())?;
        out.write_all(&range.entry.to_le_bytes())?;
    }
    Ok(())
}

/// Where the parts of written ranges are.
#[derive(Debug)]
pub(crate) struct Ranges<N> {
    base: u128,
    top: u128,
    count: usize,
    filter: Pieces,
    buckets: Pieces,
    number: PhantomData<N>,
}

impl<N: Number> Ranges<N> {
    /// Reads the header of written ranges; `None` if the bytes are none.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let header: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
        let word = |at: usize| -> Option<u64> {
            let word = header.get(at..)?.first_chunk().copied()?;
            Some(u64::from_le_bytes(word))
        };
        let pieces = |at: usize| -> Option<Pieces> {
            let shift = u32::read(header.get(at..)?)?;
            let count = usize::try_from(word(at + 4)?).ok()?;
            (shift < u128::BITS && count < u32::MAX as usize * FILTER_BITS)
                .then_some(Pieces { shift, count })
        };
        let ranges = Self {
            count: u32::try_from(word(0)?).ok()? as usize,
            base: u128::read(header.get(8..)?)?,
            top: u128::read(header.get(24..)?)?,
            filter: pieces(40)?,
            buckets: pieces(52)?,
            number: PhantomData,
        };
        let length = ranges.records_at() + ranges.count * record_bytes::<N>();
        (length == bytes.len()).then_some(ranges)
    }

    /// How many ranges there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    fn buckets_at(&self) -> usize {
        HEADER_BYTES + self.filter.count.div_ceil(8)
    }

    fn records_at(&self) -> usize {
        self.buckets_at() + (self.buckets.count + 1) * WORD
    }

    /// The ranges that contain a number: those with the highest start first, of those with the
    /// same start the last written first. `bytes` are those that were parsed.
    pub(crate) fn containing<'b>(&self, bytes: &'b [u8], number: N) -> Containing<'b, N> {
        let after = self.candidates(bytes, number).unwrap_or(0);
        let records = match after {
            0 => &[],
            _ => bytes.get(self.records_at()..).unwrap_or_default(),
        };
        Containing {
            records,
            after,
            number,
        }
    }

    /// How many ranges start at or before a number; `None` if no range contains it.
    fn candidates(&self, bytes: &[u8], number: N) -> Option<usize> {
        let wide = number.wide();
        if wide > self.top {
            return None;
        }
        let distance = wide.checked_sub(self.base)?;
        let piece = self.filter.of(distance);
        if bytes.get(HEADER_BYTES + piece / 8)? >> (piece % 8) & 1 == 0 {
            return None;
        }
        let bucket = self.buckets.of(distance);
        if bucket >= self.buckets.count {
            return Some(self.count);
        }
        let at = self.buckets_at() + bucket * WORD;
        let bounds = bytes.get(at..)?;
        let mut from = u32::read(bounds)? as usize;
        let mut to = (u32::read(bounds.get(WORD..)?)? as usize).min(self.count);
        let records = bytes.get(self.records_at()..)?;
        while from < to {
            let middle = from + (to - from) / 2;
            if N::read(records.get(middle * record_bytes::<N>()..)?)? <= number {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        Some(from.min(self.count))
    }
}

/// The ranges that contain a number, see [`Ranges::containing`].
#[derive(Debug)]
pub(crate) struct Containing<'b, N> {
    records: &'b [u8],
    /// All ranges before this one are still to be looked at.
    after: usize,
    number: N,
}

impl<N: Number> Iterator for Containing<'_, N> {
    type Item = Entry<N>;

    fn next(&mut self) -> Option<Entry<N>> {
        while let Some(index) = self.after.checked_sub(1) {
            let record = self.records.get(index * record_bytes::<N>()..)?;
            let rest = record.get(N::BYTES..)?;
            let last = N::read(rest)?;
            let rest = rest.get(N::BYTES..)?;
            if last >= self.number {
                self.after = index;
                return Some(Entry {
                    first: N::read(record)?,
                    last,
                    entry: u32::read(rest.get(WORD..)?)?,
                });
            }
            // A link leads backwards; in damaged bytes it must not lead in circles.
            self.after = index.min(u32::read(rest)? as usize);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written<N: Number>(ranges: &[(N, N)]) -> Vec<u8> {
        let ranges = (0..).zip(ranges);
        let ranges = ranges.map(|(entry, &(first, last))| Entry { first, last, entry });
        let mut bytes = Vec::new();
        write(ranges.collect(), &mut bytes).unwrap();
        bytes
    }

    fn found<N: Number>(bytes: &[u8], number: N) -> Vec<u32> {
        let ranges = Ranges::<N>::parse(bytes).unwrap();
        let found = ranges.containing(bytes, number);
        found.map(|range| range.entry).collect()
    }

    #[test]
    fn the_whole_of_the_numbers() {
        let bytes = written(&[(0, u32::MAX), (u32::MAX, u32::MAX)]);
        assert_eq!(found(&bytes, 0u32), [0]);
        assert_eq!(found(&bytes, u32::MAX), [1, 0]);
        let bytes = written(&[(0, u128::MAX), (u128::MAX, u128::MAX), (0, 0)]);
        assert_eq!(found(&bytes, 0u128), [2, 0]);
        assert_eq!(found(&bytes, u128::MAX), [1, 0]);
        assert!(found(&written::<u32>(&[]), 7u32).is_empty());
        assert!(found(&written(&[(9u32, 3)]), 9u32).is_empty());
    }

    proptest! {
        #[test]
        fn finds_what_a_scan_finds(
            ranges in prop::collection::vec((0u32..200, 0u32..60), 0..200),
            scale in prop::sample::select(vec![1u32, 1 << 15, 1 << 24]),
        ) {
            let ranges: Vec<(u32, u32)> = ranges
                .iter()
                .map(|&(start, length)| (start.saturating_mul(scale), (start + length).saturating_mul(scale)))
                .collect();
            let wide: Vec<_> = ranges
                .iter()
                .map(|&(first, last)| (u128::from(first) << 90, u128::from(last) << 90))
                .collect();
            let (narrow, wide) = (written(&ranges), written(&wide));
            for number in (0..=262).map(|step: u32| step.saturating_mul(scale)) {
                let mut expected: Vec<(u32, u32)> = (0u32..)
                    .zip(&ranges)
                    .filter(|(_, range)| range.0 <= number && number <= range.1)
                    .map(|(entry, range)| (range.0, entry))
                    .collect();
                expected.sort_unstable_by(|a, b| b.cmp(a));
                let expected: Vec<u32> = expected.into_iter().map(|(_, entry)| entry).collect();
                prop_assert_eq!(&found(&narrow, number), &expected);
                prop_assert_eq!(&found(&wide, u128::from(number) << 90), &expected);
            }
        }

        #[test]
        fn damaged_bytes_never_panic(
            ranges in prop::collection::vec((0u32..200, 0u32..60), 1..40),
            damage in prop::collection::vec((0usize..4096, any::<u8>()), 1..20),
            number: u32,
        ) {
            let ranges: Vec<_> = ranges.iter().map(|&(start, length)| (start, start + length)).collect();
            let mut bytes = written(&ranges);
            for (position, byte) in damage {
                let length = bytes.len();
                bytes[position % length] = byte;
            }
            if let Some(ranges) = Ranges::<u32>::parse(&bytes) {
                for number in (0..260).chain([number]) {
                    prop_assert!(ranges.containing(&bytes, number).count() <= ranges.count());
                }
            }
        }
    }
}
