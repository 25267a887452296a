//! `cargo xtask bench --lookups`: what look-ups cost among few and many indicators, and in GeoIP databases.

mod geoip;
mod indicators;
mod memory;

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use serde_json::json;

/// Texts that are looked up in turn, so that they do not all stay in the processor's cache.
const TEXTS: usize = 100_000;
/// Rounds over all texts, of which the best counts.
const ROUNDS: usize = 5;

/// Runs the measurement.
pub fn run(json_file: Option<&Path>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut rows = Vec::new();
    println!("{}", indicators::HEADER);
    for kind in indicators::KINDS {
        for count in indicators::COUNTS {
            let row = indicators::measure(folder.path(), kind, count)?;
            println!("{}", row.line());
            rows.push(row.json());
        }
    }
    let geoip = geoip::measure(folder.path())?;
    println!("\n{}", geoip.table());
    if let Some(path) = json_file {
        let figures = json!({"indicators": rows, "geoip": geoip.json()});
        std::fs::write(path, serde_json::to_string_pretty(&figures)? + "\n")?;
    }
    Ok(())
}

/// Nanoseconds of one look-up, and the share of texts that were found.
fn look_up(texts: &[String], mut is_found: impl FnMut(&str) -> bool) -> (f64, f64) {
    let mut best = f64::INFINITY;
    let mut found = 0;
    for _ in 0..ROUNDS {
        found = 0;
        let started = Instant::now();
        for text in texts {
            found += usize::from(is_found(black_box(text)));
        }
        best = best.min(started.elapsed().as_secs_f64());
    }
    let count = texts.len().max(1) as f64;
    (best * 1e9 / count, found as f64 / count)
}
