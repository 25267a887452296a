//! What the fuzz targets share: a loader over the packs and the log types of `formats.ini`, and an
//! output that checks every document.

use std::cell::RefCell;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use yagura_codec::{Failure, Limits, Slice};
use yagura_model::{Arena, Timestamp, parse};
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{Document, Loader, NoLookups, ObjectContext, Options, Output};

/// Bounds that keep a forged length from making a run long.
const LIMITS: Limits = Limits {
    decompressed_bytes: 16 << 20,
    record_bytes: 1 << 16,
    whole_bytes: 1 << 20,
    piece_bytes: 100,
};
/// 2024-06-15T12:34:56Z in microseconds.
const NOW_MICROS: i64 = 1_718_454_896_000_000;

thread_local! {
    static FORMATS: RefCell<Option<Loader>> = const { RefCell::new(None) };
}

/// Loads bytes as an object of a log type that `formats.ini` declares.
pub fn load_format(log_type: &str, bytes: &[u8]) {
    with_formats(|loader| load(loader, &format!("fuzz/{log_type}/object"), bytes));
}

/// Loads bytes as an object whose key says nothing, by what they hold.
pub fn load_unknown(bytes: &[u8]) {
    with_formats(|loader| load(loader, "nobody/declared/this", bytes));
}

/// Loads bytes as an object of a built-in log type; the first byte chooses which.
pub fn load_built_in(keys: &[String], bytes: &[u8]) {
    if let Some((choice, bytes)) = bytes.split_first()
        && let Some(key) = keys.get(usize::from(*choice) % keys.len().max(1))
    {
        with_formats(|loader| load(loader, key, bytes));
    }
}

/// The keys of all packs' samples, one of each log type's shape, in a fixed order.
pub fn sample_keys() -> Vec<String> {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs");
    let folders = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let mut keys: Vec<_> = folders(&packs)
        .flat_map(|pack| folders(&pack.path().join("samples")))
        .filter_map(|sample| fs::read_to_string(sample.path().join("key")).ok())
        .map(|key| key.trim().to_owned())
        .collect();
    keys.sort();
    keys
}

fn with_formats(run: impl FnOnce(&mut Loader)) {
    FORMATS.with_borrow_mut(|slot| {
        let loader = slot.get_or_insert_with(|| {
            let loader = loader(include_str!("../formats.ini"));
            loader.expect("formats.ini and the packs are valid")
        });
        run(loader);
    });
}

/// A loader over the packs and a user's file, unless the file is refused.
pub fn loader(user_ini: &str) -> Option<Loader> {
    let settings = load_settings(&[("user.ini", user_ini)]).ok()?.settings;
    let natives = Arc::new(PackNatives::new());
    Loader::new(
        Arc::new(settings),
        natives,
        Arc::new(Options {
            by_content: true,
            ..Options::default()
        }),
        LIMITS,
    )
    .ok()
}

/// Loads an object and checks that every record is accounted for and every document is JSON.
pub fn load(loader: &mut Loader, key: &str, bytes: &[u8]) {
    let now = Timestamp::from_micros(NOW_MICROS, 0).expect("the time lies within the calendar");
    let context = ObjectContext::new("bucket", key, bytes.len() as u64, now);
    let mut output = Checked::default();
    let body = Box::new(Cursor::new(bytes.to_vec()));
    let outcome = loader.load(context, body, Slice::ALL, &mut NoLookups, &mut output);
    assert!(outcome.counts.balances(), "{:?}", outcome.counts);
    assert_eq!(outcome.counts.documents, output.documents);
    assert_eq!(outcome.counts.failed_total(), output.failed);
}

#[derive(Default)]
struct Checked {
    documents: u64,
    failed: u64,
}

impl Output for Checked {
    fn document(&mut self, document: &Document<'_>) {
        self.documents += 1;
        let text = std::str::from_utf8(document.json).expect("documents are UTF-8");
        assert!(parse(text, &Arena::new()).is_ok(), "no JSON: {text}");
        assert!(!document.id.is_empty() && !document.index.is_empty());
    }

    fn failed(&mut self, _failure: &Failure<'_>) {
        self.failed += 1;
    }
}
