//! Look-ups of places and networks, in databases as large as those one downloads.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};
use yagura_intel::{CacheFolder, GeoIp};
use yagura_testkit::Rng;
use yagura_testkit::mmdb::{Mmdb, Value as Record};

use super::{TEXTS, look_up, memory};

/// Networks of the City and of the ASN database; about 60 MB and 10 MB.
const CITY_NETWORKS: usize = 3_000_000;
const ASN_NETWORKS: usize = 500_000;
/// Different records of each.
const RECORDS: usize = 60_000;
/// Addresses that repeat, as those of one log file do.
const REPEATED: usize = 500;

/// What was measured.
pub struct Figures {
    file_bytes: u64,
    copy: Duration,
    open: Duration,
    memory: u64,
    repeated_ns: f64,
    different_ns: f64,
}

impl Figures {
    /// The figures in words.
    pub fn table(&self) -> String {
        format!(
            "GeoIP, {:.0} MB: copied and opened in {:.0} ms, opened again in {:.1} ms; \
             an address that repeats {:.0} ns, one of many {:.0} ns, memory after those +{:.1} MB",
            self.file_bytes as f64 / 1e6,
            self.copy.as_secs_f64() * 1e3,
            self.open.as_secs_f64() * 1e3,
            self.repeated_ns,
            self.different_ns,
            self.memory as f64 / 1e6,
        )
    }

    /// The figures.
    pub fn json(&self) -> Value {
        json!({
            "file_bytes": self.file_bytes,
            "copy_ms": self.copy.as_secs_f64() * 1e3,
            "open_ms": self.open.as_secs_f64() * 1e3,
            "memory_bytes": self.memory,
            "repeated_ns": self.repeated_ns,
            "different_ns": self.different_ns,
        })
    }
}

/// Makes the databases and measures them.
pub fn measure(folder: &Path) -> anyhow::Result<Figures> {
    let databases = folder.join("geoip");
    std::fs::create_dir(&databases)?;
    let file_bytes = write(
        &databases.join("GeoLite2-City.mmdb"),
        "GeoLite2-City",
        CITY_NETWORKS,
        city,
    )? + write(
        &databases.join("GeoLite2-ASN.mmdb"),
        "GeoLite2-ASN",
        ASN_NETWORKS,
        asn,
    )?;
    let cache = CacheFolder::open(&folder.join("geoip-cache"))?;
    let open = || -> anyhow::Result<(GeoIp, Duration)> {
        let started = Instant::now();
        let geoip = GeoIp::open(&databases, Some(&cache))?.ready();
        Ok((geoip.context("the databases are there")?, started.elapsed()))
    };
    let (geoip, copy) = open()?;
    drop(geoip);
    let before = memory::resident()?;
    let (geoip, open) = open()?;
    let mut rng = Rng::new(3);
    let different: Vec<String> = (0..TEXTS)
        .map(|_| Ipv4Addr::from_bits(rng.bits() as u32).to_string())
        .collect();
    let repeated: Vec<String> = (0..TEXTS)
        .map(|_| {
            rng.pick(different.get(..REPEATED).unwrap_or_default())
                .clone()
        })
        .collect();
    let mut is_found = |text: &str| geoip.records(text).city.is_some();
    let (repeated_ns, _) = look_up(&repeated, &mut is_found);
    let (different_ns, _) = look_up(&different, &mut is_found);
    Ok(Figures {
        file_bytes,
        copy,
        open,
        memory: memory::resident()?.saturating_sub(before),
        repeated_ns,
        different_ns,
    })
}

/// Writes a database that divides all addresses into networks, and gives its size.
fn write(
    path: &Path,
    database_type: &str,
    networks: usize,
    record: fn(u64) -> Record,
) -> anyhow::Result<u64> {
    let mut database = Mmdb::new();
    let records: Vec<u32> = (0..RECORDS)
        .map(|number| database.record(&record(number as u64)))
        .collect();
    let mut rng = Rng::new(networks as u64);
    let usual = 32 - networks.ilog2();
    let mut first = 0u64;
    while first < 1 << 32 {
        let aligned = if first == 0 {
            32
        } else {
            first.trailing_zeros()
        };
        let bits = (usual - 1 + rng.below(3) as u32).min(aligned);
        database.network(first as u32, 32 - bits, *rng.pick(&records));
        first += 1 << bits;
    }
    let mut out = BufWriter::new(File::create(path)?);
    database.write(database_type, &mut out)?;
    out.flush()?;
    Ok(std::fs::metadata(path)?.len())
}

fn city(number: u64) -> Record {
    let text = |text: String| Record::Text(text);
    let names = |name: String| Record::Map(vec![("names", Record::Map(vec![("en", text(name))]))]);
    Record::Map(vec![
        ("city", names(format!("City {number}"))),
        (
            "country",
            Record::Map(vec![
                ("iso_code", text("ZZ".to_owned())),
                (
                    "names",
                    Record::Map(vec![("en", text("Nowhere".to_owned()))]),
                ),
            ]),
        ),
        (
            "location",
            Record::Map(vec![
                ("latitude", Record::Double(number as f64 / 1e3 - 30.0)),
                ("longitude", Record::Double(number as f64 / 5e2 - 60.0)),
            ]),
        ),
    ])
}

fn asn(number: u64) -> Record {
    Record::Map(vec![
        (
            "autonomous_system_number",
            Record::Unsigned(64_496 + number as u32),
        ),
        (
            "autonomous_system_organization",
            Record::Text(format!("Network {number}")),
        ),
    ])
}
