//! Recognises tables: rows with as many values each, under a header or without one.

use super::{Content, Sniffed};
use crate::csv::split_row;

/// The characters that may stand between values.
const DELIMITERS: [char; 4] = [',', '\t', ';', '|'];
/// Columns of a table.
const MAX_COLUMNS: usize = 1000;

/// The first delimiter by which nearly all rows have as many values as the first.
pub(super) fn sniff_table(lines: &[&str]) -> Option<Sniffed> {
    let rows = rows_of(lines);
    DELIMITERS
        .iter()
        .find_map(|delimiter| with_delimiter(&rows, *delimiter))
}

/// The lines with those joined that a quoted value spans.
fn rows_of(lines: &[&str]) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in lines {
        match rows.last_mut().filter(|_| is_open) {
            Some(row) => {
                row.push('\n');
                row.push_str(line);
            }
            None => rows.push((*line).to_owned()),
        }
        is_open ^= line.matches('"').count() % 2 == 1;
    }
    rows
}

fn with_delimiter(lines: &[String], delimiter: char) -> Option<Sniffed> {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| split_row(line, delimiter))
        .collect();
    let (first, others) = rows.split_first()?;
    let columns = first.len();
    if !(2..=MAX_COLUMNS).contains(&columns) {
        return None;
    }
    let alike = others.iter().filter(|row| row.len() == columns).count();
    if alike == 0 || alike * 10 < others.len() * 9 {
        return None;
    }
    let shown = match delimiter {
        '\t' => "tabs".to_owned(),
        delimiter => format!("`{delimiter}`"),
    };
    let is_header = first.iter().all(|cell| is_name(cell)) && are_different(first);
    let looks_like_data = |row: &Vec<String>| row.iter().any(|cell| !is_name(cell));
    if is_header && (columns > 2 || others.iter().any(looks_like_data)) {
        let why = format!("a header and {alike} rows of {columns} values between {shown}");
        let columns = None;
        return Some(Sniffed::new(Content::Csv { delimiter, columns }, why));
    }
    // Without a header two columns, or a few rows, may be prose.
    let is_table = columns >= 3 && alike >= 2 && rows.iter().all(looks_like_data);
    is_table.then(|| {
        let why = format!(
            "{} rows of {columns} values between {shown}, without a header",
            alike + 1
        );
        let columns = Some(column_names(columns));
        Sniffed::new(Content::Csv { delimiter, columns }, why)
    })
}

/// Names for the columns of a table without a header: `column_1` and so on.
pub fn column_names(count: usize) -> Vec<String> {
    (1..=count)
        .map(|number| format!("column_{number}"))
        .collect()
}

/// Whether a cell can be the name of a column: short, a letter in front, no number or time.
fn is_name(cell: &str) -> bool {
    let mut characters = cell.chars();
    let starts_well = characters
        .next()
        .is_some_and(|first| first.is_alphabetic() || "_@#$".contains(first));
    starts_well
        && cell.len() <= 64
        && characters.all(|other| other.is_alphanumeric() || " _-.@/#()[]:%$".contains(other))
}

fn are_different(cells: &[String]) -> bool {
    let mut sorted: Vec<_> = cells.iter().collect();
    sorted.sort();
    sorted.dedup();
    sorted.len() == cells.len()
}
