//! Lucene's syntax by example.

use super::*;

#[test]
fn conditions_on_fields() {
    check(
        Language::Lucene,
        &[
            ("", "all"),
            ("*", "all"),
            ("*:*", "all"),
            ("eventName:ConsoleLogin", "eventName~ConsoleLogin"),
            ("eventName: ConsoleLogin", "eventName~ConsoleLogin"),
            ("eventName:\"Console Login\"", "eventName=\"Console Login\""),
            (
                "eventName:\"Console Login\"~3",
                "eventName=\"Console Login\"~3",
            ),
            ("\"a b\"~2^4", "=\"a b\"~2"),
            ("eventName:a^2.5", "eventName~a"),
            ("eventName:*", "eventName+"),
            ("_exists_:eventName", "eventName+"),
            ("_exists_:\"my field\"", "my field+"),
            ("NOT _exists_:eventName", "not(eventName+)"),
            ("eventName:Con*", "eventName^Con"),
            ("eventName:C?n*", "eventName?C?n*"),
            ("eventName:C\\*n", "eventName~C*n"),
            ("eventName:Con\\:x", "eventName~Con:x"),
            (
                "eventName:/Con.*(In|Out)\\/x/",
                "eventName/Con.*(In|Out)/x/",
            ),
            ("my\\ field:x", "my field~x"),
            ("user.*:x", "or(user.id~x user.name~x)"),
            ("a:b-c+d", "a~b-c+d"),
            ("a:x/y", "a~x/y"),
            ("_id:abc", "ids abc"),
            ("a:arn:aws:s3:::b", "a~arn:aws:s3:::b"),
        ],
    );
}

#[test]
fn boolean_operators() {
    check(
        Language::Lucene,
        &[
            ("a:1 AND b:2", "must(a~1 b~2)"),
            ("a:1 && b:2", "must(a~1 b~2)"),
            ("a:1 OR b:2", "or(a~1 b~2)"),
            ("a:1 || b:2", "or(a~1 b~2)"),
            ("a:1 b:2", "or(a~1 b~2)"),
            ("+a:1 -b:2 c:3", "must(a~1),or(c~3),not(b~2)"),
            ("a:1 AND NOT b:2", "must(a~1),not(b~2)"),
            ("a:1 AND !b:2", "must(a~1),not(b~2)"),
            ("a:1 NOT b:2", "or(a~1),not(b~2)"),
            ("NOT NOT a:1", "a~1"),
            ("-a:1", "not(a~1)"),
            ("a:1 AND b:2 OR c:3", "must(a~1 b~2),or(c~3)"),
            ("a:1 OR b:2 AND c:3", "must(b~2 c~3),or(a~1)"),
            ("(a:1 OR b:2) AND c:3", "must(or(a~1 b~2) c~3)"),
            ("a:(1 2)", "or(a~1 a~2)"),
            ("a:(1 AND \"x y\")", "must(a~1 a=\"x y\")"),
            ("a:(+1 -2)^2", "must(a~1),not(a~2)"),
            ("and or not", "or(~and ~or ~not)"),
            ("ANDROID NOTES", "or(~ANDROID ~NOTES)"),
        ],
    );
}

#[test]
fn ranges() {
    check(
        Language::Lucene,
        &[
            ("s:[400 TO 499]", "s[400,499]"),
            ("s:{400 TO 499}", "s(400,499)"),
            ("s:[400 TO 499}", "s[400,499)"),
            ("s:{400 TO 499]", "s(400,499]"),
            ("s:[400 TO *]", "s[400,)"),
            ("s:[* TO 499}", "s(,499)"),
            ("s:>=400", "s[400,)"),
            ("s:>400", "s(400,)"),
            ("s:<=400", "s(,400]"),
            ("s:< 400", "s(,400)"),
            ("s:(>=400 AND <500)", "must(s[400,) s(,500))"),
            (
                "@timestamp:[2026-11-20T00:00:00Z TO now-1d/d]",
                "@timestamp[2026-11-20T00:00:00Z,now-1d/d]",
            ),
            (
                "http.response.status_code:\u{a0}{400 TO 499}",
                "http.response.status_code(400,499)",
            ),
        ],
    );
}

#[test]
fn free_text_and_addresses() {
    let everywhere = "or(destination.ip==A related.ip==A source.ip==A =\"A\")";
    for address in [
        "203.0.113.5",
        "192.0.2.0/24",
        "2001:db8::1",
        "2001:db8::/32",
    ] {
        let expected = everywhere.replace('A', address);
        let in_field = if address.contains('/') {
            format!("source.ip=={address}")
        } else {
            format!("source.ip=\"{address}\"")
        };
        check(
            Language::Lucene,
            &[
                (address, expected.as_str()),
                (&format!("source.ip:{address}"), in_field.as_str()),
                (&format!("source.ip:({address})"), in_field.as_str()),
            ],
        );
    }
    check(
        Language::Lucene,
        &[
            ("failed", "~failed"),
            ("failed login", "or(~failed ~login)"),
            ("\"failed login\"", "=\"failed login\""),
            ("fail*", "??fail*"),
            ("fa?l", "??fa?l"),
            ("i-0abc", "=\"i-0abc\""),
        ],
    );
}

#[test]
fn options_of_query_string() {
    let fields = fields();
    let options = ParseOptions {
        all_clauses: true,
        default_fields: vec!["eventName".to_owned(), "user.*".to_owned()],
    };
    for (text, expected) in [
        (
            "x a:1",
            "must(or(eventName~x or(user.id~x user.name~x)) a~1)",
        ),
        ("a:1 OR b:2", "or(a~1 b~2)"),
        ("a:1 b:2 OR c:3", "must(a~1),or(b~2 c~3)"),
    ] {
        let parsed = parse_with(text, Language::Lucene, &fields, &options);
        let query = parsed.query.as_ref().map(short);
        assert_eq!(query.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn mixed_operators_are_hinted() {
    for (text, hints) in [
        ("a:1 AND b:2 OR c:3", 1),
        ("x AND (a:1 OR b:2 AND c:3)", 1),
        ("(a:1 OR b:2) AND c:3", 0),
    ] {
        let parsed = parse(text, Language::Lucene, &UnknownFields);
        let mixed = parsed
            .hints
            .iter()
            .filter(|it| it.code == "mixed_operators");
        assert_eq!(mixed.count(), hints, "{text}");
    }
}
