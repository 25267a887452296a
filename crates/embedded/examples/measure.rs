//! Measures the embedded store: `cargo run --release -p yagura-embedded --example measure -- [documents] [folder]`.
//!
//! Four fifths of the documents look like VPC flow logs, one fifth like CloudTrail; each kind is
//! loaded by itself. It prints documents per second, bytes on disk per byte of JSON, peak memory,
//! how long a commit takes until it is visible, and the times of the page's queries.
//!
//! Environment: `ONLY` names the one kind to load (`vpcflowlogs`, `cloudtrail`), `TIMES=2` loads the
//! same documents again, `INDEXING_THREADS` and `MEMORY_MB` set the store's options.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measuring program"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yagura_embedded::{EmbeddedStore, Granularity, Options};
use yagura_store::fields::{Field, FieldCatalog, FieldType};
use yagura_store::{IncomingDocument, Sink, Store};

const START_MS: i64 = 1_795_046_400_000;
const BATCH: u64 = 1_000;
const DOCUMENTS_PER_COMMIT: u64 = 100_000;

/// The binary's allocator, so that memory and time are the binary's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Most memory seen that is not a mapped file, in kilobytes; a mapped file is given back when
/// somebody else needs the memory.
static PEAK_ANONYMOUS_KB: AtomicU64 = AtomicU64::new(0);

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Small numbers far more often than large ones.
    fn skewed(&mut self, limit: u64) -> u64 {
        let unit = self.below(1 << 20) as f64 / f64::from(1 << 20);
        ((limit as f64) * unit.powi(4)) as u64
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.skewed(list.len() as u64) as usize]
    }
}

fn time_text(ms: i64) -> String {
    yagura_store::dates::format_instant(ms, &jiff::tz::TimeZone::UTC)
}

fn address(random: &mut Random) -> String {
    let n = random.skewed(200_000);
    format!(
        "{}.{}.{}",
        ["198.51", "203.0", "192.0"][(n % 3) as usize],
        n / 250 % 250,
        n % 250
    )
}

/// One flow of about 1.2 kB, ten minutes of them at each instant on every interface.
fn flow(random: &mut Random, timestamp_ms: i64) -> (String, String) {
    let id = format!("{:016x}{:016x}", random.next(), random.next());
    let (source, destination) = (
        address(random),
        format!("10.0.{}.{}", random.skewed(16), random.skewed(250)),
    );
    let action = if random.below(8) == 0 {
        "REJECT"
    } else {
        "ACCEPT"
    };
    let port = random.pick(&[
        "443", "80", "22", "53", "3389", "8080", "5432", "6379", "25", "123",
    ]);
    let high = 1024 + random.below(64_000);
    let (bytes, packets) = (40 + random.skewed(10_000_000), 1 + random.skewed(5_000));
    let interface = format!("eni-{:017x}", random.skewed(400) * 0x9e37_79b9);
    let start = timestamp_ms / 1_000;
    let outcome = if action == "ACCEPT" {
        "success"
    } else {
        "failure"
    };
    let country = random.pick(&[
        "US", "JP", "DE", "CN", "NL", "FR", "GB", "IN", "BR", "RU", "KR", "SG",
    ]);
    let message = format!(
        "2 123456789012 {interface} {source} {destination} {high} {port} 6 {packets} {bytes} {start} {} {action} OK",
        start + 60
    );
    let body = format!(
        r#"{{"version":"2","account_id":"123456789012","interface_id":"{interface}","srcaddr":"{source}","dstaddr":"{destination}","srcport":"{high}","dstport":"{port}","protocol":"6","packets":"{packets}","bytes":"{bytes}","start":"{start}","end":"{end}","action":"{action}","log_status":"OK","@message":"{message}","@timestamp":"{time}","@log_type":"vpcflowlogs","@log_s3bucket":"example-log","@log_s3key":"AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/2026/11/{day:02}/123456789012_vpcflowlogs_ap-northeast-1_fl-0e9d4a_{minute}Z_7af1.log.gz","event":{{"module":"vpcflowlogs","ingested":"{time}","action":"{action}","kind":"event","category":["network"],"outcome":"{outcome}"}},"@id":"{id}","ecs":{{"version":"1.10.0"}},"cloud":{{"provider":"aws","account":{{"id":"123456789012"}},"region":"ap-northeast-1"}},"destination":{{"address":"{destination}","ip":"{destination}","port":"{port}"}},"network":{{"bytes":"{bytes}","iana_number":"6","packets":"{packets}","transport":"tcp"}},"related":{{"ip":["{destination}","{source}"]}},"source":{{"address":"{source}","bytes":"{bytes}","ip":"{source}","packets":"{packets}","port":"{high}","geo":{{"country_iso_code":"{country}","country_name":"{country}"}},"as":{{"number":{asn},"organization":{{"name":"Example {asn}"}}}}}}}}"#,
        end = start + 60,
        time = time_text(timestamp_ms),
        day = 19 + (timestamp_ms - START_MS) / 86_400_000,
        minute = start / 300 * 300,
        asn = 64_496 + random.skewed(15),
    );
    (id, body)
}

