//! OpenSearch's endpoints: shapes, parameters, errors, caps.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::{parts, send, state};
use crate::{AuthConfig, CountAnswer, Limits, SearchAnswer, router};

#[tokio::test]
async fn requests_and_answers() {
    let router = router(state(AuthConfig::default()));
    for (method, path, body, status, pointer, expected) in [
        (
            "POST",
            "/echo/_search",
            r#"{"size":1}"#,
            200,
            "/hits/hits/0/_source/body",
            json!({"size": 1}),
        ),
        (
            "GET",
            "/echo/_search",
            "",
            200,
            "/hits/hits/0/_source/body",
            json!({}),
        ),
        (
            "POST",
            "/_search",
            "{}",
            200,
            "/hits/hits/0/_index",
            json!("*"),
        ),
        (
            "GET",
            "/a,b-*/_search",
            "",
            200,
            "/hits/hits/0/_index",
            json!("a,b-*"),
        ),
        (
            "GET",
            "/echo/_search?size=3&from=2&sort=@timestamp:desc,a&timeout=1s&track_total_hits=true&_source=a,b",
            "",
            200,
            "/hits/hits/0/_source/body",
            json!({"size": 3, "from": 2, "sort": [{"@timestamp": {"order": "desc"}}, "a"],
                "timeout": "1s", "track_total_hits": true, "_source": ["a", "b"]}),
        ),
        (
            "GET",
            "/echo/_search?q=a:b%20c&default_operator=AND&df=m",
            "",
            200,
            "/hits/hits/0/_source/body/query",
            json!({"query_string": {"query": "a:b c", "default_operator": "AND", "default_field": "m"}}),
        ),
        (
            "POST",
            "/echo/_search?ignore_unavailable=true&allow_no_indices=true&request_cache=true&preference=x",
            "{}",
            200,
            "/timed_out",
            json!(false),
        ),
        (
            "POST",
            "/missing/_search?ignore_unavailable=true",
            "{}",
            200,
            "/hits/total/value",
            json!(0),
        ),
        (
            "POST",
            "/missing-*/_search",
            "{}",
            200,
            "/hits/hits",
            json!([]),
        ),
        (
            "POST",
            "/missing-*/_search?allow_no_indices=false",
            "{}",
            404,
            "/status",
            json!(404),
        ),
        (
            "POST",
            "/missing/_search",
            "{}",
            404,
            "/error/type",
            json!("index_not_found_exception"),
        ),
        (
            "POST",
            "/missing/_search",
            "{}",
            404,
            "/error/root_cause/0/index",
            json!("missing"),
        ),
        (
            "POST",
            "/bad/_search",
            "{}",
            400,
            "/error/type",
            json!("parsing_exception"),
        ),
        (
            "POST",
            "/bad/_search",
            "{}",
            400,
            "/error/root_cause/0/reason",
            json!("unknown query type `rnge` (at `query.bool.filter[0].rnge`)"),
        ),
        (
            "POST",
            "/broken/_search",
            "{}",
            500,
            "/error/type",
            json!("search_phase_execution_exception"),
        ),
        (
            "POST",
            "/echo/_search",
            "{",
            400,
            "/error/type",
            json!("parsing_exception"),
        ),
        ("POST", "/echo/_search", "[]", 400, "/status", json!(400)),
        (
            "GET",
            "/echo/_search?size=x",
            "",
            400,
            "/error/type",
            json!("illegal_argument_exception"),
        ),
        (
            "GET",
            "/echo/_search?foo=1",
            "",
            400,
            "/error/reason",
            json!("request [/echo/_search] contains parameters that are not understood: [foo]"),
        ),
        (
            "POST",
            "/echo/_count",
            r#"{"query":{}}"#,
            200,
            "/count",
            json!(3),
        ),
        ("GET", "/echo/_count", "", 200, "/count", json!(7)),
        ("GET", "/echo/_count?q=x", "", 200, "/count", json!(3)),
        (
            "POST",
            "/echo/_count",
            r#"{"size":1}"#,
            400,
            "/status",
            json!(400),
        ),
        (
            "GET",
            "/missing-*/_count",
            "",
            200,
            "/_shards/total",
            json!(0),
        ),
        (
            "GET",
            "/log/_doc/a%2Fb",
            "",
            200,
            "/_source",
            json!({"x": 1}),
        ),
        ("GET", "/log/_doc/zz", "", 404, "/found", json!(false)),
        (
            "GET",
            "/missing/_doc/1",
            "",
            404,
            "/error/type",
            json!("index_not_found_exception"),
        ),
        (
            "GET",
            "/log/_field_caps?fields=a,b*",
            "",
            200,
            "/asked",
            json!("a,b*"),
        ),
        (
            "POST",
            "/log/_field_caps",
            r#"{"fields":["a","b"]}"#,
            200,
            "/asked",
            json!("a,b"),
        ),
        ("GET", "/_field_caps", "", 200, "/asked", json!("*")),
        (
            "POST",
            "/log/_field_caps",
            r#"{"fields":1}"#,
            400,
            "/status",
            json!(400),
        ),
        (
            "GET",
            "/_cat/indices?format=json",
            "",
            200,
            "/0/index",
            json!("log-aws-alb-2026-11"),
        ),
        (
            "GET",
            "/_cat/indices?format=json",
            "",
            200,
            "/1/store.size",
            json!("1.5kb"),
        ),
        (
            "GET",
            "/_cat/indices?format=json&bytes=b&s=index:desc",
            "",
            200,
            "/0/store.size",
            json!("1536"),
        ),
        (
            "GET",
            "/_cat/indices/log-*?format=json&h=index",
            "",
            200,
            "/0",
            json!({"index": "log-aws-alb-2026-11"}),
        ),
        (
            "GET",
            "/_cat/indices?format=yaml",
            "",
            400,
            "/status",
            json!(400),
        ),
        (
            "GET",
            "/_cat/indices?h=nothing",
            "",
            400,
            "/status",
            json!(400),
        ),
        (
            "GET",
            "/_cluster/health",
            "",
            200,
            "/active_shards",
            json!(2),
        ),
        (
            "POST",
            "/echo/_bulk",
            "{}",
            400,
            "/error/type",
            json!("illegal_argument_exception"),
        ),
        ("GET", "/echo/_mapping", "", 400, "/status", json!(400)),
        ("DELETE", "/echo", "", 400, "/status", json!(400)),
    ] {
        let answer = send(&router, method, path, &[], body).await;
        let shown = answer.text();
        assert_eq!(answer.status, status, "{method} {path}: {shown}");
        let found = answer.json().pointer(pointer).cloned();
        assert_eq!(found, Some(expected), "{method} {path}: {shown}");
    }
}

