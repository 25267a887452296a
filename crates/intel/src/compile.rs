//! Compiles the SQLite database of indicators into bytes that are searched as they are.
//!
//! ```text
//! texts and entries, IPv4 ranges, IPv6 ranges, domain names, lengths of these four, number of addresses
//! ```
//!
//! Texts are written as the rows are read, so that only ranges and hashes take memory: for each
//! indicator 12 bytes (IPv4), 48 (IPv6) or 16 (domain), and half as much again while they are sorted.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use rusqlite::{Connection, Row};

use crate::folder::MakeError;
use crate::names::{self, Name, Names};
use crate::ranges::{self, Entry, Ranges};
use crate::rows::{self, Family, MAX_ROWS, RANGE_COLUMNS};
use crate::texts::{COLUMNS, TextsWriter};

/// The texts of an indicator in the order in which [`crate::texts`] keeps them.
const ENTRY_COLUMNS: &str =
    "provider, type, name, reference, first_seen, last_seen, modified, description";
/// Lengths of the four sections, and the number of addresses.
const FOOTER_BYTES: usize = 5 * 8;

impl From<rusqlite::Error> for MakeError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Source(error.to_string())
    }
}

/// Compiles a database.
pub(crate) fn compile(path: &Path, out: &mut dyn Write) -> Result<(), MakeError> {
    let connection = rows::open(path)?;
    let mut texts = TextsWriter::new(out);
    let (v4, v6) = read_addresses(&connection, &mut texts)?;
    let seed = RandomState::new().hash_one(COLUMNS);
    let domains = read_domains(&connection, &mut texts, seed)?;
    let addresses = (v4.len() + v6.len()) as u64;
    let texts_length = texts.length();
    let v4 = section(out, |out| ranges::write(v4, out))?;
    let v6 = section(out, |out| ranges::write(v6, out))?;
    let domains = section(out, |out| names::write(seed, domains, out))?;
    for number in [texts_length, v4, v6, domains, addresses] {
        out.write_all(&number.to_le_bytes())?;
    }
    Ok(())
}

type Addresses = (Vec<Entry<u32>>, Vec<Entry<u128>>);

fn read_addresses(
    connection: &Connection,
    texts: &mut TextsWriter<'_, dyn Write + '_>,
) -> Result<Addresses, MakeError> {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    let sql = format!("SELECT {ENTRY_COLUMNS}, {RANGE_COLUMNS} FROM ipaddress ORDER BY rowid");
    for_each_row(connection, &sql, |row| {
        let family = match text(row, 1) {
            Some("ipv4-addr") => Family::V4,
            Some("ipv6-addr") => Family::V6,
            _ => return Ok(()),
        };
        let Some((first, last)) = rows::range(row, COLUMNS, family) else {
            return Ok(());
        };
        match family {
            Family::V4 => {
                if let (Ok(first), Ok(last)) = (u32::try_from(first), u32::try_from(last)) {
                    let entry = texts.entry(entry(row))?;
                    v4.push(Entry { first, last, entry });
                }
            }
            // Entries in the order of the rows, by which what a look-up finds is put in order.
            Family::V6 => {
                let entry = texts.new_entry(entry(row))?;
                v6.push(Entry { first, last, entry });
            }
        }
        Ok(())
    })?;
    Ok((v4, v6))
}

fn read_domains(
    connection: &Connection,
    texts: &mut TextsWriter<'_, dyn Write + '_>,
    seed: u64,
) -> Result<Vec<Name>, MakeError> {
    let mut names = Vec::new();
    let sql = format!(
        "SELECT {ENTRY_COLUMNS}, domain FROM domain WHERE type = 'domain-name' ORDER BY rowid"
    );
    for_each_row(connection, &sql, |row| {
        if let Some(domain) = text(row, COLUMNS) {
            let name = texts.once(domain)?;
            let entry = texts.entry(entry(row))?;
            names.push(Name::new(seed, domain, name, entry));
        }
        Ok(())
    })?;
    Ok(names)
}

fn for_each_row(
    connection: &Connection,
    sql: &str,
    mut each: impl FnMut(&Row<'_>) -> Result<(), MakeError>,
) -> Result<(), MakeError> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut count = 0usize;
    while let Some(row) = rows.next()? {
        count += 1;
        if count > MAX_ROWS {
            let reason = format!("it has more than `{MAX_ROWS}` rows");
            return Err(MakeError::Source(reason));
        }
        each(row)?;
    }
    Ok(())
}

fn text<'r>(row: &'r Row<'_>, column: usize) -> Option<&'r str> {
    row.get_ref(column).ok()?.as_str().ok()
}

fn entry<'r>(row: &'r Row<'_>) -> [Option<&'r str>; COLUMNS] {
    std::array::from_fn(|column| text(row, column))
}

/// Writes a section and gives its length.
fn section(
    out: &mut dyn Write,
    write: impl FnOnce(&mut Counted<'_>) -> io::Result<()>,
) -> io::Result<u64> {
    let mut counted = Counted { out, count: 0 };
    write(&mut counted)?;
    Ok(counted.count)
}

struct Counted<'w> {
    out: &'w mut dyn Write,
    count: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.count += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Where the sections of a compiled database are, and what their headers say.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) texts: Range<usize>,
    pub(crate) v4_bytes: Range<usize>,
    pub(crate) v4: Ranges<u32>,
    pub(crate) v6_bytes: Range<usize>,
    pub(crate) v6: Ranges<u128>,
    pub(crate) domain_bytes: Range<usize>,
    pub(crate) domains: Names,
    pub(crate) addresses: usize,
}

impl Layout {
    /// Reads the layout; `None` if the bytes are no compiled database.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (body, footer) = bytes.split_last_chunk::<FOOTER_BYTES>()?;
        let mut at = 0usize;
        let mut numbers = footer.chunks_exact(8).map(|number| {
            let number = number.first_chunk().copied()?;
            usize::try_from(u64::from_le_bytes(number)).ok()
        });
        let mut section = || -> Option<Range<usize>> {
            let end = at.checked_add(numbers.next()??)?;
            Some(std::mem::replace(&mut at, end)..end)
        };
        let texts = section()?;
        let v4_bytes = section()?;
        let v6_bytes = section()?;
        let domain_bytes = section()?;
        let addresses = numbers.next()??;
        if at != body.len() {
            return None;
        }
        Some(Self {
            v4: Ranges::parse(body.get(v4_bytes.clone())?)?,
            v6: Ranges::parse(body.get(v6_bytes.clone())?)?,
            domains: Names::parse(body.get(domain_bytes.clone())?)?,
            texts,
            v4_bytes,
            v6_bytes,
            domain_bytes,
            addresses,
        })
    }
}
