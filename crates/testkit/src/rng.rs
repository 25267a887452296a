//! A small deterministic random number generator.

/// Random numbers by xoshiro256++, seeded through splitmix64.
///
/// Good enough for made-up logs, not for secrets. The sequence for a seed never changes,
/// so generated inputs can be compared between machines and releases.
///
/// **source**: <https://prng.di.unimi.it/>
#[derive(Debug, Clone)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// Starts the sequence that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        let mut mixer = seed;
        let state = std::array::from_fn(|_| {
            mixer = mixer.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = mixer;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        });
        Self { state }
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// A number in `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number in `0.0..1.0` raised to a power, so that small ones are frequent.
    ///
    /// Multiplies step by step: unlike `powi` the result is the same on every machine.
    pub fn unit_power(&mut self, exponent: u32) -> f64 {
        let unit = self.unit();
        (0..exponent).fold(1.0, |product, _| product * unit)
    }

    /// A whole number in `0..limit`; 0 when `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(limit)) >> 64) as u64
    }

    /// A whole number in `low..high`; `low` when the range is empty.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low))
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of the items, each as likely as the others. The slice must not be empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// One of the words, each as likely as the others. The slice must not be empty.
    pub fn word<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }

    /// One of the items, the first ones far more often than the last. The slice must not be empty.
    pub fn pick_skewed<'a>(&mut self, items: &'a [String]) -> &'a str {
        let unit = self.unit();
        let index = (items.len() as f64 * unit * unit * unit.sqrt()) as usize;
        &items[index.min(items.len().saturating_sub(1))]
    }

    /// Lower-case hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        self.letters(b"0123456789abcdef", digits)
    }

    /// Upper-case letters and digits as in the keys and ids of AWS.
    pub fn base32(&mut self, letters: usize) -> String {
        self.letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", letters)
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self) -> String {
        let h = self.hex(32);
        let (time, rest) = h.split_at(8);
        let (mid, rest) = rest.split_at(4);
        let (high, rest) = rest.split_at(4);
        let (seq, node) = rest.split_at(4);
        format!("{time}-{mid}-4{}-a{}-{node}", &high[1..], &seq[1..])
    }

    fn letters(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count)
            .map(|_| char::from(*self.pick(alphabet)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_of_a_seed_is_fixed() {
        let mut rng = Rng::new(42);
        assert_eq!(
            [rng.bits(), rng.bits()],
            [0xd076_4d4f_4476_689f, 0x519e_4174_576f_3791]
        );
        assert_eq!(rng.uuid().len(), 36);
    }

    #[test]
    fn numbers_stay_in_range_and_are_spread() {
        let mut rng = Rng::new(7);
        let mut counts = [0u32; 10];
        for _ in 0..10_000 {
            counts[rng.below(10) as usize] += 1;
            assert!((3..5).contains(&rng.between(3, 5)));
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)));
        assert_eq!((rng.below(0), rng.between(9, 9)), (0, 9));
    }
}
