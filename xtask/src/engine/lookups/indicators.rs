//! Look-ups among indicators: databases as a feed fills them, compiled, opened, asked.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use rusqlite::Connection;
use serde_json::{Value, json};
use yagura_intel::{CacheFolder, Indicators};
use yagura_testkit::Rng;

use super::{TEXTS, look_up, memory};

/// How many indicators.
pub const COUNTS: [usize; 3] = [10_000, 1_000_000, 10_000_000];
/// What kinds of them.
pub const KINDS: [Kind; 3] = [Kind::Addresses, Kind::Networks, Kind::Domains];
/// Indicators that share a name and a description, as in one report of a feed.
const PER_REPORT: usize = 200;

const TABLES: &str = "
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE ipaddress (provider TEXT, type TEXT, v6_network1_start INTEGER, v6_network1_end INTEGER,
        v6_network2_start INTEGER, v6_network2_end INTEGER, network_start INTEGER, network_end INTEGER,
        name TEXT, reference TEXT, first_seen TEXT, last_seen TEXT, modified TEXT, description TEXT);
    CREATE TABLE domain (provider TEXT, type TEXT, domain TEXT, name TEXT, reference TEXT, first_seen TEXT,
        last_seen TEXT, modified TEXT, description TEXT);
    INSERT INTO ipaddress VALUES ('built-in', 'ipv4-addr', 0, 0, 0, 0, 2852039166, 2852039166, 'IMDS',
        NULL, NULL, NULL, NULL, NULL);
    INSERT INTO ipaddress VALUES ('built-in', 'ipv4-addr', 0, 0, 0, 0, 2892558000, 2892558003, 'TEST',
        NULL, NULL, NULL, NULL, NULL);";

/// A kind of indicators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Single addresses, one of ten IPv6.
    Addresses,
    /// IPv4 networks of 24 to 30 bits.
    Networks,
    /// Domain names.
    Domains,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Addresses => "addresses",
            Kind::Networks => "networks",
            Kind::Domains => "domains",
        }
    }
}

/// The columns of the table.
pub const HEADER: &str = "kind            count  compile s  +peak MB  file MB  open ms  +MB after open  miss ns  +MB after  hit ns  +MB after";

/// What was measured of one kind and number.
pub struct Row {
    kind: Kind,
    count: usize,
    compile: Duration,
    compile_peak: u64,
    file: u64,
    open: Duration,
    /// Memory added after opening, after look-ups that find nothing, and after look-ups that find.
    memory: [u64; 3],
    miss_ns: f64,
    hit_ns: f64,
    /// Shares found among those that should not be found, and those that should.
    found: [f64; 2],
}

impl Row {
    /// The row of the table.
    pub fn line(&self) -> String {
        let mb = |bytes: u64| bytes as f64 / 1e6;
        let [after_open, after_miss, after_hit] = self.memory.map(mb);
        format!(
            "{:<10} {:>10}  {:>9.2}  {:>8.0}  {:>7.1}  {:>7.1}  {:>14.1}  {:>7.0}  {:>9.1}  {:>6.0}  {:>9.1}",
            self.kind.name(),
            self.count,
            self.compile.as_secs_f64(),
            mb(self.compile_peak),
            mb(self.file),
            self.open.as_secs_f64() * 1e3,
            after_open,
            self.miss_ns,
            after_miss,
            self.hit_ns,
            after_hit,
        )
    }

    /// The figures.
    pub fn json(&self) -> Value {
        let [after_open, after_miss, after_hit] = self.memory;
        json!({
            "kind": self.kind.name(),
            "count": self.count,
            "compile_s": self.compile.as_secs_f64(),
            "compile_peak_bytes": self.compile_peak,
            "file_bytes": self.file,
            "open_ms": self.open.as_secs_f64() * 1e3,
            "memory_bytes": {"opened": after_open, "after_misses": after_miss, "after_hits": after_hit},
            "miss_ns": self.miss_ns,
            "hit_ns": self.hit_ns,
            "found_of_misses": self.found[0],
            "found_of_hits": self.found[1],
        })
    }
}

/// Texts to look up.
#[derive(Default)]
struct Texts {
    hits: Vec<String>,
    misses: Vec<String>,
}

