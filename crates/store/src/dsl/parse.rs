//! Query DSL to [`Query`].

use super::{At, DslContext, MAX_CLAUSES, MAX_QUERY_DEPTH};
use crate::query::{BoolQuery, Bound};
use crate::{Query, StoreError};

const KNOWN: &str = "match_all, match_none, bool, term, terms, range, exists, prefix, wildcard, regexp, \
     match, match_phrase, match_phrase_prefix, multi_match, query_string, simple_query_string, ids, \
     nested, constant_score";

/// Reads one query; `clauses` is what is left of the request's budget.
pub(crate) fn parse_query_at(
    at: &At<'_>,
    context: DslContext<'_>,
    depth: usize,
    clauses: &mut usize,
) -> Result<Query, StoreError> {
    if depth > MAX_QUERY_DEPTH {
        return Err(at.bad(format!(
            "queries are nested deeper than {MAX_QUERY_DEPTH} levels"
        )));
    }
    *clauses = clauses
        .checked_sub(1)
        .ok_or_else(|| at.bad(format!("the request has more than {MAX_CLAUSES} clauses")))?;
    let outer = at;
    let (kind, at) = outer.only_member("query type")?;
    match kind {
        "match_all" => {
            known_only(&at, &["boost"])?;
            Ok(Query::MatchAll)
        }
        "match_none" => Ok(Query::MatchNone),
        "bool" => parse_bool(&at, context, depth, clauses),
        "constant_score" => {
            known_only(&at, &["filter", "boost"])?;
            let filter = member(&at, "filter")?.ok_or_else(|| at.bad("`filter` is missing"))?;
            parse_query_at(&filter, context, depth + 1, clauses)
        }
        "nested" => {
            // Arrays of objects are flattened by this store, so a nested query is its inner query.
            known_only(
                &at,
                &["path", "query", "score_mode", "ignore_unmapped", "boost"],
            )?;
            let inner = member(&at, "query")?.ok_or_else(|| at.bad("`query` is missing"))?;
            parse_query_at(&inner, context, depth + 1, clauses)
        }
        "term" => {
            let leaf = Leaf::parse(&at, "value", &["case_insensitive", "boost"])?;
            Ok(Query::Term {
                value: leaf.scalar()?,
                case_insensitive: leaf.flag("case_insensitive")?,
                field: leaf.field,
            })
        }
        "terms" => parse_terms(&at),
        "range" => parse_range(&at),
        "exists" => {
            known_only(&at, &["field", "boost"])?;
            let field = member(&at, "field")?.ok_or_else(|| at.bad("`field` is missing"))?;
            Ok(Query::Exists {
                field: field.string()?.to_owned(),
            })
        }
        "prefix" => {
            let leaf = Leaf::parse(&at, "value", &["case_insensitive", "rewrite", "boost"])?;
            Ok(Query::Prefix {
                value: leaf.scalar()?,
                case_insensitive: leaf.flag("case_insensitive")?,
                field: leaf.field,
            })
        }
        "wildcard" => {
            let mut leaf = Leaf::parse(
                &at,
                "value",
                &["wildcard", "case_insensitive", "rewrite", "boost"],
            )?;
            leaf.value = leaf.value.take().or_else(|| leaf.option("wildcard"));
            Ok(Query::Wildcard {
                pattern: leaf.scalar()?,
                case_insensitive: leaf.flag("case_insensitive")?,
                field: Some(leaf.field),
            })
        }
        "regexp" => {
            let known = ["flags", "max_determinized_states", "rewrite", "boost"];
            let leaf = Leaf::parse(&at, "value", &known)?;
            Ok(Query::Regexp {
                pattern: leaf.scalar()?,
                field: leaf.field,
            })
        }
        "match" => {
            let known = [
                "operator",
                "lenient",
                "boost",
                "minimum_should_match",
                "zero_terms_query",
            ];
            let leaf = Leaf::parse(&at, "query", &known)?;
            let all_words = match leaf.option("operator") {
                Some(operator) => is_and(&operator)?,
                None => false,
            };
            Ok(Query::Match {
                text: leaf.scalar()?,
                field: some_field(leaf.field),
                all_words,
            })
        }
        "match_phrase" | "match_phrase_prefix" => {
            let leaf = Leaf::parse(
                &at,
                "query",
                &["slop", "boost", "zero_terms_query", "max_expansions"],
            )?;
            let slop = leaf.option("slop").map_or(Ok(0), |slop| slop.whole())?;
            let slop = u32::try_from(slop).unwrap_or(u32::MAX);
            let text = leaf.scalar()?;
            Ok(match kind {
                "match_phrase" => Query::Phrase {
                    text,
                    field: some_field(leaf.field),
                    slop,
                },
                _ => Query::Wildcard {
                    pattern: format!("{}*", escape_wildcards(&text)),
                    field: some_field(leaf.field),
                    case_insensitive: true,
                },
            })
        }
        "multi_match" => parse_multi_match(&at),
        "query_string" | "simple_query_string" => parse_query_string(&at, context, depth),
        "ids" => {
            known_only(&at, &["values", "boost"])?;
            let values = member(&at, "values")?.ok_or_else(|| at.bad("`values` is missing"))?;
            Ok(Query::Ids(scalars(&values)?))
        }
        other => Err(outer.unknown(other, KNOWN)),
    }
}

