//! What could make users' regular expressions slow.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yagura_codec::pattern_risks;

fuzz_target!(|text: &str| {
    let _ = pattern_risks(text);
});
