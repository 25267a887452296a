//! WAF records for benchmarks.

use super::{
    Place, Scene,
    alb::{HOSTS, METHODS, PATHS},
};
use crate::{
    lines::{ALLOWED, Verdict, WafLine},
    rng::Rng,
};

const COUNTRIES: [&str; 12] = [
    "US", "US", "US", "JP", "JP", "DE", "GB", "FR", "IN", "BR", "CN", "NL",
];
/// Managed groups in the order a web ACL evaluates them.
const GROUPS: [&str; 5] = [
    "AWS#AWSManagedRulesAmazonIpReputationList",
    "AWS#AWSManagedRulesCommonRuleSet",
    "AWS#AWSManagedRulesKnownBadInputsRuleSet",
    "AWS#AWSManagedRulesSQLiRuleSet",
    "AWS#AWSManagedRulesBotControlRuleSet",
];
/// Verdicts on bad requests, each with the number of groups that came before it.
const BAD: [(usize, Verdict<'static>); 5] = [
    (
        0,
        Verdict {
            action: "BLOCK",
            rule: "AWS-AWSManagedRulesAmazonIpReputationList",
            rule_type: "MANAGED_RULE_GROUP",
            group: Some((
                "AWS#AWSManagedRulesAmazonIpReputationList",
                "AWSManagedIPReputationList",
            )),
            label: Some("awswaf:managed:aws:amazon-ip-list:AWSManagedIPReputationList"),
            detail: None,
        },
    ),
    (
        1,
        Verdict {
            action: "BLOCK",
            rule: "AWS-AWSManagedRulesCommonRuleSet",
            rule_type: "MANAGED_RULE_GROUP",
            group: Some((
                "AWS#AWSManagedRulesCommonRuleSet",
                "CrossSiteScripting_QUERYARGUMENTS",
            )),
            label: Some("awswaf:managed:aws:core-rule-set:CrossSiteScripting_QueryArguments"),
            detail: Some(("XSS", "ALL_QUERY_ARGS", &["<", "script"])),
        },
    ),
    (
        3,
        Verdict {
            action: "BLOCK",
            rule: "AWS-AWSManagedRulesSQLiRuleSet",
            rule_type: "MANAGED_RULE_GROUP",
            group: Some(("AWS#AWSManagedRulesSQLiRuleSet", "SQLi_QUERYARGUMENTS")),
            label: Some("awswaf:managed:aws:sql-database:SQLi_QueryArguments"),
            detail: Some((
                "SQL_INJECTION",
                "ALL_QUERY_ARGS",
                &["'", "OR", "1", "=", "1"],
            )),
        },
    ),
    (
        4,
        Verdict {
            action: "CAPTCHA",
            rule: "AWS-AWSManagedRulesBotControlRuleSet",
            rule_type: "MANAGED_RULE_GROUP",
            group: Some((
                "AWS#AWSManagedRulesBotControlRuleSet",
                "SignalNonBrowserUserAgent",
            )),
            label: Some("awswaf:managed:aws:bot-control:signal:non_browser_user_agent"),
            detail: None,
        },
    ),
    (
        5,
        Verdict {
            action: "BLOCK",
            rule: "rate-limit",
            rule_type: "RATE_BASED",
            group: None,
            label: None,
            detail: None,
        },
    ),
];

/// The web ACL that writes an object.
pub(super) struct Acl {
    start: i64,
    arn: String,
    source_id: String,
}

impl Acl {
    pub(super) fn new(rng: &mut Rng, place: Place) -> Self {
        let Place {
            account,
            region,
            start,
        } = place;
        Self {
            start,
            arn: format!(
                "arn:aws:wafv2:{region}:{account}:regional/webacl/web/{}",
                rng.uuid()
            ),
            source_id: format!("{account}-app/my-alb/{}", rng.hex(16)),
        }
    }

    /// Appends one record with a line feed.
    pub(super) fn line(&self, scene: &mut Scene, out: &mut String) {
        let Scene { rng, pools } = scene;
        let (passed, verdict) = if rng.chance(0.15) {
            let (passed, verdict) = rng.pick(&BAD);
            (*passed, verdict)
        } else {
            (GROUPS.len(), &ALLOWED)
        };
        let target = rng
            .pick(&PATHS)
            .replace("{}", &rng.below(10_000).to_string());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let query = match verdict.detail {
            Some(("XSS", ..)) => "q=%3Cscript%3Ealert(1)%3C/script%3E",
            Some(_) => "id=1%27%20OR%201=1--",
            None => query,
        };
        let host = rng.pick(&HOSTS);
        let referrer = format!("https://{host}/");
        let cookie = format!("session={}; theme=dark", rng.hex(32));
        let forwarded = rng.pick_skewed(&pools.public_addresses);
        let mut headers: Vec<(&str, &str)> = vec![
            ("host", host),
            ("user-agent", rng.pick_skewed(&pools.browsers)),
            ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
            ("accept-language", "en-US,en;q=0.9"),
            ("accept-encoding", "gzip, deflate, br"),
        ];
        if rng.chance(0.6) {
            headers.push(("referer", &referrer));
        }
        if rng.chance(0.7) {
            headers.push(("cookie", &cookie));
        }
        if rng.chance(0.1) {
            headers.push(("X-Forwarded-For", forwarded));
        }
        let request_id = format!("1-{}-{}", rng.hex(8), rng.hex(24));
        let counted: &[&str] = if rng.chance(0.05) {
            &["count-large-body"]
        } else {
            &[]
        };
        WafLine {
            millisecond: (self.start + rng.below(300) as i64) * 1000 + rng.below(1000) as i64,
            acl_arn: &self.arn,
            source_id: &self.source_id,
            verdict,
            passed_groups: GROUPS.get(..passed).unwrap_or(&GROUPS),
            counted,
            client: rng.pick_skewed(&pools.public_addresses),
            country: rng.word(&COUNTRIES),
            headers: &headers,
            path,
            query,
            http_version: rng.word(&["HTTP/2.0", "HTTP/2.0", "HTTP/1.1"]),
            method: rng.word(&METHODS),
            request_id: &request_id,
        }
        .write(out);
    }
}
