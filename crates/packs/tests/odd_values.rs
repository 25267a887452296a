//! Records of the samples with values of a wrong type in any place: nothing panics, none is lost.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use yagura_codec::{Failure, Limits};
use yagura_model::{Arena, Timestamp, Value, parse, push_compact_json};
use yagura_packs::{PACKS, PackNatives, load_settings};
use yagura_pipeline::{Document, Loader, NoLookups, ObjectContext, Options, Output};
use yagura_testkit::Rng;

/// Mutations of each record.
const ROUNDS: usize = 60;
/// What a mutation puts in the place of a value.
const ODD: [&str; 16] = [
    "null",
    "true",
    "0",
    "-1.5e300",
    r#""""#,
    r#""-""#,
    r#""::1""#,
    r#""a:b/c@d=e|f.g""#,
    r#""é櫓\u0000""#,
    "[]",
    "{}",
    "[null]",
    r#"["x"]"#,
    r#"[{}]"#,
    r#"[["x"]]"#,
    r#"{"a":{"b":[1]}}"#,
];

/// Counts what comes out, and reads every document again.
#[derive(Default)]
struct Outcomes(usize);

impl Output for Outcomes {
    fn document(&mut self, document: &Document<'_>) {
        let text = std::str::from_utf8(document.json).unwrap();
        assert!(parse(text, &Arena::new()).is_ok(), "{text}");
        assert!(!document.id.is_empty());
        self.0 += 1;
    }

    fn failed(&mut self, _failure: &Failure<'_>) {
        self.0 += 1;
    }

    fn excluded(&mut self, _reason: &str) {
        self.0 += 1;
    }
}

#[test]
fn values_of_a_wrong_type_lose_no_record() {
    let settings = Arc::new(load_settings(&[]).unwrap().settings);
    let natives = Arc::new(PackNatives::new());
    let options = Arc::new(Options {
        by_content: true,
        ..Options::default()
    });
    let mut loader = Loader::new(settings, natives, options, Limits::default()).unwrap();
    let mut rng = Rng::new(11);
    let mut tried = 0;
    for (key, log_type, text) in json_records() {
        for _ in 0..ROUNDS {
            let raw = mutated(&text, &mut rng);
            let now = Timestamp::from_micros(1_750_000_000_000_000, 0).unwrap();
            let context = ObjectContext::new("bucket", &key, 1000, now);
            let mut outcomes = Outcomes::default();
            let outcome =
                loader.load_record(context, (&log_type, raw), &mut NoLookups, &mut outcomes);
            assert_eq!((outcomes.0, outcome.error), (1, None), "{key}");
            assert!(outcome.counts.balances());
            tried += 1;
        }
    }
    assert!(tried > 5_000, "{tried}");
}

/// Key, log type and text of every record of the samples that is a JSON object.
fn json_records() -> Vec<(String, String, String)> {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let mut records = Vec::new();
    for pack in PACKS {
        for sample in fs::read_dir(packs.join(pack.name).join("samples")).unwrap() {
            let folder = sample.unwrap().path();
            let key = fs::read_to_string(folder.join("key")).unwrap();
            let expected = fs::read_to_string(folder.join("expected.jsonl")).unwrap();
            for line in expected.lines() {
                let arena = Arena::new();
                let value = parse(line, &arena).unwrap();
                let document = value.as_object().and_then(|line| line.object("doc"));
                let text = document.and_then(|document| document.text("@message"));
                let log_type = document.and_then(|document| document.text("@log_type"));
                let is_record = |text: &&str| text.starts_with('{') && parse(text, &arena).is_ok();
                if let Some(text) = text.filter(is_record) {
                    let log_type = log_type.unwrap_or_default().to_owned();
                    records.push((key.trim().to_owned(), log_type, text.to_owned()));
                }
            }
        }
    }
    records
}

fn mutated(text: &str, rng: &mut Rng) -> Vec<u8> {
    let arena = Arena::new();
    let mut value = parse(text, &arena).unwrap();
    for _ in 0..rng.between(1, 3) {
        let members = value.as_object_mut().into_iter();
        let mut members: Vec<_> = members.flat_map(|object| object.iter_mut()).collect();
        let at = rng.below(members.len() as u64) as usize;
        replace_somewhere(&mut members[at].value, rng, &arena);
    }
    let mut raw = Vec::new();
    push_compact_json(&value, &mut raw);
    raw
}

/// Replaces the value, or one inside it.
fn replace_somewhere<'a>(value: &mut Value<'a>, rng: &mut Rng, arena: &'a Arena) {
    let count = match value {
        Value::Object(object) => object.len(),
        Value::List(list) => list.len(),
        _ => 0,
    };
    if count > 0 && rng.chance(0.75) {
        let at = rng.below(count as u64) as usize;
        let inner = match value {
            Value::Object(object) => object.iter_mut().nth(at).map(|member| &mut member.value),
            Value::List(list) => list.get_mut(at),
            _ => None,
        };
        return replace_somewhere(inner.unwrap(), rng, arena);
    }
    *value = parse(rng.word(&ODD), arena).unwrap();
}
