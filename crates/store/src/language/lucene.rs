//! Lucene's query-string syntax, with the classic parser's meaning of `AND`, `OR`, `+` and `-`.

use super::TokenKind;
use super::context::{Context, Fail, Literal, Outcome, is_value_with_colon};
use super::leaf::{self, Field};
use crate::query::{BoolQuery, Bound, Query};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Conjunction {
    And,
    Or,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Occur {
    Must,
    Should,
    MustNot,
}

/// Reads the whole text.
pub(super) fn parse(context: &mut Context<'_>) -> Outcome<Query> {
    context.cursor.skip_space();
    if context.cursor.is_end() {
        return Ok(Query::MatchAll);
    }
    let mut parser = Parser { context };
    let query = parser.clauses(None)?;
    if parser.context.cursor.is_end() {
        return Ok(query);
    }
    Err(parser.context.unexpected())
}

struct Parser<'c, 't> {
    context: &'c mut Context<'t>,
}

impl Parser<'_, '_> {
    /// Clauses up to a closing parenthesis or the end.
    fn clauses(&mut self, field: Option<&Field>) -> Outcome<Query> {
        self.context.cursor.skip_space();
        let from = self.context.cursor.at();
        let mut clauses: Vec<(Occur, Query)> = Vec::new();
        let mut has_and = false;
        let mut has_or = false;
        loop {
            self.context.cursor.skip_space();
            let is_first = clauses.is_empty();
            let is_end = self.context.cursor.is_end() || self.context.cursor.peek() == Some(')');
            if is_end && !is_first {
                break;
            }
            let conjunction = if is_first { None } else { self.conjunction() };
            has_and |= conjunction == Some(Conjunction::And);
            has_or |= conjunction == Some(Conjunction::Or);
            let modifier = self.modifier();
            let query = self.clause(field)?;
            let by_default = self.context.options.all_clauses;
            if let Some((last, _)) = clauses.last_mut() {
                // The operator decides about the clause before it too.
                if conjunction == Some(Conjunction::And) && *last == Occur::Should {
                    *last = Occur::Must;
                }
                if by_default && conjunction == Some(Conjunction::Or) && *last == Occur::Must {
                    *last = Occur::Should;
                }
            }
            let occur = modifier.unwrap_or(match conjunction {
                Some(Conjunction::And) => Occur::Must,
                Some(Conjunction::Or) => Occur::Should,
                None if by_default => Occur::Must,
                None => Occur::Should,
            });
            clauses.push((occur, query));
        }
        if has_and && has_or {
            self.context
                .hint(from, self.context.cursor.at(), "mixed_operators");
        }
        Ok(combine(clauses))
    }

    fn conjunction(&mut self) -> Option<Conjunction> {
        let from = self.context.cursor.at();
        let found = if self.eat_word("AND") || self.context.cursor.eat("&&") {
            Conjunction::And
        } else if self.eat_word("OR") || self.context.cursor.eat("||") {
            Conjunction::Or
        } else {
            return None;
        };
        self.context.token(from, TokenKind::Keyword);
        self.context.cursor.skip_space();
        Some(found)
    }

    fn modifier(&mut self) -> Option<Occur> {
        let mut occur = None;
        loop {
            let from = self.context.cursor.at();
            let (read, kind) = if self.eat_word("NOT") {
                (Occur::MustNot, TokenKind::Keyword)
            } else if self.context.cursor.eat("!") || self.context.cursor.eat("-") {
                (Occur::MustNot, TokenKind::Operator)
            } else if self.context.cursor.eat("+") {
                (Occur::Must, TokenKind::Operator)
            } else {
                return occur;
            };
            self.context.token(from, kind);
            self.context.cursor.skip_space();
            occur = Some(if occur == Some(Occur::MustNot) && read == Occur::MustNot {
                Occur::Must
            } else {
                read
            });
        }
    }

    /// One word that stands alone.
    fn eat_word(&mut self, word: &str) -> bool {
        let rest = self.context.cursor.rest();
        let is_whole = rest
            .strip_prefix(word)
            .map(|after| after.chars().next())
            .is_some_and(|next| {
                next.is_none_or(|it| it.is_whitespace() || matches!(it, '(' | ')' | '"'))
            });
        is_whole && self.context.cursor.eat(word)
    }

    fn clause(&mut self, field: Option<&Field>) -> Outcome<Query> {
        let start = self.context.cursor;
        let run = start.run(|it| it.is_whitespace() || matches!(it, '(' | ')' | '"'));
        if field.is_none()
            && !is_value_with_colon(run)
            && let Some(own) = self.field()?
        {
            if own.name == "_exists_" {
                return self.exists(&own);
            }
            return self.operand(Some(&own));
        }
        self.context.cursor = start;
        self.operand(field)
    }

    /// A field name if a colon follows it.
    fn field(&mut self) -> Outcome<Option<Field>> {
        let from = self.context.cursor.at();
        if matches!(self.context.cursor.peek(), Some('/' | '"' | '[')) {
            return Ok(None);
        }
        let literal = self.word(false)?;
        let to = self.context.cursor.at();
        let end_of_name = self.context.cursor;
        self.context.cursor.skip_space();
        if to == from || self.context.cursor.peek() != Some(':') {
            return Ok(None);
        }
        let colon = self.context.cursor;
        self.context.cursor = end_of_name;
        self.context.token(from, TokenKind::Field);
        self.context.cursor = colon;
        self.context.check_field(from, to, &literal.text);
        let at = self.context.cursor.at();
        self.context.cursor.bump();
        self.context.token(at, TokenKind::Operator);
        self.context.cursor.skip_space();
        Ok(Some(Field {
            name: literal.text,
            has_wildcard: literal.has_wildcard,
            from,
            to,
        }))
    }

    fn exists(&mut self, exists: &Field) -> Outcome<Query> {
        let from = self.context.cursor.at();
        let literal = if self.context.cursor.peek() == Some('"') {
            self.context.quoted(false)?
        } else {
            self.word(true)?
        };
        let to = self.context.cursor.at();
        if literal.text.is_empty() {
            return Err(self.expected_value(Some(exists)));
        }
        self.context.token(from, TokenKind::Field);
        self.context.check_field(from, to, &literal.text);
        let field = Field {
            name: literal.text,
            has_wildcard: literal.has_wildcard,
            from,
            to,
        };
        leaf::exists(self.context, &field)
    }

    /// What a field, or nothing, is compared with.
    fn operand(&mut self, field: Option<&Field>) -> Outcome<Query> {
        let query = match self.context.cursor.peek() {
            Some('(') => self.group(field)?,
            Some('[' | '{') => self.range(field)?,
            Some('<' | '>') => self.comparison(field)?,
            Some('/') => self.regex(field)?,
            Some('"') => {
                let from = self.context.cursor.at();
                let literal = self.context.quoted(false)?;
                self.context.token(from, TokenKind::Phrase);
                let slop = self.slop()?;
                leaf::value(self.context, field, &literal, slop)?
            }
            _ => self.term(field)?,
        };
        self.boost();
        Ok(query)
    }

    fn term(&mut self, field: Option<&Field>) -> Outcome<Query> {
        let from = self.context.cursor.at();
        let run = self
            .context
            .cursor
            .run(|it| it.is_whitespace() || matches!(it, '(' | ')' | '"'));
        let literal = self.word(field.is_some() || is_value_with_colon(run))?;
        if self.context.cursor.at() == from {
            return Err(match field {
                Some(_) => self.expected_value(field),
                None => self.context.unexpected(),
            });
        }
        self.context.token(from, TokenKind::Value);
        if self.context.cursor.peek() == Some('~') {
            let at = self.context.cursor.at();
            return Err(Fail::new(at, at + 1, "fuzzy_unsupported"));
        }
        let is_star = literal.has_wildcard && literal.text.chars().all(|it| it == '*');
        match field {
            Some(field) if is_star => leaf::exists(self.context, field),
            _ => leaf::value(self.context, field, &literal, 0),
        }
    }

    fn group(&mut self, field: Option<&Field>) -> Outcome<Query> {
        let from = self.context.cursor.at();
        self.context.cursor.bump();
        self.context.token(from, TokenKind::Bracket);
        self.context.enter(from)?;
        let query = self.clauses(field)?;
        self.context.leave();
        let end = self.context.cursor.at();
        if !self.context.cursor.eat(")") {
            return Err(Fail::new(from, from + 1, "unclosed_group").with("open", "("));
        }
        self.context.token(end, TokenKind::Bracket);
        Ok(query)
    }

    /// `[a TO b]`, `{a TO b}` or mixed.
    fn range(&mut self, field: Option<&Field>) -> Outcome<Query> {
        let from = self.context.cursor.at();
        let includes_lower = self.context.cursor.bump() == Some('[');
        self.context.token(from, TokenKind::Bracket);
        let Some(field) = field else {
            return Err(Fail::new(from, from + 1, "range_needs_field"));
        };
        let lower = self.bound_value(from)?;
        let at = self.context.cursor.at();
        if !self.context.cursor.eat("TO") {
            return Err(Fail::new(from, at, "bad_range"));
        }
        self.context.token(at, TokenKind::Keyword);
        let upper = self.bound_value(from)?;
        let at = self.context.cursor.at();
        let includes_upper = match self.context.cursor.bump() {
            Some(']') => true,
            Some('}') => false,
            None => return Err(Fail::new(from, at, "unclosed_range")),
            Some(_) => return Err(Fail::new(from, at, "bad_range")),
        };
        self.context.token(at, TokenKind::Bracket);
        let lower = bound(lower, includes_lower);
        let upper = bound(upper, includes_upper);
        leaf::range(self.context, field, lower, upper)
    }

    /// One end of a range; `None` is `*`.
    fn bound_value(&mut self, range_from: usize) -> Outcome<Option<String>> {
        self.context.cursor.skip_space();
        let from = self.context.cursor.at();
        let text = match self.context.cursor.peek() {
            None => return Err(Fail::new(range_from, from, "unclosed_range")),
            Some('"') => {
                let literal = self.context.quoted(false)?;
                self.context.token(from, TokenKind::Phrase);
                literal.text
            }
            Some(_) => {
                let is_end = |it: char| it.is_whitespace() || matches!(it, ']' | '}');
                let run = self.context.cursor.run(is_end);
                if run.is_empty() {
                    return Err(Fail::new(range_from, from, "bad_range"));
                }
                self.context.cursor.eat(run);
                self.context.token(from, TokenKind::Value);
                if run == "*" {
                    self.context.cursor.skip_space();
                    return Ok(None);
                }
                unescape(run)
            }
        };
        self.context.cursor.skip_space();
        Ok(Some(text))
    }

    fn comparison(&mut self, field: Option<&Field>) -> Outcome<Query> {
        let from = self.context.cursor.at();
        let is_less = self.context.cursor.bump() == Some('<');
        let includes = self.context.cursor.eat("=");
        self.context.token(from, TokenKind::Operator);
        let Some(field) = field else {
            let to = self.context.cursor.at();
            return Err(Fail::new(from, to, "range_needs_field"));
        };
        self.context.cursor.skip_space();
        let at = self.context.cursor.at();
        let literal = if self.context.cursor.peek() == Some('"') {
            let literal = self.context.quoted(false)?;
            self.context.token(at, TokenKind::Phrase);
            literal
        } else {
            let literal = self.word(true)?;
            if self.context.cursor.at() == at {
                return Err(self.expected_value(Some(field)));
            }
            self.context.token(at, TokenKind::Value);
            literal
        };
        let bound = bound(Some(literal.text), includes);
        let (lower, upper) = if is_less {
            (Bound::Unbounded, bound)
        } else {
            (bound, Bound::Unbounded)
        };
        leaf::range(self.context, field, lower, upper)
    }

    fn regex(&mut self, field: Option<&Field>) -> Outcome<Query> {
        let from = self.context.cursor.at();
        self.context.cursor.bump();
        let mut pattern = String::new();
        loop {
            match self.context.cursor.bump() {
                None => return Err(Fail::new(from, from + 1, "unclosed_regex")),
                Some('/') => break,
                Some('\\') if self.context.cursor.peek() == Some('/') => {
                    self.context.cursor.bump();
                    pattern.push('/');
                }
                Some('\\') => {
                    pattern.push('\\');
                    pattern.extend(self.context.cursor.bump());
                }
                Some(other) => pattern.push(other),
            }
        }
        self.context.token(from, TokenKind::Regex);
        let Some(field) = field.filter(|field| !field.has_wildcard) else {
            let to = self.context.cursor.at();
            return Err(Fail::new(from, to, "regex_needs_field"));
        };
        self.context.count_clauses(1)?;
        Ok(Query::Regexp {
            field: field.name.clone(),
            pattern,
        })
    }

    /// `~2` after a phrase.
    fn slop(&mut self) -> Outcome<u32> {
        let from = self.context.cursor.at();
        if !self.context.cursor.eat("~") {
            return Ok(0);
        }
        let number = self
            .context
            .cursor
            .run(|it| !it.is_ascii_digit() && it != '.');
        self.context.cursor.eat(number);
        self.context.token(from, TokenKind::Operator);
        let whole = number.split('.').next().unwrap_or_default();
        Ok(whole.parse().unwrap_or_default())
    }

    /// `^2`: accepted and without effect, since nothing is scored.
    fn boost(&mut self) {
        let from = self.context.cursor.at();
        if self.context.cursor.peek() == Some('^') {
            self.context.cursor.bump();
            let number = self
                .context
                .cursor
                .run(|it| !it.is_ascii_digit() && it != '.');
            self.context.cursor.eat(number);
            self.context.token(from, TokenKind::Operator);
        }
    }

    /// One unquoted word with wildcards and escapes.
    fn word(&mut self, takes_colon: bool) -> Outcome<Literal> {
        let mut literal = Literal::default();
        while let Some(character) = self.context.cursor.peek() {
            let from = self.context.cursor.at();
            match character {
                '\\' => {
                    self.context.cursor.bump();
                    let escaped = self.context.unicode_escape();
                    match escaped.or_else(|| self.context.cursor.bump()) {
                        Some(it) => literal.push(it),
                        None => return Err(Fail::new(from, from + 1, "dangling_escape")),
                    }
                    continue;
                }
                '*' | '?' => literal.push_wildcard(character),
                ':' if !takes_colon => break,
                '(' | ')' | '"' | '[' | ']' | '{' | '}' | '^' | '~' | '<' | '>' => break,
                space if space.is_whitespace() => break,
                other => literal.push(other),
            }
            self.context.cursor.bump();
        }
        Ok(literal)
    }

    fn expected_value(&self, field: Option<&Field>) -> Fail {
        let from = self.context.cursor.at();
        let to = from + self.context.cursor.peek().map_or(0, char::len_utf8);
        let name = field.map_or_else(String::new, |field| field.name.clone());
        Fail::new(from, to, "expected_value").with("field", name)
    }
}

/// The classic parser's meaning: optional clauses count only when nothing is required.
fn combine(mut clauses: Vec<(Occur, Query)>) -> Query {
    if let [(Occur::Must | Occur::Should, _)] = clauses.as_slice()
        && let Some((_, only)) = clauses.pop()
    {
        return only;
    }
    let mut merged = BoolQuery::default();
    for (occur, query) in clauses {
        match occur {
            Occur::Must => merged.must.push(query),
            Occur::Should => merged.should.push(query),
            Occur::MustNot => merged.must_not.push(query),
        }
    }
    let only_optional = merged.must.is_empty() && !merged.should.is_empty();
    merged.minimum_should_match = only_optional.then_some(1);
    Query::Bool(merged)
}

fn bound(value: Option<String>, is_included: bool) -> Bound {
    match value {
        None => Bound::Unbounded,
        Some(value) if is_included => Bound::Included(value),
        Some(value) => Bound::Excluded(value),
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            other => plain.push(other),
        }
    }
    plain
}
