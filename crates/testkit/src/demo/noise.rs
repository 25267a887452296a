//! Everyday noise of the demonstration: people at work, programs, customers, scanners.

use super::{
    Entry,
    cast::{self, Account, PEOPLE, Person, ROLES},
    names,
    records::{self, Call, Caller, Finding, Seen},
    requests::{BucketRequest, Flow, WebRequest},
};
use crate::{
    json::Object,
    lines::{ALLOWED, Verdict},
    rng::Rng,
};

const PAGES: [&str; 10] = [
    "/",
    "/",
    "/products?page={}",
    "/products/{}",
    "/api/v1/orders",
    "/api/v1/orders/{}",
    "/static/app.{}.js",
    "/img/{}.jpg",
    "/login",
    "/health",
];
const PROBES: [&str; 5] = [
    "/.env",
    "/wp-login.php",
    "/cgi-bin/luci",
    "/actuator/health",
    "/robots.txt",
];
/// Calls of people: service, name, whether it only reads.
const PEOPLE_CALLS: [(&str, &str, bool); 14] = [
    ("ec2", "DescribeInstances", true),
    ("ec2", "DescribeInstances", true),
    ("ec2", "DescribeSecurityGroups", true),
    ("ec2", "CreateTags", false),
    ("iam", "ListUsers", true),
    ("iam", "GetRole", true),
    ("s3", "ListBuckets", true),
    ("cloudwatch", "GetMetricData", true),
    ("logs", "StartQuery", false),
    ("lambda", "ListFunctions20150331", true),
    ("lambda", "UpdateFunctionCode20150331v2", false),
    ("rds", "DescribeDBInstances", true),
    ("cloudformation", "DescribeStacks", true),
    ("ssm", "StartSession", false),
];
/// Calls of programs.
const PROGRAM_CALLS: [(&str, &str, bool); 8] = [
    ("s3", "GetObject", true),
    ("s3", "GetObject", true),
    ("s3", "PutObject", false),
    ("kms", "Decrypt", true),
    ("kms", "GenerateDataKey", true),
    ("sqs", "ReceiveMessage", true),
    ("secretsmanager", "GetSecretValue", true),
    ("logs", "CreateLogStream", false),
];
const SERVICES: [&str; 4] = [
    "autoscaling.amazonaws.com",
    "config.amazonaws.com",
    "ec2.amazonaws.com",
    "cloudtrail.amazonaws.com",
];
const BLOCKED: Verdict<'static> = Verdict {
    action: "BLOCK",
    rule: "AWS-AWSManagedRulesCommonRuleSet",
    rule_type: "MANAGED_RULE_GROUP",
    group: Some(("AWS#AWSManagedRulesCommonRuleSet", "NoUserAgent_HEADER")),
    label: Some("awswaf:managed:aws:core-rule-set:NoUserAgent_Header"),
    detail: None,
};

/// Makes `count` entries within the hour that begins at `from_s`.
pub(super) fn entries(rng: &mut Rng, from_s: i64, count: usize) -> Vec<Entry> {
    (0..count)
        .map(|_| {
            let second = from_s + rng.below(3600) as i64;
            let account = cast::account(rng);
            match rng.below(10_000) {
                0..3_800 => flow(rng, account, second),
                3_800..6_200 => web_request(rng, account, second),
                6_200..7_300 => firewall(rng, account, second),
                7_300..8_000 => bucket_request(rng, account, second),
                8_000..8_003 => probe_finding(rng, account, second),
                8_003..8_400 => names::query(rng, account, second),
                _ => call(rng, account, second),
            }
        })
        .collect()
}

fn flow(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    let instance = rng.below(3) as usize;
    let own = account.private_address(instance);
    let ephemeral = rng.between(32_768, 61_000);
    let database = format!("10.{}.2.15", account.octet);
    let resolver = format!("10.{}.0.2", account.octet);
    let (peer, peer_port, own_port, protocol, action) = match rng.below(100) {
        0..45 => (cast::customer(rng).address, ephemeral, 443, 6, "ACCEPT"),
        45..65 => (database, 5432, ephemeral, 6, "ACCEPT"),
        65..75 => (resolver, 53, ephemeral, 17, "ACCEPT"),
        75..80 => ("192.0.2.10".to_owned(), 123, ephemeral, 17, "ACCEPT"),
        _ => {
            let port = *rng.pick(&[22, 23, 80, 445, 1433, 3389, 5900, 6379, 8080]);
            (cast::scanner(rng).address, ephemeral, port, 6, "REJECT")
        }
    };
    let (peer, own) = ((peer.as_str(), peer_port), (own.as_str(), own_port));
    let answered = action == "ACCEPT" && rng.chance(0.5);
    let (source, destination) = if answered { (own, peer) } else { (peer, own) };
    let packets = if action == "ACCEPT" {
        1 + (300.0 * rng.unit_power(4)) as u64
    } else {
        1
    };
    Flow {
        account,
        instance,
        second,
        source,
        destination,
        protocol,
        packets,
        action,
    }
    .entry(rng)
}

