//! Loading documents: their id, their source, single fields.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tantivy::schema::Value as _;
use tantivy::{DocAddress, TantivyDocument};
use yagura_store::StoreError;
use yagura_store::dsl::{FieldPattern, SourceFilter};
use yagura_store::source::{filter_source, pick_fields};

use super::hits::Hit;
use super::keys::SortPlan;
use super::recent::{RecentDocuments, StoredDocument};
use super::run::SegmentView;
use crate::packing::unpack;
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
    pub(crate) recent: &'a RecentDocuments,
}

impl Fetcher<'_> {
    /// What the engine stored of a document.
    fn stored(&self, hit: &Hit) -> Result<Arc<StoredDocument>, StoreError> {
        let view = self
            .segments
            .get(hit.segment)
            .ok_or_else(|| failed("segment vanished"))?;
        let address = DocAddress::new(view.segment_ord, hit.doc);
        let place = (view.reader().segment_id(), hit.doc);
        self.recent.recall(place, || {
            let stored = view.searcher.doc(address).map_err(failed)?;
            Ok(self.document(&stored))
        })
    }

    fn document(&self, stored: &TantivyDocument) -> StoredDocument {
        let id = stored.get_first(self.fields.id);
        let id = id.and_then(|value| value.as_str()).unwrap_or_default();
        let source = stored.get_first(self.fields.source);
        let text = source.and_then(|value| value.as_str());
        let unpacked = text.and_then(unpack);
        let json = match (&unpacked, text) {
            (Some(json), _) => json.as_bytes(),
            (None, Some(text)) => text.as_bytes(),
            (None, None) => source
                .and_then(|value| value.as_bytes())
                .unwrap_or_default(),
        };
        StoredDocument {
            id: id.to_owned(),
            source: json.to_vec(),
        }
    }

    /// A hit as it stands in an answer.
    pub(crate) fn hit(
        &self,
        hit: &Hit,
        plan: &SortPlan,
        wanted: &WantedParts<'_>,
    ) -> Result<Value, StoreError> {
        let stored = self.stored(hit)?;
        let id = stored.id.as_str();
        // Reading it takes longer than finding it.
        let source = match wanted.fields.is_empty() && wanted.source.disabled {
            true => Value::Null,
            false => parsed(&stored.source),
        };
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
                .map(|(key, value)| value.to_json(id, &key.field))
                .collect();
            answer.insert("sort".to_owned(), Value::Array(sort));
        }
        if let Some(source) = filter_source(wanted.source, source) {
            answer.insert("_source".to_owned(), source);
        }
        Ok(Value::Object(answer))
    }
}

/// The document's members.
fn parsed(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap_or_else(|_| {
        // What came was not JSON; it was kept as it was.
        json!({"@message": String::from_utf8_lossy(json)})
    })
}