/// One API call of about 4 kB.
fn call(random: &mut Random, timestamp_ms: i64) -> (String, String) {
    let id = format!(
        "{:08x}-{:04x}-{:016x}",
        random.below(1 << 32),
        random.below(1 << 16),
        random.next()
    );
    let (service, name) = [
        ("ec2.amazonaws.com", "DescribeInstances"),
        ("s3.amazonaws.com", "GetObject"),
        ("sts.amazonaws.com", "AssumeRole"),
        ("kms.amazonaws.com", "Decrypt"),
        ("signin.amazonaws.com", "ConsoleLogin"),
        ("iam.amazonaws.com", "CreateUser"),
    ][random.skewed(6) as usize];
    let user = format!("user-{}", random.skewed(300));
    let source = address(random);
    let request: Vec<Value> =
        (0..8).map(|_| json!({"resourceId": format!("i-{:017x}", random.next() >> 8), "value": random.pick(&["a", "b", "c"])})).collect();
    let record = json!({
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole", "principalId": format!("AROAEXAMPLE:{user}"),
            "arn": format!("arn:aws:sts::123456789012:assumed-role/Admin/{user}"),
            "accountId": "123456789012", "accessKeyId": format!("ASIA{:016X}", random.skewed(5_000)),
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::123456789012:role/Admin", "userName": "Admin"},
                "attributes": {"creationDate": time_text(timestamp_ms - 60_000), "mfaAuthenticated": "false"},
            },
        },
        "eventTime": time_text(timestamp_ms), "eventSource": service, "eventName": name, "awsRegion": "us-east-1",
        "sourceIPAddress": source, "userAgent": format!("aws-cli/2.{}.0 Python/3.11", random.skewed(20)),
        "requestParameters": {"filterSet": {"items": request}, "maxResults": 100},
        "responseElements": {"requestId": format!("{:016x}", random.next()), "_return": true},
        "requestID": format!("{:016x}", random.next()), "eventID": id, "readOnly": name.starts_with("Desc"),
        "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "123456789012",
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"},
    });
    let mut body = record.clone();
    body["@message"] = json!(record.to_string());
    body["@timestamp"] = json!(time_text(timestamp_ms));
    body["@log_type"] = json!("cloudtrail");
    body["@id"] = json!(id);
    body["event"] = json!({"module": service, "action": name, "kind": "event", "category": ["iam"], "outcome": if random.below(10) == 0 { "failure" } else { "success" }});
    body["cloud"] =
        json!({"provider": "aws", "account": {"id": "123456789012"}, "region": "us-east-1"});
    body["source"] = json!({"address": source, "ip": source, "geo": {"country_iso_code": random.pick(&["US", "JP", "DE"])}});
    body["related"] = json!({"user": [user], "ip": [source]});
    body["user"] = json!({"id": "AROAEXAMPLE", "name": user});
    body["user_agent"] = json!({"original": "aws-cli", "name": "aws-cli", "os.name": "Other", "device.name": "Other"});
    (id, body.to_string())
}

fn catalog() -> Arc<FieldCatalog> {
    let mut catalog = FieldCatalog::default();
    let ips = ["source.ip", "destination.ip", "related.ip"];
    let longs = [
        "source.port",
        "destination.port",
        "source.bytes",
        "source.packets",
        "network.bytes",
        "network.packets",
    ];
    let fields = ips
        .map(|name| (name, FieldType::Ip))
        .into_iter()
        .chain(longs.map(|name| (name, FieldType::Long)));
    for (name, field_type) in fields.chain([
        ("event.ingested", FieldType::Date),
        ("eventTime", FieldType::Date),
    ]) {
        catalog.add_common(Field {
            name: name.to_owned(),
            field_type,
            format: None,
            description: String::new(),
        });
    }
    Arc::new(catalog)
}

