//! JSON values one after the other.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| yagura_fuzz::load_format("json", bytes));
