//! VPC flow log lines for benchmarks.

use std::fmt::Write as _;

use super::{Place, Scene};

/// The columns of the default format.
pub(super) const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n";

const PORTS: [u16; 10] = [443, 443, 443, 80, 22, 53, 3306, 3389, 8080, 0];
const PROTOCOLS: [u8; 7] = [6, 6, 6, 6, 17, 17, 1];
/// Share of windows without traffic.
const NO_DATA: f64 = 0.004;

/// Appends one line with its line feed.
pub(super) fn line(scene: &mut Scene, place: &Place, out: &mut String) {
    let Scene { rng, pools } = scene;
    let account = place.account;
    let mut source = rng.pick_skewed(&pools.public_addresses);
    let mut destination = rng.pick_skewed(&pools.private_addresses);
    if rng.chance(0.5) {
        std::mem::swap(&mut source, &mut destination);
    }
    if rng.chance(0.3) {
        source = rng.pick_skewed(&pools.private_addresses);
    }
    let start = place.start + rng.below(540) as i64;
    let quiet = rng.chance(NO_DATA);
    let interface = rng.pick_skewed(&pools.interfaces);
    // Writing to a String cannot fail.
    let _ = if quiet {
        let end = start + 59;
        writeln!(
            out,
            "2 {account} {interface} - - - - - - - {start} {end} - NODATA"
        )
    } else {
        let packets = 1 + (200.0 * rng.unit_power(4)) as u64;
        let bytes = packets * rng.between(40, 1500);
        let source_port = rng.between(1024, 65535);
        let port = rng.pick(&PORTS);
        let protocol = rng.pick(&PROTOCOLS);
        let end = start + rng.between(1, 60) as i64;
        let action = if rng.chance(0.85) { "ACCEPT" } else { "REJECT" };
        writeln!(
            out,
            "2 {account} {interface} {source} {destination} {source_port} {port} {protocol} {packets} {bytes} {start} {end} {action} OK"
        )
    };
}
