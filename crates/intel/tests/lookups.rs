//! Look-ups in small databases that the tests make themselves, and in MaxMind's public test databases.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of a test may panic"
)]

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rusqlite::Connection;
use yagura_intel::{
    GeoIp, GeoRecords, Indicators, Opened, TrustedProxies, UserAgentCache, UserAgents,
};

const IOC_TABLES: &str = "
    CREATE TABLE ipaddress (provider TEXT, type TEXT, v6_network1_start INTEGER, v6_network1_end INTEGER,
        v6_network2_start INTEGER, v6_network2_end INTEGER, network_start INTEGER, network_end INTEGER,
        name TEXT, reference TEXT, first_seen TEXT, last_seen TEXT, modified TEXT, description TEXT);
    CREATE TABLE domain (provider TEXT, type TEXT, domain TEXT, name TEXT, reference TEXT, first_seen TEXT,
        last_seen TEXT, modified TEXT, description TEXT);";
const PROXY_TABLE: &str = "
    CREATE TABLE ipaddress (provider TEXT, name TEXT, version INTEGER, v6_network1_start INTEGER,
        v6_network1_end INTEGER, v6_network2_start INTEGER, v6_network2_end INTEGER, network_start INTEGER,
        network_end INTEGER);";

/// The kind of an address and its parts as the databases store them.
fn parts(first: &str, last: &str) -> (&'static str, [i64; 6]) {
    let [first, last] = [first, last].map(|text| text.parse::<IpAddr>().unwrap());
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => (
            "ipv4-addr",
            [0, 0, 0, 0, first.to_bits().into(), last.to_bits().into()],
        ),
        (IpAddr::V6(first), IpAddr::V6(last)) => {
            let split = |bits: u128| {
                [
                    bits >> 80,
                    bits >> 32 & 0xffff_ffff_ffff,
                    bits & 0xffff_ffff,
                ]
            };
            let [first, last] = [first, last].map(|address| split(address.to_bits()));
            let pair =
                |index: usize| [first[index], last[index]].map(|part| i64::try_from(part).unwrap());
            (
                "ipv6-addr",
                [pair(0), pair(1), pair(2)].concat().try_into().unwrap(),
            )
        }
        _ => panic!("a range of two families"),
    }
}

fn ioc_database(
    folder: &Path,
    ranges: &[(&str, &str, &str, &str)],
    domains: &[(&str, &str)],
) -> PathBuf {
    let path = folder.join("ioc.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(IOC_TABLES).unwrap();
    for (provider, name, first, last) in ranges {
        let (kind, [a, b, c, d, e, f]) = parts(first, last);
        let sql = "INSERT INTO ipaddress VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, '2024-01-01T00:00:00Z', NULL, NULL)";
        connection
            .execute(sql, (provider, kind, a, b, c, d, e, f, name))
            .unwrap();
    }
    for (provider, domain) in domains {
        let sql =
            "INSERT INTO domain VALUES (?, 'domain-name', ?, NULL, NULL, NULL, NULL, NULL, 'd')";
        connection.execute(sql, (provider, domain)).unwrap();
    }
    path
}

#[test]
fn indicators_are_found_in_all_containing_ranges() {
    let folder = tempfile::tempdir().unwrap();
    let mut ranges = vec![
        ("built-in", "IMDS", "169.254.169.254", "169.254.169.254"),
        ("custom", "link local", "169.254.0.0", "169.254.255.255"),
        ("custom", "wide", "1.0.0.0", "1.255.255.255"),
        ("other", "narrow", "1.2.3.4", "1.2.3.4"),
        (
            "custom",
            "crossing parts",
            "2a00:0:0:ffff::",
            "2a00:0:1:0:ffff::1",
        ),
    ];
    let many: Vec<String> = (0..400)
        .map(|host| format!("1.2.{}.{}", host / 200, host % 200))
        .collect();
    ranges.extend(
        many.iter()
            .map(|host| ("many", "host", host.as_str(), host.as_str())),
    );
    let path = ioc_database(folder.path(), &ranges, &[]);
    let indicators = Indicators::open(&path, None).unwrap().ready().unwrap();
    assert_eq!(
        (indicators.address_count(), indicators.domain_count()),
        (405, 0)
    );
    let cases = [
        ("1.2.3.4", "narrow wide"),
        ("1.2.1.199", "host wide"),
        ("1.255.255.255", "wide"),
        ("2.0.0.0", ""),
        ("169.254.169.254", "IMDS"),
        ("169.254.0.1", ""),
        ("2A00:0:0:ffff::", "crossing parts"),
        ("2a00:0:1:0:ffff::1", "crossing parts"),
        ("2a00:0:0:fffe:ffff::", ""),
        ("2a00:0:1:0:ffff::2", ""),
        ("2a00:0:0:ffff::%eth0", ""),
        ("1.2.3.04", ""),
        ("1.2.3", ""),
        ("", ""),
    ];
    for (address, expected) in cases {
        let names: Vec<&str> = indicators
            .lookup_ip(address)
            .filter_map(|found| found.name)
            .collect();
        assert_eq!(names.join(" "), expected, "{address}");
    }
    let found = indicators.lookup_ip("1.2.3.4").next().unwrap();
    assert_eq!((found.provider, found.kind), ("other", "ipv4-addr"));
    assert_eq!(
        (found.last_seen, found.modified_at),
        (Some("2024-01-01T00:00:00Z"), None)
    );
}

#[test]
fn domains_are_found_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let ranges = [
        ("a", "x", "1.0.0.1", "1.0.0.1"),
        ("a", "x", "1.0.0.2", "1.0.0.2"),
    ];
    let domains = [
        ("one", "bad.example.com"),
        ("two", "Bad.example.com"),
        ("two", "bad.example.com"),
        ("three", "bad.example.com"),
    ];
    let path = ioc_database(folder.path(), &ranges, &domains);
    let indicators = Indicators::open(&path, None).unwrap().ready().unwrap();
    for (domain, expected) in [
        ("bad.example.com", "one two three"),
        ("Bad.example.com", "two"),
        ("x.bad.example.com", ""),
        ("", ""),
    ] {
        let providers: Vec<&str> = indicators
            .lookup_domain(domain)
            .map(|found| found.provider)
            .collect();
        assert_eq!(providers.join(" "), expected, "{domain}");
    }
}

