//! Lays configuration files over each other, the table's defaults at the bottom.

use yagura_ini::{DEFAULT_SECTION, Ini};

use crate::check::examine;
use crate::diagnostic::{ConfigError, Diagnostic, Severity};
use crate::options::options;
use crate::settings::Settings;

/// What diagnostics call the layer of defaults that the table of options makes.
pub const BUILT_IN: &str = "built-in defaults";

/// Reads files in order, later ones over earlier ones, over the defaults of all options.
///
/// **Shape**: pairs of file name and text.
/// **Errors**: one finding per file that is no INI file.
pub fn layer(files: &[(&str, &str)]) -> Result<Ini, ConfigError> {
    let mut diagnostics = Vec::new();
    let mut ini = Ini::new();
    let defaults = defaults();
    for (name, text) in std::iter::once(&(BUILT_IN, defaults.as_str())).chain(files) {
        match Ini::parse(name, text) {
            Ok(later) => {
                ini.merge(later);
            }
            Err(error) => diagnostics.push(Diagnostic::from(error)),
        }
    }
    if diagnostics.is_empty() {
        Ok(ini)
    } else {
        Err(ConfigError { diagnostics })
    }
}

impl Settings {
    /// Reads files in order, later ones over earlier ones, into typed settings.
    ///
    /// **Shape**: pairs of file name and text; with the settings come all
    /// warnings.
    /// **Errors**: files that are no INI files, values that cannot be read,
    /// listed fields without definition; with them come all warnings.
    pub fn load(files: &[(&str, &str)]) -> Result<(Self, Vec<Diagnostic>), ConfigError> {
        let (settings, diagnostics) = examine(&layer(files)?);
        if diagnostics
            .iter()
            .any(|found| found.severity == Severity::Error)
        {
            return Err(ConfigError { diagnostics });
        }
        Ok((settings, diagnostics))
    }
}

/// The defaults of all options as a `[DEFAULT]` section.
fn defaults() -> String {
    let lines = options()
        .iter()
        .map(|spec| format!("{} = {}\n", spec.name, spec.default.replace('$', "$$")));
    format!("[{DEFAULT_SECTION}]\n{}", lines.collect::<String>())
}
