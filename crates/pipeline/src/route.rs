//! From an object key to its log type: the first section whose pattern is found in the key, or
//! the one for the form of the content when there is none.

use yagura_codec::{Content, Pattern, PatternError};
use yagura_config::{FileFormat, LogTypeSettings, Settings};

/// Finds the log type of an object key.
pub struct Router {
    entries: Vec<Entry>,
}

struct Entry {
    log_type: String,
    pattern: Option<Pattern>,
    ignored: Option<Pattern>,
    has_format: bool,
    has_index: bool,
    /// The form of content for which it takes objects of unknown keys.
    fallback_for: Option<String>,
}

/// Where a key leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// To the log type with this number in the settings.
    LogType(usize),
    /// No log type's pattern is found in it: the content decides.
    Unmatched,
    /// Nowhere: the object is skipped.
    Ignored(Ignored),
}

/// Why an object is skipped without being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// The key names a folder.
    #[error("the key is a folder")]
    Folder,
    /// No log type's `s3_key` is found in the key, or the log type is named unknown.
    #[error("no log type's `s3_key` matches the key")]
    Unknown,
    /// The log type's `s3_key_ignored` is found in the key.
    #[error("the key matches `s3_key_ignored`")]
    KeyIgnored,
    /// The log type has no `file_format`.
    #[error("the log type has no `file_format`")]
    NoFormat,
    /// The log type has no `index_name`.
    #[error("the log type has no `index_name`")]
    NoIndex,
    /// The object has no bytes.
    #[error("the object is empty")]
    Empty,
    /// The object has fewer than 20 bytes.
    #[error("the object has fewer than 20 bytes")]
    Tiny,
}

impl Router {
    /// Compiles the patterns of all log types; an error names the log type and its option.
    pub fn new(settings: &Settings) -> Result<Router, (String, &'static str, PatternError)> {
        let entries = settings.log_types.iter().map(Entry::new);
        Ok(Router {
            entries: entries.collect::<Result<_, _>>()?,
        })
    }

    /// Where the key leads.
    pub fn route(&self, key: &str) -> Route {
        if key.ends_with('/') {
            return Route::Ignored(Ignored::Folder);
        }
        let Some(at) = self.matches(key).next() else {
            return Route::Unmatched;
        };
        self.judge(at, key)
    }

    /// Where a key without log type leads whose object holds records of this form.
    pub fn by_content(&self, key: &str, content: &Content) -> Route {
        let is_for = |entry: &Entry| entry.fallback_for.as_deref() == Some(content.name());
        match self.entries.iter().rposition(is_for) {
            Some(at) => self.judge(at, key),
            None => Route::Ignored(Ignored::Unknown),
        }
    }

    /// Where a key without log type leads whose object was loaded as this log type before.
    pub fn by_name(&self, key: &str, log_type: &str) -> Route {
        let is_it = |entry: &Entry| entry.log_type == log_type && entry.fallback_for.is_some();
        match self.entries.iter().position(is_it) {
            Some(at) => self.judge(at, key),
            None => Route::Unmatched,
        }
    }

    /// Whether the log type with this number takes the key.
    fn judge(&self, at: usize, key: &str) -> Route {
        let entry = &self.entries[at];
        let is_ignored = |pattern: &Pattern| pattern.is_match(key) == Ok(true);
        if entry.log_type.contains("unknown") {
            Route::Ignored(Ignored::Unknown)
        } else if entry.ignored.as_ref().is_some_and(is_ignored) {
            Route::Ignored(Ignored::KeyIgnored)
        } else if !entry.has_format {
            Route::Ignored(Ignored::NoFormat)
        } else if !entry.has_index {
            Route::Ignored(Ignored::NoIndex)
        } else {
            Route::LogType(at)
        }
    }

    /// The numbers of all log types whose pattern is found in the key, in order.
    pub fn matches<'r>(&'r self, key: &'r str) -> impl Iterator<Item = usize> + 'r {
        let is_found = move |entry: &Entry| {
            let pattern = entry.pattern.as_ref();
            pattern.is_some_and(|pattern| pattern.is_match(key) == Ok(true))
        };
        let entries = self.entries.iter().enumerate();
        entries.filter_map(move |(at, entry)| is_found(entry).then_some(at))
    }
}

impl Entry {
    fn new(settings: &LogTypeSettings) -> Result<Entry, (String, &'static str, PatternError)> {
        let compile = |pattern: &Option<yagura_config::Pattern>, option| {
            pattern
                .as_ref()
                .map(|pattern| Pattern::search(&pattern.text))
                .transpose()
                .map_err(|error| (settings.name.clone(), option, error))
        };
        Ok(Entry {
            log_type: settings.name.clone(),
            pattern: compile(&settings.s3_key, "s3_key")?,
            ignored: compile(&settings.s3_key_ignored, "s3_key_ignored")?,
            has_format: settings.file_format != FileFormat::Unset,
            has_index: !settings.index_name.is_empty(),
            fallback_for: settings.fallback_for.clone(),
        })
    }
}
