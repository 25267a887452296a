//! How text is cut into words: runs of letters, digits and `_` in lower case; each ideograph alone.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Name under which the tokenizer is registered.
pub(crate) const NAME: &str = "yagura_words";

/// Longest word in bytes; what is longer is cut into pieces.
const MAX_WORD_BYTES: usize = 128;

/// The tokenizer of analysed text.
#[derive(Clone, Default)]
pub(crate) struct Words {
    token: Token,
}

pub(crate) struct WordStream<'a> {
    text: &'a str,
    at: usize,
    token: &'a mut Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream {
            text,
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
    /// Copies an ASCII word; says where it ends.
    fn take_ascii(&mut self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut end = start;
        while end - start < MAX_WORD_BYTES {
            match bytes.get(end) {
                Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'_' => end += 1,
                _ => break,
            }
        }
        self.token
            .text
            .push_str(self.text.get(start..end).unwrap_or_default());
        self.token.text.make_ascii_lowercase();
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
        loop {
            let Some(byte) = bytes.get(start) else {
                self.at = start;
                return false;
            };
            if byte.is_ascii() {
                if byte.is_ascii_alphanumeric() || *byte == b'_' {
                    break;
                }
                start += 1;
                continue;
            }
            let c = self
                .text
                .get(start..)
                .and_then(|rest| rest.chars().next())
                .unwrap_or(' ');
            if c.is_alphanumeric() {
                break;
            }
            start += c.len_utf8();
        }
        let first = self
            .text
            .get(start..)
            .and_then(|rest| rest.chars().next())
            .unwrap_or(' ');
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
        let cases: [(&str, &[&str]); 7] = [
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
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), expected, "{text}");
        }
        assert_eq!(
            words(&long).iter().map(String::len).collect::<Vec<_>>(),
            [128, 128, 44]
        );
    }
}
