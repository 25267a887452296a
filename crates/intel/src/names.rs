//! Finds all entries of a name: written once, searched in place.
//!
//! ```text
//! filter   words in which a few bits are set for each name
//! buckets  for each piece of the hashes, how many entries lie before it
//! entries  hash, name, entry; sorted by the hash
//! ```
//!
//! Most names that are asked for are not there, and the filter knows 98 of 100
//! of those with one look. For the others a bucket leads to about two entries.

use std::io::{self, Write};

use crate::hash::hash;

/// Bits of the filter per name.
const FILTER_BITS: usize = 12;
const FILTER_WORD: usize = 8;
const ENTRIES_PER_BUCKET: usize = 2;
/// Length of a number of a bucket or an entry.
const WORD: usize = 4;
const ENTRY_BYTES: usize = 3 * WORD;
/// Seed, count of entries, words of the filter, buckets.
const HEADER_BYTES: usize = 4 * 8;

/// A name as it will be written: its hash, and places that the caller knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    hash: u64,
    name: u32,
    entry: u32,
}

impl Name {
    /// A name that is found at the place `name` and leads to `entry`.
    pub(crate) fn new(seed: u64, text: &str, name: u32, entry: u32) -> Self {
        Self {
            hash: hash(seed, text.as_bytes()),
            name,
            entry,
        }
    }
}

/// Where a hash lies if all hashes are cut into so many pieces.
fn piece(hash: u64, pieces: usize) -> usize {
    ((u128::from(hash) * pieces as u128) >> 64) as usize
}

/// The bits that a hash sets in a word of the filter.
fn mask(hash: u64) -> u64 {
    1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63) | 1 << (hash >> 18 & 63)
}

/// Writes names so that [`Names`] can search them.
///
/// **Shape**: entries of the same name are found in the order of their places. **Limits**: fewer
/// than 2³² names.
pub(crate) fn write(
    seed: u64,
    mut names: Vec<Name>,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    names.sort_unstable();
    let mut filter = vec![0u64; (names.len() * FILTER_BITS).div_ceil(64).max(1)];
    let buckets = (names.len() / ENTRIES_PER_BUCKET).max(1);
    for number in [
        seed,
        names.len() as u64,
        filter.len() as u64,
        buckets as u64,
    ] {
        out.write_all(&number.to_le_bytes())?;
    }
    let words = filter.len();
    for name in &names {
        if let Some(word) = filter.get_mut(piece(name.hash, words)) {
            *word |= mask(name.hash);
        }
    }
    for word in filter {
        out.write_all(&word.to_le_bytes())?;
    }
    let mut before = 0u32;
    let mut at = names.iter().peekable();
    for bucket in 0..=buckets {
        while at
            .next_if(|name| piece(name.hash, buckets) < bucket)
            .is_some()
        {
            before += 1;
        }
        out.write_all(&before.to_le_bytes())?;
    }
    for name in &names {
        // The high half of the hash is told by the bucket.
        for number in [name.hash as u32, name.name, name.entry] {
            out.write_all(&number.to_le_bytes())?;
        }
    }
    Ok(())
}

/// Where the parts of written names are.
#[derive(Debug)]
pub(crate) struct Names {
    seed: u64,
    count: usize,
    filter_words: usize,
    buckets: usize,
}

impl Names {
    /// Reads the header of written names; `None` if the bytes are none.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let number = |index: usize| word(bytes, index * 8);
        let small =
            |index: usize| -> Option<usize> { Some(u32::try_from(number(index)?).ok()? as usize) };
        let names = Self {
            seed: number(0)?,
            count: small(1)?,
            filter_words: small(2)?,
            buckets: small(3)?,
        };
        let length = names.entries_at() + names.count * ENTRY_BYTES;
        (length == bytes.len()).then_some(names)
    }

    /// How many entries there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    fn buckets_at(&self) -> usize {
        HEADER_BYTES + self.filter_words * FILTER_WORD
    }

    fn entries_at(&self) -> usize {
        self.buckets_at() + (self.buckets + 1) * WORD
    }

    /// The places of all names that may be a text, and what they lead to. `bytes` are those that
    /// were parsed; whether the name is the text is for the caller to compare.
    pub(crate) fn candidates<'b>(
        &self,
        bytes: &'b [u8],
        text: &str,
    ) -> impl Iterator<Item = (u32, u32)> + use<'b> {
        let hash = hash(self.seed, text.as_bytes());
        let entries = self.bucket(bytes, hash).unwrap_or_default();
        let entries = entries.chunks_exact(ENTRY_BYTES);
        entries.filter_map(move |entry| {
            let number = |index: usize| short(entry, index * WORD);
            (number(0)? == hash as u32).then_some((number(1)?, number(2)?))
        })
    }

    /// The entries among which those of a hash are; `None` if there are none.
    fn bucket<'b>(&self, bytes: &'b [u8], hash: u64) -> Option<&'b [u8]> {
        let mask = mask(hash);
        let at = HEADER_BYTES + piece(hash, self.filter_words) * FILTER_WORD;
        if word(bytes, at)? & mask != mask {
            return None;
        }
        let at = self.buckets_at() + piece(hash, self.buckets) * WORD;
        let [from, to] = [short(bytes, at)?, short(bytes, at + WORD)?];
        let from = self.entries_at() + from as usize * ENTRY_BYTES;
        let to = self.entries_at() + to as usize * ENTRY_BYTES;
        bytes.get(from..to)
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at..)?.first_chunk().copied()?;
    Some(u64::from_le_bytes(word))
}

fn short(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..)?.first_chunk().copied()?;
    Some(u32::from_le_bytes(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEED: u64 = 42;

    fn written(texts: &[String]) -> Vec<u8> {
        let names = (0u32..).zip(texts);
        let names = names.map(|(place, text)| Name::new(SEED, text, place, place + 1000));
        let mut bytes = Vec::new();
        write(SEED, names.collect(), &mut bytes).unwrap();
        bytes
    }

    proptest! {
        #[test]
        fn finds_what_a_scan_finds(texts in prop::collection::vec("[a-c]{0,3}", 0..120)) {
            let bytes = written(&texts);
            let names = Names::parse(&bytes).unwrap();
            for text in texts.iter().map(String::as_str).chain(["d", "abcd", ""]) {
                let expected: Vec<(u32, u32)> = (0u32..)
                    .zip(&texts)
                    .filter(|(_, known)| *known == text)
                    .map(|(place, _)| (place, place + 1000))
                    .collect();
                let found: Vec<_> = names.candidates(&bytes, text).collect();
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn damaged_bytes_never_panic(
            texts in prop::collection::vec("[a-c]{0,3}", 0..40),
            damage in prop::collection::vec((0usize..4096, any::<u8>()), 1..20),
        ) {
            let mut bytes = written(&texts);
            for (position, byte) in damage {
                let length = bytes.len();
                bytes[position % length] = byte;
            }
            if let Some(names) = Names::parse(&bytes) {
                for text in &texts {
                    prop_assert!(names.candidates(&bytes, text).count() <= names.count());
                }
            }
        }
    }
}
