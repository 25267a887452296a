//! What the language's compiler says, as findings with file, line, column and hint.

use vrl::diagnostic::{Diagnostic as VrlDiagnostic, DiagnosticList, Note};
use yagura_config::{Diagnostic, Severity};

use super::functions::why_left_out;

/// The findings of the compiler.
pub fn problems(path: &str, source: &str, found: &DiagnosticList) -> Vec<Diagnostic> {
    let found = found.iter();
    found.map(|found| problem(path, source, found)).collect()
}

fn problem(path: &str, source: &str, found: &VrlDiagnostic) -> Diagnostic {
    let label = found.labels.iter().find(|label| label.primary);
    let label = label.or(found.labels.first());
    let (line, column) = label.map_or((1, 1), |label| line_of(source, label.span.start()));
    let mut message = found.message.clone();
    for label in found
        .labels
        .iter()
        .filter(|label| !label.message.is_empty())
    {
        if label.message != found.message {
            message.push_str(if label.primary { ": " } else { "; " });
            message.push_str(&label.message);
        }
    }
    let called = label.and_then(|label| source.get(label.span.range()));
    let left_out = called.and_then(|called| {
        let name = called.split(['(', '!', ' ']).next()?;
        Some(format!("`{name}` is left out: {}", why_left_out(name)?))
    });
    Diagnostic {
        severity: match found.is_problem() {
            true => Severity::Error,
            false => Severity::Warning,
        },
        file: path.to_owned(),
        line,
        column,
        section: None,
        option: None,
        message: message.replace('\n', " "),
        hint: left_out.unwrap_or_else(|| hint(found)),
    }
}

/// What the compiler advises, without addresses of pages on the web.
fn hint(found: &VrlDiagnostic) -> String {
    let notes = found.notes.iter().filter_map(|note| match note {
        Note::Hint(text) | Note::Basic(text) => Some(text.trim().to_owned()),
        Note::CoerceValue => Some("coerce the value with a function like `string!`".to_owned()),
        _ => None,
    });
    let notes: Vec<_> = notes.filter(|note| !note.is_empty()).collect();
    notes.join(" ")
}

/// Line and column of a place in the source, both from 1; columns count characters.
pub fn line_of(source: &str, at: usize) -> (usize, usize) {
    let before = &source[..source.floor_char_boundary(at)];
    let line = before.matches('\n').count() + 1;
    let begin = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[begin..].chars().count() + 1)
}

/// A message without the places in bytes that the language puts into it, as in ` at (8:20)`.
pub fn without_offsets(message: &str) -> String {
    let mut text = message.to_owned();
    while let Some(begin) = text.find(" at (") {
        let Some(length) = text[begin..].find(')') else {
            break;
        };
        let inside = &text[begin + 5..begin + length];
        if !inside
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b':')
        {
            break;
        }
        text.replace_range(begin..=begin + length, "");
    }
    text
}