#[test]
fn missing_files_switch_off_and_broken_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    assert!(matches!(
        Indicators::open(&path, None),
        Ok(Opened::Absent(_))
    ));
    assert!(matches!(TrustedProxies::open(&path), Ok(Opened::Absent(_))));
    assert!(matches!(
        GeoIp::open(folder.path(), None),
        Ok(Opened::Absent(_))
    ));
    let few = ioc_database(folder.path(), &[("a", "x", "1.0.0.1", "1.0.0.1")], &[]);
    assert!(matches!(
        Indicators::open(&few, None),
        Ok(Opened::Absent(_))
    ));
    fs::write(&path, b"no database at all").unwrap();
    let error = Indicators::open(&path, None).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot read the database of indicators `") && error.contains("x.db"),
        "{error}"
    );
    assert!(TrustedProxies::open(&path).is_err());
    fs::write(
        folder.path().join("GeoLite2-City.mmdb"),
        b"no database at all",
    )
    .unwrap();
    assert!(GeoIp::open(folder.path(), None).is_err());
    let asn = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/GeoLite2-ASN.mmdb");
    fs::copy(&asn, folder.path().join("GeoLite2-City.mmdb")).unwrap();
    let error = GeoIp::open(folder.path(), None).unwrap_err().to_string();
    assert!(error.contains("not City"), "{error}");
    fs::rename(
        folder.path().join("GeoLite2-City.mmdb"),
        folder.path().join("GeoLite2-ASN.mmdb"),
    )
    .unwrap();
    let geoip = GeoIp::open(folder.path(), None).unwrap().ready().unwrap();
    assert!(geoip.note().unwrap().starts_with("no City database in `"));
    assert!(geoip.city("1.128.0.9").is_none());
    assert!(geoip.asn("1.128.0.9").is_some());
}

