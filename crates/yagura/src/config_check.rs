//! `yagura config check`: every problem of the configuration with its place.

use yagura_config::{Diagnostic, Severity};
use yagura_packs::load_settings;

use crate::cli::{ConfigCommand, ConfigurationArguments};
use crate::configuration::{Configuration, read_user_files};
use crate::output::say;

/// Runs the command; false when there is an error.
pub fn run(command: ConfigCommand) -> anyhow::Result<bool> {
    let ConfigCommand::Check(arguments) = command;
    let files = read_user_files(&arguments)?;
    let named: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let diagnostics = match load_settings(&named) {
        Ok(loaded) => loaded.diagnostics,
        Err(error) => error.diagnostics,
    };
    for diagnostic in &diagnostics {
        say!("{diagnostic}");
    }
    let is_error = |found: &Diagnostic| found.severity == Severity::Error;
    if diagnostics.iter().any(is_error) {
        return Ok(false);
    }
    check_log_types(&arguments, files.len(), diagnostics.len())
}

/// Compiles every log type, which finds wrong patterns and timestamp formats.
fn check_log_types(
    arguments: &ConfigurationArguments,
    files: usize,
    warnings: usize,
) -> anyhow::Result<bool> {
    let configuration = Configuration::load(arguments, false)?;
    let errors = configuration.loader(1)?.compile_all();
    for error in &errors {
        say!("error: {error}");
    }
    let log_types = configuration.settings.log_types.len();
    say!(
        "{log_types} log types, {files} user files: {} errors, {warnings} warnings",
        errors.len()
    );
    Ok(errors.is_empty())
}
