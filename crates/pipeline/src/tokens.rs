//! A cursor over a line of tokens, for the tokenisers of packs.

/// Takes a line apart from its start; every method gives `None` when the line is not as expected.
pub struct Tokens<'l> {
    rest: &'l str,
}

impl<'l> Tokens<'l> {
    /// A cursor at the start of the line.
    pub fn new(line: &'l str) -> Self {
        Tokens { rest: line }
    }

    /// What is left of the line.
    pub fn rest(&self) -> &'l str {
        self.rest
    }

    /// Takes the text up to a delimiter, and the delimiter.
    pub fn until(&mut self, delimiter: u8) -> Option<&'l str> {
        let at = memchr::memchr(delimiter, self.rest.as_bytes())?;
        let token = &self.rest[..at];
        self.rest = &self.rest[at + 1..];
        Some(token)
    }

    /// Takes the text up to the next blank or the end of the line; the blank stays.
    pub fn word(&mut self) -> &'l str {
        self.word_before(b' ')
    }

    /// Takes the text up to the next delimiter or the end of the line; the delimiter stays.
    pub fn word_before(&mut self, delimiter: u8) -> &'l str {
        let bytes = self.rest.as_bytes();
        let at = memchr::memchr(delimiter, bytes).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(at);
        self.rest = rest;
        word
    }

    /// Takes exactly this text.
    pub fn literal(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    /// Takes a text in double quotes that holds none.
    pub fn quoted(&mut self) -> Option<&'l str> {
        self.literal("\"")?;
        self.until(b'"')
    }

    /// Takes the text up to a blank, and the blank; all its bytes must be of a kind.
    pub fn word_of(&mut self, is_member: impl Fn(u8) -> bool) -> Option<&'l str> {
        let word = self.until(b' ')?;
        word.bytes().all(is_member).then_some(word)
    }
}
