//! The text of a JSON value as Python writes it, noted while the value is read.
//!
//! The text of a record is needed twice: as it is, for its id, and escaped, for `@message`. Noting
//! both while the record is read saves walking over its tree and looking at every byte again.

use crate::escape::{BLOCK, push_escaped};
use crate::number::{is_finite, python_number};
use crate::pytext::push_not_finite;

/// Is told the tokens of a value as they are read, in order.
pub(crate) trait Note {
    /// A bracket, a separator, or a word: nothing in it needs an escape.
    fn word(&mut self, word: &[u8]);

    /// A quote around a string.
    fn quote(&mut self);

    /// The first bytes of a block, a part of a string that holds nothing to escape.
    fn block(&mut self, block: &[u8; BLOCK], length: usize);

    /// A part of a string that holds nothing to escape.
    fn plain(&mut self, bytes: &[u8]);

    /// A part of a string, unescaped.
    fn text(&mut self, text: &str);

    /// A number as it is written.
    fn number(&mut self, text: &str);

    /// What was noted is not what Python would write.
    fn spoil(&mut self);
}

/// Notes nothing.
pub(crate) struct NoDump;

impl Note for NoDump {
    fn word(&mut self, _word: &[u8]) {}
    fn quote(&mut self) {}
    fn block(&mut self, _block: &[u8; BLOCK], _length: usize) {}
    fn plain(&mut self, _bytes: &[u8]) {}
    fn text(&mut self, _text: &str) {}
    fn number(&mut self, _text: &str) {}
    fn spoil(&mut self) {}
}

/// Room that is kept for the next value; only a few values are longer.
const KEPT_BYTES: usize = 1 << 20;

/// The text of a value as `json.dumps(…, ensure_ascii=False)` writes it.
#[derive(Debug, Default)]
pub struct Dump {
    plain: Vec<u8>,
    escaped: Vec<u8>,
    is_spoilt: bool,
}

impl Dump {
    pub(crate) fn clear(&mut self) {
        for text in [&mut self.plain, &mut self.escaped] {
            text.clear();
            text.shrink_to(KEPT_BYTES);
        }
        self.is_spoilt = false;
    }

    /// The text, and the same as the inside of a JSON string; `None` if the value has a key twice,
    /// whose text is not in the order in which it was read.
    pub fn texts(&self) -> Option<(&str, &[u8])> {
        if self.is_spoilt {
            return None;
        }
        let plain = std::str::from_utf8(&self.plain).ok()?;
        Some((plain, &self.escaped))
    }
}

impl Note for Dump {
    #[inline]
    fn word(&mut self, word: &[u8]) {
        self.plain.extend_from_slice(word);
        self.escaped.extend_from_slice(word);
    }

    #[inline]
    fn quote(&mut self) {
        self.plain.push(b'"');
        self.escaped.extend_from_slice(b"\\\"");
    }

    /// Copies the whole block and takes the rest back, for copying an odd length costs more.
    #[inline]
    fn block(&mut self, block: &[u8; BLOCK], length: usize) {
        for text in [&mut self.plain, &mut self.escaped] {
            let end = text.len() + length;
            text.extend_from_slice(block);
            text.truncate(end);
        }
    }

    #[inline]
    fn plain(&mut self, bytes: &[u8]) {
        self.word(bytes);
    }

    fn text(&mut self, text: &str) {
        let from = self.plain.len();
        push_escaped(text.as_bytes(), &mut self.plain);
        let written = self.plain.get(from..).unwrap_or_default();
        push_escaped(written, &mut self.escaped);
    }

    fn number(&mut self, text: &str) {
        // Nearly every number is a plain one.
        if text.len() < 20 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.word(text.as_bytes());
        }
        let from = self.plain.len();
        if is_finite(text) {
            python_number(text, &mut self.plain);
        } else {
            push_not_finite(text, &mut self.plain);
        }
        let written = self.plain.get(from..).unwrap_or_default();
        self.escaped.extend_from_slice(written);
    }

    fn spoil(&mut self) {
        self.is_spoilt = true;
    }
}
