//! Both languages by example: what a text becomes, where its errors are, and that nothing panics.

mod errors;
mod kql;
mod lucene;
mod round_trip;

use proptest::prelude::*;

use super::*;
use crate::fields::FieldType;
use crate::query::Bound;

/// A field list like that of a few log types.
fn fields() -> KnownFields {
    let ip = ["source.ip", "destination.ip", "related.ip"].map(|name| (name, FieldType::Ip));
    let long = ["source.port", "http.response.status_code"].map(|name| (name, FieldType::Long));
    let keyword = [
        "user.name",
        "user.id",
        "event.outcome",
        "event.action",
        "eventName",
        "userIdentity.type",
        "userIdentity.invokedBy",
        "user_agent.original",
        "ProductFields.aws/securityhub/ProductName",
        "cloud.account.id",
        "@log_type",
    ]
    .map(|name| (name, FieldType::Keyword));
    let other = [
        ("@timestamp", FieldType::Date),
        ("@message", FieldType::Text),
    ];
    let all = ip.into_iter().chain(long).chain(keyword).chain(other);
    all.map(|(name, field_type)| (name.to_owned(), field_type))
        .collect()
}

/// A query in few characters.
///
/// `f~v` match, `f="v"` phrase, `f==v` term, `f^v` prefix, `f?v` wildcard (`??` without regard to
/// case), `f+` exists, `f/v/` regular expression, `f[a,b)` range.
fn short(query: &Query) -> String {
    let name = |field: &Option<String>| field.clone().unwrap_or_default();
    match query {
        Query::MatchAll => "all".to_owned(),
        Query::MatchNone => "none".to_owned(),
        Query::Bool(inner) => {
            let part = |sign: &str, queries: &[Query]| {
                let shown: Vec<String> = queries.iter().map(short).collect();
                (!shown.is_empty()).then(|| format!("{sign}({})", shown.join(" ")))
            };
            let parts = [
                part("must", &inner.must),
                part("and", &inner.filter),
                part("or", &inner.should),
                part("not", &inner.must_not),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join(",")
        }
        Query::Term { field, value, .. } => format!("{field}=={value}"),
        Query::Terms { field, values } => format!("{field}=={}", values.join("|")),
        Query::Range {
            field,
            lower,
            upper,
            ..
        } => {
            let (open, from) = match lower {
                Bound::Unbounded => ('(', ""),
                Bound::Included(value) => ('[', value.as_str()),
                Bound::Excluded(value) => ('(', value.as_str()),
            };
            let (close, to) = match upper {
                Bound::Unbounded => (')', ""),
                Bound::Included(value) => (']', value.as_str()),
                Bound::Excluded(value) => (')', value.as_str()),
            };
            format!("{field}{open}{from},{to}{close}")
        }
        Query::Exists { field } => format!("{field}+"),
        Query::Prefix { field, value, .. } => format!("{field}^{value}"),
        Query::Wildcard {
            field,
            pattern,
            case_insensitive,
        } => {
            let sign = if *case_insensitive { "??" } else { "?" };
            format!("{}{sign}{pattern}", name(field))
        }
        Query::Regexp { field, pattern } => format!("{field}/{pattern}/"),
        Query::Match { field, text, .. } => format!("{}~{text}", name(field)),
        Query::Phrase { field, text, slop } => {
            let slop = if *slop == 0 {
                String::new()
            } else {
                format!("~{slop}")
            };
            format!("{}=\"{text}\"{slop}", name(field))
        }
        Query::Ids(ids) => format!("ids {}", ids.join("|")),
    }
}

/// Every row's text becomes the query, by [`short`].
fn check(language: Language, rows: &[(&str, &str)]) {
    let fields = fields();
    for (text, expected) in rows {
        let parsed = parse(text, language, &fields);
        let found = match &parsed.query {
            Some(query) => short(query),
            None => format!("{:?}", parsed.errors),
        };
        assert_eq!(&found, expected, "{text}");
        assert!(parsed.errors.is_empty(), "{text}");
    }
}

#[test]
fn tokens_are_positions_in_utf16() {
    let token = |from, to, kind| Token { from, to, kind };
    for (text, language, expected) in [
        (
            "user.name : \"花子\" and not 😀x",
            Language::Kql,
            vec![
                token(0, 9, TokenKind::Field),
                token(10, 11, TokenKind::Operator),
                token(12, 16, TokenKind::Phrase),
                token(17, 20, TokenKind::Keyword),
                token(21, 24, TokenKind::Keyword),
                token(25, 28, TokenKind::Value),
            ],
        ),
        (
            "source.port>=1024",
            Language::Kql,
            vec![
                token(0, 11, TokenKind::Field),
                token(11, 13, TokenKind::Operator),
                token(13, 17, TokenKind::Value),
            ],
        ),
        (
            "+eventName:(a /b/) ",
            Language::Lucene,
            vec![
                token(0, 1, TokenKind::Operator),
                token(1, 10, TokenKind::Field),
                token(10, 11, TokenKind::Operator),
                token(11, 12, TokenKind::Bracket),
                token(12, 13, TokenKind::Value),
                token(14, 17, TokenKind::Regex),
                token(17, 18, TokenKind::Bracket),
            ],
        ),
    ] {
        let parsed = parse(text, language, &UnknownFields);
        assert_eq!(parsed.tokens, expected, "{text} {:?}", parsed.errors);
    }
}

#[test]
fn unknown_fields_are_hinted() {
    let fields = fields();
    for (name, meant) in [
        ("sourceIp", Some("source.ip")),
        ("src_ip", Some("source.ip")),
        ("srcip", Some("source.ip")),
        ("dst_ip", Some("destination.ip")),
        ("source.ipp", Some("source.ip")),
        ("Source.IP", Some("source.ip")),
        ("soruce.ip", Some("source.ip")),
        ("username", Some("user.name")),
        ("user_name", Some("user.name")),
        ("eventname", Some("eventName")),
        ("status_code", Some("http.response.status_code")),
        ("account.id", Some("cloud.account.id")),
        ("eventName.keyword", Some("eventName")),
        ("zzzzzz", None),
    ] {
        let parsed = parse(&format!("a or {name}:x"), Language::Kql, &fields);
        let hint = parsed.hints.first().unwrap();
        let found = (hint.from, hint.to, hint.did_you_mean.as_deref());
        assert_eq!(found, (5, 5 + name.len(), meant), "{name}");
        assert_eq!(
            (hint.code, hint.field.as_deref()),
            ("unknown_field", Some(name))
        );
    }
    for known in ["source.ip", "source", "_id", "source.*", "@timestamp"] {
        let parsed = parse(&format!("{known}:x"), Language::Kql, &fields);
        assert_eq!(parsed.hints, [], "{known}");
    }
    let parsed = parse("sourceIp:x", Language::Kql, &UnknownFields);
    assert_eq!(parsed.hints, []);
}

fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "(",
        ")",
        ":",
        "\"",
        "\\",
        "*",
        "?",
        " and ",
        " or ",
        "not ",
        " AND ",
        " OR ",
        "NOT ",
        "[",
        "]",
        "{",
        "}",
        " TO ",
        "<",
        ">=",
        "/",
        "~",
        "^2",
        "+",
        "-",
        "!",
        "&&",
        "||",
        "\u{a0}",
        "😀",
        "source.ip",
        "field",
        "192.0.2.0/24",
        "2001:db8::1",
        "\\u00e9",
        "_exists_",
        "@",
    ]);
    prop_oneof![
        4 => fixed.prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z0-9.]{0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Nothing panics, positions lie in the text, and there is either a query or an error.
    #[test]
    fn any_text_is_read(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let length = text.encode_utf16().count();
        let fields = fields();
        for language in [Language::Kql, Language::Lucene] {
            let parsed = parse(&text, language, &fields);
            prop_assert_eq!(parsed.query.is_some(), parsed.errors.is_empty());
            for token in &parsed.tokens {
                prop_assert!(token.from < token.to && token.to <= length);
            }
            for pair in parsed.tokens.windows(2) {
                prop_assert!(pair[0].to <= pair[1].from);
            }
            for error in &parsed.errors {
                prop_assert!(error.from <= error.to && error.to <= length);
                let text = error.to_string();
                prop_assert!(!text.ends_with(error.code), "no text for {}", error.code);
            }
        }
    }
}
