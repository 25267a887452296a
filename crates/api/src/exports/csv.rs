//! Cells of a table for spreadsheets, in the form of RFC 4180.

use serde_json::Value;

/// What a spreadsheet takes for the beginning of a formula, in both widths, and the characters that
/// may stand before one unseen.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Appends a cell and the separator behind it; the values of a list are separated by `; `.
///
/// Text from a log that a spreadsheet would run as a formula gets an apostrophe in front. Numbers
/// stay numbers.
pub(super) fn push_cell(value: &Value, line: &mut String) {
    let text = match value {
        Value::Array(values) => match values.as_slice() {
            [single] => plain(single),
            values => {
                let texts: Vec<String> = values.iter().map(plain).collect();
                texts.join("; ")
            }
        },
        value => plain(value),
    };
    let is_number = match value {
        Value::Array(values) => matches!(values.as_slice(), [Value::Number(_)]),
        value => value.is_number(),
    };
    let is_formula = !is_number && text.trim_start_matches(' ').starts_with(FORMULA);
    let has_special = text.contains([',', '"', '\n', '\r']);
    if has_special || is_formula {
        line.push('"');
        if is_formula {
            line.push('\'');
        }
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(&text);
    }
    line.push(',');
}

/// Ends the row that the last cell belongs to.
pub(super) fn push_row_end(line: &mut String) {
    if line.ends_with(',') {
        line.pop();
    }
    line.push_str("\r\n");
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        // A NUL ends the text for some readers.
        Value::String(text) => text.replace('\0', "\u{fffd}"),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        for (value, expected) in [
            (json!(null), ","),
            (json!(["a"]), "a,"),
            (json!(["a", "b"]), "a; b,"),
            (json!([-5]), "-5,"),
            (json!(-5.5), "-5.5,"),
            (json!("-5"), "\"'-5\","),
            (json!("=1+1"), "\"'=1+1\","),
            (
                json!(["=HYPERLINK(\"http://x\")"]),
                "\"'=HYPERLINK(\"\"http://x\"\")\",",
            ),
            (json!("+1"), "\"'+1\","),
            (json!("@SUM(A1)"), "\"'@SUM(A1)\","),
            (json!("＝1+1"), "\"'＝1+1\","),
            (json!("\t=1"), "\"'\t=1\","),
            (json!("  =1"), "\"'  =1\","),
            (json!(["=a", "b"]), "\"'=a; b\","),
            (json!("a,b"), "\"a,b\","),
            (json!("a\"b"), "\"a\"\"b\","),
            (json!("a\nb"), "\"a\nb\","),
            (json!("a\u{0}b"), "a\u{fffd}b,"),
            (json!(true), "true,"),
            (json!("日本"), "日本,"),
        ] {
            let mut line = String::new();
            push_cell(&value, &mut line);
            assert_eq!(line, expected, "{value}");
        }
        let mut line = String::new();
        push_cell(&json!("a"), &mut line);
        push_cell(&json!(null), &mut line);
        push_row_end(&mut line);
        assert_eq!(line, "a,\r\n");
    }
}
