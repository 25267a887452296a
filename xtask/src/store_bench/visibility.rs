//! How long it takes until a file that arrives can be found.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::{Value, json};
use yagura_testkit::bench_inputs::Shape;

use super::program::Server;

/// Files that arrive, one after the other.
const FILES: u64 = 10;
/// Records of each.
const RECORDS: usize = 2_000;
/// Seeds that no loaded object has.
const FIRST_SEED: u64 = 4_000;
/// When to give up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Puts files into the watched folder; gives for each the seconds until all its records are found.
pub fn measure(server: &mut Server, watched: &Path) -> anyhow::Result<Vec<f64>> {
    let mut took = Vec::new();
    for seed in FIRST_SEED..FIRST_SEED + FILES {
        let shape = Shape::VpcFlow;
        let key = shape.key(seed);
        let mut object = Vec::new();
        shape.write_object(&mut object, RECORDS, seed)?;
        let path = watched.join(&key);
        std::fs::create_dir_all(path.parent().unwrap_or(watched))?;
        let started = Instant::now();
        std::fs::write(&path, object)?;
        let question =
            json!({"size": 0, "track_total_hits": true, "query": {"term": {"@log_s3key": key}}});
        loop {
            let answer = server.client.ask("/*/_search", Some(&question))?;
            let found = answer.pointer("/hits/total/value").and_then(Value::as_u64);
            if found >= Some(RECORDS as u64) {
                break;
            }
            if started.elapsed() > PATIENCE {
                bail!("of {RECORDS} records that arrived only {found:?} can be found");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        took.push(started.elapsed().as_secs_f64());
    }
    took.sort_by(f64::total_cmp);
    Ok(took)
}