fn number(name: &str, default: usize) -> usize {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn open(folder: &Path) -> EmbeddedStore {
    let options = Options {
        granularity: Arc::new(|_| Granularity::Day),
        indexing_threads: number("INDEXING_THREADS", Options::default().indexing_threads),
        memory_budget_bytes: number("MEMORY_MB", 512) << 20,
        identifiers: ["@id", "eventID", "requestID"]
            .into_iter()
            .map(str::to_owned)
            .collect(),
        ..Options::default()
    };
    EmbeddedStore::open(folder, catalog(), options).unwrap()
}

fn load(store: &EmbeddedStore, kind: &str, count: u64) {
    let make: fn(&mut Random, i64) -> (String, String) =
        if kind == "vpcflowlogs" { flow } else { call };
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut json_bytes = 0u64;
    let mut busy = Duration::ZERO;
    let mut generating = 0.0;
    let cpu_before = cpu_seconds();
    let (mut commits, mut slowest_commit) = (0u32, Duration::ZERO);
    let span_ms = 2 * 86_400_000;
    let mut n = 0;
    while n < count {
        let generator = thread_cpu_seconds();
        let batch: Vec<IncomingDocument> = (n..(n + BATCH).min(count))
            .map(|n| {
                let timestamp_ms = START_MS + (n as i128 * span_ms / i128::from(count)) as i64;
                let (id, body) = make(&mut random, timestamp_ms);
                json_bytes += body.len() as u64;
                let index = format!("log-aws-{kind}-2026-11");
                IncomingDocument {
                    index,
                    id,
                    log_type: kind.to_owned(),
                    timestamp_ms,
                    json: body.into_bytes(),
                }
            })
            .collect();
        n += batch.len() as u64;
        generating += thread_cpu_seconds() - generator;
        let started = Instant::now();
        store.write(batch).unwrap();
        if n % DOCUMENTS_PER_COMMIT == 0 || n == count {
            let commit = Instant::now();
            store.commit().unwrap();
            commits += 1;
            slowest_commit = slowest_commit.max(commit.elapsed());
        }
        busy += started.elapsed();
    }
    let merging = Instant::now();
    store.close().unwrap();
    let merged = merging.elapsed();
    println!(
        "{kind}: {count} documents of {} bytes: {:.0} documents/s while loading, {:.0} with the merges after it; \
         {commits} commits, slowest {slowest_commit:.2?}; peak memory {} MB, {} MB of it not mapped files",
        json_bytes / count.max(1),
        count as f64 / busy.as_secs_f64(),
        count as f64 / (busy + merged).as_secs_f64(),
        peak_memory_mb(),
        PEAK_ANONYMOUS_KB.load(Ordering::Relaxed) / 1024,
    );
    let cpu = cpu_seconds() - cpu_before - generating;
    println!(
        "{kind}: {cpu:.1} CPU seconds, {:.0} documents for each",
        count as f64 / cpu
    );
    println!("{kind}: json {} MB", json_bytes >> 20);
}

/// User and system time of the process, in ticks of a hundredth of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|text| text.parse::<f64>().ok())
            .unwrap_or_default()
    };
    (ticks(11) + ticks(12)) / 100.0
}

/// Time this thread has run.
fn thread_cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text
        .split_whitespace()
        .next()
        .and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.unwrap_or_default() / 1e9
}

/// A line of the process's status, in kilobytes.
fn status_kb(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with(name))
        .unwrap_or_default();
    let number = line.split_whitespace().nth(1);
    number.and_then(|kb| kb.parse().ok()).unwrap_or_default()
}

fn peak_memory_mb() -> u64 {
    status_kb("VmHWM") / 1024
}

fn watch_memory() {
    std::thread::spawn(|| {
        loop {
            PEAK_ANONYMOUS_KB.fetch_max(status_kb("RssAnon"), Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(50));
        }
    });
}

