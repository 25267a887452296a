//! Where elements that are records begin and end in a text that may go on.
//!
//! Nothing is taken apart here: only the names of tags, quotes, comments and CDATA sections are
//! looked at, so that a broken record costs itself and not those behind it.

use crate::Pattern;
use crate::text_buffer::find_line_end;

/// How much of a line a pattern sees, and so how far ahead of a decision the text is looked at.
pub(super) const LOOK_AHEAD: usize = 4096;

/// Where the elements begin that are records.
pub enum XmlStart {
    /// At every element of this name.
    Named(&'static str),
    /// At lines that a pattern recognises.
    Line(Box<Pattern>),
    /// At every outermost element.
    Any,
}

/// What a search for the next record came to.
pub(super) struct Search {
    /// Bytes before the record, or bytes that hold none.
    pub(super) skip: usize,
    /// Whether a record begins there.
    pub(super) found: bool,
}

/// What a look at a record came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// The element has so many bytes, and so many more end its line.
    End { element: usize, line_end: usize },
    /// The element does not end before the next record, so many bytes on, or before the data does.
    Broken(usize),
    /// More text is needed.
    More,
}

/// A look at text of which more may come.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'s, 't> {
    pub(super) start: &'s XmlStart,
    pub(super) text: &'t str,
    pub(super) at_end: bool,
    /// Longest comment that is skipped between records.
    pub(super) limit: usize,
}

/// Whether something holds, as far as the text tells.
enum Answer {
    Yes,
    No,
    More,
}

/// Where the scan goes on.
enum Step {
    At(usize),
    Stop(Scan),
}

