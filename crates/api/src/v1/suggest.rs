//! Completion for the query bar: fields, values and entities.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use yagura_store::StoreError;
use yagura_store::language::FieldNames;

use super::fields::values;
use crate::error::{ApiError, ErrorBody};
use crate::limits;
use crate::state::Shared;

/// Longest text that is completed, in bytes.
const MAX_TEXT_BYTES: usize = 16 << 10;
/// Most suggestions of one answer.
const MAX_SUGGESTIONS: usize = 100;
/// Longest beginning of a value that is looked for, in characters.
const MAX_PREFIX: usize = 200;

/// A text in the query bar.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestRequest {
    /// Index names, comma-separated, with `*`.
    index: String,
    /// Text.
    q: String,
    /// Where the cursor stands, in UTF-16 code units.
    cursor: usize,
    /// First millisecond of the events whose values count; all if absent.
    from: Option<i64>,
    /// One past the last millisecond.
    to: Option<i64>,
    /// Suggestions wanted, 20 if absent, at most 100.
    limit: Option<usize>,
}

/// What could stand at the cursor.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct SuggestAnswer {
    /// First UTF-16 code unit that a suggestion takes the place of.
    pub from: usize,
    /// One past the last.
    pub to: usize,
    /// Suggestions, the likeliest first.
    pub items: Vec<Suggestion>,
}

/// One thing that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Suggestion {
    /// What it is.
    pub kind: SuggestionKind,
    /// What is shown.
    pub text: String,
    /// What takes the place of the text; for an entity the way to its page.
    pub insert: String,
    /// Events with this value, for values.
    pub count: Option<u64>,
    /// Type of the field or of the entity.
    #[serde(rename = "type")]
    pub of_type: Option<String>,
}

/// The kind of a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    /// The page of an entity.
    Entity,
    /// A field name.
    Field,
    /// A value of the field before it.
    Value,
}

/// Completes the text at the cursor.
#[utoipa::path(post, path = "/api/v1/suggest", operation_id = "suggest", tag = "query",
    request_body = SuggestRequest, responses(
        (status = 200, description = "What could stand at the cursor", body = SuggestAnswer),
        (status = 400, description = "The request is wrong", body = ErrorBody)))]
pub(crate) async fn suggest(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let request: SuggestRequest = super::json(&headers, body)?;
    let limit = request.limit.unwrap_or(20);
    if request.q.len() > MAX_TEXT_BYTES || !(1..=MAX_SUGGESTIONS).contains(&limit) {
        let message =
            format!("`q` has at most {MAX_TEXT_BYTES} bytes and `limit` is 1 to {MAX_SUGGESTIONS}");
        return Err(
            ApiError::new(StatusCode::BAD_REQUEST, "bad_parameter").with("message", message)
        );
    }
    let (answer, timing) = limits::engine(complete(&shared, &request, limit)).await;
    Ok((timing, Json(answer?)).into_response())
}

async fn complete(
    shared: &Shared,
    request: &SuggestRequest,
    limit: usize,
) -> Result<SuggestAnswer, StoreError> {
    let word = Word::at(&request.q, request.cursor);
    let units = |text: &str| text.encode_utf16().count();
    let from = units(&request.q[..word.from]);
    let to = from + units(&request.q[word.from..word.to]);
    let items = match word.field {
        Some(field) => values_of(shared, request, field, word.typed(), limit).await?,
        None => {
            let mut items: Vec<_> = entity(request.q.trim()).into_iter().collect();
            items.extend(fields(shared, &request.index, word.typed(), limit).await?);
            items.truncate(limit);
            items
        }
    };
    Ok(SuggestAnswer { from, to, items })
}

/// The word that the cursor stands in or behind.
#[derive(Debug, PartialEq)]
struct Word<'t> {
    /// Byte at which it begins.
    from: usize,
    /// One past its last byte.
    to: usize,
    /// Its text up to the cursor.
    text: &'t str,
    /// The field before it, when it is a value.
    field: Option<&'t str>,
}

