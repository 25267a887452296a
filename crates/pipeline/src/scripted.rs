//! Documents to a user's script and back into the pipeline.

use yagura_codec::{Failure, FailureReason};
use yagura_config::ScriptError;
use yagura_model::{Arena, Hints};

use crate::draft::Draft;
use crate::pipeline::{Pipeline, RecordFacts};
use crate::plan::Rearrange;
use crate::script::Scripted;

/// Batches that run while the pipeline goes on reading.
const BATCHES_AHEAD: usize = 1;

impl Pipeline<'_> {
    /// Tells a script that an object begins.
    pub(crate) fn begin(&mut self) {
        if let Rearrange::Batched(script) = &mut self.plan.transform {
            script.begin_object();
        }
    }

    /// Sends a batch that is full to the script, and completes the documents that are back. When
    /// steps are asked for, every record goes by itself.
    pub(crate) fn exchange(&mut self) {
        let Rearrange::Batched(script) = &mut self.plan.transform else {
            return;
        };
        if self.steps.is_some() {
            script.send();
            self.take_back(0);
        } else if script.is_full() {
            script.send();
            self.take_back(BATCHES_AHEAD);
        }
    }

    /// Sends what is left to the script and completes everything that is still with it.
    pub(crate) fn finish(&mut self) {
        if let Rearrange::Batched(script) = &mut self.plan.transform {
            script.send();
            self.take_back(0);
        }
    }

    /// Completes the documents of all batches that were sent, but for the last so many.
    fn take_back(&mut self, except_last: usize) {
        let mut arena = std::mem::take(&mut self.returned);
        while self.take_back_one(except_last, &arena) {
            arena.reset();
        }
        arena.reset();
        self.returned = arena;
    }

    fn take_back_one(&mut self, except_last: usize, arena: &Arena) -> bool {
        let Rearrange::Batched(script) = &mut self.plan.transform else {
            return false;
        };
        let Some(scripted) = script.next(except_last, arena) else {
            return false;
        };
        let Some(waiting) = self.waiting.pop_front() else {
            return false;
        };
        let (fields, done) = match scripted {
            Scripted::Done(fields) => (fields, Ok(())),
            Scripted::Failed { before, detail } => (before, Err(detail)),
        };
        let mut draft = Draft {
            fields,
            arena,
            timestamp: waiting.timestamp,
            id: arena.alloc_str(&waiting.id),
            id_suffix: None,
            index_base: None,
            index_date: None,
        };
        match self.scripted(&mut draft, done) {
            Ok(()) => {
                let raw_names = waiting.raw_names.iter();
                let raw_names: Vec<_> = raw_names.map(|name| &*arena.alloc_str(name)).collect();
                let facts = RecordFacts {
                    timestamp: waiting.timestamp,
                    raw_names: &raw_names,
                    drift: waiting
                        .drift
                        .as_deref()
                        .map(|drift| &*arena.alloc_str(drift)),
                    object: None,
                    hints: Hints::default(),
                };
                self.complete(&mut draft, &facts);
            }
            Err((reason, detail)) => self.fail(&Failure {
                position: waiting.position,
                reason,
                detail,
                raw: &waiting.raw,
            }),
        }
        true
    }

    /// Takes over what a script did; where it failed, the log type's options decide.
    pub(crate) fn scripted(
        &mut self,
        draft: &mut Draft<'_>,
        done: Result<(), String>,
    ) -> Result<(), (FailureReason, String)> {
        match done.and_then(|()| draft.adopt_script_fields()) {
            Ok(()) => self.explain("script", || format!("{} fields", draft.fields.len())),
            Err(detail) if self.plan.script_error == ScriptError::Keep => {
                self.counts.transform_stops += 1;
                draft.put_text("error.message", draft.keep(&detail));
                self.explain("script", || format!("failed: {detail}"));
            }
            Err(detail) => return Err((FailureReason::Script, detail)),
        }
        Ok(())
    }
}