impl<'t> Scanner<'_, 't> {
    /// Searches the next record.
    pub(super) fn find(&self, at_line_start: bool) -> Search {
        match self.start {
            XmlStart::Line(_) => self.find_line(at_line_start, None),
            _ => self.find_tag(),
        }
    }

    /// Searches the next line on which a record begins, from the middle of one that is given up.
    pub(super) fn find_line(&self, at_line_start: bool, name: Option<&str>) -> Search {
        let mut at = 0;
        let mut is_start = at_line_start;
        loop {
            if is_start {
                match self.begins_record(at, name) {
                    Answer::Yes => {
                        return Search {
                            skip: at,
                            found: true,
                        };
                    }
                    Answer::More => {
                        return Search {
                            skip: at,
                            found: false,
                        };
                    }
                    Answer::No => {}
                }
            }
            let Some((length, width)) = find_line_end(self.rest(at), 0, self.at_end) else {
                // The first half of a line end may be there already.
                let half = !self.at_end && self.text.ends_with('\r');
                let skip = self.text.len() - usize::from(half);
                return Search { skip, found: false };
            };
            at += length + width;
            is_start = true;
        }
    }

    fn find_tag(&self) -> Search {
        let mut at = 0;
        // No comment ends between the present place and here.
        let mut searched = 0;
        while let Some(found) = memchr::memchr(b'<', self.bytes(at)) {
            at += found;
            if self.is_cut_markup(at) {
                return Search {
                    skip: at,
                    found: false,
                };
            }
            if self.rest(at).starts_with("<!--") {
                let from = searched.max(at + 4);
                let to = self.text.len().min(at + self.limit);
                let seen = self.text.as_bytes().get(from..to).unwrap_or_default();
                at = match memchr::memmem::find(seen, b"-->") {
                    Some(end) => from + end + 3,
                    None if to < at + self.limit && !self.at_end => {
                        return Search {
                            skip: at,
                            found: false,
                        };
                    }
                    None => {
                        searched = to.saturating_sub(2);
                        at + 4
                    }
                };
                continue;
            }
            let begins = match self.start {
                XmlStart::Named(name) => self.has_tag(at, name),
                _ => match self.bytes(at).get(1) {
                    Some(byte) if is_name_start(*byte) => Answer::Yes,
                    _ => Answer::No,
                },
            };
            match begins {
                Answer::Yes => {
                    return Search {
                        skip: at,
                        found: true,
                    };
                }
                Answer::More => {
                    return Search {
                        skip: at,
                        found: false,
                    };
                }
                Answer::No => at += 1,
            }
        }
        Search {
            skip: self.text.len(),
            found: false,
        }
    }

    /// Looks for the end of the record at the start of the text.
    pub(super) fn record(&self) -> Scan {
        let mut root = None;
        let mut depth = 0u32;
        let mut at = 0;
        loop {
            let Some(found) = memchr::memchr3(b'<', b'\n', b'\r', self.bytes(at)) else {
                return self.unfinished();
            };
            at += found;
            if self.bytes(at).first() != Some(&b'<') {
                match self.step_over_line_end(at, root) {
                    Step::At(next) => at = next,
                    Step::Stop(scan) => return scan,
                }
                continue;
            }
            if self.is_cut_markup(at) {
                return Scan::More;
            }
            if let Some(step) = self.step_over_section(at) {
                match step {
                    Step::At(next) => at = next,
                    Step::Stop(scan) => return scan,
                }
                continue;
            }
            let end = match self.tag_end(at, root) {
                Step::At(end) => end,
                Step::Stop(scan) => return scan,
            };
            let tag = &self.text[at..end];
            at = end;
            let name = tag_name(tag);
            if !name.bytes().next().is_some_and(is_name_start) {
                continue;
            }
            let is_root = *root.get_or_insert(name) == name;
            match (tag.starts_with("</"), tag.ends_with("/>")) {
                _ if !is_root => continue,
                (true, _) => depth = depth.saturating_sub(1),
                (false, true) => {}
                (false, false) => depth += 1,
            }
            if depth == 0 {
                return self.end(at);
            }
        }
    }

    /// The name of the first element.
    pub(super) fn first_name(&self) -> Option<&'t str> {
        let mut rest = self.text;
        while let Some((_, after)) = rest.split_once('<') {
            if after.bytes().next().is_some_and(is_name_start) {
                return Some(tag_name(&rest[rest.len() - after.len() - 1..]));
            }
            rest = after;
        }
        None
    }

    fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or_default()
    }

    fn bytes(&self, at: usize) -> &'t [u8] {
        self.text.as_bytes().get(at..).unwrap_or_default()
    }

    fn unfinished(&self) -> Scan {
        match self.at_end {
            true => Scan::Broken(self.text.len()),
            false => Scan::More,
        }
    }

    fn end(&self, element: usize) -> Scan {
        let line_end = match (self.bytes(element), self.at_end) {
            ([] | [b'\r'], false) => return Scan::More,
            ([b'\r', b'\n', ..], _) => 2,
            ([b'\r' | b'\n', ..], _) => 1,
            _ => 0,
        };
        Scan::End { element, line_end }
    }

    /// Whether it cannot be told yet what kind of markup begins here.
    fn is_cut_markup(&self, at: usize) -> bool {
        let rest = self.rest(at);
        !self.at_end && ("<!--".starts_with(rest) || "<![CDATA[".starts_with(rest))
    }

    /// Steps over a comment, a CDATA section or a processing instruction.
    fn step_over_section(&self, at: usize) -> Option<Step> {
        let rest = self.rest(at);
        let (start, end) = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]
            .into_iter()
            .find(|(start, _)| rest.starts_with(start))?;
        let inside = self.bytes(at + start.len());
        Some(match memchr::memmem::find(inside, end.as_bytes()) {
            Some(found) => Step::At(at + start.len() + found + end.len()),
            None => Step::Stop(self.unfinished()),
        })
    }

    /// Where the tag at `at` ends; a `>` in quotes does not end it.
    fn tag_end(&self, at: usize, root: Option<&str>) -> Step {
        let mut quote = None;
        let mut at = at + 1;
        loop {
            let Some(byte) = self.bytes(at).first().copied() else {
                return Step::Stop(self.unfinished());
            };
            match byte {
                b'\n' | b'\r' => match self.step_over_line_end(at, root) {
                    Step::At(next) => {
                        at = next;
                        continue;
                    }
                    stop => return stop,
                },
                b'"' | b'\'' if quote.is_none() => quote = Some(byte),
                _ if quote == Some(byte) => quote = None,
                b'>' if quote.is_none() => return Step::At(at + 1),
                _ => {}
            }
            at += 1;
        }
    }

    /// Steps over a line end, unless the next record begins behind it.
    fn step_over_line_end(&self, at: usize, root: Option<&str>) -> Step {
        let next = match self.bytes(at) {
            [b'\r'] if !self.at_end => return Step::Stop(Scan::More),
            [b'\r', b'\n', ..] => at + 2,
            _ => at + 1,
        };
        match self.begins_record(next, root) {
            Answer::Yes => Step::Stop(Scan::Broken(next)),
            Answer::More => Step::Stop(Scan::More),
            Answer::No => Step::At(next),
        }
    }

    /// Whether a record begins with the line at `at`; where any element may be one, only an
    /// element named like the one at hand counts.
    fn begins_record(&self, at: usize, root: Option<&str>) -> Answer {
        match self.start {
            XmlStart::Named(name) => self.has_tag(at, name),
            XmlStart::Any => root.map_or(Answer::No, |name| self.has_tag(at, name)),
            XmlStart::Line(pattern) => {
                let rest = self.rest(at);
                let line = match find_line_end(rest, 0, self.at_end) {
                    Some((length, _)) => &rest[..length],
                    None if self.at_end || rest.len() > LOOK_AHEAD => rest,
                    None => return Answer::More,
                };
                let line = &line[..line.floor_char_boundary(LOOK_AHEAD)];
                match !line.is_empty() && pattern.is_match(line).unwrap_or(false) {
                    true => Answer::Yes,
                    false => Answer::No,
                }
            }
        }
    }

    /// Whether the start tag of an element of this name is at `at`.
    fn has_tag(&self, at: usize, name: &str) -> Answer {
        let rest = self.rest(at);
        let behind = rest
            .strip_prefix('<')
            .and_then(|rest| rest.strip_prefix(name));
        match behind.map(|behind| behind.as_bytes().first()) {
            Some(Some(byte)) if ends_name(*byte) => Answer::Yes,
            Some(Some(_)) => Answer::No,
            Some(None) if !self.at_end => Answer::More,
            None if !self.at_end && is_prefix(rest, name) => Answer::More,
            _ => Answer::No,
        }
    }
}

