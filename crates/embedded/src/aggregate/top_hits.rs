//! The first documents of every bucket.

use hashbrown::HashMap;
use serde_json::{Value, json};
use yagura_store::StoreError;
use yagura_store::aggs::TopHits;
use yagura_store::dsl::FieldPattern;

use super::Engine;
use super::assign::Scope;
use crate::partition::failed;
use crate::search::{Fetcher, Hit, SegmentKeys, Selection, SortPlan, WantedParts, compare_values};

impl Engine<'_> {
    pub(super) fn top_hits(
        &self,
        top_hits: &TopHits,
        scope: &Scope<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        let plan = SortPlan::new(&top_hits.sort, None);
        let limit = top_hits.from + top_hits.size;
        let width = plan.keys.len();
        let parts = self.each_segment(|at, view| {
            let docs = self
                .docs
                .get(at)
                .ok_or_else(|| failed("segment vanished"))?;
            let keys = SegmentKeys::open(&plan, view.reader())?;
            let mut selections: HashMap<u32, (u64, Selection)> = HashMap::new();
            let mut columns: Vec<Vec<u64>> = vec![Vec::new(); width];
            scope.stream(at, docs, |docs, parents| {
                for (at, column) in columns.iter_mut().enumerate() {
                    keys.fill(at, docs, column);
                }
                let key = |column: usize, at: usize| {
                    columns
                        .get(column)
                        .and_then(|column| column.get(at))
                        .copied()
                        .unwrap_or_default()
                };
                for (at, (doc, parent)) in docs.iter().zip(parents).enumerate() {
                    let (count, selection) = selections
                        .entry(*parent)
                        .or_insert_with(|| (0, Selection::new(limit, width)));
                    *count += 1;
                    selection.offer(*doc, key(0, at), |column| key(column, at));
                }
            });
            let mut found: Vec<(u32, u64, Vec<Hit>)> = Vec::with_capacity(selections.len());
            for (parent, (count, selection)) in selections {
                found.push((parent, count, selection.finish(&keys, at)?));
            }
            Ok(found)
        })?;
        let mut totals = vec![0u64; scope.parents];
        let mut hits: Vec<Vec<Hit>> = vec![Vec::new(); scope.parents];
        for (parent, count, found) in parts.into_iter().flatten() {
            totals
                .get_mut(parent as usize)
                .into_iter()
                .for_each(|total| *total += count);
            hits.get_mut(parent as usize)
                .into_iter()
                .for_each(|list| list.extend(found.iter().cloned()));
        }
        let fetcher = Fetcher {
            segments: self.segments,
            fields: self.context.fields(),
            recent: &self.context.shared.recent_documents,
        };
        let pattern = |field: &String| FieldPattern {
            field: field.clone(),
            format: None,
        };
        let fields: Vec<FieldPattern> = top_hits.fields.iter().map(pattern).collect();
        let wanted = WantedParts {
            source: &top_hits.source,
            fields: &fields,
        };
        let mut answers = Vec::with_capacity(scope.parents);
        for (mut list, total) in hits.into_iter().zip(totals) {
            list.sort_by(|left, right| compare_values(&plan.keys, &left.values, &right.values));
            let page = list.iter().skip(top_hits.from).take(top_hits.size);
            let page: Result<Vec<Value>, StoreError> =
                page.map(|hit| fetcher.hit(hit, &plan, &wanted)).collect();
            let total = json!({"value": total, "relation": "eq"});
            answers.push(json!({"hits": {"total": total, "max_score": null, "hits": page?}}));
        }
        Ok(answers)
    }
}
