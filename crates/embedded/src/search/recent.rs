//! Documents that were fetched lately, so that whoever turns a page back, opens a row or asks again
//! does not wait for blocks of some hundred documents to be unpacked for one of them.

use std::sync::{Arc, Mutex};

use lru::LruCache;
use tantivy::index::SegmentId;
use yagura_store::StoreError;

use crate::partition::lock;

/// Bytes of all documents that are remembered.
const MAX_BYTES: usize = 32 << 20;
/// Bytes of the largest of them: no few documents push out all others.
const MAX_DOCUMENT_BYTES: usize = 1 << 20;
/// About what a document takes beside its texts.
const OVERHEAD_BYTES: usize = 160;

/// A segment and a document of it, which are the same forever.
pub(crate) type Place = (SegmentId, u32);

/// A document as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StoredDocument {
    pub(crate) id: String,
    /// Its JSON.
    pub(crate) source: Vec<u8>,
}

impl StoredDocument {
    fn bytes(&self) -> usize {
        self.id.len() + self.source.len() + OVERHEAD_BYTES
    }
}

/// The documents, the one fetched longest ago goes first.
pub(crate) struct RecentDocuments(Mutex<Recent>);

struct Recent {
    documents: LruCache<Place, Arc<StoredDocument>>,
    bytes: usize,
}

impl Default for RecentDocuments {
    fn default() -> Self {
        Self(Mutex::new(Recent {
            documents: LruCache::unbounded(),
            bytes: 0,
        }))
    }
}

impl RecentDocuments {
    /// The document at a place, which is fetched if it is not remembered.
    pub(crate) fn recall(
        &self,
        place: Place,
        fetch: impl FnOnce() -> Result<StoredDocument, StoreError>,
    ) -> Result<Arc<StoredDocument>, StoreError> {
        let known = lock(&self.0).documents.get(&place).map(Arc::clone);
        if let Some(known) = known {
            return Ok(known);
        }
        let fetched = Arc::new(fetch()?);
        if fetched.bytes() <= MAX_DOCUMENT_BYTES {
            lock(&self.0).keep(place, Arc::clone(&fetched));
        }
        Ok(fetched)
    }
}

impl Recent {
    fn keep(&mut self, place: Place, document: Arc<StoredDocument>) {
        self.bytes += document.bytes();
        // Another thread may have been quicker.
        if let Some(before) = self.documents.put(place, document) {
            self.bytes -= before.bytes();
        }
        while self.bytes > MAX_BYTES
            && let Some((_, oldest)) = self.documents.pop_lru()
        {
            self.bytes -= oldest.bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(bytes: usize) -> StoredDocument {
        StoredDocument {
            id: "id".to_owned(),
            source: vec![b' '; bytes],
        }
    }

    /// Whether a document had to be fetched.
    fn is_fetched(recent: &RecentDocuments, place: Place, bytes: usize) -> bool {
        let mut is_fetched = false;
        let found = recent.recall(place, || {
            is_fetched = true;
            Ok(document(bytes))
        });
        assert_eq!(*found.expect("a document"), document(bytes));
        is_fetched
    }

    #[test]
    fn documents_are_fetched_once_until_others_need_the_room() {
        let recent = RecentDocuments::default();
        let (segment, other) = (SegmentId::generate_random(), SegmentId::generate_random());
        assert!(is_fetched(&recent, (segment, 1), 100));
        assert!(!is_fetched(&recent, (segment, 1), 100));
        assert!(is_fetched(&recent, (other, 1), 200));
        let large = MAX_DOCUMENT_BYTES - OVERHEAD_BYTES - "id".len();
        for doc in 2..40 {
            assert!(is_fetched(&recent, (segment, doc), large));
            assert!(!is_fetched(&recent, (segment, 1), 100));
        }
        assert!(is_fetched(&recent, (other, 1), 200));
        assert!(!is_fetched(&recent, (segment, 39), large));
        assert!(lock(&recent.0).bytes <= MAX_BYTES);
    }

    #[test]
    fn a_huge_document_pushes_nothing_out() {
        let recent = RecentDocuments::default();
        let segment = SegmentId::generate_random();
        assert!(is_fetched(&recent, (segment, 1), 100));
        for _ in 0..2 {
            assert!(is_fetched(&recent, (segment, 2), 64 << 20));
        }
        assert!(!is_fetched(&recent, (segment, 1), 100));
    }

    #[test]
    fn what_cannot_be_fetched_is_asked_for_again() {
        let recent = RecentDocuments::default();
        let place = (SegmentId::generate_random(), 7);
        let failed = recent.recall(place, || Err(StoreError::Failed("damaged".to_owned())));
        assert!(failed.is_err());
        assert!(is_fetched(&recent, place, 10));
    }
}
