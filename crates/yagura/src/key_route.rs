//! Where a key leads, and which log types come close, for the page.

use yagura_api::{KeyMatch, KeyRoute};
use yagura_config::{LogTypeSettings, Settings};
use yagura_pipeline::{Ignored, Route, Router};

/// Log types that are named because they come close.
const MAX_SIMILAR: usize = 5;
/// Shortest word that a log type is recognised by.
const MIN_WORD: usize = 4;
/// Words that keys of many log types have.
const COMMON_WORDS: [&str; 6] = ["awslogs", "logs", "json", "aws-logs", "firehose", "kinesis"];

/// Where the key leads, what else would match, and what comes close if nothing does.
pub fn key_route(router: &Router, settings: &Settings, key: &str) -> KeyRoute {
    let log_types = &settings.log_types;
    let found = |at: usize| log_types.get(at).map(key_match);
    let matches: Vec<KeyMatch> = router.matches(key).filter_map(found).collect();
    let route = router.route(key);
    let by_content = route == Route::Unmatched && settings.globals.load_unmatched;
    let (log_type, ignored) = match route {
        Route::LogType(at) => (log_types.get(at).map(|it| it.name.clone()), None),
        Route::Unmatched if by_content => (None, None),
        Route::Unmatched => (None, Some(code(Ignored::Unknown).to_owned())),
        Route::Ignored(reason) => (None, Some(code(reason).to_owned())),
    };
    let similar = match matches.is_empty() {
        true => similar(log_types, key),
        false => Vec::new(),
    };
    KeyRoute {
        log_type,
        by_content,
        ignored,
        matches,
        similar,
    }
}

fn key_match(settings: &LogTypeSettings) -> KeyMatch {
    KeyMatch {
        log_type: settings.name.clone(),
        pattern: settings
            .s3_key
            .as_ref()
            .map_or_else(String::new, |pattern| pattern.text.clone()),
        index: settings.index_name.clone(),
    }
}

fn code(reason: Ignored) -> &'static str {
    match reason {
        Ignored::Folder => "folder",
        Ignored::Unknown => "unknown",
        Ignored::KeyIgnored => "key_ignored",
        Ignored::NoFormat => "no_format",
        Ignored::NoIndex => "no_index",
        Ignored::Empty => "empty",
        Ignored::Tiny => "tiny",
    }
}

/// Log types whose name or pattern has a word of the key, whatever its case.
fn similar(log_types: &[LogTypeSettings], key: &str) -> Vec<KeyMatch> {
    let key = key.to_lowercase();
    let comes_close = |settings: &&LogTypeSettings| {
        let Some(pattern) = &settings.s3_key else {
            return false;
        };
        let pattern = pattern.text.to_lowercase();
        let name = settings.name.to_lowercase();
        let words = pattern
            .split(|character: char| !character.is_alphanumeric() && character != '-')
            .chain([name.as_str()]);
        words
            .filter(|word| word.len() >= MIN_WORD && !COMMON_WORDS.contains(word))
            .any(|word| key.contains(word))
    };
    let close = log_types.iter().filter(comes_close);
    close.take(MAX_SIMILAR).map(key_match).collect()
}
