//! KQL by example.

use super::{Language, check};

#[test]
fn conditions_on_fields() {
    check(
        Language::Kql,
        &[
            ("", "all"),
            ("  \u{a0}\u{3000} ", "all"),
            ("*", "all"),
            ("*:*", "all"),
            ("eventName:ConsoleLogin", "eventName~ConsoleLogin"),
            ("eventName : ConsoleLogin", "eventName~ConsoleLogin"),
            ("eventName:\u{a0}ConsoleLogin", "eventName~ConsoleLogin"),
            ("eventName:\"Console Login\"", "eventName=\"Console Login\""),
            ("eventName: Console Login", "eventName~Console Login"),
            ("eventName:*", "eventName+"),
            ("eventName : *", "eventName+"),
            ("source:*", "source+"),
            ("eventName:Con*", "eventName^Con"),
            ("eventName:*Login", "eventName?*Login"),
            ("eventName:C*n?x", "eventName?C*n\\?x"),
            ("eventName:C\\*n", "eventName~C*n"),
            ("eventName:C\\*n*", "eventName?C\\*n*"),
            ("eventName:\"Con*\"", "eventName=\"Con*\""),
            ("_id:abc", "ids abc"),
            (
                "ProductFields.aws/securityhub/ProductName:GuardDuty",
                "ProductFields.aws/securityhub/ProductName~GuardDuty",
            ),
            ("@log_type:vpcflowlogs", "@log_type~vpcflowlogs"),
            ("my-field:x", "my-field~x"),
            ("\"my field\":x", "my field~x"),
            ("my\\:field:x", "my:field~x"),
            (
                "user_agent.original:aws-cli/2.1",
                "user_agent.original~aws-cli/2.1",
            ),
            (
                "userIdentity.arn: arn:aws:iam::123456789012:user/hana",
                "userIdentity.arn~arn:aws:iam::123456789012:user/hana",
            ),
            ("path:C\\:\\\\Windows", "path~C:\\Windows"),
            ("path:C:\\Windows", "path~C:\\Windows"),
            (
                "path:\"C:\\Windows\\\\System\"",
                "path=\"C:\\Windows\\System\"",
            ),
            ("note:\"say \\\"hi\\\"\"", "note=\"say \"hi\"\""),
            ("note:\\u00e9t\\u00E9", "note~été"),
            ("note:a\\ b", "note~a b"),
            ("note:fish \\and chips", "note~fish and chips"),
            ("note:\"\"", "note=\"\""),
            ("name:花子", "name~花子"),
        ],
    );
}

#[test]
fn boolean_operators() {
    check(
        Language::Kql,
        &[
            ("a:1 and b:2", "and(a~1 b~2)"),
            ("a:1 AND b:2", "and(a~1 b~2)"),
            ("a:1 Or b:2", "or(a~1 b~2)"),
            ("a:1 or b:2 and c:3", "or(a~1 and(b~2 c~3))"),
            ("(a:1 or b:2) and c:3", "and(or(a~1 b~2) c~3)"),
            ("not a:1", "not(a~1)"),
            ("NOT(a:1)", "not(a~1)"),
            ("not not a:1", "a~1"),
            ("not a:1 and b:2", "and(b~2),not(a~1)"),
            ("a:1 and not b:2 and not c:3", "and(a~1),not(b~2 c~3)"),
            ("not (a:1 or b:2)", "not(or(a~1 b~2))"),
            (
                "userIdentity.type:Root AND NOT userIdentity.invokedBy:*",
                "and(userIdentity.type~Root),not(userIdentity.invokedBy+)",
            ),
            ("a:(1 or 2)", "or(a~1 a~2)"),
            ("a: ( 1 OR \"x y\" or z* )", "or(a~1 a=\"x y\" a^z)"),
            ("a:(1 and not 2)", "and(a~1),not(a~2)"),
            ("a:(not (1 or 2))", "not(or(a~1 a~2))"),
            ("((a:1))", "a~1"),
            ("or:1 and not:2", "and(or~1 not~2)"),
            ("order:1 and nothing:x", "and(order~1 nothing~x)"),
            ("android", "~android"),
            (
                "items:{ name:x and n > 1 }",
                "and(items.name~x items.n(1,))",
            ),
        ],
    );
}

#[test]
fn ranges_and_dates() {
    check(
        Language::Kql,
        &[
            ("source.port < 1024", "source.port(,1024)"),
            ("source.port <= 1024", "source.port(,1024]"),
            ("source.port>1024", "source.port(1024,)"),
            ("source.port >= 1024", "source.port[1024,)"),
            ("source.port:>=1024", "source.port[1024,)"),
            ("@timestamp > \"now-7d\"", "@timestamp(now-7d,)"),
            ("@timestamp >= now-1d/d", "@timestamp[now-1d/d,)"),
            (
                "@timestamp >= 2026-11-20T00:00:00Z and @timestamp < 2026-11-21",
                "and(@timestamp[2026-11-20T00:00:00Z,) @timestamp(,2026-11-21))",
            ),
            ("bytes > -1.5", "bytes(-1.5,)"),
            ("*.port > 5", "source.port(5,)"),
        ],
    );
}

#[test]
fn field_patterns() {
    check(
        Language::Kql,
        &[
            ("*.ip:x", "or(destination.ip~x related.ip~x source.ip~x)"),
            ("user.*:hana", "or(user.id~hana user.name~hana)"),
            ("source.*:*", "or(source.ip+ source.port+)"),
            ("nothing.*:x*y", "nothing.*?x*y"),
            ("nothing.*:*", "nothing.*?*"),
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
        "::1",
    ] {
        let expected = everywhere.replace('A', address);
        let in_field = if address.contains('/') {
            format!("source.ip=={address}")
        } else {
            format!("source.ip=\"{address}\"")
        };
        check(
            Language::Kql,
            &[
                (address, expected.as_str()),
                (&format!("source.ip:{address}"), in_field.as_str()),
                (&format!("source.ip : ( {address} )"), in_field.as_str()),
                (&format!("\"{address}\""), expected.as_str()),
            ],
        );
    }
    check(
        Language::Kql,
        &[
            ("failed", "~failed"),
            ("failed login", "~failed login"),
            ("\"failed login\"", "=\"failed login\""),
            ("fail*", "??fail*"),
            ("failed or denied", "or(~failed ~denied)"),
            ("failed i-0abc", "or(~failed =\"i-0abc\")"),
            (
                "arn:aws:s3:::example-bucket",
                "=\"arn:aws:s3:::example-bucket\"",
            ),
            ("arn:aws:s3:::example*", "??arn:aws:s3:::example*"),
            ("https://example.com/a?b", "=\"https://example.com/a?b\""),
            ("999.1.1.1", "=\"999.1.1.1\""),
            ("*:failed", "~failed"),
            ("a:1 and failed", "and(a~1 ~failed)"),
        ],
    );
}
