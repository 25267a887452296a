//! Memory into which text is written block by block.

use crate::Source;
use crate::escape::{
    BLOCK, LONGEST_ESCAPE, block_at, escape_of, first_special, is_plain_block, plain_run, specials,
};

/// Room for a short text with what stands around it.
const SHORT_ROOM: usize = 2 * BLOCK;

/// The longest text that is tried as one in which nothing is escaped: with the length grows how
/// much would be in vain.
const PLAIN: usize = 16 * BLOCK;

/// The longest member that is copied as it stands: a word has a bit for each of its bytes.
const WHOLE: usize = u64::BITS as usize;

/// Room for what stands in front of a text.
const LONGEST_OPENING: usize = 2 * BLOCK;

/// From this length on bytes are copied by a call, which takes as long as copying some blocks.
const LONG: usize = 4 * BLOCK;

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

    /// Appends the first of bytes whose number is known when this is compiled.
    #[inline]
    pub(crate) fn push_start<const N: usize>(&mut self, block: &[u8; N], length: usize) {
        *self.room() = *block;
        self.length += length;
    }

    /// Appends what stands in front of a text.
    #[inline]
    pub(crate) fn push_opening(&mut self, opening: &Opening) {
        self.push_start(&opening.bytes, opening.length);
    }

    /// Appends what stands in front of a value of a member that is no text.
    #[inline]
    pub(crate) fn push_key(&mut self, opening: &Opening) {
        self.push_start(&opening.bytes, opening.length - 1);
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
        if bytes.len() >= LONG {
            return self.push_long(bytes);
        }
        let length = bytes.len();
        if let (Some(first), Some(last)) =
            (bytes.first_chunk::<BLOCK>(), bytes.last_chunk::<BLOCK>())
        {
            // Two blocks of each end: they overlap, so that any length is written by four.
            let room: &mut [u8; LONG] = self.room();
            let (left, right) = (BLOCK.min(length - BLOCK), length.saturating_sub(2 * BLOCK));
            room[..BLOCK].copy_from_slice(first);
            room[left..left + BLOCK].copy_from_slice(&bytes[left..left + BLOCK]);
            room[right..right + BLOCK].copy_from_slice(&bytes[right..right + BLOCK]);
            room[length - BLOCK..length].copy_from_slice(last);
        } else if let Some(short) = Short::new(bytes) {
            short.write(self.room::<BLOCK>());
        }
        self.length += length;
    }

    fn push_long(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if end > self.memory.len() {
            self.grow(end);
        }
        self.memory[self.length..end].copy_from_slice(bytes);
        self.length = end;
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

    /// Appends a JSON string with what stands in front of it, if it is a short part of the source
    /// in which nothing is to be escaped and there is room; else appends nothing.
    #[inline]
    pub(crate) fn push_part(
        &mut self,
        opening: &Opening,
        text: &[u8],
        source: &Source<'_>,
    ) -> bool {
        // A whole block is taken, with what stands behind the text, so that its odd length needs no
        // decisions.
        let (start, length) = (source.start_of(text), text.len());
        let Some(block) = source.block_at(start).filter(|_| length <= BLOCK) else {
            return false;
        };
        if !source.is_literal(start, length) && specials(*block) & !(u32::MAX << length) != 0 {
            return false;
        }
        // Nothing is called to make room, so that no registers are put aside.
        let Some(room) = self.ready_room::<{ LONGEST_OPENING + SHORT_ROOM }>() else {
            return false;
        };
        let at = opening.write(room);
        room[at..at + BLOCK].copy_from_slice(block);
        room[at + length] = b'"';
        self.length += at + length + 1;
        true
    }

    /// Appends a comma and a member as it stands in the source, `"key":"text"`, if it does so, is
    /// no longer than some blocks, and nothing in it is to be escaped; else appends nothing.
    #[inline]
    pub(crate) fn push_whole<const BLOCKS: usize>(
        &mut self,
        key: &[u8],
        text: &[u8],
        source: &[u8],
    ) -> bool {
        let start = (key.as_ptr() as usize)
            .wrapping_sub(source.as_ptr() as usize)
            .wrapping_sub(1);
        let (colon, length) = (key.len() + 2, key.len() + text.len() + 5);
        let text_at = key.as_ptr() as usize + key.len() + 3;
        let Some(blocks) = source
            .get(start..)
            .and_then(|rest| rest.first_chunk::<WHOLE>())
        else {
            return false;
        };
        if length > BLOCKS * BLOCK || text.as_ptr() as usize != text_at || blocks[colon] != b':' {
            return false;
        }
        // The four quotes, and nothing else that means something in JSON.
        let mut found = 0;
        for (number, block) in blocks.as_chunks().0.iter().take(BLOCKS).enumerate() {
            found |= u64::from(specials(*block)) << (number * BLOCK);
        }
        let quotes = 1 | 0b101 << (colon - 1) | 1 << (length - 1);
        if found & (u64::MAX >> (WHOLE - length)) != quotes {
            return false;
        }
        let room: &mut [u8; 1 + WHOLE] = self.room();
        room[0] = b',';
        room[1..1 + BLOCKS * BLOCK].copy_from_slice(&blocks[..BLOCKS * BLOCK]);
        self.length += 1 + length;
        true
    }

    /// Appends a JSON string with what stands in front of it, if it is short, nothing in it is to be
    /// escaped and there is room; else appends nothing.
    ///
    /// It calls nothing, so that it needs no registers but those it is given.
    #[inline(always)]
    pub(crate) fn push_short(&mut self, opening: &Opening, text: &[u8]) -> bool {
        let Some(room) = self.ready_room::<{ LONGEST_OPENING + SHORT_ROOM + 1 }>() else {
            return false;
        };
        if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            // Identifiers and instants are as long. The blocks overlap, so that any length is
            // written by two of them.
            if text.len() > 2 * BLOCK || specials(*first) | specials(*last) != 0 {
                return false;
            }
            let at = opening.write(room);
            let end = at + text.len();
            room[at..at + BLOCK].copy_from_slice(first);
            room[end - BLOCK..end].copy_from_slice(last);
            room[end] = b'"';
            self.length += end + 1;
            return true;
        }
        match Short::new(text) {
            Some(short) if short.is_plain() => {
                let at = opening.write(room);
                short.write(&mut room[at..]);
                room[at + text.len()] = b'"';
                self.length += at + text.len() + 1;
                true
            }
            _ => false,
        }
    }

    /// Appends a JSON string with what stands in front of it.
    #[inline(always)]
    pub(crate) fn push_quoted(&mut self, opening: &Opening, text: &[u8]) {
        if !self.push_short(opening, text) {
            self.push_rare(opening, text);
        }
    }

    /// Does the same for a text that [`Buffer::push_short`] did not take.
    pub(crate) fn push_rare(&mut self, opening: &Opening, text: &[u8]) {
        self.push_opening(opening);
        self.push_blocks(text);
        self.push_all(b"\"");
    }

    /// Appends a text in which nothing is escaped; appends nothing if something is, or if the text
    /// is shorter than a block or long.
    fn push_plain(&mut self, text: &[u8]) -> bool {
        let Some(last) = text.last_chunk().filter(|_| text.len() <= PLAIN) else {
            return false;
        };
        let end = self.length + text.len();
        if end > self.memory.len() {
            self.grow(end);
        }
        let room = &mut self.memory[self.length..end];
        let mut found = specials(*last);
        for (block, room) in text.as_chunks().0.iter().zip(room.as_chunks_mut().0) {
            found |= specials(*block);
            *room = *block;
        }
        if let Some(room) = room.last_chunk_mut() {
            *room = *last;
        }
        if found == 0 {
            self.length = end;
        }
        found == 0
    }

    /// Appends what stands between the quotes of the JSON string of any text.
    fn push_blocks(&mut self, text: &[u8]) {
        if !self.push_plain(text) {
            text.chunks(PIECE).for_each(|piece| self.push_piece(piece));
        }
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
        // Asked for twice in the same words, so that it is looked at once.
        let room = self.memory.get(self.length..);
        if room.is_none_or(|room| room.len() < N) {
            self.grow(self.length + N);
        }
        #[expect(clippy::expect_used, reason = "the memory has grown to hold it")]
        self.ready_room().expect("room behind the text")
    }

    /// The same if there is as much already.
    #[inline(always)]
    fn ready_room<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        self.memory.get_mut(self.length..)?.first_chunk_mut()
    }

    #[cold]
    fn grow(&mut self, least: usize) {
        let bytes = least.max(2 * self.memory.len()).max(LEAST_BYTES);
        self.memory.resize(bytes, 0);
    }
}

