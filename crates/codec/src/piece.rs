//! Pieces of a large object's text, which others read at the same time.
//!
//! The reader of an object cuts pieces off where a record surely or probably ends, and
//! goes on behind them. A piece is read by a reader of its own, which tells whether the
//! piece really ended with a record; if not, the reader of the object takes it back and reads it
//! itself, with everything behind it. So nothing depends on where the pieces end.

use std::sync::Arc;

use crate::Position;
use crate::object::Reading;
use crate::text_buffer::TextBuffer;

/// What a JSON value that is a record ends with.
pub(crate) const END_OF_VALUE: &[u8] = b"}";
/// The same for an element of an array that has another behind it.
pub(crate) const END_OF_ELEMENT: &[u8] = b"},";
/// How often the end of a JSON record is looked for in vain until an object is read by one thread.
pub(crate) const MAX_SEARCHES: u32 = 16;
/// Bytes of a record's start by which the start of another one is recognised.
const MAX_START: usize = 64;

/// A part of an object's text that ends where a record ends.
#[derive(Debug)]
pub struct Piece {
    pub(crate) text: String,
    pub(crate) form: PieceForm,
    /// Where it begins; number and line without those of pieces that were not settled yet.
    pub(crate) start: Position,
}

/// What a piece is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PieceForm {
    /// Lines, each a record.
    Lines,
    /// Lines, each a row of a Parquet file as JSON.
    RowLines,
    /// Rows of a table with this header.
    Rows(Arc<str>),
    /// JSON values or envelopes one after the other.
    Values,
    /// Elements of a JSON array, with commas between and behind them.
    Elements,
    /// The same, but elements are records of the delimiter's array.
    Records,
}

impl Piece {
    /// Where it begins; number and line do not count those of pieces before it that were given
    /// away and not settled.
    pub fn start(&self) -> Position {
        self.start
    }
}

/// What the reader of a piece tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PieceEnd {
    /// Records in it.
    pub records: u64,
    /// Line ends in it.
    pub lines: u64,
    /// Whether it was read as it would have been as part of the object.
    pub is_sound: bool,
}

/// What came of the pieces that were given away.
#[derive(Debug, Default)]
pub struct Settled {
    /// Records in those that were read.
    pub records: u64,
    /// Line ends in those.
    pub lines: u64,
    /// Those that were not, in order: none behind them was read either.
    pub back: Vec<Arc<Piece>>,
}

impl Reading<'_> {
    /// Gives away as many pieces as are wanted, and tells whether to go on behind them. The pending
    /// text begins with a record, or with what may stand between records.
    pub(crate) fn give_pieces(
        &mut self,
        buffer: &mut TextBuffer<'_>,
        form: impl FnOnce() -> PieceForm,
    ) -> bool {
        if self.searches == 0 || !self.receive.wants_pieces() {
            return true;
        }
        let (form, mut is_given) = (form(), false);
        while self.receive.wants_pieces()
            && let Some(length) = piece_end(buffer, &form, self.limits.piece_bytes)
        {
            is_given = true;
            let start = Position {
                number: self.number,
                line: buffer.line(),
                byte_offset: buffer.byte_offset(),
            };
            self.receive.piece(Piece {
                text: buffer.cut(length),
                form: form.clone(),
                start,
            });
        }
        if !is_given {
            let bytes = self.limits.piece_bytes;
            if buffer.pending().len() < bytes {
                self.searches = 0;
            } else if !form.has_lines() && !buffer.has_replacements(bytes) {
                self.searches -= 1;
            }
            return true;
        }
        let settled = self.receive.settle();
        self.number += settled.records;
        buffer.add_lines(settled.lines);
        if !settled.back.is_empty() {
            self.searches = 0;
            buffer.put_back(settled.back.iter().map(|piece| piece.text.as_str()));
        }
        self.receive.wants_more()
    }
}

impl PieceForm {
    fn has_lines(&self) -> bool {
        matches!(
            self,
            PieceForm::Lines | PieceForm::RowLines | PieceForm::Rows(_)
        )
    }
}

/// Where the next piece ends, if there is so much text and all of it is as it was stored. What has
/// long records gets longer pieces.
fn piece_end(buffer: &mut TextBuffer<'_>, form: &PieceForm, bytes: usize) -> Option<usize> {
    let mut lengths = [1, 4, 16].into_iter().map(|times| times * bytes);
    lengths.find_map(|bytes| {
        while buffer.pending().len() < bytes && buffer.fill() {}
        if buffer.has_replacements(bytes) {
            return None;
        }
        let text = buffer.pending().as_bytes().get(..bytes)?;
        match form {
            PieceForm::Lines | PieceForm::RowLines | PieceForm::Rows(_) => {
                Some(memchr::memrchr(b'\n', text)? + 1)
            }
            PieceForm::Values => start_of_another(text, END_OF_VALUE),
            PieceForm::Elements | PieceForm::Records => start_of_another(text, END_OF_ELEMENT),
        }
    })
}

/// Where the last record begins that begins like the first one, behind what looks like the end of
/// another.
fn start_of_another(text: &[u8], end: &[u8]) -> Option<usize> {
    let start = record_start(text)?;
    let places = memchr::memmem::FinderRev::new(start);
    let mut places = places.rfind_iter(text);
    places.find(|at| is_behind(text, *at, end))
}

/// Where the next record begins that begins like the one at hand, behind what looks like the end of
/// another.
pub(crate) fn start_of_next(text: &[u8], end: &[u8]) -> Option<usize> {
    let start = record_start(text)?;
    let places = memchr::memmem::Finder::new(start);
    let mut places = places.find_iter(text);
    places.find(|at| is_behind(text, *at, end))
}

/// The beginning of the first record of a JSON text, to the name of its first member.
fn record_start(text: &[u8]) -> Option<&[u8]> {
    let between = |byte: &u8| *byte == b',' || byte.is_ascii_whitespace();
    let first = text.get(text.iter().position(|byte| !between(byte))?..)?;
    let colon = memchr::memchr(b':', first.get(..MAX_START.min(first.len()))?)?;
    first.get(..=colon).filter(|start| start.starts_with(b"{"))
}

fn is_behind(text: &[u8], at: usize, end: &[u8]) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.trim_ascii_end().ends_with(end)
}
