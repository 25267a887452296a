//! What both languages' parsers share while they read: position, tokens, hints, caps and errors.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::names::{self, FieldNames};
use super::{Hint, MAX_CLAUSES, MAX_DEPTH, ParseOptions, SyntaxError, Token, TokenKind};

/// Most hints for one text; finding the field that was meant looks at every name there is.
const MAX_HINTS: usize = 5;

/// Why reading stopped, with byte offsets.
#[derive(Debug)]
pub(super) struct Fail {
    from: usize,
    to: usize,
    code: &'static str,
    params: BTreeMap<&'static str, String>,
}

impl Fail {
    pub(super) fn new(from: usize, to: usize, code: &'static str) -> Self {
        Fail {
            from,
            to,
            code,
            params: BTreeMap::new(),
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.insert(name, value.into());
        self
    }

    pub(super) fn at_units(self, at: &dyn Fn(usize) -> usize) -> SyntaxError {
        SyntaxError {
            from: at(self.from),
            to: at(self.to),
            code: self.code,
            params: self.params,
        }
    }
}

pub(super) type Outcome<T> = Result<T, Fail>;

/// A value as read: its text, and as a pattern if it has wildcards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Literal {
    /// The text with escapes resolved.
    pub(super) text: String,
    /// The text as a wildcard pattern: literal `*`, `?` and `\` are escaped.
    pub(super) pattern: String,
    /// The text has a wildcard that is not escaped.
    pub(super) has_wildcard: bool,
    /// The text was quoted.
    pub(super) is_quoted: bool,
}

impl Literal {
    pub(super) fn push(&mut self, character: char) {
        if matches!(character, '*' | '?' | '\\') {
            self.pattern.push('\\');
        }
        self.text.push(character);
        self.pattern.push(character);
    }

    pub(super) fn push_wildcard(&mut self, character: char) {
        self.text.push(character);
        self.pattern.push(character);
        self.has_wildcard = true;
    }

    /// Adds another word after a space.
    pub(super) fn join(&mut self, other: &Literal) {
        for (own, added) in [
            (&mut self.text, &other.text),
            (&mut self.pattern, &other.pattern),
        ] {
            own.push(' ');
            own.push_str(added);
        }
        self.has_wildcard |= other.has_wildcard;
    }
}

/// The state of reading one text.
pub(super) struct Context<'t> {
    pub(super) cursor: Cursor<'t>,
    pub(super) names: &'t dyn FieldNames,
    pub(super) options: &'t ParseOptions,
    tokens: Vec<(usize, usize, TokenKind)>,
    hints: Vec<(usize, usize, Hint)>,
    clauses: usize,
    depth: usize,
}

impl<'t> Context<'t> {
    pub(super) fn new(text: &'t str, names: &'t dyn FieldNames, options: &'t ParseOptions) -> Self {
        Context {
            cursor: Cursor::new(text),
            names,
            options,
            tokens: Vec::new(),
            hints: Vec::new(),
            clauses: 0,
            depth: 0,
        }
    }

    /// Marks everything from an offset up to here as one token.
    pub(super) fn token(&mut self, from: usize, kind: TokenKind) {
        self.tokens.push((from, self.cursor.at(), kind));
    }

    /// Goes back to an offset reached before.
    pub(super) fn set_back_to(&mut self, at: usize) {
        self.cursor.set_back_to(at);
    }

    /// Counts conditions against the cap.
    pub(super) fn count_clauses(&mut self, added: usize) -> Outcome<()> {
        self.clauses += added;
        if self.clauses > MAX_CLAUSES {
            let at = self.cursor.at();
            let fail = Fail::new(at, at, "too_many_clauses");
            return Err(fail.with("limit", MAX_CLAUSES.to_string()));
        }
        Ok(())
    }