fn web_request(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    let scans = rng.chance(0.02);
    let visitor = if scans {
        cast::scanner(rng)
    } else {
        cast::customer(rng)
    };
    let target = page(rng, scans);
    let orders = target == "/api/v1/orders";
    let status = match rng.unit() {
        _ if scans => 404,
        trouble if trouble < 0.004 => *rng.pick(&[500, 502, 503]),
        missing if missing < 0.02 => 404,
        cached if cached < 0.15 => 304,
        _ if orders => 201,
        _ => 200,
    };
    WebRequest {
        account,
        second,
        visitor: &visitor,
        method: if orders { "POST" } else { "GET" },
        target: &target,
        status,
    }
    .balancer_entry(rng)
}

fn firewall(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    let scans = rng.chance(0.06);
    let visitor = if scans {
        cast::scanner(rng)
    } else {
        cast::customer(rng)
    };
    let target = page(rng, scans);
    let request = WebRequest {
        account,
        second,
        visitor: &visitor,
        method: if target == "/api/v1/orders" {
            "POST"
        } else {
            "GET"
        },
        target: &target,
        status: 0,
    };
    request.firewall_entry(rng, if scans { &BLOCKED } else { &ALLOWED })
}

fn page(rng: &mut Rng, scans: bool) -> String {
    if scans {
        return rng.word(&PROBES).to_owned();
    }
    rng.word(&PAGES).replace("{}", &rng.below(400).to_string())
}

fn bucket_request(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    let instance = rng.below(3) as usize;
    let session = account.instances[instance];
    let requester = format!(
        "arn:aws:sts::{}:assumed-role/app-server/{session}",
        account.id
    );
    let key = format!("daily/{}/part-{}.csv", rng.below(60), rng.below(40));
    let (operation, key, status) = match rng.below(20) {
        0 => ("REST.GET.BUCKET", "-", 200),
        1..5 => ("REST.PUT.OBJECT", key.as_str(), 200),
        5..8 => ("REST.HEAD.OBJECT", key.as_str(), 200),
        8 => ("REST.GET.OBJECT", key.as_str(), 404),
        _ => ("REST.GET.OBJECT", key.as_str(), 200),
    };
    BucketRequest {
        account,
        second,
        client: &account.private_address(instance),
        requester: &requester,
        operation,
        key,
        status,
        error: if status == 404 { "NoSuchKey" } else { "-" },
        size_bytes: Some(rng.between(300, 900_000)),
        program: cast::BOTO,
    }
    .entry(rng)
}

fn call(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    match rng.below(100) {
        0..2 => person_signs_in(rng, account, second),
        2..30 => person_calls(rng, account, second),
        30..85 => program_calls(rng, account, second),
        _ => service_calls(rng, account, second),
    }
}

fn person_signs_in(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    let person = rng.pick(&PEOPLE);
    Call {
        account,
        second,
        caller: Caller::User(person.name, "", None),
        address: person.address,
        program: if person.program.starts_with("Mozilla") {
            person.program
        } else {
            cast::CHROME
        },
        service: "signin",
        name: "ConsoleLogin",
        read_only: false,
        error: None,
        details: &records::sign_in("Success", "Yes"),
    }
    .entry(rng)
}

fn person_calls(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    let Person {
        name: user,
        address,
        program,
        key,
    } = rng.pick(&PEOPLE);
    let (service, name, read_only) = *rng.pick(&PEOPLE_CALLS);
    let in_console = program.starts_with("Mozilla").then_some("true");
    Call {
        account,
        second,
        caller: Caller::User(user, key, in_console),
        address,
        program,
        service,
        name,
        read_only,
        error: rng.chance(0.02).then_some("AccessDenied"),
        details: &records::nothing,
    }
    .entry(rng)
}

fn program_calls(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    let instance = rng.below(3) as usize;
    let (service, name, read_only) = *rng.pick(&PROGRAM_CALLS);
    let key = format!("daily/{}/part-{}.csv", rng.below(60), rng.below(40));
    let access = records::object_access(account, &key, rng.between(300, 900_000));
    let details: &dyn Fn(&mut Object<'_>) = if service == "s3" {
        &access
    } else {
        &records::nothing
    };
    Call {
        account,
        second,
        caller: Caller::Role(rng.word(&ROLES), account.instances[instance]),
        address: &account.private_address(instance),
        program: cast::BOTO,
        service,
        name,
        read_only,
        error: rng.chance(0.01).then_some("ThrottlingException"),
        details,
    }
    .entry(rng)
}

fn service_calls(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    let service = rng.word(&SERVICES);
    let role = format!("arn:aws:iam::{}:role/{}", account.id, rng.word(&ROLES));
    Call {
        account,
        second,
        caller: Caller::Service(service),
        address: service,
        program: service,
        service: "sts",
        name: "AssumeRole",
        read_only: true,
        error: None,
        details: &|o| {
            o.object("requestParameters", |o| {
                o.text("roleArn", &role)
                    .text("roleSessionName", "service")
                    .bare("durationSeconds", 3600);
            });
            o.null("responseElements");
        },
    }
    .entry(rng)
}

fn probe_finding(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    let scanner = cast::scanner(rng);
    Finding {
        account,
        second,
        kind: "Recon:EC2/PortProbeUnprotectedPort",
        severity: 2.0,
        title: "An unprotected port of an EC2 instance is being probed.",
        address: &scanner.address,
        country: "Netherlands",
        count: rng.between(1, 20),
        seen: Seen::Probe {
            port: 443,
            port_name: "HTTPS",
        },
    }
    .entry(rng)
}
