//! Every pack has the closed shape that CONTRIBUTING.md describes, and every log type what the
//! page needs.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use yagura_codec::pattern_risks;
use yagura_packs::{PACKS, load_settings};

/// The log types of SIEM on Amazon OpenSearch Service in the order in which it tries keys.
const ORIGINAL_ORDER: [&str; 42] = [
    "securitylake",
    "ocsf-json",
    "vpcflowlogs",
    "cloudtrail",
    "networkfirewall",
    "guardduty",
    "inspector",
    "securityhub",
    "nlb",
    "alb",
    "clb",
    "s3accesslog",
    "config-history",
    "config-snapshot",
    "config-rules",
    "cloudfront-realtime",
    "cloudfront-standard",
    "waf",
    "route53resolver",
    "clientvpn",
    "rds-postgresql",
    "rds-mysql-audit",
    "rds-mysql-general",
    "rds-mysql-error",
    "rds-mysql-slowquery",
    "elasticache-redis-slowlog",
    "msk",
    "cloudhsm",
    "opensearch-audit",
    "workspaces-event",
    "workspaces-inventory",
    "trustedadvisor",
    "directory-service",
    "fsx-win",
    "windows-event",
    "linux-secure",
    "linux-os-syslog",
    "apache-access",
    "apache-error",
    "nginx-access",
    "nginx-error",
    "index-metrics",
];

fn folder(pack: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../packs")
        .join(pack)
}

#[test]
fn every_pack_is_whole() {
    let mut lacking = Vec::new();
    for pack in PACKS {
        let folder = folder(pack.name);
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        for heading in [
            "## Switch it on",
            "## Where the files lie",
            "## Good to know",
            "## Further reading",
        ] {
            if !readme.contains(heading) {
                lacking.push(format!("packs/{}/README.md: `{heading}`", pack.name));
            }
        }
        let samples = fs::read_dir(folder.join("samples")).unwrap();
        let samples: Vec<PathBuf> = samples.map(|entry| entry.unwrap().path()).collect();
        if samples.len() < 3 {
            lacking.push(format!("packs/{}/samples: three of them", pack.name));
        }
        for sample in samples {
            for file in ["key", "origin", "expected.jsonl"] {
                if !sample.join(file).is_file() {
                    lacking.push(format!("{}: `{file}`", sample.display()));
                }
            }
        }
        let dashboards = fs::read_dir(folder.join("dashboards")).unwrap();
        if dashboards.count() == 0 {
            lacking.push(format!("packs/{}: a dashboard", pack.name));
        }
    }
    assert!(
        lacking.is_empty(),
        "what packs lack:\n{}",
        lacking.join("\n")
    );
}

#[test]
fn every_log_type_has_what_the_page_shows() {
    let settings = load_settings(&[]).unwrap().settings;
    let mut orders = HashSet::new();
    for log_type in &settings.log_types {
        let name = &log_type.name;
        assert!(!log_type.columns.is_empty(), "{name}: `columns`");
        assert!(!log_type.entities.is_empty(), "{name}: `entities`");
        assert!(!log_type.index_name.is_empty(), "{name}: `index_name`");
        let is_reached = log_type.s3_key.is_some() || log_type.fallback_for.is_some();
        assert!(is_reached, "{name}: `s3_key` or `fallback_for`");
        let order = log_type.route_order;
        assert!(
            order < 1000 || log_type.fallback_for.is_some(),
            "{name}: {order}"
        );
        assert!(
            orders.insert(order),
            "{name}: `route_order` {order} is taken"
        );
    }
}

/// Log types with a pattern in which neighbours take the same characters, as the users of SIEM on
/// Amazon OpenSearch Service know it: the cost grows with the square of the length, which the
/// limit on steps ends.
const QUADRATIC: [&str; 3] = ["linux-secure", "linux-os-syslog", "rds-mysql-slowquery"];

#[test]
fn no_shipped_pattern_can_blow_up() {
    let settings = load_settings(&[]).unwrap().settings;
    let mut patterns = 0;
    for log_type in &settings.log_types {
        let of_log_type = [
            &log_type.s3_key,
            &log_type.s3_key_ignored,
            &log_type.multiline_firstline,
            &log_type.log_pattern,
            &log_type.drift_tail,
        ];
        for pattern in of_log_type.into_iter().flatten() {
            patterns += 1;
            for risk in pattern_risks(&pattern.text) {
                let name = log_type.name.as_str();
                assert!(QUADRATIC.contains(&name), "{name}: {risk:?}");
                assert!(!risk.why.contains("doubles"), "{name}: {risk:?}");
            }
        }
    }
    assert!(patterns > 50, "{patterns} patterns");
}

#[test]
fn keys_are_tried_in_the_original_order() {
    let settings = load_settings(&[]).unwrap().settings;
    let names = settings
        .log_types
        .iter()
        .map(|log_type| log_type.name.as_str());
    let known: Vec<&str> = names.filter(|name| ORIGINAL_ORDER.contains(name)).collect();
    assert_eq!(known, ORIGINAL_ORDER);
}
