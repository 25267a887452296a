//! What people keep: saved searches, short links, exports; and what is told of entities and sources.

use std::time::{Duration, Instant};

use axum::Router;
use serde_json::{Value, json};

use super::{send, state};
use crate::{AuthConfig, router};

async fn ask(router: &Router, method: &str, path: &str, body: &str) -> (u16, Value) {
    let answer = send(router, method, path, &[], body).await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn saved_searches_are_made_changed_and_deleted() {
    let router = router(state(AuthConfig::default()));
    let all = "/api/v1/saved-searches";
    let root = r#"{"name":"Root","url":"/search?q=root"}"#;
    let (status, made) = ask(&router, "POST", all, root).await;
    assert_eq!((status, &made["name"]), (201, &json!("Root")));
    let one = format!("{all}/{}", made["id"].as_str().unwrap());
    for (method, path, body, status, pointer, expected) in [
        ("POST", all, root, 409, "/code", json!("name_taken")),
        (
            "POST",
            all,
            r#"{"name":"x","url":"https://evil.example.com/"}"#,
            400,
            "/code",
            json!("bad_parameter"),
        ),
        (
            "POST",
            all,
            r#"{"name":"","url":"/search"}"#,
            400,
            "/code",
            json!("bad_parameter"),
        ),
        ("GET", all, "", 200, "/0/url", json!("/search?q=root")),
        ("GET", &one, "", 200, "/name", json!("Root")),
        (
            "PUT",
            &one,
            r#"{"name":"Roots","url":"/search?q=r"}"#,
            200,
            "/name",
            json!("Roots"),
        ),
        (
            "PUT",
            "/api/v1/saved-searches/99",
            root,
            404,
            "/code",
            json!("no_such_saved_search"),
        ),
        (
            "GET",
            "/api/v1/saved-searches/x",
            "",
            404,
            "/params/id",
            json!("x"),
        ),
    ] {
        let (found, answer) = ask(&router, method, path, body).await;
        assert_eq!(found, status, "{method} {path} {body}: {answer}");
        assert_eq!(
            answer.pointer(pointer),
            Some(&expected),
            "{method} {path} {body}: {answer}"
        );
    }
    assert_eq!(ask(&router, "DELETE", &one, "").await.0, 204);
    assert_eq!(ask(&router, "DELETE", &one, "").await.0, 404);
    assert_eq!(ask(&router, "GET", all, "").await.1, json!([]));
}

#[tokio::test]
async fn short_links_lead_to_their_address() {
    let router = router(state(AuthConfig::default()));
    let url = format!("/search?q={}", "x".repeat(1_000));
    let body = json!({"url": url}).to_string();
    let (status, made) = ask(&router, "POST", "/api/v1/links", &body).await;
    assert_eq!(status, 201);
    let path = made["path"].as_str().unwrap();
    assert!(path.len() < 20, "{path}");
    assert_eq!(ask(&router, "POST", "/api/v1/links", &body).await.1, made);
    let answer = send(&router, "GET", path, &[], "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (302, url.as_str())
    );
    for path in ["/l/0000000000", "/l/..%2f", "/l/zz"] {
        let answer = send(&router, "GET", path, &[], "").await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("<!doctype html>"), "{path}");
    }
    for url in ["//evil.example.com", "javascript:alert(1)", "/a\nb"] {
        let body = json!({"url": url}).to_string();
        assert_eq!(
            ask(&router, "POST", "/api/v1/links", &body).await.0,
            400,
            "{url}"
        );
    }
}

