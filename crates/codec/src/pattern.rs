//! Users' regular expressions: Python's dialect, run by PCRE2 with JIT and a limit on steps.

use std::cell::{OnceCell, RefCell};

use pcre2::bytes::{CaptureLocations, Regex, RegexBuilder};
use yagura_model::{Arena, Key, KeyRow, Object, Value};

use crate::FailureReason;

/// How many steps a match may take; ordinary lines take some thousands.
const MATCH_LIMIT: u32 = 1_000_000;

/// How long a pattern may be.
const MAX_PATTERN_BYTES: usize = 64 << 10;

/// A pattern that cannot be compiled, or whose match took too many steps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The pattern is wrong.
    #[error("{message}{}", .at.map(|at| format!(" at character {at}")).unwrap_or_default())]
    Syntax {
        /// What is wrong.
        message: String,
        /// Where, in characters of the pattern.
        at: Option<usize>,
    },
    /// The match was given up.
    #[error("the match needs more than {MATCH_LIMIT} steps; make the pattern less ambiguous")]
    Limit,
}

/// A compiled pattern with its named groups.
pub struct Pattern {
    regex: Regex,
    groups: Vec<(usize, Key<String>)>,
    /// The names of the groups.
    row: Box<KeyRow>,
    locations: RefCell<CaptureLocations>,
    plain: OnceCell<Option<Box<PlainPattern>>>,
}

/// A pattern of ASCII characters, compiled for lines of ASCII characters.
///
/// There every character is a byte and all classes mean the same, but nothing has to be checked and
/// decoded first, which makes a match a good deal faster. It is compiled when the first line comes,
/// since most patterns never see one.
struct PlainPattern {
    regex: Regex,
    locations: RefCell<CaptureLocations>,
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Pattern").field(&self.regex).finish()
    }
}

impl Pattern {
    /// A pattern that is found anywhere (`re.search`).
    pub fn search(pattern: &str) -> Result<Pattern, PatternError> {
        Self::compile(pattern, "", "")
    }

    /// A pattern that matches from the start (`re.match`).
    pub fn at_start(pattern: &str) -> Result<Pattern, PatternError> {
        Self::compile(pattern, r"\A(?:", ")")
    }

    /// A pattern that matches the whole text, but for a line feed at its end.
    pub fn whole(pattern: &str) -> Result<Pattern, PatternError> {
        Self::compile(pattern, r"\A(?:", ")$")
    }

    fn compile(pattern: &str, before: &str, after: &str) -> Result<Pattern, PatternError> {
        if pattern.len() > MAX_PATTERN_BYTES {
            return Err(PatternError::Syntax {
                message: format!("the pattern is longer than {MAX_PATTERN_BYTES} bytes"),
                at: None,
            });
        }
        let start = format!("(*LIMIT_MATCH={MATCH_LIMIT}){before}");
        let text = [&start, &*translate(pattern), after].concat();
        let regex = Self::build(&text, true).map_err(|error| PatternError::Syntax {
            message: error.to_string(),
            // About: the translation may be longer or shorter than the pattern.
            at: error
                .offset()
                .map(|at| at.saturating_sub(start.len()).min(pattern.len())),
        })?;
        let groups: Vec<_> = regex
            .capture_names()
            .iter()
            .enumerate()
            .filter_map(|(group, name)| Some((group, Key::from(name.clone()?))))
            .collect();
        let locations = RefCell::new(regex.capture_locations());
        Ok(Pattern {
            regex,
            row: Box::new(KeyRow::new(groups.iter().map(|(_, name)| name))),
            groups,
            locations,
            plain: OnceCell::new(),
        })
    }

    fn build(text: &str, is_unicode: bool) -> Result<Regex, pcre2::Error> {
        RegexBuilder::new()
            .utf(is_unicode)
            .ucp(is_unicode)
            .jit_if_available(true)
            .build(text)
    }

    /// The pattern for lines of ASCII, if it is such a pattern itself.
    fn plain(&self) -> Option<&PlainPattern> {
        let plain = self.plain.get_or_init(|| {
            let text = self.regex.as_str();
            // A character beyond a byte cannot be compiled here, however it is written.
            let regex = text.is_ascii().then(|| Self::build(text, false).ok())??;
            let locations = RefCell::new(regex.capture_locations());
            Some(Box::new(PlainPattern { regex, locations }))
        });
        plain.as_deref()
    }