#[test]
fn the_client_is_the_last_hop_that_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trusted_proxy.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(PROXY_TABLE).unwrap();
    for (first, last) in [
        ("10.0.0.0", "10.255.255.255"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ] {
        let (kind, [a, b, c, d, e, f]) = parts(first, last);
        let version = if kind == "ipv4-addr" { 4 } else { 6 };
        let sql = "INSERT INTO ipaddress VALUES ('custom', 'custom', ?, ?, ?, ?, ?, ?, ?)";
        connection
            .execute(sql, (version, a, b, c, d, e, f))
            .unwrap();
    }
    drop(connection);
    let proxies = TrustedProxies::open(&path).unwrap().ready().unwrap();
    let cases: &[(&str, &[&str], Option<&str>)] = &[
        ("192.0.2.1", &["192.0.2.2"], Some("192.0.2.1")),
        ("10.0.0.1", &["192.0.2.2"], Some("192.0.2.2")),
        (
            "10.0.0.1",
            &["192.0.2.2", "198.51.100.1", "10.9.9.9", "2001:db8::5"],
            Some("198.51.100.1"),
        ),
        ("2001:db8::1", &["10.0.0.2", "10.0.0.3"], None),
        ("10.0.0.1", &[], None),
        ("unknown", &["192.0.2.2"], Some("unknown")),
    ];
    for (source, forwarded, expected) in cases {
        assert_eq!(
            proxies.client_ip(source, forwarded),
            *expected,
            "{source} {forwarded:?}"
        );
    }
}

#[test]
fn places_and_networks_are_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let geoip = GeoIp::open(&folder, None).unwrap().ready().unwrap();
    let city = geoip.city("89.160.20.112").unwrap();
    assert_eq!(city.city_name.as_deref(), Some("Linköping"));
    assert_eq!(city.country_iso_code.as_deref(), Some("SE"));
    assert_eq!(city.location.as_ref().unwrap().lon, "15.6167");
    let asn = geoip.asn("89.160.20.112").unwrap();
    assert_eq!(
        (asn.number.as_deref(), asn.organization.as_deref()),
        (Some("29518"), Some("Bredband2 AB"))
    );
    // Addresses of one network lead to the same records, those of others do not.
    let records = geoip.records("89.160.20.112");
    assert!(records.city.is_some() && records.asn.is_some());
    assert_eq!(geoip.records("89.160.20.113"), records);
    assert_ne!(geoip.records("2001:220::10").city, records.city);
    assert_eq!(
        geoip
            .city("2001:220::10")
            .unwrap()
            .location
            .as_ref()
            .unwrap()
            .lat,
        "37.0"
    );
    for nothing in ["10.0.0.1", "abcd::", "", "x1", "2001:220::10 "] {
        assert_eq!(geoip.city(nothing), None, "{nothing}");
        assert_eq!(geoip.asn(nothing), None, "{nothing}");
        assert_eq!(geoip.records(nothing), GeoRecords::default(), "{nothing}");
    }
}

#[test]
fn user_agents_are_taken_apart() {
    let agents = UserAgents::new();
    let mut cache = UserAgentCache::new();
    let cases = [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Safari/537.36",
            "Chrome|116.0.0|Windows|10|Windows 10|Other",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
            "Mobile Safari|17.1|iOS|17.1.2|iOS 17.1.2|iPhone",
        ),
        (
            "cloudtrail.amazonaws.com",
            "cloudtrail.amazonaws.com||Other||Other|Other",
        ),
        ("AWS Internal", "AWS Internal||Other||Other|Other"),
        ("a b.amazonaws.com", "Other||Other||Other|Other"),
        ("", "Other||Other||Other|Other"),
    ];
    for (text, expected) in cases {
        let found = agents.parse(text, &mut cache);
        let parts = [
            &found.name,
            found.version.as_deref().unwrap_or_default(),
            &found.os_name,
            found.os_version.as_deref().unwrap_or_default(),
            &found.os_full,
            &found.device_name,
        ];
        assert_eq!(parts.join("|"), expected);
        assert_eq!(found.original, text);
    }
    assert_eq!(agents.parse("a%20b", &mut cache).original, "a b");
}

static AGENTS: std::sync::LazyLock<UserAgents> = std::sync::LazyLock::new(UserAgents::new);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn hostile_files_and_texts_never_panic(
        position in 0usize..21_000, byte: u8, cut in 0usize..21_000,
        text in "[0-9a-f:.%]{0,50}", agent in "(%[0-9a-f]{0,2}|\\PC| )*",
    ) {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/GeoLite2-City.mmdb");
        let mut bytes = fs::read(data).unwrap();
        let index = position % bytes.len();
        bytes[index] = byte;
        for length in [bytes.len(), cut.min(bytes.len())] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("GeoLite2-City.mmdb"), &bytes[..length]).unwrap();
            if let Ok(Opened::Ready(geoip)) = GeoIp::open(folder.path(), None) {
                for address in ["89.160.20.112", "2001:220::10", "216.160.83.57", &text] {
                    geoip.city(address);
                }
            }
        }
        AGENTS.parse(&agent, &mut UserAgentCache::new());
        yagura_model::forwarded_addresses(&agent).count();
    }
}
