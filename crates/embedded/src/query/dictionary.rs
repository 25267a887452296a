//! A query that chooses terms of the dictionary by looking at them.

use std::fmt;
use std::sync::Arc;

use tantivy::postings::SegmentPostings;
use tantivy::query::{
    BitSetDocSet, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::schema::{Field, IndexRecordOption, Type};
use tantivy::{BitSet, DocId, DocSet, InvertedIndexReader, Score, SegmentReader, TERMINATED, Term};

use super::matcher::Matcher;

/// Finds the paths of a segment; given by the partition, which remembers them.
pub(crate) type PathLister =
    Arc<dyn Fn(&SegmentReader) -> tantivy::Result<Vec<String>> + Send + Sync>;

/// Where the terms stand.
#[derive(Clone)]
pub(crate) enum Place {
    /// In the dictionary of a field without paths.
    Whole(Field),
    /// Under one path of a field with paths, or under all of them if the path is empty.
    Path(Field, String),
    /// Under every path of a field that is listed.
    Listed(Field, PathLister),
}

/// What is wanted of a term.
#[derive(Clone)]
pub(crate) enum Wanted {
    /// Any value of any kind.
    Anything,
    /// One of these values, each with its kind in front.
    Exactly(Vec<Vec<u8>>),
    /// Text the matcher accepts.
    Text(Matcher),
}

/// Documents that have a term at a place which is as wanted.
#[derive(Clone)]
pub(crate) struct DictionaryQuery {
    pub(crate) place: Place,
    pub(crate) wanted: Wanted,
}

impl fmt::Debug for DictionaryQuery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DictionaryQuery")
    }
}

impl Query for DictionaryQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

/// The bytes in front of every value of a path.
fn path_prefix(field: Field, path: &str) -> Vec<u8> {
    let term = Term::from_field_json_path(field, path, true);
    term.serialized_value_bytes().to_vec()
}

/// A text value with its kind in front.
pub(crate) fn text_value(text: &str) -> Vec<u8> {
    let mut bytes = vec![Type::Str.to_code()];
    bytes.extend(text.as_bytes());
    bytes
}

/// The text values among values with kinds, without their kinds.
pub(crate) fn texts(values: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let text = |value: Vec<u8>| {
        value
            .strip_prefix(&[Type::Str.to_code()])
            .map(<[u8]>::to_vec)
    };
    values.into_iter().filter_map(text).collect()
}

impl DictionaryQuery {
    /// Visits the documents of every term that is as wanted.
    fn collect(&self, segment: &SegmentReader) -> tantivy::Result<Option<BitSet>> {
        let mut found = Found {
            documents: None,
            max_doc: segment.max_doc(),
        };
        match &self.place {
            Place::Whole(field) => {
                let index = segment.inverted_index(*field)?;
                found.scan(&index, &[], &self.wanted, false)?;
            }
            Place::Path(field, path) => {
                let index = segment.inverted_index(*field)?;
                if path.is_empty() {
                    found.scan(&index, &[], &self.wanted, true)?;
                } else {
                    found.scan(&index, &path_prefix(*field, path), &self.wanted, true)?;
                }
            }
            Place::Listed(field, lister) => {
                let index = segment.inverted_index(*field)?;
                for path in lister(segment)? {
                    found.scan(&index, &path_prefix(*field, &path), &self.wanted, true)?;
                }
            }
        }
        Ok(found.documents)
    }
}

struct Found {
    documents: Option<BitSet>,
    max_doc: DocId,
}

impl Found {
    fn scan(
        &mut self,
        index: &InvertedIndexReader,
        prefix: &[u8],
        wanted: &Wanted,
        has_kinds: bool,
    ) -> tantivy::Result<()> {
        if let Wanted::Exactly(values) = wanted {
            for value in values {
                let key = [prefix, value].concat();
                if let Some(info) = index.terms().get(&key)? {
                    self.add(index.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?);
                }
            }
            return Ok(());
        }
        let mut from = prefix.to_vec();
        let mut matcher = None;
        if let Wanted::Text(text_matcher) = wanted {
            if has_kinds && !prefix.is_empty() {
                from.push(Type::Str.to_code());
                from.extend(text_matcher.literal_prefix().as_bytes());
            } else if !has_kinds {
                from.extend(text_matcher.literal_prefix().as_bytes());
            }
            matcher = Some(text_matcher);
        }
        let value_at = prefix.len() + usize::from(has_kinds);
        let mut stream = index.terms().range().ge(&from).into_stream()?;
        while stream.advance() {
            let key = stream.key();
            if !key.starts_with(&from) {
                break;
            }
            let is_wanted = match matcher {
                None => true,
                Some(matcher) => {
                    let value = key
                        .get(value_at..)
                        .and_then(|value| std::str::from_utf8(value).ok());
                    value.is_some_and(|value| matcher.matches(value))
                }
            };
            if is_wanted {
                let info = stream.value().clone();
                self.add(index.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?);
            }
        }
        Ok(())
    }

    fn add(&mut self, mut postings: SegmentPostings) {
        let documents = self
            .documents
            .get_or_insert_with(|| BitSet::with_max_value(self.max_doc));
        let mut doc = postings.doc();
        while doc != TERMINATED {
            documents.insert(doc);
            doc = postings.advance();
        }
    }
}

impl Weight for DictionaryQuery {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        match self.collect(segment)? {
            Some(documents) => Ok(Box::new(ConstScorer::new(
                BitSetDocSet::from(documents),
                boost,
            ))),
            None => Ok(Box::new(EmptyScorer)),
        }
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("DictionaryQuery", 1.0))
    }
}
