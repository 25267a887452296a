//! The documents with one id, as the engine is told to delete them.

use std::fmt;

use tantivy::postings::SegmentPostings;
use tantivy::query::{ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

/// Documents whose id is this one.
///
/// The engine keeps a deletion until it is applied to every segment, and when a log is loaded again
/// there is one for each document. The engine's own query of a term takes more than a kilobyte, for
/// scores nobody asks for; this one takes the id.
#[derive(Clone)]
pub(crate) struct SameId {
    field: Field,
    id: Box<str>,
}

impl SameId {
    pub(crate) fn new(field: Field, id: &str) -> Self {
        Self {
            field,
            id: id.into(),
        }
    }

    fn postings(&self, segment: &SegmentReader) -> tantivy::Result<Option<SegmentPostings>> {
        let index = segment.inverted_index(self.field)?;
        let found = index.terms().get(self.id.as_bytes())?;
        let postings = found
            .map(|info| index.read_postings_from_terminfo(&info, IndexRecordOption::Basic))
            .transpose()?;
        Ok(postings)
    }
}

impl fmt::Debug for SameId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SameId")
    }
}

impl Query for SameId {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for SameId {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(match self.postings(segment)? {
            Some(postings) => Box::new(ConstScorer::new(postings, boost)),
            None => Box::new(EmptyScorer),
        })
    }

    fn for_each_no_score(
        &self,
        segment: &SegmentReader,
        callback: &mut dyn FnMut(&[DocId]),
    ) -> tantivy::Result<()> {
        // Most segments do not have the id; they cost one look into the dictionary and nothing else.
        let Some(mut postings) = self.postings(segment)? else {
            return Ok(());
        };
        let mut doc = postings.doc();
        while doc != TERMINATED {
            callback(&[doc]);
            doc = postings.advance();
        }
        Ok(())
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("SameId", 1.0))
    }
}