/// Makes a database and measures it.
pub fn measure(folder: &Path, kind: Kind, count: usize) -> anyhow::Result<Row> {
    let path = folder.join("ioc.db");
    let texts = write(&path, kind, count)?;
    let cache_path = folder.join("cache");
    let cache = CacheFolder::open(&cache_path)?;
    let open = || -> anyhow::Result<(Indicators, Duration)> {
        let started = Instant::now();
        let opened = Indicators::open(&path, Some(&cache))?.ready();
        let indicators = opened.context("the database has indicators")?;
        Ok((indicators, started.elapsed()))
    };
    let before = memory::resident()?;
    memory::forget_peak()?;
    let (indicators, compile) = open()?;
    let compile_peak = memory::peak()?.saturating_sub(before);
    drop(indicators);
    let mut file = 0;
    for entry in fs::read_dir(&cache_path)? {
        file += entry?.metadata()?.len();
    }
    let before = memory::resident()?;
    let added = || -> anyhow::Result<u64> { Ok(memory::resident()?.saturating_sub(before)) };
    let (indicators, open) = open()?;
    let after_open = added()?;
    let is_found = |text: &str| match kind {
        Kind::Domains => indicators.lookup_domain(text).next().is_some(),
        _ => indicators.lookup_ip(text).next().is_some(),
    };
    let (miss_ns, found_misses) = look_up(&texts.misses, is_found);
    let after_misses = added()?;
    let (hit_ns, found_hits) = look_up(&texts.hits, is_found);
    let after_hits = added()?;
    drop(indicators);
    fs::remove_dir_all(&cache_path)?;
    fs::remove_file(&path)?;
    Ok(Row {
        kind,
        count,
        compile,
        compile_peak,
        file,
        open,
        memory: [after_open, after_misses, after_hits],
        miss_ns,
        hit_ns,
        found: [found_misses, found_hits],
    })
}

fn write(path: &Path, kind: Kind, count: usize) -> anyhow::Result<Texts> {
    let mut connection = Connection::open(path)?;
    connection.execute_batch(TABLES)?;
    let transaction = connection.transaction()?;
    let mut texts = Texts::default();
    let mut rng = Rng::new(count as u64);
    {
        let mut address = transaction.prepare(
            "INSERT INTO ipaddress VALUES ('feed', ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?, ?)",
        )?;
        let mut domain = transaction.prepare(
            "INSERT INTO domain VALUES ('feed', 'domain-name', ?, ?, ?, NULL, NULL, ?, ?)",
        )?;
        let every = count.div_ceil(TEXTS);
        for index in 0..count {
            let report = index / PER_REPORT;
            let name = format!("Report {report}");
            let modified = format!("2026-11-{:02}T{:02}:00:00Z", report % 28 + 1, report % 24);
            let description =
                format!("What report {report} tells about its indicators, in a sentence.");
            let text = match kind {
                Kind::Domains => {
                    let text = domain_name(&mut rng);
                    let reference = format!("https://feed.example.com/indicator/domain/{text}");
                    domain.execute((&text, name, reference, modified, description))?;
                    text
                }
                _ => {
                    let (text, kind, parts) = network(kind, &mut rng);
                    let reference = format!("https://feed.example.com/indicator/ip/{text}");
                    let [a, b, c, d, e, f] = parts;
                    address.execute((
                        kind,
                        a,
                        b,
                        c,
                        d,
                        e,
                        f,
                        name,
                        reference,
                        modified,
                        description,
                    ))?;
                    text
                }
            };
            if index % every == 0 {
                texts.hits.push(text);
            }
        }
    }
    transaction.commit()?;
    for _ in 0..TEXTS {
        texts.misses.push(match kind {
            Kind::Domains => domain_name(&mut rng),
            // No network has an odd third byte.
            Kind::Networks => Ipv4Addr::from_bits(public(&mut rng) | 0x100).to_string(),
            Kind::Addresses => Ipv4Addr::from_bits(public(&mut rng)).to_string(),
        });
    }
    Ok(texts)
}

fn domain_name(rng: &mut Rng) -> String {
    let top = rng.word(&["example.com", "example.net", "example.org"]);
    format!("{}.{top}", rng.hex(12))
}

/// An address with a first byte from 11 to 99, which is in no private network.
fn public(rng: &mut Rng) -> u32 {
    (rng.between(11, 100) << 24 | rng.below(1 << 24)) as u32
}

/// An address in a network, its kind, and the numbers of its columns.
fn network(kind: Kind, rng: &mut Rng) -> (String, &'static str, [i64; 6]) {
    if kind == Kind::Addresses && rng.chance(0.1) {
        let bits = 0x2a00 << 112 | u128::from(rng.below(1 << 48)) << 64 | u128::from(rng.bits());
        let [a, b, c] = [
            bits >> 80,
            bits >> 32 & 0xffff_ffff_ffff,
            bits & 0xffff_ffff,
        ];
        let [a, b, c] = [a, b, c].map(|part| part as i64);
        let text = Ipv6Addr::from_bits(bits).to_string();
        return (text, "ipv6-addr", [a, a, b, b, c, c]);
    }
    let address = public(rng);
    let (first, hosts) = match kind {
        Kind::Networks => {
            let hosts = (1u32 << rng.between(2, 9)) - 1;
            (address & !0x100 & !hosts, hosts)
        }
        _ => (address, 0),
    };
    let text = Ipv4Addr::from_bits(first | (hosts / 2)).to_string();
    let parts = [0, 0, 0, 0, first.into(), (first | hosts).into()];
    (text, "ipv4-addr", parts)
}
