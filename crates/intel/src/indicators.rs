//! Indicators of compromise: addresses in ranges, and domain names.

use std::cmp::Reverse;
use std::net::IpAddr;
use std::path::Path;

use yagura_model::parse_address;

use crate::address;
use crate::bytes::Bytes;
use crate::compile::{Layout, compile};
use crate::folder::{CacheFolder, MakeError, make_in_memory};
use crate::opened::{Error, Opened};
use crate::ranges::{Containing, Entry};
use crate::texts;

const WHAT: &str = "database of indicators";
/// The provider of indicators that may lie in private ranges.
const BUILT_IN: &str = "built-in";

/// What is known about a malicious address or domain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indicator<'a> {
    /// Who says so.
    pub provider: &'a str,
    /// The kind in STIX: `ipv4-addr`, `ipv6-addr` or `domain-name`.
    pub kind: &'a str,
    /// What it is called.
    pub name: Option<&'a str>,
    /// Where more is told.
    pub reference: Option<&'a str>,
    /// When it was first seen.
    pub first_seen: Option<&'a str>,
    /// When it was last seen.
    pub last_seen: Option<&'a str>,
    /// When the provider last changed it.
    pub modified_at: Option<&'a str>,
    /// What the provider tells about it.
    pub description: Option<&'a str>,
}

/// All indicators, compiled.
pub struct Indicators {
    bytes: Bytes,
    layout: Layout,
}

impl std::fmt::Debug for Indicators {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Indicators")
            .field("addresses", &self.address_count())
            .field("domains", &self.domain_count())
            .finish_non_exhaustive()
    }
}

impl Indicators {
    /// Opens the SQLite database of indicators (`ioc.db`).
    ///
    /// It is compiled into a file of the cache folder, which later calls map
    /// as long as the database stays the same; without a folder it is compiled
    /// in memory.
    ///
    /// **Shape**: absent if there is no such file, or it holds fewer than two addresses.
    /// **Limits**: fifty million rows, four gigabytes of text.
    /// **Errors**: the file is no such database.
    pub fn open(path: &Path, cache: Option<&CacheFolder>) -> Result<Opened<Self>, Error> {
        if !path.is_file() {
            return Ok(Opened::missing(WHAT, path));
        }
        let indicators =
            Self::compiled(path, cache).map_err(|reason| Error::new(WHAT, path, reason))?;
        if indicators.layout.addresses < 2 {
            let note = format!("`{}` holds no indicators", path.display());
            return Ok(Opened::Absent(note));
        }
        Ok(Opened::Ready(indicators))
    }

    fn compiled(path: &Path, cache: Option<&CacheFolder>) -> Result<Self, MakeError> {
        let make = |out: &mut dyn std::io::Write| compile(path, out);
        let bytes = match cache {
            Some(folder) => folder.get_or_make("ioc", path, &make)?,
            None => make_in_memory(&make)?,
        };
        Self::parse(bytes).ok_or_else(|| MakeError::Source("it was compiled wrongly".to_owned()))
    }

    fn parse(bytes: Bytes) -> Option<Self> {
        let layout = Layout::parse(&bytes)?;
        Some(Self { bytes, layout })
    }

    fn section(&self, section: &std::ops::Range<usize>) -> &[u8] {
        self.bytes.get(section.clone()).unwrap_or_default()
    }

    /// The indicators whose range contains an address, newest and narrowest first.
    ///
    /// **Limits**: text that is no plain address finds nothing; an address in a
    /// private range finds only indicators that are built in.
    pub fn lookup_ip(&self, text: &str) -> impl Iterator<Item = Indicator<'_>> {
        let address = parse_address(text);
        let found = match address {
            Some(IpAddr::V4(address)) => {
                let bytes = self.section(&self.layout.v4_bytes);
                Found::V4(self.layout.v4.containing(bytes, address.to_bits()))
            }
            Some(IpAddr::V6(address)) => {
                let bytes = self.section(&self.layout.v6_bytes);
                Found::v6(self.layout.v6.containing(bytes, address.to_bits()))
            }
            None => Found::None,
        };
        let private = !matches!(found, Found::None) && address.is_some_and(address::is_private);
        found
            .map(|place| self.indicator(place))
            .filter(move |indicator| !private || indicator.provider == BUILT_IN)
    }

    /// The indicators of exactly this domain name.
    pub fn lookup_domain(&self, domain: &str) -> impl Iterator<Item = Indicator<'_>> {
        let bytes = self.section(&self.layout.domain_bytes);
        let texts = self.section(&self.layout.texts);
        let candidates = self.layout.domains.candidates(bytes, domain);
        candidates
            .filter(move |&(name, _)| texts::text(texts, name) == Some(domain.as_bytes()))
            .map(|(_, entry)| self.indicator(entry))
    }

    /// How many address ranges there are.
    pub fn address_count(&self) -> usize {
        self.layout.addresses
    }

    /// How many domain names there are, counted once per provider.
    pub fn domain_count(&self) -> usize {
        self.layout.domains.count()
    }

    fn indicator(&self, place: u32) -> Indicator<'_> {
        let [
            provider,
            kind,
            name,
            reference,
            first_seen,
            last_seen,
            modified_at,
            description,
        ] = texts::entry(self.section(&self.layout.texts), place);
        Indicator {
            provider: provider.unwrap_or_default(),
            kind: kind.unwrap_or_default(),
            name,
            reference,
            first_seen,
            last_seen,
            modified_at,
            description,
        }
    }
}

