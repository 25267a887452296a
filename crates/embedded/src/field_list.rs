//! The fields that exist, for `_field_caps`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use yagura_store::names::wildcard_matches;
use yagura_store::{FieldType, StoreError};

use crate::routes::{MESSAGE, TIMESTAMP};
use crate::store::Shared;

/// OpenSearch's answer to `_field_caps`: declared fields and those found in the documents.
pub(crate) fn field_caps(
    shared: &Shared,
    indices: &str,
    fields: &str,
) -> Result<Value, StoreError> {
    let patterns: Vec<&str> = fields
        .split(',')
        .map(str::trim)
        .filter(|pattern| !pattern.is_empty())
        .collect();
    let is_wanted = |path: &str| {
        patterns.is_empty()
            || patterns
                .iter()
                .any(|pattern| wildcard_matches(pattern, path))
    };
    let mut found: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    let mut add = |path: &str, kind: FieldType| {
        if is_wanted(path) {
            found
                .entry(path.to_owned())
                .or_default()
                .insert(kind.as_str());
        }
    };
    let mut names: Vec<String> = Vec::new();
    for partition in shared.partitions_for(indices)? {
        let index = &partition.key.index;
        if names.last() != Some(index) {
            names.push(index.clone());
        }
        for segment in partition.searcher()?.segment_readers() {
            for (path, kind) in &partition.segment_fields(segment)?.paths {
                let declared = shared
                    .catalog
                    .lookup(index, path)
                    .map(|field| field.field_type);
                add(path, declared.unwrap_or(*kind));
            }
        }
    }
    if !names.is_empty() {
        add(TIMESTAMP, FieldType::Date);
        add(MESSAGE, FieldType::Text);
        shared
            .identifiers
            .iter()
            .for_each(|path| add(path, FieldType::Keyword));
    }
    for (base, field) in shared.catalog.iter() {
        let holds = |name: &String| {
            let rest = base.map_or(Some(""), |base| name.strip_prefix(base));
            rest.is_some_and(|rest| base.is_none() || rest.is_empty() || rest.starts_with('-'))
        };
        if names.iter().any(holds) {
            add(&field.name, field.field_type);
        }
    }
    let mut answer = Map::new();
    for (path, kinds) in found {
        let is_counted = !shared.identifiers.contains(&path);
        let kinds = kinds.into_iter().map(|kind| {
            let aggregatable = is_counted && !matches!(kind, "text" | "geo_point");
            (
                kind.to_owned(),
                json!({"type": kind, "searchable": true, "aggregatable": aggregatable}),
            )
        });
        answer.insert(path, Value::Object(kinds.collect()));
    }
    Ok(json!({"indices": names, "fields": answer}))
}
