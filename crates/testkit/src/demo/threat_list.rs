//! A threat list that names the intruder, in the form of the reference system's database.

use std::net::Ipv4Addr;
use std::path::Path;

use jiff::{Timestamp, ToSpan};
use rusqlite::Connection;

use super::INTRUDER;

const TABLES: &str = "
CREATE TABLE ipaddress (provider TEXT, type TEXT, v6_network1_start INTEGER, v6_network1_end INTEGER,
    v6_network2_start INTEGER, v6_network2_end INTEGER, network_start INTEGER, network_end INTEGER,
    name TEXT, reference TEXT, first_seen TEXT, last_seen TEXT, modified TEXT, description TEXT);
CREATE TABLE domain (provider TEXT, type TEXT, domain TEXT, name TEXT, reference TEXT,
    first_seen TEXT, last_seen TEXT, modified TEXT, description TEXT);
";

/// Writes the list into a file, which must not exist.
///
/// **errors**: those of SQLite.
pub fn write_threat_list(path: &Path, now: Timestamp) -> rusqlite::Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch(TABLES)?;
    let address: Ipv4Addr = INTRUDER.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
    let number = address.to_bits();
    let days_ago = |days: i64| {
        let then = now - (days * 24).hours();
        then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    // The addresses of examples count as private, in which only built-in indicators are looked for.
    let mut insert = connection.prepare(
        "INSERT INTO ipaddress VALUES ('built-in', 'ipv4-addr', 0, 0, 0, 0, ?1, ?1,
             ?2, 'https://feed.example.com/' || ?2, ?3, ?4, ?4,
             'Guesses passwords and searches web sites for holes')",
    )?;
    // A list of a single address counts as empty.
    for number in [number, number + 1] {
        let name = Ipv4Addr::from_bits(number).to_string();
        insert.execute((i64::from(number), name, days_ago(20), days_ago(3)))?;
    }
    Ok(())
}
