//! The search tree of a MaxMind database, which an IPv4 address enters half way down.
//!
//! The tree is walked bit by bit, and most of its nodes are in no cache of the processor. But its
//! upper half has few nodes, which many addresses have in common: where the first bits lead is
//! found out once.
//!
//! **source**: <https://maxmind.github.io/MaxMind-DB/>

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};

use maxminddb::Metadata;

use crate::bytes::Bytes;

/// Bits of an address that lead to an entry.
const ENTRY_BITS: u32 = 16;
/// Bits of an IPv6 address, all 0, in front of an IPv4 address.
const BITS_BEFORE_V4: u32 = 96;
/// Zero bytes between the tree and the records.
const SEPARATOR_BYTES: u32 = 16;

/// The search tree of a database.
#[derive(Debug)]
pub(crate) struct Tree {
    bytes: Bytes,
    node_count: u32,
    record_size: RecordSize,
    /// The node where IPv4 addresses begin.
    v4_start: u32,
    /// Where the first bits of an IPv4 address lead; 0 where that was not needed yet. Threads may
    /// find out the same at the same time.
    entries: Box<[AtomicU32]>,
}

/// How many bits a record has that says where the tree goes on.
#[derive(Clone, Copy, Debug)]
enum RecordSize {
    Bits24,
    Bits28,
    Bits32,
}

impl Tree {
    /// The tree of a database; `None` if it is none of those that are described.
    pub(crate) fn new(bytes: Bytes, metadata: &Metadata) -> Option<Self> {
        let record_size = match metadata.record_size {
            24 => RecordSize::Bits24,
            28 => RecordSize::Bits28,
            32 => RecordSize::Bits32,
            _ => return None,
        };
        let mut tree = Self {
            bytes,
            node_count: metadata.node_count,
            record_size,
            v4_start: 0,
            entries: (0..1 << ENTRY_BITS).map(|_| AtomicU32::new(0)).collect(),
        };
        if metadata.ip_version == 6 {
            tree.v4_start = tree.walk(0, 0, BITS_BEFORE_V4);
        }
        Some(tree)
    }

    /// The place of an address's record among the records, if it has one.
    pub(crate) fn record(&self, address: Ipv4Addr) -> Option<usize> {
        let bits = address.to_bits();
        let entry = self
            .entries
            .get((bits >> (u32::BITS - ENTRY_BITS)) as usize)?;
        let node = match entry.load(Ordering::Relaxed) {
            0 => {
                let node = self.walk(self.v4_start, bits, ENTRY_BITS);
                entry.store(node, Ordering::Relaxed);
                node
            }
            node => node,
        };
        let end = self.walk(node, bits << ENTRY_BITS, u32::BITS - ENTRY_BITS);
        let place = end
            .checked_sub(self.node_count)?
            .checked_sub(SEPARATOR_BYTES)?;
        Some(place as usize)
    }

    /// Where the tree leads from a node by the first bits of a word: to a node, nowhere, which is
    /// the number of nodes, or to a record, which is more than that.
    fn walk(&self, mut node: u32, mut word: u32, bits: u32) -> u32 {
        let bytes: &[u8] = &self.bytes;
        for _ in 0..bits {
            if node >= self.node_count {
                break;
            }
            let is_right = word >> (u32::BITS - 1) != 0;
            // A database that ends within its tree leads nowhere.
            node = self
                .record_size
                .next(bytes, node, is_right)
                .unwrap_or(self.node_count);
            word <<= 1;
        }
        node
    }
}