    /// Names of the groups.
    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|(_, name)| name.as_str())
    }

    /// Whether the pattern is found.
    pub fn is_match(&self, text: &str) -> Result<bool, PatternError> {
        self.regex
            .is_match(text.as_bytes())
            .map_err(|_| PatternError::Limit)
    }

    /// The first match with its named groups.
    pub fn captures<'p, 't>(
        &'p self,
        text: &'t str,
    ) -> Result<Option<Captures<'p, 't>>, PatternError> {
        let mut locations = self.regex.capture_locations();
        let found = self
            .regex
            .captures_read(&mut locations, text.as_bytes())
            .map_err(|_| PatternError::Limit)?;
        Ok(found.map(|_| Captures {
            pattern: self,
            text,
            locations,
        }))
    }

    /// The named groups as fields, and where the match ends; `None` where there is none.
    pub(crate) fn match_start<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Option<(&'a mut Object<'a>, usize)> {
        self.match_with_end(line, arena).ok()
    }

    /// The named groups as fields; a group that took no part is null.
    pub(crate) fn match_fields<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        self.match_with_end(line, arena).map(|(fields, _)| fields)
    }

    fn match_with_end<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<(&'a mut Object<'a>, usize), (FailureReason, String)> {
        let plain = line.is_ascii().then(|| self.plain()).flatten();
        let (regex, locations) = match plain {
            Some(plain) => (&plain.regex, &plain.locations),
            None => (&self.regex, &self.locations),
        };
        let mut locations = locations.borrow_mut();
        match regex.captures_read(&mut locations, line.as_bytes()) {
            Ok(Some(_)) => {}
            Ok(None) => {
                let detail = "the line does not match the log type's pattern".to_owned();
                return Err((FailureReason::PatternMismatch, detail));
            }
            Err(_) => {
                let detail = PatternError::Limit.to_string();
                return Err((FailureReason::PatternLimit, detail));
            }
        }
        let fields = Object::for_record_in(&self.row, arena);
        for (group, name) in &self.groups {
            let value = match locations
                .get(*group)
                .and_then(|(from, to)| line.get(from..to))
            {
                Some(text) => Value::Text(text),
                None => Value::Null,
            };
            fields.push_noted(name, value);
        }
        let end = locations.get(0).map_or(0, |(_, end)| end);
        Ok((fields, end))
    }
}

/// A match of a pattern.
pub struct Captures<'p, 't> {
    pattern: &'p Pattern,
    text: &'t str,
    locations: CaptureLocations,
}

impl<'t> Captures<'_, 't> {
    /// The text of a named group, if it took part.
    pub fn name(&self, name: &str) -> Option<&'t str> {
        let (from, to) = self.span(name)?;
        self.text.get(from..to)
    }

    /// Where a named group lies in the text, in bytes, if it took part.
    pub fn span(&self, name: &str) -> Option<(usize, usize)> {
        let groups = &self.pattern.groups;
        let (group, _) = groups.iter().find(|(_, known)| known.as_str() == name)?;
        self.locations.get(*group)
    }

    /// The text of a group by number; 0 is the whole match.
    pub fn group(&self, group: usize) -> Option<&'t str> {
        let (from, to) = self.locations.get(group)?;
        self.text.get(from..to)
    }
}

/// Writes a pattern in Python's dialect as PCRE2 reads it; most is the same.
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(character) = rest.chars().next() {
        let (taken, written) = match character {
            '\\' => translate_escape(rest),
            '[' if !in_class => {
                in_class = true;
                // A bracket right behind the opening one is a member of the class.
                let member = ["[^]", "[]"]
                    .into_iter()
                    .find(|start| rest.starts_with(start));
                let start = member.unwrap_or("[");
                (start.len(), start.replace(']', "\\]"))
            }
            // Python's classes hold a plain bracket, PCRE2's a POSIX class.
            '[' => (1, "\\[".to_owned()),
            ']' => {
                in_class = false;
                (1, "]".to_owned())
            }
            '(' if !in_class && rest.starts_with("(?") => translate_flags(rest),
            '{' if !in_class && rest.starts_with("{,") => (2, "{0,".to_owned()),
            _ => (character.len_utf8(), character.to_string()),
        };
        out.push_str(&written);
        rest = &rest[taken..];
    }
    out
}

fn translate_escape(rest: &str) -> (usize, String) {
    let hex = |digits: usize| {
        rest.get(2..2 + digits)
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .map(|text| (2 + digits, format!("\\x{{{text}}}")))
    };
    let pair = rest.chars().nth(1).map_or(1, |next| 1 + next.len_utf8());
    let same = (pair, rest[..pair].to_owned());
    match rest.as_bytes().get(1) {
        Some(b'u') => hex(4).unwrap_or(same),
        Some(b'U') => hex(8).unwrap_or(same),
        Some(b'Z') => (2, "\\z".to_owned()),
        _ => same,
    }
}

