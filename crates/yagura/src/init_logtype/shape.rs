//! The shape that lines of text have in common, as a regular expression with named groups.

use yagura_codec::{TIME_FORMS, TimeForms};
use yagura_model::is_ip_address;

/// Words that say how bad something is.
const LEVELS: [&str; 18] = [
    "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "ERR", "CRIT", "CRITICAL",
    "ALERT", "EMERG", "FATAL", "SEVERE", "FINE", "FINER", "FINEST", "CONFIG",
];
/// Words without a form of their own that may stand between others; more of them are prose.
const MAX_PLAIN_RUN: usize = 4;
/// Pieces of a line.
const MAX_PIECES: usize = 80;

/// One piece of a line: what stands before it, and what it is.
#[derive(Debug, Clone)]
struct Piece {
    /// Text between the piece before and this one, with the key of `key=`.
    before: String,
    kind: Kind,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Time(usize),
    Quoted,
    Bracketed,
    Word,
    /// `"…"` in some lines and `-` in others.
    QuotedOrDash,
}

/// A piece that all lines have, with its texts.
#[derive(Debug)]
struct Column {
    before: String,
    /// Only blanks, of different numbers.
    is_blank_varying: bool,
    kind: Kind,
    texts: Vec<String>,
}

/// The expression for the lines; `rest` takes what they do not have in common.
///
/// `at_most` limits how many pieces are told apart.
pub(super) fn pattern_of(lines: &[&str], rest: &str, at_most: usize) -> String {
    let forms = TimeForms::new();
    let split: Vec<Vec<Piece>> = lines.iter().map(|line| split(line, &forms)).collect();
    let mut columns = common_columns(&split);
    columns.truncate(at_most);
    let is_whole = split.iter().all(|pieces| pieces.len() == columns.len());
    let kept = without_prose(&columns);
    let whole = is_whole && kept == columns.len();
    columns.truncate(kept);
    let mut names = Names::default();
    let mut pattern = String::new();
    let mut is_first = true;
    for at in 0..columns.len() {
        let column = &columns[at];
        if column.is_blank_varying {
            pattern.push_str(" +");
        } else {
            pattern.push_str(&literal(&column.before, is_first));
        }
        is_first = false;
        pattern.push_str(&names.group(&columns, at));
    }
    match (columns.is_empty(), whole) {
        (true, _) => format!("(?P<message>{rest})"),
        (false, true) => pattern + &format!("(?: (?P<rest>{rest}))?"),
        (false, false) => pattern + &format!("\\s*(?P<message>{rest})"),
    }
}

/// Cuts a line into its pieces.
fn split(line: &str, forms: &TimeForms) -> Vec<Piece> {
    let time = forms.find(line).into_iter().next();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    while at < line.len() && pieces.len() < MAX_PIECES {
        let start = at;
        at += line[at..].len() - line[at..].trim_start_matches([' ', '\t', '|']).len();
        if let Some(time) = &time
            && (at == time.start || at + 1 == time.start && line[at..].starts_with(['[', '<', '"']))
        {
            pieces.push(Piece {
                before: line[start..time.start].to_owned(),
                kind: Kind::Time(time.form),
                text: time.text.to_owned(),
            });
            at = time.start + time.text.len();
            // What closes around the time belongs to what stands before the next piece.
            let closing = line[at..].starts_with([']', '>', '"', ':', ',']);
            if closing && let Some(next) = next_piece(line, at, at + 1) {
                at = next.1;
                pieces.push(next.0);
            }
            continue;
        }
        match next_piece(line, start, at) {
            Some((piece, end)) => {
                pieces.push(piece);
                at = end;
            }
            None => break,
        }
    }
    pieces
}

