//! The EventBridge envelope around a JSON value.

use yagura_model::{Object, Value};

use crate::Envelope;

/// What lies in the envelope, and what the envelope says; a value without one is itself.
///
/// An envelope is an object with `detail-type` and `resources`; what it lacks of account,
/// region, time and id is unknown.
pub(crate) fn unwrap<'a>(value: Value<'a>) -> (Value<'a>, Envelope<'a>) {
    match value {
        Value::Object(object) if is_envelope(object) => {
            let envelope = Envelope {
                id: object.text("id"),
                account: object.text("account"),
                region: object.text("region"),
                cwe_timestamp: object.text("time"),
                ..Envelope::default()
            };
            let detail = object.remove("detail").unwrap_or(Value::Null);
            (detail, envelope)
        }
        value => (value, Envelope::default()),
    }
}

/// Whether an object is an EventBridge event.
pub(crate) fn is_envelope(object: &Object<'_>) -> bool {
    object.get("detail-type").is_some()
        && object.get("resources").is_some()
        && object.get("detail").is_some()
}
