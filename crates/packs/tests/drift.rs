//! Lines of which the vendor's layout covers only the beginning are loaded, marked and counted.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::sync::Arc;

use serde_json::Value;
use yagura_codec::{Failure, Limits, Slice};
use yagura_model::Timestamp;
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{Document, Loader, NoLookups, ObjectContext, Options, Output};

const ALB: &str = r#"https 2024-06-15T10:00:00.000000Z app/my-alb/50dc6c495c0c9188 198.51.100.7:2817 192.0.2.10:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "-" 1 2024-06-15T09:59:59.950000Z "forward" "-" "-" "192.0.2.10:80" "200" "-" "-""#;

#[derive(Default)]
struct Documents {
    documents: Vec<Value>,
    failed: usize,
}

impl Output for Documents {
    fn document(&mut self, document: &Document<'_>) {
        let mut json: Value = serde_json::from_slice(document.json).unwrap();
        json["drifted"] = Value::Bool(document.drifted);
        self.documents.push(json);
    }

    fn failed(&mut self, _failure: &Failure<'_>) {
        self.failed += 1;
    }
}

fn load(lines: &[String]) -> (Documents, u64) {
    let loaded = load_settings(&[]).unwrap();
    let mut loader = Loader::new(
        Arc::new(loaded.settings),
        Arc::new(PackNatives::new()),
        Arc::new(Options::default()),
        Limits::default(),
    )
    .unwrap();
    let bytes = lines.join("\n").into_bytes();
    let key = "AWSLogs/123456789012/elasticloadbalancing/us-east-1/2024/06/15/123456789012_elasticloadbalancing_us-east-1_app.my-alb.50dc6c495c0c9188_20240615T1000Z_192.0.2.1_abc.log.gz";
    let now = Timestamp::from_micros(1_718_454_896_789_012, 0).unwrap();
    let context = ObjectContext::new("local", key, bytes.len() as u64, now);
    let mut documents = Documents::default();
    let body = Box::new(std::io::Cursor::new(bytes));
    let outcome = loader.load(context, body, Slice::ALL, &mut NoLookups, &mut documents);
    assert!(outcome.counts.balances());
    (documents, outcome.counts.drifted)
}

#[test]
fn later_fields_may_change_and_new_ones_are_kept() {
    let lines = [
        ALB.to_owned(),
        // The documented trace id of the connection is no drift.
        format!("{ALB} TID_dc8c5b7f2f4d7c41ab7c9b1d9f3a2f10"),
        format!("{ALB} \"a new field\" 7"),
        ALB.replace(
            "\"www.example.com\" \"-\" 1 ",
            "\"www.example.com\" {changed} 1 ",
        ),
        "garbage".to_owned(),
    ];
    let (found, drifted) = load(&lines);
    assert_eq!((found.documents.len(), found.failed, drifted), (4, 1, 2));
    let told: Vec<_> = found
        .documents
        .iter()
        .map(|document| {
            let unparsed = document["unparsed"].as_str().unwrap_or_default();
            (
                document["drifted"] == true,
                document["event"]["kind"].as_str().unwrap(),
                unparsed,
            )
        })
        .collect();
    assert_eq!(told[0], (false, "event", ""));
    assert_eq!(told[1], (false, "event", ""));
    assert_eq!(told[2], (true, "pipeline_error", "\"a new field\" 7"));
    let (is_drifted, kind, unparsed) = told[3];
    assert!(is_drifted && kind == "pipeline_error", "{kind}");
    assert!(unparsed.starts_with("{changed} 1 "), "{unparsed}");
    for document in &found.documents {
        assert_eq!(document["source"]["ip"], "198.51.100.7");
        assert_eq!(document["@timestamp"], "2024-06-15T10:00:00+00:00");
    }
}
