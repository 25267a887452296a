//! Folders into which objects arrive.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::{FileObject, KeyRule, SourceError, list_files};

/// Looks into folders again and again, and tells which files are complete.
///
/// A file counts as complete when it did not change between two looks, so that one that is still
/// being written is not loaded by half.
pub struct Watcher {
    folders: Vec<PathBuf>,
    rule: KeyRule,
    seen: HashMap<PathBuf, (FileObject, bool)>,
}

impl Watcher {
    /// Watches folders.
    pub fn new(folders: Vec<PathBuf>, rule: KeyRule) -> Self {
        Watcher {
            folders,
            rule,
            seen: HashMap::new(),
        }
    }

    /// Looks once: gives every file that is new or changed and has settled since the last look.
    ///
    /// Each state of a file is given once; [`Watcher::forget`] has it given again.
    pub fn look(&mut self) -> Result<Vec<FileObject>, SourceError> {
        let found = list_files(&self.folders, &self.rule)?;
        let mut next = HashMap::with_capacity(found.len());
        let mut settled = Vec::new();
        for object in found {
            let given = match self.seen.get(&object.path) {
                Some((known, given)) if *known == object => {
                    if !given {
                        settled.push(object.clone());
                    }
                    true
                }
                _ => false,
            };
            next.insert(object.path.clone(), (object, given));
        }
        self.seen = next;
        Ok(settled)
    }

    /// Has a file given again at the next look, because it could not be loaded.
    pub fn forget(&mut self, object: &FileObject) {
        if let Some((_, given)) = self.seen.get_mut(&object.path) {
            *given = false;
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
        let mut watcher = Watcher::new(vec![folder.path().to_owned()], KeyRule::default());
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
}
