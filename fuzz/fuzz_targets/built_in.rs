//! Objects of the built-in log types: tokenisers, transforms and everything behind them.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<Vec<String>> = LazyLock::new(yagura_fuzz::sample_keys);

fuzz_target!(|bytes: &[u8]| yagura_fuzz::load_built_in(&KEYS, bytes));
