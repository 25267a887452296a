//! Lines taken apart by a pattern, with times in a format of strptime.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| yagura_fuzz::load_format("text", bytes));
