//! The folder of scripts: which file belongs to which log type, and what is wrong with them.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use yagura_config::{Diagnostic, LogTypeSettings, Settings, Severity};
use yagura_pipeline::{Script, Scripts};

use crate::python::{PythonScript, PythonSource};
use crate::vrl::VrlScript;

/// The largest script that is read.
const MAX_SCRIPT_BYTES: u64 = 4 << 20;

/// Where scripts are, and what runs those in Python.
#[derive(Debug, Clone)]
pub struct ScriptFolder {
    /// The folder; scripts in it are called `sf_<log type>.vrl` or `sf_<log type>.py`.
    pub folder: PathBuf,
    /// The Python interpreter; a name without folder is looked for where systems have programs.
    pub python: PathBuf,
}

/// The scripts of all log types, ready to run.
#[derive(Default)]
pub struct UserScripts {
    scripts: HashMap<String, Ready>,
}

enum Ready {
    Vrl(Arc<VrlScript>),
    Python(Arc<PythonScript>),
}

impl Scripts for UserScripts {
    fn script(&self, log_type: &str) -> Option<Script> {
        Some(match self.scripts.get(log_type)? {
            Ready::Vrl(script) => script.session(),
            Ready::Python(script) => script.session(),
        })
    }
}

impl UserScripts {
    /// Whether the log type has a script.
    pub fn has(&self, log_type: &str) -> bool {
        self.scripts.contains_key(log_type)
    }
}

impl ScriptFolder {
    /// Reads and compiles the scripts of all log types that want one, and tells what is wrong.
    ///
    /// With an error among the findings, the scripts are not complete. Every script in Python is
    /// loaded by an interpreter, which runs what stands at its top.
    pub fn load(&self, settings: &Settings) -> (UserScripts, Vec<Diagnostic>) {
        let mut reading = Reading {
            folder: self,
            files: Vec::new(),
            used: Vec::new(),
            found: Vec::new(),
            scripts: UserScripts::default(),
        };
        reading.list();
        if !reading.files.is_empty() {
            for log_type in &settings.log_types {
                if !log_type.script_ecs.is_empty() {
                    reading.read(log_type);
                }
            }
            reading.tell_unused(settings);
        }
        (reading.scripts, reading.found)
    }
}

/// The names that a script of a log type may have, without the ending.
fn stems(log_type: &str) -> [String; 2] {
    // A module of Python cannot have a dash in its name.
    [
        format!("sf_{}", log_type.replace('-', "_")),
        format!("sf_{log_type}"),
    ]
}

struct Reading<'f> {
    folder: &'f ScriptFolder,
    /// Names of the scripts in the folder, sorted.
    files: Vec<String>,
    used: Vec<String>,
    found: Vec<Diagnostic>,
    scripts: UserScripts,
}

