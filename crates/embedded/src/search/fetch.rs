//! Loading documents: their id, their source, single fields.

use serde_json::{Map, Value, json};
use tantivy::schema::Value as _;
use tantivy::{DocAddress, TantivyDocument};
use yagura_store::StoreError;
use yagura_store::dsl::{FieldPattern, SourceFilter};
use yagura_store::source::{filter_source, pick_fields};

use super::hits::Hit;
use super::keys::SortPlan;
use super::run::SegmentView;
use crate::partition::failed;
use crate::schema::Fields;

/// What of a document comes back.
pub(crate) struct WantedParts<'a> {
    pub(crate) source: &'a SourceFilter,
    pub(crate) fields: &'a [FieldPattern],
}

/// Loads documents of a list of segments.
pub(crate) struct Fetcher<'a> {
    pub(crate) segments: &'a [SegmentView],
    pub(crate) fields: Fields,
}

impl Fetcher<'_> {
    /// Id and document.
    pub(crate) fn load(&self, segment: usize, doc: u32) -> Result<(String, Value), StoreError> {
        let view = self
            .segments
            .get(segment)
            .ok_or_else(|| failed("segment vanished"))?;
        let address = DocAddress::new(view.segment_ord, doc);
        let stored: TantivyDocument = view.searcher.doc(address).map_err(failed)?;
        let id = stored
            .get_first(self.fields.id)
            .and_then(|value| value.as_str())
            .unwrap_or_default();
        let bytes = stored
            .get_first(self.fields.source)
            .and_then(|value| {
                value
                    .as_str()
                    .map(str::as_bytes)
                    .or_else(|| value.as_bytes())
            })
            .unwrap_or_default();
        let source = serde_json::from_slice(bytes).unwrap_or_else(|_| {
            // What came was not JSON; it was kept as it was.
            json!({"@message": String::from_utf8_lossy(bytes)})
        });
        Ok((id.to_owned(), source))
    }

    /// A hit as it stands in an answer.
    pub(crate) fn hit(
        &self,
        hit: &Hit,
        plan: &SortPlan,
        wanted: &WantedParts<'_>,
    ) -> Result<Value, StoreError> {
        let (id, source) = self.load(hit.segment, hit.doc)?;
        let index = self
            .segments
            .get(hit.segment)
            .map_or("", |view| view.partition.key.index.as_str());
        let mut answer = Map::new();
        answer.insert("_index".to_owned(), json!(index));
        answer.insert("_id".to_owned(), json!(id));
        answer.insert("_score".to_owned(), Value::Null);
        if !wanted.fields.is_empty() {
            let mut picked = pick_fields(wanted.fields, &source);
            for (name, value) in [("_id", json!([id])), ("_index", json!([index]))] {
                if wanted.fields.iter().any(|pattern| pattern.field == name) {
                    picked.insert(name.to_owned(), value);
                }
            }
            answer.insert("fields".to_owned(), Value::Object(picked));
        }
        if plan.visible > 0 {
            let keys = plan.keys.iter().zip(&hit.values).take(plan.visible);
            let sort = keys
                .map(|(key, value)| value.to_json(&id, &key.field))
                .collect();
            answer.insert("sort".to_owned(), Value::Array(sort));
        }
        if let Some(source) = filter_source(wanted.source, source) {
            answer.insert("_source".to_owned(), source);
        }
        Ok(Value::Object(answer))
    }
}
