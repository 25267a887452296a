//! Tests on single terms: prefixes, wildcards, regular expressions.

use regex::{Regex, RegexBuilder};

use crate::ip;

/// Largest compiled expression in bytes.
const MAX_PROGRAM_BYTES: usize = 1 << 20;
/// Longest pattern in bytes.
const MAX_PATTERN_BYTES: usize = 1_000;

/// A test on the text of a term; addresses are tested as people write them.
#[derive(Clone)]
pub(crate) struct Matcher {
    test: Test,
    /// Text every matching term begins with, for fields that hold no addresses.
    prefix: String,
}

#[derive(Clone)]
enum Test {
    /// What completion asks of every value there is, so it runs no expression.
    StartsWith(String),
    Regex(Regex),
}

impl Matcher {
    /// Text that begins with `value`.
    pub(crate) fn prefix(value: &str, case_insensitive: bool) -> Result<Self, String> {
        if !case_insensitive {
            return Ok(Self::starts_with(value.to_owned()));
        }
        Self::new(&format!("^{}", regex::escape(value)), true, String::new())
    }

    /// Text that is `value` but for the case of letters.
    pub(crate) fn same_but_case(value: &str) -> Result<Self, String> {
        Self::new(&format!("^{}$", regex::escape(value)), true, String::new())
    }

    /// Text that `*` and `?` stand for.
    pub(crate) fn wildcard(pattern: &str, case_insensitive: bool) -> Result<Self, String> {
        let mut expression = String::from("^");
        let mut prefix = String::new();
        let mut literal = !case_insensitive;
        for (c, escaped) in wildcard_chars(pattern) {
            match c {
                '*' if !escaped => expression.push_str(".*"),
                '?' if !escaped => expression.push('.'),
                c => {
                    expression.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                    if literal {
                        prefix.push(c);
                    }
                    continue;
                }
            }
            literal = false;
        }
        expression.push('$');
        Self::new(&expression, case_insensitive, prefix)
    }

    /// Text that an expression in Lucene's syntax matches as a whole.
    pub(crate) fn regexp(pattern: &str) -> Result<Self, String> {
        if let Some(text) = pattern.strip_suffix(".*").and_then(literal) {
            return Ok(Self::starts_with(text));
        }
        let expression = format!("^(?:{})$", translate_lucene(pattern)?);
        Self::new(&expression, false, String::new())
    }

    fn starts_with(text: String) -> Self {
        Self {
            prefix: text.clone(),
            test: Test::StartsWith(text),
        }
    }

    fn new(expression: &str, case_insensitive: bool, prefix: String) -> Result<Self, String> {
        if expression.len() > MAX_PATTERN_BYTES * 2 {
            return Err(format!(
                "the pattern is longer than {MAX_PATTERN_BYTES} bytes"
            ));
        }
        let regex = RegexBuilder::new(expression)
            .case_insensitive(case_insensitive)
            .dot_matches_new_line(true)
            .size_limit(MAX_PROGRAM_BYTES)
            .build()
            .map_err(|error| format!("cannot use the pattern: {error}"))?;
        Ok(Self {
            test: Test::Regex(regex),
            prefix,
        })
    }

    /// The same test for a field that may hold addresses, whose terms do not begin as they look.
    pub(crate) fn for_addresses(mut self) -> Self {
        self.prefix.clear();
        self
    }

    pub(crate) fn literal_prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn matches(&self, term: &str) -> bool {
        let term = match term.starts_with(ip::MARKER) {
            true => &*ip::display(term),
            false => term,
        };
        match &self.test {
            Test::StartsWith(text) => term.starts_with(text),
            Test::Regex(regex) => regex.is_match(term),
        }
    }
}

/// The text that a pattern in Lucene's syntax stands for, if it stands for one only.
fn literal(pattern: &str) -> Option<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(chars.next().filter(|c| !c.is_ascii_alphanumeric())?),
            c if c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '/' | ' ') => text.push(c),
            _ => return None,
        }
    }
    Some(text)
}

