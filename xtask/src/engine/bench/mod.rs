//! `cargo xtask bench`: throughput of each stage, memory and start, against what must be reached.

mod databases;
mod floor;
mod inputs;
mod parts;
mod program;
mod report;
mod scaling;
mod scripts;
mod stages;
mod types;

use std::path::Path;

use crate::BenchArguments;
use report::{Report, Row};

/// Runs the command.
pub fn run(binary: &Path, arguments: &BenchArguments) -> anyhow::Result<()> {
    // First of all, while this program is small: a child's peak memory counts from its parent's.
    let mut report = Report {
        program: match arguments.only {
            None => Some(program::measure(binary, arguments.large)?),
            Some(_) => None,
        },
        rows: Vec::new(),
        scripts: match arguments.only {
            None => Some(scripts::measure(arguments.records, arguments.rounds)?),
            Some(_) => None,
        },
        types: Vec::new(),
    };
    let folder = tempfile::tempdir()?;
    let databases = databases::Databases::write(folder.path())?;
    let wanted = |name: &str| {
        arguments
            .only
            .as_deref()
            .is_none_or(|only| name.contains(only))
    };
    for spec in inputs::SPECS.iter().filter(|spec| wanted(spec.name())) {
        let input = spec.write(folder.path(), arguments.records)?;
        let stages = stages::measure(&input, arguments.rounds, &databases)?;
        println!(
            "{}: {:.0} records per CPU-second",
            input.name,
            stages.whole.per_second(input.records)
        );
        let scaling = scaling::measure(&input, arguments.rounds)?;
        let one_file = scaling::measure_one(&input, folder.path(), arguments.rounds)?;
        report.rows.push(Row {
            input,
            stages,
            scaling,
            one_file,
        });
    }
    if arguments.only.is_none() {
        report.types = types::measure(arguments.rounds)?;
    }
    print!("\n{}", report.table());
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&report.json())? + "\n")?;
    }
    Ok(())
}
