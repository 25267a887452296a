//! Messages that name objects: notifications of S3, as they come from S3 itself or through SQS, SNS
//! and EventBridge.

use serde_json::Value;
use yagura_model::percent_decoded;

/// How deep messages may lie in messages; a dead letter of SQS around SNS around S3 needs three.
const MAX_DEPTH: usize = 6;

/// An object that a message names, or a range of its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedObject {
    /// The bucket.
    pub bucket: String,
    /// The key, decoded.
    pub key: String,
    /// The size as it is stored, if the message tells.
    pub size_bytes: Option<u64>,
    /// First and last record to be read, from 1; the whole object without.
    pub records: Option<(u64, u64)>,
    /// The id of the SQS message that it came with.
    pub message_id: Option<String>,
}

/// A message that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadMessage {
    /// Its id in SQS; SQS delivers it again when it is reported.
    pub message_id: Option<String>,
    /// What is wrong with it.
    pub problem: String,
}

/// What a message tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notification {
    /// The objects, in their order.
    pub objects: Vec<NamedObject>,
    /// Parts that cannot be understood.
    pub bad: Vec<BadMessage>,
    /// Parts that name no object, such as the test message of S3.
    pub without_object: usize,
}

/// The text is no JSON object.
#[derive(Debug, thiserror::Error)]
pub enum NotificationError {
    /// It is no JSON.
    #[error("the message is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON of another kind.
    #[error(
        "the message is no JSON object; a notification has `Records`, or `source` and `detail`"
    )]
    NoObject,
}

impl Notification {
    /// Reads a message as Lambda or a queue hands it over.
    ///
    /// Each record counts by itself: what is wrong with one costs the others nothing. Only keys in
    /// notifications of S3 are form-encoded; EventBridge and messages that split an object name
    /// keys as they are.
    pub fn read(json: &str) -> Result<Notification, NotificationError> {
        let event: Value = serde_json::from_str(json)?;
        if !event.is_object() {
            return Err(NotificationError::NoObject);
        }
        let mut notification = Notification::default();
        notification.event(&event, None, 0);
        Ok(notification)
    }

    fn event(&mut self, event: &Value, message_id: Option<&str>, depth: usize) {
        if depth > MAX_DEPTH {
            return self.note_bad(message_id, "messages lie too deep in messages");
        }
        if let Some(records) = event["Records"].as_array() {
            if records.is_empty() {
                self.without_object += 1;
            }
            for record in records {
                self.record(record, message_id, depth);
            }
        } else if let (Some(_), Some(message)) = (event["Type"].as_str(), event["Message"].as_str())
        {
            // SNS, when it does not deliver messages raw.
            self.text(message, message_id, depth);
        } else {
            self.object(event, message_id);
        }
    }

    fn record(&mut self, record: &Value, message_id: Option<&str>, depth: usize) {
        if record["eventSource"] == "aws:sqs" {
            let message_id = record["messageId"].as_str().or(message_id);
            match record["body"].as_str() {
                Some(body) => self.text(body, message_id, depth),
                None => self.note_bad(message_id, "the message has no `body`"),
            }
        } else if record["EventSource"] == "aws:sns" {
            match record["Sns"]["Message"].as_str() {
                Some(message) => self.text(message, message_id, depth),
                None => self.note_bad(message_id, "the record has no `Sns.Message`"),
            }
        } else {
            self.object(record, message_id);
        }
    }

    fn text(&mut self, json: &str, message_id: Option<&str>, depth: usize) {
        match serde_json::from_str(json) {
            Ok(event) => self.event(&event, message_id, depth + 1),
            Err(error) => self.note_bad(message_id, &format!("its text is no JSON: {error}")),
        }
    }

