//! The texts that the patterns of known user agents need.
//!
//! To look for texts is quick, to compile a pattern is not; so only patterns are compiled whose texts
//! were all found.

use std::path::PathBuf;

use anyhow::Context;
use flate2::read::GzDecoder;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::Value;

use crate::workspace::{Generated, root};

const PATTERNS: &str = "crates/intel/data/user-agents.json.gz";
const NEEDED: &str = "crates/intel/data/user-agents.needed.txt";
/// Shorter texts stand in nearly everything.
const MIN_LENGTH: usize = 3;
/// What a pattern needs beyond this hardly ever decides.
const MAX_GROUPS: usize = 8;

/// Texts of which one is needed.
type Group = Vec<String>;

/// The file with a line for each pattern: groups with tabs between them, their texts in lower case
/// with bars between them. A match holds a text of each group.
pub fn needed() -> anyhow::Result<Generated> {
    let file = std::fs::File::open(root().join(PATTERNS)).context(PATTERNS)?;
    let patterns: Value = serde_json::from_reader(GzDecoder::new(file))?;
    let mut text = String::new();
    for list in ["user_agent_parsers", "os_parsers", "device_parsers"] {
        for pattern in patterns[list].as_array().context(list)? {
            let pattern = pattern["regex"].as_str().context("a pattern is a text")?;
            let hir = regex_syntax::parse(pattern).with_context(|| pattern.to_owned())?;
            let mut groups = groups_of(&hir);
            groups.sort_by_key(|group| std::cmp::Reverse(shortest(group)));
            groups.truncate(MAX_GROUPS);
            let groups: Vec<_> = groups.iter().map(|group| group.join("|")).collect();
            text += &groups.join("\t");
            text.push('\n');
        }
    }
    Ok(Generated {
        path: PathBuf::from(NEEDED),
        text,
    })
}

/// Groups of which every match holds a text each.
fn groups_of(hir: &Hir) -> Vec<Group> {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => {
            let text = same_text(hir).filter(|text| text.len() >= MIN_LENGTH);
            text.map(|text| vec![text]).into_iter().collect()
        }
        HirKind::Capture(capture) => groups_of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => groups_of(&repetition.sub),
        HirKind::Alternation(choices) => {
            let best = |choice| {
                groups_of(choice)
                    .into_iter()
                    .max_by_key(|group| shortest(group))
            };
            let choices: Option<Vec<Group>> = choices.iter().map(best).collect();
            choices.map(|groups| groups.concat()).into_iter().collect()
        }
        HirKind::Concat(parts) => groups_of_sequence(parts),
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => Vec::new(),
    }
}

fn groups_of_sequence(parts: &[Hir]) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut run = String::new();
    let end_run = |run: &mut String, groups: &mut Vec<Group>| {
        let text = std::mem::take(run);
        groups.extend((text.len() >= MIN_LENGTH).then(|| vec![text]));
    };
    for part in parts {
        match same_text(part) {
            Some(text) => run += &text,
            // A place in the text takes up none of it.
            None if matches!(part.kind(), HirKind::Look(_)) => {}
            None => {
                end_run(&mut run, &mut groups);
                groups.extend(groups_of(part));
            }
        }
    }
    end_run(&mut run, &mut groups);
    groups
}

fn shortest(texts: &[String]) -> usize {
    texts.iter().map(String::len).min().unwrap_or_default()
}

/// The one text that matches, if case does not matter.
fn same_text(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            let can_be_listed = text.is_ascii() && !text.contains(['|', '\t', '\n']);
            can_be_listed.then(|| text.to_ascii_lowercase())
        }
        HirKind::Class(Class::Unicode(class)) => {
            let mut letters = class.iter().flat_map(|range| range.start()..=range.end());
            let first = letters.next()?.to_ascii_lowercase();
            let is_same =
                first.is_ascii() && letters.all(|letter| letter.to_ascii_lowercase() == first);
            is_same.then(|| first.to_string())
        }
        _ => None,
    }
}
