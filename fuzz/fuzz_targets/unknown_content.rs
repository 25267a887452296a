//! Objects that no log type takes by their key: what they hold is found out.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| yagura_fuzz::load_unknown(bytes));
