//! Where objects come from: files and folders on disk, once or as they arrive, and messages that
//! name them.

mod files;
mod notification;
mod watch;

pub use files::{FileObject, KeyRule, SourceError, list_files};
pub use notification::{BadMessage, NamedObject, Notification, NotificationError};
pub use watch::Watcher;
