//! Indicators of compromise: addresses in ranges, and domain names.

use std::cmp::Reverse;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::path::Path;

use hashbrown::{DefaultHashBuilder, HashTable};
use rusqlite::{Connection, Row};

use yagura_model::parse_address;

use crate::address;
use crate::intervals::Intervals;
use crate::opened::{Error, Opened};
use crate::rows::{self, Family, MAX_ROWS, RANGE_COLUMNS, Ranges};

const WHAT: &str = "database of indicators";
/// The provider of indicators that may lie in private ranges.
const BUILT_IN: &str = "built-in";
const NONE: u32 = u32::MAX;

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

/// The place of a text in [`Texts`]; a start of [`NONE`] means no text.
#[derive(Clone, Copy, Debug)]
struct Text {
    start: u32,
    length: u32,
}

/// Texts in one piece of memory, equal ones stored once.
#[derive(Debug, Default)]
struct Texts {
    all: String,
}

impl Texts {
    fn get(&self, text: Text) -> Option<&str> {
        let start = text.start as usize;
        self.all.get(start..start + text.length as usize)
    }
}

#[derive(Default)]
struct TextsBuilder {
    texts: Texts,
    known: HashTable<Text>,
    hasher: DefaultHashBuilder,
}

impl TextsBuilder {
    fn add(&mut self, text: &str) -> Result<Text, String> {
        let hash = self.hasher.hash_one(text);
        let found = |known: &Text| self.texts.get(*known) == Some(text);
        if let Some(known) = self.known.find(hash, found) {
            return Ok(*known);
        }
        let too_large = |_| "it holds more than 4 GB of text".to_owned();
        let added = Text {
            start: u32::try_from(self.texts.all.len()).map_err(too_large)?,
            length: u32::try_from(text.len()).map_err(too_large)?,
        };
        self.texts.all.push_str(text);
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.known.insert_unique(hash, added, |known| {
            hasher.hash_one(texts.get(*known).unwrap_or_default())
        });
        Ok(added)
    }
}

/// The texts of an indicator: provider, kind, name, reference, first and last seen, modified, description.
type Entry = [Text; 8];
const ENTRY_COLUMNS: &str =
    "provider, type, name, reference, first_seen, last_seen, modified, description";

/// All indicators, in memory.
pub struct Indicators {
    texts: Texts,
    entries: Vec<Entry>,
    v4: Intervals<u32>,
    v6: Intervals<u128>,
    hasher: DefaultHashBuilder,
    /// For each domain name, the first of its entries.
    domains: HashTable<u32>,
    /// For each entry, its domain name and the next entry of the same name.
    domain_entries: Vec<(Text, u32, Entry)>,
}

impl std::fmt::Debug for Indicators {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Indicators")
            .field("addresses", &self.entries.len())
            .field("domains", &self.domain_entries.len())
            .finish_non_exhaustive()
    }
}

impl Indicators {
    /// Reads the SQLite database of indicators (`ioc.db`) into memory.
    ///
    /// **Shape**: absent if there is no such file, or it holds fewer than two addresses.
    /// **Errors**: the file is no such database.
    pub fn open(path: &Path) -> Result<Opened<Self>, Error> {
        if !path.is_file() {
            return Ok(Opened::missing(WHAT, path));
        }
        let error = |reason: String| Error::new(WHAT, path, reason);
        let connection = rows::open(path).map_err(|reason| error(reason.to_string()))?;
        let indicators = Self::read(&connection).map_err(error)?;
        if indicators.entries.len() < 2 {
            let note = format!("`{}` holds no indicators", path.display());
            return Ok(Opened::Absent(note));
        }
        Ok(Opened::Ready(indicators))
    }

