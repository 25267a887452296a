//! Memory into which text is written block by block.

use crate::escape::{BLOCK, block_at, escape_of, first_special, plain_run};

/// Room for a short text with what stands around it.
const SHORT_ROOM: usize = 2 * BLOCK;

/// The least that memory grows to.
const LEAST_BYTES: usize = 1 << 10;

/// Text that grows at its end, in memory that is filled ahead of it.
///
/// A document is some hundred short texts, and what costs most in writing them is to copy odd
/// lengths. So blocks of a fixed length are stored, of which only the beginning may count: what
/// lies behind is overwritten by what comes next. Memory that was there before is not made again
/// for the next document.
#[derive(Debug, Default)]
pub struct Buffer {
    /// All of it can be written to, also what lies behind the text.
    memory: Vec<u8>,
    length: usize,
}

impl Buffer {
    /// The text so far.
    pub fn as_bytes(&self) -> &[u8] {
        self.memory.get(..self.length).unwrap_or_default()
    }

    /// Number of bytes in the text.
    #[inline]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Begins a new text in the same memory.
    pub fn clear(&mut self) {
        self.length = 0;
    }

    /// Gives back what memory there is beyond so many bytes, if the text needs no more.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        if self.memory.len() > bytes.max(self.length) {
            self.memory.truncate(bytes.max(self.length));
            self.memory.shrink_to_fit();
        }
    }

    /// Takes back what stands behind a length.
    #[inline]
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Writes over a byte of the text.
    #[inline]
    pub(crate) fn set(&mut self, at: usize, byte: u8) {
        if let Some(place) = self.memory.get_mut(at) {
            *place = byte;
        }
    }

    /// Appends bytes whose number is known when this is compiled.
    #[inline]
    pub fn push_all<const N: usize>(&mut self, bytes: &[u8; N]) {
        *self.room() = *bytes;
        self.length += N;
    }

    /// Appends the first bytes of a block.
    #[inline]
    pub(crate) fn push_start(&mut self, block: &[u8; BLOCK], length: usize) {
        *self.room() = *block;
        self.length += length;
    }

    /// Appends bytes.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>() {
            self.push_all(block);
            rest = behind;
        }
        if let Some(last) = bytes.last_chunk::<BLOCK>() {
            // What this writes a second time it does not change.
            self.length -= BLOCK - rest.len();
            self.push_all(last);
        } else if let Some(short) = Short::new(rest) {
            short.write(self.room::<BLOCK>());
            self.length += rest.len();
        }
    }

    /// Appends what stands between the quotes of the JSON string of a text.
    #[inline]
    pub fn push_escaped(&mut self, text: &[u8]) {
        self.push_between(b"", text, b"");
    }

    /// Appends a JSON string.
    #[inline]
    pub fn push_string(&mut self, text: &str) {
        self.push_between(b"\"", text.as_bytes(), b"\"");
    }

    /// Appends what stands between the quotes of the JSON string of a text, with bytes that need
    /// no escape in front of it and behind.
    ///
    /// Nearly all texts are short; one look for room is enough for all three.
    #[inline]
    pub(crate) fn push_between<const A: usize, const B: usize>(
        &mut self,
        before: &[u8; A],
        text: &[u8],
        behind: &[u8; B],
    ) {
        match Short::new(text) {
            Some(short) if short.is_plain() => {
                let room: &mut [u8; SHORT_ROOM] = self.room();
                room[..A].copy_from_slice(before);
                short.write(&mut room[A..]);
                room[A + text.len()..A + text.len() + B].copy_from_slice(behind);
                self.length += A + text.len() + B;
            }
            _ => {
                self.push_all(before);
                self.push_blocks(text);
                self.push_all(behind);
            }
        }
    }

    /// Appends a member with a text: comma, key, colon and text.
    #[inline]
    pub(crate) fn push_member(&mut self, key: &[u8], text: &[u8]) {
        match (Short::new(key), Short::new(text)) {
            (Some(short_key), Some(short_text))
                if short_key.is_plain() && short_text.is_plain() =>
            {
                let room: &mut [u8; 2 * SHORT_ROOM] = self.room();
                room[..2].copy_from_slice(b",\"");
                short_key.write(&mut room[2..]);
                let at = 2 + key.len();
                room[at..at + 3].copy_from_slice(b"\":\"");
                short_text.write(&mut room[at + 3..]);
                let end = at + 3 + text.len();
                room[end] = b'"';
                self.length += end + 1;
            }
            _ => {
                self.push_between(b",\"", key, b"\":\"");
                self.push_between(b"", text, b"\"");
            }
        }
    }

    /// Appends what stands between the quotes of the JSON string of any text.
    #[inline(never)]
    fn push_blocks(&mut self, text: &[u8]) {
        let mut at = 0;
        while let Some(block) = block_at(text, at) {
            let run = first_special(*block);
            self.push_start(block, run);
            at += run;
            if run < BLOCK {
                self.push_escape(block[run]);
                at += 1;
            }
        }
        let rest = text.get(at..).unwrap_or_default();
        if let Some(last) = text.last_chunk()
            && first_special(*last) == BLOCK
        {
            // Nothing in this block is escaped, so its beginning stands there already as it is.
            self.length -= BLOCK - rest.len();
            self.push_all(last);
            return;
        }
        for byte in rest {
            if plain_run(&[*byte]) == 1 {
                self.push_all(&[*byte]);
            } else {
                self.push_escape(*byte);
            }
        }
    }

    #[inline]
    fn push_escape(&mut self, byte: u8) {
        let (escape, length) = escape_of(byte);
        *self.room() = escape;
        self.length += length;
    }

    /// The memory behind the text.
    #[inline]
    fn room<const N: usize>(&mut self) -> &mut [u8; N] {
        let end = self.length + N;
        if end > self.memory.len() {
            self.grow(end);
        }
        #[expect(clippy::expect_used, reason = "the memory has grown to hold it")]
        self.memory[self.length..]
            .first_chunk_mut()
            .expect("room behind the text")
    }

    #[cold]
    fn grow(&mut self, least: usize) {
        let bytes = least.max(2 * self.memory.len()).max(LEAST_BYTES);
        self.memory.resize(bytes, 0);
    }
}

