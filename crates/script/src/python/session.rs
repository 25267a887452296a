//! A script as one worker of the loader uses it: batches to its process, and what to do when the
//! process ends.
//!
//! When a process ends in the middle of a batch, the documents that have not come back go to a
//! new one, which tells each result at once. If that ends as well, the document at hand is the
//! one to blame; it fails, and the rest goes on.

use std::collections::VecDeque;
use std::sync::Arc;

use yagura_model::{Arena, Object};
use yagura_pipeline::{BatchedScript, Scripted};

use super::PythonScript;
use super::batch::{Batch, Piece};
use super::marshal::read_object;
use super::worker::Worker;

/// Processes that may end over one object. Each takes a while to start.
const MAX_ENDS: usize = 40;

/// A script with its process.
pub struct Session {
    script: Arc<PythonScript>,
    worker: Option<Worker>,
    filling: Batch,
    sent: VecDeque<Batch>,
    piece: Piece,
    /// Processes that ended over this object.
    ends: usize,
    /// Why no further document of this object is given to the script.
    given_up: Option<String>,
}

impl Session {
    pub fn new(script: Arc<PythonScript>) -> Self {
        Session {
            script,
            worker: None,
            filling: Batch::default(),
            sent: VecDeque::new(),
            piece: Piece::default(),
            ends: 0,
            given_up: None,
        }
    }

    /// Sends everything that has not come back, to a new process if there is none.
    fn send_again(&mut self) {
        if self.given_up.is_some() {
            return;
        }
        let worker = match self.worker.take() {
            Some(worker) => worker,
            None => match self.script.take() {
                Ok(worker) => worker,
                Err(problem) => {
                    self.given_up = Some(problem.to_string());
                    return;
                }
            },
        };
        for batch in self.sent.iter().filter(|batch| !batch.is_done()) {
            // If it has ended, receiving tells.
            worker.send(batch.request());
        }
        self.worker = Some(worker);
    }

    /// The process ended. Tells whether the next document is to blame.
    fn ended(&mut self, how: &str) -> bool {
        self.worker = None;
        self.piece = Piece::default();
        self.ends += 1;
        let Some(batch) = self.sent.front_mut() else {
            return false;
        };
        let is_known = std::mem::replace(&mut batch.is_single, true);
        if self.ends >= MAX_ENDS {
            self.given_up = Some(format!(
                "the script is not run for the rest of the object: its process ended {MAX_ENDS} times, at last: {how}"
            ));
        }
        is_known
    }

    /// The next document fails.
    fn fail<'a>(&mut self, detail: String, arena: &'a Arena) -> Scripted<'a> {
        let before = match self.sent.front_mut() {
            Some(batch) => {
                let before = batch.next_sent(arena);
                batch.answered += 1;
                before
            }
            None => Object::new_in(arena),
        };
        Scripted::Failed { before, detail }
    }

    /// The next result of the piece at hand.
    fn answer<'a>(&mut self, arena: &'a Arena) -> Option<Scripted<'a>> {
        let answer = self.piece.next()?;
        let detail = if answer.is_failure {
            String::from_utf8_lossy(answer.payload).into_owned()
        } else {
            match read_object(answer.payload, arena) {
                Ok(fields) => {
                    if let Some(batch) = self.sent.front_mut() {
                        batch.answered += 1;
                    }
                    return Some(Scripted::Done(fields));
                }
                Err(detail) => {
                    let script = self.script.source.file_name();
                    format!("{script}: what transform returned cannot be stored: {detail}")
                }
            }
        };
        Some(self.fail(detail, arena))
    }
}

impl BatchedScript for Session {
    fn begin_object(&mut self) {
        if !self.sent.is_empty() {
            // Something of another object is still under way.
            self.worker = None;
        }
        self.sent.clear();
        self.filling.clear();
        self.piece = Piece::default();
        self.ends = 0;
        self.given_up = None;
    }

    fn push(&mut self, fields: &Object<'_>) {
        self.filling.push(fields);
    }

    fn is_full(&self) -> bool {
        self.filling.is_full()
    }

    fn send(&mut self) {
        if self.filling.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.filling);
        let request = batch.request();
        self.sent.push_back(batch);
        match &self.worker {
            Some(worker) => {
                // If it has ended, receiving tells.
                worker.send(request);
            }
            None => self.send_again(),
        }
    }

    fn next<'a>(&mut self, except_last: usize, arena: &'a Arena) -> Option<Scripted<'a>> {
        loop {
            if self.sent.len() <= except_last {
                return None;
            }
            if self.sent.front()?.is_done() {
                let mut done = self.sent.pop_front()?;
                if self.filling.is_empty() {
                    done.clear();
                    self.filling = done;
                }
                continue;
            }
            if let Some(answer) = self.answer(arena) {
                return Some(answer);
            }
            if let Some(reason) = &self.given_up {
                return Some(self.fail(reason.clone(), arena));
            }
            let Some(worker) = &mut self.worker else {
                self.send_again();
                continue;
            };
            match worker.receive() {
                Ok(piece) => self.piece = Piece::new(piece),
                Err(how) => {
                    let is_to_blame = self.ended(&how);
                    let failed = is_to_blame.then(|| self.fail(how, arena));
                    self.send_again();
                    if failed.is_some() {
                        return failed;
                    }
                }
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take()
            && self.sent.iter().all(Batch::is_done)
        {
            self.script.give_back(worker);
        }
    }
}
