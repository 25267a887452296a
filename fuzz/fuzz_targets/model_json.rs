//! The JSON parser: what it reads, it reads again from its own text; and what is noted while it
//! reads, and documents, are written block by block as texts are byte by byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yagura_model::{
    Arena, Buffer, Dump, Hints, Source, TextLimit, Value, parse, parse_prefix_noting,
    push_compact_json, push_document, push_json_string, push_python_dumps,
};

const LIMIT: TextLimit = TextLimit {
    from_bytes: 64,
    keep_bytes: 50,
    mark: "<<CUT>>",
    except_key: "@message",
};

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

    let mut dumped = Vec::new();
    push_python_dumps(&value, &mut dumped);
    let mut dump = Dump::default();
    parse_prefix_noting(text, &arena, &mut dump).expect("it was read before");
    if let Some((plain, escaped)) = dump.texts() {
        assert_eq!(plain.as_bytes(), dumped);
        let mut string = Vec::new();
        push_json_string(plain, &mut string);
        assert_eq!(Some(escaped), string.get(1..string.len() - 1));
    }

    if let Value::Object(object) = &value {
        let mut buffer = Buffer::default();
        push_document(object, &LIMIT, Hints::default(), &mut buffer);
        let document = std::str::from_utf8(buffer.as_bytes()).expect("a document is UTF-8");
        parse(document, &arena).expect("a document can be read");
        // That its texts are parts of the text that was read changes nothing but how they are copied.
        let hints = Hints {
            known: None,
            source: Source::new(text),
        };
        let mut helped = Buffer::default();
        push_document(object, &LIMIT, hints, &mut helped);
        assert_eq!(document.as_bytes(), helped.as_bytes());
    }
});