async fn finished(router: &Router, id: &str) -> Value {
    let started = Instant::now();
    loop {
        let (_, export) = ask(router, "GET", &format!("/api/v1/exports/{id}"), "").await;
        let state = export["state"].as_str().unwrap_or_default();
        if state == "done" || state == "failed" {
            return export;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{export}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_exported_fetched_and_removed() {
    let router = router(state(AuthConfig::default()));
    let all = "/api/v1/exports";
    for (body, status, code) in [
        (r#"{"index":"echo","format":"csv"}"#, 400, "bad_parameter"),
        (
            r#"{"index":"echo","format":"ndjson","fields":["a"]}"#,
            400,
            "bad_parameter",
        ),
        (r#"{"index":"bad","format":"ndjson"}"#, 400, "bad_request"),
        (r#"{"index":"echo","format":"xlsx"}"#, 400, "bad_json"),
    ] {
        let (found, answer) = ask(&router, "POST", all, body).await;
        assert_eq!((found, &answer["code"]), (status, &json!(code)), "{body}");
    }
    let body = r#"{"index":"echo","format":"ndjson"}"#;
    let (status, begun) = ask(&router, "POST", all, body).await;
    assert_eq!(status, 202);
    let id = begun["id"].as_str().unwrap().to_owned();
    let export = finished(&router, &id).await;
    assert_eq!(
        (&export["state"], &export["written"], &export["is_cut"]),
        (&json!("done"), &json!(1), &json!(false))
    );
    let file = format!("{all}/{id}/file");
    let answer = send(&router, "GET", &file, &[], "").await;
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment; filename=\"yagura-")
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let line: Value = serde_json::from_str(answer.text().trim()).unwrap();
    assert_eq!(
        (&line["_index"], &line["_id"]),
        (&json!("echo"), &json!("1"))
    );
    assert_eq!(ask(&router, "GET", all, "").await.1[0]["id"], json!(id));
    assert_eq!(
        ask(&router, "DELETE", &format!("{all}/{id}"), "").await.0,
        204
    );
    assert_eq!(ask(&router, "GET", &file, "").await.0, 404);
    for _ in 0..10 {
        assert_eq!(ask(&router, "POST", all, body).await.0, 202);
    }
    let (status, answer) = ask(&router, "POST", all, body).await;
    assert_eq!((status, &answer["code"]), (429, &json!("too_many_exports")));
}

#[tokio::test]
async fn values_are_enriched_and_sources_told() {
    let router = router(state(AuthConfig::default()));
    let enrich = "/api/v1/enrich";
    let body =
        r#"{"values":[{"type":"ip","value":"203.0.113.66"},{"type":"user","value":"hana"}]}"#;
    let (status, answer) = ask(&router, "POST", enrich, body).await;
    assert_eq!(status, 200, "{answer}");
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items[0]["geo"], json!({"country_iso_code": "NL"}));
    assert_eq!(items[0]["threats"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&items[1]["threats"], &items[1]["new"]),
        (&json!([]), &json!(false))
    );
    let many = json!({"values": vec![json!({"type": "ip", "value": "1"}); 40]}).to_string();
    assert_eq!(ask(&router, "POST", enrich, &many).await.0, 200);
    for (body, status) in [
        (r#"{"values":[{"type":"planet","value":"x"}]}"#, 404),
        (r#"{"values":[{"type":"ip","value":""}]}"#, 400),
    ] {
        assert_eq!(ask(&router, "POST", enrich, body).await.0, status, "{body}");
    }
    let (status, sources) = ask(&router, "GET", "/api/v1/sources", "").await;
    assert_eq!((status, &sources["ignored_objects"]), (200, &json!(3)));
    let states: Vec<_> = sources["items"].as_array().unwrap().iter().collect();
    let of = |name: &str| states.iter().find(|it| it["log_type"] == name).unwrap()["state"].clone();
    assert_eq!((of("alb"), of("app")), (json!("failing"), json!("good")));
    let (status, home) = ask(&router, "GET", "/api/v1/home", "").await;
    assert_eq!((status, &home["newcomers"]), (200, &json!([])));
    let explain = "/api/v1/sources/explain?key=";
    for (key, verdict) in [
        ("x.log", "some_missing"),
        ("s3://example-logs/x.log", "some_missing"),
        ("s3://other/waf/x.log", "not_read"),
        ("nowhere", "no_log_type"),
    ] {
        let (status, answer) = ask(&router, "GET", &format!("{explain}{key}"), "").await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["verdict"], json!(verdict), "{key}");
    }
    assert_eq!(ask(&router, "GET", explain, "").await.0, 400);
}
