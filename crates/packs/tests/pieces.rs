//! A large object that several threads read gives what one thread makes of it.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::Cursor;
use std::sync::Arc;

use yagura_codec::{Failure, Limits, Slice};
use yagura_model::Timestamp;
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{
    Document, LoadOutcome, Loader, Lookups, NoLookups, ObjectContext, Options, Output,
    SpareProcessors,
};
use yagura_testkit::bench_inputs::Shape;

/// Everything that comes out, in its order.
#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    /// After so many the output wants no more.
    most: Option<usize>,
}

impl Output for Lines {
    fn document(&mut self, document: &Document<'_>) {
        let json = std::str::from_utf8(document.json).unwrap();
        let (index, id, time) = (document.index, document.id, document.timestamp);
        self.lines.push(format!("{index} {id} {time:?} {json}"));
    }

    fn failed(&mut self, failure: &Failure<'_>) {
        let raw = String::from_utf8_lossy(failure.raw);
        let (position, detail) = (failure.position, &failure.detail);
        self.lines.push(format!("{position:?} {detail} {raw}"));
    }

    fn excluded(&mut self, reason: &str) {
        self.lines.push(format!("excluded: {reason}"));
    }

    fn wants_more(&self) -> bool {
        self.most.is_none_or(|most| self.lines.len() < most)
    }
}

fn load(
    (key, bytes): (&str, &[u8]),
    spare: usize,
    lookups: &mut dyn Lookups,
    most: Option<usize>,
) -> (Vec<String>, LoadOutcome) {
    let settings = load_settings(&[]).unwrap().settings;
    let limits = Limits {
        piece_bytes: 5_000,
        ..Limits::default()
    };
    let options = Arc::new(Options::default());
    let loader = Loader::new(
        Arc::new(settings),
        Arc::new(PackNatives::new()),
        options,
        limits,
    );
    let spare = SpareProcessors::new(spare);
    let mut loader = loader.unwrap().with_spare(spare);
    let now = Timestamp::from_micros(1_718_454_896_789_012, 0).unwrap();
    let context = ObjectContext::new("bucket", key, bytes.len() as u64, now);
    let mut output = Lines {
        most,
        ..Lines::default()
    };
    let body = Box::new(Cursor::new(bytes.to_vec()));
    let outcome = loader.load(context, body, Slice::ALL, lookups, &mut output);
    (output.lines, outcome)
}

/// An object of the shape with something broken in some places.
fn object(shape: Shape, seed: u64) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    shape.write(&mut bytes, 3_000, seed).unwrap();
    for place in 1..=5 {
        let at = bytes.len() * place / 6;
        bytes[at] = match (shape, seed) {
            // It opens or closes a text, and nothing behind it can be told from that any more.
            (Shape::CloudTrail, 1) => b'"',
            (Shape::CloudTrail, _) => b'x',
            _ => b'\n',
        };
    }
    if seed == 2 {
        let middle = bytes.len() / 2;
        bytes[middle] = 0xff;
    }
    (shape.key(seed), bytes)
}

#[test]
fn threads_make_what_one_makes() {
    for shape in Shape::ALL {
        for seed in 0..3 {
            let (key, bytes) = object(shape, seed);
            let object = (key.as_str(), &*bytes);
            let (lines, outcome) = load(object, 0, &mut NoLookups, None);
            assert!(outcome.counts.balances() && outcome.error.is_none());
            assert!(lines.len() > 500, "{shape:?}: {}", lines.len());
            for spare in [1, 3] {
                let (by_threads, same) = load(object, spare, &mut NoLookups, None);
                for (one, several) in lines.iter().zip(&by_threads) {
                    assert_eq!(one, several, "{shape:?}");
                }
                assert_eq!(lines.len(), by_threads.len(), "{shape:?}");
                assert_eq!(outcome.counts, same.counts, "{shape:?}");
                assert_eq!(outcome.text_bytes, same.text_bytes, "{shape:?}");
                assert_eq!(outcome.replaced_bytes, same.replaced_bytes, "{shape:?}");
            }
        }
    }
}

#[test]
fn threads_make_what_one_makes_of_rows_up_to_what_is_damaged() {
    for seed in 0..2 {
        let (key, mut whole) = (Shape::OcsfParquet.key(seed), Vec::new());
        let rows = 600;
        Shape::OcsfParquet
            .write_object(&mut whole, rows, seed)
            .unwrap();
        let mut lengths = Vec::new();
        // Of the first nothing is damaged.
        for place in 0..24 {
            let mut bytes = whole.clone();
            let at = bytes.len() * place / 24;
            bytes[at] ^= if place == 0 { 0 } else { 0xff };
            let object = (key.as_str(), &*bytes);
            let (lines, outcome) = load(object, 0, &mut NoLookups, None);
            for spare in [1, 3] {
                let (by_threads, same) = load(object, spare, &mut NoLookups, None);
                assert_eq!(lines, by_threads, "damaged at {at}");
                assert_eq!(outcome.counts, same.counts, "damaged at {at}");
                assert_eq!(outcome.error, same.error, "damaged at {at}");
            }
            lengths.push(lines.len());
        }
        assert_eq!(lengths[0], rows);
        let is_cut = |lines: &usize| (1..rows).contains(lines);
        assert!(lengths.iter().any(is_cut), "{lengths:?}");
    }
}

#[test]
fn an_output_that_wants_no_more_gets_no_more() {
    for shape in [Shape::VpcFlow, Shape::OcsfParquet] {
        let (key, mut bytes) = (shape.key(0), Vec::new());
        shape.write_object(&mut bytes, 1_000, 0).unwrap();
        for spare in [0, 2] {
            let (lines, _) = load((&key, &bytes), spare, &mut NoLookups, Some(100));
            assert_eq!(lines.len(), 100, "{shape:?}");
        }
    }
}