    /// Goes one level deeper; [`Context::leave`] comes back.
    pub(super) fn enter(&mut self, from: usize) -> Outcome<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let fail = Fail::new(from, self.cursor.at(), "too_deep");
            return Err(fail.with("limit", MAX_DEPTH.to_string()));
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Notes a field that no document is known to have; the first few are enough.
    pub(super) fn check_field(&mut self, from: usize, to: usize, name: &str) {
        if self.hints.len() >= MAX_HINTS {
            return;
        }
        if let Some(did_you_mean) = names::unknown(name, self.names) {
            let hint = Hint {
                from,
                to,
                code: "unknown_field",
                field: Some(name.to_owned()),
                did_you_mean,
            };
            self.hints.push((from, to, hint));
        }
    }

    pub(super) fn hint(&mut self, from: usize, to: usize, code: &'static str) {
        let hint = Hint {
            from,
            to,
            code,
            field: None,
            did_you_mean: None,
        };
        self.hints.push((from, to, hint));
    }

    /// The error for whatever stands here and should not.
    pub(super) fn unexpected(&self) -> Fail {
        let from = self.cursor.at();
        match self.cursor.peek() {
            None => Fail::new(from, from, "expected_query"),
            Some(character) => Fail::new(from, from + character.len_utf8(), "unexpected_character")
                .with("character", character),
        }
    }

    /// Reads a quoted value whose opening quote comes next.
    ///
    /// `\"` and `\\` are the characters; with `keeps_unknown`, a backslash before anything else
    /// stays (KQL), otherwise it is dropped (Lucene).
    pub(super) fn quoted(&mut self, keeps_unknown: bool) -> Outcome<Literal> {
        let from = self.cursor.at();
        self.cursor.eat("\"");
        let mut literal = Literal {
            is_quoted: true,
            ..Literal::default()
        };
        loop {
            match self.cursor.bump() {
                None => return Err(Fail::new(from, self.cursor.at(), "unclosed_quote")),
                Some('"') => return Ok(literal),
                Some('\\') => match self.cursor.peek() {
                    None => return Err(Fail::new(from, self.cursor.at(), "unclosed_quote")),
                    Some(character @ ('"' | '\\')) => {
                        self.cursor.bump();
                        literal.push(character);
                    }
                    Some(_) if keeps_unknown => {
                        let escaped = self.control_or_unicode_escape();
                        literal.push(escaped.unwrap_or('\\'));
                    }
                    Some(_) => {
                        let escaped = self.unicode_escape().or_else(|| self.cursor.bump());
                        escaped.into_iter().for_each(|it| literal.push(it));
                    }
                },
                Some(character) => literal.push(character),
            }
        }
    }

    /// After a backslash: `t`, `r`, `n` or `uXXXX`; nothing is read if it is none of these.
    pub(super) fn control_or_unicode_escape(&mut self) -> Option<char> {
        let control = match self.cursor.peek()? {
            't' => '\t',
            'r' => '\r',
            'n' => '\n',
            _ => return self.unicode_escape(),
        };
        self.cursor.bump();
        Some(control)
    }

    /// After a backslash: `uXXXX`; nothing is read if it is not that.
    pub(super) fn unicode_escape(&mut self) -> Option<char> {
        let digits = self.cursor.rest().strip_prefix('u')?.get(..4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
        (0..5).for_each(|_| {
            self.cursor.bump();
        });
        Some(character)
    }

    pub(super) fn finish(self, at: &dyn Fn(usize) -> usize) -> (Vec<Token>, Vec<Hint>) {
        let tokens = self.tokens.into_iter().map(|(from, to, kind)| Token {
            from: at(from),
            to: at(to),
            kind,
        });
        let hints = self.hints.into_iter().map(|(from, to, hint)| Hint {
            from: at(from),
            to: at(to),
            ..hint
        });
        (tokens.collect(), hints.collect())
    }
}

/// The text at the front of `rest` is one value although it has a `:`: an IPv6 address or network,
/// an ARN, or a URL.
pub(super) fn is_value_with_colon(run: &str) -> bool {
    let is_address = run.bytes().filter(|byte| *byte == b':').count() >= 2
        && super::leaf::as_network(run).is_some();
    let is_url = run.split_once(':').is_some_and(|(scheme, rest)| {
        rest.starts_with("//") && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    is_address || is_url || run.starts_with("arn:aws:") || run.starts_with("arn:aws-")
}
