//! A user's file over the built-in log types: diagnostics, settings, compiled log types.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(mut loader) = yagura_fuzz::loader(text) {
        let _ = loader.compile_all();
        yagura_fuzz::load(
            &mut loader,
            "AWSLogs/some/key",
            b"192.0.2.1 GET /index.html 200",
        );
    }
});
