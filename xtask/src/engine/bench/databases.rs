//! Made-up databases for look-ups: places of all networks, and indicators.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use yagura_testkit::Rng;

use super::lookups::{DatabasePaths, Databases as Opened, WorkerLookups};

/// Bits of the networks that have a place each.
const PREFIX_BITS: u32 = 16;
/// Places, of which each network has one.
const PLACES: u64 = 5_000;
/// Indicators of addresses; about one record in a hundred meets one.
const INDICATORS: u64 = 100_000;

/// The databases, open.
pub struct Databases {
    opened: Arc<Opened>,
}

impl Databases {
    /// Writes the databases into a folder and opens them.
    pub fn write(folder: &Path) -> anyhow::Result<Databases> {
        let mut rng = Rng::new(7);
        let city = |rng: &mut Rng| city(rng);
        std::fs::write(
            folder.join("GeoLite2-City.mmdb"),
            mmdb("GeoLite2-City", &mut rng, city),
        )?;
        std::fs::write(
            folder.join("GeoLite2-ASN.mmdb"),
            mmdb("GeoLite2-ASN", &mut rng, system),
        )?;
        let ioc = folder.join("ioc.db");
        write_indicators(&ioc, &mut rng)?;
        let paths = DatabasePaths {
            geoip: Some(PathBuf::from(folder)),
            ioc: Some(ioc),
            trusted_proxies: None,
        };
        Ok(Databases {
            opened: Arc::new(Opened::open(&paths)?),
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
            // Networks of 256 addresses.
            let start = (rng.below(1 << 24) << 8) as i64;
            insert.execute((start, start + 255, format!("indicator {number}")))?;
        }
    }
    Ok(transaction.commit()?)
}

/// A database in MaxMind's format in which every network of a length has one of some entries.
fn mmdb(kind: &str, rng: &mut Rng, mut entry: impl FnMut(&mut Rng) -> Vec<u8>) -> Vec<u8> {
    let mut data = Vec::new();
    let mut offsets = Vec::new();
    for _ in 0..PLACES {
        offsets.push(data.len() as u32);
        data.extend(entry(rng));
    }
    // A full tree: the node at a place has its two children at twice that place and behind it.
    let nodes = (1u32 << PREFIX_BITS) - 1;
    let mut file = Vec::new();
    for node in 0..nodes {
        for child in [2 * node + 1, 2 * node + 2] {
            let target = match child < nodes {
                true => child,
                false => nodes + 16 + *rng.pick(&offsets),
            };
            file.extend(target.to_be_bytes());
        }
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    file.extend(map(&[
        ("binary_format_major_version", short(2)),
        ("binary_format_minor_version", short(0)),
        ("build_epoch", long(1_704_067_200)),
        ("database_type", text(kind)),
        ("description", map(&[])),
        ("ip_version", short(4)),
        ("languages", vec![0, 4]),
        ("node_count", number(nodes)),
        ("record_size", short(32)),
    ]));
    file
}

fn city(rng: &mut Rng) -> Vec<u8> {
    let named = |name: String| map(&[("names", map(&[("en", text(&name))]))]);
    let degrees = |number: f64| {
        let mut bytes = vec![3 << 5 | 8];
        bytes.extend(number.to_be_bytes());
        bytes
    };
    let country = rng.below(200);
    let code = [b'A' + (country / 26) as u8, b'A' + (country % 26) as u8];
    let names = map(&[("en", text(&format!("Country {country}")))]);
    let latitude = (rng.unit() * 1_800_000.0).round() / 10_000.0 - 90.0;
    let longitude = (rng.unit() * 3_600_000.0).round() / 10_000.0 - 180.0;
    map(&[
        ("city", named(format!("City {}", rng.below(PLACES)))),
        (
            "country",
            map(&[
                ("iso_code", text(&String::from_utf8_lossy(&code))),
                ("names", names),
            ]),
        ),
        (
            "location",
            map(&[
                ("latitude", degrees(latitude)),
                ("longitude", degrees(longitude)),
            ]),
        ),
    ])
}

fn system(rng: &mut Rng) -> Vec<u8> {
    let system = rng.between(1, 60_000) as u32;
    map(&[
        ("autonomous_system_number", number(system)),
        (
            "autonomous_system_organization",
            text(&format!("Network {system}")),
        ),
    ])
}

/// A text of fewer than 285 bytes.
fn text(text: &str) -> Vec<u8> {
    let mut bytes = match text.len() {
        length @ 0..29 => vec![2 << 5 | length as u8],
        length => vec![2 << 5 | 29, (length - 29) as u8],
    };
    bytes.extend(text.as_bytes());
    bytes
}

fn short(number: u16) -> Vec<u8> {
    let mut bytes = vec![5 << 5 | 2];
    bytes.extend(number.to_be_bytes());
    bytes
}

fn long(number: u64) -> Vec<u8> {
    // Kinds from 8 on stand in a byte of their own.
    let mut bytes = vec![8, 9 - 7];
    bytes.extend(number.to_be_bytes());
    bytes
}

fn number(number: u32) -> Vec<u8> {
    let mut bytes = vec![6 << 5 | 4];
    bytes.extend(number.to_be_bytes());
    bytes
}

/// A map of fewer than 29 members.
fn map(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![7 << 5 | members.len() as u8];
    for (key, value) in members {
        bytes.extend(text(key));
        bytes.extend(value);
    }
    bytes
}
