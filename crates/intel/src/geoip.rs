//! Place and network of addresses from MaxMind databases.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{LookupResult, Reader, geoip2};

use yagura_model::parse_address;

use crate::bytes::Bytes;
use crate::folder::{CacheFolder, MakeError, make_in_memory};
use crate::opened::{Error, Opened};
use crate::stamp::Stamp;
use crate::tree::Tree;

const WHAT: &str = "GeoIP database";
/// The largest database that is read.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;

const CITY_FILES: &[&str] = &[
    "GeoLite2-City.mmdb",
    "GeoIP2-City.mmdb",
    "GeoLite2-City-Test.mmdb",
    "GeoIP2-City-Test.mmdb",
];
const ASN_FILES: &[&str] = &["GeoLite2-ASN.mmdb", "GeoLite2-ASN-Test.mmdb"];

/// Where an address is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// The English name of the city.
    pub city_name: Option<String>,
    /// The two letters of the country.
    pub country_iso_code: Option<String>,
    /// The English name of the country.
    pub country_name: Option<String>,
    /// A point near it.
    pub location: Option<Location>,
}

/// A point on the globe.
///
/// **Units**: degrees, as decimal numbers ready to be put into JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The longitude, east positive.
    pub lon: String,
    /// The latitude, north positive.
    pub lat: String,
}

/// The autonomous system an address belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asn {
    /// Its number in decimal digits.
    pub number: Option<String>,
    /// Whose it is.
    pub organization: Option<String>,
}

/// Which records of the databases an address leads to: many addresses share them.
///
/// **Shape**: numbers that mean something within one [`GeoIp`] only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GeoRecords {
    /// Of the City database.
    pub city: Option<usize>,
    /// Of the ASN database.
    pub asn: Option<usize>,
}

/// The City and ASN databases of a folder.
#[derive(Debug)]
pub struct GeoIp {
    city: Option<Database>,
    asn: Option<Database>,
    note: Option<String>,
}

/// A database, and the way to its records that is quicker than the reader's.
#[derive(Debug)]
struct Database {
    reader: Reader<Bytes>,
    tree: Tree,
}

impl Database {
    fn find(&self, address: IpAddr) -> Option<Record<'_>> {
        self.reader.lookup(address).ok()
    }

    /// The place of an address's record.
    fn record(&self, address: IpAddr) -> Option<usize> {
        match address {
            IpAddr::V4(address) => self.tree.record(address),
            IpAddr::V6(_) => self.find(address)?.offset(),
        }
    }
}

impl GeoIp {
    /// Opens the databases of a folder, `GeoLite2-City.mmdb` and `GeoLite2-ASN.mmdb` or their commercial and test kin.
    ///
    /// They are copied into the cache folder and mapped from there: a file that
    /// is overwritten while it is mapped would end the process. Without a cache
    /// folder they are read into memory.
    ///
    /// **Shape**: absent if the folder holds neither; with one of them the
    /// other's part is off, see [`GeoIp::note`].
    /// **Errors**: a file is there but is no such database.
    pub fn open(folder: &Path, cache: Option<&CacheFolder>) -> Result<Opened<Self>, Error> {
        let city = open_first(folder, CITY_FILES, "City", cache)?;
        let asn = open_first(folder, ASN_FILES, "ASN", cache)?;
        let missing = match (&city, &asn) {
            (None, None) => return Ok(Opened::missing(WHAT, folder)),
            (None, Some(_)) => Some("City"),
            (Some(_), None) => Some("ASN"),
            (Some(_), Some(_)) => None,
        };
        let note = missing.map(|kind| format!("no {kind} database in `{}`", folder.display()));
        Ok(Opened::Ready(Self { city, asn, note }))
    }

    /// The stamps of the databases of a folder: they differ when [`GeoIp::open`] would read others.
    pub fn stamps(folder: &Path) -> [Option<Stamp>; 2] {
        [CITY_FILES, ASN_FILES].map(|names| Stamp::of(&first(folder, names)?))
    }

