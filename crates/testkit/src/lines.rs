//! The line formats that benchmark inputs and demonstration share.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::json;

/// The instant for a number of seconds since 1970; the epoch itself when out of range.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// One line of an Application Load Balancer's access log.
pub(crate) struct AlbLine<'a> {
    /// `http`, `https`, `h2`, …
    pub(crate) kind: &'a str,
    pub(crate) second: i64,
    pub(crate) microsecond: u32,
    pub(crate) balancer: &'a str,
    pub(crate) client: &'a str,
    pub(crate) client_port: u64,
    /// Address and port of the target; `None` when the request reached none.
    pub(crate) target: Option<&'a str>,
    /// The three times as written.
    pub(crate) times: [&'a str; 3],
    pub(crate) status: u16,
    pub(crate) received: u64,
    pub(crate) sent: u64,
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    /// Path with query.
    pub(crate) path: &'a str,
    pub(crate) user_agent: &'a str,
    /// Cipher and TLS version, used when the request was encrypted.
    pub(crate) tls: &'a str,
    pub(crate) target_group: &'a str,
    pub(crate) trace: &'a str,
    pub(crate) certificate: &'a str,
    pub(crate) priority: u64,
    pub(crate) actions: &'a str,
}

impl AlbLine<'_> {
    /// Appends the line with its line feed.
    pub(crate) fn write(&self, out: &mut String) {
        let encrypted = self.kind != "http";
        let (scheme, port) = if encrypted {
            ("https", 443)
        } else {
            ("http", 80)
        };
        let version = if self.kind == "h2" { "2.0" } else { "1.1" };
        let tls = if encrypted { self.tls } else { "- -" };
        let only_encrypted = |value| if encrypted { value } else { "-" };
        let time = jiff::fmt::temporal::DateTimePrinter::new().precision(Some(6));
        let stamp = time.timestamp_to_string(
            &(at(self.second) + jiff::SignedDuration::from_micros(i64::from(self.microsecond))),
        );
        let target = self.target.unwrap_or("-");
        let status = self.status;
        let target_status = match self.target {
            Some(_) => status.to_string(),
            None => "-".to_owned(),
        };
        let target_group = if self.target.is_some() {
            self.target_group
        } else {
            "-"
        };
        let [request_time, target_time, response_time] = self.times;
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{} {stamp} {} {}:{} {target} {request_time} {target_time} {response_time} {status} \
             {target_status} {} {} \"{} {scheme}://{}:{port}{} HTTP/{version}\" \"{}\" {tls} \
             {target_group} \"{}\" \"{}\" \"{}\" {} {stamp} \"{}\" \"-\" \"-\" \"{target}\" \
             \"{target_status}\" \"-\" \"-\"",
            self.kind,
            self.balancer,
            self.client,
            self.client_port,
            self.received,
            self.sent,
            self.method,
            self.host,
            self.path,
            self.user_agent,
            self.trace,
            only_encrypted(self.host),
            only_encrypted(self.certificate),
            self.priority,
            self.actions,
        );
    }
}

/// One line of an S3 server access log.
pub(crate) struct S3Line<'a> {
    pub(crate) owner: &'a str,
    pub(crate) bucket: &'a str,
    pub(crate) second: i64,
    pub(crate) client: &'a str,
    pub(crate) requester: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) key: &'a str,
    /// Request line without quotes, or `-`.
    pub(crate) request: &'a str,
    pub(crate) status: u16,
    pub(crate) error: &'a str,
    /// Bytes sent and object size, where known.
    pub(crate) sizes: [Option<u64>; 2],
    /// Total and turn-around time in milliseconds.
    pub(crate) times_ms: [u64; 2],
    pub(crate) referrer: &'a str,
    pub(crate) user_agent: &'a str,
    pub(crate) version_id: &'a str,
    pub(crate) host_id: &'a str,
    /// Whether the request was signed.
    pub(crate) signed: bool,
    pub(crate) region: &'a str,
}

impl S3Line<'_> {
    /// Appends the line with its line feed.
    pub(crate) fn write(&self, out: &mut String) {
        let size = |size: Option<u64>| size.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let (signature, auth) = if self.signed {
            ("SigV4", "AuthHeader")
        } else {
            ("-", "-")
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{} {} [{}] {} {} {} {} {} \"{}\" {} {} {} {} {} {} \"{}\" \"{}\" {} {} {signature} \
             TLS_AES_128_GCM_SHA256 {auth} {}.s3.{}.amazonaws.com TLSv1.3 - -",
            self.owner,
            self.bucket,
            at(self.second).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            self.client,
            self.requester,
            self.request_id,
            self.operation,
            self.key,
            self.request,
            self.status,
            self.error,
            size(self.sizes[0]),
            size(self.sizes[1]),
            self.times_ms[0],
            self.times_ms[1],
            self.referrer,
            self.user_agent,
            self.version_id,
            self.host_id,
            self.bucket,
            self.region,
        );
    }
}

