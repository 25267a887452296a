//! Files and folders as objects with keys.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// How deep folders may nest.
const MAX_DEPTH: usize = 64;

/// A file that stands for an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileObject {
    /// Where it is.
    pub path: PathBuf,
    /// Its key, with `/` between the parts.
    pub key: String,
    /// Its size as it is stored.
    pub size_bytes: u64,
    /// Changes whenever the file does: the time of its last change.
    pub content: String,
}

/// How the key of an object is made of a path.
#[derive(Debug, Clone, Default)]
pub struct KeyRule {
    /// The key itself; for a single file.
    pub key: Option<String>,
    /// Beginning of the path that does not belong to the key.
    pub strip_prefix: Option<String>,
}

/// Why files cannot be listed.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`: {error}", path.display())]
    Read {
        /// Path.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// One key was given for more than one file.
    #[error(
        "`--key` names one object, but there are several files; use `--strip-prefix` to make keys of their paths"
    )]
    OneKey,
    /// Folders nest too deep.
    #[error("`{}` lies more than {MAX_DEPTH} folders deep", .0.display())]
    TooDeep(PathBuf),
}

/// Lists all files below the paths, folders by name, and skips hidden ones in folders.
pub fn list_files(paths: &[PathBuf], rule: &KeyRule) -> Result<Vec<FileObject>, SourceError> {
    let mut objects = Vec::new();
    for path in paths {
        add(path, rule, 0, &mut objects)?;
    }
    if rule.key.is_some() && objects.len() > 1 {
        return Err(SourceError::OneKey);
    }
    Ok(objects)
}

fn add(
    path: &Path,
    rule: &KeyRule,
    depth: usize,
    objects: &mut Vec<FileObject>,
) -> Result<(), SourceError> {
    let failed = |error| SourceError::Read {
        path: path.to_owned(),
        error,
    };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_file() {
        objects.push(FileObject::new(path, rule, &metadata));
        return Ok(());
    }
    if !metadata.is_dir() {
        return Ok(());
    }
    if depth == MAX_DEPTH {
        return Err(SourceError::TooDeep(path.to_owned()));
    }
    let entries = std::fs::read_dir(path).map_err(failed)?;
    let mut inside = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        // A link could lead back up and never end.
        let is_link = entry.file_type().map_err(failed)?.is_symlink();
        if !is_hidden && !is_link {
            inside.push(entry.path());
        }
    }
    inside.sort();
    inside
        .iter()
        .try_for_each(|path| add(path, rule, depth + 1, objects))
}

impl FileObject {
    fn new(path: &Path, rule: &KeyRule, metadata: &Metadata) -> FileObject {
        let changed = metadata.modified().ok();
        let changed = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        FileObject {
            path: path.to_owned(),
            key: rule.key.clone().unwrap_or_else(|| key_of(path, rule)),
            size_bytes: metadata.len(),
            content: format!("mtime-{}", changed.unwrap_or_default().as_nanos()),
        }
    }
}

fn key_of(path: &Path, rule: &KeyRule) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let prefix = rule.strip_prefix.as_deref().unwrap_or_default();
    let text = text.strip_prefix(prefix).unwrap_or(&text);
    text.trim_start_matches("./")
        .trim_start_matches('/')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_listed_by_name_and_keys_lose_their_prefix() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("b/c")).unwrap();
        for name in ["b/c/2.log", "b/1.log", "a.log", ".hidden", "b/.git"] {
            std::fs::write(root.join(name), "x").unwrap();
        }
        let rule = KeyRule {
            strip_prefix: Some(root.to_string_lossy().into_owned()),
            ..KeyRule::default()
        };
        let objects = list_files(&[root.to_owned()], &rule).unwrap();
        let keys: Vec<_> = objects.iter().map(|object| object.key.as_str()).collect();
        assert_eq!(keys, ["a.log", "b/1.log", "b/c/2.log"]);
        let rule = KeyRule {
            key: Some("one".to_owned()),
            ..KeyRule::default()
        };
        assert!(matches!(
            list_files(&[root.to_owned()], &rule),
            Err(SourceError::OneKey)
        ));
        let missing = list_files(&[root.join("missing")], &rule).unwrap_err();
        assert!(missing.to_string().contains("missing"));
    }
}
