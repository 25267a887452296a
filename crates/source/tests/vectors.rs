//! Compares what messages name with the vectors of a reference collection, if one is at hand.
//!
//! `YAGURA_GOLDEN` names the folder of the collection; without it there is nothing to compare.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use yagura_model::percent_decoded;
use yagura_source::Notification;

#[test]
fn messages_name_the_objects_of_the_reference() {
    let Some(folder) = std::env::var_os("YAGURA_GOLDEN").map(PathBuf::from) else {
        println!("skipped: YAGURA_GOLDEN names no collection of vectors");
        return;
    };
    let file = folder.join("_unit/lambda_events.json");
    let vectors: Vec<Value> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    println!("lambda_events: {} vectors", vectors.len());
    for vector in vectors {
        let notification = Notification::read(&vector["event"].to_string()).unwrap();
        let found = notification.objects.iter().map(|object| {
            let (first, last) = object.records.unwrap_or_default();
            json!([object.bucket, object.key, first, last])
        });
        let expected = vector["records"].as_array().unwrap().iter();
        let expected = expected.filter_map(|record| {
            let named = record.get("s3").or(record.get("detail"))?;
            let key = named["object"]["key"].as_str()?;
            let key = match record["eventSource"] == "aws:s3" {
                true => percent_decoded(&key.replace('+', " ")).into_owned(),
                // The reference decodes these as well and so finds other objects.
                false => key.to_owned(),
            };
            let number = |name: &str| record["siem"][name].as_u64().unwrap_or(0);
            let range = (number("start_number"), number("end_number"));
            Some(json!([named["bucket"]["name"], key, range.0, range.1]))
        });
        let name = &vector["name"];
        let (found, expected): (Vec<_>, Vec<_>) = (found.collect(), expected.collect());
        assert_eq!(found, expected, "{name}");
        let failed = notification.bad.iter().map(|bad| bad.message_id.clone());
        let reported = vector["result"]["batchItemFailures"].as_array();
        let reported = reported.into_iter().flatten();
        let reported = reported.map(|one| one["itemIdentifier"].as_str().map(str::to_owned));
        let (failed, reported): (Vec<_>, Vec<_>) = (failed.collect(), reported.collect());
        assert_eq!(failed, reported, "{name}");
    }
}
