//! A store and a ledger that answer by the name of the index or the filter.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};
use yagura_history::History;
use yagura_saved::Saved;
use yagura_store::{IndexInfo, Store, StoreError};

use crate::*;

/// Searches of `slow` that run now, the most that ever ran at once, and those of `endless`.
pub(crate) static SLOW: AtomicUsize = AtomicUsize::new(0);
pub(crate) static MOST_SLOW: AtomicUsize = AtomicUsize::new(0);
pub(crate) static ENDLESS: AtomicUsize = AtomicUsize::new(0);

/// Counts a search while it runs, also when it is dropped.
struct Running(&'static AtomicUsize);

impl Running {
    fn begin(counter: &'static AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Running(counter)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Answers `echo` with the request, `slow` late, `endless` never, and others with their fault.
struct NamedStore;

impl NamedStore {
    async fn fault(&self, indices: &str) -> Result<(), StoreError> {
        match indices {
            "missing" | "missing-*" => Err(StoreError::NoSuchIndex(indices.to_owned())),
            "bad" => Err(StoreError::BadRequest {
                kind: "parsing_exception",
                path: "query.bool.filter[0].rnge".to_owned(),
                message: "unknown query type `rnge`".to_owned(),
            }),
            "broken" => Err(StoreError::Failed("disk on fire".to_owned())),
            "slow" => {
                let _running = Running::begin(&SLOW);
                MOST_SLOW.fetch_max(SLOW.load(Ordering::SeqCst), Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(200)).await;
                Ok(())
            }
            "endless" => {
                let _running = Running::begin(&ENDLESS);
                std::future::pending().await
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Store for NamedStore {
    async fn search(&self, indices: &str, body: &Value) -> Result<Value, StoreError> {
        self.fault(indices).await?;
        let is_log_types = body.pointer("/aggs/types").is_some();
        let buckets = json!([{"key": "waf", "doc_count": 9, "last": {"value": 1_795_234_421_583_f64},
            "recent": {"buckets": {"day": {"doc_count": 4}}}}]);
        Ok(json!({
            "took": 1, "timed_out": false,
            "_shards": {"total": 1, "successful": 1, "failed": 0},
            "hits": {"total": {"value": 1, "relation": "eq"},
                "hits": [{"_index": indices, "_id": "1", "_source": {"body": body}}]},
            "aggregations": if is_log_types { json!({"types": {"buckets": buckets}}) } else { json!({}) },
        }))
    }

    async fn count(&self, indices: &str, body: &Value) -> Result<u64, StoreError> {
        self.fault(indices).await?;
        Ok(if body.get("query").is_some() { 3 } else { 7 })
    }

    async fn get(&self, index: &str, id: &str) -> Result<Option<Value>, StoreError> {
        self.fault(index).await?;
        Ok((id == "a/b").then(|| json!({"x": 1})))
    }

    async fn field_caps(&self, indices: &str, fields: &str) -> Result<Value, StoreError> {
        self.fault(indices).await?;
        let ip = json!({"ip": {"type": "ip", "searchable": true, "aggregatable": true}});
        Ok(json!({"indices": [indices], "fields": {"source.ip": ip}, "asked": fields}))
    }

    async fn indices(&self, pattern: &str) -> Result<Vec<IndexInfo>, StoreError> {
        self.fault(pattern).await?;
        let info = |index: &str, documents, size_bytes| IndexInfo {
            index: index.to_owned(),
            documents,
            size_bytes,
            min_timestamp_ms: None,
            max_timestamp_ms: None,
        };
        Ok(vec![
            info("log-aws-waf-2026-11", 12, 1536),
            info("log-aws-alb-2026-11", 5, 10),
        ])
    }
}

/// Holds one object and one dead letter, `7`.
struct SmallLedger;

fn letter() -> DeadLetter {
    DeadLetter {
        id: "7".to_owned(),
        object: "1".to_owned(),
        bucket: "example-logs".to_owned(),
        key: "AWSLogs/123456789012/x.log".to_owned(),
        line: Some(3),
        byte_offset: 120,
        reason: "pattern_mismatch".to_owned(),
        detail: "expected 14 columns".to_owned(),
        raw: "<script>alert(1)</script>".repeat(400).into_bytes(),
        raw_bytes: 10_000,
        log_type: Some("vpcflowlogs".to_owned()),
        parser_version: "0.1.0".to_owned(),
        time: Timestamp::UNIX_EPOCH,
        retries: 0,
        retried: None,
    }
}

#[async_trait]
impl LedgerView for SmallLedger {
    async fn objects(&self, request: &LedgerRequest) -> Result<LedgerPage, LedgerError> {
        if let Some(cursor) = &request.cursor {
            return Err(LedgerError::BadCursor(cursor.clone()));
        }
        let item = LedgerItem {
            id: "1".to_owned(),
            bucket: "example-logs".to_owned(),
            key: "x.log".to_owned(),
            size_bytes: 100,
            log_type: request.log_type.clone(),
            read: 10,
            documents: 7,
            drifted: 0,
            excluded: vec![ReasonCount {
                reason: "own_logs".to_owned(),
                count: 2,
            }],
            failed: 1,
            started: Timestamp::UNIX_EPOCH,
            finished: Timestamp::UNIX_EPOCH,
            status: request.status.unwrap_or(ObjectStatus::Loaded),
            status_reason: None,
        };
        Ok(LedgerPage {
            items: vec![item],
            next: None,
            totals: LedgerTotals::default(),
        })
    }

    async fn dead_letters(
        &self,
        request: &DeadLetterRequest,
    ) -> Result<DeadLetterPage, LedgerError> {
        if request.reason.as_deref() == Some("broken") {
            return Err(LedgerError::Failed("disk on fire".to_owned()));
        }
        Ok(DeadLetterPage {
            items: vec![letter()],
            counts: Vec::new(),
            next: Some("6".to_owned()),
        })
    }

    async fn dead_letter(&self, id: &str) -> Result<Option<DeadLetter>, LedgerError> {
        Ok((id == "7").then(letter))
    }

    async fn retry(&self, request: &RetryRequest) -> Result<u64, LedgerError> {
        Ok(request.ids.len() as u64)
    }

    async fn log_types(&self, _since_ms: i64) -> Result<Vec<LogTypeSums>, LedgerError> {
        let sums = |log_type: &str, objects, dead_letters| LogTypeSums {
            log_type: log_type.to_owned(),
            objects,
            dead_letters,
            ..LogTypeSums::default()
        };
        Ok(vec![sums("", 3, 0), sums("alb", 2, 1), sums("app", 1, 0)])
    }

    fn route(&self, key: &str) -> KeyRoute {
        KeyRoute {
            log_type: key.contains("waf").then(|| "waf".to_owned()),
            ignored: (!key.contains("waf")).then(|| "unknown".to_owned()),
            ..KeyRoute::default()
        }
    }
}

/// Knows one address.
struct OneFact;

impl FactSource for OneFact {
    fn look_up(&self, kind: &str, value: &str) -> EntityFacts {
        let is_listed = (kind, value) == ("ip", "203.0.113.66");
        EntityFacts {
            geo: is_listed.then(|| json!({"country_iso_code": "NL"})),
            threats: match is_listed {
                true => vec![json!({"indicator": {"provider": "Example", "ip": value}})],
                false => Vec::new(),
            },
            ..EntityFacts::default()
        }
    }
}

fn asset(path: &str, accept_encoding: &str) -> Option<Asset> {
    let (bytes, content_type, cache_control) = match path {
        "index.html" => ("<!doctype html>", "text/html; charset=utf-8", "no-cache"),
        "assets/app-1.js" => (
            "go()",
            "text/javascript",
            "public, max-age=31536000, immutable",
        ),
        _ => return None,
    };
    Some(Asset {
        bytes: Cow::Borrowed(bytes.as_bytes()),
        content_type: Cow::Borrowed(content_type),
        encoding: accept_encoding.contains("br").then_some("br"),
        etag: format!("\"{path}\""),
        cache_control,
    })
}

/// Everything the API needs, with the given people.
pub(crate) fn state(auth: AuthConfig) -> AppState {
    let waf = LogTypeInfo {
        id: "waf".to_owned(),
        index: "log-aws-waf-*".to_owned(),
        title: LocalText {
            en: "WAF".to_owned(),
            ja: "WAF".to_owned(),
        },
        columns: vec!["source.ip".to_owned()],
        entities: BTreeMap::from([("ip".to_owned(), vec!["source.ip".to_owned()])]),
        severity: None,
    };
    let alb = LogTypeInfo {
        id: "alb".to_owned(),
        ..waf.clone()
    };
    let folder = tempfile::tempdir().unwrap();
    AppState {
        store: Arc::new(NamedStore),
        ledger: Arc::new(SmallLedger),
        history: Arc::new(History::open(&folder.path().join("history.db"), "test").unwrap()),
        facts: Arc::new(OneFact),
        saved: Arc::new(Saved::open(&folder.path().join("saved.db")).unwrap()),
        exports: folder.path().join("exports"),
        log_types: vec![waf, alb],
        auth: Auth::new(auth),
        // The folder lives as long as the state.
        assets: Arc::new(move |path, accept_encoding| {
            let _folder = &folder;
            asset(path, accept_encoding)
        }),
        backend: Backend::Embedded,
        features: vec!["retry".to_owned()],
        version: "0.1.0".to_owned(),
        limits: Limits {
            body_bytes: 2_000,
            msearch_body_bytes: 4_000,
            msearch_items: 10,
            msearch_concurrency: 3,
            concurrent_searches: 2,
            queue_wait: Duration::from_millis(50),
            request_timeout: Duration::from_secs(5),
        },
    }
}
