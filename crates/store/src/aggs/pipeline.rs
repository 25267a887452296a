//! Sibling pipelines, computed from the finished answer.

use serde_json::{Map, Value, json};

use super::response::number;
use super::{Aggregations, Pipeline, PipelineKind};

/// Adds the answers of all pipelines, innermost first.
pub fn apply_pipelines(aggregations: &Aggregations, answer: &mut Map<String, Value>) {
    for entry in &aggregations.entries {
        if entry.subs.is_empty() {
            continue;
        }
        let Some(own) = answer.get_mut(&entry.name) else {
            continue;
        };
        for_each_bucket(own, &mut |bucket| apply_pipelines(&entry.subs, bucket));
    }
    for pipeline in &aggregations.pipelines {
        let result = compute(pipeline, answer);
        answer.insert(pipeline.name.clone(), result);
    }
}

fn for_each_bucket(answer: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    match answer.get_mut("buckets") {
        Some(Value::Array(buckets)) => buckets
            .iter_mut()
            .filter_map(Value::as_object_mut)
            .for_each(visit),
        Some(Value::Object(buckets)) => buckets
            .values_mut()
            .filter_map(Value::as_object_mut)
            .for_each(visit),
        _ => {
            if let Some(single) = answer.as_object_mut() {
                visit(single);
            }
        }
    }
}

fn compute(pipeline: &Pipeline, answer: &Map<String, Value>) -> Value {
    let mut found = Vec::new();
    let steps: Vec<&str> = pipeline.buckets_path.split('>').map(str::trim).collect();
    collect(answer, &steps, None, &mut found);
    let values = found.iter().map(|(_, value)| *value);
    let value = match pipeline.kind {
        PipelineKind::Sum => return json!({"value": number(values.sum())}),
        PipelineKind::Avg if found.is_empty() => None,
        PipelineKind::Avg => Some(values.sum::<f64>() / found.len() as f64),
        PipelineKind::Max => values.reduce(f64::max),
        PipelineKind::Min => values.reduce(f64::min),
    };
    let mut result = Map::new();
    result.insert("value".to_owned(), value.map_or(Value::Null, number));
    if matches!(pipeline.kind, PipelineKind::Max | PipelineKind::Min) {
        let keys = found
            .iter()
            .filter(|(_, v)| Some(*v) == value)
            .map(|(key, _)| json!(key))
            .collect();
        result.insert("keys".to_owned(), keys);
    }
    Value::Object(result)
}

fn collect(
    level: &Map<String, Value>,
    steps: &[&str],
    key: Option<&str>,
    found: &mut Vec<(String, f64)>,
) {
    let Some((first, rest)) = steps.split_first() else {
        return;
    };
    if rest.is_empty() {
        // Without a metric after it, the path means the number of documents in each bucket.
        if let Some(buckets) = level.get(*first).and_then(|own| own.get("buckets")) {
            each(buckets, &mut |key, bucket| {
                push(bucket.get("doc_count"), key, found)
            });
            return;
        }
        let key = key.unwrap_or_default();
        match *first {
            "_count" => push(level.get("doc_count"), key, found),
            name => push(metric_value(level, name), key, found),
        }
        return;
    }
    let Some(own) = level.get(*first) else {
        return;
    };
    match own.get("buckets") {
        Some(buckets) => each(buckets, &mut |key, bucket| {
            collect(bucket, rest, Some(key), found)
        }),
        None => {
            if let Some(single) = own.as_object() {
                collect(single, rest, key, found);
            }
        }
    }
}

fn push(value: Option<&Value>, key: &str, found: &mut Vec<(String, f64)>) {
    if let Some(number) = value.and_then(Value::as_f64) {
        found.push((key.to_owned(), number));
    }
}

fn metric_value<'a>(level: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(own) = level.get(name) {
        return own.get("value");
    }
    let (name, property) = name.rsplit_once('.').or_else(|| {
        let (name, property) = name.split_once('[')?;
        Some((name, property.trim_end_matches(']')))
    })?;
    let own = level.get(name)?;
    own.get(property)
        .or_else(|| own.get("values")?.get(property))
}

fn each(buckets: &Value, visit: &mut dyn FnMut(&str, &Map<String, Value>)) {
    match buckets {
        Value::Array(list) => {
            for bucket in list.iter().filter_map(Value::as_object) {
                let key = match (bucket.get("key_as_string"), bucket.get("key")) {
                    (Some(Value::String(text)), _) | (None, Some(Value::String(text))) => {
                        text.clone()
                    }
                    (_, Some(other)) => other.to_string(),
                    _ => String::new(),
                };
                visit(&key, bucket);
            }
        }
        Value::Object(named) => {
            for (key, bucket) in named {
                if let Some(bucket) = bucket.as_object() {
                    visit(key, bucket);
                }
            }
        }
        _ => {}
    }
}