    /// Which of the two databases is missing, in words, if one is.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Where an address is used; text that is no address finds nothing.
    ///
    /// To decode what records say takes many times as long as to find out which they are: whoever
    /// has many addresses asks for their [`GeoIp::records`] first.
    pub fn city(&self, text: &str) -> Option<City> {
        read_city(&self.city.as_ref()?.find(address_in(text)?)?)
    }

    /// The autonomous system of an address, under the same conditions.
    pub fn asn(&self, text: &str) -> Option<Asn> {
        read_asn(&self.asn.as_ref()?.find(address_in(text)?)?)
    }

    /// Which records an address leads to; text that is no address leads to none.
    pub fn records(&self, text: &str) -> GeoRecords {
        let Some(address) = address_in(text) else {
            return GeoRecords::default();
        };
        let record = |database: &Option<Database>| database.as_ref()?.record(address);
        GeoRecords {
            city: record(&self.city),
            asn: record(&self.asn),
        }
    }
}

/// The address that is looked up for a text.
fn address_in(text: &str) -> Option<IpAddr> {
    let without_scope = text.split_once('%').map_or(text, |(address, _)| address);
    // Digits are what tells an address from a name here; `abcd::` is passed over.
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    has_digit.then(|| parse_address(without_scope)).flatten()
}

type Record<'a> = LookupResult<'a, Bytes>;

fn read_city(found: &Record<'_>) -> Option<City> {
    let data: geoip2::City<'_> = found.decode().ok()??;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let location = match (data.location.longitude, data.location.latitude) {
        (Some(lon), Some(lat)) if lon.is_finite() && lat.is_finite() => Some(Location {
            lon: format!("{lon:?}"),
            lat: format!("{lat:?}"),
        }),
        _ => None,
    };
    Some(City {
        city_name: owned(data.city.names.english),
        country_iso_code: owned(data.country.iso_code),
        country_name: owned(data.country.names.english),
        location,
    })
}

fn read_asn(found: &Record<'_>) -> Option<Asn> {
    let data: geoip2::Asn<'_> = found.decode().ok()??;
    Some(Asn {
        number: data
            .autonomous_system_number
            .map(|number| number.to_string()),
        organization: data.autonomous_system_organization.map(str::to_owned),
    })
}

/// The first of these files that exists.
fn first(folder: &Path, names: &[&str]) -> Option<PathBuf> {
    let mut paths = names.iter().map(|name| folder.join(name));
    paths.find(|path| path.is_file())
}

fn open_first(
    folder: &Path,
    names: &[&str],
    kind: &str,
    cache: Option<&CacheFolder>,
) -> Result<Option<Database>, Error> {
    first(folder, names)
        .map(|path| open_database(&path, kind, cache))
        .transpose()
}

fn open_database(path: &Path, kind: &str, cache: Option<&CacheFolder>) -> Result<Database, Error> {
    let error = |reason: String| Error::new(WHAT, path, reason);
    let copy = |out: &mut dyn Write| copy(path, out);
    let bytes = match cache {
        Some(folder) => folder.get_or_make("mmdb", path, &copy),
        None => make_in_memory(&copy),
    };
    let bytes = bytes.map_err(|reason| error(reason.to_string()))?;
    let reader = Reader::from_source(bytes.clone()).map_err(|reason| error(reason.to_string()))?;
    let found = &reader.metadata().database_type;
    if !found.contains(kind) {
        return Err(error(format!("it is a `{found}` database, not {kind}")));
    }
    let tree = Tree::new(bytes, reader.metadata())
        .ok_or_else(|| error("the size of its nodes is unknown".to_owned()))?;
    Ok(Database { reader, tree })
}

fn copy(path: &Path, out: &mut dyn Write) -> Result<(), MakeError> {
    let unreadable = |error: io::Error| MakeError::Source(error.to_string());
    let length = fs::metadata(path).map_err(unreadable)?.len();
    if length > MAX_FILE_BYTES {
        let reason = format!("`{length}` bytes are too many");
        return Err(MakeError::Source(reason));
    }
    let mut file = File::open(path).map_err(unreadable)?;
    io::copy(&mut file, out)?;
    Ok(())
}
