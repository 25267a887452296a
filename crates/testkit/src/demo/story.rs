//! The break-in: probing, guessing a password, a new key, stolen salaries, an opened port.
//!
//! Everything comes from one address and happens in the first account, two to five hours
//! before the end of the logs.

use super::{
    Entry, INTRUDER,
    cast::{ACCOUNTS, AWS_CLI, Account, FIREFOX, PEOPLE, Visitor},
    records::{self, Call, Caller, Finding, Seen},
    requests::{BucketRequest, Flow, WebRequest},
};
use crate::{json::Object, lines::Verdict, lines::at, rng::Rng};

const COUNTRY: (&str, &str) = ("NL", "Netherlands");
const STOLEN_KEY: &str = "AKIASTOLEN001EXAMPLE";
const SESSION_KEY: &str = "ASIASTOLEN001EXAMPLE";
/// The salaries, and what the intruder tries beside them.
const FILES: [(&str, u16, u64); 4] = [
    ("2025/salaries-2025-04.xlsx", 200, 4_611_022),
    ("2025/salaries-2025-05.xlsx", 200, 4_823_011),
    ("2025/bank-accounts.csv", 200, 911_204),
    ("2024/bonus.xlsx", 404, 301),
];
const PROBES: [&str; 12] = [
    "/.env",
    "/.git/config",
    "/wp-login.php",
    "/admin/",
    "/phpmyadmin/index.php",
    "/backup.zip",
    "/server-status",
    "/api/v1/users/1",
    "/old/index.php?id=1%27",
    "/config.json",
    "/console/",
    "/debug/vars",
];
const INJECTION: Verdict<'static> = Verdict {
    action: "BLOCK",
    rule: "AWS-AWSManagedRulesSQLiRuleSet",
    rule_type: "MANAGED_RULE_GROUP",
    group: Some(("AWS#AWSManagedRulesSQLiRuleSet", "SQLi_QUERYARGUMENTS")),
    label: Some("awswaf:managed:aws:sql-database:SQLi_QueryArguments"),
    detail: Some((
        "SQL_INJECTION",
        "ALL_QUERY_ARGS",
        &["1", "OR", "1", "=", "1"],
    )),
};
const RATE: Verdict<'static> = Verdict {
    action: "BLOCK",
    rule: "rate-limit",
    rule_type: "RATE_BASED",
    group: None,
    label: None,
    detail: None,
};

/// Makes the entries of the break-in, in the order of time.
pub(super) fn entries(rng: &mut Rng, now_s: i64) -> Vec<Entry> {
    let account = &ACCOUNTS[0];
    // Seconds before the end of the logs.
    let ago = |hours: i64, minutes: i64| now_s - hours * 3600 - minutes * 60;
    let mut told = Vec::new();
    knock(rng, account, ago(4, 45), &mut told);
    probe_web_site(rng, account, ago(4, 20), &mut told);
    sign_in(rng, account, ago(4, 0), &mut told);
    take_over(rng, account, ago(3, 48), &mut told);
    steal(rng, account, ago(3, 41), &mut told);
    open_port(rng, account, ago(3, 30), &mut told);
    report(rng, account, now_s, &mut told);
    told.sort_by_key(|entry| entry.second);
    told
}

/// Ports for remote log-in are tried; the security group refuses.
fn knock(rng: &mut Rng, account: &'static Account, from: i64, told: &mut Vec<Entry>) {
    for attempt in 0..60 {
        let instance = attempt % 3;
        told.push(
            Flow {
                account,
                instance,
                second: from + attempt as i64 * 21,
                source: (INTRUDER, 41_000 + attempt as u64 * 7),
                destination: (
                    &account.private_address(instance),
                    if attempt % 2 == 0 { 22 } else { 3389 },
                ),
                protocol: 6,
                packets: 1,
                action: "REJECT",
            }
            .entry(rng),
        );
    }
}

