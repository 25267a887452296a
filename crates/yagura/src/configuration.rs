//! Files, flags and packs as one ready configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use yagura_codec::Limits;
use yagura_config::{ConfigError, Diagnostic, Settings};
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{
    Condition, ConditionParameter, Loader, Options, Service, read_csv_exclusions,
};

use crate::cli::{ConfigurationArguments, ServiceArgument};
use crate::lookups::{DatabasePaths, Databases};

/// Everything a worker needs to make a loader of its own.
#[derive(Clone)]
pub struct Configuration {
    /// The settings of all log types.
    pub settings: Arc<Settings>,
    /// Enrichment databases.
    pub databases: Arc<Databases>,
    natives: Arc<PackNatives>,
    options: Arc<Options>,
}

/// A user's INI file: path and text.
pub type IniFile = (String, String);

/// Reads the users' INI files that the arguments name.
pub fn read_user_files(arguments: &ConfigurationArguments) -> anyhow::Result<Vec<IniFile>> {
    let in_folder = arguments
        .config
        .iter()
        .map(|folder| folder.join("user.ini"));
    let in_folder = in_folder.filter(|path| path.exists());
    let paths: Vec<PathBuf> = in_folder
        .chain(arguments.user_ini.iter().cloned())
        .collect();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok((path.display().to_string(), text))
    };
    paths.iter().map(read).collect()
}

/// Makes one error of all problems of a configuration.
pub fn config_error(error: &ConfigError) -> anyhow::Error {
    let problems = error.diagnostics.iter().map(Diagnostic::to_string);
    anyhow::anyhow!(
        "the configuration has errors:\n{}",
        problems.collect::<Vec<_>>().join("\n")
    )
}

impl Configuration {
    /// Reads all files that the arguments name.
    pub fn load(arguments: &ConfigurationArguments, explain: bool) -> anyhow::Result<Self> {
        let files = read_user_files(arguments)?;
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let loaded = load_settings(&files).map_err(|error| config_error(&error))?;
        for warning in &loaded.diagnostics {
            tracing::warn!("{warning}");
        }
        let paths = DatabasePaths {
            geoip: arguments.geoip.clone(),
            ioc: arguments.ioc.clone(),
            trusted_proxies: arguments.trusted_proxies.clone(),
        };
        let options = Options {
            service: match arguments.service {
                ServiceArgument::Es => Service::Managed,
                ServiceArgument::Aoss => Service::Serverless,
            },
            read_only_indices: arguments.read_only_index.iter().cloned().collect(),
            exclusions: read_exclusions(arguments, &loaded.settings)?,
            conditions: read_conditions(arguments.conditions.as_deref())?,
            explain,
        };
        Ok(Configuration {
            settings: Arc::new(loaded.settings),
            databases: Arc::new(Databases::open(&paths)?),
            natives: Arc::new(PackNatives::new()),
            options: Arc::new(options),
        })
    }

    /// A loader for one of so many workers, which share the memory for unpacking.
    pub fn loader(&self, workers: usize) -> anyhow::Result<Loader> {
        let limits = Limits::default();
        let loader = Loader::new(
            Arc::clone(&self.settings),
            Arc::clone(&self.natives) as _,
            Arc::clone(&self.options),
            Limits {
                whole_bytes: limits.whole_bytes / workers.max(1),
                ..limits
            },
        )?;
        Ok(loader)
    }
}

fn read_exclusions(
    arguments: &ConfigurationArguments,
    settings: &Settings,
) -> anyhow::Result<Vec<yagura_pipeline::CsvExclusion>> {
    let name = &settings.globals.exclude_log_patterns_filename;
    let in_folder = arguments
        .config
        .as_ref()
        .filter(|_| !name.is_empty())
        .map(|folder| folder.join(name))
        .filter(|path| path.exists());
    let Some(path) = arguments.exclude_csv.clone().or(in_folder) else {
        return Ok(Vec::new());
    };
    let bytes = read(&path)?;
    read_csv_exclusions(&bytes).with_context(|| format!("in `{}`", path.display()))
}

/// Reads conditions in the shape of Parameter Store; those that cannot be used are told.
fn read_conditions(path: Option<&Path>) -> anyhow::Result<Vec<Condition>> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Parameter {
        name: String,
        value: String,
    }
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let parameters: Vec<Parameter> = serde_json::from_slice(&read(path)?)
        .with_context(|| format!("`{}` must be a list of Name and Value", path.display()))?;
    let mut conditions = Vec::new();
    for Parameter { name, value } in parameters {
        match Condition::new(&ConditionParameter {
            name: name.clone(),
            value,
        }) {
            Ok(condition) => conditions.extend(condition),
            Err(error) => tracing::warn!("condition `{name}` is not used: {error}"),
        }
    }
    Ok(conditions)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}
