//! The values that repeat in benchmark inputs: addresses, users, programs, keys.

use crate::rng::Rng;

/// Ranges that MaxMind's public test databases know: first three octets, first and last host.
const GEO_RANGES: [(&str, u64, u64); 6] = [
    ("2.125.160", 216, 224),
    ("67.43.156", 1, 255),
    ("81.2.69", 142, 208),
    ("89.160.20", 112, 256),
    ("175.16.199", 1, 255),
    ("216.160.83", 56, 64),
];
const FIRST_OCTETS: [u64; 13] = [3, 13, 18, 34, 35, 44, 52, 54, 91, 103, 152, 185, 194];
/// User agents of people and crawlers; `{}` is a version.
const USER_AGENTS: [&str; 9] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.{} Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/{}.0",
    "Mozilla/5.0 (Linux; Android 13; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.6045.163 Mobile Safari/537.36",
    "curl/7.{}.1",
    "python-requests/2.{}.0",
    "okhttp/4.{}.3",
    "Mozilla/5.0 (compatible; Googlebot/2.{}; +http://www.google.com/bot.html)",
];
/// User agents of programs that call AWS.
const SDKS: [&str; 5] = [
    "aws-cli/2.{}.5 Python/3.11.4 Linux/5.10.186-179.751.amzn2.x86_64 exe/x86_64.amzn.2 prompt/off command/s3.ls",
    "Boto3/1.{}.40 md/Botocore#1.31.40 ua/2.0 os/linux#6.1.41 md/arch#x86_64 lang/python#3.9.17 cfg/retry-mode#legacy Botocore/1.31.40",
    "aws-sdk-go/1.{}.114 (go1.19.2; linux; amd64)",
    "aws-sdk-java/1.12.{} Linux/5.4.0 OpenJDK_64-Bit_Server_VM/11.0.20",
    "APN/1.0 HashiCorp/1.0 Terraform/1.5.{} (+https://www.terraform.io) terraform-provider-aws/5.{}.0",
];

/// Values to choose from; the same for every seed, so that objects share them.
pub(super) struct Pools {
    pub(super) public_addresses: Vec<String>,
    pub(super) private_addresses: Vec<String>,
    pub(super) interfaces: Vec<String>,
    pub(super) instances: Vec<String>,
    pub(super) users: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) buckets: Vec<String>,
    pub(super) browsers: Vec<String>,
    pub(super) sdks: Vec<String>,
    pub(super) long_term_keys: Vec<String>,
    pub(super) session_keys: Vec<String>,
}

impl Pools {
    pub(super) fn new() -> Self {
        let rng = &mut Rng::new(20_240_615);
        let mut public_addresses = many(20_000, || {
            let first = *rng.pick(&FIRST_OCTETS);
            let (second, third) = (rng.below(256), rng.below(256));
            format!("{first}.{second}.{third}.{}", rng.between(1, 255))
        });
        let known: Vec<String> = GEO_RANGES
            .iter()
            .flat_map(|(net, first, end)| (*first..*end).map(move |host| format!("{net}.{host}")))
            .collect();
        public_addresses.extend(many(2_000, || rng.pick(&known).clone()));
        for index in (1..public_addresses.len()).rev() {
            public_addresses.swap(index, rng.below(index as u64 + 1) as usize);
        }
        Self {
            public_addresses,
            private_addresses: many(3_000, || {
                let (second, third) = (rng.below(16), rng.below(256));
                format!("10.{second}.{third}.{}", rng.between(1, 255))
            }),
            interfaces: many(500, || format!("eni-0{}", rng.hex(16))),
            instances: many(400, || format!("i-0{}", rng.hex(16))),
            users: (0..120).map(|number| format!("user{number:03}")).collect(),
            roles: numbered("role", &["app", "etl", "admin", "ci"], 12, 2),
            buckets: numbered("corp", &["data", "logs", "web", "backup"], 15, 1),
            browsers: versions(&USER_AGENTS, 40, || rng.between(1, 121)),
            sdks: versions(&SDKS, 20, || rng.between(1, 60)),
            long_term_keys: many(200, || format!("AKIA{}", rng.base32(16))),
            session_keys: many(2_000, || format!("ASIA{}", rng.base32(16))),
        }
    }
}

fn many(count: usize, mut make: impl FnMut() -> String) -> Vec<String> {
    (0..count).map(|_| make()).collect()
}

fn numbered(prefix: &str, kinds: &[&str], each: usize, digits: usize) -> Vec<String> {
    kinds
        .iter()
        .flat_map(|kind| (0..each).map(move |n| format!("{prefix}-{kind}-{n:0digits$}")))
        .collect()
}

fn versions(patterns: &[&str], each: usize, mut version: impl FnMut() -> u64) -> Vec<String> {
    patterns
        .iter()
        .flat_map(|pattern| std::iter::repeat_n(*pattern, each))
        .map(|pattern| pattern.replace("{}", &version().to_string()))
        .collect()
}