/// The piece that begins at or behind a place, and where it ends.
fn next_piece(line: &str, start: usize, from: usize) -> Option<(Piece, usize)> {
    let blanks = [' ', '\t', '|', ','];
    let mut at = from + (line.get(from..)?.len() - line[from..].trim_start_matches(blanks).len());
    let mut rest = &line[at..];
    if rest.is_empty() {
        return None;
    }
    // A key in front of an equals sign is the same in all lines.
    let word_end = rest.find([' ', '\t', '"', '[', '|']).unwrap_or(rest.len());
    if let Some(equals) = rest[..word_end].find('=')
        && is_key(&rest[..equals])
    {
        at += equals + 1;
        rest = &rest[equals + 1..];
    }
    let before = line[start..at].to_owned();
    let piece = |kind, text: &str| Piece {
        before: before.clone(),
        kind,
        text: text.to_owned(),
    };
    if let Some(inside) = rest.strip_prefix('"')
        && let Some(length) = quoted_length(inside)
    {
        return Some((piece(Kind::Quoted, &inside[..length]), at + length + 2));
    }
    if let Some(inside) = rest.strip_prefix('[')
        && let Some(length) = inside.find(']')
    {
        return Some((piece(Kind::Bracketed, &inside[..length]), at + length + 2));
    }
    let end = rest.find([' ', '\t', '|']).unwrap_or(rest.len());
    let word = rest[..end].trim_end_matches([':', ',', ';']);
    let word = if word.is_empty() { &rest[..end] } else { word };
    Some((piece(Kind::Word, word), at + word.len()))
}

/// Bytes up to the closing quote; a backslash hides the next character.
fn quoted_length(text: &str) -> Option<usize> {
    let mut is_hidden = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !is_hidden;
        is_hidden = byte == b'\\' && !is_hidden;
        closes
    })
}

fn is_key(text: &str) -> bool {
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_word = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
    starts_well && text.chars().all(is_word)
}

/// The pieces that all lines have at their start.
fn common_columns(lines: &[Vec<Piece>]) -> Vec<Column> {
    let mut columns = Vec::new();
    for at in 0..MAX_PIECES {
        let pieces: Vec<&Piece> = lines.iter().filter_map(|line| line.get(at)).collect();
        let Some((first, others)) = pieces.split_first().filter(|_| pieces.len() == lines.len())
        else {
            break;
        };
        let mut kind = first.kind;
        let mut is_blank_varying = false;
        let mut is_common = true;
        for piece in others {
            kind = match join(kind, &first.text, piece) {
                Some(kind) => kind,
                None => {
                    is_common = false;
                    break;
                }
            };
            if piece.before != first.before {
                is_blank_varying = true;
                let is_blank = |text: &str| !text.is_empty() && text.chars().all(|c| c == ' ');
                is_common &= is_blank(&piece.before) && is_blank(&first.before);
            }
        }
        if !is_common {
            break;
        }
        columns.push(Column {
            before: first.before.clone(),
            is_blank_varying,
            kind,
            texts: pieces.iter().map(|piece| piece.text.clone()).collect(),
        });
    }
    columns
}

/// The kind that a piece has in common with those of the lines before.
fn join(kind: Kind, first: &str, piece: &Piece) -> Option<Kind> {
    match (kind, piece.kind) {
        (left, right) if left == right => Some(left),
        // The same text in another order of day and month.
        (Kind::Time(left), Kind::Time(right)) => {
            let pattern = |form: usize| TIME_FORMS.get(form).map(|form| form.pattern);
            (pattern(left) == pattern(right)).then_some(kind)
        }
        (Kind::Quoted | Kind::QuotedOrDash, Kind::Word) if piece.text == "-" => {
            Some(Kind::QuotedOrDash)
        }
        (Kind::QuotedOrDash, Kind::Quoted) => Some(Kind::QuotedOrDash),
        (Kind::Word, Kind::Quoted) if first == "-" => Some(Kind::QuotedOrDash),
        _ => None,
    }
}

/// How many columns to keep: up to the last with a form of its own before prose begins.
fn without_prose(columns: &[Column]) -> usize {
    let (mut kept, mut plain) = (0, 0);
    for (at, column) in columns.iter().enumerate() {
        if column.is_plain() {
            plain += 1;
            if plain > MAX_PLAIN_RUN {
                break;
            }
        } else {
            plain = 0;
            kept = at + 1;
        }
    }
    kept
}

impl Column {
    fn all(&self, test: impl Fn(&str) -> bool) -> bool {
        let mut given = self.texts.iter().filter(|text| *text != "-").peekable();
        given.peek().is_some() && given.all(|text| test(text))
    }

    /// Whether at least half of the texts are so; clients may send anything.
    fn mostly(&self, test: impl Fn(&str) -> bool) -> bool {
        let count = self.texts.iter().filter(|text| test(text)).count();
        count * 2 >= self.texts.len()
    }

    fn is_plain(&self) -> bool {
        self.kind == Kind::Word
            && !self.is_address()
            && !self.is_number()
            && !self.is_level()
            && self.key().is_none()
            && !self.all(|text| text.starts_with('/'))
    }

