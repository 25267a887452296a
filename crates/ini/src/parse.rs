//! Reads the text of one file into sections and options, line by line as CPython does.

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::error::{Error, ErrorKind, excerpt};
use crate::{DEFAULT_SECTION, Entry, Ini, Origin, Section};

/// The largest file that is read.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;

/// Tells whether Python's `str.isspace` holds: Unicode white space and the four ASCII separators.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Splits text into lines as Python's universal newlines do: at LF, CR and CRLF, nowhere else.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(end) = rest.find(['\n', '\r']) else {
            return Some(std::mem::take(&mut rest));
        };
        let (line, tail) = rest.split_at(end);
        rest = tail
            .strip_prefix("\r\n")
            .or_else(|| tail.strip_prefix(['\n', '\r']))
            .unwrap_or_default();
        Some(line)
    })
}

/// The header text of a line like `[name] anything`: everything up to the last `]`.
fn header(line: &str) -> Option<&str> {
    let inside = line.strip_prefix('[')?;
    let (name, _) = inside.rsplit_once(']')?;
    (!name.is_empty()).then_some(name)
}

/// An option that is being read; continuation lines are added to it.
struct Open {
    section: String,
    key: String,
    key_at: Origin,
    parts: Vec<String>,
    lines_at: Vec<(usize, usize)>,
}

struct Parser<'a> {
    file: Arc<str>,
    ini: Ini,
    /// The section under whose header we are.
    section: Option<&'a str>,
    open: Option<Open>,
    indent: usize,
    seen: HashSet<(&'a str, &'a str)>,
    bad_line: Option<Error>,
}

pub(crate) fn parse(name: &str, text: &str) -> Result<Ini, Error> {
    let mut parser = Parser {
        file: Arc::from(name),
        ini: Ini::new(),
        section: None,
        open: None,
        indent: 0,
        seen: HashSet::new(),
        bad_line: None,
    };
    if text.len() > MAX_FILE_BYTES {
        let message = format!("cannot read `{}` bytes of configuration", text.len());
        let hint = format!("a configuration file may have {MAX_FILE_BYTES} bytes");
        return Err(parser.error(ErrorKind::TooLarge, (1, 1), message, hint));
    }
    for (index, line) in lines(text).enumerate() {
        parser.line(index + 1, line)?;
    }
    parser.close();
    match parser.bad_line {
        Some(error) => Err(error),
        None => Ok(parser.ini),
    }
}

impl<'a> Parser<'a> {
    fn line(&mut self, number: usize, line: &'a str) -> Result<(), Error> {
        let content = line.trim_matches(is_space);
        if content.is_empty() {
            if let Some(open) = &mut self.open {
                open.parts.push(String::new());
                open.lines_at.push((number, 1));
            }
            return Ok(());
        }
        if content.starts_with(['#', ';']) {
            return Ok(());
        }
        let indent = line.chars().take_while(|&c| is_space(c)).count();
        let at = (number, indent + 1);
        if indent > self.indent
            && let Some(open) = &mut self.open
        {
            open.parts.push(content.to_owned());
            open.lines_at.push(at);
            return Ok(());
        }
        self.indent = indent;
        if let Some(name) = header(content) {
            return self.header(at, name);
        }
        let Some(section) = self.section else {
            return Err(self.no_header(at, content));
        };
        match content.find(['=', ':']) {
            Some(delimiter) => self.option(at, section, content, delimiter),
            None => {
                self.bad_line(at, content);
                Ok(())
            }
        }
    }

    fn header(&mut self, at: (usize, usize), name: &'a str) -> Result<(), Error> {
        self.close();
        self.section = Some(name);
        if name == DEFAULT_SECTION {
            return Ok(());
        }
        if let Some(first) = self.ini.sections.get(name) {
            let message = format!("cannot add the section `{}` again", excerpt(name));
            let hint = format!(
                "it already stands in line {}; move the options there",
                first.at.line
            );
            return Err(self.error(ErrorKind::DuplicateSection, at, message, hint));
        }
        let section = Section {
            at: self.origin(at),
            options: IndexMap::new(),
        };
        self.ini.sections.insert(name.to_owned(), section);
        Ok(())
    }

    fn option(
        &mut self,
        at: (usize, usize),
        section: &'a str,
        content: &'a str,
        delimiter: usize,
    ) -> Result<(), Error> {
        self.close();
        let (before, after) = content.split_at(delimiter);
        let key = before.trim_end_matches(is_space);
        if key.is_empty() {
            self.bad_line(at, content);
        }
        if !self.seen.insert((section, key)) {
            let first = self
                .ini
                .origin(section, key)
                .map_or(at.0, |first| first.line);
            let message = format!(
                "cannot set `{}` in section `{}` again",
                excerpt(key),
                excerpt(section)
            );
            let hint = format!("it is already set in line {first}; keep one of the two");
            return Err(self.error(ErrorKind::DuplicateOption, at, message, hint));
        }
        if key.is_empty() {
            return Ok(());
        }
        let value = after.get(1..).unwrap_or_default();
        let text = value.trim_matches(is_space);
        let skipped = value.chars().take_while(|&c| is_space(c)).count();
        let value_column = at.1 + before.chars().count() + 1 + skipped;
        self.open = Some(Open {
            section: section.to_owned(),
            key: key.to_owned(),
            key_at: self.origin(at),
            parts: vec![text.to_owned()],
            lines_at: vec![(at.0, value_column)],
        });
        Ok(())
    }

    /// Files the option that was being read, trailing white space removed.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let mut raw = open.parts.join("\n");
        raw.truncate(raw.trim_end_matches(is_space).len());
        let entry = Entry {
            raw,
            key_at: open.key_at,
            lines_at: open.lines_at,
        };
        if open.section == DEFAULT_SECTION {
            self.ini.defaults.insert(open.key, entry);
        } else if let Some(section) = self.ini.sections.get_mut(&open.section) {
            section.options.insert(open.key, entry);
        }
    }

    /// Remembers a line that makes no sense; the file is read on, so that all such lines are told at once.
    fn bad_line(&mut self, at: (usize, usize), content: &str) {
        if let Some(first) = &mut self.bad_line {
            first.more_lines.push(at.0);
            return;
        }
        let message = format!("cannot read the line `{}`", excerpt(content));
        let hint = "write `key = value`, or indent the line to continue the value above".to_owned();
        self.bad_line = Some(self.error(ErrorKind::Parsing, at, message, hint));
    }

    fn no_header(&self, at: (usize, usize), content: &str) -> Error {
        let message = format!("cannot assign the line `{}` to a section", excerpt(content));
        let hint = if content.starts_with('\u{feff}') {
            "save the file as UTF-8 without a byte-order mark"
        } else {
            "write a header like `[name]` above it"
        };
        self.error(
            ErrorKind::MissingSectionHeader,
            at,
            message,
            hint.to_owned(),
        )
    }

    fn origin(&self, (line, column): (usize, usize)) -> Origin {
        Origin {
            file: Arc::clone(&self.file),
            line,
            column,
        }
    }

    fn error(
        &self,
        kind: ErrorKind,
        (line, column): (usize, usize),
        message: String,
        hint: String,
    ) -> Error {
        Error {
            kind,
            file: Arc::clone(&self.file),
            line,
            column,
            message,
            hint,
            more_lines: Vec::new(),
        }
    }
}
