//! Load balancer access log lines for benchmarks.

use super::{Place, Scene};
use crate::{lines::AlbLine, rng::Rng};

/// Paths asked for; `{}` is a number.
pub(super) const PATHS: [&str; 12] = [
    "/",
    "/index.html",
    "/api/v1/users/{}",
    "/api/v1/orders?id={}&page=2",
    "/static/js/app.{}.js",
    "/img/p{}.jpg",
    "/search?q=term{}&sort=desc",
    "/login",
    "/health",
    "/wp-login.php",
    "/a/b/c/d{}.css",
    "/download/file-{}.tar.gz",
];
/// Hosts asked for.
pub(super) const HOSTS: [&str; 3] = ["www.example.com", "api.example.com", "shop.example.net"];
/// Methods used.
pub(super) const METHODS: [&str; 6] = ["GET", "GET", "GET", "POST", "PUT", "HEAD"];
const STATUSES: [u16; 9] = [200, 200, 200, 200, 301, 304, 404, 500, 502];

/// The load balancer that writes an object.
pub(super) struct Balancer {
    start: i64,
    name: String,
    target_groups: Vec<String>,
    certificate: String,
}

impl Balancer {
    pub(super) fn new(rng: &mut Rng, place: Place) -> Self {
        let Place {
            account,
            region,
            start,
        } = place;
        Self {
            start,
            name: format!("app/my-alb/{}", rng.hex(16)),
            target_groups: (0..4)
                .map(|n| {
                    let id = rng.hex(16);
                    format!(
                        "arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/tg-{n}/{id}"
                    )
                })
                .collect(),
            certificate: format!("arn:aws:acm:{region}:{account}:certificate/{}", rng.uuid()),
        }
    }

    /// Appends one line with its line feed.
    pub(super) fn line(&self, scene: &mut Scene, out: &mut String) {
        let Scene { rng, pools } = scene;
        let encrypted = rng.chance(0.8);
        let kind = if encrypted {
            *rng.pick(&["https", "h2"])
        } else {
            "http"
        };
        let status = *rng.pick(&STATUSES);
        let target = format!("{}:8080", rng.pick_skewed(&pools.private_addresses));
        let path = rng
            .pick(&PATHS)
            .replace("{}", &rng.below(10_000).to_string());
        let request_time = format!("0.00{}", rng.below(10));
        let target_time = format!("{:.3}", rng.unit_power(3));
        let unreachable = rng.chance(0.01);
        let trace = format!("Root=1-{}-{}", rng.hex(8), rng.hex(24));
        AlbLine {
            kind,
            second: self.start + rng.below(300) as i64,
            microsecond: rng.below(1_000_000) as u32,
            balancer: &self.name,
            client: rng.pick_skewed(&pools.public_addresses),
            client_port: rng.between(1024, 65535),
            target: (!unreachable).then_some(target.as_str()),
            times: if unreachable {
                ["-1"; 3]
            } else {
                [&request_time, &target_time, "0.000"]
            },
            status: if unreachable { 503 } else { status },
            received: rng.between(50, 3_000),
            sent: rng.between(100, 200_000),
            method: rng.word(&METHODS),
            host: rng.word(&HOSTS),
            path: &path,
            user_agent: rng.pick_skewed(&pools.browsers),
            tls: "ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2",
            target_group: rng.pick::<String>(&self.target_groups),
            trace: &trace,
            certificate: &self.certificate,
            priority: rng.below(10),
            actions: "forward",
        }
        .write(out);
    }
}
