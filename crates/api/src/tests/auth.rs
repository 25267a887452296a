//! Who is let in: hosts and origins, sign-in, cookies, tokens, roles.

use std::net::SocketAddr;

use axum::Router;

use super::{send, state};
use crate::{Auth, AuthConfig, Role, Secret, User, UsersFile, hash_password, mint_token, router};

const PASSWORD: &str = "correct horse battery";
const RETRY: &str = "/api/v1/dead-letters/retry";

/// An administrator `hana`, a viewer `ken`, and tokens of both.
fn users() -> (UsersFile, String, String) {
    let hash = hash_password(&Secret::new(PASSWORD)).unwrap();
    let (admin_token, admin_kept) = mint_token("ci").unwrap();
    let (viewer_token, viewer_kept) = mint_token("wall").unwrap();
    let hana = User {
        name: "hana".to_owned(),
        password_hash: Some(hash),
        roles: vec![Role::Admin],
        lang: Some("ja".to_owned()),
        tz: Some("Asia/Tokyo".to_owned()),
        theme: None,
        tokens: vec![admin_kept],
    };
    let ken = User {
        name: "ken".to_owned(),
        roles: vec![Role::Viewer],
        tokens: vec![viewer_kept],
        ..hana.clone()
    };
    let file = UsersFile {
        users: vec![hana, ken],
    };
    let expose = |token: Secret| token.expose().to_owned();
    (file, expose(admin_token), expose(viewer_token))
}

fn with_users() -> (Router, String, String) {
    let (users, admin, viewer) = users();
    let config = AuthConfig {
        users: Some(users),
        ..AuthConfig::default()
    };
    (router(state(config)), admin, viewer)
}

/// Signs in; returns the cookie and the CSRF token.
async fn sign_in(router: &Router, user: &str) -> (String, String) {
    let body = serde_json::json!({"user": user, "password": PASSWORD}).to_string();
    let answer = send(router, "POST", "/api/v1/session", &[], &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.header("set-cookie");
    let pair = cookie.split(';').next().unwrap().to_owned();
    let csrf = answer.json()["csrf"].as_str().unwrap().to_owned();
    (pair, csrf)
}

#[tokio::test]
async fn an_open_server_answers_only_to_its_own_names() {
    let config = AuthConfig {
        host_names: vec!["siem.example.com".to_owned()],
        ..AuthConfig::default()
    };
    let router = router(state(config));
    for (host, path, status) in [
        ("localhost:9200", "/api/v1/session", 200),
        ("[::1]:9200", "/", 200),
        ("siem.example.com", "/api/v1/session", 200),
        ("rebound.example.com", "/api/v1/session", 421),
        ("rebound.example.com:9200", "/", 421),
        ("192.0.2.1", "/_cat/indices", 421),
        ("", "/healthz", 421),
    ] {
        let answer = send(&router, "GET", path, &[("host", host)], "").await;
        assert_eq!(answer.status, status, "{host} {path}");
    }
}

#[tokio::test]
async fn foreign_pages_are_refused() {
    let router = router(state(AuthConfig::default()));
    for (method, headers, status) in [
        ("POST", &[("origin", "http://127.0.0.1:9200")][..], 202),
        ("POST", &[("origin", "http://evil.example.com")], 403),
        ("POST", &[("origin", "http://127.0.0.1:8080")], 403),
        ("POST", &[("origin", "null")], 403),
        ("POST", &[("sec-fetch-site", "same-origin")], 202),
        ("POST", &[("sec-fetch-site", "cross-site")], 403),
        (
            "POST",
            &[
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
            ],
            403,
        ),
        ("POST", &[("content-type", "text/plain")], 415),
    ] {
        let answer = send(&router, method, RETRY, headers, r#"{"ids":["7"]}"#).await;
        assert_eq!(answer.status, status, "{headers:?}");
    }
    for (path, mode, status) in [
        ("/search", "navigate", 200),
        ("/_cat/indices", "no-cors", 403),
    ] {
        let headers = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode)];
        assert_eq!(
            send(&router, "GET", path, &headers, "").await.status,
            status,
            "{path}"
        );
    }
}

#[tokio::test]
async fn with_users_only_the_page_itself_is_public() {
    let (router, _, _) = with_users();
    for (method, path, status) in [
        ("GET", "/", 200),
        ("GET", "/search", 200),
        ("GET", "/assets/app-1.js", 200),
        ("GET", "/healthz", 200),
        ("GET", "/api/v1/openapi.json", 200),
        ("GET", "/api/v1/session", 401),
        ("DELETE", "/api/v1/session", 401),
        ("GET", "/api/v1/log-types", 401),
        ("POST", "/api/v1/query/parse", 401),
        ("GET", "/api/v1/dead-letters", 401),
        ("GET", "/api/v1/dead-letters/7", 401),
        ("POST", RETRY, 401),
        ("GET", "/api/v1/ledger", 401),
        ("POST", "/echo/_search", 401),
        ("POST", "/_msearch", 401),
        ("POST", "/echo/_count", 401),
        ("GET", "/echo/_doc/1", 401),
        ("GET", "/echo/_field_caps", 401),
        ("GET", "/_cat/indices", 401),
        ("GET", "/_cluster/health", 401),
    ] {
        let answer = send(&router, method, path, &[], "").await;
        assert_eq!(answer.status, status, "{method} {path}");
    }
    let json = [("accept", "application/json")];
    assert_eq!(send(&router, "GET", "/", &json, "").await.status, 401);
    let answer = send(&router, "POST", "/echo/_search", &[], "").await;
    assert_eq!(answer.json()["error"]["type"], "security_exception");
}

