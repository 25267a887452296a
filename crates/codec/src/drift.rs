//! Lines that begin as their log type's pattern says and go on in another way.

use yagura_model::{Arena, Object, Value};

use crate::{Pattern, PatternError};

/// The field that takes what a layout does not cover of a line.
pub(crate) const UNPARSED: &str = "unparsed";
/// What is said of a line that lacks fields at its end.
const ENDS_EARLY: &str = "the line ends before the layout of its log type does";

/// A pattern that also reads the beginning of a line whose end it does not cover.
///
/// Vendors add fields and change late ones. A line that fits up to a group that is named as the
/// core of the layout is read as far as it fits; the rest becomes the field `unparsed`.
#[derive(Debug)]
pub struct Layout {
    /// The pattern with everything behind the core optional, piece by piece.
    start: Pattern,
    /// What may stand behind the end of the pattern.
    tail: Option<Pattern>,
}

impl Layout {
    /// Cuts a pattern behind the group `core`; `None` if it has no such group at its top level, or
    /// is a choice there.
    pub fn new(
        pattern: &str,
        core: &str,
        tail: Option<&str>,
    ) -> Result<Option<Layout>, PatternError> {
        let Some(start) = optional_behind(pattern, core) else {
            return Ok(None);
        };
        Ok(Some(Layout {
            start: Pattern::at_start(&start)?,
            tail: tail.map(Pattern::whole).transpose()?,
        }))
    }

    /// Reads the beginning of a line that the pattern does not match; with the fields comes the
    /// sentence that says where the layout ends.
    pub fn read_start<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Option<(&'a mut Object<'a>, &'a str)> {
        let (fields, end) = self.start.match_start(line, arena)?;
        let detail = self.note_rest(line, end, fields, arena);
        Some((fields, detail.unwrap_or(ENDS_EARLY)))
    }

    /// Keeps what stands behind the last field of a line that the pattern matches, unless it may
    /// stand there.
    pub fn keep_rest<'a>(
        &'a self,
        line: &'a str,
        fields: &mut Object<'a>,
        arena: &'a Arena,
    ) -> Option<&'a str> {
        let start = line.as_ptr() as usize;
        let mut end = 0;
        for member in fields.iter() {
            if let Value::Text(text) = &member.value {
                let behind = (text.as_ptr() as usize + text.len()).wrapping_sub(start);
                // Texts that are not of the line lie elsewhere in memory.
                if behind <= line.len() && behind > end {
                    end = behind;
                }
            }
        }
        if line.len() - end <= 1 {
            return None;
        }
        self.note_rest(line, end, fields, arena)
    }

    fn note_rest<'a>(
        &'a self,
        line: &'a str,
        end: usize,
        fields: &mut Object<'a>,
        arena: &'a Arena,
    ) -> Option<&'a str> {
        let rest = line.get(end..)?;
        // What closes the last field, and fields without a value, are no fields.
        let inside = rest.trim_matches(|mark: char| mark.is_whitespace() || "\"]-".contains(mark));
        let behind = rest.trim_start_matches(['"', ']', '-', ' ']).trim_end();
        let is_allowed = |tail: &Pattern| tail.is_match(behind) == Ok(true);
        if inside.is_empty() || self.tail.as_ref().is_some_and(is_allowed) {
            return None;
        }
        let kept = rest.trim_start_matches(['"', ']']).trim();
        fields.set(UNPARSED, Value::Text(kept));
        let at = line[..end].chars().count() + 1;
        Some(arena.alloc_str(&format!(
            "the line does not have the layout of its log type from character {at} on"
        )))
    }
}

/// The pattern with each piece behind the group optional: `a(?:b(?:c)?)?`.
fn optional_behind(pattern: &str, core: &str) -> Option<String> {
    let pieces = pieces(pattern)?;
    let named = format!("(?P<{core}>");
    let at = pieces
        .iter()
        .position(|piece| piece.text.contains(&named))?;
    let mut out: String = pieces.iter().take(at + 1).map(|piece| piece.text).collect();
    let optional = pieces.get(at + 1..)?;
    for piece in optional {
        out.push_str("(?:");
        out.push_str(piece.text);
        // A field that is cut short in its middle is not read.
        if let Some(next) = piece.next_literal {
            out.push_str(&format!("(?={next}|\\Z)"));
        }
    }
    out.push_str(&")?".repeat(optional.len()));
    Some(out)
}

/// A piece of a pattern: literals and the group behind them.
struct Piece<'p> {
    text: &'p str,
    /// The literal with which the next piece begins.
    next_literal: Option<&'p str>,
}

