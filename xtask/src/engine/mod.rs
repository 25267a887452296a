//! The commands that run the engine in process.

mod bare_index;
mod bench;
mod load;
mod lookups;
mod reference;
mod robustness;
mod samples;
mod user_agents;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};

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
    /// Measure the store's search library alone
    BareIndex(BareIndexArguments),
}

/// Arguments of `bare-index`.
#[derive(Debug, Args)]
pub struct BareIndexArguments {
    /// Folder of the objects, whose paths below it are their keys
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// The program that makes documents of them
    #[arg(long, value_name = "FILE")]
    binary: PathBuf,
    /// How often each question about flow logs is asked; nothing is asked by default
    #[arg(long, value_name = "N")]
    questions: Option<usize>,
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
        EngineCommand::BareIndex(arguments) => bare_index::run(&arguments),
    }
}