/// What stands in front of a text in JSON, up to and with its opening quote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opening {
    /// Only the beginning counts.
    bytes: [u8; LONGEST_OPENING],
    length: usize,
}

impl Opening {
    /// The quote alone.
    pub(crate) const TEXT: Opening = Opening::new(b"\"");

    /// What stands in front of the key of a member.
    pub(crate) const KEY: Opening = Opening::new(b",\"");

    const fn new(text: &[u8]) -> Opening {
        let mut bytes = [b' '; LONGEST_OPENING];
        let (start, _) = bytes.split_at_mut(text.len());
        start.copy_from_slice(text);
        Opening {
            bytes,
            length: text.len(),
        }
    }

    /// The end of a text as an opening, as much as that holds, and what stands before it.
    pub(crate) fn end_of(text: &[u8]) -> (&[u8], Opening) {
        let (front, end) = text.split_at(text.len().saturating_sub(LONGEST_OPENING));
        (front, Opening::new(end))
    }

    /// Writes it to the start of memory that has room for the longest, and gives its length.
    #[inline]
    fn write(&self, room: &mut [u8]) -> usize {
        room[..LONGEST_OPENING].copy_from_slice(&self.bytes);
        self.length.min(LONGEST_OPENING)
    }

    /// What stands in front of the text of a member with this key, unless that is long or
    /// something in the key is to be escaped.
    pub(crate) const fn of_member(key: &str) -> Option<Opening> {
        let (key, mut bytes) = (key.as_bytes(), [b' '; LONGEST_OPENING]);
        let length = key.len() + 5;
        if length > LONGEST_OPENING {
            return None;
        }
        (bytes[0], bytes[1]) = (b',', b'"');
        let mut at = 0;
        while at < key.len() {
            if key[at] < b' ' || matches!(key[at], b'"' | b'\\') {
                return None;
            }
            bytes[2 + at] = key[at];
            at += 1;
        }
        (bytes[length - 3], bytes[length - 2], bytes[length - 1]) = (b'"', b':', b'"');
        Some(Opening { bytes, length })
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
    fn parts_of_a_text_are_escaped_as_serde_json_does() {
        let source = texts().collect::<String>();
        let (mut buffer, mut expected) = (Buffer::default(), String::new());
        // The first of its bytes are seen before, as those of a line are.
        let known = Source::of_line(&source, source.len());
        for start in 0..source.len() {
            // Behind the last parts stands less than a block.
            for length in [0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 100, 200] {
                if let Some(part) = source.get(start..start + length) {
                    let bytes = part.as_bytes();
                    if !buffer.push_part(&Opening::KEY, bytes, &known) {
                        buffer.push_quoted(&Opening::KEY, bytes);
                    }
                    expected += ",";
                    expected += &serde_json::to_string(part).unwrap();
                }
            }
        }
        assert!(buffer.as_bytes() == expected.as_bytes());
    }

    #[test]
    fn a_key_is_ready_if_it_is_short_and_plain() {
        for (key, is_ready) in [
            ("", true),
            ("a", true),
            ("@log_s3bucket", true),
            ("キー", true),
            ("27 bytes in such a long key", true),
            ("28 bytes in the longest keys", false),
            ("a\"b", false),
            ("a\\b", false),
            ("a\nb", false),
        ] {
            let opening = Opening::of_member(key);
            let opening = opening.map(|opening| opening.bytes[..opening.length].to_vec());
            let expected = format!(",{}:\"", serde_json::to_string(key).unwrap());
            assert_eq!(opening, is_ready.then(|| expected.into_bytes()), "{key}");
        }
    }

    #[test]
    fn bytes_of_every_length_are_appended() {
        let (mut buffer, mut expected) = (Buffer::default(), Vec::new());
        let long: String = ('a'..='z').cycle().take(200).collect();
        let longer = (0..long.len()).map(|length| long[..length].to_owned());
        for text in texts().chain(longer) {
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
