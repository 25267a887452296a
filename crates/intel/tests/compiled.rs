//! Compiled indicators against a scan of the rows, on random databases, with and without a cache folder.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of a test may panic"
)]

use std::cmp::Reverse;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;
use rusqlite::types::Value;
use yagura_intel::{CacheFolder, GeoIp, Indicator, Indicators, Opened, is_private};

const TABLES: &str = "
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE ipaddress (provider TEXT, type TEXT, v6_network1_start INTEGER, v6_network1_end INTEGER,
        v6_network2_start INTEGER, v6_network2_end INTEGER, network_start INTEGER, network_end INTEGER,
        name TEXT, reference TEXT, first_seen TEXT, last_seen TEXT, modified TEXT, description TEXT);
    CREATE TABLE domain (provider TEXT, type TEXT, domain TEXT, name TEXT, reference TEXT, first_seen TEXT,
        last_seen TEXT, modified TEXT, description TEXT);";

/// The texts of a row: provider, kind, then six that may be missing.
type Texts = (String, [Option<String>; 6]);

/// A row of the table of addresses.
#[derive(Clone, Debug)]
struct Network {
    texts: Texts,
    first: IpAddr,
    prefix: u32,
}

impl Network {
    /// First and last address as numbers.
    fn range(&self) -> (u128, u128) {
        let (bits, width) = match self.first {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        let hosts = match width - self.prefix {
            128 => u128::MAX,
            free => (1 << free) - 1,
        };
        (bits & !hosts, bits | hosts)
    }

    fn kind(&self) -> &'static str {
        match self.first {
            IpAddr::V4(_) => "ipv4-addr",
            IpAddr::V6(_) => "ipv6-addr",
        }
    }

    fn contains(&self, address: IpAddr) -> bool {
        let (first, last) = self.range();
        match (self.first, address) {
            (IpAddr::V4(_), IpAddr::V4(address)) => {
                (first..=last).contains(&address.to_bits().into())
            }
            (IpAddr::V6(_), IpAddr::V6(address)) => (first..=last).contains(&address.to_bits()),
            _ => false,
        }
    }
}

fn indicator<'a>((provider, texts): &'a Texts, kind: &'static str) -> Indicator<'a> {
    let [
        name,
        reference,
        first_seen,
        last_seen,
        modified_at,
        description,
    ] = texts.each_ref().map(Option::as_deref);
    Indicator {
        provider,
        kind,
        name,
        reference,
        first_seen,
        last_seen,
        modified_at,
        description,
    }
}

fn write_database(path: &Path, networks: &[Network], domains: &[(Texts, String)]) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(TABLES).unwrap();
    let columns = |(provider, texts): &Texts| -> Vec<Value> {
        let texts = texts
            .iter()
            .cloned()
            .map(|text| text.map_or(Value::Null, Value::Text));
        [Value::Text(provider.clone())]
            .into_iter()
            .chain(texts)
            .collect()
    };
    let sql = "INSERT INTO ipaddress (provider, name, reference, first_seen, last_seen, modified, description,
        type, v6_network1_start, v6_network1_end, v6_network2_start, v6_network2_end, network_start, network_end)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    for network in networks {
        let (first, last) = network.range();
        let part = |bits: u128, shift: u32, width: u32| {
            Value::Integer(i64::try_from(bits >> shift & ((1 << width) - 1)).unwrap())
        };
        let mut row = columns(&network.texts);
        row.push(Value::Text(network.kind().to_owned()));
        for (shift, width) in [(80, 48), (32, 48), (0, 32)] {
            row.extend([part(first, shift, width), part(last, shift, width)]);
        }
        connection
            .execute(sql, rusqlite::params_from_iter(row))
            .unwrap();
    }
    let sql = "INSERT INTO domain (provider, name, reference, first_seen, last_seen, modified, description,
        type, domain) VALUES (?, ?, ?, ?, ?, ?, ?, 'domain-name', ?)";
    for (texts, domain) in domains {
        let mut row = columns(texts);
        row.push(Value::Text(domain.clone()));
        connection
            .execute(sql, rusqlite::params_from_iter(row))
            .unwrap();
    }
    // Rows that no indicator can be made of are passed over.
    connection
        .execute_batch(
            "INSERT INTO ipaddress VALUES ('bad', 'ipv4-addr', 0, 0, 0, 0, 5, 4, 'x', NULL, NULL, NULL, NULL, NULL);
             INSERT INTO ipaddress VALUES ('bad', 'ipv4-addr', 0, 0, 0, 0, -5, 4, 'x', NULL, NULL, NULL, NULL, NULL);
             INSERT INTO ipaddress VALUES ('bad', 'url', 0, 0, 0, 0, 0, 4294967295, 'x', NULL, NULL, NULL, NULL, NULL);
             INSERT INTO ipaddress VALUES ('bad', 'ipv4-addr', 0, 0, 0, 0, 0, 4294967296, 'x', NULL, NULL, NULL, NULL, NULL);
             INSERT INTO ipaddress VALUES ('bad', 'ipv6-addr', NULL, 0, 0, 0, 0, 4, 'x', NULL, NULL, NULL, NULL, NULL);
             INSERT INTO domain VALUES ('bad', 'url', 'a', NULL, NULL, NULL, NULL, NULL, NULL);
             INSERT INTO domain VALUES ('bad', 'domain-name', NULL, NULL, NULL, NULL, NULL, NULL, NULL);",
        )
        .unwrap();
}

