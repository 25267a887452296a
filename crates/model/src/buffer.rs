//! Memory into which text is written block by block.

use crate::escape::{
    BLOCK, LONGEST_ESCAPE, block_at, escape_of, first_special, is_plain_block, plain_run,
};

/// Room for a short text with what stands around it.
const SHORT_ROOM: usize = 2 * BLOCK;

/// Bytes of a long text that are written at a time: room is made for them as if all were escaped.
const PIECE: usize = 1 << 12;

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

    /// Appends the first bytes of a block with other bytes in front and behind.
    #[inline]
    pub(crate) fn push_start_between<const A: usize, const B: usize>(
        &mut self,
        before: &[u8; A],
        block: &[u8; BLOCK],
        length: usize,
        behind: &[u8; B],
    ) {
        let room: &mut [u8; SHORT_ROOM] = self.room();
        room[..A].copy_from_slice(before);
        room[A..A + BLOCK].copy_from_slice(block);
        let end = A + length.min(BLOCK);
        room[end..end + B].copy_from_slice(behind);
        self.length += end + B;
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
    fn push_blocks(&mut self, text: &[u8]) {
        text.chunks(PIECE).for_each(|piece| self.push_piece(piece));
    }

    /// Appends a part of such a text, for which there is room whatever is in it.
    #[inline(never)]
    fn push_piece(&mut self, text: &[u8]) {
        let end = self.length + text.len() * LONGEST_ESCAPE + BLOCK;
        if end > self.memory.len() {
            self.grow(end);
        }
        let room = &mut self.memory[self.length..end];
        let (mut at, mut written) = (0, 0);
        while let Some(block) = block_at(text, at) {
            let run = first_special(*block);
            room[written..written + BLOCK].copy_from_slice(block);
            written += run;
            at += run;
            if run < BLOCK {
                let (escape, length) = escape_of(block[run]);
                room[written..written + LONGEST_ESCAPE].copy_from_slice(&escape);
                written += length;
                at += 1;
            }
        }
        let rest = text.get(at..).unwrap_or_default();
        if let Some(last) = text.last_chunk::<BLOCK>()
            && is_plain_block(*last)
        {
            // Nothing in this block is escaped, so its beginning stands there already as it is.
            written -= BLOCK - rest.len();
            room[written..written + BLOCK].copy_from_slice(last);
            self.length += written + BLOCK;
            return;
        }
        for byte in rest {
            let (escape, length) = match plain_run(&[*byte]) {
                0 => escape_of(*byte),
                _ => ([*byte; LONGEST_ESCAPE], 1),
            };
            room[written..written + LONGEST_ESCAPE].copy_from_slice(&escape);
            written += length;
        }
        self.length += written;
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
        } else if let (Some(first), Some(last)) = (bytes.first(), bytes.last()) {
            // Of up to three bytes the one in the middle is the first, the second or the last.
            let byte = |byte: u8, at: usize| u64::from(byte) << (8 * at);
            let (middle, end) = (length / 2, length - 1);
            let blanks = BLANKS << (8 * length);
            let all = byte(*first, 0) | byte(bytes[middle], middle) | byte(*last, end);
            (all | blanks, BLANKS)
        } else {
            (BLANKS, BLANKS)
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
        is_plain_block(block.to_le_bytes())
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
    fn long_texts_are_escaped_as_serde_json_does() {
        for odd in ["", "\"", "\u{1}\\", "é"] {
            let text = format!("{}{odd}", "some text ".repeat(50)).repeat(30);
            let mut buffer = Buffer::default();
            buffer.push_string(&text);
            let expected = serde_json::to_string(&text).unwrap();
            assert_eq!(std::str::from_utf8(buffer.as_bytes()), Ok(&*expected));
        }
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
