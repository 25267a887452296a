//! What came of the records of a piece, kept until it is its turn.

use std::ops::Range;

use yagura_codec::{Failure, FailureReason, PieceEnd, Position};
use yagura_model::Timestamp;

use crate::counts::Counts;
use crate::document::{Document, Output};

/// Documents, failures and exclusions in their order; the memory serves one piece after the other.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    events: Vec<Event>,
    /// Names of indices, and ids.
    texts: String,
    /// Documents and failed records.
    bytes: Vec<u8>,
    /// Of the last document: records of a piece mostly go into the same index.
    index: Range<usize>,
    log_type: String,
    /// What was counted.
    pub(crate) counts: Counts,
    /// How the piece ended, if it was read to its end.
    pub(crate) end: Option<PieceEnd>,
}

#[derive(Debug)]
enum Event {
    Document {
        index: Range<usize>,
        id: Range<usize>,
        json: Range<usize>,
        timestamp: Timestamp,
        drifted: bool,
    },
    Failed {
        position: Position,
        reason: FailureReason,
        detail: String,
        raw: Range<usize>,
    },
    Excluded(String),
}

impl Recorded {
    /// Begins anew in the same memory.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.texts.clear();
        self.bytes.clear();
        self.index = 0..0;
        self.counts = Counts::default();
        self.end = None;
    }

    /// Hands everything on. Positions of failures count from `start`.
    pub(crate) fn replay(&self, start: Position, output: &mut dyn Output) {
        let bytes = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        let text = |range: &Range<usize>| self.texts.get(range.clone()).unwrap_or_default();
        for event in &self.events {
            if !output.wants_more() {
                return;
            }
            match event {
                Event::Document {
                    index,
                    id,
                    json,
                    timestamp,
                    drifted,
                } => output.document(&Document {
                    index: text(index),
                    id: text(id),
                    log_type: &self.log_type,
                    timestamp: *timestamp,
                    drifted: *drifted,
                    json: bytes(json),
                }),
                Event::Failed {
                    position,
                    reason,
                    detail,
                    raw,
                } => output.failed(&Failure {
                    position: Position {
                        number: start.number + position.number,
                        line: start.line + position.line.saturating_sub(1),
                        byte_offset: position.byte_offset,
                    },
                    reason: *reason,
                    detail: detail.clone(),
                    raw: bytes(raw),
                }),
                Event::Excluded(reason) => output.excluded(reason),
            }
        }
    }

    fn keep_text(&mut self, text: &str) -> Range<usize> {
        let start = self.texts.len();
        self.texts.push_str(text);
        start..self.texts.len()
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }
}

impl Output for Recorded {
    fn document(&mut self, document: &Document<'_>) {
        if self.texts.get(self.index.clone()) != Some(document.index) {
            self.index = self.keep_text(document.index);
        }
        if self.log_type != document.log_type {
            document.log_type.clone_into(&mut self.log_type);
        }
        let id = self.keep_text(document.id);
        let json = self.keep(document.json);
        self.events.push(Event::Document {
            index: self.index.clone(),
            id,
            json,
            timestamp: document.timestamp,
            drifted: document.drifted,
        });
    }

    fn failed(&mut self, failure: &Failure<'_>) {
        let raw = self.keep(failure.raw);
        self.events.push(Event::Failed {
            position: failure.position,
            reason: failure.reason,
            detail: failure.detail.clone(),
            raw,
        });
    }

    fn excluded(&mut self, reason: &str) {
        self.events.push(Event::Excluded(reason.to_owned()));
    }
}
