//! What is asked of the loaded store: the requests of the page and of people at work.

use std::time::Instant;

use anyhow::Context;
use serde_json::{Value, json};

use super::program::Server;

/// Requests before the measured ones.
pub const WARM_UPS: usize = 3;

/// Pages that are turned before the first comes again; no answer begins behind 10,000 documents.
const MOST_PAGES: usize = 90;

const FLOWS: &str = "/log-aws-vpcflowlogs-*/_search";
const EVERYTHING: &str = "/*/_search";

/// First and last time of the page's window: the first day of the logs, in milliseconds.
const DAY: (i64, i64) = (1_704_067_200_000, 1_704_153_600_000);

/// Fields whose statistics are asked for at once.
const FIELDS: [&str; 20] = [
    "@log_type",
    "source.ip",
    "source.port",
    "source.bytes",
    "destination.ip",
    "destination.port",
    "network.bytes",
    "network.packets",
    "network.transport",
    "event.action",
    "event.outcome",
    "event.category",
    "cloud.account.id",
    "cloud.region",
    "user.name",
    "user_agent.name",
    "url.path",
    "http.response.status_code",
    "interface_id",
    "eventName",
];

/// One request that is made again and again.
pub struct Question {
    name: &'static str,
    path: String,
    body: Option<Value>,
    /// Documents of a page, if each request is for the next one: nobody fetched its documents before.
    turns: Option<usize>,
    /// Where in the answer a number must stand that is not zero, so that nothing is measured in vain.
    evidence: &'static str,
    /// Milliseconds to stay below.
    bar: Option<f64>,
    /// Milliseconds that would be fast.
    fast: Option<f64>,
}

/// How long the answers took.
pub struct Answered {
    /// What was asked.
    pub name: &'static str,
    /// Median, in milliseconds.
    pub p50: f64,
    /// 95th percentile, in milliseconds.
    pub p95: f64,
    /// CPU time of the server for one answer, in milliseconds.
    pub cpu: f64,
    /// Milliseconds to stay below.
    pub bar: Option<f64>,
    /// Milliseconds that would be fast.
    pub fast: Option<f64>,
}

impl Question {
    fn new(name: &'static str, path: &str, body: Value) -> Question {
        Question {
            name,
            path: path.to_owned(),
            body: Some(body),
            turns: None,
            evidence: "/hits/total/value",
            bar: None,
            fast: None,
        }
    }

    fn counts(mut self, evidence: &'static str) -> Question {
        self.evidence = evidence;
        self
    }

    fn bars(mut self, bar: f64, fast: Option<f64>) -> Question {
        self.bar = Some(bar);
        self.fast = fast;
        self
    }

    fn turns_pages(mut self, size: usize) -> Question {
        self.turns = Some(size);
        self
    }

    fn ask(&self, server: &mut Server, at: usize) -> anyhow::Result<Value> {
        let mut body = self.body.clone();
        if let (Some(size), Some(body)) = (self.turns, &mut body) {
            body["from"] = json!((at % MOST_PAGES + 1) * size);
        }
        server.client.ask(&self.path, body.as_ref())
    }

    /// Asks so many times.
    pub fn measure(&self, server: &mut Server, times: usize) -> anyhow::Result<Answered> {
        for at in 0..WARM_UPS {
            let answer = self.ask(server, at)?;
            let found = answer.pointer(self.evidence);
            found
                .and_then(Value::as_u64)
                .filter(|count| *count > 0)
                .with_context(|| format!("`{}` finds nothing: {found:?}", self.name))?;
        }
        let cpu = server.cpu_seconds()?;
        let mut at = WARM_UPS;
        let took = Times::measure(times, || {
            self.ask(server, at)?;
            at += 1;
            Ok(())
        })?;
        let cpu = server.cpu_seconds()? - cpu;
        Ok(Answered {
            name: self.name,
            p50: took.at(0.5),
            p95: took.at(0.95),
            cpu: cpu * 1e3 / took.0.len() as f64,
            bar: self.bar,
            fast: self.fast,
        })
    }
}

