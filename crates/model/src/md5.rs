//! MD5 sums of several texts at once.
//!
//! Each step of MD5 waits for the one before, so a processor that sums one text is mostly idle.
//! Eight texts side by side in vector registers take hardly longer than one.

use wide::{u8x16, u32x8};

/// Texts that are summed together.
pub const LANES: usize = 8;

/// Bytes of a block of MD5.
const BLOCK: usize = 64;

/// An MD5 sum.
pub type Md5Sum = [u8; 16];

/// What is added in each step: the whole part of `2³² · |sin(step + 1)|`.
const ADDED: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// The state before the first block.
const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The MD5 sums of up to [`LANES`] texts; further texts are left out.
pub fn md5_sums(texts: &[&[u8]]) -> [Md5Sum; LANES] {
    let mut lanes: [Lane<'_>; LANES] = std::array::from_fn(|_| Lane::new(&[]));
    for (lane, text) in lanes.iter_mut().zip(texts) {
        *lane = Lane::new(text);
    }
    let blocks = lanes.iter().map(Lane::blocks).max().unwrap_or_default();
    let mut sums = [[0; 16]; LANES];
    let mut state = START.map(u32x8::splat);
    for at in 0..blocks {
        let words = words_of(&lanes, at);
        let old = state;
        state = compressed(state, &words);
        for (new, old) in state.iter_mut().zip(old) {
            *new += old;
        }
        // Texts differ in length: a sum is taken when its last block has been added.
        if lanes.iter().any(|lane| lane.blocks() == at + 1) {
            let words = state.map(u32x8::to_array);
            for (place, (lane, sum)) in lanes.iter().zip(&mut sums).enumerate() {
                if lane.blocks() == at + 1 {
                    for (bytes, word) in sum.chunks_exact_mut(4).zip(&words) {
                        bytes.copy_from_slice(&word[place].to_le_bytes());
                    }
                }
            }
        }
    }
    sums
}

/// A text cut into blocks, the last of them filled up as MD5 wants it.
struct Lane<'t> {
    text: &'t [u8],
    /// What is left behind the last whole block, the mark of its end, and the length in bits.
    tail: [u8; 2 * BLOCK],
    tail_blocks: usize,
}

impl<'t> Lane<'t> {
    fn new(text: &'t [u8]) -> Self {
        let rest = text.len() % BLOCK;
        let (whole, last) = text.split_at(text.len() - rest);
        let tail_blocks = 1 + usize::from(rest + 9 > BLOCK);
        let mut tail = [0; 2 * BLOCK];
        tail[..rest].copy_from_slice(last);
        tail[rest] = 0x80;
        let bits = (text.len() as u64).wrapping_mul(8);
        let end = tail_blocks * BLOCK;
        tail[end - 8..end].copy_from_slice(&bits.to_le_bytes());
        Lane {
            text: whole,
            tail,
            tail_blocks,
        }
    }

    fn blocks(&self) -> usize {
        self.text.len() / BLOCK + self.tail_blocks
    }

    /// A block by number; of a text that has ended, its last one.
    fn block(&self, at: usize) -> &[u8; BLOCK] {
        let (blocks, _) = self.text.as_chunks();
        let (tail, _) = self.tail.as_chunks();
        match blocks.get(at) {
            Some(block) => block,
            None => &tail[(at - blocks.len()).min(self.tail_blocks - 1)],
        }
    }
}

