//! Tells browser, operating system and device from a user-agent text.

use std::borrow::Cow;
use std::sync::OnceLock;

use yagura_model::percent_decoded;

use crate::cache::Cache;
use crate::patterns::{Found, Patterns};

const UNKNOWN: &str = "Other";
/// How much of a text is matched against the patterns.
const MAX_MATCHED_BYTES: usize = 8 * 1024;
const CACHED_TEXTS: usize = 4 * 1024;

/// What a user-agent text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserAgent {
    /// The text, percent-decoded if it was encoded.
    pub original: String,
    /// The family of the browser or program; `Other` if unknown.
    pub name: String,
    /// Its version: major, minor and patch as far as known.
    pub version: Option<String>,
    /// The family of the operating system; `Other` if unknown.
    pub os_name: String,
    /// Its version.
    pub os_version: Option<String>,
    /// Its name and version.
    pub os_full: String,
    /// The family of the device; `Other` if unknown.
    pub device_name: String,
}

/// Texts that were taken apart before; every worker has its own.
#[derive(Debug)]
pub struct UserAgentCache(Cache<String, UserAgent>);

impl UserAgentCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self(Cache::new(CACHED_TEXTS))
    }
}

impl Default for UserAgentCache {
    fn default() -> Self {
        Self::new()
    }
}

/// The patterns of known user agents; they are read when the first text is taken apart.
#[derive(Default)]
pub struct UserAgents {
    patterns: OnceLock<Option<Patterns>>,
}

impl std::fmt::Debug for UserAgents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserAgents").finish_non_exhaustive()
    }
}

impl UserAgents {
    /// Patterns that are not read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a user-agent text apart.
    pub fn parse<'c>(&self, text: &str, cache: &'c mut UserAgentCache) -> &'c UserAgent {
        cache.0.get_or_make(text, || self.parse_uncached(text))
    }

    fn parse_uncached(&self, text: &str) -> UserAgent {
        let original = if text.contains("%20") {
            percent_decoded(text).into_owned()
        } else {
            text.to_owned()
        };
        let mut end = original.len().min(MAX_MATCHED_BYTES);
        while !original.is_char_boundary(end) {
            end -= 1;
        }
        let matched = original.get(..end).unwrap_or_default();
        let patterns = self.patterns.get_or_init(Patterns::read).as_ref();
        let Found {
            browser,
            system,
            device,
        } = patterns
            .map(|patterns| patterns.find(matched))
            .unwrap_or_default();
        let (name, version) = match browser {
            Some(found) => (
                found.family.into_owned(),
                joined(&[found.major, found.minor, found.patch]),
            ),
            None => (UNKNOWN.to_owned(), None),
        };
        let name = if name == UNKNOWN && names_itself(&original) {
            original.clone()
        } else {
            name
        };
        let (os_name, os_version) = match system {
            Some(found) => (
                found.os.into_owned(),
                joined(&[
                    found.major.as_deref(),
                    found.minor.as_deref(),
                    found.patch.as_deref(),
                    found.patch_minor.as_deref(),
                ]),
            ),
            None => (UNKNOWN.to_owned(), None),
        };
        let os_full = match &os_version {
            Some(version) => format!("{os_name} {version}"),
            None => os_name.clone(),
        };
        let device_name = device.map_or(Cow::Borrowed(UNKNOWN), |found| found.device);
        UserAgent {
            name,
            version,
            os_name,
            os_version,
            os_full,
            device_name: device_name.into_owned(),
            original,
        }
    }
}

/// Joins the parts of a version that are known.
fn joined(parts: &[Option<&str>]) -> Option<String> {
    let known: Vec<&str> = parts
        .iter()
        .flatten()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    (!known.is_empty()).then(|| known.join("."))
}

/// Tells whether a text without known browser is the name of an AWS service.
fn names_itself(text: &str) -> bool {
    text == "AWS Internal"
        || text.strip_suffix(".amazonaws.com").is_some_and(|service| {
            !service.is_empty()
                && service
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
        })
}
