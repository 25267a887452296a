//! Files, flags and packs as one ready configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use yagura_codec::Limits;
use yagura_config::{ConfigError, Diagnostic, Settings, Severity};
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{
    Condition, ConditionParameter, Loader, Natives, Options, Service, read_csv_exclusions,
};
use yagura_script::{ScriptFolder, UserScripts};

use crate::cli::{ConfigurationArguments, DataArguments, ServiceArgument};
use yagura_lookups::{DatabasePaths, SharedDatabases};

/// Everything a worker needs to make a loader of its own.
#[derive(Clone)]
pub struct Configuration {
    /// The settings of all log types.
    pub settings: Arc<Settings>,
    /// Enrichment databases.
    pub databases: SharedDatabases,
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
    ///
    /// What is made of databases is kept in the data folder, if the command has one.
    pub fn load(
        arguments: &ConfigurationArguments,
        data: Option<&DataArguments>,
        explain: bool,
    ) -> anyhow::Result<Self> {
        let files = read_user_files(arguments)?;
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let loaded = load_settings(&files).map_err(|error| config_error(&error))?;
        for warning in &loaded.diagnostics {
            tracing::warn!("{warning}");
        }
        let (scripts, found) = load_scripts(arguments, &loaded.settings);
        if found.iter().any(is_error) {
            return Err(config_error(&ConfigError { diagnostics: found }));
        }
        for warning in &found {
            tracing::warn!("{warning}");
        }
        let paths = DatabasePaths {
            geoip: arguments.geoip.clone(),
            ioc: arguments.ioc.clone(),
            trusted_proxies: arguments.trusted_proxies.clone(),
            cache: cache_folder(arguments, data),
        };
        let options = Options {
            service: match arguments.service {
                ServiceArgument::Es => Service::Managed,
                ServiceArgument::Aoss => Service::Serverless,
            },
            read_only_indices: arguments.read_only_index.iter().cloned().collect(),
            exclusions: read_exclusions(arguments, &loaded.settings)?,
            conditions: read_conditions(arguments.conditions.as_deref())?,
            scripts: Some(Arc::new(scripts)),
            explain,
            by_content: true,
        };
        Ok(Configuration {
            settings: Arc::new(loaded.settings),
            databases: SharedDatabases::open(paths)?,
            natives: Arc::new(PackNatives::new()),
            options: Arc::new(options),
        })
    }

    /// The same, but keys that no log type recognises lead nowhere.
    pub fn by_key_alone(mut self) -> Self {
        Arc::make_mut(&mut self.options).by_content = false;
        self
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

/// Whether the configuration cannot be used because of it.
pub fn is_error(found: &Diagnostic) -> bool {
    found.severity == Severity::Error
}

/// Reads the users' scripts, and tells what is wrong with them or missing.
pub fn load_scripts(
    arguments: &ConfigurationArguments,
    settings: &Settings,
) -> (UserScripts, Vec<Diagnostic>) {
    let folder = arguments.config.as_ref();
    let folder = folder.map(|folder| ScriptFolder {
        folder: folder.join("siem"),
        python: program(&arguments.python),
    });
    let (scripts, mut found) = folder.map_or_else(Default::default, |it| it.load(settings));
    if !found.iter().any(is_error) {
        found.extend(missing_scripts(&scripts, settings));
    }
    (scripts, found)
}

/// The path of a program that may be named without its folder. Scripts run with a `PATH` of their
/// own, so it is looked for here.
fn program(name: &Path) -> PathBuf {
    if name.components().count() > 1 {
        return name.to_owned();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&folders).map(|folder| folder.join(name));
    let found = found.find(|path| path.is_file());
    found.unwrap_or_else(|| name.to_owned())
}

/// Log types that shall be rearranged, with nothing there to do it.
fn missing_scripts(scripts: &UserScripts, settings: &Settings) -> Vec<Diagnostic> {
    let natives = PackNatives::new();
    let is_missing = |name: &str| !scripts.has(name) && natives.native(name).transform.is_none();
    let log_types = settings.log_types.iter();
    log_types
        .filter(|log_type| !log_type.script_ecs.is_empty() && is_missing(&log_type.name))
        .map(|log_type| {
            let origin = log_type.origin.as_ref();
            let name = log_type.name.replace('-', "_");
            Diagnostic {
                severity: Severity::Error,
                file: origin.map_or_else(String::new, |origin| origin.file.to_string()),
                line: origin.map_or(1, |origin| origin.line),
                column: origin.map_or(1, |origin| origin.column),
                section: Some(log_type.name.clone()),
                option: Some("script_ecs".to_owned()),
                message: "`script_ecs` wants a script, and there is none".to_owned(),
                hint: format!(
                    "put `sf_{name}.vrl` or `sf_{name}.py` into the folder `siem` of the one that --config names"
                ),
            }
        })
        .collect()
}

/// Where files made of databases are kept; `None` if no database needs any.
fn cache_folder(
    arguments: &ConfigurationArguments,
    data: Option<&DataArguments>,
) -> Option<PathBuf> {
    if arguments.geoip.is_none() && arguments.ioc.is_none() {
        return None;
    }
    if let Some(cache) = &arguments.cache {
        return Some(cache.clone());
    }
    match data {
        Some(arguments) => Some(arguments.data.join("intel")),
        None => user_cache().map(|cache| cache.join("yagura").join("intel")),
    }
}

/// The folder for files that programs can make again, by the XDG base directory specification.
fn user_cache() -> Option<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
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
