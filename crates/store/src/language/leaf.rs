//! Conditions on one field or on all of them, as both languages make them from what was read.

use std::net::IpAddr;

use super::context::{Context, Fail, Literal, Outcome};
use super::names::FieldNames;
use crate::query::{BoolQuery, Bound, Query};

/// Most fields a pattern such as `source.*` is expanded to.
const MAX_EXPANDED_FIELDS: usize = 64;

/// What a field pattern counts at least: finding its fields looks at every name there is.
const PATTERN_CLAUSES: usize = 16;

/// A field as written.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) has_wildcard: bool,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// All of the queries hold; negations are gathered in `must_not`.
pub(super) fn all(mut queries: Vec<Query>) -> Query {
    if queries.len() == 1
        && let Some(only) = queries.pop()
    {
        return only;
    }
    let mut merged = BoolQuery::default();
    for query in queries {
        match query {
            Query::Bool(inner) if is_negation(&inner) => merged.must_not.extend(inner.must_not),
            other => merged.filter.push(other),
        }
    }
    Query::Bool(merged)
}

fn is_negation(query: &BoolQuery) -> bool {
    query.must.is_empty() && query.filter.is_empty() && query.should.is_empty()
}

/// At least one of the queries holds.
pub(super) fn any(mut queries: Vec<Query>) -> Query {
    if queries.len() == 1
        && let Some(only) = queries.pop()
    {
        return only;
    }
    Query::Bool(BoolQuery {
        should: queries,
        minimum_should_match: Some(1),
        ..BoolQuery::default()
    })
}

/// The query does not hold.
pub(super) fn not(query: Query) -> Query {
    Query::Bool(BoolQuery {
        must_not: vec![query],
        ..BoolQuery::default()
    })
}

/// The condition that a value occurs in a field, or anywhere.
pub(super) fn value(
    context: &mut Context<'_>,
    field: Option<&Field>,
    value: &Literal,
    slop: u32,
) -> Outcome<Query> {
    let Some(field) = field.filter(|field| field.name != "*") else {
        return free_text(context, value, slop);
    };
    on_fields(context, field, &|name| named(name, value, slop), || {
        Query::Wildcard {
            field: Some(field.name.clone()),
            pattern: value.pattern.clone(),
            case_insensitive: false,
        }
    })
}

/// The condition that a field has any value.
pub(super) fn exists(context: &mut Context<'_>, field: &Field) -> Outcome<Query> {
    if field.name == "*" {
        return Ok(Query::MatchAll);
    }
    let one = |name: &str| Query::Exists {
        field: name.to_owned(),
    };
    on_fields(context, field, &one, || Query::Wildcard {
        field: Some(field.name.clone()),
        pattern: "*".to_owned(),
        case_insensitive: false,
    })
}

/// The condition that a field lies between bounds.
pub(super) fn range(
    context: &mut Context<'_>,
    field: &Field,
    lower: Bound,
    upper: Bound,
) -> Outcome<Query> {
    let one = |name: &str| Query::Range {
        field: name.to_owned(),
        lower: lower.clone(),
        upper: upper.clone(),
        time_zone: None,
    };
    if field.has_wildcard && expand(&field.name, context.names).is_empty() {
        return Err(Fail::new(field.from, field.to, "range_needs_field"));
    }
    on_fields(context, field, &one, || Query::MatchNone)
}

/// Makes the condition for one field, or for each field a pattern stands for, if they are known.
fn on_fields(
    context: &mut Context<'_>,
    field: &Field,
    one: &dyn Fn(&str) -> Query,
    unexpanded: impl FnOnce() -> Query,
) -> Outcome<Query> {
    if !field.has_wildcard {
        context.count_clauses(1)?;
        return Ok(one(&field.name));
    }
    let expanded = expand(&field.name, context.names);
    context.count_clauses(expanded.len().max(PATTERN_CLAUSES))?;
    if expanded.is_empty() {
        return Ok(unexpanded());
    }
    Ok(any(expanded.iter().map(|name| one(name)).collect()))
}

/// The known fields a pattern stands for; none if they are too many to list.
fn expand(pattern: &str, names: &dyn FieldNames) -> Vec<String> {
    let found = names.names().filter(|name| matches(pattern, name));
    let found: Vec<String> = found
        .take(MAX_EXPANDED_FIELDS + 1)
        .map(str::to_owned)
        .collect();
    if found.len() > MAX_EXPANDED_FIELDS {
        return Vec::new();
    }
    found
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut left) = name.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*') {
        let Some(at) = left.find(piece) else {
            return false;
        };
        left = left.get(at + piece.len()..).unwrap_or_default();
    }
    left.ends_with(last)
}

