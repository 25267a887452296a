//! What is no query, why, and where.

use super::*;

fn check_errors(language: Language, rows: &[(&str, &str, usize, usize)]) {
    for (text, code, from, to) in rows {
        let parsed = parse(text, language, &fields());
        let found: Vec<_> = parsed
            .errors
            .iter()
            .map(|it| (it.code, it.from, it.to))
            .collect();
        assert_eq!(found, [(*code, *from, *to)], "{text}");
        assert_eq!(parsed.query, None, "{text}");
    }
}

#[test]
fn kql_errors_have_positions() {
    check_errors(
        Language::Kql,
        &[
            ("eventName:", "expected_value", 10, 10),
            ("eventName: and x", "expected_value", 11, 12),
            ("a:1 and", "expected_query", 7, 7),
            ("a:1 or or b:2", "unexpected_character", 7, 8),
            ("a:1 b:2", "missing_operator", 4, 5),
            ("foo bar:2", "missing_operator", 4, 7),
            ("\"a\" \"b\"", "missing_operator", 4, 7),
            ("a:\"x", "unclosed_quote", 2, 4),
            ("😀:\"x", "unclosed_quote", 3, 5),
            ("(a:1", "unclosed_group", 0, 1),
            ("a:(1 or 2", "unclosed_group", 2, 3),
            ("a:1)", "unexpected_character", 3, 4),
            (")", "unexpected_character", 0, 1),
            ("()", "unexpected_character", 1, 2),
            (":x", "unexpected_character", 0, 1),
            ("a:1 (b:2)", "missing_operator", 4, 5),
            ("a:x\\", "dangling_escape", 3, 4),
            ("a >", "expected_value", 3, 3),
            ("nothing.* > 5", "range_needs_field", 0, 9),
        ],
    );
}

#[test]
fn lucene_errors_have_positions() {
    check_errors(
        Language::Lucene,
        &[
            ("a:", "expected_value", 2, 2),
            ("a:1 AND", "expected_query", 7, 7),
            ("a:\"x", "unclosed_quote", 2, 4),
            ("a:(x", "unclosed_group", 2, 3),
            ("a:x)", "unexpected_character", 3, 4),
            ("a:[1 TO 2", "unclosed_range", 2, 9),
            ("a:[1 2]", "bad_range", 2, 5),
            ("[1 TO 2]", "range_needs_field", 0, 1),
            (">5", "range_needs_field", 0, 1),
            ("/x/", "regex_needs_field", 0, 3),
            ("a:/x", "unclosed_regex", 2, 3),
            ("a:roam~2", "fuzzy_unsupported", 6, 7),
            ("a\\", "dangling_escape", 1, 2),
            ("+", "expected_query", 1, 1),
        ],
    );
}

#[test]
fn size_depth_and_number_are_capped() {
    let deep = |open: &str, close: &str, levels: usize| {
        format!("{}x{}", open.repeat(levels), close.repeat(levels))
    };
    let many = |operator: &str, number: usize| vec!["a:1"; number].join(operator);
    for (text, language, code) in [
        (deep("(", ")", MAX_DEPTH), Language::Kql, None),
        (
            deep("(", ")", MAX_DEPTH + 1),
            Language::Kql,
            Some("too_deep"),
        ),
        (deep("(", ")", 15_000), Language::Kql, Some("too_deep")),
        (deep("a:(", ")", 8_000), Language::Lucene, Some("too_deep")),
        (deep("a:{", "}", 8_000), Language::Kql, Some("too_deep")),
        (
            deep("a:1 and (a:1 or (", "))", 25),
            Language::Kql,
            Some("too_deep"),
        ),
        (deep("a:1 and (a:1 or (", "))", 15), Language::Kql, None),
        (deep("not ", "", 8_000), Language::Kql, None),
        (deep("NOT ", "", 8_000), Language::Lucene, None),
        (many(" or ", MAX_CLAUSES), Language::Kql, None),
        (
            many(" or ", MAX_CLAUSES + 1),
            Language::Kql,
            Some("too_many_clauses"),
        ),
        (many(" ", MAX_CLAUSES), Language::Lucene, None),
        (
            vec!["a*:1"; 129].join(" or "),
            Language::Kql,
            Some("too_many_clauses"),
        ),
        (
            many(" ", MAX_CLAUSES + 1),
            Language::Lucene,
            Some("too_many_clauses"),
        ),
        ("x".repeat(MAX_LENGTH_BYTES), Language::Kql, None),
        (
            "x".repeat(MAX_LENGTH_BYTES + 1),
            Language::Kql,
            Some("too_long"),
        ),
    ] {
        let parsed = parse(&text, language, &UnknownFields);
        let found = parsed.errors.first().map(|error| error.code);
        assert_eq!(found, code, "{} bytes", text.len());
    }
}

#[test]
fn errors_say_what_to_do() {
    let message = |text: &str| parse(text, Language::Kql, &UnknownFields).errors[0].to_string();
    assert_eq!(
        message("a:1 b:2"),
        "cannot read the query at column 5: `and` or `or` is missing before `b`; or quote the words"
    );
}