async fn measure_queries(store: &EmbeddedStore) {
    let flow = "log-aws-vpcflowlogs-*";
    let newest = json!([{"@timestamp": "desc"}]);
    let cases: Vec<(&str, &str, Value)> = vec![
        (
            "newest 100 of a term",
            flow,
            json!({"size": 100, "query": {"term": {"event.action": "REJECT"}}, "sort": newest, "_source": false}),
        ),
        (
            "newest 100 of a term, exact total",
            flow,
            json!({"size": 100, "query": {"term": {"event.action": "REJECT"}}, "sort": newest, "track_total_hits": true, "_source": false}),
        ),
        (
            "terms top 10",
            flow,
            json!({"size": 0, "aggs": {"t": {"terms": {"field": "source.ip"}}}}),
        ),
        (
            "date_histogram with terms",
            flow,
            json!({"size": 0, "aggs": {"h": {"date_histogram": {"field": "@timestamp", "fixed_interval": "30m"}, "aggs": {"t": {"terms": {"field": "event.action"}}}}}}),
        ),
        (
            "phrase",
            flow,
            json!({"size": 100, "query": {"match_phrase": {"@message": "REJECT OK"}}, "sort": newest, "track_total_hits": true, "_source": false}),
        ),
        (
            "page: newest 500, histogram by type",
            "*",
            json!({
                "size": 500, "sort": newest, "track_total_hits": true, "_source": false, "fields": ["@timestamp", "@log_type", "source.ip", "event.action"],
                "aggs": {"h": {"date_histogram": {"field": "@timestamp", "interval": "auto"}, "aggs": {"t": {"terms": {"field": "@log_type", "size": 6}}}}},
            }),
        ),
        (
            "newest 500, no total",
            "*",
            json!({"size": 500, "sort": newest, "track_total_hits": false, "_source": ["@timestamp"]}),
        ),
        (
            "network /16",
            flow,
            json!({"size": 0, "query": {"term": {"source.ip": "198.51.0.0/16"}}, "track_total_hits": true}),
        ),
        (
            "wildcard",
            flow,
            json!({"size": 10, "query": {"wildcard": {"interface_id": "*9e3*"}}, "_source": false}),
        ),
        (
            "free text over all fields",
            "*",
            json!({"size": 100, "query": {"multi_match": {"query": "198.51.0.7", "fields": ["*"]}}, "_source": false}),
        ),
        (
            "cardinality",
            flow,
            json!({"size": 0, "aggs": {"c": {"cardinality": {"field": "source.ip"}}}}),
        ),
        (
            "percentiles",
            flow,
            json!({"size": 0, "aggs": {"c": {"percentiles": {"field": "network.bytes"}}}}),
        ),
        (
            "terms > terms > sum",
            flow,
            json!({"size": 0, "aggs": {"a": {"terms": {"field": "source.ip", "size": 100}, "aggs": {"b": {"terms": {"field": "destination.port", "size": 5}, "aggs": {"s": {"sum": {"field": "network.bytes"}}}}}}}}),
        ),
    ];
    println!(
        "{:<38} {:>9} {:>9} {:>9}",
        "query", "p50 ms", "p95 ms", "CPU ms"
    );
    for (name, indices, body) in cases {
        let mut times: Vec<f64> = Vec::new();
        let cpu_before = cpu_seconds();
        for _ in 0..25 {
            let started = Instant::now();
            store.search(indices, &body).await.unwrap();
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        times.remove(0);
        times.sort_by(f64::total_cmp);
        println!(
            "{name:<38} {:>9.1} {:>9.1} {:>9.1}",
            times[times.len() / 2],
            times[times.len() * 95 / 100],
            (cpu_seconds() - cpu_before) * 1e3 / 25.0
        );
    }
}

async fn measure_visibility(store: &EmbeddedStore) {
    let mut random = Random(77);
    let mut slowest = Duration::ZERO;
    for round in 0..10 {
        let batch: Vec<IncomingDocument> = (0..2_000)
            .map(|n| {
                let (id, body) = flow(&mut random, START_MS + n);
                let index = "log-aws-fresh-2026-11".to_owned();
                IncomingDocument {
                    index,
                    id,
                    log_type: "fresh".to_owned(),
                    timestamp_ms: START_MS + n,
                    json: body.into_bytes(),
                }
            })
            .collect();
        let started = Instant::now();
        store.write(batch).unwrap();
        store.commit().unwrap();
        let count = store.count("log-aws-fresh-*", &json!({})).await.unwrap();
        assert_eq!(count, (round + 1) * 2_000);
        slowest = slowest.max(started.elapsed());
    }
    println!("2 000 documents written, committed and counted: slowest of 10 {slowest:.2?}");
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    let scratch = tempfile::tempdir().unwrap();
    let folder = arguments
        .next()
        .map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    let is_new = !folder.join("indices").exists();
    watch_memory();
    let store = open(&folder);
    if is_new {
        let only = std::env::var("ONLY").unwrap_or_default();
        for (kind, count) in [("vpcflowlogs", count * 4 / 5), ("cloudtrail", count / 5)] {
            if only.is_empty() || only == kind {
                (0..number("TIMES", 1)).for_each(|_| load(&store, kind, count));
            }
        }
    }
    for info in store.indices("*").await.unwrap() {
        println!(
            "{}: {} documents, {} MB on disk",
            info.index,
            info.documents,
            info.size_bytes >> 20
        );
    }
    measure_queries(&store).await;
    if is_new {
        measure_visibility(&store).await;
    }
    println!("peak memory {} MB", peak_memory_mb());
}