/// How long one question took each time, in milliseconds, sorted.
pub struct Times(Vec<f64>);

impl Times {
    /// Asks so many times.
    pub fn measure(
        times: usize,
        mut ask: impl FnMut() -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let mut took = Vec::with_capacity(times);
        for _ in 0..times.max(1) {
            let started = Instant::now();
            ask()?;
            took.push(started.elapsed().as_secs_f64() * 1e3);
        }
        took.sort_by(f64::total_cmp);
        Ok(Self(took))
    }

    /// What this part of them stayed below.
    pub fn at(&self, part: f64) -> f64 {
        let at = (self.0.len() as f64 * part) as usize;
        self.0.get(at).copied().unwrap_or_default()
    }
}

impl Answered {
    /// One line for whoever waits.
    pub fn line(&self) -> String {
        let Self { name, p50, p95, .. } = self;
        format!("{name}: {p50:.1} ms, 95 of 100 within {p95:.1} ms")
    }
}

/// Everything that is asked; `server` tells which address is the commonest.
pub fn all(server: &mut Server) -> anyhow::Result<Vec<Question>> {
    let common = json!({"size": 0, "aggs": {"t": {"terms": {"field": "source.ip", "size": 1}}}});
    let answer = server.client.ask(FLOWS, Some(&common))?;
    let common = answer.pointer("/aggregations/t/buckets/0/key");
    let common = common.and_then(Value::as_str).context("no addresses")?;
    let newest = json!([{"@timestamp": "desc"}, {"_id": "desc"}]);
    let day =
        json!({"range": {"@timestamp": {"gte": DAY.0, "lt": DAY.1, "format": "epoch_millis"}}});
    let histogram = |interval: &str, field: &str, size: u32| {
        json!({"t": {
            "date_histogram": {"field": "@timestamp", "fixed_interval": interval, "min_doc_count": 1},
            "aggs": {"s": {"terms": {"field": field, "size": size}}},
        }})
    };
    let columns = [
        "@timestamp",
        "@log_type",
        "source.ip",
        "source.geo.country_iso_code",
        "source.as.organization.name",
        "user.name",
        "event.action",
        "event.outcome",
        "cloud.account.id",
        "threat.matched.indicator",
    ];
    let rows = |query: &Value| {
        json!({"size": 200, "track_total_hits": true, "timeout": "10s", "_source": false, "fields": columns,
            "sort": newest, "query": query})
    };
    let bars = |query: &Value| {
        json!({"size": 0, "track_total_hits": false, "timeout": "10s", "query": query,
            "aggs": histogram("30m", "@log_type", 8)})
    };
    let all = json!({"match_all": {}});
    let count = |aggs: Value| json!({"size": 0, "track_total_hits": true, "aggs": aggs});
    let suggest = |text: &str| json!({"index": "*", "q": text, "cursor": text.len(), "from": DAY.0, "to": DAY.1});
    let entity = |kind: &str, value: &str| {
        format!(
            "/api/v1/entities/{kind}/{value}?from={}&to={}",
            DAY.0, DAY.1
        )
    };
    let get = |name, path: String| Question {
        body: None,
        path,
        ..Question::new(name, "", Value::Null)
    };
    let rejected = json!({"size": 100, "query": {"term": {"event.action": "REJECT"}}, "sort": newest, "_source": false});
    Ok(vec![
        Question::new(
            "term, newest 100",
            FLOWS,
            rejected.clone(),
        )
        .bars(12.0, Some(5.2)),
        Question::new(
            "term, the next 100 each time",
            FLOWS,
            rejected,
        )
        .turns_pages(100),
        Question::new(
            "terms, 10 commonest addresses",
            FLOWS,
            count(json!({"t": {"terms": {"field": "source.ip"}}})),
        )
        .bars(60.0, Some(26.0)),
        Question::new(
            "date_histogram with terms",
            FLOWS,
            count(histogram("30m", "event.action", 10)),
        )
        .bars(165.0, Some(71.5)),
        Question::new(
            "phrase, newest 100, exact total",
            FLOWS,
            json!({"size": 100, "query": {"match_phrase": {"@message": "REJECT OK"}}, "sort": newest,
                "track_total_hits": true, "_source": false}),
        )
        .bars(120.0, Some(52.0)),
        Question::new("page, first rows, all time", EVERYTHING, rows(&all)),
        Question::new("page, first rows, a day", EVERYTHING, rows(&day)),
        Question::new("page, histogram, all time", EVERYTHING, bars(&all))
            .counts("/aggregations/t/buckets/0/doc_count"),
        Question::new("page, histogram, a day", EVERYTHING, bars(&day))
            .counts("/aggregations/t/buckets/0/doc_count"),
        Question::new(
            "number, equal",
            FLOWS,
            json!({"size": 100, "query": {"term": {"destination.port": 22}}, "sort": newest,
                "track_total_hits": true, "_source": false}),
        ),
        Question::new(
            "number, range",
            FLOWS,
            json!({"size": 100, "query": {"range": {"network.bytes": {"gte": 250_000}}}, "sort": newest,
                "track_total_hits": true, "_source": false}),
        ),
        Question::new(
            "network /16",
            FLOWS,
            json!({"size": 0, "query": {"term": {"source.ip": "10.1.0.0/16"}}, "track_total_hits": true}),
        ),
        Question::new(
            "wildcard inside",
            FLOWS,
            json!({"size": 10, "query": {"wildcard": {"interface_id": "*9e*"}}, "_source": false}),
        ),
        Question::new(
            "an address in all fields",
            EVERYTHING,
            json!({"size": 100, "query": {"multi_match": {"query": "10.1.1.1", "fields": ["*"]}}, "_source": false,
                "track_total_hits": true}),
        )
        .counts("/_shards/total"),
        Question::new(
            "a number in all fields",
            EVERYTHING,
            json!({"size": 100, "query": {"multi_match": {"query": "3389", "fields": ["*"]}}, "_source": false,
                "track_total_hits": true}),
        ),
        Question::new(
            "cardinality",
            FLOWS,
            count(json!({"c": {"cardinality": {"field": "source.ip"}}})),
        ),
        Question::new(
            "percentiles",
            FLOWS,
            count(json!({"c": {"percentiles": {"field": "network.bytes"}}})),
        ),
        Question::new(
            "terms > terms > sum",
            FLOWS,
            count(json!({"a": {"terms": {"field": "source.ip", "size": 100}, "aggs": {
                "b": {"terms": {"field": "destination.port", "size": 5}, "aggs": {
                    "s": {"sum": {"field": "network.bytes"}}}}}}})),
        ),
        Question::new("suggest, values", "/api/v1/suggest", suggest("event.action:A"))
            .counts("/items/0/count")
            .bars(80.0, None),
        Question::new("suggest, addresses", "/api/v1/suggest", suggest("source.ip:10."))
            .counts("/items/0/count")
            .bars(80.0, None),
        Question::new("suggest, fields", "/api/v1/suggest", suggest("sour"))
            .counts("/to")
            .bars(80.0, None),
        Question::new(
            "statistics of 20 fields",
            "/api/v1/fields/stats",
            json!({"index": "*", "fields": FIELDS}),
        )
        .counts("/total")
        .bars(500.0, None),
        Question::new(
            "statistics of 20 fields, rare values too",
            "/api/v1/fields/stats",
            json!({"index": "*", "fields": FIELDS, "rare": true}),
        )
        .counts("/total"),
        get("entity, a common address", entity("ip", common))
            .counts("/total")
            .bars(400.0, None),
        get("entity, an account", entity("account", "111122223333"))
            .counts("/total")
            .bars(400.0, None),
        get("entity, a user", entity("user", "user001"))
            .counts("/total")
            .bars(400.0, None),
    ])
}