/// The web site is searched for forgotten pages and holes; the firewall blocks some of it.
fn probe_web_site(rng: &mut Rng, account: &'static Account, from: i64, told: &mut Vec<Entry>) {
    let mut visitor = Visitor {
        address: INTRUDER.to_owned(),
        country: COUNTRY.0,
        program: "gobuster/3.6",
    };
    for (attempt, target) in PROBES.iter().cycle().take(72).enumerate() {
        let request = WebRequest {
            account,
            second: from + attempt as i64 * 9,
            visitor: &visitor,
            method: "GET",
            target,
            status: if target.starts_with("/api") { 401 } else { 404 },
        };
        told.push(request.balancer_entry(rng));
        if attempt >= 48 {
            told.push(request.firewall_entry(rng, &RATE));
        }
    }
    visitor.program = "sqlmap/1.8.4#stable (https://sqlmap.org)";
    for attempt in 0..30 {
        let target = format!("/products?page={attempt}%27%20OR%201=1--");
        let request = WebRequest {
            account,
            second: from + 700 + attempt * 7,
            visitor: &visitor,
            method: "GET",
            target: &target,
            status: 403,
        };
        told.push(request.firewall_entry(rng, &INJECTION));
    }
    for attempt in 0..20 {
        let own = account.private_address(0);
        let (peer, own) = ((INTRUDER, 52_310 + attempt), (own.as_str(), 443));
        for (source, destination) in [(peer, own), (own, peer)] {
            let flow = Flow {
                account,
                instance: 0,
                second: from + attempt as i64 * 45,
                source,
                destination,
                protocol: 6,
                packets: 40 + attempt,
                action: "ACCEPT",
            };
            told.push(flow.entry(rng));
        }
    }
}

/// The password is guessed; no second factor stands in the way.
fn sign_in(rng: &mut Rng, account: &'static Account, from: i64, told: &mut Vec<Entry>) {
    let mut attempt = |after: i64, outcome: &str| {
        let call = Call {
            account,
            second: from + after,
            caller: Caller::User(PEOPLE[0].name, "", None),
            address: INTRUDER,
            program: FIREFOX,
            service: "signin",
            name: "ConsoleLogin",
            read_only: false,
            error: None,
            details: &records::sign_in(outcome, "No"),
        };
        told.push(call.entry(rng));
    };
    for after in [0, 23, 61, 128, 190, 255, 342] {
        attempt(after, "Failure");
    }
    attempt(480, "Success");
}

/// A key is made that outlives the session, and the buckets are listed with it.
fn take_over(rng: &mut Rng, account: &'static Account, from: i64, told: &mut Vec<Entry>) {
    let created = at(from).to_string();
    let new_key = |o: &mut Object<'_>| {
        o.object("requestParameters", |o| {
            o.text("userName", PEOPLE[0].name);
        });
        o.object("responseElements", |o| {
            o.object("accessKey", |o| {
                o.text("accessKeyId", STOLEN_KEY)
                    .text("status", "Active")
                    .text("userName", PEOPLE[0].name)
                    .text("createDate", &created);
            });
        });
    };
    let in_console = Caller::User(PEOPLE[0].name, SESSION_KEY, Some("false"));
    let mut call = Call {
        account,
        second: from,
        caller: in_console,
        address: INTRUDER,
        program: FIREFOX,
        service: "iam",
        name: "CreateAccessKey",
        read_only: false,
        error: None,
        details: &new_key,
    };
    told.push(call.entry(rng));
    call.caller = Caller::User(PEOPLE[0].name, STOLEN_KEY, None);
    call.program = AWS_CLI;
    call.read_only = true;
    call.details = &records::nothing;
    for (after, service, name, error) in [
        (150, "sts", "GetCallerIdentity", None),
        (170, "iam", "ListUsers", None),
        (
            190,
            "organizations",
            "DescribeOrganization",
            Some("AccessDenied"),
        ),
        (240, "s3", "ListBuckets", None),
    ] {
        (call.second, call.service, call.name, call.error) = (from + after, service, name, error);
        told.push(call.entry(rng));
    }
}

