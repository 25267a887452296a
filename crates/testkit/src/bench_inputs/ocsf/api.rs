//! API Activity: what Security Lake makes of CloudTrail's events.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::{LAKE_VERSION, VERSION, observable};
use crate::bench_inputs::{Place, Scene, cloudtrail};
use crate::lines::at;

/// `class_uid` of API Activity.
const CLASS: u32 = 6003;

/// One event.
pub(super) fn event(scene: &mut Scene, place: &Place) -> Value {
    let mut record = String::new();
    cloudtrail::record(scene, place, &mut record);
    let record: Value = serde_json::from_str(&record).unwrap_or_default();
    let identity = &record["userIdentity"];
    let session = &identity["sessionContext"];
    let issuer = &session["sessionIssuer"];
    let source = record["sourceIPAddress"].as_str().unwrap_or_default();
    let address = source.parse::<IpAddr>().ok().map(|_| source);
    let domain = address.is_none().then_some(source);
    let operation = record["eventName"].as_str().unwrap_or_default();
    let (activity, activity_name) = activity(operation);
    let second = record["eventTime"]
        .as_str()
        .and_then(|time| time.parse().ok());
    let second = second.map_or(place.start, |time: jiff::Timestamp| time.as_second());
    let is_mfa =
        (session["attributes"]["mfaAuthenticated"].as_str()).map(|is_mfa| is_mfa == "true");
    let failed = record["errorCode"].is_string();
    let user = match &identity["userName"] {
        Value::Null => &issuer["userName"],
        name => name,
    };
    let mut observables = vec![];
    if let Some(address) = address {
        observables.push(observable("src_endpoint.ip", address, "IP Address", 2));
    }
    if let Some(name) = user.as_str() {
        observables.push(observable("actor.user.name", name, "User Name", 4));
    }
    json!({
        "metadata": {
            "product": {
                "version": record["eventVersion"],
                "name": "CloudTrail",
                "vendor_name": "AWS",
                "feature": {"name": "Management"},
            },
            "event_code": record["eventType"],
            "uid": record["eventID"],
            "profiles": ["cloud", "datetime"],
            "version": VERSION,
        },
        "time": second * 1000,
        "time_dt": local_time(second),
        "cloud": {"region": place.region, "provider": "AWS"},
        "api": {
            "response": {
                "error": record["errorCode"],
                "message": record["errorMessage"],
                "data": as_text(&record["responseElements"]),
            },
            "operation": operation,
            "service": {"name": record["eventSource"]},
            "request": {
                "data": as_text(&record["requestParameters"]),
                "uid": record["requestID"],
            },
        },
        "dst_endpoint": {"svc_name": record["eventSource"]},
        "actor": {
            "user": {
                "type": identity["type"],
                "name": user,
                "uid_alt": identity["principalId"],
                "uid": identity["arn"],
                "account": {"uid": identity["accountId"]},
                "credential_uid": identity["accessKeyId"],
            },
            "session": {
                "created_time_dt": session["attributes"]["creationDate"]
                    .as_str()
                    .map(|time| time.trim_end_matches('Z')),
                "is_mfa": is_mfa,
                "issuer": issuer["arn"],
            },
            "invoked_by": identity["invokedBy"],
            "idp": {},
        },
        "http_request": {"user_agent": record["userAgent"]},
        "src_endpoint": {"ip": address, "domain": domain},
        "resources": resources(&record),
        "class_name": "API Activity",
        "class_uid": CLASS,
        "category_name": "Application Activity",
        "category_uid": 6,
        "severity_id": 1,
        "severity": "Informational",
        "activity_name": activity_name,
        "activity_id": activity,
        "type_uid": CLASS * 100 + activity,
        "type_name": format!("API Activity: {activity_name}"),
        "status": if failed { "Failure" } else { "Success" },
        "status_id": if failed { 2 } else { 1 },
        "is_mfa": is_mfa,
        "unmapped": unmapped(&record),
        "accountid": place.account,
        "region": place.region,
        "asl_version": LAKE_VERSION,
        "observables": observables,
    })
}

/// A time of the lake's columns, which know no zone.
pub(super) fn local_time(second: i64) -> String {
    at(second).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// `activity_id` and its name.
fn activity(operation: &str) -> (u32, &'static str) {
    let begins = |words: &[&str]| words.iter().any(|word| operation.starts_with(word));
    if begins(&["Get", "List", "Describe", "Head"]) {
        (2, "Read")
    } else if begins(&["Create", "Run", "Put"]) {
        (1, "Create")
    } else {
        (99, "Other")
    }
}

/// JSON of which the lake knows no columns.
fn as_text(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}

fn resources(record: &Value) -> Value {
    let Some(resources) = record["resources"].as_array() else {
        return Value::Null;
    };
    let resources = resources.iter().map(|resource| {
        json!({
            "uid": resource["ARN"],
            "owner": {"account": {"uid": resource["accountId"]}},
            "type": resource["type"],
        })
    });
    resources.collect()
}

/// What is left, under its paths.
fn unmapped(record: &Value) -> Value {
    let paths = [
        "/additionalEventData",
        "/eventCategory",
        "/managementEvent",
        "/readOnly",
        "/recipientAccountId",
        "/tlsDetails/cipherSuite",
        "/tlsDetails/clientProvidedHostHeader",
        "/tlsDetails/tlsVersion",
        "/userIdentity/sessionContext/sessionIssuer/principalId",
        "/userIdentity/sessionContext/sessionIssuer/type",
    ];
    let members = paths.iter().filter_map(|path| {
        let text = match record.pointer(path)? {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let name = path.trim_start_matches('/').replace('/', ".");
        Some((name, Value::String(text)))
    });
    Value::Object(members.collect())
}
