//! The JSON shapes of aggregation answers.

use serde_json::{Map, Number, Value, json};

use super::Stats;

/// One bucket of an answer.
#[derive(Debug, Clone, Default)]
pub struct Bucket {
    /// The key; `null` for a bucket that has none.
    pub key: Value,
    /// The key as text, where it differs.
    pub key_as_string: Option<String>,
    /// Number of documents.
    pub doc_count: u64,
    /// Further members such as `from` and `to`.
    pub extra: Vec<(&'static str, Value)>,
    /// The answers of the sub-aggregations.
    pub subs: Map<String, Value>,
}

impl Bucket {
    fn into_value(self) -> Value {
        let mut object = Map::new();
        if let Some(text) = self.key_as_string {
            object.insert("key_as_string".to_owned(), Value::String(text));
        }
        if !self.key.is_null() {
            object.insert("key".to_owned(), self.key);
        }
        for (name, value) in self.extra {
            object.insert(name.to_owned(), value);
        }
        object.insert("doc_count".to_owned(), json!(self.doc_count));
        object.extend(self.subs);
        Value::Object(object)
    }
}

/// The name of a bucket in a keyed answer.
pub fn key_text(bucket: &Bucket) -> String {
    match (&bucket.key_as_string, &bucket.key) {
        (Some(text), _) => text.clone(),
        (None, Value::String(text)) => text.clone(),
        (None, other) => other.to_string(),
    }
}

/// Buckets as an array.
pub fn buckets_array(buckets: Vec<Bucket>) -> Value {
    buckets.into_iter().map(Bucket::into_value).collect()
}

/// Buckets as an object; `keep_key` repeats the key in the bucket, as `keyed` histograms do.
pub fn buckets_object(buckets: Vec<Bucket>, keep_key: KeepKey) -> Value {
    let mut object = Map::new();
    for mut bucket in buckets {
        let name = key_text(&bucket);
        if keep_key == KeepKey::No {
            bucket.key = Value::Null;
            bucket.key_as_string = None;
        }
        object.insert(name, bucket.into_value());
    }
    Value::Object(object)
}

/// Whether a keyed bucket repeats its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepKey {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// A number, `null` if it is not finite.
pub fn number(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// The answer of `stats`, or of `extended_stats`.
pub fn stats_json(stats: &Stats, extended: bool) -> Value {
    let count = stats.count as f64;
    let avg = stats.sum / count;
    let mut answer = json!({
        "count": stats.count,
        "min": number(stats.min),
        "max": number(stats.max),
        "avg": number(avg),
        "sum": number(stats.sum),
    });
    if let (true, Some(object)) = (extended, answer.as_object_mut()) {
        let variance = (stats.sum_of_squares / count - avg * avg).max(0.0);
        let variance = if stats.count == 0 { f64::NAN } else { variance };
        let sampling = variance * count / (count - 1.0);
        let deviation = variance.sqrt();
        let squares = if stats.count == 0 {
            Value::Null
        } else {
            number(stats.sum_of_squares)
        };
        let rows = [
            ("sum_of_squares", squares),
            ("variance", number(variance)),
            ("variance_population", number(variance)),
            ("variance_sampling", number(sampling)),
            ("std_deviation", number(deviation)),
            ("std_deviation_population", number(deviation)),
            ("std_deviation_sampling", number(sampling.sqrt())),
            (
                "std_deviation_bounds",
                json!({"upper": number(avg + 2.0 * deviation), "lower": number(avg - 2.0 * deviation)}),
            ),
        ];
        object.extend(rows.map(|(name, value)| (name.to_owned(), value)));
    }
    answer
}
