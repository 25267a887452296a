//! The history through its public functions: replaced, forgotten, asked, capped.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::collections::BTreeMap;

use yagura_history::{Counts, Error, FirstSeen, History, PieceCounts, PieceName, Row};

const DAY_MS: i64 = 86_400_000;

fn row(day: i64, log_type: &str, value: &str, count: u64) -> Row {
    Row {
        day,
        log_type: log_type.to_owned(),
        value: value.to_owned(),
        count,
        first_ms: day * DAY_MS + 10,
        last_ms: day * DAY_MS + 20,
    }
}

fn piece(index: &str, version: u64, rows: Vec<Row>, left_out: u64) -> PieceCounts {
    PieceCounts {
        name: PieceName {
            index: index.to_owned(),
            label: "all".to_owned(),
        },
        version,
        kinds: vec![("ip".to_owned(), Counts { rows, left_out })],
    }
}

fn open(folder: &tempfile::TempDir, definition: &str) -> History {
    History::open(&folder.path().join("history.db"), definition).unwrap()
}

#[test]
fn a_piece_that_is_counted_again_replaces_itself() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(&folder, "1");
    history
        .replace(&piece(
            "a",
            1,
            vec![row(3, "waf", "x", 5), row(4, "waf", "x", 1)],
            0,
        ))
        .unwrap();
    history
        .replace(&piece(
            "b",
            1,
            vec![row(3, "alb", "x", 2), row(3, "alb", "y", 1)],
            0,
        ))
        .unwrap();
    for version in [2, 3] {
        history
            .replace(&piece("a", version, vec![row(3, "waf", "x", 7)], 0))
            .unwrap();
    }
    let days = history.days("ip", "x", 0).unwrap();
    assert_eq!(days.days.len(), 1);
    assert_eq!((days.days[0].day, days.days[0].count), (3, 9));
    assert_eq!(days.days[0].log_types, ["alb", "waf"]);
    assert_eq!(days.days[0].first_ms, 3 * DAY_MS + 10);
    assert_eq!((days.is_cut, days.covered_from), (false, Some(3)));
    assert!(history.days("ip", "x", 4).unwrap().days.is_empty());
    assert!(history.days("user", "x", 0).unwrap().days.is_empty());
    let versions = history.versions().unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[&piece("a", 0, vec![], 0).name], 3);
}

#[test]
fn what_is_gone_is_forgotten_and_another_definition_starts_anew() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(&folder, "1");
    let a = piece("a", u64::MAX, vec![row(3, "waf", "x", 5)], 0);
    history.replace(&a).unwrap();
    history
        .replace(&piece("b", 1, vec![row(4, "alb", "y", 2)], 0))
        .unwrap();
    assert_eq!(history.versions().unwrap()[&a.name], u64::MAX);
    history.forget(std::slice::from_ref(&a.name)).unwrap();
    assert!(history.days("ip", "x", 0).unwrap().days.is_empty());
    assert_eq!(history.days("ip", "y", 0).unwrap().days.len(), 1);
    drop(history);
    assert_eq!(open(&folder, "1").versions().unwrap().len(), 1);
    let emptied = open(&folder, "2");
    assert!(emptied.versions().unwrap().is_empty());
    assert_eq!(emptied.covered_from().unwrap(), None);
}

#[test]
fn first_events_newcomers_and_peers() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(&folder, "1");
    let old = vec![
        row(1, "waf", "old", 1),
        row(2, "waf", "old", 1),
        row(2, "waf", "mid", 4),
    ];
    history.replace(&piece("a", 1, old, 0)).unwrap();
    let new = vec![
        row(9, "waf", "old", 9),
        row(9, "waf", "new", 2),
        row(9, "alb", "newer", 3),
    ];
    history.replace(&piece("b", 1, new, 0)).unwrap();
    let asked = [
        ("ip", "new"),
        ("ip", "old"),
        ("ip", "nobody"),
        ("user", "old"),
    ];
    let first: Vec<_> = history
        .first_seen(&asked)
        .unwrap()
        .into_iter()
        .map(|FirstSeen { first_ms, is_cut }| (first_ms, is_cut))
        .collect();
    let expected = [Some(9 * DAY_MS + 10), Some(DAY_MS + 10), None, None];
    assert_eq!(first, expected.map(|first| (first, false)));
    let (newcomers, total) = history.newcomers("ip", 9 * DAY_MS, 1).unwrap();
    assert_eq!((newcomers.len(), total), (1, 2));
    assert_eq!(
        (newcomers[0].value.as_str(), newcomers[0].count),
        ("newer", 3)
    );
    assert_eq!(newcomers[0].log_types, ["alb"]);
    assert_eq!(history.newcomers("ip", 9 * DAY_MS + 11, 9).unwrap().1, 0);
    let peers = history.peers("ip", 2).unwrap();
    assert_eq!(peers.by_days, BTreeMap::from([(1, 3), (2, 1)]));
    assert_eq!(
        (peers.total(), peers.on_more_days(1), peers.on_more_days(2)),
        (4, 1, 0)
    );
}

#[test]
fn values_that_were_left_out_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(&folder, "1");
    history
        .replace(&piece("a", 1, vec![row(5, "waf", "x", 1)], 1_000_000))
        .unwrap();
    assert!(history.days("ip", "x", 0).unwrap().is_cut);
    assert!(!history.days("ip", "x", 6).unwrap().is_cut);
    assert!(!history.days("user", "x", 0).unwrap().is_cut);
    assert!(history.first_seen(&[("ip", "y")]).unwrap()[0].is_cut);
    history.replace(&piece("a", 2, Vec::new(), 0)).unwrap();
    assert!(!history.days("ip", "x", 0).unwrap().is_cut);
}

#[test]
fn foreign_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE notes (text)").unwrap();
    drop(other);
    assert!(matches!(
        History::open(&path, "1"),
        Err(Error::Foreign { .. })
    ));
}