/// What a scan of all rows finds, in the order of the reference system.
fn scan(networks: &[Network], address: IpAddr) -> Vec<Indicator<'_>> {
    let mut found: Vec<(usize, &Network)> = networks
        .iter()
        .enumerate()
        .filter(|(_, network)| network.contains(address))
        .filter(|(_, network)| !is_private(address) || network.texts.0 == "built-in")
        .collect();
    found.sort_by_key(|(row, network)| Reverse((network.range().0 as u32, *row)));
    let networks = found.into_iter().map(|(_, network)| network);
    networks
        .map(|network| indicator(&network.texts, network.kind()))
        .collect()
}

fn texts() -> impl Strategy<Value = Texts> {
    let provider = prop::sample::select(vec!["built-in", "custom", "other"]);
    let text = || {
        prop_oneof![
            Just(None),
            "[ab]{0,2}".prop_map(Some),
            "[ü]{200}".prop_map(Some)
        ]
    };
    let six = [text(), text(), text(), text(), text(), text()];
    (provider, six).prop_map(|(provider, six)| (provider.to_owned(), six))
}

/// Addresses that lie close together, some of them private.
fn address() -> impl Strategy<Value = IpAddr> {
    let v4 = (
        prop::sample::select(vec![1u8, 10, 200, 255]),
        0u8..3,
        any::<u8>(),
    );
    let v6 = (
        prop::sample::select(vec![0u16, 0x2a00, 0xfd00]),
        0u16..3,
        0u16..3,
        0u16..4,
    );
    prop_oneof![
        v4.prop_map(|(a, b, c)| IpAddr::V4(Ipv4Addr::new(a, b, 0, c))),
        v6.prop_map(|(a, b, c, d)| IpAddr::V6(Ipv6Addr::new(a, b, 0, c, 0, 0, c, d))),
    ]
}

fn network() -> impl Strategy<Value = Network> {
    let prefix = prop_oneof![0u32..=128, Just(128u32)];
    (texts(), address(), prefix).prop_map(|(texts, first, prefix)| {
        let width = if first.is_ipv4() { 32 } else { 128 };
        Network {
            texts,
            first,
            prefix: prefix.min(width),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn look_ups_find_what_a_scan_finds(
        networks in prop::collection::vec(network(), 2..60),
        domains in prop::collection::vec((texts(), "[a-c]{1,2}"), 0..40),
        addresses in prop::collection::vec(address(), 60),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ioc.db");
        write_database(&path, &networks, &domains);
        let cache = CacheFolder::open(&folder.path().join("cache")).unwrap();
        for cache in [None, Some(&cache), Some(&cache)] {
            let indicators = Indicators::open(&path, cache).unwrap().ready().unwrap();
            prop_assert_eq!(indicators.address_count(), networks.len());
            prop_assert_eq!(indicators.domain_count(), domains.len());
            for address in addresses.iter().copied().chain(networks.iter().map(|network| network.first)) {
                let found: Vec<_> = indicators.lookup_ip(&address.to_string()).collect();
                prop_assert_eq!(found, scan(&networks, address), "{}", address);
            }
            for domain in domains.iter().map(|(_, domain)| domain.as_str()).chain(["", "d", "abc"]) {
                let found: Vec<_> = indicators.lookup_domain(domain).collect();
                let expected: Vec<_> = domains
                    .iter()
                    .filter(|(_, known)| known == domain)
                    .map(|(texts, _)| indicator(texts, "domain-name"))
                    .collect();
                prop_assert_eq!(found, expected, "{}", domain);
            }
        }
    }
}

/// Two addresses under a name.
fn database_named(path: &Path, name: &str) {
    let texts = || {
        let texts = [Some(name.to_owned()), None, None, None, None, None];
        ("custom".to_owned(), texts)
    };
    let networks = [1, 2].map(|host| Network {
        texts: texts(),
        first: IpAddr::V4(Ipv4Addr::new(1, 0, 0, host)),
        prefix: 32,
    });
    let _ = fs::remove_file(path);
    write_database(path, &networks, &[(texts(), "bad.example.com".to_owned())]);
}

fn name_of(indicators: &Indicators) -> String {
    let by_address = indicators.lookup_ip("1.0.0.1").next().unwrap();
    let by_domain = indicators.lookup_domain("bad.example.com").next().unwrap();
    assert_eq!(by_address.name, by_domain.name);
    by_address.name.unwrap().to_owned()
}

#[test]
fn a_changed_database_is_compiled_again_and_the_open_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ioc.db");
    let cache = CacheFolder::open(&folder.path().join("cache")).unwrap();
    let open = || {
        Indicators::open(&path, Some(&cache))
            .unwrap()
            .ready()
            .unwrap()
    };
    database_named(&path, "one");
    let one = open();
    database_named(&path, "two");
    let two = open();
    assert_eq!(
        (name_of(&one), name_of(&two)),
        ("one".to_owned(), "two".to_owned())
    );
    // The original in pieces: what is open does not notice, opening does.
    fs::write(&path, "no database at all").unwrap();
    assert_eq!(name_of(&two), "two");
    assert!(Indicators::open(&path, Some(&cache)).is_err());
}

#[test]
fn a_geoip_database_may_be_overwritten_while_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/GeoLite2-City.mmdb");
    let path = folder.path().join("GeoLite2-City.mmdb");
    fs::copy(data, &path).unwrap();
    let cache = CacheFolder::open(&folder.path().join("cache")).unwrap();
    let open = || GeoIp::open(folder.path(), Some(&cache));
    let geoip = open().unwrap().ready().unwrap();
    let before = GeoIp::stamps(folder.path());
    fs::write(&path, "").unwrap();
    assert_ne!(GeoIp::stamps(folder.path()), before);
    let city = geoip.city("89.160.20.112");
    assert_eq!(city.unwrap().city_name.as_deref(), Some("Linköping"));
    assert!(open().is_err());
    fs::remove_file(&path).unwrap();
    assert!(matches!(open(), Ok(Opened::Absent(_))));
}
