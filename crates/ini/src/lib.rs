//! Python's `configparser.ConfigParser` with `ExtendedInterpolation`, `optionxform = str` and strict mode, as CPython 3.11 behaves.
//!
//! The crate knows nothing of SIEM: it turns text into sections, options and
//! interpolated values, and remembers where each of them was written.
//!
//! ```
//! let mut ini = yagura_ini::Ini::parse("a.ini", "[DEFAULT]\ndir = /x\n[s]\npath = ${dir}/y\n")?;
//! ini.merge(yagura_ini::Ini::parse("b.ini", "[s]\ndir = /z\n")?);
//! assert_eq!(ini.get("s", "path")?.as_deref(), Some("/z/y"));
//! # Ok::<(), yagura_ini::Error>(())
//! ```

mod error;
mod interpolate;
mod parse;

use std::sync::Arc;

use indexmap::IndexMap;

pub use error::{Error, ErrorKind};
pub use interpolate::{MAX_DEPTH, MAX_REFERENCES, MAX_VALUE_BYTES, Reference};
pub use parse::MAX_FILE_BYTES;

/// The section that supplies values to all others and is not itself a section.
pub const DEFAULT_SECTION: &str = "DEFAULT";

/// A place in a configuration file.
///
/// **Units**: line and column count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// The name the file was given to [`Ini::parse`] under.
    pub file: Arc<str>,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// One option as written: its text before interpolation and where each of its lines stands.
#[derive(Clone, Debug)]
struct Entry {
    raw: String,
    key_at: Origin,
    /// Line and column of the first character of each line of `raw`.
    lines_at: Vec<(usize, usize)>,
}

/// A section: its options in order of first appearance.
#[derive(Clone, Debug)]
struct Section {
    at: Origin,
    options: IndexMap<String, Entry>,
}

/// One or several configuration files read into one set of sections.
#[derive(Clone, Debug, Default)]
pub struct Ini {
    defaults: IndexMap<String, Entry>,
    sections: IndexMap<String, Section>,
}

impl Ini {
    /// An empty set, to merge files into.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one file; `name` is what errors and origins call it.
    ///
    /// **Limits**: [`MAX_FILE_BYTES`].
    /// **Errors**: an option before the first section header, a section or an
    /// option twice in the file, a line that is neither header nor option.
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        parse::parse(name, text)
    }

    /// Lays another file over this one: its options win, its new sections follow the present ones.
    pub fn merge(&mut self, later: Ini) {
        merge_options(&mut self.defaults, later.defaults);
        for (name, section) in later.sections {
            match self.sections.get_mut(&name) {
                Some(present) => merge_options(&mut present.options, section.options),
                None => {
                    self.sections.insert(name, section);
                }
            }
        }
    }

    /// The section names in order of first appearance, without [`DEFAULT_SECTION`].
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.sections.keys().map(String::as_str)
    }

    /// Tells whether the section exists; [`DEFAULT_SECTION`] always does.
    pub fn has_section(&self, section: &str) -> bool {
        self.options(section).is_some()
    }

    /// The keys a section (or [`DEFAULT_SECTION`]) sets itself, in order of first appearance.
    pub fn own_keys(&self, section: &str) -> impl Iterator<Item = &str> {
        self.options(section)
            .into_iter()
            .flat_map(|options| options.keys().map(String::as_str))
    }

    /// The text of an option before interpolation; falls back to [`DEFAULT_SECTION`].
    pub fn raw(&self, section: &str, key: &str) -> Option<&str> {
        self.entry(section, key).map(|entry| entry.raw.as_str())
    }

    /// The text of an option after interpolation; falls back to [`DEFAULT_SECTION`].
    ///
    /// **Shape**: `None` when neither the section nor `DEFAULT` sets the option,
    /// or the section does not exist.
    /// **Limits**: [`MAX_DEPTH`], [`MAX_VALUE_BYTES`], [`MAX_REFERENCES`].
    pub fn get(&self, section: &str, key: &str) -> Result<Option<String>, Error> {
        self.entry(section, key)
            .map(|_| interpolate::interpolate(self, section, key))
            .transpose()
    }

    /// Where the effective value of an option was written (own, else from [`DEFAULT_SECTION`]).
    pub fn origin(&self, section: &str, key: &str) -> Option<&Origin> {
        self.entry(section, key).map(|entry| &entry.key_at)
    }

    /// Where a character of the raw value stands in its file.
    ///
    /// **Units**: `offset` counts bytes of [`Ini::raw`]; past its end means the end.
    pub fn value_origin(&self, section: &str, key: &str, offset: usize) -> Option<Origin> {
        self.entry(section, key).map(|entry| entry.at(offset))
    }

    /// Where the header of a section first stands.
    pub fn section_origin(&self, section: &str) -> Option<&Origin> {
        self.sections.get(section).map(|found| &found.at)
    }

    /// The options a raw value refers to, in order; malformed references are left out.
    pub fn references(&self, section: &str, key: &str) -> Vec<Reference> {
        self.raw(section, key)
            .map(|raw| interpolate::references(section, raw))
            .unwrap_or_default()
    }

    fn options(&self, section: &str) -> Option<&IndexMap<String, Entry>> {
        if section == DEFAULT_SECTION {
            return Some(&self.defaults);
        }
        self.sections.get(section).map(|found| &found.options)
    }

    fn entry(&self, section: &str, key: &str) -> Option<&Entry> {
        let own = self.options(section)?;
        own.get(key).or_else(|| self.defaults.get(key))
    }
}

impl Entry {
    /// The place of a byte of the raw value.
    fn at(&self, offset: usize) -> Origin {
        let before = self.raw.get(..offset).unwrap_or(&self.raw);
        let line_index = before.bytes().filter(|&byte| byte == b'\n').count();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let characters = before
            .get(line_start..)
            .map_or(0, |rest| rest.chars().count());
        let (line, column) = self
            .lines_at
            .get(line_index)
            .copied()
            .unwrap_or((self.key_at.line, self.key_at.column));
        Origin {
            file: Arc::clone(&self.key_at.file),
            line,
            column: column + characters,
        }
    }
}

fn merge_options(present: &mut IndexMap<String, Entry>, later: IndexMap<String, Entry>) {
    for (key, entry) in later {
        present.insert(key, entry);
    }
}