#[tokio::test]
async fn answers_fit_their_described_types() {
    let router = router(state(AuthConfig::default()));
    let answer = send(&router, "POST", "/echo/_search", &[], "{}").await;
    let search: SearchAnswer = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(search.hits.hits[0].id, "1");
    assert!(
        answer
            .headers
            .get_all("server-timing")
            .iter()
            .any(|it| { it.to_str().is_ok_and(|it| it.starts_with("engine;dur=")) })
    );
    let answer = send(&router, "POST", "/missing-*/_search", &[], "{}").await;
    let search: SearchAnswer = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(search.shards.total, 0);
    let answer = send(&router, "POST", "/echo/_count", &[], "").await;
    let count: CountAnswer = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(count.count, 7);
}

#[tokio::test]
async fn cat_indices_is_a_table() {
    let router = router(state(AuthConfig::default()));
    let answer = send(
        &router,
        "GET",
        "/_cat/indices?v&h=index,docs.count",
        &[],
        "",
    )
    .await;
    assert_eq!(
        answer.text(),
        "index               docs.count\nlog-aws-alb-2026-11 5\nlog-aws-waf-2026-11 12\n"
    );
}

#[tokio::test]
async fn the_root_is_a_name_card_for_clients_that_ask_for_json() {
    let router = router(state(AuthConfig::default()));
    for (accept, is_card) in [
        ("application/json", true),
        ("text/html,application/json;q=0.9", false),
        ("*/*", false),
    ] {
        let answer = send(&router, "GET", "/", &[("accept", accept)], "").await;
        assert_eq!(
            answer.json()["cluster_name"] == "yagura",
            is_card,
            "{accept}"
        );
    }
}

