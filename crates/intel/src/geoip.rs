//! Place and network of addresses from MaxMind databases.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::Path;

use maxminddb::{LookupResult, Reader, geoip2};

use yagura_model::parse_address;

use crate::cache::Cache;
use crate::opened::{Error, Opened};

const WHAT: &str = "GeoIP database";
/// The largest database that is read.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
const CACHED_RECORDS: usize = 16 * 1024;

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

/// What is known about an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Geo<'a> {
    /// Where it is used.
    pub city: Option<&'a City>,
    /// The network it belongs to.
    pub asn: Option<&'a Asn>,
}

/// Records that were looked up before; every worker has its own.
#[derive(Debug)]
pub struct GeoCache {
    cities: Cache<usize, Option<City>>,
    asns: Cache<usize, Option<Asn>>,
}

impl GeoCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self {
            cities: Cache::new(CACHED_RECORDS),
            asns: Cache::new(CACHED_RECORDS),
        }
    }
}

impl Default for GeoCache {
    fn default() -> Self {
        Self::new()
    }
}

/// The City and ASN databases of a folder, in memory.
///
/// They are read rather than mapped: a file that is overwritten while it is
/// mapped would end the process.
#[derive(Debug)]
pub struct GeoIp {
    city: Option<Reader<Vec<u8>>>,
    asn: Option<Reader<Vec<u8>>>,
    note: Option<String>,
}

impl GeoIp {
    /// Opens the databases of a folder, `GeoLite2-City.mmdb` and `GeoLite2-ASN.mmdb` or their commercial and test kin.
    ///
    /// **Shape**: absent if the folder holds neither; with one of them the
    /// other's part is off, see [`GeoIp::note`].
    /// **Errors**: a file is there but is no such database.
    pub fn open(folder: &Path) -> Result<Opened<Self>, Error> {
        let city = open_first(folder, CITY_FILES, "City")?;
        let asn = open_first(folder, ASN_FILES, "ASN")?;
        let missing = match (&city, &asn) {
            (None, None) => return Ok(Opened::missing(WHAT, folder)),
            (None, Some(_)) => Some("City"),
            (Some(_), None) => Some("ASN"),
            (Some(_), Some(_)) => None,
        };
        let note = missing.map(|kind| format!("no {kind} database in `{}`", folder.display()));
        Ok(Opened::Ready(Self { city, asn, note }))
    }

    /// Which of the two databases is missing, in words, if one is.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Looks an address up; text that is no address finds nothing.
    pub fn lookup<'c>(&self, text: &str, cache: &'c mut GeoCache) -> Geo<'c> {
        let without_scope = text.split_once('%').map_or(text, |(address, _)| address);
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return Geo::default();
        }
        let Some(address) = parse_address(without_scope) else {
            return Geo::default();
        };
        Geo {
            city: find(self.city.as_ref(), address, &mut cache.cities, read_city),
            asn: find(self.asn.as_ref(), address, &mut cache.asns, read_asn),
        }
    }
}

type Found<'a> = LookupResult<'a, Vec<u8>>;

/// Looks an address up in one database; its data is decoded once per record of the database.
fn find<'c, T>(
    reader: Option<&Reader<Vec<u8>>>,
    address: IpAddr,
    cache: &'c mut Cache<usize, Option<T>>,
    read: impl FnOnce(&Found<'_>) -> Option<T>,
) -> Option<&'c T> {
    let found = reader?.lookup(address).ok()?;
    let offset = found.offset()?;
    cache.get_or_make(&offset, || read(&found)).as_ref()
}

fn read_city(found: &Found<'_>) -> Option<City> {
    let record: geoip2::City<'_> = found.decode().ok()??;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let location = match (record.location.longitude, record.location.latitude) {
        (Some(lon), Some(lat)) if lon.is_finite() && lat.is_finite() => Some(Location {
            lon: format!("{lon:?}"),
            lat: format!("{lat:?}"),
        }),
        _ => None,
    };
    Some(City {
        city_name: owned(record.city.names.english),
        country_iso_code: owned(record.country.iso_code),
        country_name: owned(record.country.names.english),
        location,
    })
}

fn read_asn(found: &Found<'_>) -> Option<Asn> {
    let record: geoip2::Asn<'_> = found.decode().ok()??;
    Some(Asn {
        number: record
            .autonomous_system_number
            .map(|number| number.to_string()),
        organization: record.autonomous_system_organization.map(str::to_owned),
    })
}

/// Opens the first of these files that exists.
fn open_first(folder: &Path, names: &[&str], kind: &str) -> Result<Option<Reader<Vec<u8>>>, Error> {
    names
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
        .map(|path| open_database(&path, kind))
        .transpose()
}

fn open_database(path: &Path, kind: &str) -> Result<Reader<Vec<u8>>, Error> {
    let error = |reason: String| Error::new(WHAT, path, reason);
    let read = || -> io::Result<Vec<u8>> {
        let length = fs::metadata(path)?.len();
        if length > MAX_FILE_BYTES {
            return Err(io::Error::other(format!("`{length}` bytes are too many")));
        }
        fs::read(path)
    };
    let bytes = read().map_err(|reason| error(reason.to_string()))?;
    let reader = Reader::from_source(bytes).map_err(|reason| error(reason.to_string()))?;
    let found = &reader.metadata().database_type;
    if !found.contains(kind) {
        return Err(error(format!("it is a `{found}` database, not {kind}")));
    }
    Ok(reader)
}
