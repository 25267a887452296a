//! Scripts in Python: each worker of the loader has a CPython process of its own.

mod batch;
mod marshal;
mod session;
mod source;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};

use yagura_pipeline::Script;

use crate::Problem;
use session::Session;
pub use source::PythonSource;
use worker::Worker;

/// Workers that are kept for the next loader; more are ended.
const MAX_IDLE: usize = 64;

/// A script, and the processes that are ready to run it.
pub struct PythonScript {
    source: PythonSource,
    idle: Mutex<Vec<Worker>>,
}

impl PythonScript {
    /// Starts one worker, which shows whether the script can be loaded.
    pub fn new(source: PythonSource) -> Result<PythonScript, Box<Problem>> {
        let worker = Worker::start(&source)?;
        Ok(PythonScript {
            source,
            idle: Mutex::new(vec![worker]),
        })
    }

    /// The script for one worker of the loader; its process starts with the first document.
    pub fn session(self: &Arc<Self>) -> Script {
        Script::Batched(Box::new(Session::new(Arc::clone(self))))
    }

    fn take(&self) -> Result<Worker, Box<Problem>> {
        let idle = self.idle.lock();
        let idle = idle.unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| Worker::start(&self.source), Ok)
    }

    fn give_back(&self, worker: Worker) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE {
            idle.push(worker);
        }
    }
}
