//! Values of a field by their beginning, read from the term dictionary.

use std::collections::BTreeSet;

use tantivy::schema::Type;
use yagura_store::StoreError;

use crate::ip;
use crate::partition::failed;
use crate::query::path_prefix;
use crate::store::Shared;

/// Terms looked at in one segment.
const MAX_TERMS_LOOKED_AT: usize = 50_000;

/// Values of a field that begin with a text, in order.
pub(crate) fn prefix_values(
    shared: &Shared,
    indices: &str,
    field: &str,
    prefix: &str,
    limit: usize,
) -> Result<Vec<String>, StoreError> {
    let place = match shared.identifiers.contains(field) {
        true => shared.fields.identifiers,
        false => shared.fields.values,
    };
    let mut values: BTreeSet<String> = BTreeSet::new();
    for partition in shared.partitions_for(indices)? {
        for segment in partition.searcher()?.segment_readers() {
            let index = segment.inverted_index(place).map_err(failed)?;
            let mut base = path_prefix(place, field);
            base.push(Type::Str.to_code());
            for start in [prefix.to_owned(), ip::MARKER.to_string()] {
                let from = [base.as_slice(), start.as_bytes()].concat();
                let mut stream = index
                    .terms()
                    .range()
                    .ge(&from)
                    .into_stream()
                    .map_err(failed)?;
                let mut taken = 0;
                for _ in 0..MAX_TERMS_LOOKED_AT {
                    if taken >= limit || !stream.advance() || !stream.key().starts_with(&from) {
                        break;
                    }
                    let term = stream
                        .key()
                        .get(base.len()..)
                        .and_then(|term| std::str::from_utf8(term).ok());
                    let value = ip::display(term.unwrap_or_default());
                    if value.starts_with(prefix) {
                        values.insert(value);
                        taken += 1;
                    }
                }
            }
        }
    }
    Ok(values.into_iter().take(limit).collect())
}
