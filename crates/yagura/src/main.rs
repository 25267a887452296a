//! Yagura: loads security logs, keeps them and finds what happened.

mod cli;
mod config_check;
mod configuration;
mod dead_letters;
mod expected;
mod explain;
mod facts;
mod ingest;
mod init_logtype;
mod key_route;
mod ledger;
mod ledger_view;
mod load;
mod log_types;
mod output;
mod parse;
mod progress;
mod retry;
mod roll_up;
mod serve;
mod users;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code when records failed or objects could not be read.
const SOMETHING_FAILED: u8 = 1;
/// Exit code when the command itself could not run.
const CANNOT_RUN: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(cli.verbose);
    let outcome = match cli.command {
        Command::Load(arguments) => load::run(arguments),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Parse(arguments) => parse::run(arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::InitLogtype(arguments) => init_logtype::run(&arguments),
        Command::Config { command } => config_check::run(command),
        Command::Ledger(arguments) => ledger::run(&arguments),
        Command::DeadLetters(arguments) => dead_letters::run(arguments),
        Command::Users { command } => users::run(command),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(SOMETHING_FAILED),
        // `yagura ledger | head` has shown all that was asked for.
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("yagura: {error:#}");
            ExitCode::from(CANNOT_RUN)
        }
    }
}

/// Logs to standard error; `-v` tells more, `YAGURA_LOG` chooses exactly.
fn start_logging(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("YAGURA_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
