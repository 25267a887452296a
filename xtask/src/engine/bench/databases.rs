//! Made-up databases for look-ups: places of all networks, and indicators.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use yagura_lookups::{DatabasePaths, SharedDatabases, WorkerLookups};
use yagura_testkit::Rng;
use yagura_testkit::mmdb::{Mmdb, Value};

/// Bits of the networks that have a place each.
const PREFIX_BITS: u32 = 16;
/// Places, of which each network has one.
const PLACES: u64 = 5_000;
/// Indicators of networks; about one record in a hundred meets one.
const INDICATORS: u64 = 1_000_000;
/// Bits of the addresses within such a network.
const INDICATOR_BITS: u32 = 4;

/// The databases, open.
pub struct Databases {
    opened: SharedDatabases,
}

impl Databases {
    /// Writes the databases into a folder and opens them.
    pub fn write(folder: &Path) -> anyhow::Result<Databases> {
        let mut rng = Rng::new(7);
        write_places(folder, "GeoLite2-City", &mut rng, city)?;
        write_places(folder, "GeoLite2-ASN", &mut rng, system)?;
        let ioc = folder.join("ioc.db");
        write_indicators(&ioc, &mut rng)?;
        let paths = DatabasePaths {
            geoip: Some(PathBuf::from(folder)),
            ioc: Some(ioc),
            trusted_proxies: None,
            cache: Some(folder.join("intel")),
        };
        Ok(Databases {
            opened: SharedDatabases::open(paths)?,
        })
    }

    /// The look-ups of one worker.
    pub fn lookups(&self) -> WorkerLookups {
        WorkerLookups::new(self.opened.clone())
    }
}

fn write_indicators(path: &Path, rng: &mut Rng) -> anyhow::Result<()> {
    let mut connection = rusqlite::Connection::open(path).context("indicators")?;
    connection.execute_batch(
        "CREATE TABLE ipaddress (provider TEXT, type TEXT, v6_network1_start INTEGER,
            v6_network1_end INTEGER, v6_network2_start INTEGER, v6_network2_end INTEGER,
            network_start INTEGER, network_end INTEGER, name TEXT, reference TEXT,
            first_seen TEXT, last_seen TEXT, modified TEXT, description TEXT);
         CREATE TABLE domain (provider TEXT, type TEXT, domain TEXT, name TEXT, reference TEXT,
            first_seen TEXT, last_seen TEXT, modified TEXT, description TEXT);",
    )?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare(
            "INSERT INTO ipaddress VALUES ('example', 'ipv4-addr', 0, 0, 0, 0, ?, ?, ?, NULL,
                '2024-01-01T00:00:00Z', NULL, NULL, 'made up')",
        )?;
        for number in 0..INDICATORS {
            let network = rng.below(1 << (32 - INDICATOR_BITS));
            let start = (network << INDICATOR_BITS) as i64;
            let end = start | ((1 << INDICATOR_BITS) - 1);
            insert.execute((start, end, format!("indicator {number}")))?;
        }
    }
    Ok(transaction.commit()?)
}

/// A database in which every network of a length has one of some entries.
fn write_places(
    folder: &Path,
    database_type: &str,
    rng: &mut Rng,
    mut entry: impl FnMut(&mut Rng) -> Value,
) -> anyhow::Result<()> {
    let mut database = Mmdb::new();
    let places: Vec<_> = (0..PLACES).map(|_| database.record(&entry(rng))).collect();
    for network in 0..1 << PREFIX_BITS {
        let place = *rng.pick(&places);
        database.network(network << (32 - PREFIX_BITS), PREFIX_BITS, place);
    }
    let mut file = BufWriter::new(File::create(folder.join(format!("{database_type}.mmdb")))?);
    database.write(database_type, &mut file)?;
    Ok(file.flush()?)
}

fn city(rng: &mut Rng) -> Value {
    let named = |name: String| Value::Map(vec![("en", Value::Text(name))]);
    let country = rng.below(200);
    let code = [b'A' + (country / 26) as u8, b'A' + (country % 26) as u8];
    let latitude = (rng.unit() * 1_800_000.0).round() / 10_000.0 - 90.0;
    let longitude = (rng.unit() * 3_600_000.0).round() / 10_000.0 - 180.0;
    let city = named(format!("City {}", rng.below(PLACES)));
    Value::Map(vec![
        ("city", Value::Map(vec![("names", city)])),
        (
            "country",
            Value::Map(vec![
                (
                    "iso_code",
                    Value::Text(String::from_utf8_lossy(&code).into_owned()),
                ),
                ("names", named(format!("Country {country}"))),
            ]),
        ),
        (
            "location",
            Value::Map(vec![
                ("latitude", Value::Double(latitude)),
                ("longitude", Value::Double(longitude)),
            ]),
        ),
    ])
}

fn system(rng: &mut Rng) -> Value {
    let system = rng.between(1, 60_000) as u32;
    Value::Map(vec![
        ("autonomous_system_number", Value::Unsigned(system)),
        (
            "autonomous_system_organization",
            Value::Text(format!("Network {system}")),
        ),
    ])
}