#[tokio::test]
async fn msearch_answers_each_search_or_its_error() {
    let router = router(state(AuthConfig::default()));
    let lines = [
        r#"{"index":"echo"}"#,
        r#"{"size":1}"#,
        r#"{"index":["a","b-*"],"ignore_unavailable":true,"preference":"x"}"#,
        "{}",
        r#"{"index":"bad"}"#,
        "{}",
        r#"{"index":"missing"}"#,
        "{}",
        r#"{"index":"missing","ignore_unavailable":true}"#,
        "{}",
        r#"{"index":"echo"}"#,
        "{broken",
        r#"{"index":"echo","foo":1}"#,
        "{}",
        "",
        "{}",
    ];
    let body = format!("{}\n", lines.join("\n"));
    let ndjson = [("content-type", "application/x-ndjson")];
    let answer = send(&router, "POST", "/log-*/_msearch", &ndjson, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let json = answer.json();
    let responses = json["responses"].as_array().unwrap();
    let statuses: Vec<u64> = responses
        .iter()
        .filter_map(|it| it["status"].as_u64())
        .collect();
    assert_eq!(statuses, [200, 200, 400, 404, 200, 400, 400, 200]);
    let at = |number: usize, pointer: &str| responses[number].pointer(pointer).cloned();
    assert_eq!(at(0, "/hits/hits/0/_source/body/size"), Some(json!(1)));
    assert_eq!(at(1, "/hits/hits/0/_index"), Some(json!("a,b-*")));
    assert_eq!(at(7, "/hits/hits/0/_index"), Some(json!("log-*")));
    let reason = at(5, "/error/reason").unwrap_or(Value::Null);
    assert!(
        reason
            .as_str()
            .unwrap()
            .starts_with("search 5: cannot parse"),
        "{reason}"
    );

    for (body, status) in [
        ("{}\n{}\n{}\n", 400),
        ("", 400),
        (&"{}\n{}\n".repeat(10), 200),
        (&"{}\n{}\n".repeat(11), 400),
        (&"{}\n{}\n".repeat(1_000), 413),
    ] {
        let answer = send(&router, "POST", "/_msearch", &ndjson, body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

#[tokio::test]
async fn msearch_runs_a_few_at_a_time() {
    let router = router(state(AuthConfig::default()));
    let body = "{\"index\":\"slow\"}\n{}\n".repeat(6);
    let answer = send(&router, "POST", "/_msearch", &[], &body).await;
    assert_eq!(answer.status, 200);
    assert!(parts::MOST_SLOW.load(Ordering::SeqCst) >= 3);
}

#[tokio::test]
async fn sizes_types_numbers_and_times_are_capped() {
    let mut app = state(AuthConfig::default());
    app.limits = Limits {
        request_timeout: Duration::from_millis(100),
        ..app.limits
    };
    let router = router(app);
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(3_000));
    let answer = send(&router, "POST", "/echo/_search", &[], &large).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["status"], 413);
    let form = [("content-type", "text/plain")];
    assert_eq!(
        send(&router, "POST", "/echo/_search", &form, "{}")
            .await
            .status,
        406
    );
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let deep = format!("{{\"x\":{deep}}}");
    assert_eq!(
        send(&router, "POST", "/echo/_search", &[], &deep)
            .await
            .status,
        400
    );
    let long = format!("/{}/_search", "x,".repeat(3_000));
    assert_eq!(send(&router, "GET", &long, &[], "").await.status, 400);

    let slow = || send(&router, "POST", "/slow/_search", &[], "{}");
    let (first, second, third) = tokio::join!(slow(), slow(), slow());
    let mut statuses = [first, second, third].map(|it| it.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [429, 504, 504]);
    assert_eq!(
        send(&router, "POST", "/echo/_search", &[], "{}")
            .await
            .status,
        200
    );
}
