//! Texts of the configuration, kept for the life of the process.

use std::sync::{Mutex, PoisonError};

use hashbrown::{HashMap, HashSet};

use crate::Key;

static TEXTS: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);

static KEYS: Mutex<Option<HashMap<&'static str, &'static Key>>> = Mutex::new(None);

/// Keeps a text of the configuration for the life of the process; equal texts are kept once.
///
/// Field names and constant values go into millions of documents; so they are never copied, and
/// a configuration that is read again keeps nothing twice. Text of log records must not come here.
pub fn intern(text: &str) -> &'static str {
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let texts = texts.get_or_insert_default();
    if let Some(known) = texts.get(text) {
        return known;
    }
    let kept: &'static str = Box::leak(text.into());
    texts.insert(kept);
    kept
}

/// The same for a key.
pub fn intern_key(text: &str) -> &'static Key {
    let text = intern(text);
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = keys.get_or_insert_default().entry(text);
    known.or_insert_with(|| Box::leak(Box::new(Key::new(text))))
}
