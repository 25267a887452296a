//! `yagura config check`: every problem of the configuration with its place.

use yagura_codec::pattern_risks;
use yagura_config::{Diagnostic, LogTypeSettings, Severity};
use yagura_packs::load_settings;

use crate::cli::{ConfigCommand, ConfigurationArguments};
use crate::configuration::{Configuration, is_error, load_scripts, read_user_files};
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
        Ok(loaded) => {
            let (_, scripts) = load_scripts(&arguments, &loaded.settings);
            let is_users = |file: &str| named.iter().any(|(name, _)| *name == file);
            let log_types = loaded.settings.log_types.iter();
            let risks = log_types.flat_map(|log_type| risky_patterns(log_type, &is_users));
            let found = loaded.diagnostics.into_iter();
            found.chain(scripts).chain(risks).collect()
        }
        Err(error) => error.diagnostics,
    };
    for diagnostic in &diagnostics {
        say!("{diagnostic}");
    }
    if diagnostics.iter().any(is_error) {
        return Ok(false);
    }
    check_log_types(&arguments, files.len(), diagnostics.len())
}

/// Warnings about patterns of users' files that can take very long on a line.
fn risky_patterns(log_type: &LogTypeSettings, is_users: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let patterns = [
        ("s3_key", &log_type.s3_key),
        ("s3_key_ignored", &log_type.s3_key_ignored),
        ("multiline_firstline", &log_type.multiline_firstline),
        ("xml_firstline", &log_type.xml_firstline),
        ("log_pattern", &log_type.log_pattern),
        ("drift_tail", &log_type.drift_tail),
        ("file_timestamp_format", &log_type.file_timestamp_format),
    ];
    let mut found = Vec::new();
    for (option, pattern) in patterns {
        let Some(pattern) = pattern else { continue };
        if !is_users(&pattern.origin.file) {
            continue;
        }
        for risk in pattern_risks(&pattern.text) {
            let place = pattern.place(risk.at);
            found.push(Diagnostic {
                severity: Severity::Warning,
                file: place.file.to_string(),
                line: place.line,
                column: place.column,
                section: Some(log_type.name.clone()),
                option: Some(option.to_owned()),
                message: format!("`{}` in `{option}` can blow up: {}", risk.part, risk.why),
                hint: risk.hint.to_owned(),
            });
        }
    }
    found
}

/// Compiles every log type, which finds wrong patterns and timestamp formats.
fn check_log_types(
    arguments: &ConfigurationArguments,
    files: usize,
    warnings: usize,
) -> anyhow::Result<bool> {
    let configuration = Configuration::load(arguments, None, false)?;
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
