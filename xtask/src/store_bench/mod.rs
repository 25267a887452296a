//! `cargo xtask bench --store`: loading into the embedded store and asking it, with the program itself.

mod client;
pub mod inputs;
pub mod load;
pub mod program;
pub mod questions;
mod report;
mod visibility;

use std::path::Path;

use crate::BenchArguments;
use crate::workspace::{self, Profile};
use load::Alone;
use program::Server;
use report::Report;

/// Runs the command: loads every kind of log by itself into one data folder, then serves it.
pub fn run(binary: &Path, arguments: &BenchArguments) -> anyhow::Result<()> {
    // Nothing may be compiled between two measurements.
    let engine = workspace::build_engine(Profile::Release)?;
    let scratch = tempfile::tempdir()?;
    let data = scratch.path().join("data");
    let mut report = Report::default();
    for share in inputs::SHARES {
        let count = (arguments.documents as f64 * share.part).round() as usize;
        let input = share.write(binary, &scratch.path().join("logs"), count)?;
        let mut loaded = load::measure(binary, &data, &input)?;
        println!("{}", loaded.line());
        if input.fast.is_some() {
            // What is asked of the library alone is about flow logs, which come first.
            let times = report.loads.is_empty().then_some(arguments.questions);
            let engine = workspace::engine_at(&engine);
            let alone = Alone::measure(engine, binary, &input, times)?;
            println!("{}", alone.line());
            loaded.alone = Some(alone);
        }
        std::fs::remove_dir_all(&input.folder)?;
        report.loads.push(loaded);
    }
    let watched = scratch.path().join("watched");
    std::fs::create_dir_all(&watched)?;
    let mut server = Server::start(binary, &data, &watched)?;
    for question in questions::all(&mut server)? {
        let answered = question.measure(&mut server, arguments.questions)?;
        println!("{}", answered.line());
        report.answers.push(answered);
    }
    report.serving_peak = server.memory()?;
    report.visible = visibility::measure(&mut server, &watched)?;
    print!("\n{}", report.table());
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&report.json())? + "\n")?;
    }
    Ok(())
}