    /// The indicators whose range contains an address, newest and narrowest first.
    ///
    /// **Limits**: text that is no plain address finds nothing; an address in a
    /// private range finds only indicators that are built in.
    pub fn lookup_ip(&self, text: &str) -> Vec<Indicator<'_>> {
        let Some(address) = parse_address(text) else {
            return Vec::new();
        };
        let mut found: Vec<u32> = match address {
            IpAddr::V4(address) => self.v4.containing(address.to_bits()).collect(),
            IpAddr::V6(address) => self.v6.containing(address.to_bits()).collect(),
        };
        if found.is_empty() {
            return Vec::new();
        }
        found.sort_unstable();
        let entries = found
            .into_iter()
            .filter_map(|id| self.entries.get(id as usize));
        let indicators = entries.map(|entry| self.indicator(entry));
        let private = address::is_private(address);
        indicators
            .filter(|indicator| !private || indicator.provider == BUILT_IN)
            .collect()
    }

    /// The indicators of exactly this domain name.
    pub fn lookup_domain(&self, domain: &str) -> impl Iterator<Item = Indicator<'_>> {
        let hash = self.hasher.hash_one(domain);
        let is_it = |&head: &u32| self.domain_name(head) == Some(domain);
        let mut next = self.domains.find(hash, is_it).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let (_, following, entry) = self.domain_entries.get(next as usize)?;
            next = *following;
            Some(self.indicator(entry))
        })
    }

    /// How many address ranges there are.
    pub fn address_count(&self) -> usize {
        self.entries.len()
    }

    /// How many domain names there are, counted once per provider.
    pub fn domain_count(&self) -> usize {
        self.domain_entries.len()
    }

    fn domain_name(&self, entry: u32) -> Option<&str> {
        let (domain, _, _) = self.domain_entries.get(entry as usize)?;
        self.texts.get(*domain)
    }

    fn indicator(&self, entry: &Entry) -> Indicator<'_> {
        let [
            provider,
            kind,
            name,
            reference,
            first_seen,
            last_seen,
            modified,
            description,
        ] = entry.map(|text| self.texts.get(text));
        Indicator {
            provider: provider.unwrap_or_default(),
            kind: kind.unwrap_or_default(),
            name,
            reference,
            first_seen,
            last_seen,
            modified_at: modified,
            description,
        }
    }

    fn read(connection: &Connection) -> Result<Self, String> {
        let mut texts = TextsBuilder::default();
        let mut found = Vec::new();
        let sql = format!("SELECT {ENTRY_COLUMNS}, {RANGE_COLUMNS} FROM ipaddress ORDER BY rowid");
        for_each_row(connection, &sql, |row| {
            let family = match row.get_ref(1).ok().and_then(|kind| kind.as_str().ok()) {
                Some("ipv4-addr") => Family::V4,
                Some("ipv6-addr") => Family::V6,
                _ => return Ok(()),
            };
            if let Some(range) = rows::range(row, 8, family) {
                found.push((family, range, entry(row, &mut texts)?));
            }
            Ok(())
        })?;
        // The order in which look-ups tell what they found: by the last part of
        // the start, as the reference system does, latest rows first.
        found.reverse();
        found.sort_by_key(|(_, (start, _), _)| Reverse(start & 0xffff_ffff));
        let mut ranges = Ranges::default();
        for (id, (family, range, _)) in (0u32..).zip(&found) {
            ranges.add(*family, *range, id);
        }
        let entries = found.into_iter().map(|(_, _, entry)| entry).collect();
        let mut indicators = Self {
            texts: Texts::default(),
            entries,
            v4: Intervals::new(ranges.v4),
            v6: Intervals::new(ranges.v6),
            hasher: DefaultHashBuilder::default(),
            domains: HashTable::new(),
            domain_entries: Vec::new(),
        };
        // The last entry of a name is read first, so that each becomes the head of its chain.
        let sql = format!(
            "SELECT {ENTRY_COLUMNS}, domain FROM domain WHERE type = 'domain-name' ORDER BY rowid DESC"
        );
        for_each_row(connection, &sql, |row| {
            let Some(domain) = row.get_ref(8).ok().and_then(|domain| domain.as_str().ok()) else {
                return Ok(());
            };
            let domain = texts.add(domain)?;
            let entry = entry(row, &mut texts)?;
            indicators.domain_entries.push((domain, NONE, entry));
            Ok(())
        })?;
        indicators.texts = texts.texts;
        indicators.link_domains();
        Ok(indicators)
    }

    /// Makes the table of domain names from the list of their entries.
    fn link_domains(&mut self) {
        let mut domains = HashTable::with_capacity(self.domain_entries.len());
        for index in 0..self.domain_entries.len() {
            let Some((domain, _, _)) = self.domain_entries.get(index) else {
                break;
            };
            let name = self.texts.get(*domain).unwrap_or_default();
            let hash = self.hasher.hash_one(name);
            let own = u32::try_from(index).unwrap_or(NONE);
            let is_it = |&head: &u32| self.domain_name(head) == Some(name);
            let mut following = NONE;
            match domains.find_mut(hash, is_it) {
                Some(head) => following = std::mem::replace(head, own),
                None => {
                    let rehash = |&head: &u32| {
                        self.hasher
                            .hash_one(self.domain_name(head).unwrap_or_default())
                    };
                    domains.insert_unique(hash, own, rehash);
                }
            }
            if let Some((_, next, _)) = self.domain_entries.get_mut(index) {
                *next = following;
            }
        }
        self.domains = domains;
    }
}

fn for_each_row(
    connection: &Connection,
    sql: &str,
    mut each: impl FnMut(&Row<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let text = |error: rusqlite::Error| error.to_string();
    let mut statement = connection.prepare(sql).map_err(text)?;
    let mut rows = statement.query([]).map_err(text)?;
    let mut count = 0usize;
    while let Some(row) = rows.next().map_err(text)? {
        count += 1;
        if count > MAX_ROWS {
            return Err(format!("it has more than `{MAX_ROWS}` rows"));
        }
        each(row)?;
    }
    Ok(())
}

fn entry(row: &Row<'_>, texts: &mut TextsBuilder) -> Result<Entry, String> {
    let mut entry = [Text {
        start: NONE,
        length: 0,
    }; 8];
    for (column, text) in entry.iter_mut().enumerate() {
        if let Some(found) = row
            .get_ref(column)
            .ok()
            .and_then(|value| value.as_str().ok())
        {
            *text = texts.add(found)?;
        }
    }
    Ok(entry)
}
