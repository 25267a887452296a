//! Our own endpoints in an open server: shapes and errors.

use serde_json::json;

use super::{send, state};
use crate::{AuthConfig, router};

#[tokio::test]
async fn requests_and_answers() {
    let router = router(state(AuthConfig::default()));
    let parse = "/api/v1/query/parse";
    let retry = "/api/v1/dead-letters/retry";
    for (method, path, body, status, pointer, expected) in [
        ("GET", "/api/v1/session", "", 200, "/user", json!("local")),
        ("GET", "/api/v1/session", "", 200, "/open", json!(true)),
        (
            "GET",
            "/api/v1/session",
            "",
            200,
            "/backend",
            json!("embedded"),
        ),
        (
            "POST",
            "/api/v1/session",
            r#"{"user":"a","password":"b"}"#,
            409,
            "/code",
            json!("no_users"),
        ),
        ("GET", "/api/v1/log-types", "", 200, "/0/id", json!("waf")),
        (
            "GET",
            "/api/v1/log-types",
            "",
            200,
            "/0/events_24h",
            json!(4),
        ),
        (
            "GET",
            "/api/v1/log-types",
            "",
            200,
            "/0/last_event",
            json!("2026-11-21T04:13:41.583Z"),
        ),
        (
            "GET",
            "/api/v1/log-types",
            "",
            200,
            "/1/last_event",
            json!(null),
        ),
        (
            "GET",
            "/api/v1/log-types",
            "",
            200,
            "/1/events_24h",
            json!(0),
        ),
        (
            "POST",
            parse,
            r#"{"q":"sourceIp:*","index":"log-*"}"#,
            200,
            "/hints/0",
            json!({"from": 0, "to": 8, "code": "unknown_field", "field": "sourceIp", "did_you_mean": "source.ip"}),
        ),
        (
            "POST",
            parse,
            r#"{"q":"a:*"}"#,
            200,
            "/dsl",
            json!({"exists": {"field": "a"}}),
        ),
        (
            "POST",
            parse,
            r#"{"q":"a:*"}"#,
            200,
            "/tokens/0",
            json!({"from": 0, "to": 1, "kind": "field"}),
        ),
        (
            "POST",
            parse,
            r#"{"q":"sourceIp:*","index":"broken"}"#,
            200,
            "/hints",
            json!([]),
        ),
        ("POST", parse, r#"{"q":"a:\"x"}"#, 200, "/dsl", json!(null)),
        (
            "POST",
            parse,
            r#"{"q":"a:\"x"}"#,
            200,
            "/errors/0/code",
            json!("unclosed_quote"),
        ),
        (
            "POST",
            parse,
            r#"{"q":"a:[1 TO 2]","lang":"lucene"}"#,
            200,
            "/dsl/range/a/lte",
            json!("2"),
        ),
        (
            "POST",
            parse,
            r#"{"q":"a","lang":"sql"}"#,
            400,
            "/code",
            json!("bad_json"),
        ),
        (
            "POST",
            parse,
            r#"{"q":"a","foo":1}"#,
            400,
            "/code",
            json!("bad_json"),
        ),
        (
            "GET",
            "/api/v1/dead-letters",
            "",
            200,
            "/items/0/reason",
            json!("pattern_mismatch"),
        ),
        (
            "GET",
            "/api/v1/dead-letters",
            "",
            200,
            "/items/0/raw_truncated",
            json!(true),
        ),
        (
            "GET",
            "/api/v1/dead-letters?limit=5&reason=x",
            "",
            200,
            "/next",
            json!("6"),
        ),
        (
            "GET",
            "/api/v1/dead-letters?limit=0",
            "",
            400,
            "/code",
            json!("bad_parameter"),
        ),
        (
            "GET",
            "/api/v1/dead-letters?limit=1001",
            "",
            400,
            "/code",
            json!("bad_parameter"),
        ),
        (
            "GET",
            "/api/v1/dead-letters?foo=1",
            "",
            400,
            "/code",
            json!("bad_parameter"),
        ),
        (
            "GET",
            "/api/v1/dead-letters?reason=broken",
            "",
            500,
            "/code",
            json!("ledger_failed"),
        ),
        (
            "GET",
            "/api/v1/dead-letters/7",
            "",
            200,
            "/raw_truncated",
            json!(false),
        ),
        (
            "GET",
            "/api/v1/dead-letters/8",
            "",
            404,
            "/code",
            json!("no_such_dead_letter"),
        ),
        (
            "POST",
            retry,
            r#"{"ids":["7"]}"#,
            202,
            "/accepted",
            json!(1),
        ),
        (
            "POST",
            retry,
            r#"{"reason":"pattern_mismatch"}"#,
            202,
            "/accepted",
            json!(0),
        ),
        ("POST", retry, "{}", 400, "/code", json!("bad_parameter")),
        (
            "GET",
            "/api/v1/ledger?status=failed&log_type=waf",
            "",
            200,
            "/items/0/status",
            json!("failed"),
        ),
        (
            "GET",
            "/api/v1/ledger",
            "",
            200,
            "/items/0/started",
            json!("1970-01-01T00:00:00Z"),
        ),
        (
            "GET",
            "/api/v1/ledger?cursor=zz",
            "",
            400,
            "/params/cursor",
            json!("zz"),
        ),
        (
            "GET",
            "/api/v1/ledger?status=zz",
            "",
            400,
            "/code",
            json!("bad_parameter"),
        ),
        (
            "GET",
            "/api/v1/openapi.json",
            "",
            200,
            "/info/title",
            json!("Yagura"),
        ),
        (
            "GET",
            "/api/v1/nothing",
            "",
            404,
            "/code",
            json!("no_such_endpoint"),
        ),
        (
            "POST",
            "/api/v1/nothing",
            "",
            404,
            "/code",
            json!("no_such_endpoint"),
        ),
    ] {
        let answer = send(&router, method, path, &[], body).await;
        let shown = answer.text();
        assert_eq!(answer.status, status, "{method} {path} {body}: {shown}");
        let found = answer.json().pointer(pointer).cloned();
        assert_eq!(found, Some(expected), "{method} {path} {body}: {shown}");
    }
}

#[tokio::test]
async fn errors_carry_the_id_of_the_request() {
    let router = router(state(AuthConfig::default()));
    let answer = send(&router, "GET", "/api/v1/dead-letters/8", &[], "").await;
    let id = answer.header("x-request-id");
    assert!(!id.is_empty());
    assert_eq!(answer.json()["request_id"], id);
}

#[tokio::test]
async fn bodies_must_be_json() {
    let router = router(state(AuthConfig::default()));
    for (content_type, status) in [
        ("application/json; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
    ] {
        let headers = [("content-type", content_type)];
        let answer = send(
            &router,
            "POST",
            "/api/v1/query/parse",
            &headers,
            r#"{"q":"a"}"#,
        )
        .await;
        assert_eq!(answer.status, status, "{content_type}");
    }
    let large = format!("{{\"q\":\"{}\"}}", "x".repeat(3_000));
    let answer = send(&router, "POST", "/api/v1/query/parse", &[], &large).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (413, "body_too_large")
    );
}

#[tokio::test]
async fn health_needs_no_session() {
    let router = router(state(AuthConfig::default()));
    assert_eq!(
        send(&router, "GET", "/healthz", &[], "").await.text(),
        "ok\n"
    );
}

#[tokio::test]
async fn every_described_route_exists() {
    let router = router(state(AuthConfig::default()));
    let description = crate::openapi();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            let path = path.replace("{index}", "echo").replace("{id}", "7");
            let answer = send(&router, &method, &path, &[], "{}").await;
            let text = answer.text();
            let is_unknown = text.contains("no_such_endpoint") || text.contains("no handler");
            assert!(
                !is_unknown && answer.status != 405,
                "{method} {path}: {text}"
            );
        }
    }
}
