//! Built-in packs and users' files as one configuration.

use std::collections::HashMap;

use yagura_config::{ConfigError, Diagnostic, Ini, Settings};
use yagura_pipeline::{Native, Natives};

use crate::PACKS;

/// A configuration with everything that was noticed while it was read.
pub struct LoadedSettings {
    /// The settings.
    pub settings: Settings,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the packs and, over them, the users' files (name and text) in order.
///
/// Built-in log types come in the order of their `route_order`; a section of a user's file keeps
/// the place of the built-in one it overrides, or comes behind all of them.
pub fn load_settings(user_files: &[(&str, &str)]) -> Result<LoadedSettings, ConfigError> {
    let order = sections_in_order();
    let names: Vec<String> = PACKS
        .iter()
        .map(|pack| format!("packs/{}/pack.ini", pack.name))
        .collect();
    let packs = names
        .iter()
        .zip(PACKS)
        .map(|(name, pack)| (name.as_str(), pack.ini));
    let mut files = vec![("the order of built-in log types", order.as_str())];
    files.extend(packs);
    files.extend(user_files);
    let (settings, diagnostics) = Settings::load(&files)?;
    Ok(LoadedSettings {
        settings,
        diagnostics,
    })
}

/// An INI text that names the sections of all packs in the order in which keys are tried.
fn sections_in_order() -> String {
    let mut sections: Vec<(u64, String)> = Vec::new();
    for pack in PACKS {
        // What is wrong with the file is told when it is read for itself.
        let Ok(ini) = Ini::parse(pack.name, pack.ini) else {
            continue;
        };
        for section in ini.sections() {
            let order = ini.get(section, "route_order").ok().flatten();
            let order = order.and_then(|order| order.parse().ok()).unwrap_or(1000);
            sections.push((order, section.to_owned()));
        }
    }
    sections.sort();
    let lines = sections.iter().map(|(_, section)| format!("[{section}]\n"));
    lines.collect()
}

/// The Rust parts of all packs.
pub struct PackNatives {
    natives: HashMap<&'static str, Native>,
    patterns: HashMap<String, String>,
}

impl PackNatives {
    /// Collects the Rust parts of all packs, and the patterns the packs ship.
    pub fn new() -> Self {
        let natives = PACKS.iter().flat_map(|pack| pack.natives).copied();
        let mut patterns = HashMap::new();
        for pack in PACKS {
            let Ok(ini) = Ini::parse(pack.name, pack.ini) else {
                continue;
            };
            for section in ini.sections() {
                if let Ok(Some(pattern)) = ini.get(section, "log_pattern") {
                    patterns.insert(section.to_owned(), pattern.to_string());
                }
            }
        }
        PackNatives {
            natives: natives.collect(),
            patterns,
        }
    }
}

impl Default for PackNatives {
    fn default() -> Self {
        Self::new()
    }
}

impl Natives for PackNatives {
    fn native(&self, log_type: &str) -> Native {
        self.natives.get(log_type).copied().unwrap_or_default()
    }

    fn shipped_pattern(&self, log_type: &str) -> Option<&str> {
        self.patterns.get(log_type).map(String::as_str)
    }
}
