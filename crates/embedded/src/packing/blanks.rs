//! The blanks of JSON as Python writes it: one behind each `,` and `:`.

use std::slice::ChunksExact;

use wide::u8x16;

/// The text without the blank behind each separator; `None` if there is none behind one of them.
pub(super) fn without_blanks(text: &str) -> Option<String> {
    let mut without = String::with_capacity(text.len());
    let mut rest = 0;
    for behind in Separators::of(text) {
        without.push_str(text.get(rest..behind)?);
        rest = behind + 1;
        text.get(behind..rest).filter(|next| *next == " ")?;
    }
    without.push_str(text.get(rest..)?);
    Some(without)
}

/// The text with a blank behind each separator.
pub(super) fn with_blanks(text: &str) -> String {
    let mut with = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = 0;
    for behind in Separators::of(text) {
        with.extend([text.get(rest..behind).unwrap_or_default(), " "]);
        rest = behind;
    }
    with.push_str(text.get(rest..).unwrap_or_default());
    with
}

/// The places behind each `,` and `:` of a text that is not quoted.
///
/// What 64 bytes are is told by a bit each, so that a place takes a few operations instead of a few
/// for each byte.
struct Separators<'t> {
    blocks: ChunksExact<'t, u8>,
    /// Bytes before the block behind the one that is looked at.
    read: usize,
    /// Separators left in the block that is looked at.
    found: u64,
    /// All bits, if the next block begins inside quotes.
    quoted: u64,
    /// The first bit, if what is first in the next block stands behind a backslash.
    escaped: u64,
    has_rest: bool,
}

impl<'t> Separators<'t> {
    const BLOCK: usize = 64;

    fn of(text: &'t str) -> Self {
        Self {
            blocks: text.as_bytes().chunks_exact(Self::BLOCK),
            read: 0,
            found: 0,
            quoted: 0,
            escaped: 0,
            has_rest: true,
        }
    }

    /// Looks at the next block; `false` if there is none.
    fn advance(&mut self) -> bool {
        if let Some(block) = self.blocks.next() {
            let (parts, _) = block.as_chunks();
            self.look_at(parts);
            return true;
        }
        let has_rest = std::mem::take(&mut self.has_rest);
        if has_rest {
            let mut last = [0; Self::BLOCK];
            for (place, byte) in last.iter_mut().zip(self.blocks.remainder()) {
                *place = *byte;
            }
            self.look_at(last.as_chunks().0);
        }
        has_rest
    }

    fn look_at(&mut self, parts: &[[u8; 16]]) {
        let (mut quotes, mut backslashes, mut separators) = (0, 0, 0);
        for (at, part) in parts.iter().enumerate() {
            let bytes = u8x16::new(*part);
            let are = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
            let place = |mask: u8x16| u64::from(mask.to_bitmask()) << (16 * at);
            quotes |= place(are(b'"'));
            backslashes |= place(are(b'\\'));
            separators |= place(are(b',') | are(b':'));
        }
        // A backslash takes the meaning of what stands behind it, another backslash too.
        let mut escaped = std::mem::take(&mut self.escaped);
        let mut left = backslashes & !escaped;
        while left != 0 {
            let lowest = left & left.wrapping_neg();
            self.escaped |= lowest >> 63;
            escaped |= lowest << 1;
            left &= !(lowest | lowest << 1);
        }
        // From each quote on all bits are turned over.
        let mut quoted = quotes & !escaped;
        for shift in [1, 2, 4, 8, 16, 32] {
            quoted ^= quoted << shift;
        }
        quoted ^= self.quoted;
        self.quoted = 0u64.wrapping_sub(quoted >> 63);
        self.found = separators & !quoted;
        self.read += Self::BLOCK;
    }
}

impl Iterator for Separators<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            self.advance().then_some(())?;
        }
        let bit = self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        Some(self.read - Self::BLOCK + bit + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_found_outside_quotes_wherever_blocks_of_a_text_end() {
        let pieces = [
            r#"{"a, b": "#,
            r#""\\\", ", "#,
            r#""\\", "#,
            "ë, ",
            r"\, ",
            r#"\"x, "#,
            ":,",
        ];
        for length in 0..200 {
            let text: String = (0..length)
                .map(|at| pieces[(at * at + at / 3) % 7])
                .collect();
            for start in 0..70 {
                let Some(text) = text.get(start..) else {
                    continue;
                };
                let (mut is_quoted, mut is_escaped, mut expected) = (false, false, Vec::new());
                for (at, byte) in text.bytes().enumerate() {
                    match byte {
                        b'"' if !is_escaped => is_quoted = !is_quoted,
                        b',' | b':' if !is_quoted => expected.push(at + 1),
                        _ => {}
                    }
                    is_escaped = byte == b'\\' && !is_escaped;
                }
                assert_eq!(Separators::of(text).collect::<Vec<_>>(), expected, "{text}");
            }
        }
    }
}
