//! `cargo xtask bench`: throughput of each stage, memory and start, against what must be reached.

mod inputs;
mod program;
mod report;
mod scripts;
mod stages;

use std::path::Path;

use crate::BenchArguments;
use report::{Report, Row};

/// Runs the command.
pub fn run(binary: &Path, arguments: &BenchArguments) -> anyhow::Result<()> {
    // First of all, while this program is small: a child's peak memory counts from its parent's.
    let mut report = Report {
        program: program::measure(binary, arguments.large)?,
        rows: Vec::new(),
        scripts: scripts::measure(arguments.records, arguments.rounds)?,
    };
    let folder = tempfile::tempdir()?;
    for spec in inputs::SPECS {
        let input = spec.write(folder.path(), arguments.records)?;
        let stages = stages::measure(&input, arguments.rounds)?;
        println!(
            "{}: {:.0} records per CPU-second",
            input.name,
            stages.whole.per_second(input.records)
        );
        report.rows.push(Row { input, stages });
    }
    print!("\n{}", report.table());
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&report.json())? + "\n")?;
    }
    Ok(())
}
