//! Made-up logs for development: inputs for benchmarks and the data of the demonstration.
//!
//! Everything is deterministic: the same arguments give the same bytes on every machine.
//! Nothing here is part of the product; only `xtask` and tests use it.

pub mod bench_inputs;
pub mod demo;
mod json;
mod lines;
pub mod mmdb;
mod rng;
pub mod text_logs;

pub use rng::Rng;