/// Drops the flags for text kinds, which PCRE2 does not know, from `(?aiLmsux)` and `(?a:…)`.
fn translate_flags(rest: &str) -> (usize, String) {
    let flags: String = rest[2..]
        .chars()
        .take_while(|letter| "aiLmsux-".contains(*letter))
        .collect();
    let end = 2 + flags.len();
    let kept: String = flags
        .chars()
        .filter(|flag| !"aLu".contains(*flag))
        .collect();
    match rest.as_bytes().get(end) {
        Some(b')') if !flags.is_empty() && kept.is_empty() => (end + 1, String::new()),
        Some(b')' | b':') if !flags.is_empty() => (end, format!("(?{kept}")),
        _ => (2, "(?".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_error_lies_in_the_pattern() {
        for (pattern, place) in [
            ("ab(", 3),
            ("a)b", 1),
            // Much shorter once it is translated.
            ("(?LLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLL)a(", 2),
        ] {
            let Err(PatternError::Syntax { at, .. }) = Pattern::at_start(pattern) else {
                panic!("`{pattern}` is wrong");
            };
            let at = at.unwrap();
            assert!(place <= at && at <= pattern.len(), "{pattern}: {at}");
        }
    }

    #[test]
    fn pythons_dialect_is_understood() {
        for (pattern, text, expected) in [
            (r"a{,2}b\Z", "aab", true),
            (r"(?u)\w+$", "é", true),
            (r"(?i)ABC", "xabc", true),
            (r"(?a:b)", "b", true),
            ("\\u00e9", "é", true),
            (r"[[]x]", "[x]", true),
            (r"[]]", "]", true),
            (r"[^]]", "]", false),
            (r"(?P<q>['x])(?P=q)", "xx", true),
            (r"(?<!a)b", "ab", false),
            (r"a$", "a\n", true),
        ] {
            let found = Pattern::search(pattern).unwrap().is_match(text);
            assert_eq!(found, Ok(expected), "{pattern}");
        }
    }

    #[test]
    fn anchoring_covers_every_alternative() {
        let whole = Pattern::whole("a|b").unwrap();
        assert_eq!(whole.is_match("ax"), Ok(false));
        assert_eq!(whole.is_match("b\n"), Ok(true));
        let start = Pattern::at_start("a|b").unwrap();
        assert_eq!(start.is_match("xb"), Ok(false));
    }

    #[test]
    fn a_pattern_that_blows_up_is_stopped() {
        let pattern = Pattern::at_start(r"(?P<a>(\w+\s?)+)$").unwrap();
        let arena = Arena::new();
        let line = "x".repeat(200) + "!";
        let (reason, _) = pattern.match_fields(&line, &arena).unwrap_err();
        assert_eq!(reason, FailureReason::PatternLimit);
    }

    #[test]
    fn ascii_lines_give_what_others_give() {
        let arena = Arena::new();
        for pattern in [
            r"(?P<a>\w+)\s(?P<b>[^ ]*)(?: (?P<c>\d+))?",
            r"(?i)(?P<a>K.*)",
            r"(?P<a>[^\u00e9]*)\W(?P<b>\x{2603}?\S*)",
            "(?P<a>é?k)(?P<b>.*)",
        ] {
            let pattern = Pattern::at_start(pattern).unwrap();
            for line in ["key value 12", "k_9\tv", "K\u{b}x", "kx y\u{1c}z", "-"] {
                let shown = |found: Result<&mut Object<'_>, _>| format!("{found:?}");
                let plain = shown(pattern.match_fields(line, &arena));
                let only_unicode = Pattern {
                    plain: OnceCell::from(None),
                    ..Pattern::search(pattern.regex.as_str()).unwrap()
                };
                let unicode = shown(only_unicode.match_fields(line, &arena));
                assert_eq!(plain, unicode, "{pattern:?} on {line:?}");
            }
        }
    }

    #[test]
    fn errors_tell_the_place_in_the_users_pattern() {
        let PatternError::Syntax { at, .. } = Pattern::at_start("ab(c").unwrap_err() else {
            panic!("a syntax error");
        };
        assert!(at.is_some_and(|at| at <= 5), "{at:?}");
    }

    proptest! {
        #[test]
        fn any_pattern_compiles_or_fails_cleanly(pattern in r"[\[\](){}\\?*+^$|.,a-cuZx0-9:<>P=!-]{0,24}") {
            if let Ok(pattern) = Pattern::search(&pattern) {
                let _ = pattern.is_match("abc cba");
            }
        }
    }
}
