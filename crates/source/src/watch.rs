//! Folders into which objects arrive.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::{FileObject, KeyRule, SourceError, list_files};

/// Looks into folders again and again, and tells which files are complete.
///
/// A file counts as complete when it did not change for a while, from one look to another, so that
/// one that is still being written is not loaded by half.
pub struct Watcher {
    folders: Vec<PathBuf>,
    rule: KeyRule,
    settles_after: Duration,
    seen: HashMap<PathBuf, Seen>,
}

/// A state of a file.
struct Seen {
    object: FileObject,
    since: Instant,
    is_given: bool,
}

impl Watcher {
    /// Watches folders, whose files count as complete when they did not change for so long.
    pub fn new(folders: Vec<PathBuf>, rule: KeyRule, settles_after: Duration) -> Self {
        Watcher {
            folders,
            rule,
            settles_after,
            seen: HashMap::new(),
        }
    }

    /// Looks once: gives every file that is new or changed and has settled since.
    ///
    /// Each state of a file is given once; [`Watcher::forget`] has it given again.
    pub fn look(&mut self) -> Result<Vec<FileObject>, SourceError> {
        let found = list_files(&self.folders, &self.rule)?;
        let now = Instant::now();
        let mut next = HashMap::with_capacity(found.len());
        let mut settled = Vec::new();
        for object in found {
            let mut seen = Seen {
                since: now,
                is_given: false,
                object,
            };
            if let Some(before) = self.seen.get(&seen.object.path)
                && before.object == seen.object
            {
                seen.since = before.since;
                let has_settled = now.duration_since(seen.since) >= self.settles_after;
                if has_settled && !before.is_given {
                    settled.push(seen.object.clone());
                }
                seen.is_given = has_settled;
            }
            next.insert(seen.object.path.clone(), seen);
        }
        self.seen = next;
        Ok(settled)
    }

    /// Has a file given again at the next look, because it could not be loaded.
    pub fn forget(&mut self, object: &FileObject) {
        if let Some(seen) = self.seen.get_mut(&object.path) {
            seen.is_given = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_given_once_it_has_settled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, "1").unwrap();
        let folders = vec![folder.path().to_owned()];
        let mut watcher = Watcher::new(folders, KeyRule::default(), Duration::ZERO);
        assert_eq!(watcher.look().unwrap(), []);
        let first = watcher.look().unwrap();
        assert_eq!(first.len(), 1);
        assert_eq!(watcher.look().unwrap(), []);
        watcher.forget(&first[0]);
        assert_eq!(watcher.look().unwrap(), first);
        std::fs::write(&path, "12").unwrap();
        assert_eq!(watcher.look().unwrap(), []);
        assert_eq!(watcher.look().unwrap()[0].size_bytes, 2);
    }

    #[test]
    fn a_file_settles_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.log"), "1").unwrap();
        let folders = vec![folder.path().to_owned()];
        let settles_after = Duration::from_millis(50);
        let mut watcher = Watcher::new(folders, KeyRule::default(), settles_after);
        let started = Instant::now();
        let mut looks = 0;
        while watcher.look().unwrap().is_empty() {
            looks += 1;
        }
        assert!(looks > 0 && started.elapsed() >= settles_after);
        assert_eq!(watcher.look().unwrap(), []);
    }
}