    fn is_address(&self) -> bool {
        self.all(|text| is_ip_address(text) || address_with_port(text).is_some())
    }

    fn has_port(&self) -> bool {
        self.all(|text| address_with_port(text).is_some())
    }

    fn is_number(&self) -> bool {
        self.all(|text| text.parse::<f64>().is_ok() && !text.contains(['e', 'n', 'i']))
    }

    fn is_level(&self) -> bool {
        self.all(|text| LEVELS.contains(&text.to_ascii_uppercase().as_str()))
    }

    /// The key of `key=` in front.
    fn key(&self) -> Option<&str> {
        let key = self.before.strip_suffix('=')?;
        let start = key.rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)));
        Some(&key[start.map_or(0, |at| at + 1)..])
    }
}

fn address_with_port(text: &str) -> Option<(&str, &str)> {
    let (address, port) = text.rsplit_once(':')?;
    let is_both = is_ip_address(address) && address.contains('.') && port.parse::<u16>().is_ok();
    is_both.then_some((address, port))
}

/// The names that are given, each once.
#[derive(Default)]
struct Names {
    taken: Vec<String>,
    plain: usize,
}

impl Names {
    fn name(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 1;
        while self.taken.contains(&name) {
            number += 1;
            name = format!("{wanted}_{number}");
        }
        self.taken.push(name.clone());
        name
    }

    /// The group for a column.
    fn group(&mut self, columns: &[Column], at: usize) -> String {
        let column = &columns[at];
        match column.kind {
            Kind::Time(form) => {
                let pattern = TIME_FORMS.get(form).map_or(r"\S+", |form| form.pattern);
                format!("(?P<{}>{pattern})", self.name("timestamp"))
            }
            Kind::Quoted | Kind::QuotedOrDash => self.quoted(column),
            Kind::Bracketed => {
                let name = match column.key() {
                    Some(key) => self.of_key(key),
                    None if column.is_level() => self.name("level"),
                    None if column.is_number() => self.name("pid"),
                    None => self.name("context"),
                };
                format!(r"\[(?P<{name}>[^\]]*)\]")
            }
            Kind::Word => self.word(columns, at),
        }
    }

    fn of_key(&mut self, key: &str) -> String {
        let name: String = key
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        self.name(&name)
    }

    fn quoted(&mut self, column: &Column) -> String {
        const INSIDE: &str = r#"[^"\\]*(?:\\.[^"\\]*)*"#;
        let any = |start: &str| column.texts.iter().any(|text| text.contains(start));
        let inside = if let Some(key) = column.key() {
            format!("(?P<{}>{INSIDE})", self.of_key(key))
        } else if column.mostly(is_request) {
            let (method, url, protocol, request) = (
                self.name("method"),
                self.name("uri"),
                self.name("http_protocol"),
                self.name("request"),
            );
            // A client may send anything in the place of a request.
            format!(
                r#"(?:(?P<{method}>[A-Z]+) (?P<{url}>[^ "]+)(?: (?P<{protocol}>HTTP/[0-9.]+))?(?=")|(?P<{request}>{INSIDE}))"#
            )
        } else {
            let name = if any("Mozilla/") || any("curl/") || any("bot") {
                "useragent"
            } else if column.all(|text| text.starts_with("http")) {
                "referrer"
            } else {
                "text"
            };
            format!("(?P<{}>{INSIDE})", self.name(name))
        };
        match column.kind {
            Kind::QuotedOrDash => format!("(?:\"{inside}\"|-)"),
            _ => format!("\"{inside}\""),
        }
    }

