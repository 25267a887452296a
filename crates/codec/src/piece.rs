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
    /// Rows of a table with this header.
    Rows(Arc<str>),
    /// JSON values one after the other.
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
        matches!(self, PieceForm::Lines | PieceForm::Rows(_))
    }
}

/// Where the next piece ends, if there is so much text and all of it is as it was stored.
fn piece_end(buffer: &mut TextBuffer<'_>, form: &PieceForm, bytes: usize) -> Option<usize> {
    while buffer.pending().len() < bytes && buffer.fill() {}
    if buffer.has_replacements(bytes) {
        return None;
    }
    let text = buffer.pending().as_bytes().get(..bytes)?;
    match form {
        PieceForm::Lines | PieceForm::Rows(_) => Some(memchr::memrchr(b'\n', text)? + 1),
        PieceForm::Values => start_of_another(text, |before| before.ends_with(b"\n")),
        PieceForm::Elements | PieceForm::Records => {
            start_of_another(text, |before| before.trim_ascii_end().ends_with(b"},"))
        }
    }
}

/// Where a record begins like the first one, with the same name of its first member, behind what
/// looks like the end of another; the last such place.
fn start_of_another(text: &[u8], is_end: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let between = |byte: &u8| *byte == b',' || byte.is_ascii_whitespace();
    let first = text.get(text.iter().position(|byte| !between(byte))?..)?;
    let colon = memchr::memchr(b':', first.get(..MAX_START)?)?;
    let start = first.get(..=colon)?;
    start.starts_with(b"{").then_some(())?;
    let places = memchr::memmem::FinderRev::new(start);
    let mut places = places.rfind_iter(text);
    places.find(|at| text.get(..*at).is_some_and(&is_end))
}