impl Reading<'_> {
    fn list(&mut self) {
        let folder = &self.folder.folder;
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => {
                let path = folder.display().to_string();
                return self.error(
                    &path,
                    format!("cannot read the folder of scripts: {error}"),
                    "",
                );
            }
        };
        let names = entries.flatten().map(|entry| entry.file_name());
        let names = names.filter_map(|name| name.into_string().ok());
        self.files = names
            .filter(|name| {
                name.starts_with("sf_") && (name.ends_with(".vrl") || name.ends_with(".py"))
            })
            .collect();
        self.files.sort();
    }

    fn path(&self, name: &str) -> String {
        self.folder.folder.join(name).display().to_string()
    }

    fn error(&mut self, path: &str, message: String, hint: &str) {
        let mut problem = problem(Severity::Error, path, message);
        problem.hint = hint.to_owned();
        self.found.push(problem);
    }

    fn read(&mut self, log_type: &LogTypeSettings) {
        let of_kind = |ending: &str| {
            let names = stems(&log_type.name).map(|stem| format!("{stem}{ending}"));
            names.into_iter().find(|name| self.files.contains(name))
        };
        let (vrl, python) = (of_kind(".vrl"), of_kind(".py"));
        self.used.extend(vrl.iter().chain(&python).cloned());
        let name = match (vrl, python) {
            (Some(vrl), Some(python)) => {
                let message = format!(
                    "the log type `{}` has a second script, `{python}`",
                    log_type.name
                );
                let path = self.path(&vrl);
                return self.error(&path, message, "keep one of the two");
            }
            (Some(name), None) | (None, Some(name)) => name,
            (None, None) => return,
        };
        let path = self.path(&name);
        let text = match read_text(Path::new(&path)) {
            Ok(text) => text,
            Err(detail) => return self.error(&path, detail, ""),
        };
        if name.ends_with(".vrl") {
            self.vrl(log_type, &path, &text);
        } else {
            self.python(log_type, &path, text);
        }
    }

    fn vrl(&mut self, log_type: &LogTypeSettings, path: &str, text: &str) {
        match VrlScript::new(path, text) {
            Ok((script, warnings)) => {
                self.found.extend(warnings);
                let script = Ready::Vrl(Arc::new(script));
                self.scripts.scripts.insert(log_type.name.clone(), script);
            }
            Err(errors) => self.found.extend(errors),
        }
    }

    fn python(&mut self, log_type: &LogTypeSettings, path: &str, text: String) {
        // Workers do not run in this folder.
        let path = match std::fs::canonicalize(path) {
            Ok(absolute) => absolute,
            Err(error) => return self.error(path, format!("cannot find the script: {error}"), ""),
        };
        let parent = path.parent().unwrap_or(Path::new("/"));
        let [module, _] = stems(&log_type.name);
        let script = PythonScript::new(PythonSource {
            python: self.folder.python.clone(),
            folder: parent.display().to_string(),
            path: path.display().to_string(),
            module,
            text,
            time_limit: Duration::from_secs(log_type.script_time_limit_s),
            memory_limit_bytes: log_type.script_memory_limit_mib.saturating_mul(1 << 20),
        });
        match script {
            Ok(script) => {
                let script = Ready::Python(Arc::new(script));
                self.scripts.scripts.insert(log_type.name.clone(), script);
            }
            Err(problem) => self.found.push(*problem),
        }
    }

    /// Warns of scripts that no log type runs.
    fn tell_unused(&mut self, settings: &Settings) {
        for name in std::mem::take(&mut self.files) {
            if self.used.contains(&name) {
                continue;
            }
            let stem = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem);
            let of_stem =
                |log_type: &&LogTypeSettings| stems(&log_type.name).contains(&stem.to_owned());
            let path = self.path(&name);
            let found = match settings.log_types.iter().find(of_stem) {
                Some(log_type) if log_type.script_ecs.is_empty() => Diagnostic {
                    hint: format!(
                        "write into section [{}] `script_ecs = ` and the names of fields that the script sets",
                        log_type.name
                    ),
                    ..problem(
                        Severity::Warning,
                        &path,
                        format!(
                            "the script is not run: the log type `{}` has no `script_ecs`",
                            log_type.name
                        ),
                    )
                },
                Some(log_type) => problem(
                    Severity::Warning,
                    &path,
                    format!(
                        "the script is not run: the log type `{}` has another one, whose name has no dash",
                        log_type.name
                    ),
                ),
                None => Diagnostic {
                    hint: closest(stem, settings),
                    ..problem(
                        Severity::Warning,
                        &path,
                        "the script is not run: there is no log type of this name".to_owned(),
                    )
                },
            };
            self.found.push(found);
        }
    }
}

fn problem(severity: Severity, path: &str, message: String) -> Diagnostic {
    Diagnostic {
        severity,
        file: path.to_owned(),
        line: 1,
        column: 1,
        section: None,
        option: None,
        message,
        hint: String::new(),
    }
}

/// The name of a script that could have been meant.
fn closest(stem: &str, settings: &Settings) -> String {
    let names = settings.log_types.iter();
    let names = names.map(|log_type| stems(&log_type.name)[0].clone());
    let closest = names
        .map(|name| (strsim::damerau_levenshtein(stem, &name), name))
        .filter(|(distance, _)| *distance <= 3)
        .min();
    closest.map_or_else(String::new, |(_, name)| format!("did you mean `{name}`?"))
}

fn read_text(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if size > MAX_SCRIPT_BYTES {
        return Err(format!(
            "the script is larger than {MAX_SCRIPT_BYTES} bytes"
        ));
    }
    std::fs::read_to_string(path).map_err(|error| format!("cannot read the script: {error}"))
}
