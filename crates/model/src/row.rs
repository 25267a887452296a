//! What is noted of the keys of an object's members, so that they are found by few comparisons: rows
//! of keys that come again and again, and tags.

use std::sync::atomic::{AtomicU64, Ordering};

use wide::u8x16;

use crate::Key;
use crate::key::{KeyBits, is_same};
use crate::object::Member;

/// Keys of members that follow each other in many objects, prepared once: what each object would
/// note of them one by one is copied as a whole.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// No other row has it.
    id: u64,
    pub(crate) count: usize,
    pub(crate) bits: KeyBits,
    pub(crate) tags: Tags,
}

impl KeyRow {
    /// Prepares different keys.
    pub fn new<'k, T: 'k>(keys: impl IntoIterator<Item = &'k Key<T>>) -> KeyRow {
        static LAST_ID: AtomicU64 = AtomicU64::new(0);
        let mut row = KeyRow {
            id: 1 + LAST_ID.fetch_add(1, Ordering::Relaxed),
            count: 0,
            bits: KeyBits::default(),
            tags: Tags::default(),
        };
        for key in keys {
            row.bits.add(key.mark);
            set_tag(&mut row.tags, row.count, key.mark.tag);
            row.count += 1;
        }
        row
    }
}

/// Which keys an object has, and where: those of up to two rows, and no others. Objects of the
/// same layout hold the same keys in the same places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The rows by their numbers; 0 is none.
    rows: [u64; 2],
    /// How many members it has.
    pub(crate) count: usize,
}

impl Layout {
    pub(crate) const EMPTY: Layout = Layout {
        rows: [0; 2],
        count: 0,
    };

    /// There are keys of no row. No object has as many members.
    pub(crate) const UNKNOWN: Layout = Layout {
        rows: [0; 2],
        count: usize::MAX,
    };

    pub(crate) fn with(self, row: &KeyRow) -> Layout {
        let rows = match self.rows {
            [0, 0] => [row.id, 0],
            [first, 0] => [first, row.id],
            _ => return Self::UNKNOWN,
        };
        Layout {
            rows,
            count: self.count + row.count,
        }
    }
}

/// How many tags are compared together.
const TAG_BLOCK: usize = 16;

/// How many members have a tag, as many as a word has bits; records with more are searched to their
/// end.
pub(crate) const TAGGED: usize = u64::BITS as usize;

/// The tags of the first members.
pub(crate) type Tags = [[u8; TAG_BLOCK]; TAGGED / TAG_BLOCK];

/// Notes the tag of a member by its place.
#[inline]
pub(crate) fn set_tag(tags: &mut Tags, place: usize, tag: u8) {
    if let Some(known) = tags.as_flattened_mut().get_mut(place) {
        *known = tag;
    }
}

/// The place of the member with a key, among members with these tags.
pub(crate) fn place_among(
    members: &[Member<'_>],
    tags: &Tags,
    key: &str,
    tag: u8,
) -> Option<usize> {
    let is_key = |member: &Member<'_>| is_same(member.key, key);
    let wanted = u8x16::splat(tag);
    let likely_in = |tags: &[u8; TAG_BLOCK]| {
        let likely = u8x16::new(*tags).simd_eq(wanted).to_bitmask();
        u64::from(likely)
    };
    // A bit for each member that may be the one. Nothing is decided between the blocks.
    let [first, others @ ..] = tags;
    let mut likely = likely_in(first);
    if members.len() > TAG_BLOCK {
        for (number, tags) in (1..).zip(others) {
            likely |= likely_in(tags) << (number * TAG_BLOCK);
        }
    }
    while likely != 0 {
        let at = likely.trailing_zeros() as usize;
        // Behind the last member stand tags that mean nothing.
        if members.get(at).is_some_and(is_key) {
            return Some(at);
        }
        likely &= likely - 1;
    }
    let behind = members.get(TAGGED..)?.iter().position(is_key);
    behind.map(|at| TAGGED + at)
}
