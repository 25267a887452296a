//! The query languages people type, KQL (DQL) and Lucene's query-string syntax, read into the
//! [`Query`] tree, with what an editor needs besides: tokens, errors with positions, hints.

mod context;
mod cursor;
mod kql;
mod leaf;
mod lucene;
mod names;
mod query_string;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::query::Query;
use context::{Context, Fail};

pub use names::{FieldNames, KnownFields, UnknownFields};
pub use query_string::{QueryStrings, escape_pattern};

/// Longest query text in bytes; a longer one is refused with `too_long`.
pub const MAX_LENGTH_BYTES: usize = 32 * 1024;
/// Deepest nesting of parentheses and groups; deeper is refused with `too_deep`.
pub const MAX_DEPTH: usize = 64;
/// Deepest nesting of the query itself, so that it can be sent inside a search request.
pub const MAX_QUERY_DEPTH: usize = crate::dsl::MAX_QUERY_DEPTH - 4;
/// Most conditions in one query, those from an expanded field pattern included.
///
/// Each may bring one `bool` with it, and all must fit into one search request.
pub const MAX_CLAUSES: usize = crate::dsl::MAX_CLAUSES / 2;

/// Which syntax a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Kibana's query language, called DQL in OpenSearch Dashboards.
    #[default]
    Kql,
    /// Lucene's query-string syntax, as in OpenSearch's `query_string`.
    Lucene,
}

/// What `query_string` lets a request choose; KQL uses only the default fields.
#[derive(Debug, Clone, Default)]
pub struct ParseOptions {
    /// Clauses without an operator between them must all hold (`default_operator: and`).
    pub all_clauses: bool,
    /// Fields, possibly with `*`, a value without a field is looked for in; empty means everywhere.
    pub default_fields: Vec<String>,
}

/// What became of a query text.
///
/// Positions are in UTF-16 code units, as JavaScript counts; `to` is exclusive.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The query; `None` when there is any error. Empty text is [`Query::MatchAll`].
    pub query: Option<Query>,
    /// Pieces of the text in order, for colouring; up to the first error.
    pub tokens: Vec<Token>,
    /// Why the text is no query.
    pub errors: Vec<SyntaxError>,
    /// Things that are allowed but probably not meant.
    pub hints: Vec<Hint>,
}

/// One piece of a query text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Token {
    /// First UTF-16 code unit.
    pub from: usize,
    /// One past the last UTF-16 code unit.
    pub to: usize,
    /// What it is.
    pub kind: TokenKind,
}

/// The kind of a piece of query text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A field name.
    Field,
    /// `:`, a comparison, `+`, `-`, `~2` or `^2`.
    Operator,
    /// `and`, `or`, `not`, `TO` and their other spellings.
    Keyword,
    /// An unquoted value.
    Value,
    /// A quoted value.
    Phrase,
    /// A regular expression with its slashes.
    Regex,
    /// A parenthesis, bracket or brace.
    Bracket,
}

