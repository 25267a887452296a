//! Documents that go to a worker together, and pieces of what comes back.

use yagura_model::{Arena, Object};

use super::marshal::{push_object, read_object};
use super::worker::Request;

/// Documents in a batch; enough to make the way to the worker and back cheap.
const BATCH_DOCUMENTS: usize = 1_024;
/// Bytes in a batch, unless one document alone has more.
const BATCH_BYTES: usize = 1 << 20;

/// Documents in their order.
#[derive(Default)]
pub struct Batch {
    /// Each with its size before it.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// How many have come back.
    pub answered: usize,
    /// Whether the worker tells each result as soon as it is there.
    pub is_single: bool,
}

impl Batch {
    /// Adds a document.
    pub fn push(&mut self, fields: &Object<'_>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        push_object(fields, &mut self.bytes);
        let size = (self.bytes.len() - start - 4) as u32;
        if let Some(place) = self.bytes.get_mut(start..start + 4) {
            place.copy_from_slice(&size.to_le_bytes());
        }
        self.ends.push(self.bytes.len());
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.answered = 0;
        self.is_single = false;
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.ends.len() >= BATCH_DOCUMENTS || self.bytes.len() >= BATCH_BYTES
    }

    /// Whether all documents have come back.
    pub fn is_done(&self) -> bool {
        self.answered >= self.ends.len()
    }

    /// The request for the documents that have not come back.
    pub fn request(&self) -> Request {
        let payload = self.bytes.get(self.start(self.answered)..).unwrap_or(&[]);
        let count = self.ends.len() - self.answered;
        let mut bytes = Vec::with_capacity(payload.len() + 9);
        bytes.extend_from_slice(&(count as u32).to_le_bytes());
        bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        bytes.push(u8::from(self.is_single));
        bytes.extend_from_slice(payload);
        Request { bytes, count }
    }

    /// The next document that has not come back, as it was sent.
    pub fn next_sent<'a>(&self, arena: &'a Arena) -> &'a mut Object<'a> {
        let start = self.start(self.answered) + 4;
        let end = self.ends.get(self.answered).copied().unwrap_or(start);
        let bytes = self.bytes.get(start..end).unwrap_or(&[]);
        match read_object(bytes, arena) {
            Ok(object) => object,
            // It was written here, so it can be read.
            Err(_) => Object::new_in(arena),
        }
    }

    /// Where a document begins, with its size.
    fn start(&self, number: usize) -> usize {
        let before = number.checked_sub(1);
        before
            .and_then(|at| self.ends.get(at))
            .map_or(0, |end| *end)
    }
}

/// Results that a worker sent, some at a time.
#[derive(Default)]
pub struct Piece {
    bytes: Vec<u8>,
    at: usize,
}

/// One result.
pub struct Answer<'p> {
    /// Whether the script failed; then the payload tells why.
    pub is_failure: bool,
    /// A document, or text.
    pub payload: &'p [u8],
}

impl Piece {
    pub fn new(bytes: Vec<u8>) -> Self {
        Piece { bytes, at: 0 }
    }

    /// The next result; `None` at the end.
    pub fn next(&mut self) -> Option<Answer<'_>> {
        let rest = self.bytes.get(self.at..)?;
        let (kind, rest) = rest.split_first()?;
        let (size, rest) = rest.split_first_chunk()?;
        let size = u32::from_le_bytes(*size) as usize;
        let payload = rest.get(..size)?;
        self.at += 5 + size;
        Some(Answer {
            is_failure: *kind != 0,
            payload,
        })
    }
}