impl<'t> Word<'t> {
    fn at(text: &'t str, cursor: usize) -> Word<'t> {
        let mut units = 0;
        let cursor = text
            .char_indices()
            .find(|(_, character)| {
                let is_there = units >= cursor;
                units += character.len_utf16();
                is_there
            })
            .map_or(text.len(), |(at, _)| at);
        let mut from = 0;
        let mut in_quotes = false;
        let mut was_escape = false;
        for (at, character) in text[..cursor].char_indices() {
            match character {
                _ if was_escape => {}
                '"' => in_quotes = !in_quotes,
                ' ' | '\t' | '\n' | '(' | ')' | '{' | '}' if !in_quotes => from = at + 1,
                _ => {}
            }
            was_escape = character == '\\' && !was_escape;
        }
        let is_end = |character: char| match in_quotes {
            true => character == '"',
            false => character.is_whitespace() || matches!(character, '(' | ')' | '{' | '}' | '"'),
        };
        let rest = &text[cursor..];
        let to = cursor + rest.find(is_end).unwrap_or(rest.len());
        let word = &text[from..cursor];
        let (field, from) = match word.split_once(':') {
            Some((field, _)) if !field.is_empty() && !field.contains(['"', '\\']) => {
                (Some(field), from + field.len() + 1)
            }
            _ => (None, from),
        };
        Word {
            from,
            to,
            text: &text[from..cursor],
            field,
        }
    }

    /// The text without an opening quote.
    fn typed(&self) -> &'t str {
        self.text.strip_prefix('"').unwrap_or(self.text)
    }
}

/// The entity that a whole text is, going by its form.
fn entity(text: &str) -> Option<Suggestion> {
    let kind = entity_type(text)?;
    let insert = format!("/e/{kind}/{}", percent_encode(text));
    Some(Suggestion {
        kind: SuggestionKind::Entity,
        text: text.to_owned(),
        insert,
        count: None,
        of_type: Some(kind.to_owned()),
    })
}

fn entity_type(text: &str) -> Option<&'static str> {
    let all = |text: &str, test: fn(&u8) -> bool| text.as_bytes().iter().all(test);
    let is_key = |prefix| text.starts_with(prefix) && text.len() == 20;
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Some("ip");
    }
    if text.len() == 12 && all(text, u8::is_ascii_digit) {
        return Some("account");
    }
    if text.starts_with("arn:") && !text.contains(char::is_whitespace) {
        return Some("arn");
    }
    let instance = text
        .strip_prefix("i-")
        .or_else(|| text.strip_prefix("eni-"));
    if instance.is_some_and(|id| matches!(id.len(), 8 | 17) && all(id, u8::is_ascii_hexdigit)) {
        return Some("instance");
    }
    if (is_key("AKIA") || is_key("ASIA")) && all(text, u8::is_ascii_alphanumeric) {
        return Some("accesskey");
    }
    None
}

fn percent_encode(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// The fields that begin with a text, then those that contain it.
async fn fields(
    shared: &Shared,
    index: &str,
    typed: &str,
    limit: usize,
) -> Result<Vec<Suggestion>, StoreError> {
    let known = match shared.fields(index).await {
        Err(StoreError::NoSuchIndex(_)) => return Ok(Vec::new()),
        known => known?,
    };
    let typed = typed.to_lowercase();
    let mut found: Vec<(bool, &str)> = known
        .names()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let begins = lower.starts_with(&typed);
            (begins || lower.contains(&typed)).then_some((!begins, name))
        })
        .collect();
    found.sort_by_key(|(inside, name)| (*inside, name.len(), *name));
    let suggestion = |(_, name): (bool, &str)| Suggestion {
        kind: SuggestionKind::Field,
        text: name.to_owned(),
        insert: format!("{name}:"),
        count: None,
        of_type: known.type_of(name).map(|kind| kind.as_str().to_owned()),
    };
    Ok(found.into_iter().take(limit).map(suggestion).collect())
}

