//! How text is cut into words: runs of letters, digits and `_` in lower case; each ideograph alone.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use wide::u8x16;

/// Name under which the tokenizer is registered.
pub(crate) const NAME: &str = "yagura_words";

/// Longest word in bytes; what is longer is cut into pieces.
const MAX_WORD_BYTES: usize = 128;

/// The tokenizer of analysed text. Its memory serves one text after the other.
#[derive(Clone, Default)]
pub(crate) struct Words {
    token: Token,
    lower: String,
    blocks: Vec<Block>,
}

pub(crate) struct WordStream<'a> {
    text: &'a str,
    /// The text with its ASCII letters in lower case.
    lower: &'a str,
    blocks: &'a [Block],
    at: usize,
    token: &'a mut Token,
}

/// What 64 bytes of a text are, a bit each. Where words begin and end is found from these with few
/// operations a word, instead of a few for each byte.
#[derive(Debug, Clone, Copy)]
struct Block {
    /// ASCII letters, digits and `_`.
    word: u64,
    /// Bytes of characters that are not ASCII.
    other: u64,
}

impl Block {
    const BYTES: usize = 64;

    fn of(bytes: &[u8; Self::BYTES]) -> Self {
        let (parts, _) = bytes.as_chunks();
        let mut block = Self { word: 0, other: 0 };
        for (at, part) in parts.iter().enumerate() {
            let bytes = u8x16::new(*part);
            let between = |first: u8, last: u8| {
                let from_first = bytes - u8x16::splat(first);
                let inside = from_first.min(u8x16::splat(last - first));
                inside.simd_eq(from_first)
            };
            let letters = between(b'a', b'z') | between(b'A', b'Z');
            let underscores = bytes.simd_eq(u8x16::splat(b'_'));
            let word = letters | between(b'0', b'9') | underscores;
            block.word |= u64::from(word.to_bitmask()) << (16 * at);
            block.other |= u64::from(bytes.to_bitmask()) << (16 * at);
        }
        block
    }
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        self.lower.clear();
        self.lower.push_str(text);
        self.lower.make_ascii_lowercase();
        self.blocks.clear();
        let (whole, rest) = text.as_bytes().as_chunks();
        self.blocks.extend(whole.iter().map(Block::of));
        let mut last = [0; Block::BYTES];
        if let Some(place) = last.get_mut(..rest.len()) {
            place.copy_from_slice(rest);
        }
        // The zeros behind the text belong to no word.
        self.blocks.push(Block::of(&last));
        WordStream {
            text,
            lower: &self.lower,
            blocks: &self.blocks,
            at: 0,
            token: &mut self.token,
        }
    }
}

/// Scripts written without spaces, where every character is a word of its own.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

impl WordStream<'_> {
    /// The first byte from a place on whose bit is set; the end of the text if there is none.
    #[inline]
    fn find(&self, from: usize, bits: impl Fn(&Block) -> u64) -> usize {
        let mut at = from / Block::BYTES;
        let mut passed = from % Block::BYTES;
        while let Some(block) = self.blocks.get(at) {
            let left = bits(block) >> passed << passed;
            if left != 0 {
                let found = at * Block::BYTES + left.trailing_zeros() as usize;
                return found.min(self.text.len());
            }
            at += 1;
            passed = 0;
        }
        self.text.len()
    }

    /// Copies an ASCII word; says where it ends.
    fn take_ascii(&mut self, start: usize) -> usize {
        let end = self.find(start, |block| !block.word);
        let end = end.min(start + MAX_WORD_BYTES);
        let word = self.lower.get(start..end).unwrap_or_default();
        self.token.text.push_str(word);
        end
    }

    fn take_rest(&mut self, mut end: usize) -> usize {
        for c in self.text.get(end..).unwrap_or_default().chars() {
            let is_word = (c.is_alphanumeric() || c == '_') && !is_ideograph(c);
            if !is_word || self.token.text.len() + 4 > MAX_WORD_BYTES {
                break;
            }
            self.token.text.extend(c.to_lowercase());
            end += c.len_utf8();
        }
        end
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        self.token.text.clear();
        let mut start = self.at;
        let first = loop {
            start = self.find(start, |block| block.word | block.other);
            let rest = self.text.get(start..).unwrap_or_default();
            let Some(first) = rest.chars().next() else {
                self.at = start;
                return false;
            };
            if first.is_ascii() || first.is_alphanumeric() {
                break first;
            }
            start += first.len_utf8();
        };
        let end = if is_ideograph(first) {
            self.token.text.push(first);
            start + first.len_utf8()
        } else {
            let end = self.take_ascii(start);
            match bytes.get(end) {
                Some(byte) if !byte.is_ascii() => self.take_rest(end),
                _ => end,
            }
        };
        // A word too long to take even one more character must still move on.
        let end = end.max(start + first.len_utf8());
        self.token.offset_from = start;
        self.token.offset_to = end;
        self.token.position = self.token.position.wrapping_add(1);
        self.at = end;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// The words of a text.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut tokenizer = Words::default();
    let mut stream = tokenizer.token_stream(text);
    let mut words = Vec::new();
    while stream.advance() {
        words.push(stream.token().text.clone());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_into_words() {
        let long = "x".repeat(300);
        let cases: [(&str, &[&str]); 8] = [
            ("", &[]),
            (
                "{\"eventName\": \"ConsoleLogin\"}",
                &["eventname", "consolelogin"],
            ),
            (
                "10.0.1.5 ACCEPT log_status",
                &["10", "0", "1", "5", "accept", "log_status"],
            ),
            ("ログイン failed", &["ロ", "グ", "イ", "ン", "failed"]),
            ("Größe ÄÖ_1", &["größe", "äö_1"]),
            ("a…b\u{a0}c", &["a", "b", "c"]),
            ("- / ", &[]),
            ("@[`{/:A-Z_a.z0~9", &["a", "z_a", "z0", "9"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), expected, "{text}");
        }
        // Words and others in every place of a block, and over its end.
        for blanks in 0..130 {
            let text = format!("{}AB…c ドd_{}", " ".repeat(blanks), "-".repeat(blanks));
            assert_eq!(words(&text), ["ab", "c", "ド", "d_"], "{text}");
        }
        assert_eq!(
            words(&long).iter().map(String::len).collect::<Vec<_>>(),
            [128, 128, 44]
        );
    }
}
