//! Bounded caches that forget what was not asked for lately.

use std::borrow::Borrow;
use std::hash::Hash;
use std::mem;

use hashbrown::HashMap;

/// A cache of two generations: what is used moves to the young one, and when
/// that is full the old one is forgotten.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    capacity: usize,
}

impl<K: Hash + Eq, V> Cache<K, V> {
    /// A cache that holds up to twice `capacity` entries.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            capacity: capacity.max(1),
        }
    }

    /// The value of a key, made now if it is not known.
    pub(crate) fn get_or_make<Q>(&mut self, key: &Q, make: impl FnOnce() -> V) -> &V
    where
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        K: Borrow<Q>,
    {
        if self.young.len() >= self.capacity && !self.young.contains_key(key) {
            let asked_for = self.old.remove_entry(key);
            self.old = mem::take(&mut self.young);
            self.young.extend(asked_for);
        }
        let old = &mut self.old;
        self.young
            .entry_ref(key)
            .or_insert_with(|| old.remove(key).unwrap_or_else(make))
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    #[test]
    fn what_is_used_stays() {
        let mut cache = Cache::new(2);
        let mut made = 0;
        for key in [1, 2, 1, 3, 1, 4, 1, 5, 1, 6, 1] {
            cache.get_or_make(&key, || made += 1);
        }
        assert_eq!(made, 6);
        assert!(cache.young.len() + cache.old.len() <= 4);
    }
}
