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

/// Folder of a Lambda layer.
const LAYER: &str = "/opt";

/// Reads the users' INI files: those that lie where they are looked for, and those that the
/// arguments name.
pub fn read_user_files(arguments: &ConfigurationArguments) -> anyhow::Result<Vec<IniFile>> {
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent);
    let paths = user_ini_paths(Path::new(LAYER), beside, arguments);
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok((path.display().to_string(), text))
    };
    paths.iter().map(read).collect()
}

/// The users' INI files in the order in which they are read, so that the later win: in a Lambda
/// layer, beside the program, in the folder of the configuration, and those named one by one.
fn user_ini_paths(
    layer: &Path,
    beside: Option<&Path>,
    arguments: &ConfigurationArguments,
) -> Vec<PathBuf> {
    let folders = [Some(layer), beside, arguments.config.as_deref()];
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut real = Vec::new();
    for folder in folders.into_iter().flatten() {
        let path = folder.join("user.ini");
        // The same folder may be named twice.
        if let Ok(found) = path.canonicalize()
            && found.is_file()
            && !real.contains(&found)
        {
            real.push(found);
            paths.push(path);
        }
    }
    paths.extend(arguments.user_ini.iter().cloned());
    paths
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
            by_content: true,
        };
        Ok(Configuration {
            settings: Arc::new(loaded.settings),
            databases: Arc::new(Databases::open(&paths)?),
            natives: Arc::new(PackNatives::new()),
            options: Arc::new(options),
        })
    }

    /// The same, but keys that no log type recognises lead nowhere.
    pub fn by_key_alone(mut self) -> Self {
        Arc::make_mut(&mut self.options).by_content = false;
        self
    }

    /// A loader for one worker.
    pub fn loader(&self) -> anyhow::Result<Loader> {
        let loader = Loader::new(
            Arc::clone(&self.settings),
            Arc::clone(&self.natives) as _,
            Arc::clone(&self.options),
            Limits::default(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_files_are_found_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        for name in ["layer", "beside", "conf", "empty"] {
            std::fs::create_dir(place(name)).unwrap();
        }
        for name in ["layer", "beside", "conf"] {
            std::fs::write(place(name).join("user.ini"), "").unwrap();
        }
        let with = |config: &str, user_ini: &[&str]| ConfigurationArguments {
            config: Some(place(config)),
            user_ini: user_ini.iter().map(PathBuf::from).collect(),
            ..ConfigurationArguments::default()
        };
        for (arguments, expected) in [
            (
                with("conf", &["x.ini"]),
                &["layer", "beside", "conf", "x.ini"][..],
            ),
            (with("beside", &[]), &["layer", "beside"]),
            (with("empty", &[]), &["layer", "beside"]),
        ] {
            let paths = user_ini_paths(&place("layer"), Some(&place("beside")), &arguments);
            let expected: Vec<PathBuf> = expected
                .iter()
                .map(|name| match name.ends_with(".ini") {
                    true => PathBuf::from(name),
                    false => place(name).join("user.ini"),
                })
                .collect();
            assert_eq!(paths, expected);
        }
    }
}