/// How a web ACL decided about a request.
pub(crate) struct Verdict<'a> {
    pub(crate) action: &'a str,
    pub(crate) rule: &'a str,
    pub(crate) rule_type: &'a str,
    /// Managed rule group and rule that decided, where one did.
    pub(crate) group: Option<(&'a str, &'a str)>,
    pub(crate) label: Option<&'a str>,
    /// Condition, location and matched words.
    pub(crate) detail: Option<(&'a str, &'a str, &'a [&'a str])>,
}

/// The verdict on a request that no rule objected to.
pub(crate) const ALLOWED: Verdict<'static> = Verdict {
    action: "ALLOW",
    rule: "Default_Action",
    rule_type: "REGULAR",
    group: None,
    label: None,
    detail: None,
};

/// One record of an AWS WAF log.
pub(crate) struct WafLine<'a> {
    pub(crate) millisecond: i64,
    pub(crate) acl_arn: &'a str,
    pub(crate) source_id: &'a str,
    pub(crate) verdict: &'a Verdict<'a>,
    /// Rule groups that were evaluated and let the request pass.
    pub(crate) passed_groups: &'a [&'a str],
    /// Rules in count mode that matched.
    pub(crate) counted: &'a [&'a str],
    pub(crate) client: &'a str,
    pub(crate) country: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) http_version: &'a str,
    pub(crate) method: &'a str,
    pub(crate) request_id: &'a str,
}

impl WafLine<'_> {
    /// Appends the record with a line feed.
    pub(crate) fn write(&self, out: &mut String) {
        let verdict = self.verdict;
        json::object(out, |o| {
            o.bare("timestamp", self.millisecond)
                .bare("formatVersion", 1)
                .text("webaclId", self.acl_arn)
                .text("terminatingRuleId", verdict.rule)
                .text("terminatingRuleType", verdict.rule_type)
                .text("action", verdict.action);
            o.array("terminatingRuleMatchDetails", |details| {
                if let Some((condition, location, words)) = verdict.detail {
                    details.object(|o| {
                        o.text("conditionType", condition)
                            .text("location", location);
                        o.array("matchedData", |data| {
                            for word in words {
                                data.text(word);
                            }
                        });
                    });
                }
            });
            o.text("httpSourceName", "ALB")
                .text("httpSourceId", self.source_id);
            o.array("ruleGroupList", |groups| {
                for name in self.passed_groups {
                    groups.object(|o| {
                        o.text("ruleGroupId", name).null("terminatingRule");
                        o.array("nonTerminatingMatchingRules", |_| {})
                            .null("excludedRules");
                        o.null("customerConfig");
                    });
                }
                if let Some((name, rule)) = verdict.group {
                    groups.object(|o| {
                        o.text("ruleGroupId", name);
                        o.object("terminatingRule", |o| {
                            o.text("ruleId", rule).text("action", verdict.action);
                            o.null("ruleMatchDetails");
                        });
                        o.array("nonTerminatingMatchingRules", |_| {})
                            .null("excludedRules");
                        o.null("customerConfig");
                    });
                }
            });
            o.array("rateBasedRuleList", |_| {});
            o.array("nonTerminatingMatchingRules", |rules| {
                for rule in self.counted {
                    rules.object(|o| {
                        o.text("ruleId", rule).text("action", "COUNT");
                        o.array("ruleMatchDetails", |_| {});
                    });
                }
            });
            o.null("requestHeadersInserted").null("responseCodeSent");
            o.object("httpRequest", |o| {
                o.text("clientIp", self.client)
                    .text("country", self.country);
                o.array("headers", |headers| {
                    for (name, value) in self.headers {
                        headers.object(|o| {
                            o.text("name", name).text("value", value);
                        });
                    }
                });
                o.text("uri", self.path)
                    .text("args", self.query)
                    .text("httpVersion", self.http_version)
                    .text("httpMethod", self.method)
                    .text("requestId", self.request_id);
            });
            if let Some(label) = verdict.label {
                o.array("labels", |labels| {
                    labels.object(|o| {
                        o.text("name", label);
                    });
                });
            }
        });
        out.push('\n');
    }
}