/// Turns `*`, `?` and `\` into literals of a wildcard pattern.
pub(crate) fn escape_wildcards(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn some_field(field: String) -> Option<String> {
    (!matches!(field.as_str(), "*" | "_all")).then_some(field)
}

fn scalars(at: &At<'_>) -> Result<Vec<String>, StoreError> {
    at.array()?.iter().map(At::scalar).collect()
}

fn is_and(at: &At<'_>) -> Result<bool, StoreError> {
    match at.string()?.to_ascii_lowercase().as_str() {
        "and" => Ok(true),
        "or" => Ok(false),
        _ => Err(at.bad("expected `and` or `or`")),
    }
}

pub(crate) fn member<'a>(at: &At<'a>, name: &str) -> Result<Option<At<'a>>, StoreError> {
    Ok(at
        .members()?
        .into_iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value))
}

pub(crate) fn known_only(at: &At<'_>, known: &[&str]) -> Result<(), StoreError> {
    match at
        .object()?
        .keys()
        .find(|key| !known.contains(&key.as_str()))
    {
        Some(key) => Err(at.unknown(key, &known.join(", "))),
        None => Ok(()),
    }
}

/// `{"field": "value"}` or `{"field": {"value": …, option: …}}`.
struct Leaf<'a> {
    field: String,
    value: Option<At<'a>>,
    options: Vec<(&'a str, At<'a>)>,
    at: At<'a>,
}

impl<'a> Leaf<'a> {
    fn parse(at: &At<'a>, value_key: &str, known: &[&str]) -> Result<Self, StoreError> {
        let (field, at) = at.only_member("field")?;
        if !at.value.is_object() {
            return Ok(Self {
                field: field.to_owned(),
                value: Some(at.clone()),
                options: Vec::new(),
                at,
            });
        }
        let mut value = None;
        let mut options = Vec::new();
        for (key, option) in at.members()? {
            if key == value_key {
                value = Some(option);
            } else if known.contains(&key) {
                options.push((key, option));
            } else {
                return Err(at.unknown(key, &format!("{value_key}, {}", known.join(", "))));
            }
        }
        Ok(Self {
            field: field.to_owned(),
            value,
            options,
            at,
        })
    }

    fn option(&self, name: &str) -> Option<At<'a>> {
        self.options
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.clone())
    }

    fn flag(&self, name: &str) -> Result<bool, StoreError> {
        self.option(name).map_or(Ok(false), |value| value.boolean())
    }

    fn scalar(&self) -> Result<String, StoreError> {
        self.value
            .as_ref()
            .ok_or_else(|| self.at.bad("the value is missing"))?
            .scalar()
    }
}

fn parse_bool(
    at: &At<'_>,
    context: DslContext<'_>,
    depth: usize,
    clauses: &mut usize,
) -> Result<Query, StoreError> {
    let mut query = BoolQuery::default();
    for (key, value) in at.members()? {
        let list = match key {
            "must" => &mut query.must,
            "filter" => &mut query.filter,
            "should" => &mut query.should,
            "must_not" => &mut query.must_not,
            "minimum_should_match" => {
                let minimum = value.whole()?;
                query.minimum_should_match = Some(usize::try_from(minimum).unwrap_or(usize::MAX));
                continue;
            }
            "boost" | "adjust_pure_negative" => continue,
            other => {
                let known = "must, filter, should, must_not, minimum_should_match, boost";
                return Err(at.unknown(other, known));
            }
        };
        for clause in value.elements() {
            list.push(parse_query_at(&clause, context, depth + 1, clauses)?);
        }
    }
    Ok(Query::Bool(query))
}

fn parse_terms(at: &At<'_>) -> Result<Query, StoreError> {
    let mut found = None;
    for (key, value) in at.members()? {
        if key == "boost" {
            continue;
        }
        if found.is_some() {
            return Err(at.bad("expected exactly one field"));
        }
        found = Some((key.to_owned(), scalars(&value)?));
    }
    let (field, values) = found.ok_or_else(|| at.bad("expected exactly one field"))?;
    if values.len() > 65_536 {
        return Err(at.bad("expected at most 65 536 values"));
    }
    Ok(Query::Terms { field, values })
}