fn named(name: &str, value: &Literal, slop: u32) -> Query {
    let field = name.to_owned();
    if name == "_id" && !value.has_wildcard {
        return Query::Ids(vec![value.text.clone()]);
    }
    if value.has_wildcard && !value.is_quoted {
        return pattern(field, value);
    }
    let is_network = as_network(&value.text).is_some();
    if is_network && !value.is_quoted && value.text.contains('/') {
        return Query::Term {
            field,
            value: value.text.clone(),
            case_insensitive: false,
        };
    }
    // The parts of an address belong together, should the field be analysed text.
    if is_network || value.is_quoted {
        return Query::Phrase {
            field: Some(field),
            text: value.text.clone(),
            slop,
        };
    }
    Query::Match {
        field: Some(field),
        text: value.text.clone(),
        all_words: false,
    }
}

fn pattern(field: String, value: &Literal) -> Query {
    let starred = value.pattern.trim_end_matches('*');
    let text = value.text.trim_end_matches('*');
    let is_all_stars = starred.is_empty();
    // Equal lengths mean nothing in front of the star had to be escaped or is itself a wildcard.
    let is_prefix = starred.len() == text.len() && !text.contains(['*', '?', '\\']);
    if is_all_stars {
        Query::Exists { field }
    } else if is_prefix {
        Query::Prefix {
            field,
            value: text.to_owned(),
            case_insensitive: false,
        }
    } else {
        Query::Wildcard {
            field: Some(field),
            pattern: value.pattern.clone(),
            case_insensitive: false,
        }
    }
}

fn free_text(context: &mut Context<'_>, value: &Literal, slop: u32) -> Outcome<Query> {
    if context.options.default_fields.is_empty() {
        return everywhere(context, value, slop);
    }
    let fields: Vec<Field> = context
        .options
        .default_fields
        .iter()
        .map(|name| Field {
            has_wildcard: name.contains('*'),
            name: name.clone(),
            from: 0,
            to: 0,
        })
        .collect();
    let mut queries = Vec::with_capacity(fields.len());
    for field in &fields {
        queries.push(if field.name == "*" {
            everywhere(context, value, slop)?
        } else {
            self::value(context, Some(field), value, slop)?
        });
    }
    Ok(any(queries))
}

fn everywhere(context: &mut Context<'_>, value: &Literal, slop: u32) -> Outcome<Query> {
    let text = value.text.clone();
    if value.has_wildcard && !value.is_quoted {
        context.count_clauses(1)?;
        if text.chars().all(|character| character == '*') {
            return Ok(Query::MatchAll);
        }
        return Ok(Query::Wildcard {
            field: None,
            pattern: value.pattern.clone(),
            case_insensitive: true,
        });
    }
    if as_network(&text).is_some() {
        let names = context.names;
        let fields = names.address_fields();
        context.count_clauses(fields.len() + 1)?;
        let in_fields = fields.into_iter().map(|field| Query::Term {
            field: field.to_owned(),
            value: text.clone(),
            case_insensitive: false,
        });
        let mut queries: Vec<Query> = in_fields.collect();
        queries.push(phrase(text, slop));
        return Ok(any(queries));
    }
    if value.is_quoted {
        context.count_clauses(1)?;
        return Ok(phrase(text, slop));
    }
    // Words with punctuation inside, such as an ARN, are wanted as they stand; analysed into
    // their parts they would match nearly everything.
    let is_plain = |word: &str| word.chars().all(char::is_alphanumeric);
    let (plain, compound): (Vec<&str>, Vec<&str>) =
        text.split_whitespace().partition(|word| is_plain(word));
    let mut queries: Vec<Query> = compound
        .into_iter()
        .map(|word| phrase(word.to_owned(), 0))
        .collect();
    if !plain.is_empty() {
        let words = Query::Match {
            field: None,
            text: plain.join(" "),
            all_words: false,
        };
        queries.insert(0, words);
    }
    context.count_clauses(queries.len())?;
    Ok(any(queries))
}

fn phrase(text: String, slop: u32) -> Query {
    Query::Phrase {
        field: None,
        text,
        slop,
    }
}

/// An address or a network in CIDR notation.
pub(super) fn as_network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        Some(length) if length.bytes().all(|byte| byte.is_ascii_digit()) => length.parse().ok()?,
        Some(_) => return None,
        None => longest,
    };
    (length <= longest).then_some((address, length))
}
