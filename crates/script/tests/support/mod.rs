//! A log type with a script, and what becomes of lines of JSON.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]
#![allow(dead_code, reason = "not every test needs everything")]

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;
use yagura_codec::{Failure, Limits, Slice};
use yagura_config::Settings;
use yagura_model::Timestamp;
use yagura_pipeline::{
    Counts, Document, Loader, NoLookups, NoNatives, ObjectContext, Options, Output,
};
use yagura_script::ScriptFolder;

const SECTION: &str = "[door-system]\n\
    s3_key = doors/\n\
    file_format = json\n\
    index_name = log-door\n\
    cloud_provider =\n\
    script_ecs = user.name\n";

/// A folder with scripts of the log type `door-system`.
pub struct Setup {
    folder: TempDir,
    pub settings: Arc<Settings>,
}

/// What became of the records.
#[derive(Default)]
pub struct Loaded {
    /// Index, id and body of each document.
    pub documents: Vec<(String, String, Value)>,
    /// The bodies as they were written.
    pub texts: Vec<String>,
    /// Line and text of each failure.
    pub failures: Vec<(u64, String)>,
    pub counts: Counts,
}

impl Output for Loaded {
    fn document(&mut self, document: &Document<'_>) {
        let body = serde_json::from_slice(document.json).unwrap();
        let text = String::from_utf8(document.json.to_vec()).unwrap();
        self.texts.push(text);
        let (index, id) = (document.index.to_owned(), document.id.to_owned());
        self.documents.push((index, id, body));
    }

    fn failed(&mut self, failure: &Failure<'_>) {
        assert_eq!(failure.reason.as_str(), "script");
        assert!(!failure.raw.is_empty());
        let text = failure.detail.clone();
        self.failures.push((failure.position.line, text));
    }
}

impl Loaded {
    /// The values of a field, one for each document.
    pub fn values(&self, name: &str) -> Vec<Value> {
        let documents = self.documents.iter();
        documents.map(|(_, _, body)| body[name].clone()).collect()
    }
}

impl Setup {
    /// Writes files into the folder of scripts; `options` are lines of the section.
    pub fn new(options: &str, files: &[(&str, &str)]) -> Setup {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let ini = format!("{SECTION}{options}\n");
        let (settings, _) = Settings::load(&[("user.ini", &ini)]).unwrap();
        Setup {
            folder,
            settings: Arc::new(settings),
        }
    }

    pub fn scripts(&self) -> ScriptFolder {
        ScriptFolder {
            folder: self.folder.path().to_owned(),
            python: PathBuf::from("python3"),
        }
    }

    /// What the check finds, without the folder's name.
    pub fn problems(&self) -> Vec<String> {
        let (_, found) = self.scripts().load(&self.settings);
        let folder = std::fs::canonicalize(self.folder.path()).unwrap();
        let folder = format!("{}/", folder.display());
        let texts = found
            .iter()
            .map(|found| found.to_string().replace(&folder, ""));
        texts.collect()
    }

    pub fn loader(&self) -> Loader {
        let (scripts, found) = self.scripts().load(&self.settings);
        assert!(found.is_empty(), "{found:?}");
        let options = Options {
            scripts: Some(Arc::new(scripts)),
            ..Options::default()
        };
        let limits = Limits::default();
        let settings = Arc::clone(&self.settings);
        Loader::new(settings, Arc::new(NoNatives), Arc::new(options), limits).unwrap()
    }

    /// Loads lines of JSON.
    pub fn load(&self, lines: &str) -> Loaded {
        load(&mut self.loader(), lines)
    }
}

/// Loads lines of JSON; the counts must balance.
pub fn load(loader: &mut Loader, lines: &str) -> Loaded {
    let now = Timestamp::from_micros(1_700_000_000_000_000, 0).unwrap();
    let mut loaded = Loaded::default();
    let context = ObjectContext::new("bucket", "doors/1.json", 1_000, now);
    let body = Box::new(std::io::Cursor::new(lines.as_bytes().to_vec()));
    let outcome = loader.load(context, body, Slice::ALL, &mut NoLookups, &mut loaded);
    assert_eq!(outcome.error, None);
    assert!(outcome.counts.balances(), "{:?}", outcome.counts);
    assert_eq!(outcome.counts.documents, loaded.documents.len() as u64);
    assert_eq!(outcome.counts.failed_total(), loaded.failures.len() as u64);
    loaded.counts = outcome.counts;
    loaded
}

/// Lines `{"n": 0}`, `{"n": 1}`, …
pub fn numbered(count: usize) -> String {
    (0..count).map(|n| format!("{{\"n\": {n}}}\n")).collect()
}
