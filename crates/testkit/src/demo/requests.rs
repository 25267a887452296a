//! Traffic of the demonstration: flows, web requests, requests to buckets.

use super::{
    Entry, Log,
    cast::{Account, Visitor},
};
use crate::{
    lines::{AlbLine, S3Line, Verdict, WafLine},
    rng::Rng,
};

/// First line of every flow log object.
pub(super) const FLOW_HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n";
const OWNER: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";

/// One flow seen at an instance's interface.
pub(super) struct Flow<'a> {
    pub(super) account: &'static Account,
    pub(super) instance: usize,
    pub(super) second: i64,
    pub(super) source: (&'a str, u64),
    pub(super) destination: (&'a str, u64),
    pub(super) protocol: u8,
    pub(super) packets: u64,
    pub(super) action: &'a str,
}

impl Flow<'_> {
    /// Makes the line.
    pub(super) fn entry(&self, rng: &mut Rng) -> Entry {
        let bytes = self.packets * rng.between(44, 1400);
        let start = self.second - rng.between(1, 59) as i64;
        let text = format!(
            "2 {} {} {} {} {} {} {} {} {bytes} {start} {} {} OK\n",
            self.account.id,
            self.account.interfaces[self.instance % 3],
            self.source.0,
            self.destination.0,
            self.source.1,
            self.destination.1,
            self.protocol,
            self.packets,
            self.second,
            self.action,
        );
        Entry {
            log: Log::VpcFlow,
            account: self.account,
            second: self.second,
            text,
        }
    }
}

/// One request to the web site behind the load balancer.
pub(super) struct WebRequest<'a> {
    pub(super) account: &'static Account,
    pub(super) second: i64,
    pub(super) visitor: &'a Visitor,
    pub(super) method: &'a str,
    /// Path with query.
    pub(super) target: &'a str,
    pub(super) status: u16,
}

impl WebRequest<'_> {
    /// Makes the load balancer's line.
    pub(super) fn balancer_entry(&self, rng: &mut Rng) -> Entry {
        let Account { id, region, .. } = self.account;
        let served = format!(
            "{}:8080",
            self.account.private_address(rng.below(3) as usize)
        );
        let target_time = format!("{:.3}", 0.002 + rng.unit_power(4));
        let unreachable = self.status == 503;
        let trace = format!("Root=1-{}-{}", rng.hex(8), rng.hex(24));
        let mut text = String::with_capacity(700);
        AlbLine {
            kind: if rng.chance(0.9) { "h2" } else { "https" },
            second: self.second,
            microsecond: rng.below(1_000_000) as u32,
            balancer: self.account.balancer,
            client: &self.visitor.address,
            client_port: rng.between(1024, 65_535),
            target: (!unreachable).then_some(served.as_str()),
            times: if unreachable {
                ["-1"; 3]
            } else {
                ["0.000", &target_time, "0.000"]
            },
            status: self.status,
            received: rng.between(80, 2_000),
            sent: if self.status < 300 {
                rng.between(900, 90_000)
            } else {
                rng.between(120, 400)
            },
            method: self.method,
            host: self.account.host,
            path: self.target,
            user_agent: self.visitor.program,
            tls: "TLS_AES_128_GCM_SHA256 TLSv1.3",
            target_group: &format!(
                "arn:aws:elasticloadbalancing:{region}:{id}:targetgroup/web/fedcba9876543210"
            ),
            trace: &trace,
            certificate: &format!(
                "arn:aws:acm:{region}:{id}:certificate/01234567-89ab-4cde-8f01-23456789abcd"
            ),
            priority: 1,
            actions: "waf,forward",
        }
        .write(&mut text);
        Entry {
            log: Log::Alb,
            account: self.account,
            second: self.second,
            text,
        }
    }

    /// Makes the web ACL's record.
    pub(super) fn firewall_entry(&self, rng: &mut Rng, verdict: &Verdict<'_>) -> Entry {
        let Account { id, region, .. } = self.account;
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        let mut text = String::with_capacity(1500);
        WafLine {
            millisecond: self.second * 1000 + rng.below(1000) as i64,
            acl_arn: &format!("arn:aws:wafv2:{region}:{id}:regional/webacl/web/01234567-89ab-4cde-8f01-23456789abcd"),
            source_id: &format!("{id}-{}", self.account.balancer),
            verdict,
            passed_groups: &["AWS#AWSManagedRulesAmazonIpReputationList"],
            counted: &[],
            client: &self.visitor.address,
            country: self.visitor.country,
            headers: &[
                ("host", self.account.host),
                ("user-agent", self.visitor.program),
                ("accept", "*/*"),
                ("accept-encoding", "gzip, deflate, br"),
            ],
            path,
            query,
            http_version: "HTTP/2.0",
            method: self.method,
            request_id: &format!("1-{}-{}", rng.hex(8), rng.hex(24)),
        }
        .write(&mut text);
        Entry {
            log: Log::Waf,
            account: self.account,
            second: self.second,
            text,
        }
    }
}

/// One request to the account's bucket.
pub(super) struct BucketRequest<'a> {
    pub(super) account: &'static Account,
    pub(super) second: i64,
    pub(super) client: &'a str,
    /// ARN, or `-` for an anonymous request.
    pub(super) requester: &'a str,
    pub(super) operation: &'a str,
    pub(super) key: &'a str,
    pub(super) status: u16,
    pub(super) error: &'a str,
    pub(super) size_bytes: Option<u64>,
    pub(super) program: &'a str,
}

impl BucketRequest<'_> {
    /// Makes the line.
    pub(super) fn entry(&self, rng: &mut Rng) -> Entry {
        let method = self.operation.split('.').nth(1).unwrap_or("GET");
        let request = match self.key {
            "-" => format!("{method} /?list-type=2&encoding-type=url HTTP/1.1"),
            key => format!("{method} /{key} HTTP/1.1"),
        };
        let total_ms = rng.between(8, 400);
        let sent = if method == "GET" {
            self.size_bytes
        } else {
            None
        };
        let mut text = String::with_capacity(600);
        S3Line {
            owner: OWNER,
            bucket: self.account.bucket,
            second: self.second,
            client: self.client,
            requester: self.requester,
            request_id: &rng.hex(16).to_uppercase(),
            operation: self.operation,
            key: self.key,
            request: &request,
            status: self.status,
            error: self.error,
            sizes: [sent, self.size_bytes],
            times_ms: [total_ms, total_ms.saturating_sub(4)],
            referrer: "-",
            user_agent: self.program,
            version_id: "-",
            host_id: &format!("{}=", rng.base32(75)),
            signed: self.requester != "-",
            region: self.account.region,
        }
        .write(&mut text);
        Entry {
            log: Log::S3Access,
            account: self.account,
            second: self.second,
            text,
        }
    }
}
