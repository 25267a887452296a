//! `cargo xtask`: everything that is done to this repository beside compiling it.

mod demo;
#[cfg(feature = "engine")]
mod engine;
mod figures;
mod generate;
mod golden;
mod new_pack;
mod process;
mod stages;
mod store_bench;
mod user_interface;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use process::run;
use workspace::Profile;

/// The allocator of the program, which here also counts for the benchmark.
#[cfg(feature = "engine")]
#[global_allocator]
static ALLOCATOR: cap::Cap<mimalloc::MiMalloc> = cap::Cap::new(mimalloc::MiMalloc, usize::MAX);

/// Bytes that were allocated since the start, freed or not.
#[cfg(feature = "engine")]
fn allocated_bytes() -> u64 {
    ALLOCATOR.total_allocated() as u64
}

/// Commands for developing Yagura.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", max_term_width = 100)]
struct Cli {
    /// What to do
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every check there is: format, lints, tests, page, recorded cases, robustness, browser
    Test {
        /// Only the stage with this name
        #[arg(long, value_name = "STAGE")]
        only: Option<String>,
    },
    /// Build Yagura, load made-up logs and serve the page
    Demo {
        /// Port on the loopback address
        #[arg(long, default_value_t = 5601)]
        port: u16,
        /// About how many events to make up
        #[arg(long)]
        events: Option<usize>,
    },
    /// Write the pack registry, the reference pages and the samples' expected documents
    Gen {
        /// Write nothing; fail when something is not as it would be written
        #[arg(long)]
        check: bool,
    },
    /// Make the skeleton of a new pack
    NewPack {
        /// Name of the folder and of its first log type
        name: String,
    },
    /// Compare `yagura parse` with recorded cases
    Golden(GoldenArguments),
    /// Measure throughput, memory and start
    Bench(BenchArguments),
    /// Damage every sample in many ways and see that all records are accounted for
    Robustness(RobustnessArguments),
    /// The commands that run the engine in process, as the others call them
    #[cfg(feature = "engine")]
    #[command(hide = true)]
    Engine {
        /// What to do
        #[command(subcommand)]
        command: engine::EngineCommand,
    },
}

/// Arguments of `golden`.
#[derive(Debug, Args)]
struct GoldenArguments {
    /// Folder of the recorded cases
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Only cases whose `<log type>/<case>` this finds
    #[arg(long, value_name = "REGEX")]
    only: Option<regex::Regex>,
    /// The program to run; a release build of this repository by default
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Arguments of `bench`.
#[derive(Debug, Args)]
struct BenchArguments {
    /// Records of each input
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    records: usize,
    /// Runs of each stage, of which the best counts
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// File to write the figures to, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure memory on ten million lines too
    #[arg(long)]
    large: bool,
    /// Measure look-ups of indicators and places instead: time and memory among few and many
    #[arg(long)]
    lookups: bool,
    /// Only inputs whose name contains this, and nothing of the program or other log types
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Measure the embedded store instead: loading, and what people ask of it
    #[arg(long)]
    store: bool,
    /// Documents to load into the embedded store
    #[arg(long, value_name = "N", default_value_t = 600_000)]
    documents: usize,
    /// How often each question is asked of the embedded store
    #[arg(long, value_name = "N", default_value_t = 40)]
    questions: usize,
    /// The program to start; a release build of this repository by default
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Arguments of `robustness`.
#[derive(Debug, Args)]
struct RobustnessArguments {
    /// Folder of recorded cases to damage beside the packs' samples
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// How often each input is cut, bit-flipped and spliced
    #[arg(long, value_name = "N", default_value_t = 100)]
    rounds: u64,
}

fn main() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Test { only } => stages::run(only.as_deref()),
        Command::Demo { port, events } => demo::run(port, events),
        Command::Gen { check } => generate::run(check, Profile::Dev),
        Command::NewPack { name } => new_pack::run(&name),
        Command::Golden(arguments) => golden::run(&arguments),
        Command::Bench(arguments) if arguments.lookups => {
            let mut engine = workspace::engine(Profile::Release)?;
            engine.arg("bench").arg("--lookups");
            if let Some(json) = arguments.json {
                engine.arg("--json").arg(std::path::absolute(json)?);
            }
            run(&mut engine)
        }
        Command::Bench(arguments) => {
            let binary = match &arguments.binary {
                Some(binary) => binary.clone(),
                None => workspace::build_yagura()?,
            };
            if arguments.store {
                return store_bench::run(&binary, &arguments);
            }
            let mut engine = workspace::engine(Profile::Release)?;
            engine.arg("bench").arg("--binary").arg(binary);
            engine.arg("--records").arg(arguments.records.to_string());
            engine.arg("--rounds").arg(arguments.rounds.to_string());
            if let Some(json) = arguments.json {
                // The engine runs in the root of the workspace.
                engine.arg("--json").arg(std::path::absolute(json)?);
            }
            if arguments.large {
                engine.arg("--large");
            }
            if let Some(only) = arguments.only {
                engine.arg("--only").arg(only);
            }
            run(&mut engine)
        }
        Command::Robustness(arguments) => {
            let mut engine = workspace::engine(Profile::Release)?;
            engine.arg("robustness");
            engine.arg("--rounds").arg(arguments.rounds.to_string());
            if let Some(cases) = golden::find_cases(arguments.cases)? {
                let cases = std::path::absolute(cases).context("the folder of cases")?;
                engine.arg("--cases").arg(cases);
            }
            run(&mut engine)
        }
        #[cfg(feature = "engine")]
        Command::Engine { command } => engine::run(command),
    }
}