impl RecordSize {
    /// What the left or the right record of a node says.
    #[inline]
    fn next(self, bytes: &[u8], node: u32, is_right: bool) -> Option<u32> {
        let node_bytes = match self {
            RecordSize::Bits24 => 6,
            RecordSize::Bits28 => 7,
            RecordSize::Bits32 => 8,
        };
        // The separator stands behind the last node, so that there are always as many bytes.
        let node = bytes.get(node as usize * node_bytes..)?.first_chunk()?;
        let word = u64::from_be_bytes(*node);
        let next = match (self, is_right) {
            (RecordSize::Bits24, false) => word >> 40,
            (RecordSize::Bits24, true) => word >> 16 & 0xFF_FFFF,
            // The highest bits of both stand in the byte between them.
            (RecordSize::Bits28, false) => word >> 40 | (word >> 36 & 0xF) << 24,
            (RecordSize::Bits28, true) => word >> 8 & 0xFFF_FFFF,
            (RecordSize::Bits32, false) => word >> 32,
            (RecordSize::Bits32, true) => word & 0xFFFF_FFFF,
        };
        Some(next as u32)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use maxminddb::Reader;
    use proptest::prelude::*;

    use super::*;

    /// A database of some networks, each a prefix with its length, that leads to made-up records.
    fn database(networks: &[(u32, u32)], record_size: u16, ip_version: u16) -> Vec<u8> {
        const RECORD: u32 = 1 << 31;
        let mut nodes = vec![[0u32; 2]];
        for (number, (prefix, length)) in networks.iter().enumerate() {
            let before = if ip_version == 6 { BITS_BEFORE_V4 } else { 0 };
            let bits = (0..before).map(|_| 0);
            let bits = bits.chain((0..*length).map(|bit| (prefix >> (31 - bit) & 1) as usize));
            let (mut node, mut bits) = (0, bits.peekable());
            while let Some(bit) = bits.next() {
                let next = nodes[node][bit];
                // Networks within others come first or not at all.
                if next & RECORD != 0 || next != 0 && bits.peek().is_none() {
                    break;
                } else if bits.peek().is_none() {
                    nodes[node][bit] = RECORD | number as u32;
                } else if next == 0 {
                    nodes.push([0; 2]);
                    nodes[node][bit] = (nodes.len() - 1) as u32;
                }
                node = nodes[node][bit] as usize;
            }
        }
        let count = nodes.len() as u32;
        let mut bytes = Vec::new();
        for node in &nodes {
            let [left, right] = node.map(|next| match next {
                0 => count,
                next if next & RECORD != 0 => count + SEPARATOR_BYTES + (next & !RECORD),
                next => next,
            });
            let (left, right) = (left.to_be_bytes(), right.to_be_bytes());
            match record_size {
                24 => bytes.extend([&left[1..], &right[1..]].concat()),
                28 => {
                    let between = [left[0] << 4 | right[0] & 0xF];
                    bytes.extend([&left[1..], &between, &right[1..]].concat());
                }
                _ => bytes.extend([left, right].concat()),
            }
        }
        bytes.extend([0; SEPARATOR_BYTES as usize]);
        bytes.extend(networks.iter().map(|_| 0x40));
        bytes.extend(b"\xab\xcd\xefMaxMind.com\xe9");
        let numbers: [(&str, u32); 6] = [
            ("node_count", count),
            ("record_size", record_size.into()),
            ("ip_version", ip_version.into()),
            ("binary_format_major_version", 2),
            ("binary_format_minor_version", 0),
            ("build_epoch", 0),
        ];
        let text = |bytes: &mut Vec<u8>, text: &str| {
            bytes.push(0x40 | text.len() as u8);
            bytes.extend(text.as_bytes());
        };
        for (name, number) in numbers {
            text(&mut bytes, name);
            let number = number.to_be_bytes();
            match name {
                "node_count" => bytes.extend([&[0xC4], &number[..]].concat()),
                "build_epoch" => bytes.extend([0x04, 0x02, 0, 0, 0, 0]),
                _ => bytes.extend([&[0xA2], &number[2..]].concat()),
            }
        }
        text(&mut bytes, "database_type");
        text(&mut bytes, "Test");
        text(&mut bytes, "languages");
        bytes.extend([0x00, 0x04]);
        text(&mut bytes, "description");
        bytes.push(0xE0);
        bytes
    }

    proptest! {
        #[test]
        fn an_address_leads_where_the_library_leads_it(
            networks in prop::collection::vec((any::<u32>(), 1..=32u32), 0..60),
            others in prop::collection::vec(any::<u32>(), 0..60),
            record_size in prop::sample::select(vec![24u16, 28, 32]),
            ip_version in prop::sample::select(vec![4u16, 6]),
            cut in 0..3usize,
        ) {
            let mut bytes = database(&networks, record_size, ip_version);
            let reader = Reader::from_source(bytes.clone()).unwrap();
            let tree = |bytes| Tree::new(Bytes::in_memory(bytes), reader.metadata()).unwrap();
            let whole = tree(bytes.clone());
            let near = networks.iter().flat_map(|(prefix, length)| {
                let last = prefix | u32::MAX.checked_shr(*length).unwrap_or(0);
                [*prefix, prefix ^ 1, last, last.wrapping_add(1)]
            });
            // Twice: the second time the entry is known.
            for bits in near.chain(others.clone()).chain(others) {
                let address = Ipv4Addr::from_bits(bits);
                let expected = reader.lookup(IpAddr::V4(address)).unwrap().offset();
                prop_assert_eq!(whole.record(address), expected, "{}", address);
            }
            // One that is cut off within its tree leads somewhere, or nowhere.
            bytes.truncate(bytes.len() * cut / 8);
            let cut = tree(bytes);
            for (prefix, _) in networks {
                cut.record(Ipv4Addr::from_bits(prefix));
            }
        }
    }
}