fn parse_range(at: &At<'_>) -> Result<Query, StoreError> {
    let (field, at) = at.only_member("field")?;
    let mut lower = Bound::Unbounded;
    let mut upper = Bound::Unbounded;
    let mut time_zone = None;
    let format = member(&at, "format")?;
    let seconds = match &format {
        Some(format) => reads_seconds(format)?,
        None => false,
    };
    for (key, value) in at.members()? {
        match key {
            "gte" | "from" if value.value.is_null() => {}
            "lte" | "to" | "gt" | "lt" if value.value.is_null() => {}
            "gte" | "from" => lower = Bound::Included(bound_text(&value, seconds)?),
            "gt" => lower = Bound::Excluded(bound_text(&value, seconds)?),
            "lte" | "to" => upper = Bound::Included(bound_text(&value, seconds)?),
            "lt" => upper = Bound::Excluded(bound_text(&value, seconds)?),
            "time_zone" => time_zone = Some(value.string()?.to_owned()),
            "format" | "boost" | "relation" => {}
            other => return Err(at.unknown(other, "gte, gt, lte, lt, format, time_zone, boost")),
        }
    }
    Ok(Query::Range {
        field: field.to_owned(),
        lower,
        upper,
        time_zone,
    })
}

/// Whether bounds are seconds since the epoch; other formats are all read alike.
fn reads_seconds(format: &At<'_>) -> Result<bool, StoreError> {
    let mut seconds = false;
    for part in format.string()?.split("||") {
        match part {
            "epoch_second" => seconds = true,
            "epoch_millis" => {}
            part if part.contains("date_optional_time") || part.contains("date_time") => {}
            part if part.starts_with("yyyy") || part.starts_with("uuuu") => {}
            other => {
                let known = "epoch_millis, epoch_second, strict_date_optional_time, yyyy-MM-dd…";
                return Err(format.bad(format!(
                    "date format `{other}` is not supported; use one of: {known}"
                )));
            }
        }
    }
    Ok(seconds)
}

fn bound_text(at: &At<'_>, seconds: bool) -> Result<String, StoreError> {
    let text = at.scalar()?;
    match text.parse::<f64>() {
        Ok(number) if seconds => Ok(format!("{:.0}", number * 1000.0)),
        _ => Ok(text),
    }
}

fn parse_multi_match(at: &At<'_>) -> Result<Query, StoreError> {
    known_only(
        at,
        &[
            "query", "fields", "type", "operator", "lenient", "boost", "slop",
        ],
    )?;
    let text = member(at, "query")?
        .ok_or_else(|| at.bad("`query` is missing"))?
        .scalar()?;
    let all_words = member(at, "operator")?.map_or(Ok(false), |operator| is_and(&operator))?;
    let kind = member(at, "type")?;
    let kind = kind.as_ref().map_or(Ok("best_fields"), At::string)?;
    let phrase = match kind {
        "phrase" => true,
        "best_fields" | "most_fields" | "cross_fields" => false,
        other => {
            return Err(at.bad(format!(
                "`type` `{other}` is not supported; use best_fields or phrase"
            )));
        }
    };
    let query_of = |field: Option<String>| match phrase {
        true => Query::Phrase {
            field,
            text: text.clone(),
            slop: 0,
        },
        false => Query::Match {
            field,
            text: text.clone(),
            all_words,
        },
    };
    let fields = member(at, "fields")?.map_or(Ok(Vec::new()), |fields| scalars(&fields))?;
    Ok(any_of(
        fields
            .iter()
            .map(|field| query_of(plain_field(field)))
            .collect(),
        || query_of(None),
    ))
}

/// The field without its boost (`name^2`); `None` for every field.
fn plain_field(field: &str) -> Option<String> {
    some_field(field.split('^').next().unwrap_or(field).to_owned())
}

fn any_of(mut queries: Vec<Query>, otherwise: impl Fn() -> Query) -> Query {
    match queries.len() {
        0 => otherwise(),
        1 => queries.pop().unwrap_or_else(otherwise),
        _ => Query::Bool(BoolQuery {
            should: queries,
            ..BoolQuery::default()
        }),
    }
}

fn parse_query_string(
    at: &At<'_>,
    context: DslContext<'_>,
    depth: usize,
) -> Result<Query, StoreError> {
    known_only(
        at,
        &[
            "query",
            "default_field",
            "fields",
            "analyze_wildcard",
            "default_operator",
            "lenient",
            "time_zone",
            "boost",
        ],
    )?;
    let text_at = member(at, "query")?.ok_or_else(|| at.bad("`query` is missing"))?;
    let text = text_at.string()?;
    let and_is_default =
        member(at, "default_operator")?.map_or(Ok(false), |value| is_and(&value))?;
    let parse = |field: Option<&str>| {
        let parsed = context.query_strings.parse(text, field, and_is_default);
        parsed.map_err(|message| text_at.bad(message))
    };
    let default_field = match member(at, "default_field")? {
        Some(field) => plain_field(field.string()?),
        None => None,
    };
    let fields = member(at, "fields")?.map_or(Ok(Vec::new()), |fields| scalars(&fields))?;
    if depth + 1 > MAX_QUERY_DEPTH {
        return Err(at.bad(format!(
            "queries are nested deeper than {MAX_QUERY_DEPTH} levels"
        )));
    }
    let mut queries = Vec::new();
    for field in &fields {
        queries.push(parse(plain_field(field).as_deref())?);
    }
    match queries.len() {
        0 => parse(default_field.as_deref()),
        _ => Ok(any_of(queries, || Query::MatchNone)),
    }
}