/// Less than a block of bytes, in two words.
///
/// They are looked at and stored out of registers: a block put together in memory would have to
/// wait for its parts to arrive there.
#[derive(Clone, Copy)]
struct Short {
    /// The first eight bytes of as many or more; else the first four and the last four, or all of
    /// fewer with blanks behind them.
    first: u64,
    /// The last eight bytes of as many or more; else blanks.
    last: u64,
    length: usize,
}

impl Short {
    #[inline]
    fn new(bytes: &[u8]) -> Option<Short> {
        const BLANKS: u64 = u64::from_ne_bytes([b' '; 8]);
        let length = bytes.len();
        let (first, last) = if length >= BLOCK {
            return None;
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            (u64::from(first) | u64::from(last) << 32, BLANKS)
        } else {
            let add = |word: u64, byte: &u8| word << 8 | u64::from(*byte);
            (bytes.iter().rev().fold(BLANKS, add), BLANKS)
        };
        Some(Short {
            first,
            last,
            length,
        })
    }

    /// Whether nothing is to be escaped.
    #[inline]
    fn is_plain(self) -> bool {
        let block = u128::from(self.last) << 64 | u128::from(self.first);
        first_special(block.to_le_bytes()) == BLOCK
    }

    /// Writes the bytes to the start of memory for a block.
    #[inline]
    fn write(self, room: &mut [u8]) {
        let length = self.length;
        if length >= 8 {
            room[..8].copy_from_slice(&self.first.to_le_bytes());
            room[length - 8..length].copy_from_slice(&self.last.to_le_bytes());
        } else {
            let [a, b, c, d, last @ ..] = self.first.to_le_bytes();
            room[..4].copy_from_slice(&[a, b, c, d]);
            if length >= 4 {
                room[length - 4..length].copy_from_slice(&last);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of every length around a block, plain and with something to escape at every place.
    fn texts() -> impl Iterator<Item = String> {
        (0..40).flat_map(|length| {
            let plain: String = ('a'..='z').cycle().take(length).collect();
            let odd = (0..length).flat_map({
                let plain = plain.clone();
                move |at| {
                    let plain = plain.clone();
                    ["\"", "\\", "\n", "\u{1}", "é"]
                        .into_iter()
                        .map(move |mark| {
                            let mut text = plain.clone();
                            text.replace_range(at..=at, mark);
                            text
                        })
                }
            });
            std::iter::once(plain).chain(odd)
        })
    }

    #[test]
    fn texts_of_every_length_are_escaped_as_serde_json_does() {
        let (mut buffer, mut expected) = (Buffer::default(), String::new());
        for text in texts() {
            buffer.push_string(&text);
            expected += &serde_json::to_string(&text).unwrap();
        }
        assert_eq!(std::str::from_utf8(buffer.as_bytes()), Ok(&*expected));
    }

    #[test]
    fn bytes_of_every_length_are_appended() {
        let (mut buffer, mut expected) = (Buffer::default(), Vec::new());
        for text in texts() {
            buffer.push(text.as_bytes());
            expected.extend_from_slice(text.as_bytes());
        }
        assert_eq!(buffer.as_bytes(), expected);
    }

    #[test]
    fn what_is_taken_back_is_gone() {
        let mut buffer = Buffer::default();
        buffer.push(b"the first of two texts");
        buffer.truncate(3);
        buffer.push_all(b"se");
        buffer.set(0, b'T');
        assert_eq!(buffer.as_bytes(), b"These");
        buffer.push(&vec![b'x'; 10_000]);
        buffer.clear();
        buffer.shrink_to(100);
        assert_eq!((buffer.as_bytes(), buffer.memory.len()), (&b""[..], 100));
    }
}