/// The sixteen words of a block of every lane, word by word.
#[inline]
fn words_of(lanes: &[Lane<'_>; LANES], at: usize) -> [u32x8; 16] {
    let mut words = [[0; LANES]; 16];
    for (place, lane) in lanes.iter().enumerate() {
        let (bytes, _) = lane.block(at).as_chunks();
        for (word, bytes) in words.iter_mut().zip(bytes) {
            word[place] = u32::from_le_bytes(*bytes);
        }
    }
    words.map(u32x8::new)
}

/// Runs the 64 steps over one block of every lane.
#[inline]
fn compressed([mut a, mut b, mut c, mut d]: [u32x8; 4], words: &[u32x8; 16]) -> [u32x8; 4] {
    // The loops have constant bounds and are unrolled; each step renames the four variables.
    macro_rules! round {
        ($round:literal, [$($shift:literal),*], $mix:expr, $word:expr) => {
            for quarter in 0..4 {
                let first = quarter * 4;
                let step = |at: usize, a: u32x8, b: u32x8, c: u32x8, d: u32x8| {
                    let mixed = $mix(b, c, d);
                    let word: usize = $word(first + at);
                    a + mixed + words[word % 16] + u32x8::splat(ADDED[$round * 16 + first + at])
                };
                let [s0, s1, s2, s3] = [$($shift),*];
                a = b + rotated(step(0, a, b, c, d), s0);
                d = a + rotated(step(1, d, a, b, c), s1);
                c = d + rotated(step(2, c, d, a, b), s2);
                b = c + rotated(step(3, b, c, d, a), s3);
            }
        };
    }
    round!(
        0,
        [7, 12, 17, 22],
        |b: u32x8, c, d| d ^ (b & (c ^ d)),
        |at| at
    );
    round!(
        1,
        [5, 9, 14, 20],
        |b: u32x8, c, d: u32x8| c ^ (d & (b ^ c)),
        |at| 5 * at + 1
    );
    round!(2, [4, 11, 16, 23], |b: u32x8, c, d| b ^ c ^ d, |at| 3 * at
        + 5);
    round!(
        3,
        [6, 10, 15, 21],
        |b: u32x8, c: u32x8, d: u32x8| c ^ (b | !d),
        |at| 7 * at
    );
    [a, b, c, d]
}

#[inline]
fn rotated(words: u32x8, bits: u32) -> u32x8 {
    words << bits | words >> (32 - bits)
}

/// An MD5 sum as 32 lower-case hexadecimal digits.
pub fn md5_digits(sum: &Md5Sum) -> [u8; 32] {
    const LOW: u128 = u128::from_ne_bytes([0x0F; 16]);
    // The numbers of all digits, those of the first half of each byte and those of the second; then
    // one behind the other as they are written.
    let all = u128::from_ne_bytes(*sum);
    let [high, low] = [all >> 4, all].map(|numbers| u8x16::new((numbers & LOW).to_ne_bytes()));
    let halves = [u8x16::unpack_low(high, low), u8x16::unpack_high(high, low)];
    let digits = halves.map(|numbers| {
        let is_letter = numbers.max(u8x16::splat(10)).simd_eq(numbers);
        let from_zero = u8x16::splat(b'0') + (is_letter & u8x16::splat(b'a' - b'0' - 10));
        (numbers + from_zero).to_array()
    });
    let mut text = [0; 32];
    text.as_chunks_mut().0.copy_from_slice(&digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use md5::{Digest, Md5};

    #[test]
    fn every_length_has_the_sum_of_the_reference() {
        let bytes: Vec<u8> = (0..700u32).map(|at| (at * 31 % 251) as u8).collect();
        // Lanes of very different lengths stand side by side.
        for length in 0..bytes.len() {
            let texts: Vec<&[u8]> = (0..LANES)
                .map(|lane| &bytes[..(length + lane * 97) % bytes.len()])
                .collect();
            let sums = md5_sums(&texts);
            for (sum, text) in sums.iter().zip(texts) {
                assert_eq!(sum[..], Md5::digest(text)[..], "{} bytes", text.len());
            }
        }
    }

    #[test]
    fn digits_are_those_of_the_sum() {
        let [sum, ..] = md5_sums(&[b"abc"]);
        assert_eq!(&md5_digits(&sum), b"900150983cd24fb0d6963f7d28e17f72");
    }

    #[test]
    fn every_byte_is_written_as_two_digits() {
        for first in 0..=u8::MAX {
            let sum: Md5Sum = std::array::from_fn(|at| first.wrapping_add((at * 37) as u8));
            let expected: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(&md5_digits(&sum), expected.as_bytes());
        }
    }
}
