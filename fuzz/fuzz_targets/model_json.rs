//! The JSON parser: what it reads, it reads again from its own text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yagura_model::{Arena, parse, push_compact_json, push_python_dumps};

fuzz_target!(|text: &str| {
    let arena = Arena::new();
    let Ok(value) = parse(text, &arena) else {
        return;
    };
    let mut compact = Vec::new();
    push_compact_json(&value, &mut compact);
    let compact = String::from_utf8(compact).expect("JSON text is UTF-8");
    let again = parse(&compact, &arena).expect("own text can be read");
    let mut written = Vec::new();
    push_compact_json(&again, &mut written);
    assert_eq!(compact.as_bytes(), written);
    push_python_dumps(&value, &mut written);
});