/// The characters of a wildcard pattern, and whether each was escaped.
pub(crate) fn wildcard_chars(pattern: &str) -> impl Iterator<Item = (char, bool)> + '_ {
    let mut chars = pattern.chars();
    std::iter::from_fn(move || match chars.next()? {
        '\\' => Some((chars.next().unwrap_or('\\'), true)),
        c => Some((c, false)),
    })
}

/// A pattern without wildcards as plain text.
pub(crate) fn plain_text(pattern: &str) -> Option<String> {
    let mut text = String::new();
    for (c, escaped) in wildcard_chars(pattern) {
        if !escaped && matches!(c, '*' | '?') {
            return None;
        }
        text.push(c);
    }
    Some(text)
}

fn translate_lucene(pattern: &str) -> Result<String, String> {
    let mut expression = String::with_capacity(pattern.len() + 8);
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(escaped) if escaped.is_ascii_alphanumeric() && !"dDsSwW".contains(escaped) => {
                    expression.push(escaped);
                }
                Some(escaped) if escaped.is_ascii_alphanumeric() => {
                    expression.extend(['\\', escaped])
                }
                Some(escaped) => {
                    expression.push_str(&regex::escape(escaped.encode_utf8(&mut [0; 4])))
                }
                None => return Err("the pattern ends with `\\`; write `\\\\`".to_owned()),
            },
            '[' if in_class => expression.push_str("\\["),
            '[' => {
                in_class = true;
                expression.push('[');
            }
            ']' => {
                in_class = false;
                expression.push(']');
            }
            '&' | '~' if in_class => expression.extend(['\\', c]),
            c if in_class => expression.push(c),
            '^' | '$' => expression.extend(['\\', c]),
            '@' => expression.push_str(".*"),
            '#' => expression.push_str("[^\\s\\S]"),
            '"' => {
                let quoted: String = chars.by_ref().take_while(|c| *c != '"').collect();
                expression.push_str(&regex::escape(&quoted));
            }
            '~' | '&' | '<' | '>' => {
                return Err(format!(
                    "`{c}` is not supported in patterns; write `\\{c}` for the character itself"
                ));
            }
            c => expression.push(c),
        }
    }
    Ok(expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_lucene_means_them() {
        let wildcards = [
            ("Console*", false, "ConsoleLogin", true),
            ("console*", false, "ConsoleLogin", false),
            ("console*", true, "ConsoleLogin", true),
            ("?b*d", false, "abcd", true),
            ("a\\*", false, "a*", true),
            ("a\\*", false, "ab", false),
            ("*", false, "line\nbreak", true),
            ("a.c", false, "abc", false),
        ];
        for (pattern, ignore_case, text, expected) in wildcards {
            let matcher = Matcher::wildcard(pattern, ignore_case).expect("pattern");
            assert_eq!(matcher.matches(text), expected, "{pattern} {text}");
        }
        let expressions = [
            ("Describe.*", "DescribeInstances", true),
            ("escribe", "DescribeInstances", false),
            ("a\\.b.*", "a.bc", true),
            ("a\\.b.*", "axbc", false),
            ("a.b.*", "axbc", true),
            ("a\\d.*", "a1", true),
            ("a^b", "a^b", true),
            ("\"a.b\"c", "a.bc", true),
            ("[a-c]{2}@", "abz", true),
            (
                "203\\.0\\..*",
                &ip::encode_text("203.0.113.9").expect("address"),
                true,
            ),
        ];
        for (pattern, text, expected) in expressions {
            assert_eq!(
                Matcher::regexp(pattern).expect("pattern").matches(text),
                expected,
                "{pattern} {text}"
            );
        }
        assert!(Matcher::regexp("(a{1000}){1000}").is_err());
        assert!(Matcher::regexp("<1-5>").is_err());
    }
}
