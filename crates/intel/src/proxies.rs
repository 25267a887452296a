//! Proxies whose X-Forwarded-For header is believed, and the client address that follows from it.

use std::net::IpAddr;
use std::path::Path;

use yagura_model::parse_address;

use crate::opened::{Error, Opened};
use crate::ranges::{self, Entry, Number, Ranges};
use crate::rows::{self, Family, MAX_ROWS, RANGE_COLUMNS};

const WHAT: &str = "database of trusted proxies";

/// The networks of trusted proxies; there are a few hundred of them, so they stay in memory.
#[derive(Debug)]
pub struct TrustedProxies {
    v4: Networks<u32>,
    v6: Networks<u128>,
}

/// The networks of one version of IP.
#[derive(Debug)]
struct Networks<N> {
    bytes: Vec<u8>,
    ranges: Ranges<N>,
}

impl<N: Number> Networks<N> {
    fn new(ranges: Vec<Entry<N>>) -> Option<Self> {
        let mut bytes = Vec::new();
        ranges::write(ranges, &mut bytes).ok()?;
        let ranges = Ranges::parse(&bytes)?;
        Some(Self { bytes, ranges })
    }

    fn contain(&self, number: N) -> bool {
        let mut containing = self.ranges.containing(&self.bytes, number);
        containing.next().is_some()
    }
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
        let proxies = read(path).map_err(|reason| Error::new(WHAT, path, reason))?;
        if proxies.v4.ranges.count() + proxies.v6.ranges.count() == 0 {
            let note = format!("`{}` holds no networks", path.display());
            return Ok(Opened::Absent(note));
        }
        Ok(Opened::Ready(proxies))
    }

    /// Tells whether an address belongs to a trusted proxy; text that is no plain address does not.
    pub fn is_trusted(&self, text: &str) -> bool {
        match parse_address(text) {
            Some(IpAddr::V4(address)) => self.v4.contain(address.to_bits()),
            Some(IpAddr::V6(address)) => self.v6.contain(address.to_bits()),
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

fn read(path: &Path) -> Result<TrustedProxies, String> {
    let text = |error: rusqlite::Error| error.to_string();
    let connection = rows::open(path).map_err(text)?;
    let mut statement = connection
        .prepare(&format!(
            "SELECT version, {RANGE_COLUMNS} FROM ipaddress LIMIT {MAX_ROWS}"
        ))
        .map_err(text)?;
    let mut found = statement.query([]).map_err(text)?;
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    while let Some(row) = found.next().map_err(text)? {
        let family = match row.get(0) {
            Ok(4) => Family::V4,
            Ok(6) => Family::V6,
            _ => continue,
        };
        let entry = 0;
        let Some((first, last)) = rows::range(row, 1, family) else {
            continue;
        };
        match (family, u32::try_from(first), u32::try_from(last)) {
            (Family::V6, _, _) => v6.push(Entry { first, last, entry }),
            (Family::V4, Ok(first), Ok(last)) => v4.push(Entry { first, last, entry }),
            (Family::V4, _, _) => {}
        }
    }
    let too_many = || "it holds too many networks".to_owned();
    Ok(TrustedProxies {
        v4: Networks::new(v4).ok_or_else(too_many)?,
        v6: Networks::new(v6).ok_or_else(too_many)?,
    })
}