/// The places of entries that an address led to, in the order in which they are told: by the last
/// part of the start, as the reference system does, latest rows first.
enum Found<'b> {
    None,
    /// A part of the start is all of it here, so they are found in this order.
    V4(Containing<'b, u32>),
    One(u32),
    Sorted(std::vec::IntoIter<u32>),
}

impl Found<'_> {
    fn v6(mut containing: Containing<'_, u128>) -> Self {
        let Some(one) = containing.next() else {
            return Self::None;
        };
        let Some(other) = containing.next() else {
            return Self::One(one.entry);
        };
        let mut all = vec![one, other];
        all.extend(containing);
        all.sort_unstable_by_key(|range| Reverse((range.first as u32, range.entry)));
        let places: Vec<u32> = all.iter().map(|range: &Entry<u128>| range.entry).collect();
        Self::Sorted(places.into_iter())
    }
}

impl Iterator for Found<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        match self {
            Self::None => None,
            Self::V4(containing) => containing.next().map(|range| range.entry),
            Self::One(place) => {
                let place = *place;
                *self = Self::None;
                Some(place)
            }
            Self::Sorted(places) => places.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;

    const DATABASE: &str = "
        CREATE TABLE ipaddress (provider, type, v6_network1_start, v6_network1_end, v6_network2_start,
            v6_network2_end, network_start, network_end, name, reference, first_seen, last_seen, modified, description);
        CREATE TABLE domain (provider, type, domain, name, reference, first_seen, last_seen, modified, description);
        INSERT INTO ipaddress VALUES
            ('a', 'ipv4-addr', 0, 0, 0, 0, 16777216, 33554431, 'wide', 'r', '1', '2', '3', 'text'),
            ('b', 'ipv4-addr', 0, 0, 0, 0, 16777217, 16777217, 'one', NULL, NULL, NULL, '3', 'text'),
            ('a', 'ipv6-addr', 46179488366592, 46179488366592, 0, 0, 1, 9, 'six', 'r', NULL, NULL, NULL, NULL),
            ('b', 'ipv6-addr', 46179488366592, 46179488366592, 0, 0, 1, 5, 'six', NULL, NULL, NULL, NULL, NULL);
        INSERT INTO domain VALUES
            ('a', 'domain-name', 'x.example', 'n', 'r', '1', '2', '3', 'text'),
            ('b', 'domain-name', 'x.example', 'n', NULL, NULL, NULL, NULL, NULL);";

    fn compiled() -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ioc.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(DATABASE).unwrap();
        let mut bytes = Vec::new();
        compile(&path, &mut bytes).unwrap();
        bytes
    }

    /// How many indicators are found in all.
    fn found(indicators: &Indicators) -> usize {
        let addresses = [
            "1.0.0.1", "1.0.0.2", "2.0.0.0", "2a00::3", "2a00::a", "10.0.0.1",
        ];
        let by_address = addresses.map(|address| indicators.lookup_ip(address).count());
        let by_domain =
            ["x.example", "y.example"].map(|name| indicators.lookup_domain(name).count());
        by_address.into_iter().chain(by_domain).sum()
    }

    static COMPILED: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(compiled);

    #[test]
    fn undamaged_bytes_find_all() {
        let bytes = Bytes::in_memory(COMPILED.clone());
        assert_eq!(found(&Indicators::parse(bytes).unwrap()), 2 + 1 + 2 + 2);
    }

    proptest! {
        #[test]
        fn damaged_or_cut_bytes_never_panic(
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
            cut: prop::sample::Index,
        ) {
            let mut bytes = COMPILED.clone();
            for (position, byte) in damage {
                let position = position.index(bytes.len());
                bytes[position] = byte;
            }
            let start = bytes[..cut.index(bytes.len())].to_vec();
            let end = bytes[cut.index(bytes.len())..].to_vec();
            for bytes in [bytes, start, end] {
                if let Some(indicators) = Indicators::parse(Bytes::in_memory(bytes)) {
                    found(&indicators);
                }
            }
        }
    }
}
