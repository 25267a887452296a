//! The text of a JSON value as Python writes it, noted while the value is read.
//!
//! The text of a record is needed twice: as it is, for its id, and escaped, for `@message`. Noting
//! both while the record is read saves walking over its tree and looking at every byte again.

use crate::Buffer;
use crate::escape::BLOCK;
use crate::number::{is_finite, python_number};
use crate::pytext::push_not_finite;

/// Is told the tokens of a value as they are read, in order.
pub(crate) trait Note {
    /// A bracket, a separator, or a word: nothing in it needs an escape.
    fn word<const N: usize>(&mut self, word: &[u8; N]);

    /// A string of less than a block that holds nothing to escape.
    fn short(&mut self, block: &[u8; BLOCK], length: usize);

    /// The same, and that it is the first key of an object.
    fn first_short_key(&mut self, block: &[u8; BLOCK], length: usize);

    /// The same, and that it is another key, behind a separator that was not told yet.
    fn next_short_key(&mut self, block: &[u8; BLOCK], length: usize);

    /// A quote around a string.
    fn quote(&mut self);

    /// The quote behind a key.
    fn key_end(&mut self);

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
    fn word<const N: usize>(&mut self, _word: &[u8; N]) {}
    fn short(&mut self, _block: &[u8; BLOCK], _length: usize) {}
    fn first_short_key(&mut self, _block: &[u8; BLOCK], _length: usize) {}
    fn next_short_key(&mut self, _block: &[u8; BLOCK], _length: usize) {}
    fn quote(&mut self) {}
    fn key_end(&mut self) {}
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
    plain: Buffer,
    escaped: Buffer,
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
        let plain = simdutf8::basic::from_utf8(self.plain.as_bytes()).ok()?;
        Some((plain, self.escaped.as_bytes()))
    }
}

impl Note for Dump {
    #[inline]
    fn word<const N: usize>(&mut self, word: &[u8; N]) {
        self.plain.push_all(word);
        self.escaped.push_all(word);
    }

    #[inline]
    fn short(&mut self, block: &[u8; BLOCK], length: usize) {
        let plain = &mut self.plain;
        plain.push_start_between(b"\"", block, length, b"\"");
        let escaped = &mut self.escaped;
        escaped.push_start_between(b"\\\"", block, length, b"\\\"");
    }

    #[inline]
    fn next_short_key(&mut self, block: &[u8; BLOCK], length: usize) {
        let plain = &mut self.plain;
        plain.push_start_between(b", \"", block, length, b"\": ");
        let escaped = &mut self.escaped;
        escaped.push_start_between(b", \\\"", block, length, b"\\\": ");
    }

    #[inline]
    fn first_short_key(&mut self, block: &[u8; BLOCK], length: usize) {
        let plain = &mut self.plain;
        plain.push_start_between(b"\"", block, length, b"\": ");
        let escaped = &mut self.escaped;
        escaped.push_start_between(b"\\\"", block, length, b"\\\": ");
    }

    #[inline]
    fn quote(&mut self) {
        self.plain.push_all(b"\"");
        self.escaped.push_all(b"\\\"");
    }

    #[inline]
    fn key_end(&mut self) {
        self.plain.push_all(b"\": ");
        self.escaped.push_all(b"\\\": ");
    }

    #[inline]
    fn block(&mut self, block: &[u8; BLOCK], length: usize) {
        self.plain.push_start(block, length);
        self.escaped.push_start(block, length);
    }

    #[inline]
    fn plain(&mut self, bytes: &[u8]) {
        self.plain.push(bytes);
        self.escaped.push(bytes);
    }

    fn text(&mut self, text: &str) {
        let from = self.plain.len();
        self.plain.push_escaped(text.as_bytes());
        let written = self.plain.as_bytes().get(from..).unwrap_or_default();
        self.escaped.push_escaped(written);
    }

    fn number(&mut self, text: &str) {
        // Nearly every number is a plain one.
        if text.len() < 20 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.plain(text.as_bytes());
        }
        let mut written = Vec::new();
        if is_finite(text) {
            python_number(text, &mut written);
        } else {
            push_not_finite(text, &mut written);
        }
        self.plain(&written);
    }

    fn spoil(&mut self) {
        self.is_spoilt = true;
    }
}
