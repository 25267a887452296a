//! What the languages make can be sent as query DSL and is read back as the same query.

use super::*;
use crate::dsl::{DslContext, parse_query, to_dsl};

#[test]
fn queries_survive_query_dsl() {
    let fields = fields();
    let query_strings = QueryStrings {
        names: super::fields(),
    };
    let context = DslContext {
        query_strings: &query_strings,
    };
    for text in [
        "*",
        "eventName:ConsoleLogin and event.outcome:failure",
        "eventName:Con* or not eventName:*Login",
        "source.ip:192.0.2.0/24",
        "2001:db8::1",
        "@timestamp >= now-1d/d and source.port < 1024",
        "user.name:* and not (a:1 or b:\"x y\")",
        "failed login",
        "fail*",
        "arn:aws:s3:::example*",
        "nothing.*:a*b",
        "_id:abc",
    ] {
        let query = parse(text, Language::Kql, &fields).query.unwrap();
        let dsl = to_dsl(&query);
        let again = parse_query(&dsl, context).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(short(&again), short(&query), "{text}: {dsl}");
    }
}

#[test]
fn wildcard_patterns_survive_query_string() {
    for pattern in [
        "a(b*", "a b?", "c\\\\d*", "x\\*y*", "+a:[b]*", "AND*", "é/*", "a\"b*", "a<b*",
    ] {
        let text = escape_pattern(pattern);
        let parsed = parse(&text, Language::Lucene, &UnknownFields);
        let found = parsed.query.as_ref().map(short);
        assert_eq!(
            found,
            Some(format!("??{pattern}")),
            "{text} {:?}",
            parsed.errors
        );
    }
}