    fn object(&mut self, item: &Value, message_id: Option<&str>) {
        let named = [&item["s3"], &item["detail"]]
            .into_iter()
            .find(|named| named.is_object());
        let text = |value: &Value| {
            let text = value.as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let Some((object, bucket, key)) = named.and_then(|named| {
            let object = &named["object"];
            Some((
                object,
                text(&named["bucket"]["name"])?,
                text(&object["key"])?,
            ))
        }) else {
            self.without_object += 1;
            return;
        };
        let key = match item["eventSource"] == "aws:s3" {
            true => percent_decoded(&key.replace('+', " ")).into_owned(),
            false => key,
        };
        let number = |name: &str| item["siem"][name].as_u64().filter(|number| *number > 0);
        let (first, last) = (number("start_number"), number("end_number"));
        let is_part = first.is_some() || last.is_some();
        self.objects.push(NamedObject {
            bucket,
            key,
            size_bytes: object["size"].as_u64(),
            records: is_part.then(|| (first.unwrap_or(1), last.unwrap_or(u64::MAX))),
            message_id: message_id.map(str::to_owned),
        });
    }

    fn note_bad(&mut self, message_id: Option<&str>, problem: &str) {
        self.bad.push(BadMessage {
            message_id: message_id.map(str::to_owned),
            problem: problem.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn s3(key: &str) -> Value {
        json!({"eventSource": "aws:s3", "s3": {"bucket": {"name": "logs"}, "object": {"key": key, "size": 7}}})
    }

    fn sqs(id: &str, body: &str) -> Value {
        json!({"eventSource": "aws:sqs", "messageId": id, "body": body})
    }

    fn read(event: &Value) -> Notification {
        Notification::read(&event.to_string()).unwrap()
    }

    #[test]
    fn only_keys_of_s3_notifications_are_decoded() {
        let split = json!({"siem": {"start_number": 3, "end_number": 9},
            "s3": {"bucket": {"name": "logs"}, "object": {"key": "a+b%20c"}}});
        let bridge = json!({"source": "aws.s3", "detail-type": "Object Created",
            "detail": {"bucket": {"name": "logs"}, "object": {"key": "a+b%20c"}}});
        for (event, key, records) in [
            (json!({"Records": [s3("a+b%20c%2B")]}), "a b c+", None),
            (
                json!({"Records": [sqs("m", &split.to_string())]}),
                "a+b%20c",
                Some((3, 9)),
            ),
            (bridge, "a+b%20c", None),
        ] {
            let notification = read(&event);
            assert_eq!(notification.objects.len(), 1, "{event}");
            let object = &notification.objects[0];
            assert_eq!((object.key.as_str(), object.records), (key, records));
        }
    }

    #[test]
    fn each_message_counts_by_itself() {
        let inner =
            json!({"Records": [s3("x"), {"s3": {"bucket": {"name": "logs"}, "object": {}}}]});
        let from_sns = json!({"Type": "Notification", "Message": inner.to_string()});
        let dead = json!({"Records": [sqs("inner", &inner.to_string())]});
        let event = json!({"Records": [
            sqs("m1", &inner.to_string()),
            sqs("m2", "{bad"),
            sqs("m3", &from_sns.to_string()),
            sqs("m4", &dead.to_string()),
            {"eventSource": "aws:sqs", "messageId": "m5"},
            sqs("m6", r#"{"Event": "s3:TestEvent"}"#),
        ]});
        let notification = read(&event);
        let from = notification.objects.iter().map(|object| {
            let id = object.message_id.as_deref().unwrap_or_default();
            (object.key.as_str(), id)
        });
        let from: Vec<_> = from.collect();
        assert_eq!(from, [("x", "m1"), ("x", "m3"), ("x", "inner")]);
        let bad = notification.bad.iter().map(|bad| bad.message_id.as_deref());
        assert_eq!(bad.collect::<Vec<_>>(), [Some("m2"), Some("m5")]);
        assert_eq!(notification.without_object, 4);
    }

    #[test]
    fn messages_in_messages_have_an_end() {
        let mut event = json!({"Records": [s3("x")]});
        for _ in 0..20 {
            event = json!({"Records": [sqs("m", &event.to_string())]});
            if event.to_string().len() > 1 << 20 {
                break;
            }
        }
        let notification = read(&event);
        assert_eq!(notification.objects, []);
        assert_eq!(notification.bad.len(), 1);
        assert!(Notification::read("[]").is_err() && Notification::read("{").is_err());
    }
}
