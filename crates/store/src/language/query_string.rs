//! The text of `query_string` queries, read with the Lucene parser.

use super::{FieldNames, Language, ParseOptions, parse_with};
use crate::dsl::QueryStringParser;
use crate::query::Query;

/// Reads `query_string` texts; the field list serves `source.*` and bare addresses.
pub struct QueryStrings<N> {
    /// The fields there are.
    pub names: N,
}

impl<N: FieldNames> QueryStringParser for QueryStrings<N> {
    fn parse(
        &self,
        text: &str,
        default_field: Option<&str>,
        and_is_default: bool,
    ) -> Result<Query, String> {
        let options = ParseOptions {
            all_clauses: and_is_default,
            default_fields: default_field.map(str::to_owned).into_iter().collect(),
        };
        let parsed = parse_with(text, Language::Lucene, &self.names, &options);
        match (parsed.query, parsed.errors.first()) {
            (Some(query), _) => Ok(query),
            (None, Some(error)) => Err(error.to_string()),
            (None, None) => Ok(Query::MatchNone),
        }
    }
}

/// Writes a wildcard pattern so that a `query_string` reads it back as the same pattern.
///
/// Everything that means something in Lucene's syntax is escaped, except the wildcards and the
/// escapes the pattern has already.
pub fn escape_pattern(pattern: &str) -> String {
    let mut escaped = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                escaped.push('\\');
                escaped.push(characters.next().unwrap_or('\\'));
            }
            '*' | '?' => escaped.push(character),
            plain if plain.is_alphanumeric() || matches!(plain, '.' | '_' | '@' | '%' | ',') => {
                escaped.push(plain);
            }
            other => {
                escaped.push('\\');
                escaped.push(other);
            }
        }
    }
    // The classic operators are words; a backslash in front makes them plain text.
    if matches!(escaped.as_str(), "AND" | "OR" | "NOT" | "TO") {
        escaped.insert(0, '\\');
    }
    escaped
}
