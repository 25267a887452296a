//! The commands that run the engine in process.

mod bench;
mod load;
mod lookups;
mod reference;
mod robustness;
mod samples;
mod user_agents;

use anyhow::Context;
use clap::Subcommand;

use crate::workspace::settle;
use crate::{BenchArguments, RobustnessArguments};

/// The commands that run the engine in process.
#[derive(Debug, Subcommand)]
pub enum EngineCommand {
    /// Write the reference pages and the samples' expected documents
    Gen {
        /// Write nothing; fail when something is not as it would be written
        #[arg(long)]
        check: bool,
    },
    /// Measure throughput, memory and start
    Bench(BenchArguments),
    /// Damage every sample in many ways
    Robustness(RobustnessArguments),
}

/// Runs a command.
pub fn run(command: EngineCommand) -> anyhow::Result<()> {
    match command {
        EngineCommand::Gen { check } => {
            let mut files = reference::pages()?;
            files.extend(samples::expected()?);
            files.push(user_agents::needed()?);
            settle(&files, check)
        }
        EngineCommand::Bench(arguments) if arguments.lookups => {
            lookups::run(arguments.json.as_deref())
        }
        EngineCommand::Bench(arguments) => {
            let binary = arguments.binary.as_deref();
            let binary = binary.context("`--binary` names the program to start")?;
            bench::run(binary, &arguments)
        }
        EngineCommand::Robustness(arguments) => robustness::run(&arguments),
    }
}
