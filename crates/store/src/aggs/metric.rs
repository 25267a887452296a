//! Accumulators of metrics; both stores answer with the numbers these give.

use std::collections::{BTreeMap, HashSet};

/// Distinct values counted exactly before the estimate begins.
const EXACT_DISTINCT: usize = 40_000;
/// Values kept as they are before quantiles are estimated.
const EXACT_QUANTILES: usize = 4_096;
const REGISTERS_LOG2: u32 = 14;
/// Logarithm of the ratio of neighbouring quantile bins: 1 % wide, so at most 0.5 % off.
const BIN_LOG: f64 = 0.01;

/// Count, sum, smallest, largest and sum of squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// Number of values.
    pub count: u64,
    /// Sum.
    pub sum: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Sum of squares.
    pub sum_of_squares: f64,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            count: 0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sum_of_squares: 0.0,
        }
    }
}

impl Stats {
    /// Takes a value in.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum_of_squares += value * value;
    }

    /// Takes the values of another one in.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum_of_squares += other.sum_of_squares;
    }
}

/// Number of distinct hashes: exact up to 40 000, then estimated with about 0.8 % error.
#[derive(Debug, Clone)]
pub enum CardinalitySketch {
    /// The hashes themselves.
    Exact(HashSet<u64>),
    /// HyperLogLog registers.
    Estimate(Vec<u8>),
}

impl Default for CardinalitySketch {
    fn default() -> Self {
        Self::Exact(HashSet::new())
    }
}

impl CardinalitySketch {
    /// Takes a well-mixed hash in.
    pub fn add(&mut self, hash: u64) {
        match self {
            Self::Exact(hashes) => {
                hashes.insert(hash);
                if hashes.len() > EXACT_DISTINCT {
                    let mut registers = vec![0; 1 << REGISTERS_LOG2];
                    hashes
                        .iter()
                        .for_each(|hash| register(&mut registers, *hash));
                    *self = Self::Estimate(registers);
                }
            }
            Self::Estimate(registers) => register(registers, hash),
        }
    }

    /// Takes the hashes of another one in.
    pub fn merge(&mut self, other: &Self) {
        match other {
            Self::Exact(hashes) => hashes.iter().for_each(|hash| self.add(*hash)),
            Self::Estimate(theirs) => {
                if let Self::Exact(hashes) = self {
                    let mut registers = vec![0; 1 << REGISTERS_LOG2];
                    hashes
                        .iter()
                        .for_each(|hash| register(&mut registers, *hash));
                    *self = Self::Estimate(registers);
                }
                if let Self::Estimate(ours) = self {
                    ours.iter_mut()
                        .zip(theirs)
                        .for_each(|(our, their)| *our = (*our).max(*their));
                }
            }
        }
    }

    /// Bytes it takes, about.
    pub fn size(&self) -> usize {
        match self {
            Self::Exact(hashes) => hashes.capacity() * 10,
            Self::Estimate(registers) => registers.len(),
        }
    }

    /// The number of distinct hashes.
    pub fn count(&self) -> u64 {
        match self {
            Self::Exact(hashes) => hashes.len() as u64,
            Self::Estimate(registers) => {
                let m = registers.len() as f64;
                let sum: f64 = registers.iter().map(|r| 2f64.powi(-i32::from(*r))).sum();
                let estimate = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
                let empty = registers.iter().filter(|r| **r == 0).count();
                let estimate = match empty {
                    0 => estimate,
                    empty if estimate <= 2.5 * m => m * (m / empty as f64).ln(),
                    _ => estimate,
                };
                estimate.round() as u64
            }
        }
    }
}

