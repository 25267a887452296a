//! KQL, called DQL in OpenSearch Dashboards: `field: value and not (other >= 5 or text)`.

use super::TokenKind;
use super::context::{Context, Fail, Literal, Outcome, is_value_with_colon};
use super::leaf::{self, Field};
use crate::query::{Bound, Query};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    And,
    Or,
    Not,
}

/// What a condition inside the current parentheses is.
enum Scope<'f> {
    /// A whole condition; fields are below `prefix`, which is empty outside `field:{…}`.
    Conditions { prefix: &'f str },
    /// A value of this field: inside `field:(…)`.
    Values { field: &'f Field },
}

/// One unquoted word.
struct Word {
    from: usize,
    to: usize,
    literal: Literal,
}

/// Reads the whole text.
pub(super) fn parse(context: &mut Context<'_>) -> Outcome<Query> {
    context.cursor.skip_space();
    if context.cursor.is_end() {
        return Ok(Query::MatchAll);
    }
    let mut parser = Parser { context };
    let query = parser.any(&Scope::Conditions { prefix: "" })?;
    parser.context.cursor.skip_space();
    if parser.context.cursor.is_end() {
        return Ok(query);
    }
    Err(parser.missing_operator())
}

struct Parser<'c, 't> {
    context: &'c mut Context<'t>,
}

impl Parser<'_, '_> {
    fn any(&mut self, scope: &Scope<'_>) -> Outcome<Query> {
        let mut queries = vec![self.all(scope)?];
        while self.eat_keyword(Keyword::Or) {
            queries.push(self.all(scope)?);
        }
        Ok(leaf::any(queries))
    }

    fn all(&mut self, scope: &Scope<'_>) -> Outcome<Query> {
        let mut queries = vec![self.negatable(scope)?];
        while self.eat_keyword(Keyword::And) {
            queries.push(self.negatable(scope)?);
        }
        Ok(leaf::all(queries))
    }

    fn negatable(&mut self, scope: &Scope<'_>) -> Outcome<Query> {
        let mut is_negated = false;
        while self.eat_keyword(Keyword::Not) {
            is_negated = !is_negated;
        }
        let query = self.single(scope)?;
        Ok(if is_negated { leaf::not(query) } else { query })
    }

    fn single(&mut self, scope: &Scope<'_>) -> Outcome<Query> {
        self.context.cursor.skip_space();
        if self.context.cursor.peek() == Some('(') {
            return self.group('(', ')', scope);
        }
        match scope {
            Scope::Conditions { prefix } => self.condition(prefix),
            Scope::Values { field } => {
                let Some(value) = self.value(true)? else {
                    return Err(self.expected_value(field));
                };
                leaf::value(self.context, Some(field), &value, 0)
            }
        }
    }

    fn group(&mut self, open: char, close: char, scope: &Scope<'_>) -> Outcome<Query> {
        let from = self.context.cursor.at();
        self.context.cursor.bump();
        self.context.token(from, TokenKind::Bracket);
        self.context.enter(from)?;
        let query = self.any(scope)?;
        self.context.leave();
        self.context.cursor.skip_space();
        let end = self.context.cursor.at();
        if self.context.cursor.is_end() {
            let fail = Fail::new(from, from + open.len_utf8(), "unclosed_group");
            return Err(fail.with("open", open));
        }
        if self.context.cursor.peek() != Some(close) {
            return Err(self.missing_operator());
        }
        self.context.cursor.bump();
        self.context.token(end, TokenKind::Bracket);
        Ok(query)
    }

    /// `field: …`, `field < …`, or a value without a field.
    fn condition(&mut self, prefix: &str) -> Outcome<Query> {
        let start = self.context.cursor;
        let run = start.run(|it| it.is_whitespace() || matches!(it, '(' | ')' | '"' | '{' | '}'));
        if !is_value_with_colon(run)
            && let Some(field) = self.field(prefix)?
        {
            return self.on_field(&field);
        }
        self.context.cursor = start;
        let Some(value) = self.value(is_value_with_colon(run))? else {
            return Err(self.context.unexpected());
        };
        if prefix.is_empty() {
            return leaf::value(self.context, None, &value, 0);
        }
        let below = Field {
            name: format!("{prefix}.*"),
            has_wildcard: true,
            from: start.at(),
            to: self.context.cursor.at(),
        };
        leaf::value(self.context, Some(&below), &value, 0)
    }

    /// A field name if an operator follows it.
    fn field(&mut self, prefix: &str) -> Outcome<Option<Field>> {
        let from = self.context.cursor.at();
        let literal = if self.context.cursor.peek() == Some('"') {
            self.context.quoted(true)?
        } else {
            match self.word(false)? {
                Some(word) => word.literal,
                None => return Ok(None),
            }
        };
        let to = self.context.cursor.at();
        let end_of_name = self.context.cursor;
        self.context.cursor.skip_space();
        if !matches!(self.context.cursor.peek(), Some(':' | '<' | '>')) {
            return Ok(None);
        }
        let operator = self.context.cursor;
        self.context.cursor = end_of_name;
        self.context.token(from, TokenKind::Field);
        self.context.cursor = operator;
        let name = match prefix {
            "" => literal.text,
            prefix => format!("{prefix}.{}", literal.text),
        };
        self.context.check_field(from, to, &name);
        Ok(Some(Field {
            name,
            has_wildcard: literal.has_wildcard,
            from,
            to,
        }))
    }

    fn on_field(&mut self, field: &Field) -> Outcome<Query> {
        let from = self.context.cursor.at();
        if self.context.cursor.eat(":") {
            self.context.token(from, TokenKind::Operator);
            self.context.cursor.skip_space();
        }
        match self.context.cursor.peek() {
            Some('<' | '>') => self.comparison(field),
            Some('(') => self.group('(', ')', &Scope::Values { field }),
            Some('{') => self.group(
                '{',
                '}',
                &Scope::Conditions {
                    prefix: &field.name,
                },
            ),
            _ => {
                let Some(value) = self.value(true)? else {
                    return Err(self.expected_value(field));
                };
                if value.has_wildcard && value.text.chars().all(|it| it == '*') {
                    return leaf::exists(self.context, field);
                }
                leaf::value(self.context, Some(field), &value, 0)
            }
        }
    }

    fn comparison(&mut self, field: &Field) -> Outcome<Query> {
        let from = self.context.cursor.at();
        let is_less = self.context.cursor.bump() == Some('<');
        let is_included = self.context.cursor.eat("=");
        self.context.token(from, TokenKind::Operator);
        self.context.cursor.skip_space();
        let value = if self.context.cursor.peek() == Some('"') {
            Some(self.quoted()?)
        } else {
            self.value_word()?.map(|word| word.literal)
        };
        let Some(value) = value else {
            return Err(self.expected_value(field));
        };
        let bound = if is_included {
            Bound::Included(value.text)
        } else {
            Bound::Excluded(value.text)
        };
        let (lower, upper) = if is_less {
            (Bound::Unbounded, bound)
        } else {
            (bound, Bound::Unbounded)
        };
        leaf::range(self.context, field, lower, upper)
    }

    /// A quoted value, or unquoted words up to the next operator.
    fn value(&mut self, takes_colon: bool) -> Outcome<Option<Literal>> {
        if self.context.cursor.peek() == Some('"') {
            return self.quoted().map(Some);
        }
        let first = if takes_colon {
            self.value_word()?
        } else {
            let word = self.word(false)?;
            word.inspect(|word| self.value_token(word))
        };
        let Some(Word { mut literal, .. }) = first else {
            return Ok(None);
        };
        loop {
            let before = self.context.cursor;
            self.context.cursor.skip_space();
            let Some(word) = self.word(false)? else {
                self.context.cursor = before;
                return Ok(Some(literal));
            };
            self.context.cursor.skip_space();
            let is_next_condition = matches!(self.context.cursor.peek(), Some(':' | '<' | '>'));
            if is_next_condition {
                let fail = Fail::new(word.from, word.to, "missing_operator");
                return Err(fail.with("word", word.literal.text));
            }
            self.value_token(&word);
            literal.join(&word.literal);
        }
    }

    fn quoted(&mut self) -> Outcome<Literal> {
        let from = self.context.cursor.at();
        let literal = self.context.quoted(true)?;
        self.context.token(from, TokenKind::Phrase);
        Ok(literal)
    }

    /// One unquoted word in which `:` is a character like any other.
    fn value_word(&mut self) -> Outcome<Option<Word>> {
        let word = self.word(true)?;
        Ok(word.inspect(|word| self.value_token(word)))
    }

    fn value_token(&mut self, word: &Word) {
        let after = self.context.cursor;
        self.context.set_back_to(word.to);
        self.context.token(word.from, TokenKind::Value);
        self.context.cursor = after;
    }

    /// One unquoted word; `None` if something else comes next, a keyword for instance.
    fn word(&mut self, takes_colon: bool) -> Outcome<Option<Word>> {
        if self.peek_keyword().is_some() {
            return Ok(None);
        }
        let from = self.context.cursor.at();
        let mut literal = Literal::default();
        while let Some(character) = self.context.cursor.peek() {
            match character {
                '\\' => self.escape(&mut literal)?,
                '*' => {
                    self.context.cursor.bump();
                    literal.push_wildcard('*');
                }
                ':' if !takes_colon => break,
                '(' | ')' | '"' | '{' | '}' | '<' | '>' => break,
                space if space.is_whitespace() => break,
                other => {
                    self.context.cursor.bump();
                    literal.push(other);
                }
            }
        }
        let to = self.context.cursor.at();
        Ok((to > from).then_some(Word { from, to, literal }))
    }

    fn escape(&mut self, literal: &mut Literal) -> Outcome<()> {
        let from = self.context.cursor.at();
        self.context.cursor.bump();
        if let Some(keyword) = self.peek_keyword() {
            for _ in 0..keyword.1 {
                self.context
                    .cursor
                    .bump()
                    .into_iter()
                    .for_each(|it| literal.push(it));
            }
            return Ok(());
        }
        if let Some(character) = self.context.control_or_unicode_escape() {
            literal.push(character);
            return Ok(());
        }
        match self.context.cursor.bump() {
            None => Err(Fail::new(from, from + 1, "dangling_escape")),
            Some(character) => {
                // As in `C:\Windows`: a letter needs no escape, so the backslash is meant.
                if character.is_alphanumeric() {
                    literal.push('\\');
                }
                literal.push(character);
                Ok(())
            }
        }
    }

    fn eat_keyword(&mut self, wanted: Keyword) -> bool {
        let before = self.context.cursor;
        self.context.cursor.skip_space();
        let from = self.context.cursor.at();
        match self.peek_keyword() {
            Some((keyword, length)) if keyword == wanted => {
                for _ in 0..length {
                    self.context.cursor.bump();
                }
                self.context.token(from, TokenKind::Keyword);
                true
            }
            _ => {
                self.context.cursor = before;
                false
            }
        }
    }

    /// The keyword that comes next as a whole word, and its length.
    fn peek_keyword(&self) -> Option<(Keyword, usize)> {
        let run = self.context.cursor.run(|it| !it.is_ascii_alphabetic());
        let keyword = match run.len() {
            2 if run.eq_ignore_ascii_case("or") => Keyword::Or,
            3 if run.eq_ignore_ascii_case("and") => Keyword::And,
            3 if run.eq_ignore_ascii_case("not") => Keyword::Not,
            _ => return None,
        };
        let after = self.context.cursor.rest().get(run.len()..)?;
        let is_whole = after
            .chars()
            .next()
            .is_none_or(|it| it.is_whitespace() || matches!(it, '(' | ')' | '"' | '{' | '}'));
        is_whole.then_some((keyword, run.len()))
    }

    /// The error when a condition is complete and something else follows.
    fn missing_operator(&self) -> Fail {
        let cursor = self.context.cursor;
        let from = cursor.at();
        let word = cursor.run(|it| it.is_whitespace() || matches!(it, '(' | ')' | ':' | '{' | '}'));
        let starts_condition = !word.is_empty() || cursor.peek() == Some('(');
        if !starts_condition || word.starts_with(['<', '>']) {
            return self.context.unexpected();
        }
        let shown = if word.is_empty() { "(" } else { word };
        Fail::new(from, from + shown.len(), "missing_operator").with("word", shown)
    }

    fn expected_value(&self, field: &Field) -> Fail {
        let from = self.context.cursor.at();
        let to = from + self.context.cursor.peek().map_or(0, char::len_utf8);
        Fail::new(from, to, "expected_value").with("field", field.name.clone())
    }
}
