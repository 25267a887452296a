//! A pack's tokeniser takes only lines that it splits exactly as the log type's pattern does.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of a test may panic"
)]

use yagura_codec::{LineParser, Pattern};
use yagura_config::Ini;
use yagura_model::{Arena, Object};
use yagura_packs::{PACKS, PackNatives};
use yagura_pipeline::{Natives, SplitLine};

use yagura_testkit::Rng;
use yagura_testkit::bench_inputs::Shape;
use yagura_testkit::text_logs;

/// Mutations of each line.
const ROUNDS: usize = 20;
/// Lines of each kind.
const LINES: usize = 2_000;
/// What a mutation puts into a line.
const PIECES: [&str; 34] = [
    " ", "\"", "-", ":", "[", "]", "/", "?", "://", "\\", "0", "9", ".", "x", "é", "櫓", "\t",
    "\u{85}", "\" \"", "- -", "HTTP/1.1", "+0000]", ",", "'", "@", "(", ")", "\n", "\r", "٣", "::",
    "(1):", "\t-\t", " -",
];

/// A log type that has a tokeniser.
struct Tokeniser {
    name: String,
    split: SplitLine,
    pattern: Pattern,
    /// Its records are messages or several lines, so that they may hold line ends.
    takes_line_ends: bool,
}

fn tokenisers() -> Vec<Tokeniser> {
    let natives = PackNatives::new();
    let mut found = Vec::new();
    for pack in PACKS {
        let ini = Ini::parse(pack.name, pack.ini).unwrap();
        for section in ini.sections() {
            if let Some(split) = natives.native(section).split_line {
                let pattern = natives.shipped_pattern(section).unwrap();
                let pattern = Pattern::at_start(pattern).unwrap();
                let option = |name| ini.get(section, name).ok().flatten();
                let is_multiline = option("file_format").is_some_and(|it| it == "multiline");
                found.push(Tokeniser {
                    name: section.to_owned(),
                    split,
                    pattern,
                    takes_line_ends: is_multiline || option("via_cwl").is_some(),
                });
            }
        }
    }
    found
}

/// Records of every kind of text log; each tokeniser must also cope with the others' records.
fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    for shape in [Shape::Alb, Shape::S3Access] {
        let mut text = Vec::new();
        shape.write(&mut text, LINES, 7).unwrap();
        let text = String::from_utf8(text).unwrap();
        lines.extend(text.lines().map(str::to_owned));
    }
    let mut rng = Rng::new(7);
    for make in text_logs::all() {
        lines.extend((0..LINES).map(|_| make(&mut rng)));
    }
    lines
}

#[test]
fn tokenisers_split_as_the_pattern_does() {
    let tokenisers = tokenisers();
    assert!(!tokenisers.is_empty());
    let lines = lines();
    let mut arena = Arena::new();
    for tokeniser in tokenisers {
        let name = &tokeniser.name;
        let mut rng = Rng::new(1);
        let (mut taken, mut taken_mutated) = (0, 0);
        for line in &lines {
            taken += usize::from(compare(&tokeniser, line, &mut arena));
            let mut mutated = line.clone();
            for round in 0..ROUNDS {
                if round % 4 == 0 {
                    mutated.clone_from(line);
                }
                mutate(&mut mutated, &mut rng);
                taken_mutated += usize::from(compare(&tokeniser, &mutated, &mut arena));
            }
        }
        // Otherwise the comparison would say nothing.
        assert!(
            taken > LINES / 2,
            "{name} takes {taken} of {LINES} ordinary lines"
        );
        assert!(
            taken_mutated > LINES,
            "{name} takes {taken_mutated} mutated lines"
        );
    }
}

/// Compares both on a line; whether the tokeniser took it.
fn compare(tokeniser: &Tokeniser, line: &str, arena: &mut Arena) -> bool {
    let Tokeniser { name, pattern, .. } = tokeniser;
    if !tokeniser.takes_line_ends && line.contains(['\n', '\r']) {
        return false;
    }
    arena.reset();
    let Some(fields) = (tokeniser.split)(line, arena) else {
        return false;
    };
    match pattern.parse(line, arena) {
        Ok(expected) => assert_eq!(list(fields), list(expected), "{name}: {line:?}"),
        Err(error) => {
            panic!("{name}: the pattern does not match, the tokeniser takes: {error:?}\n{line}")
        }
    }
    true
}

/// The fields in order, as text.
fn list(fields: &Object<'_>) -> Vec<String> {
    let list = fields.iter();
    list.map(|member| format!("{} = {:?}", member.key, member.value))
        .collect()
}

/// Inserts, removes or replaces something at a random place.
fn mutate(line: &mut String, rng: &mut Rng) {
    let places: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
    if places.is_empty() {
        return;
    }
    let at = *rng.pick(&places);
    match rng.below(4) {
        0 => line.insert_str(at, rng.word(&PIECES)),
        1 => {
            line.remove(at);
        }
        2 => {
            line.remove(at);
            line.insert_str(at, rng.word(&PIECES));
        }
        _ => {
            // A whole word goes, or comes twice.
            let end = line[at..]
                .find(' ')
                .map_or(line.len(), |length| at + length);
            let word = line[at..end].to_owned();
            if rng.chance(0.5) {
                line.replace_range(at..end, "");
            } else {
                line.insert_str(at, &word);
            }
        }
    }
}