/// Cuts a pattern behind each group of its top level; `None` if it is a choice there.
fn pieces(pattern: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut is_open = true;
    while at < pattern.len() {
        let end = atom_end(pattern, at)?;
        let atom = &pattern[at..end];
        let quantified = end + quantifier_length(&pattern[end..]);
        if atom == "|" {
            return None;
        }
        if is_open {
            let is_literal = quantified == end && !atom.starts_with(['(', '[', '.', '^', '$']);
            if let Some(last) = pieces.last_mut() {
                last.next_literal = is_literal.then_some(atom);
            }
            is_open = false;
        }
        at = quantified;
        if atom.starts_with('(') || at == pattern.len() {
            pieces.push(Piece {
                text: &pattern[start..at],
                next_literal: None,
            });
            start = at;
            is_open = true;
        }
    }
    Some(pieces)
}

/// Where the character, class or group ends that begins here.
fn atom_end(pattern: &str, at: usize) -> Option<usize> {
    let mut depth = 0;
    let mut place = at;
    loop {
        let character = pattern.get(place..)?.chars().next()?;
        place += match character {
            '\\' => {
                1 + pattern[place + 1..]
                    .chars()
                    .next()
                    .map_or(0, char::len_utf8)
            }
            '[' => class_length(&pattern[place..])?,
            character => character.len_utf8(),
        };
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth <= 0 {
            return Some(place);
        }
    }
}

fn class_length(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("[^").or_else(|| text.strip_prefix('['))?;
    let mut at = text.len() - inside.len();
    // A bracket right behind the opening one is a member.
    at += usize::from(inside.starts_with(']'));
    loop {
        match text.as_bytes().get(at)? {
            b']' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn quantifier_length(text: &str) -> usize {
    let length = match text.as_bytes().first() {
        Some(b'*' | b'+' | b'?') => 1,
        Some(b'{') => match text.find('}') {
            Some(end)
                if text[1..end]
                    .bytes()
                    .all(|b| b.is_ascii_digit() || b == b',') =>
            {
                end + 1
            }
            _ => return 0,
        },
        _ => return 0,
    };
    length + usize::from(text[length..].starts_with(['?', '+']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERN: &str = r#"(?P<time>\S+) (?P<ip>[0-9.]+):(?P<port>\d+) "(?P<request>[^"]*)" (?P<status>\d{3})(?: (?P<late>\d+))?"#;

    fn read(line: &str) -> Option<String> {
        let arena = Arena::new();
        let layout = Layout::new(PATTERN, "port", Some("TID_.*"))
            .unwrap()
            .unwrap();
        let pattern = Pattern::at_start(PATTERN).unwrap();
        let (fields, detail) = match pattern.match_fields(line, &arena) {
            Ok(fields) => {
                let detail = layout.keep_rest(line, fields, &arena)?;
                (fields, detail)
            }
            Err(_) => layout.read_start(line, &arena)?,
        };
        assert!(detail.contains("layout of its log type"), "{detail}");
        let shown = fields.iter().filter_map(|member| {
            let text = member.value.as_text()?;
            Some(format!("{}={text}", member.key))
        });
        Some(shown.collect::<Vec<_>>().join("|"))
    }

    #[test]
    fn the_beginning_is_read_and_the_rest_is_kept() {
        for (line, expected) in [
            (r#"t 192.0.2.1:80 "GET /" 200"#, None),
            (r#"t 192.0.2.1:80 "GET /" 200 7"#, None),
            (r#"t 192.0.2.1:80 "GET /" 200 7 TID_1"#, None),
            (
                r#"t 192.0.2.1:80 "GET /" 200 7 "new" x"#,
                Some(
                    r#"time=t|ip=192.0.2.1|port=80|request=GET /|status=200|late=7|unparsed="new" x"#,
                ),
            ),
            (
                r#"t 192.0.2.1:80 'GET /' 200"#,
                Some("time=t|ip=192.0.2.1|port=80|unparsed='GET /' 200"),
            ),
            (
                r#"t 192.0.2.1:80 "GET /" 20x"#,
                Some(r#"time=t|ip=192.0.2.1|port=80|request=GET /|unparsed=20x"#),
            ),
            ("t 192.0.2.1:80", Some("time=t|ip=192.0.2.1|port=80")),
            (r#"t 192.0.2.1:x "GET /" 200"#, None),
            ("garbage", None),
        ] {
            assert_eq!(read(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn what_cannot_be_cut_is_left_alone() {
        assert!(Layout::new("a|b", "x", None).unwrap().is_none());
        assert!(Layout::new("(?P<x>a)(b", "x", None).is_ok_and(|layout| layout.is_none()));
        assert!(Layout::new("(?P<x>a)", "y", None).unwrap().is_none());
    }
}
