//! Who appears in the demonstration: accounts, people, programs, customers, scanners.

use crate::rng::Rng;

/// An AWS account of the company with what runs in it.
pub(crate) struct Account {
    pub(crate) id: &'static str,
    pub(crate) region: &'static str,
    /// Second octet of its private network, `10.<octet>.0.0/16`.
    pub(crate) octet: u8,
    pub(crate) instances: [&'static str; 3],
    pub(crate) interfaces: [&'static str; 3],
    pub(crate) balancer: &'static str,
    pub(crate) host: &'static str,
    pub(crate) bucket: &'static str,
    pub(crate) flow_log: &'static str,
}

impl Account {
    /// Private address of one of the three instances.
    pub(crate) fn private_address(&self, instance: usize) -> String {
        format!("10.{}.1.{}", self.octet, 20 + instance)
    }

    /// Its private network.
    pub(crate) fn network(&self) -> String {
        format!("vpc-0123456789abcdef{}", self.octet / 16)
    }
}

/// The first account is where the break-in happens.
pub(crate) static ACCOUNTS: [Account; 3] = [
    Account {
        id: "123456789012",
        region: "ap-northeast-1",
        octet: 0,
        instances: [
            "i-0a1b2c3d4e5f60718",
            "i-0a1b2c3d4e5f60729",
            "i-0a1b2c3d4e5f6073a",
        ],
        interfaces: [
            "eni-0aaa1111bbb2222cc",
            "eni-0aaa1111bbb2222dd",
            "eni-0aaa1111bbb2222ee",
        ],
        balancer: "app/web/0123456789abcdef",
        host: "www.example.com",
        bucket: "example-payroll",
        flow_log: "fl-0123456789abcdef0",
    },
    Account {
        id: "111122223333",
        region: "us-east-1",
        octet: 16,
        instances: [
            "i-0b1b2c3d4e5f60718",
            "i-0b1b2c3d4e5f60729",
            "i-0b1b2c3d4e5f6073a",
        ],
        interfaces: [
            "eni-0bbb1111ccc2222cc",
            "eni-0bbb1111ccc2222dd",
            "eni-0bbb1111ccc2222ee",
        ],
        balancer: "app/api/123456789abcdef0",
        host: "api.example.com",
        bucket: "example-web-assets",
        flow_log: "fl-0123456789abcdef1",
    },
    Account {
        id: "444455556666",
        region: "eu-west-1",
        octet: 32,
        instances: [
            "i-0c1b2c3d4e5f60718",
            "i-0c1b2c3d4e5f60729",
            "i-0c1b2c3d4e5f6073a",
        ],
        interfaces: [
            "eni-0ccc1111ddd2222cc",
            "eni-0ccc1111ddd2222dd",
            "eni-0ccc1111ddd2222ee",
        ],
        balancer: "app/shop/23456789abcdef01",
        host: "shop.example.net",
        bucket: "example-shop-orders",
        flow_log: "fl-0123456789abcdef2",
    },
];

/// Someone who works for the company.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) address: &'static str,
    pub(crate) program: &'static str,
    /// Long-term access key.
    pub(crate) key: &'static str,
}

/// A browser on Windows.
pub(crate) const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36";
/// A browser on Linux.
pub(crate) const FIREFOX: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
/// The command line of AWS.
pub(crate) const AWS_CLI: &str = "aws-cli/2.27.4 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.2 cfg/retry-mode#standard";
const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15";
const TERRAFORM: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-aws/5.97.0";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.7103.60 Mobile Safari/537.36";
/// What the application's programs say of themselves.
pub(crate) const BOTO: &str = "Boto3/1.38.20 md/Botocore#1.38.20 ua/2.1 os/linux#6.1.134 md/arch#x86_64 lang/python#3.12.9 cfg/retry-mode#legacy";

const fn person(
    name: &'static str,
    address: &'static str,
    program: &'static str,
    key: &'static str,
) -> Person {
    Person {
        name,
        address,
        program,
        key,
    }
}

/// The people; the first is the one whose password the intruder guesses.
pub(crate) static PEOPLE: [Person; 10] = [
    person(
        "admin-hana",
        "198.51.100.12",
        CHROME,
        "AKIAHANA00001EXAMPLE",
    ),
    person("kenji", "198.51.100.21", CHROME, "AKIAKENJI0001EXAMPLE"),
    person("mei", "198.51.100.34", TERRAFORM, "AKIAMEI000001EXAMPLE"),
    person("yuki", "198.51.100.35", SAFARI, "AKIAYUKI00001EXAMPLE"),
    person("sora", "2001:db8:100::35", FIREFOX, "AKIASORA00001EXAMPLE"),
    person("aiko", "198.51.100.37", AWS_CLI, "AKIAAIKO00001EXAMPLE"),
    person("daniel", "192.0.2.20", SAFARI, "AKIADANIEL001EXAMPLE"),
    person("priya", "192.0.2.21", AWS_CLI, "AKIAPRIYA0001EXAMPLE"),
    person("lucas", "192.0.2.22", CHROME, "AKIALUCAS0001EXAMPLE"),
    person("emma", "2001:db8:200::22", FIREFOX, "AKIAEMMA00001EXAMPLE"),
];

/// Roles that programs take on.
pub(crate) const ROLES: [&str; 4] = ["app-server", "batch-export", "ci-deploy", "monitoring"];

const COUNTRIES: [&str; 10] = ["JP", "JP", "JP", "US", "US", "DE", "GB", "IN", "BR", "FR"];
const BROWSERS: [&str; 6] = [CHROME, PHONE, ANDROID, SAFARI, CHROME, FIREFOX];

/// Someone on the internet.
pub(crate) struct Visitor {
    pub(crate) address: String,
    pub(crate) country: &'static str,
    pub(crate) program: &'static str,
}

/// A customer; some come often.
pub(crate) fn customer(rng: &mut Rng) -> Visitor {
    let number = (210.0 * rng.unit_power(2)) as usize;
    let address = match number % 8 {
        0 => format!("2001:db8:{:x}::{number:x}", 0x300 + number),
        1..=4 => format!("192.0.2.{}", 40 + number),
        _ => format!("198.51.100.{}", 40 + number),
    };
    Visitor {
        address,
        country: COUNTRIES[number % COUNTRIES.len()],
        program: BROWSERS[number % BROWSERS.len()],
    }
}

/// A machine that tries its luck everywhere.
pub(crate) fn scanner(rng: &mut Rng) -> Visitor {
    let number = rng.below(24) as usize;
    Visitor {
        address: format!("203.0.113.{}", 10 + number),
        country: ["NL", "RO", "SC", "US", "SG"][number % 5],
        program: ["zgrab/0.x", "curl/8.7.1", "Go-http-client/1.1", "-"][number % 4],
    }
}

/// One of the accounts, the first the busiest.
pub(crate) fn account(rng: &mut Rng) -> &'static Account {
    match rng.unit() {
        busy if busy < 0.6 => &ACCOUNTS[0],
        busy if busy < 0.88 => &ACCOUNTS[1],
        _ => &ACCOUNTS[2],
    }
}