#[tokio::test]
async fn cookies_need_the_csrf_token_to_change_something() {
    let (router, _, _) = with_users();
    let (cookie, csrf) = sign_in(&router, "hana").await;
    let session = send(
        &router,
        "GET",
        "/api/v1/session",
        &[("cookie", &cookie)],
        "",
    )
    .await;
    assert_eq!(session.json()["user"], "hana");
    assert_eq!(session.json()["lang"], "ja");
    assert_eq!(session.json()["roles"], serde_json::json!(["admin"]));
    assert_eq!(session.header("cache-control"), "no-store");
    let body = r#"{"ids":["7"]}"#;
    for (method, path, headers, status) in [
        (
            "POST",
            "/echo/_search",
            &[("cookie", cookie.as_str())][..],
            200,
        ),
        ("POST", RETRY, &[("cookie", &cookie)], 403),
        (
            "POST",
            RETRY,
            &[("cookie", &cookie), ("x-csrf", "wrong")],
            403,
        ),
        (
            "POST",
            RETRY,
            &[("cookie", &cookie), ("x-csrf", &csrf)],
            202,
        ),
        (
            "POST",
            RETRY,
            &[("cookie", "yagura_session=0"), ("x-csrf", &csrf)],
            401,
        ),
        ("DELETE", "/api/v1/session", &[("cookie", &cookie)], 403),
        (
            "DELETE",
            "/api/v1/session",
            &[("cookie", &cookie), ("x-csrf", &csrf)],
            204,
        ),
        ("GET", "/api/v1/session", &[("cookie", &cookie)], 401),
    ] {
        let answer = send(&router, method, path, headers, body).await;
        assert_eq!(answer.status, status, "{method} {path} {}", answer.text());
    }
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_scripts() {
    for (secure_cookie, start, end) in [
        (false, "yagura_session=", "; Path=/; HttpOnly; SameSite=Lax"),
        (
            true,
            "__Host-yagura_session=",
            "; Path=/; HttpOnly; SameSite=Lax; Secure",
        ),
    ] {
        let config = AuthConfig {
            users: Some(users().0),
            secure_cookie,
            ..AuthConfig::default()
        };
        let router = router(state(config));
        let body = format!(r#"{{"user":"hana","password":"{PASSWORD}"}}"#);
        let answer = send(&router, "POST", "/api/v1/session", &[], &body).await;
        let cookie = answer.header("set-cookie");
        assert!(
            cookie.starts_with(start) && cookie.ends_with(end),
            "{cookie}"
        );
        assert_eq!(cookie.len(), start.len() + 64 + end.len());
    }
}

#[tokio::test]
async fn viewers_change_nothing() {
    let (router, _, viewer) = with_users();
    let (cookie, csrf) = sign_in(&router, "ken").await;
    let bearer = format!("Bearer {viewer}");
    let body = r#"{"ids":["7"]}"#;
    for headers in [
        &[("cookie", cookie.as_str()), ("x-csrf", csrf.as_str())][..],
        &[("authorization", bearer.as_str())],
    ] {
        let answer = send(&router, "POST", RETRY, headers, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (403, "not_allowed")
        );
        assert_eq!(
            send(&router, "GET", "/api/v1/ledger", headers, "")
                .await
                .status,
            200
        );
    }
}

#[tokio::test]
async fn tokens_work_without_cookies() {
    let (router, admin, _) = with_users();
    let cut = admin.get(..admin.len() - 1).unwrap();
    for (value, status) in [
        (format!("Bearer {admin}"), 202),
        (format!("bearer {admin}"), 202),
        (format!("Basic {admin}"), 401),
        (format!("Bearer {cut}"), 401),
        ("Bearer ".to_owned(), 401),
        (admin.clone(), 401),
    ] {
        let headers = [("authorization", value.as_str())];
        let answer = send(&router, "POST", RETRY, &headers, r#"{"ids":["7"]}"#).await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let (router, _, _) = with_users();
    let wrong = r#"{"user":"hana","password":"wrong password"}"#;
    for _ in 0..5 {
        let answer = send(&router, "POST", "/api/v1/session", &[], wrong).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (401, "wrong_credentials")
        );
    }
    let right = format!(r#"{{"user":"hana","password":"{PASSWORD}"}}"#);
    let answer = send(&router, "POST", "/api/v1/session", &[], &right).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (429, "too_many_attempts")
    );
    let unknown = format!(r#"{{"user":"nobody","password":"{PASSWORD}"}}"#);
    let answer = send(&router, "POST", "/api/v1/session", &[], &unknown).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (401, "wrong_credentials")
    );
}

#[tokio::test]
async fn unknown_names_take_as_long_as_wrong_passwords() {
    let (router, _, _) = with_users();
    let mut took = [u128::MAX; 2];
    for _ in 0..3 {
        for (user, took) in ["hana", "nobody"].into_iter().zip(&mut took) {
            let body = format!(r#"{{"user":"{user}","password":"wrong password"}}"#);
            let started = std::time::Instant::now();
            send(&router, "POST", "/api/v1/session", &[], &body).await;
            *took = (*took).min(started.elapsed().as_micros());
        }
    }
    let [known, unknown] = took;
    assert!(unknown * 3 > known && known * 3 > unknown, "{took:?}");
}

#[test]
fn others_are_listened_to_only_with_users() {
    let with_users = AuthConfig {
        users: Some(users().0),
        ..AuthConfig::default()
    };
    let empty = AuthConfig {
        users: Some(UsersFile::default()),
        ..AuthConfig::default()
    };
    for (address, config, is_fine) in [
        ("127.0.0.1:9200", &AuthConfig::default(), true),
        ("[::1]:9200", &AuthConfig::default(), true),
        ("[::ffff:127.0.0.1]:9200", &AuthConfig::default(), true),
        ("0.0.0.0:9200", &AuthConfig::default(), false),
        ("[::]:9200", &AuthConfig::default(), false),
        ("192.0.2.1:9200", &AuthConfig::default(), false),
        ("0.0.0.0:9200", &empty, false),
        ("0.0.0.0:9200", &with_users, true),
    ] {
        let address: SocketAddr = address.parse().unwrap();
        let found = Auth::check_bind(address, config);
        assert_eq!(found.is_ok(), is_fine, "{address}");
        if let Err(error) = found {
            assert!(
                error
                    .to_string()
                    .contains(&format!("`{address}` without users"))
            );
        }
    }
}

#[test]
fn users_files_are_checked_and_written() {
    let (users, _, _) = users();
    let text = users.to_text().unwrap();
    let again = UsersFile::parse(&text).unwrap();
    assert_eq!(again.users.len(), 2);
    assert_eq!(again.users[0].password_hash, users.users[0].password_hash);
    assert_eq!(
        again.users[1].tokens[0].sha256,
        users.users[1].tokens[0].sha256
    );
    assert!(!format!("{users:?}").contains("argon2id"));
    for (text, message) in [
        ("[[users]]\nname = \"a\"\nfoo = 1\n", "line 3"),
        (
            "[[users]]\nname = \"a\"\npassword_hash = \"plain\"\n",
            "not an argon2id hash",
        ),
        (
            "[[users]]\nname = \"a\"\n[[users]]\nname = \"a\"\n",
            "occurs twice",
        ),
        ("[[users]]\nname = \" \"\n", "empty"),
        (
            "[[users]]\nname = \"a\"\n[[users.tokens]]\nname = \"t\"\nsha256 = \"0\"\ncreated = \"2026-11-21T00:00:00Z\"\n",
            "SHA-256",
        ),
    ] {
        let error = UsersFile::parse(text).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
        assert!(!error.contains("plain"), "{error}");
    }
    assert!(hash_password(&Secret::new("short")).is_err());
}

#[tokio::test]
async fn what_people_keep_is_their_own() {
    let (router, admin, viewer) = with_users();
    let (cookie, csrf) = sign_in(&router, "ken").await;
    let searches = "/api/v1/saved-searches";
    let body = r#"{"name":"mine","url":"/search?q=x"}"#;
    let with_cookie = [("cookie", cookie.as_str())];
    let answer = send(&router, "POST", searches, &with_cookie, body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (403, "csrf")
    );
    let headers = [("cookie", cookie.as_str()), ("x-csrf", csrf.as_str())];
    assert_eq!(
        send(&router, "POST", searches, &headers, body).await.status,
        201
    );
    let export = r#"{"index":"echo","format":"ndjson"}"#;
    let begun = send(&router, "POST", "/api/v1/exports", &headers, export).await;
    assert_eq!(begun.status, 202);
    let export = format!("/api/v1/exports/{}", begun.json()["id"].as_str().unwrap());
    let (admin, viewer) = (format!("Bearer {admin}"), format!("Bearer {viewer}"));
    for (token, searches_seen, export_status) in [(&viewer, 1, 200), (&admin, 0, 404)] {
        let headers = [("authorization", token.as_str())];
        let found = send(&router, "GET", searches, &headers, "").await.json();
        assert_eq!(found.as_array().unwrap().len(), searches_seen);
        let found = send(&router, "GET", &export, &headers, "").await;
        assert_eq!(found.status, export_status);
    }
    let link = send(
        &router,
        "POST",
        "/api/v1/links",
        &headers,
        r#"{"url":"/search?q=x"}"#,
    )
    .await;
    let path = link.json()["path"].as_str().unwrap().to_owned();
    let answer = send(&router, "GET", &path, &[], "").await;
    let expected = format!("/sign-in?next={path}");
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (302, expected.as_str())
    );
    let answer = send(&router, "GET", &path, &with_cookie, "").await;
    assert_eq!(answer.header("location"), "/search?q=x");
}