/// Whether the text is the beginning of the start tag of an element of this name.
fn is_prefix(text: &str, name: &str) -> bool {
    match text.strip_prefix('<') {
        Some(part) => name.starts_with(part),
        None => text.is_empty(),
    }
}

/// The name in a tag, which is given with its brackets.
fn tag_name(tag: &str) -> &str {
    let inside = tag.strip_prefix("</").or_else(|| tag.strip_prefix('<'));
    let inside = inside.unwrap_or_default();
    let end = inside.bytes().position(ends_name);
    &inside[..end.unwrap_or(inside.len())]
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':' | 0x80..)
}

fn ends_name(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'/' | b'>')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str, at_end: bool) -> Scan {
        let start = &XmlStart::Named("E");
        let scanner = Scanner {
            start,
            text,
            at_end,
            limit: 1000,
        };
        scanner.record()
    }

    #[test]
    fn the_end_of_a_record_is_found() {
        for (text, element, line_end) in [
            ("<E/>x", 4, 0),
            ("<E>\r\n</E>\r\nx", 9, 2),
            ("<E a='/>'></E >\nx", 15, 1),
            ("<E><E></E><E/></E>\rx", 18, 1),
            ("<E><!-- </E> --><![CDATA[</E>]]><? ' ?></E>x", 43, 0),
            ("<E a='x\n y'></E>x", 16, 0),
            ("<E>\n<Ex></Ex></E>x", 17, 0),
        ] {
            assert_eq!(scan(text, false), Scan::End { element, line_end }, "{text}");
            for cut in 0..element {
                assert_eq!(scan(&text[..cut], false), Scan::More, "{text} {cut}");
                assert_eq!(scan(&text[..cut], true), Scan::Broken(cut), "{text} {cut}");
            }
        }
    }

    #[test]
    fn the_next_record_ends_a_broken_one() {
        for (text, at) in [
            ("<E><a>\n<E></E>", 7),
            ("<E a='x\r\n<E a='1'></E>", 9),
            ("<E\n<E/>", 3),
        ] {
            assert_eq!(scan(text, false), Scan::Broken(at), "{text}");
        }
    }
}