/// The commonest values of a field that begin with a text.
async fn values_of(
    shared: &Shared,
    request: &SuggestRequest,
    field: &str,
    typed: &str,
    limit: usize,
) -> Result<Vec<Suggestion>, StoreError> {
    let prefix: String = typed.chars().take(MAX_PREFIX).collect();
    let pattern = format!("{}.*", escape_regex(&prefix));
    let mut bounds = json!({"format": "epoch_millis"});
    if let Some(from) = request.from {
        bounds["gte"] = from.into();
    }
    if let Some(to) = request.to {
        bounds["lt"] = to.into();
    }
    let query = match request.from.or(request.to) {
        Some(_) => json!({"range": {"@timestamp": bounds}}),
        None => json!({"match_all": {}}),
    };
    let body = json!({
        "size": 0,
        "track_total_hits": false,
        "query": query,
        "aggs": {"values": {"terms": {"field": field, "size": limit, "include": pattern}}},
    });
    let answer = match shared.app.store.search(&request.index, &body).await {
        // Without such an index, or for a field whose values are not counted, there is nothing.
        Err(StoreError::NoSuchIndex(_) | StoreError::BadRequest { .. }) => Value::Null,
        answer => answer?,
    };
    let found = values(&answer["aggregations"]["values"]);
    let suggestion = |found: super::fields::ValueCount| {
        let text = match &found.v {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Suggestion {
            kind: SuggestionKind::Value,
            insert: quoted(&text),
            text,
            count: Some(found.n),
            of_type: None,
        }
    };
    Ok(found.into_iter().map(suggestion).collect())
}

/// A value as both query languages take it.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_word = matches!(
        text.to_ascii_lowercase().as_str(),
        "and" | "or" | "not" | ""
    );
    if text.bytes().all(is_plain) && !is_word && !text.starts_with('-') {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn escape_regex(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if !character.is_alphanumeric() && character.is_ascii() {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_at_the_cursor() {
        for (text, expected) in [
            ("|", (0, 0, "", None)),
            ("sour|", (0, 4, "sour", None)),
            ("a:b and sour|ce", (8, 14, "sour", None)),
            (
                "event.action:Cons|ole",
                (13, 20, "Cons", Some("event.action")),
            ),
            (
                "not (user.name:\"ro ot|",
                (15, 21, "\"ro ot", Some("user.name")),
            ),
            ("user.name:\"ro|ot\" x", (10, 15, "\"ro", Some("user.name"))),
            ("櫓 a:b|", (6, 7, "b", Some("a"))),
            ("2001:db8::|1", (5, 11, "db8::", Some("2001"))),
        ] {
            let before = text.split('|').next().unwrap_or_default();
            let cursor = before.encode_utf16().count();
            let text = text.replace('|', "");
            let word = Word::at(&text, cursor);
            assert_eq!(
                (word.from, word.to, word.text, word.field),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn texts_that_are_entities() {
        for (text, expected) in [
            ("203.0.113.5", Some("ip")),
            ("2001:db8::1", Some("ip")),
            ("123456789012", Some("account")),
            ("arn:aws:iam::123456789012:user/a", Some("arn")),
            ("i-0123456789abcdef0", Some("instance")),
            ("AKIAIOSFODNN7EXAMPLE", Some("accesskey")),
            ("203.0.113", None),
            ("eventName:x", None),
        ] {
            assert_eq!(entity_type(text), expected, "{text}");
        }
        let found = entity("arn:aws:iam::123456789012:user/a").map(|it| it.insert);
        let way = "/e/arn/arn%3Aaws%3Aiam%3A%3A123456789012%3Auser%2Fa";
        assert_eq!(found.as_deref(), Some(way));
    }

    #[test]
    fn values_are_written_so_that_they_are_read_back() {
        for (text, expected) in [
            ("root", "root"),
            ("or", "\"or\""),
            ("a \"b\" \\", r#""a \"b\" \\""#),
            ("2001:db8::1", "\"2001:db8::1\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