    fn word(&mut self, columns: &[Column], at: usize) -> String {
        let column = &columns[at];
        if column.has_port() && column.key().is_none() {
            let (ip, port) = match self.taken.iter().any(|name| name == "client_ip") {
                false => (self.name("client_ip"), self.name("client_port")),
                true => (self.name("server_ip"), self.name("server_port")),
            };
            return format!(r"(?:-|(?P<{ip}>[0-9.]+):(?P<{port}>\d+))");
        }
        let is_taken = |name: &str| self.taken.iter().any(|taken| taken == name);
        let is_status = |text: &str| text.len() == 3 && text.starts_with(['1', '2', '3', '4', '5']);
        let name = if let Some(key) = column.key() {
            return format!(r#"(?P<{}>[^\s"]*)"#, self.of_key(key));
        } else if column.is_address() {
            if is_taken("client_ip") {
                "server_ip"
            } else {
                "client_ip"
            }
        } else if column.is_level() {
            "level"
        } else if column.is_number() && column.all(is_status) && !is_taken("status_code") {
            "status_code"
        } else if column.is_number() && is_taken("status_code") && !is_taken("bytes") {
            "bytes"
        } else if column.is_number() {
            "number"
        } else if column.all(|text| text.starts_with('/')) {
            "uri"
        } else if column.all(is_method) {
            "method"
        } else if column.all(is_host) && !is_taken("hostname") {
            "hostname"
        } else {
            plain_name(columns, at)
        };
        let name = match name {
            "" => {
                self.plain += 1;
                self.name(&format!("field_{}", self.plain))
            }
            name => self.name(name),
        };
        format!(r"(?P<{name}>\S+)")
    }
}

/// What a word without a form is by its place: the two between an address and a time are those
/// of the common log format, a single one is the user.
fn plain_name(columns: &[Column], at: usize) -> &'static str {
    let is_address = |at: usize| columns.get(at).is_some_and(Column::is_address);
    let is_time = |at: usize| {
        let column = columns.get(at);
        column.is_some_and(|column| matches!(column.kind, Kind::Time(_)))
    };
    let before = |by: usize| at.checked_sub(by).is_some_and(is_address);
    if before(2) && is_time(at + 1) || before(1) && is_time(at + 1) {
        "username"
    } else if before(1) && is_time(at + 2) {
        "ident"
    } else {
        ""
    }
}

fn is_request(text: &str) -> bool {
    let mut words = text.split(' ');
    let is_url = |url: &str| url.starts_with('/') || url.starts_with("http") || url == "*";
    words.next().is_some_and(is_method) && words.next().is_some_and(is_url)
}

fn is_method(text: &str) -> bool {
    [
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND",
    ]
    .contains(&text)
}

fn is_host(text: &str) -> bool {
    let is_part = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '.' | '-');
    text.contains('.')
        && text.chars().all(is_part)
        && text.ends_with(|last: char| last.is_ascii_alphabetic())
}

/// A text as the expression that matches just it.
fn literal(text: &str, is_first: bool) -> String {
    let mut out = String::new();
    for (at, character) in text.chars().enumerate() {
        match character {
            '\t' => out.push_str("\\t"),
            // Blanks at the start of the value would be lost in INI.
            ' ' if is_first && at == 0 => out.push_str("[ ]"),
            character if r"\.+*?()|[]{}^$".contains(character) => {
                out.push('\\');
                out.push(character);
            }
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use yagura_codec::Pattern;

    use super::*;

    #[test]
    fn lines_show_their_shape() {
        for (lines, expected) in [
            (
                &[
                    "web1.example.com 192.0.2.1 alice [15/Jun/2024:12:34:56 +0000] 0.012 \"GET /a HTTP/1.1\" 200 12 \"-\" \"Mozilla/5.0\"",
                    "web1.example.com 192.0.2.2 - [15/Jun/2024:12:34:57 +0000] 0.5 \"POST /b?x=1 HTTP/2.0\" 404 - \"https://example.com/\" \"curl/8.0\"",
                ][..],
                "hostname client_ip username timestamp number method uri http_protocol request status_code bytes referrer useragent rest",
            ),
            (
                &[
                    "2024-06-15 12:34:56,789 INFO [main] com.example.App - started in 5 s",
                    "2024-06-15 12:34:57,001 ERROR [worker-1] com.example.Db - lost",
                ],
                "timestamp level context message",
            ),
            (
                &[
                    "198.51.100.7:4711 -> ok rt=0.25 user=\"bob\"",
                    "198.51.100.8:4712 -> no rt=0.5 user=\"eve \\\" x\"",
                ],
                "client_ip client_port field_1 field_2 rt user rest",
            ),
            (&["hello there", "good bye and more"], "message"),
        ] {
            let text = pattern_of(lines, ".*", usize::MAX);
            let pattern =
                Pattern::at_start(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let names: Vec<_> = pattern.group_names().collect();
            assert_eq!(names.join(" "), expected, "{text}");
            for line in lines {
                assert_eq!(pattern.is_match(line), Ok(true), "{text}\n{line}");
            }
        }
    }
}
