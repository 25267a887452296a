//! Proxies whose X-Forwarded-For header is believed, and the client address that follows from it.

use std::net::IpAddr;
use std::path::Path;

use yagura_model::parse_address;

use crate::intervals::Intervals;
use crate::opened::{Error, Opened};
use crate::rows::{self, Family, MAX_ROWS, RANGE_COLUMNS, Ranges};

const WHAT: &str = "database of trusted proxies";

/// The networks of trusted proxies.
#[derive(Debug)]
pub struct TrustedProxies {
    v4: Intervals<u32>,
    v6: Intervals<u128>,
}

impl TrustedProxies {
    /// Reads the SQLite database of trusted proxies (`trusted_proxy.db`) into memory.
    ///
    /// **Shape**: absent if there is no such file, or it holds no network.
    /// **Errors**: the file is no such database.
    pub fn open(path: &Path) -> Result<Opened<Self>, Error> {
        if !path.is_file() {
            return Ok(Opened::missing(WHAT, path));
        }
        let ranges = read(path).map_err(|reason| Error::new(WHAT, path, reason))?;
        if ranges.v4.is_empty() && ranges.v6.is_empty() {
            let note = format!("`{}` holds no networks", path.display());
            return Ok(Opened::Absent(note));
        }
        Ok(Opened::Ready(Self {
            v4: Intervals::new(ranges.v4),
            v6: Intervals::new(ranges.v6),
        }))
    }

    /// Tells whether an address belongs to a trusted proxy; text that is no plain address does not.
    pub fn is_trusted(&self, text: &str) -> bool {
        match parse_address(text) {
            Some(IpAddr::V4(address)) => self.v4.containing(address.to_bits()).next().is_some(),
            Some(IpAddr::V6(address)) => self.v6.containing(address.to_bits()).next().is_some(),
            None => false,
        }
    }

    /// The address of the client behind the proxies, nearest hop last in `forwarded`.
    ///
    /// **Shape**: `source` itself if it is no trusted proxy, because the header
    /// may be forged; otherwise the last forwarded address that is none; `None`
    /// if all are.
    pub fn client_ip<'a>(&self, source: &'a str, forwarded: &[&'a str]) -> Option<&'a str> {
        if !self.is_trusted(source) {
            return Some(source);
        }
        let mut hops = forwarded.iter().rev();
        hops.find(|hop| !self.is_trusted(hop)).copied()
    }
}

fn read(path: &Path) -> Result<Ranges, String> {
    let text = |error: rusqlite::Error| error.to_string();
    let connection = rows::open(path).map_err(text)?;
    let mut statement = connection
        .prepare(&format!(
            "SELECT version, {RANGE_COLUMNS} FROM ipaddress LIMIT {MAX_ROWS}"
        ))
        .map_err(text)?;
    let mut found = statement.query([]).map_err(text)?;
    let mut ranges = Ranges::default();
    while let Some(row) = found.next().map_err(text)? {
        let family = match row.get(0) {
            Ok(4) => Family::V4,
            Ok(6) => Family::V6,
            _ => continue,
        };
        if let Some(range) = rows::range(row, 1, family) {
            ranges.add(family, range, 0);
        }
    }
    Ok(ranges)
}
