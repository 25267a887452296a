//! The text that was read, of which most texts of a document are parts.

use crate::escape::{BLOCK, block_at, plain_run};

/// The text of which most texts of a document are parts.
///
/// What stands behind a part may be copied with it, so its odd length does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Source<'t> {
    text: &'t str,
    /// So many bytes at the start are known to mean the same in a JSON string.
    literal: usize,
}

impl<'t> Source<'t> {
    /// A text that was read.
    #[inline]
    pub fn new(text: &'t str) -> Self {
        Source { text, literal: 0 }
    }

    /// A text that begins with a line of a number of bytes. How much of the line is the same in
    /// JSON is found out once, and not for each part again.
    #[inline]
    pub fn of_line(text: &'t str, length: usize) -> Self {
        let line = text.as_bytes().get(..length).unwrap_or_default();
        Source {
            text,
            literal: plain_run(line),
        }
    }

    /// All of it.
    #[inline]
    pub(crate) fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// Where a text begins, if it is a part: no other text lies there.
    #[inline]
    pub(crate) fn start_of(&self, part: &[u8]) -> usize {
        (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize)
    }

    /// The block from a place on, if there are as many bytes.
    #[inline]
    pub(crate) fn block_at(&self, start: usize) -> Option<&'t [u8; BLOCK]> {
        block_at(self.text.as_bytes(), start)
    }

    /// Whether what stands from a place in the text on is known to mean the same in a JSON string.
    #[inline]
    pub(crate) fn is_literal(&self, start: usize, length: usize) -> bool {
        start + length <= self.literal
    }

    /// What stands in JSON for a part, if it is known to mean the same there.
    #[inline]
    pub fn json_of<'p>(&self, part: &'p str) -> Option<&'p [u8]> {
        let start = self.start_of(part.as_bytes());
        (start <= self.text.len() && self.is_literal(start, part.len())).then_some(part.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_literal_up_to_what_json_escapes() {
        for (text, length, literal) in [
            ("", 0, 0),
            ("abc\ndef", 3, 3),
            ("abc\ndef", 2, 2),
            ("abc\tdef", 7, 3),
            ("twenty bytes \"of text\"", 22, 13),
            ("some more than sixteen bytes", 28, 28),
            ("some more than sixteen bytes\\", 29, 28),
            ("sixteen byte is a\u{1f}", 18, 17),
            ("日本語の文字列です\u{7f}", 28, 28),
        ] {
            let source = Source::of_line(text, length);
            for start in 0..=text.len() {
                for end in start..=text.len() {
                    let Some(part) = text.get(start..end) else {
                        continue;
                    };
                    let expected = (end <= literal).then_some(part.as_bytes());
                    assert_eq!(source.json_of(part), expected, "{part:?} of {text:?}");
                }
            }
            assert_eq!(source.json_of("another text"), None);
            let unknown = Source::new(text).json_of(text);
            assert_eq!(unknown.is_some(), text.is_empty());
        }
    }
}
