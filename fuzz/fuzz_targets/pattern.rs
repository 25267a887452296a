//! Users' regular expressions in Python's dialect, on a line of text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yagura_codec::Pattern;

fuzz_target!(|text: &str| {
    let (pattern, line) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(pattern) = Pattern::at_start(pattern) {
        let _ = pattern.is_match(line);
    }
});
