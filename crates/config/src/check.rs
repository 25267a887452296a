//! Examines a whole configuration: values, unknown options, sections that can never be reached.

use std::collections::HashSet;

use yagura_ini::{DEFAULT_SECTION, Ini, Origin};

use crate::BUILT_IN;
use crate::diagnostic::{Diagnostic, Severity, suggest};
use crate::options::{Scope, option, options};
use crate::read::Reader;
use crate::settings::{FileFormat, LogTypeSettings, Settings};

/// All findings in a configuration, in the order of files, lines and columns.
pub fn check(ini: &Ini) -> Vec<Diagnostic> {
    examine(ini).1
}

/// Reads a configuration and tells all that is wrong with it.
pub(crate) fn examine(ini: &Ini) -> (Settings, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let globals = Reader::new(ini, DEFAULT_SECTION, &mut diagnostics).globals();
    let log_types: Vec<LogTypeSettings> = ini
        .sections()
        .map(|section| Reader::new(ini, section, &mut diagnostics).log_type())
        .collect();
    let used = Used::of(ini, &log_types);
    for section in ini.sections().chain([DEFAULT_SECTION]) {
        examine_options(ini, section, &used, &mut diagnostics);
    }
    for log_type in &log_types {
        examine_log_type(log_type, &used, &mut diagnostics);
    }
    sort_and_deduplicate(&mut diagnostics);
    (Settings { globals, log_types }, diagnostics)
}

/// What lists and references of the configuration name.
struct Used {
    /// Pairs of section and option that a list of the section names.
    listed: HashSet<(String, String)>,
    /// Options that values refer to; by name alone, because a value of
    /// `[DEFAULT]` is interpolated with the options of whatever section reads it.
    referenced: HashSet<String>,
    /// Sections that values of other sections refer to.
    sections: HashSet<String>,
}

impl Used {
    fn of(ini: &Ini, log_types: &[LogTypeSettings]) -> Self {
        let mut used = Self {
            listed: HashSet::new(),
            referenced: HashSet::new(),
            sections: HashSet::new(),
        };
        for log_type in log_types {
            let ecs = log_type.ecs.iter().map(|field| &field.name);
            let fixed = log_type.static_ecs.iter().map(|(name, _)| name);
            let renamed = log_type.renamed_newfields.iter().map(|(new, _)| new);
            for name in ecs.chain(fixed).chain(renamed) {
                for section in [log_type.name.as_str(), DEFAULT_SECTION] {
                    used.listed.insert((section.to_owned(), name.clone()));
                }
            }
        }
        for section in ini.sections().chain([DEFAULT_SECTION]) {
            for key in ini.own_keys(section) {
                for reference in ini.references(section, key) {
                    if reference.section != section {
                        used.sections.insert(reference.section);
                    }
                    used.referenced.insert(reference.key);
                }
            }
        }
        used
    }

    fn contains(&self, section: &str, key: &str) -> bool {
        self.referenced.contains(key) || self.listed.contains(&(section.to_owned(), key.to_owned()))
    }
}

/// Warns about options that nothing reads, and about values of helper options that cannot be read.
fn examine_options(ini: &Ini, section: &str, used: &Used, diagnostics: &mut Vec<Diagnostic>) {
    for key in ini.own_keys(section) {
        let Some(origin) = ini.origin(section, key) else {
            continue;
        };
        if &*origin.file == BUILT_IN {
            continue;
        }
        let mut warn = |message, hint| {
            let found = Diagnostic::new(Severity::Warning, origin, message, hint);
            diagnostics.push(found.of(section, key));
        };
        match option(key) {
            Some(spec) if spec.scope == Scope::Global && section != DEFAULT_SECTION => {
                let message = format!("`{key}` has no effect in a section");
                warn(message, format!("move it to `[{DEFAULT_SECTION}]`"));
            }
            Some(_) => {}
            None if used.contains(section, key) => {}
            None => {
                let (message, hint) = unknown(ini, section, key);
                warn(message, hint);
                if let Err(error) = ini.get(section, key) {
                    let mut found = Diagnostic::from(error).of(section, key);
                    found.severity = Severity::Warning;
                    diagnostics.push(found);
                }
            }
        }
    }
}

/// Message and hint for an option that nothing reads.
fn unknown(ini: &Ini, section: &str, key: &str) -> (String, String) {
    let names = options().iter().map(|spec| spec.name);
    if let Some(meant) = suggest(key, names) {
        let message = format!("unknown option `{key}`");
        return (message, format!("did you mean `{meant}`?"));
    }
    if key.contains(['.', '@']) {
        let message = format!("`{key}` is defined but listed nowhere");
        return (message, format!("add `{key}` to `ecs` or `static_ecs`"));
    }
    let message = format!("unknown option `{key}`");
    let listed = ["ecs", "static_ecs", "renamed_newfields"]
        .into_iter()
        .filter_map(|list| ini.get(section, list).ok().flatten())
        .flat_map(|text| crate::value::words(&text))
        .collect::<Vec<_>>();
    let hint = match suggest(key, listed.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "remove it; the option reference lists all names".to_owned(),
    };
    (message, hint)
}

/// Warns about a log type whose objects would never be loaded.
fn examine_log_type(log_type: &LogTypeSettings, used: &Used, diagnostics: &mut Vec<Diagnostic>) {
    let Some(origin) = &log_type.origin else {
        return;
    };
    let mut warn = |origin: &Origin, message: &str, hint: &str| {
        let mut found = Diagnostic::new(
            Severity::Warning,
            origin,
            message.to_owned(),
            hint.to_owned(),
        );
        found.section = Some(log_type.name.clone());
        diagnostics.push(found);
    };
    let Some(key) = &log_type.s3_key else {
        if !used.sections.contains(&log_type.name) && log_type.fallback_for.is_none() {
            warn(
                origin,
                "no object is ever recognised as this log type",
                "set `s3_key` to a pattern that is found in the keys of its objects",
            );
        }
        return;
    };
    if log_type.file_format == FileFormat::Unset {
        warn(
            &key.origin,
            "objects of this log type are skipped: it has no `file_format`",
            "set `file_format`",
        );
    }
    if log_type.index_name.is_empty() {
        warn(
            &key.origin,
            "objects of this log type are skipped: it has no `index_name`",
            "set `index_name`",
        );
    }
    let by_pattern = matches!(
        log_type.file_format,
        FileFormat::Text | FileFormat::Multiline
    );
    if by_pattern && log_type.log_pattern.is_none() {
        warn(
            &key.origin,
            "records of this log type cannot be cut into fields",
            "set `log_pattern`",
        );
    }
    if log_type.file_format == FileFormat::Multiline
        && log_type.multiline_firstline.is_none()
        && !log_type.via_cwl
    {
        warn(
            &key.origin,
            "records of this log type cannot be told apart",
            "set `multiline_firstline`",
        );
    }
}

/// A value inherited from `[DEFAULT]` is read once per section but reported once.
fn sort_and_deduplicate(diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    diagnostics.retain(|found| {
        let place = (found.file.clone(), found.line, found.column);
        seen.insert((place, found.option.clone(), found.message.clone()))
    });
    diagnostics.sort_by(|a, b| {
        (&a.file, a.line, a.column, a.severity).cmp(&(&b.file, b.line, b.column, b.severity))
    });
}
