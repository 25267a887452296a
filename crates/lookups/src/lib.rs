//! The databases of `yagura-intel` as the pipeline asks them: opened once for all workers, changed
//! under them when their files change.

mod databases;
mod worker;

pub use databases::{DatabasePaths, Databases, SharedDatabases};
pub use worker::WorkerLookups;