/// Why a text is not a query, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyntaxError {
    /// First UTF-16 code unit of the offending part.
    pub from: usize,
    /// One past its last UTF-16 code unit; equal to `from` at the end of the text.
    pub to: usize,
    /// Stable code, for example `unclosed_quote`; the page holds the text for it.
    pub code: &'static str,
    /// Values for the text.
    pub params: BTreeMap<&'static str, String>,
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let param = |name: &str| self.params.get(name).map_or("", String::as_str);
        let column = self.from + 1;
        write!(f, "cannot read the query at column {column}: ")?;
        match self.code {
            "unexpected_character" => write!(
                f,
                "unexpected `{}`; quote it or escape it with `\\`",
                param("character")
            ),
            "expected_query" => write!(f, "a condition is missing here"),
            "expected_value" => write!(f, "a value for `{}` is missing here", param("field")),
            "missing_operator" => write!(
                f,
                "`and` or `or` is missing before `{}`; or quote the words",
                param("word")
            ),
            "unclosed_quote" => write!(f, "the quote that opens here is not closed"),
            "unclosed_group" => write!(f, "the `{}` that opens here is not closed", param("open")),
            "unclosed_range" => write!(f, "the range that opens here is not closed"),
            "unclosed_regex" => write!(f, "the regular expression that opens here is not closed"),
            "bad_range" => write!(f, "a range is written `[from TO to]`"),
            "dangling_escape" => write!(f, "`\\` at the end escapes nothing"),
            "regex_needs_field" => write!(f, "a regular expression needs a field: `field:/…/`"),
            "range_needs_field" => write!(f, "a range needs one field: `field:[from TO to]`"),
            "fuzzy_unsupported" => write!(f, "fuzzy terms (`~`) are not supported; use `*`"),
            "too_long" => write!(f, "it is longer than {} bytes", param("limit")),
            "too_deep" => write!(f, "it is nested deeper than {} levels", param("limit")),
            "too_many_clauses" => write!(f, "it has more than {} conditions", param("limit")),
            other => write!(f, "{other}"),
        }
    }
}

/// Something that is allowed but probably not meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hint {
    /// First UTF-16 code unit.
    pub from: usize,
    /// One past the last UTF-16 code unit.
    pub to: usize,
    /// `unknown_field`, or `mixed_operators` for Lucene's `a AND b OR c` without parentheses.
    pub code: &'static str,
    /// The field as written, for `unknown_field`.
    pub field: Option<String>,
    /// The known field that was probably meant.
    pub did_you_mean: Option<String>,
}

/// Reads a query text; never fails otherwise than by [`Parsed::errors`].
pub fn parse(text: &str, language: Language, names: &dyn FieldNames) -> Parsed {
    parse_with(text, language, names, &ParseOptions::default())
}

/// Reads a query text with the choices of a `query_string` request.
pub fn parse_with(
    text: &str,
    language: Language,
    names: &dyn FieldNames,
    options: &ParseOptions,
) -> Parsed {
    if text.len() > MAX_LENGTH_BYTES {
        let fail = Fail::new(0, 0, "too_long").with("limit", MAX_LENGTH_BYTES.to_string());
        return Parsed {
            errors: vec![fail.at_units(&|byte| byte)],
            ..Parsed::default()
        };
    }
    let mut context = Context::new(text, names, options);
    let outcome = match language {
        Language::Kql => kql::parse(&mut context),
        Language::Lucene => lucene::parse(&mut context),
    };
    let outcome = outcome.and_then(|query| {
        if depth(&query) <= MAX_QUERY_DEPTH {
            return Ok(query);
        }
        Err(Fail::new(0, text.len(), "too_deep").with("limit", MAX_QUERY_DEPTH.to_string()))
    });
    let units = utf16_positions(text);
    let at = |byte: usize| units.get(byte).copied().unwrap_or_default();
    let (query, errors) = match outcome {
        Ok(query) => (Some(query), Vec::new()),
        Err(fail) => (None, vec![fail.at_units(&at)]),
    };
    let (tokens, hints) = context.finish(&at);
    Parsed {
        query,
        tokens,
        errors,
        hints,
    }
}

/// How deeply `bool` queries are nested.
fn depth(query: &Query) -> usize {
    let Query::Bool(inner) = query else {
        return 0;
    };
    let parts = [&inner.must, &inner.filter, &inner.should, &inner.must_not];
    let deepest = parts.into_iter().flatten().map(depth).max();
    1 + deepest.unwrap_or(0)
}

/// For every byte offset, how many UTF-16 code units come before it.
fn utf16_positions(text: &str) -> Vec<usize> {
    let mut positions = Vec::with_capacity(text.len() + 1);
    let mut units = 0;
    for character in text.chars() {
        positions.extend(std::iter::repeat_n(units, character.len_utf8()));
        units += character.len_utf16();
    }
    positions.push(units);
    positions
}
