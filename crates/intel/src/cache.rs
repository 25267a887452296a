//! Bounded caches that forget what was not asked for lately.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::mem;

use hashbrown::{DefaultHashBuilder, HashMap};

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

/// The longest text that [`Recent`] keeps: an IPv6 address in full.
const RECENT_BYTES: usize = 39;

/// A cache of short texts with one place for each hash: little to do when the text is known, and
/// nothing to allocate when it is not.
#[derive(Debug)]
pub(crate) struct Recent<V> {
    places: Vec<Place<V>>,
    /// The place of the last text that was too long to be kept.
    too_long: Place<V>,
    hasher: DefaultHashBuilder,
}

#[derive(Debug)]
struct Place<V> {
    /// Length of the text; larger than any while the place is empty.
    length: usize,
    text: [u8; RECENT_BYTES],
    value: V,
}

impl<V: Default> Place<V> {
    fn empty() -> Self {
        Self {
            length: usize::MAX,
            text: [0; RECENT_BYTES],
            value: V::default(),
        }
    }

    fn text(&self) -> Option<&[u8]> {
        self.text.get(..self.length)
    }
}

impl<V: Default> Recent<V> {
    /// A cache of so many places.
    pub(crate) fn new(places: usize) -> Self {
        Self {
            places: (0..places).map(|_| Place::empty()).collect(),
            too_long: Place::empty(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// The value of a text, made now if it is not known.
    pub(crate) fn get_or_make(&mut self, text: &str, make: impl FnOnce() -> V) -> &V {
        let hash = self.hasher.hash_one(text);
        let index = ((u128::from(hash) * self.places.len() as u128) >> 64) as usize;
        let place = match self.places.get_mut(index) {
            Some(place) if text.len() <= RECENT_BYTES => place,
            _ => &mut self.too_long,
        };
        if place.text() != Some(text.as_bytes()) {
            place.value = make();
            place.length = usize::MAX;
            if let Some(kept) = place.text.get_mut(..text.len()) {
                kept.copy_from_slice(text.as_bytes());
                place.length = text.len();
            }
        }
        &place.value
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, Recent};

    #[test]
    fn every_text_has_its_own_value() {
        let mut recent = Recent::new(4);
        let texts: Vec<String> = (0..60).map(|length| "x".repeat(length)).collect();
        let mut made = 0;
        for text in texts.iter().chain(&texts).flat_map(|text| [text, text]) {
            let value = *recent.get_or_make(text, || {
                made += 1;
                text.len()
            });
            assert_eq!(value, text.len());
        }
        // Texts that fit are made once when they are asked for twice, the others each time.
        assert!((4 * 20 + 40..=4 * 20 + 2 * 40).contains(&made), "{made}");
    }

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
