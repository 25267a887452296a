//! Which ids a partition may hold already, so that only those are looked for when they come again.

/// Bits for each id; about one id in a hundred is looked for in vain.
const BITS_PER_ID: usize = 10;
const PROBES: u64 = 6;
/// Ids of the first layer; each further one has four times as many.
const FIRST_LAYER: usize = 64 << 10;

/// A set of id hashes that may say yes wrongly, never no.
pub(crate) struct IdFilter {
    layers: Vec<Layer>,
}

struct Layer {
    words: Vec<u64>,
    left: usize,
}

impl IdFilter {
    /// A set with room for so many ids before it grows.
    pub(crate) fn with_capacity(ids: usize) -> Self {
        Self {
            layers: vec![Layer::new(ids.max(FIRST_LAYER))],
        }
    }

    /// Adds an id; says whether it may have been there before.
    pub(crate) fn insert(&mut self, hash: u64) -> bool {
        if self.layers.iter().any(|layer| layer.contains(hash)) {
            return true;
        }
        let full = self.layers.last().map_or(Some(FIRST_LAYER), |layer| {
            (layer.left == 0).then(|| layer.words.len() * 64 / BITS_PER_ID * 4)
        });
        if let Some(capacity) = full {
            self.layers.push(Layer::new(capacity));
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.insert(hash);
        }
        false
    }
}

impl Layer {
    fn new(ids: usize) -> Self {
        Self {
            words: vec![0; ids * BITS_PER_ID / 64 + 1],
            left: ids,
        }
    }

    /// The bits of a hash: word and mask.
    fn bits(&self, hash: u64) -> impl Iterator<Item = (usize, u64)> + use<> {
        let count = self.words.len() as u64 * 64;
        let step = (hash >> 21) | 1;
        let bit = move |probe: u64| {
            hash.wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .wrapping_add(probe.wrapping_mul(step))
                % count
        };
        (0..PROBES).map(move |probe| ((bit(probe) / 64) as usize, 1 << (bit(probe) % 64)))
    }

    fn contains(&self, hash: u64) -> bool {
        self.bits(hash)
            .all(|(word, mask)| self.words.get(word).is_some_and(|word| word & mask != 0))
    }

    fn insert(&mut self, hash: u64) {
        for (word, mask) in self.bits(hash) {
            self.words
                .get_mut(word)
                .into_iter()
                .for_each(|word| *word |= mask);
        }
        self.left = self.left.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::id_order;

    #[test]
    fn ids_are_remembered_and_others_rarely_taken_for_them() {
        let mut filter = IdFilter::with_capacity(0);
        let wrong = (0..300_000)
            .filter(|n| filter.insert(id_order(&format!("id-{n}"))))
            .count();
        assert!(wrong < 9_000, "{wrong}");
        assert!((0..300_000).all(|n| filter.insert(id_order(&format!("id-{n}")))));
    }
}
