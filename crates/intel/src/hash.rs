//! A hash of bytes that stays the same between builds, for what is written to files.

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
const FINISHER: u64 = 0xd6e8_feb8_6659_fd93;

/// Hashes bytes under a seed.
///
/// Whoever does not know the seed cannot choose bytes with equal hashes.
/// The value is part of the format of files: a change must change their version.
pub(crate) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut state = folded(seed ^ FINISHER, bytes.len() as u64 ^ MULTIPLIER);
    let mut words = bytes.chunks_exact(8);
    for word in words.by_ref() {
        state = folded(state ^ little_endian(word), MULTIPLIER);
    }
    state = folded(state ^ little_endian(words.remainder()), MULTIPLIER);
    folded(state ^ seed, FINISHER)
}

fn little_endian(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => bytes
            .iter()
            .rev()
            .fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// Both halves of a product in one.
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn stays_as_it_is_in_files() {
        let hashes = [(7, ""), (7, "bad.example.com"), (8, "bad.example.com")]
            .map(|(seed, text)| hash(seed, text.as_bytes()));
        assert_eq!(
            hashes,
            [
                15_152_218_399_608_920_755,
                3_267_160_679_335_796_271,
                14_051_846_082_804_536_147
            ]
        );
        assert_ne!(hash(7, b"a"), hash(7, b"a\0"));
    }
}
