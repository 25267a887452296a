//! The page's files and the headers that keep it safe.

use super::{send, state};
use crate::{AuthConfig, router};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

#[tokio::test]
async fn paths_of_the_page() {
    let router = router(state(AuthConfig::default()));
    for (path, status, content_type) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/index.html", 200, "text/html; charset=utf-8"),
        ("/search", 200, "text/html; charset=utf-8"),
        ("/search?q=a", 200, "text/html; charset=utf-8"),
        ("/e/ip/203.0.113.5", 200, "text/html; charset=utf-8"),
        (
            "/doc/log-aws-waf-2026-11/abc.def",
            200,
            "text/html; charset=utf-8",
        ),
        ("/assets/app-1.js", 200, "text/javascript"),
        ("/assets/gone.js", 404, ""),
        ("/assets/../../etc/passwd", 404, ""),
    ] {
        let answer = send(&router, "GET", path, &[], "").await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("content-type"), content_type, "{path}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let router = router(state(AuthConfig::default()));
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/search"),
        ("GET", "/assets/app-1.js"),
        ("GET", "/assets/gone.js"),
        ("GET", "/api/v1/session"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api/v1/openapi.json"),
        ("POST", "/bad/_search"),
        ("GET", "/_cat/indices"),
        ("GET", "/healthz"),
        ("PUT", "/"),
        ("HEAD", "/"),
    ] {
        let answer = send(&router, method, path, &[], "").await;
        for (name, value) in [
            ("content-security-policy", POLICY),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{method} {path}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"));
        assert!(
            !answer.header("cache-control").is_empty(),
            "{method} {path}"
        );
        assert!(
            answer.header("server-timing").starts_with("engine")
                || answer.header("server-timing").starts_with("total")
        );
    }
}

#[tokio::test]
async fn files_are_cached_and_compressed_once() {
    let router = router(state(AuthConfig::default()));
    let path = "/assets/app-1.js";
    let answer = send(&router, "GET", path, &[("accept-encoding", "br, gzip")], "").await;
    assert_eq!(answer.header("content-encoding"), "br");
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let etag = answer.header("etag").to_owned();
    for (known, status) in [
        (etag.as_str(), 304),
        ("\"other\"", 200),
        ("\"x\", W/\"assets/app-1.js\"", 304),
    ] {
        let answer = send(&router, "GET", path, &[("if-none-match", known)], "").await;
        assert_eq!(answer.status, status, "{known}");
        assert_eq!(answer.body.is_empty(), status == 304, "{known}");
    }
    let json = send(
        &router,
        "GET",
        "/api/v1/openapi.json",
        &[("accept-encoding", "gzip")],
        "",
    )
    .await;
    assert_eq!(json.header("content-encoding"), "gzip");
    assert!(json.body.len() < 20_000);
}
