//! Lines of load balancers and web servers.

use super::MakeRecord;
use crate::rng::Rng;

/// One maker for each kind of log.
pub(super) const ALL: &[MakeRecord] = &[nlb, clb, standard, realtime, apache, nginx];

/// What stands for a host.
const HOSTS: [&str; 3] = ["www.example.com", "198.51.100.10", "[2001:db8::10]"];
/// What stands for a path with its query.
const PATHS: [&str; 6] = [
    "/",
    "/index.html",
    "/search?q=tea&page=2",
    "/a-b/c:80/d?e=-",
    "/?x=/../../etc/passwd",
    "/%E6%AB%93?%2520",
];
/// What stands for a user agent.
const AGENTS: [&str; 4] = [
    "curl/8.7.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
    "a \"quoted\" agent",
    "",
];

fn address(rng: &mut Rng) -> String {
    match rng.below(4) {
        0 => format!("2001:db8::{:x}", rng.below(65_536)),
        _ => format!("203.0.113.{}", rng.below(256)),
    }
}

/// A value that is missing now and then.
fn or_dash(rng: &mut Rng, value: String) -> String {
    if rng.chance(0.2) {
        "-".to_owned()
    } else {
        value
    }
}

fn nlb(rng: &mut Rng) -> String {
    let (client, target) = (address(rng), address(rng));
    let times = format!("{} {}", rng.below(100_000), rng.below(500));
    let received = rng.below(100_000).to_string();
    let sizes = format!("{} {}", or_dash(rng, received), rng.below(100_000));
    let alpn = rng.word(&["- - -", "h2 h2 \"h2\",\"http/1.1\"", "- - \"h2\""]);
    let created = rng.word(&[" 2025-06-10T02:00:01", "", " 20", " a-new-column"]);
    let domain = or_dash(rng, "api.example.com".to_owned());
    format!(
        "tls 2.0 2025-06-10T02:00:05 net/edge/{} {} {client}:{} {target}:443 {times} {sizes} - arn:aws:acm:us-east-1:123456789012:certificate/{} - ECDHE-RSA-AES128-GCM-SHA256 tlsv12 - {domain} {alpn}{created}",
        rng.hex(16),
        rng.hex(16),
        rng.between(1024, 65_536),
        rng.uuid(),
    )
}

fn clb(rng: &mut Rng) -> String {
    let client = address(rng);
    let backend = format!("{}:80", address(rng));
    let backend = or_dash(rng, backend);
    let request = format!(
        "{} http://{}:80{} HTTP/1.1",
        rng.word(&["GET", "POST", "VERSION-CONTROL"]),
        rng.word(&HOSTS),
        rng.word(&PATHS)
    );
    let request = if rng.chance(0.1) {
        "- http://www.example.com:80- -".to_owned()
    } else {
        request
    };
    let agent = format!("\"{}\"", rng.word(&AGENTS));
    let agent = or_dash(rng, agent);
    format!(
        "2025-06-10T02:00:01.{:06}Z web {client}:{} {backend} 0.000086 -1 0.000057 200 200 {} {} \"{request}\" {agent} {}",
        rng.below(1_000_000),
        rng.between(1024, 65_536),
        rng.below(1_000),
        rng.below(100_000),
        rng.word(&["- -", "ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2"]),
    )
}

fn standard(rng: &mut Rng) -> String {
    let path = rng.word(&PATHS);
    let (path, query) = path.split_once('?').unwrap_or((path, "-"));
    let agent = rng.word(&AGENTS[..2]).replace(' ', "%20");
    let mut line = format!(
        "2025-06-10\t02:00:{:02}\t{}\t{}\t{}\tGET\td111111abcdef8.cloudfront.net\t{path}\t{}\t-\t{agent}\t{query}\t-\tHit\t{}==\t{}\thttps\t312\t0.012\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\tHTTP/2.0\t-\t-",
        rng.below(60),
        rng.word(&["NRT57-P1", "LAX1", "FRA56-C2"]),
        rng.below(100_000),
        address(rng),
        rng.word(&["200", "000", "-"]),
        rng.base32(54),
        rng.word(&HOSTS),
    );
    line += rng.word(&[
        "\t51234\t0.011\tHit\ttext/html\t4211\t-\t-",
        "\t51234\t0.011\tHit\ttext/html\t4211\t-\t-\ta-new-column",
        "\t51234\t0.011",
        "",
    ]);
    line
}

fn realtime(rng: &mut Rng) -> String {
    let address = address(rng);
    let host = rng.word(&HOSTS);
    let agent = rng.word(&AGENTS[..2]).replace(' ', "%20");
    format!(
        "17495208{:02}.{:03}\t{address}\t0.011\t200\t{}\tGET\thttps\t{host}\t{}\t312\tNRT57-P1\t{}==\t{host}\t0.012\tHTTP/2.0\tIPv4\t{agent}\t-\t-\t-\tHit\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\t-\t-\ttext/html\t4211\t-\t-\t51234\tHit\tJP\tgzip,%20br\t*/*\t*\thost:{host}%0A\thost%0A\t{}",
        rng.below(100),
        rng.below(1_000),
        rng.below(100_000),
        rng.word(&PATHS),
        rng.base32(54),
        rng.word(&["1", "1\ta-new-column"]),
    )
}

/// The user, the time, the request and its outcome, as all web servers write them.
fn access(rng: &mut Rng) -> String {
    let request = match rng.below(10) {
        0 => "-".to_owned(),
        1 => "\\x16\\x03\\x01".to_owned(),
        _ => {
            let method = rng.word(&["GET", "POST", "HEAD"]);
            let version = rng.word(&["1.0", "1.1", "2.0"]);
            format!("{method} {} HTTP/{version}", rng.word(&PATHS))
        }
    };
    let size = rng.below(100_000).to_string();
    format!(
        "- {} [10/Jun/2025:02:{:02}:{:02} +0900] \"{request}\" {} {}",
        rng.word(&["-", "-", "-", "alice", "John Doe", "\"\""]),
        rng.below(60),
        rng.below(60),
        rng.word(&["200", "304", "404", "503"]),
        or_dash(rng, size),
    )
}

fn referrer_and_agent(rng: &mut Rng) -> String {
    let referrer = format!("https://{}/[1]", rng.word(&HOSTS));
    let referrer = or_dash(rng, referrer);
    let agents = if rng.chance(0.8) {
        &AGENTS[..2]
    } else {
        &AGENTS
    };
    let agent = rng.word(agents).replace('"', "\\\"");
    format!(" \"{referrer}\" \"{agent}\"")
}

fn apache(rng: &mut Rng) -> String {
    let (forwarded, proxy) = (address(rng), address(rng));
    let clients = [
        format!("{proxy} "),
        format!("- {proxy} "),
        format!("{forwarded} {proxy} "),
        format!("{forwarded}, 192.0.2.10 {proxy} "),
    ];
    let mut line = rng.pick(&clients).clone() + &access(rng);
    if rng.chance(0.8) {
        line += &referrer_and_agent(rng);
    }
    line + rng.word(&["", "", " 812 350", " 812", " a-new-column"])
}

fn nginx(rng: &mut Rng) -> String {
    let client = address(rng);
    let forwarded = [String::new(), " \"-\"".to_owned(), format!(" \"{client}\"")];
    let line = format!("{client} {}", access(rng)) + &referrer_and_agent(rng);
    line + rng.pick::<String>(&forwarded) + rng.word(&["", "", " a-new-column"])
}
