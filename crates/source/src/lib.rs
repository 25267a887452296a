//! Where objects come from: files and folders on disk, once or as they arrive.

mod files;
mod watch;

pub use files::{FileObject, KeyRule, SourceError, list_files};
pub use watch::Watcher;