/// Spreads a hash over all bits, as the sketch needs it.
pub fn mix_hash(mut hash: u64) -> u64 {
    hash ^= hash >> 30;
    hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 27;
    hash = hash.wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

fn register(registers: &mut [u8], hash: u64) {
    let index = (hash >> (64 - REGISTERS_LOG2)) as usize;
    let rank = ((hash << REGISTERS_LOG2) | (1 << (REGISTERS_LOG2 - 1))).leading_zeros() + 1;
    if let Some(register) = registers.get_mut(index) {
        *register = (*register).max(rank as u8);
    }
}

/// Quantiles: exact up to 4 096 values, then within 0.5 % of the value.
#[derive(Debug, Clone, Default)]
pub struct QuantileSketch {
    values: Vec<f64>,
    bins: BTreeMap<i32, u64>,
    count: u64,
    min: f64,
    max: f64,
}

impl QuantileSketch {
    /// Takes a value in.
    pub fn add(&mut self, value: f64) {
        if self.count == 0 {
            (self.min, self.max) = (value, value);
        }
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.count += 1;
        if !self.bins.is_empty() {
            *self.bins.entry(bin_of(value)).or_default() += 1;
            return;
        }
        self.values.push(value);
        if self.values.len() > EXACT_QUANTILES {
            self.spill();
        }
    }

    fn spill(&mut self) {
        for value in std::mem::take(&mut self.values) {
            *self.bins.entry(bin_of(value)).or_default() += 1;
        }
    }

    /// Takes the values of another one in.
    pub fn merge(&mut self, other: &Self) {
        if other.bins.is_empty() {
            other.values.iter().for_each(|value| self.add(*value));
            return;
        }
        self.spill();
        if self.count == 0 {
            (self.min, self.max) = (other.min, other.max);
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.count += other.count;
        for (bin, count) in &other.bins {
            *self.bins.entry(*bin).or_default() += count;
        }
    }

    /// Bytes it takes, about.
    pub fn size(&self) -> usize {
        self.values.capacity() * 8 + self.bins.len() * 20
    }

    /// The value below which the given percentage lies; `None` without values.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        if self.bins.is_empty() {
            let mut sorted = self.values.clone();
            sorted.sort_by(f64::total_cmp);
            let position = percent / 100.0 * (sorted.len() - 1) as f64;
            let below = sorted.get(position.floor() as usize)?;
            let above = sorted.get(position.ceil() as usize)?;
            return Some(below + (above - below) * position.fract());
        }
        let target = (percent / 100.0 * (self.count - 1) as f64).round() as u64;
        let mut seen = 0;
        for (bin, count) in &self.bins {
            seen += count;
            if seen > target {
                return Some(value_of(*bin).clamp(self.min, self.max));
            }
        }
        Some(self.max)
    }
}

/// Bin 0 holds what is nearer to zero than 1e-9; the sign of a value is the sign of its bin.
fn bin_of(value: f64) -> i32 {
    let magnitude = value.abs();
    if magnitude < 1e-9 {
        return 0;
    }
    let bin = ((magnitude.ln() - 1e-9f64.ln()) / BIN_LOG).floor() as i32 + 1;
    if value < 0.0 { -bin } else { bin }
}

fn value_of(bin: i32) -> f64 {
    if bin == 0 {
        return 0.0;
    }
    let middle = (f64::from(bin.abs()) - 0.5) * BIN_LOG + 1e-9f64.ln();
    middle.exp().copysign(f64::from(bin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sketches_stay_within_their_error() {
        let mut sketch = CardinalitySketch::default();
        let mut quantiles = QuantileSketch::default();
        for i in 0..200_000u64 {
            sketch.add(mix_hash(i));
            quantiles.add((i % 10_000) as f64);
        }
        let error = sketch.count() as f64 / 200_000.0 - 1.0;
        assert!(error.abs() < 0.03, "{error}");
        for (percent, exact) in [
            (0.0, 0.0),
            (50.0, 5_000.0),
            (99.0, 9_900.0),
            (100.0, 9_999.0),
        ] {
            let got = quantiles.percentile(percent).expect("values");
            assert!(
                (got - exact).abs() <= exact * 0.01 + 1.0,
                "{percent}: {got}"
            );
        }
    }
}