/// The bucket with the salaries is read.
fn steal(rng: &mut Rng, account: &'static Account, from: i64, told: &mut Vec<Entry>) {
    let requester = format!("arn:aws:iam::{}:user/{}", account.id, PEOPLE[0].name);
    let mut request = BucketRequest {
        account,
        second: from - 30,
        client: INTRUDER,
        requester: &requester,
        operation: "REST.GET.BUCKET",
        key: "-",
        status: 200,
        error: "-",
        size_bytes: Some(2_410),
        program: AWS_CLI,
    };
    told.push(request.entry(rng));
    request.operation = "REST.GET.OBJECT";
    for (number, (key, status, size_bytes)) in FILES.iter().enumerate() {
        let second = from + number as i64 * 40;
        request.second = second;
        request.key = key;
        request.status = *status;
        request.error = if *status == 404 { "NoSuchKey" } else { "-" };
        request.size_bytes = Some(*size_bytes);
        told.push(request.entry(rng));
        let call = Call {
            account,
            second,
            caller: Caller::User(PEOPLE[0].name, STOLEN_KEY, None),
            address: INTRUDER,
            program: AWS_CLI,
            service: "s3",
            name: "GetObject",
            read_only: true,
            error: (*status == 404).then_some("NoSuchKey"),
            details: &records::object_access(account, key, *size_bytes),
        };
        told.push(call.entry(rng));
    }
}

/// The security group is opened for SSH, and the first instance answers.
fn open_port(rng: &mut Rng, account: &'static Account, from: i64, told: &mut Vec<Entry>) {
    let network = format!("{INTRUDER}/32");
    let details = |o: &mut Object<'_>| {
        o.object("requestParameters", |o| {
            o.text("groupId", "sg-0123456789abcdef0");
            o.object("ipPermissions", |o| {
                o.array("items", |items| {
                    items.object(|o| {
                        o.text("ipProtocol", "tcp")
                            .bare("fromPort", 22)
                            .bare("toPort", 22);
                        o.object("ipRanges", |o| {
                            o.array("items", |items| {
                                items.object(|o| {
                                    o.text("cidrIp", &network);
                                });
                            });
                        });
                    });
                });
            });
        });
        o.object("responseElements", |o| {
            o.bare("_return", true);
        });
    };
    let call = Call {
        account,
        second: from,
        caller: Caller::User(PEOPLE[0].name, STOLEN_KEY, None),
        address: INTRUDER,
        program: AWS_CLI,
        service: "ec2",
        name: "AuthorizeSecurityGroupIngress",
        read_only: false,
        error: None,
        details: &details,
    };
    told.push(call.entry(rng));
    let own = account.private_address(0);
    let (peer, own) = ((INTRUDER, 43_990), (own.as_str(), 22));
    for minute in 0..40 {
        for (source, destination) in [(peer, own), (own, peer)] {
            let flow = Flow {
                account,
                instance: 0,
                second: from + 240 + minute * 60,
                source,
                destination,
                protocol: 6,
                packets: 30 + minute as u64 % 17,
                action: "ACCEPT",
            };
            told.push(flow.entry(rng));
        }
    }
}

/// GuardDuty notices.
fn report(rng: &mut Rng, account: &'static Account, now_s: i64, told: &mut Vec<Entry>) {
    let user = PEOPLE[0].name;
    let called = |key, service, name| Seen::Call {
        user,
        key,
        service,
        name,
    };
    let findings = [
        (
            260,
            "Recon:EC2/PortProbeUnprotectedPort",
            2.0,
            "An unprotected port of an EC2 instance is being probed.",
            60,
            Seen::Probe {
                port: 22,
                port_name: "SSH",
            },
        ),
        (
            225,
            "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B",
            5.0,
            "Console sign-in of admin-hana from an unusual place.",
            1,
            called(SESSION_KEY, "signin", "ConsoleLogin"),
        ),
        (
            205,
            "Exfiltration:S3/AnomalousBehavior",
            8.0,
            "Objects were read from a bucket in an unusual way by admin-hana.",
            3,
            called(STOLEN_KEY, "s3", "GetObject"),
        ),
        (
            150,
            "UnauthorizedAccess:EC2/SSHBruteForce",
            8.0,
            "203.0.113.66 connects over SSH to an EC2 instance again and again.",
            40,
            Seen::Connection {
                port: 22,
                port_name: "SSH",
            },
        ),
    ];
    for (minutes_ago, kind, severity, title, count, seen) in findings {
        let finding = Finding {
            account,
            second: now_s - minutes_ago * 60,
            kind,
            severity,
            title,
            address: INTRUDER,
            country: COUNTRY.1,
            count,
            seen,
        };
        told.push(finding.entry(rng));
    }
}
