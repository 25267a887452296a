//! S3 server access log lines for benchmarks.

use super::{Place, Scene};
use crate::lines::S3Line;

const OWNER: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
/// Operation, method, and whether it names an object.
const OPERATIONS: [(&str, &str, bool); 10] = [
    ("REST.GET.OBJECT", "GET", true),
    ("REST.GET.OBJECT", "GET", true),
    ("REST.GET.OBJECT", "GET", true),
    ("REST.GET.OBJECT", "GET", true),
    ("REST.HEAD.OBJECT", "HEAD", true),
    ("REST.PUT.OBJECT", "PUT", true),
    ("REST.PUT.OBJECT", "PUT", true),
    ("REST.GET.BUCKET", "GET", false),
    ("REST.GET.LOCATION", "GET", false),
    ("REST.DELETE.OBJECT", "DELETE", true),
];

/// Appends one line with its line feed.
pub(super) fn line(scene: &mut Scene, place: &Place, out: &mut String) {
    let Scene { rng, pools } = scene;
    let account = place.account;
    let (operation, method, names_object) = *rng.pick(&OPERATIONS);
    let key = if names_object {
        format!("data/{}/part-{}.parquet", rng.below(10_000), rng.hex(8))
    } else {
        "-".to_owned()
    };
    let request = match operation {
        "REST.GET.BUCKET" => "GET /?list-type=2&prefix=data%2F HTTP/1.1".to_owned(),
        "REST.GET.LOCATION" => "GET /?location HTTP/1.1".to_owned(),
        _ => format!("{method} /{key} HTTP/1.1"),
    };
    let (status, error) = match rng.unit() {
        failed if failed < 0.02 => (403, "AccessDenied"),
        failed if failed < 0.05 => (404, "NoSuchKey"),
        failed if failed < 0.055 => (503, "SlowDown"),
        _ => match operation {
            "REST.DELETE.OBJECT" => (204, "-"),
            "REST.GET.OBJECT" if rng.chance(0.1) => (206, "-"),
            _ => (200, "-"),
        },
    };
    let size = rng.between(200, 50_000_000);
    let sizes = match (status, method) {
        (200 | 206, "GET") if names_object => [Some(size), Some(size)],
        (200, "GET") => [Some(size % 9_000), None],
        (200, "PUT" | "HEAD") => [None, Some(size)],
        (204, _) => [None, Some(size)],
        _ => [Some(243), None],
    };
    let anonymous = rng.chance(0.03);
    let requester = match rng.unit() {
        _ if anonymous => "-".to_owned(),
        kind if kind < 0.6 => {
            let (role, session) = (
                rng.pick_skewed(&pools.roles),
                rng.pick_skewed(&pools.instances),
            );
            format!("arn:aws:sts::{account}:assumed-role/{role}/{session}")
        }
        kind if kind < 0.9 => {
            format!(
                "arn:aws:iam::{account}:user/{}",
                rng.pick_skewed(&pools.users)
            )
        }
        _ => "svc:cloudtrail.amazonaws.com".to_owned(),
    };
    let total_ms = rng.between(5, 900);
    let host_id = format!("{}{}=", rng.base32(40), rng.hex(35));
    let version_id = if rng.chance(0.2) {
        rng.base32(32)
    } else {
        "-".to_owned()
    };
    let user_agent = if rng.chance(0.2) {
        rng.pick_skewed(&pools.browsers)
    } else {
        rng.pick_skewed(&pools.sdks)
    };
    let client = if rng.chance(0.4) {
        rng.pick_skewed(&pools.private_addresses)
    } else {
        rng.pick_skewed(&pools.public_addresses)
    };
    S3Line {
        owner: OWNER,
        bucket: rng.pick_skewed(&pools.buckets),
        second: place.start + rng.below(3600) as i64,
        client,
        requester: &requester,
        request_id: &rng.hex(16).to_uppercase(),
        operation,
        key: &key,
        request: &request,
        status,
        error,
        sizes,
        times_ms: [total_ms, total_ms.saturating_sub(3)],
        referrer: "-",
        user_agent,
        version_id: &version_id,
        host_id: &host_id,
        signed: !anonymous,
        region: place.region,
    }
    .write(out);
}
