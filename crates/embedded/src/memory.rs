//! What was found out about whole segments, which stays true because segments never change.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use yagura_store::StoreError;

use crate::partition::lock;

/// Bytes of all results that are remembered; beyond that nothing new is.
const MAX_BYTES: usize = 256 << 20;
/// Bytes of the largest result that is remembered.
const MAX_RESULT_BYTES: usize = 8 << 20;
/// Results of more bytes leave a quarter of the room to small ones, which save as much time for less.
const LARGE_BYTES: usize = 64 << 10;

/// Bytes remembered now, of all segments of the process.
static BYTES: AtomicUsize = AtomicUsize::new(0);

/// Results over all documents of one segment, by kind and field.
#[derive(Default)]
pub(crate) struct SegmentMemory {
    results: Mutex<HashMap<(TypeId, String), Arc<dyn Any + Send + Sync>>>,
    bytes: AtomicUsize,
}

impl SegmentMemory {
    /// The result of this kind for a field; it is made the first time, and kept if there is room.
    /// `size` tells about how many bytes it takes.
    pub(crate) fn recall<T: Any + Send + Sync>(
        &self,
        field: &str,
        size: impl Fn(&T) -> usize,
        make: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<Arc<T>, StoreError> {
        let key = (TypeId::of::<T>(), field.to_owned());
        let known = lock(&self.results).get(&key).map(Arc::clone);
        if let Some(known) = known.and_then(|known| known.downcast::<T>().ok()) {
            return Ok(known);
        }
        let made = Arc::new(make()?);
        let bytes = size(&made) + field.len() + size_of::<T>();
        let room = match bytes {
            0..LARGE_BYTES => MAX_BYTES,
            _ => MAX_BYTES / 4 * 3,
        };
        let has_room = BYTES.load(Ordering::Relaxed) + bytes <= room;
        if bytes <= MAX_RESULT_BYTES && has_room {
            let kept = Arc::clone(&made) as Arc<dyn Any + Send + Sync>;
            // Another thread may have been quicker; then there is nothing to count.
            if lock(&self.results).insert(key, kept).is_none() {
                self.bytes.fetch_add(bytes, Ordering::Relaxed);
                BYTES.fetch_add(bytes, Ordering::Relaxed);
            }
        }
        Ok(made)
    }
}

impl Drop for SegmentMemory {
    fn drop(&mut self) {
        BYTES.fetch_sub(self.bytes.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_made_once_by_kind_and_field_and_large_ones_each_time() {
        let memory = SegmentMemory::default();
        let ask = |field: &str, number: usize| {
            let result = memory.recall(field, |size: &usize| *size, || Ok(number));
            *result.expect("a number")
        };
        assert_eq!((ask("a", 1), ask("a", 2), ask("b", 3)), (1, 1, 3));
        let large = MAX_RESULT_BYTES;
        assert_eq!((ask("c", large), ask("c", large + 1)), (large, large + 1));
        let other = memory.recall("a", String::len, || Ok("text".to_owned()));
        assert_eq!(*other.expect("a text"), "text");
    }
}
