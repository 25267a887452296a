//! Reading the query bar's text.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use yagura_store::language::{self, FieldNames, Language, TokenKind, UnknownFields};

use crate::error::{ApiError, ErrorBody};
use crate::limits;
use crate::state::Shared;

/// A query text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParseRequest {
    /// Text.
    q: String,
    /// Its language; KQL if absent.
    #[serde(default)]
    lang: QueryLanguage,
    /// Indices whose fields are known; without them there are no hints.
    index: Option<String>,
}

/// A query language.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueryLanguage {
    /// Kibana's query language, called DQL in OpenSearch Dashboards.
    #[default]
    Kql,
    /// Lucene's query-string syntax.
    Lucene,
}

/// What became of a query text; positions are UTF-16 code units, `to` is exclusive.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParseAnswer {
    /// The query for `query` in a search; absent when there are errors.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub dsl: Option<Value>,
    /// Pieces for colouring.
    pub tokens: Vec<QueryToken>,
    /// Why the text is no query.
    pub errors: Vec<QueryError>,
    /// Things that are allowed but probably not meant.
    pub hints: Vec<QueryHint>,
}

/// A piece of a query text.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryToken {
    /// First code unit.
    pub from: usize,
    /// One past the last code unit.
    pub to: usize,
    /// What it is.
    pub kind: QueryTokenKind,
}

/// The kind of a piece of query text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueryTokenKind {
    /// A field name.
    Field,
    /// `:` or a comparison.
    Operator,
    /// `and`, `or`, `not`, `TO`.
    Keyword,
    /// An unquoted value.
    Value,
    /// A quoted value.
    Phrase,
    /// A regular expression.
    Regex,
    /// A parenthesis, bracket or brace.
    Bracket,
}

/// Why a text is no query.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryError {
    /// First code unit of the offending part.
    pub from: usize,
    /// One past its last code unit.
    pub to: usize,
    /// Stable code.
    pub code: String,
    /// Values for the text.
    pub params: BTreeMap<String, String>,
    /// English text, for clients that have none of their own.
    pub message: String,
}

/// Something that is allowed but probably not meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryHint {
    /// First code unit.
    pub from: usize,
    /// One past the last code unit.
    pub to: usize,
    /// `unknown_field` or `mixed_operators`.
    pub code: String,
    /// The field as written.
    pub field: Option<String>,
    /// The field that was probably meant.
    pub did_you_mean: Option<String>,
}

/// Reads a query text.
#[utoipa::path(post, path = "/api/v1/query/parse", tag = "query", request_body = ParseRequest,
    responses(
        (status = 200, description = "The query, or why it is none", body = ParseAnswer),
        (status = 400, description = "The request is wrong", body = ErrorBody)))]
pub(crate) async fn parse(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let request: ParseRequest = super::json(&headers, body)?;
    // Hints are a help: without a field list the text is read all the same.
    let known = match request.index.as_deref() {
        Some(index) => shared.fields(index).await.ok(),
        None => None,
    };
    let names: &dyn FieldNames = match &known {
        Some(fields) => fields.as_ref(),
        None => &UnknownFields,
    };
    let language = match request.lang {
        QueryLanguage::Kql => Language::Kql,
        QueryLanguage::Lucene => Language::Lucene,
    };
    let started = Instant::now();
    let answer = describe(language::parse(&request.q, language, names));
    let timing = limits::server_timing("parse", started.elapsed());
    Ok((timing, Json(answer)).into_response())
}

fn describe(parsed: language::Parsed) -> ParseAnswer {
    let error = |error: language::SyntaxError| QueryError {
        from: error.from,
        to: error.to,
        code: error.code.to_owned(),
        message: error.to_string(),
        params: error
            .params
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    };
    let token = |token: language::Token| QueryToken {
        from: token.from,
        to: token.to,
        kind: kind(token.kind),
    };
    let hint = |hint: language::Hint| QueryHint {
        from: hint.from,
        to: hint.to,
        code: hint.code.to_owned(),
        field: hint.field,
        did_you_mean: hint.did_you_mean,
    };
    ParseAnswer {
        dsl: parsed.query.as_ref().map(yagura_store::dsl::to_dsl),
        tokens: parsed.tokens.into_iter().map(token).collect(),
        errors: parsed.errors.into_iter().map(error).collect(),
        hints: parsed.hints.into_iter().map(hint).collect(),
    }
}

fn kind(kind: TokenKind) -> QueryTokenKind {
    match kind {
        TokenKind::Field => QueryTokenKind::Field,
        TokenKind::Operator => QueryTokenKind::Operator,
        TokenKind::Keyword => QueryTokenKind::Keyword,
        TokenKind::Value => QueryTokenKind::Value,
        TokenKind::Phrase => QueryTokenKind::Phrase,
        TokenKind::Regex => QueryTokenKind::Regex,
        TokenKind::Bracket => QueryTokenKind::Bracket,
    }
}
