//! Resolves `${key}`, `${section:key}` and `$$` in option values.

use crate::error::{Error, ErrorKind, excerpt};
use crate::{Ini, Origin};

/// How many levels of references a value may have.
pub const MAX_DEPTH: usize = 10;
/// The largest value interpolation may produce.
pub const MAX_VALUE_BYTES: usize = 4 * 1024 * 1024;
/// How many references may be followed for one value.
pub const MAX_REFERENCES: usize = 100_000;

/// An option that a value refers to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The section it names, or the section of the value itself.
    pub section: String,
    /// The option.
    pub key: String,
}

/// A piece of a raw value.
enum Piece<'a> {
    Text(&'a str),
    Dollar,
    /// The text between `${` and `}`.
    Reference(&'a str),
    /// A `$` that starts nothing, with the rest of the value.
    Broken(&'a str),
}

/// Cuts the next piece off a raw value.
fn next_piece<'a>(rest: &mut &'a str) -> Option<Piece<'a>> {
    let whole = *rest;
    if whole.is_empty() {
        return None;
    }
    let dollar = whole.find('$').unwrap_or(whole.len());
    if dollar > 0 {
        let (text, tail) = whole.split_at(dollar);
        *rest = tail;
        return Some(Piece::Text(text));
    }
    if let Some(tail) = whole.strip_prefix("$$") {
        *rest = tail;
        return Some(Piece::Dollar);
    }
    let reference = whole
        .strip_prefix("${")
        .and_then(|inside| inside.split_once('}'))
        .filter(|(name, _)| !name.is_empty());
    let Some((name, tail)) = reference else {
        *rest = "";
        return Some(Piece::Broken(whole));
    };
    *rest = tail;
    Some(Piece::Reference(name))
}

/// Splits the inside of a reference at `:`; more than one is malformed.
fn split_reference<'a>(section: &'a str, inside: &'a str) -> Option<(&'a str, &'a str)> {
    match inside.split_once(':') {
        None => Some((section, inside)),
        Some((_, key)) if key.contains(':') => None,
        Some(pair) => Some(pair),
    }
}

pub(crate) fn references(section: &str, raw: &str) -> Vec<Reference> {
    let mut rest = raw;
    let mut found = Vec::new();
    while let Some(piece) = next_piece(&mut rest) {
        if let Piece::Reference(inside) = piece
            && let Some((section, key)) = split_reference(section, inside)
        {
            found.push(Reference {
                section: section.to_owned(),
                key: key.to_owned(),
            });
        }
    }
    found
}

pub(crate) fn interpolate(ini: &Ini, section: &str, key: &str) -> Result<String, Error> {
    let mut run = Run {
        ini,
        value: String::new(),
        references: 0,
    };
    run.expand(section, key, 1)?;
    Ok(run.value)
}

/// One interpolation: what it has produced and how much it has cost.
struct Run<'a> {
    ini: &'a Ini,
    value: String,
    references: usize,
}

impl Run<'_> {
    fn expand(&mut self, section: &str, key: &str, depth: usize) -> Result<(), Error> {
        let raw = self.ini.raw(section, key).unwrap_or_default();
        let mut rest = raw;
        loop {
            let offset = raw.len() - rest.len();
            let Some(piece) = next_piece(&mut rest) else {
                return Ok(());
            };
            match piece {
                Piece::Text(text) => self.push(text, section, key)?,
                Piece::Dollar => self.push("$", section, key)?,
                Piece::Reference(inside) => {
                    self.follow(section, key, offset, inside, depth)?;
                }
                Piece::Broken(text) => {
                    let message = format!("cannot interpolate `{}`", excerpt(text));
                    let hint = "write `$$` for a dollar sign, `${key}` or `${section:key}` for a reference";
                    return Err(self.error(
                        ErrorKind::InterpolationSyntax,
                        section,
                        key,
                        offset,
                        message,
                        hint,
                    ));
                }
            }
        }
    }

    fn follow(
        &mut self,
        section: &str,
        key: &str,
        offset: usize,
        inside: &str,
        depth: usize,
    ) -> Result<(), Error> {
        let Some((to_section, to_key)) = split_reference(section, inside) else {
            let message = format!("cannot interpolate `${{{}}}`", excerpt(inside));
            let hint = "a reference has at most one `:`, between section and key";
            return Err(self.error(
                ErrorKind::InterpolationSyntax,
                section,
                key,
                offset,
                message,
                hint,
            ));
        };
        self.references += 1;
        if self.references > MAX_REFERENCES {
            return Err(self.too_large(section, key));
        }
        let Some(raw) = self.ini.raw(to_section, to_key) else {
            let message = format!("cannot find the option of `${{{}}}`", excerpt(inside));
            let hint = "define it in this section or in `[DEFAULT]`; names are case-sensitive";
            return Err(self.error(
                ErrorKind::InterpolationMissingOption,
                section,
                key,
                offset,
                message,
                hint,
            ));
        };
        if !raw.contains('$') {
            return self.push(raw, section, key);
        }
        if depth >= MAX_DEPTH {
            let message = format!("cannot follow `${{{}}}` any deeper", excerpt(inside));
            let hint = "references may be nested ten levels; look for a circle";
            return Err(self.error(
                ErrorKind::InterpolationDepth,
                section,
                key,
                offset,
                message,
                hint,
            ));
        }
        self.expand(to_section, to_key, depth + 1)
    }

    fn push(&mut self, text: &str, section: &str, key: &str) -> Result<(), Error> {
        if self.value.len() + text.len() > MAX_VALUE_BYTES {
            return Err(self.too_large(section, key));
        }
        self.value.push_str(text);
        Ok(())
    }

    fn too_large(&self, section: &str, key: &str) -> Error {
        let message = format!("cannot interpolate `{}` any further", excerpt(key));
        let hint = "the value grows too large through its references; shorten it";
        self.error(ErrorKind::TooLarge, section, key, 0, message, hint)
    }

    fn error(
        &self,
        kind: ErrorKind,
        section: &str,
        key: &str,
        offset: usize,
        message: String,
        hint: &str,
    ) -> Error {
        let Origin { file, line, column } = self
            .ini
            .value_origin(section, key, offset)
            .unwrap_or_else(|| Origin {
                file: "".into(),
                line: 1,
                column: 1,
            });
        Error {
            kind,
            file,
            line,
            column,
            message: format!(
                "{message} in `{}` of section `{}`",
                excerpt(key),
                excerpt(section)
            ),
            hint: hint.to_owned(),
            more_lines: Vec::new(),
        }
    }
}
