//! A Python script as it was when the program started, and what it may use.

use std::path::PathBuf;
use std::time::Duration;

use yagura_config::Severity;

use crate::Problem;

/// What a worker is started with.
#[derive(Debug, Clone)]
pub struct PythonSource {
    /// The interpreter.
    pub python: PathBuf,
    /// The script's file, absolute.
    pub path: String,
    /// The folder of scripts, which modules can be imported from.
    pub folder: String,
    /// The module's name, `sf_` and the log type.
    pub module: String,
    /// The text of the script.
    pub text: String,
    /// The longest that one record may take; whole seconds.
    pub time_limit: Duration,
    /// The most address space of a worker.
    pub memory_limit_bytes: u64,
}

impl PythonSource {
    /// The name of the script's file.
    pub fn file_name(&self) -> String {
        let name = self.path.rsplit('/').next();
        name.unwrap_or(&self.path).to_owned()
    }

    /// Something that is wrong with the script.
    pub fn problem(&self, line: usize, column: usize, message: String) -> Box<Problem> {
        Box::new(Problem {
            severity: Severity::Error,
            file: self.path.clone(),
            line,
            column,
            section: None,
            option: None,
            message,
            hint: String::new(),
        })
    }

    /// There is no Python that can run it.
    pub fn no_python(&self, detail: &str) -> Box<Problem> {
        let python = self.python.display();
        let mut problem = self.problem(1, 1, format!("cannot start `{python}`: {detail}"));
        problem.hint =
            "install Python 3.8 or newer, name it with --python, or write the script in VRL"
                .to_owned();
        problem
    }
}
