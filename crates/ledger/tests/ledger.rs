//! What is recorded can be found, replaced, retried, and always adds up.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::collections::BTreeMap;

use yagura_ledger::{
    DeadLetter, DeadLetterFilter, Error, Ledger, MAX_RAW_BYTES, ObjectCounts, ObjectFilter,
    ObjectIdentity, ObjectRow, RawRecord, RetryOutcome, Status, StatusKind,
};

fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    (folder, ledger)
}

fn row(key: &str, documents: u64, excluded: &[&str], failed: u64) -> ObjectRow {
    let mut counts = ObjectCounts::new();
    (0..documents).for_each(|_| counts.document());
    excluded.iter().for_each(|reason| counts.excluded(reason));
    (0..failed).for_each(|_| counts.failed());
    ObjectRow {
        identity: ObjectIdentity {
            bucket: "logs".to_owned(),
            key: key.to_owned(),
            range: None,
            size_bytes: 100,
            content: "etag-1".to_owned(),
        },
        log_type: "app".to_owned(),
        counts,
        started_ms: 1_000,
        finished_ms: 2_000,
        status: Status::Loaded,
        parser_version: "1".to_owned(),
    }
}

fn letter(line: u64, reason: &str, raw: &[u8]) -> DeadLetter {
    DeadLetter {
        line,
        byte_offset: line * 10,
        reason: reason.to_owned(),
        detail: format!("cannot read line `{line}`"),
        raw: RawRecord::keep(raw),
        log_type: "app".to_owned(),
        parser_version: "1".to_owned(),
        time_ms: 1_500,
    }
}

fn keys(ledger: &Ledger, filter: &ObjectFilter) -> Vec<String> {
    let page = ledger.objects(filter, None, 10).unwrap();
    page.items
        .into_iter()
        .map(|found| found.row.identity.key)
        .collect()
}

#[test]
fn an_object_is_read_back_as_recorded() {
    let (folder, ledger) = ledger();
    let mut written = row("a", 2, &["own log", "csv", "csv"], 1);
    written.identity.range = Some((1, 6));
    let id = ledger
        .record(&written, &[letter(4, "pattern", b"x\0\xff")])
        .unwrap();
    assert_eq!(ledger.object(id).unwrap().unwrap().row, written);
    assert_eq!(written.counts.read(), 6);
    let page = ledger
        .dead_letters(&DeadLetterFilter::default(), None, 10)
        .unwrap();
    assert_eq!(page.items[0].letter, letter(4, "pattern", b"x\0\xff"));
    assert_eq!(
        (page.items[0].object_id, page.items[0].key.as_str()),
        (id, "a")
    );
    drop(ledger);
    let reopened = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    assert_eq!(reopened.object(id).unwrap().unwrap().row, written);
    assert!(reopened.unbalanced().unwrap().is_empty());
}

#[test]
fn the_same_object_is_replaced_and_another_content_is_not() {
    let (_folder, ledger) = ledger();
    let first = row("a", 0, &[], 1);
    ledger
        .record(&first, &[letter(1, "pattern", b"x")])
        .unwrap();
    let again = row("a", 1, &[], 0);
    ledger.record(&again, &[]).unwrap();
    assert_eq!(keys(&ledger, &ObjectFilter::default()), ["a"]);
    assert!(
        ledger
            .dead_letter_reasons(&DeadLetterFilter::default())
            .unwrap()
            .is_empty()
    );
    let mut changed = row("a", 2, &[], 0);
    changed.identity.content = "etag-2".to_owned();
    assert!(!ledger.is_loaded(&changed.identity).unwrap());
    ledger.record(&changed, &[]).unwrap();
    let mut part = row("a", 1, &[], 0);
    part.identity.range = Some((1, 1));
    ledger.record(&part, &[]).unwrap();
    assert_eq!(keys(&ledger, &ObjectFilter::default()), ["a", "a", "a"]);
    assert!(ledger.is_loaded(&again.identity).unwrap());
    let mut ignored = row("b", 0, &[], 0);
    ignored.status = Status::Ignored("no log type".to_owned());
    ledger.record(&ignored, &[]).unwrap();
    assert!(!ledger.is_loaded(&ignored.identity).unwrap());
    assert_eq!(
        ledger.status(&ignored.identity).unwrap(),
        Some(ignored.status)
    );
}

#[test]
fn failed_records_without_letters_are_refused() {
    let (_folder, ledger) = ledger();
    let refused = ledger.record(&row("a", 1, &[], 2), &[letter(1, "pattern", b"x")]);
    assert!(matches!(refused, Err(Error::Unbalanced { .. })));
    assert!(keys(&ledger, &ObjectFilter::default()).is_empty());
    assert!(
        ledger
            .dead_letters(&DeadLetterFilter::default(), None, 1)
            .unwrap()
            .items
            .is_empty()
    );
}

#[test]
fn several_objects_are_recorded_or_none() {
    let (_folder, ledger) = ledger();
    let (first, second) = (row("a", 1, &[], 0), row("b", 0, &["x"], 1));
    let letters = [letter(1, "pattern", b"x")];
    assert!(ledger.record_all(&[(&first, &[]), (&second, &[])]).is_err());
    assert!(keys(&ledger, &ObjectFilter::default()).is_empty());
    let ids = ledger
        .record_all(&[(&first, &[]), (&second, &letters)])
        .unwrap();
    assert_eq!(ledger.object(ids[1]).unwrap().unwrap().row, second);
}

#[test]
fn objects_are_filtered_paged_and_summed_up() {
    let (_folder, ledger) = ledger();
    for number in 0..5 {
        ledger
            .record(&row(&format!("Folder/{number}%"), 2, &["csv"], 0), &[])
            .unwrap();
    }
    let mut failed = row("other", 0, &["own"], 1);
    failed.status = Status::Failed("cut off".to_owned());
    failed.log_type = "web".to_owned();
    ledger.record(&failed, &[letter(1, "json", b"{")]).unwrap();
    let all = ObjectFilter::default();
    let first = ledger.objects(&all, None, 4).unwrap();
    let second = ledger.objects(&all, first.next, 4).unwrap();
    assert_eq!(
        (first.items.len(), second.items.len(), second.next),
        (4, 2, None)
    );
    let cases = [
        (
            ObjectFilter {
                status: Some(StatusKind::Failed),
                ..all.clone()
            },
            1,
        ),
        (
            ObjectFilter {
                log_type: Some("app".to_owned()),
                ..all.clone()
            },
            5,
        ),
        (
            ObjectFilter {
                text: Some("logs/folder/3%".to_owned()),
                ..all.clone()
            },
            1,
        ),
        (
            ObjectFilter {
                text: Some("CUT".to_owned()),
                ..all.clone()
            },
            1,
        ),
        (
            ObjectFilter {
                with_failures: true,
                ..all.clone()
            },
            1,
        ),
        (
            ObjectFilter {
                log_type: Some("app".to_owned()),
                text: Some("other".to_owned()),
                ..all.clone()
            },
            0,
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(keys(&ledger, &filter).len(), expected, "{filter:?}");
    }
    let totals = ledger.totals(&all).unwrap();
    let objects = BTreeMap::from([(StatusKind::Loaded, 5), (StatusKind::Failed, 1)]);
    assert_eq!(
        (totals.objects, totals.size_bytes, totals.counts.read()),
        (objects, 600, 17)
    );
    let excluded: Vec<_> = totals.counts.excluded_by_reason().collect();
    assert_eq!(excluded, [("csv", 5), ("own", 1)]);
}

#[test]
fn dead_letters_are_found_and_retried() {
    let (_folder, ledger) = ledger();
    let long = vec![b'a'; MAX_RAW_BYTES + 1];
    let letters = [
        letter(1, "json", b"GET /Admin\0"),
        letter(2, "json", b"100%_x"),
        letter(3, "time", &long),
    ];
    let id = ledger.record(&row("a", 1, &[], 3), &letters).unwrap();
    let all = DeadLetterFilter::default();
    let count =
        |filter: &DeadLetterFilter| ledger.dead_letters(filter, None, 10).unwrap().items.len();
    let text = |text: &str| DeadLetterFilter {
        text: Some(text.to_owned()),
        ..all.clone()
    };
    for (filter, expected) in [
        (text("admin"), 1),
        (text("%_"), 1),
        (text("line `3`"), 1),
        (text("nowhere"), 0),
        (
            DeadLetterFilter {
                reason: Some("json".to_owned()),
                ..text("100")
            },
            1,
        ),
        (
            DeadLetterFilter {
                reason: Some("time".to_owned()),
                ..text("100")
            },
            0,
        ),
        (
            DeadLetterFilter {
                object_id: Some(id),
                before_ms: Some(1_501),
                ..all.clone()
            },
            3,
        ),
        (
            DeadLetterFilter {
                before_ms: Some(1_500),
                ..all.clone()
            },
            0,
        ),
    ] {
        assert_eq!(count(&filter), expected, "{filter:?}");
    }
    let reasons = ledger.dead_letter_reasons(&all).unwrap();
    assert_eq!((reasons[0].reason.as_str(), reasons[0].count), ("json", 2));
    let newest = ledger.dead_letters(&all, None, 1).unwrap();
    let cut = &newest.items[0].letter.raw;
    assert!(cut.is_truncated() && cut.bytes().len() == MAX_RAW_BYTES);
    assert_eq!(cut.length_bytes(), long.len() as u64);
    let next = ledger.dead_letters(&all, newest.next, 2).unwrap();
    let ids: Vec<i64> = next.items.iter().map(|found| found.id).collect();
    let failed = RetryOutcome::Failed {
        reason: "csv",
        detail: "no",
        parser_version: "2",
    };
    assert!(ledger.retried(ids[0], failed, 9).unwrap());
    let again = ledger.dead_letter(ids[0]).unwrap().unwrap();
    assert_eq!(
        (
            again.letter.reason.as_str(),
            again.retried_ms,
            again.retries
        ),
        ("csv", Some(9), 1)
    );
    assert!(ledger.retried(ids[0], RetryOutcome::Document, 9).unwrap());
    assert!(
        ledger
            .retried(ids[1], RetryOutcome::Excluded("own"), 9)
            .unwrap()
    );
    assert!(!ledger.retried(ids[1], RetryOutcome::Document, 9).unwrap());
    let counts = ledger.object(id).unwrap().unwrap().row.counts;
    assert_eq!(
        (
            counts.documents(),
            counts.excluded_total(),
            counts.failed_total()
        ),
        (2, 1, 1)
    );
    assert!(ledger.delete_dead_letter(newest.items[0].id).unwrap());
    assert_eq!(
        (count(&all), ledger.delete_dead_letters(&all).unwrap()),
        (0, 0)
    );
    assert!(ledger.unbalanced().unwrap().is_empty());
}

#[test]
fn a_draft_keeps_letters_out_until_it_is_recorded() {
    let (_folder, ledger) = ledger();
    let all = DeadLetterFilter::default();
    let mut draft = ledger.draft();
    let mut forgotten = ledger.draft();
    draft
        .add(&[letter(1, "a", b"1"), letter(2, "a", b"2")])
        .unwrap();
    forgotten.add(&[letter(9, "b", b"9")]).unwrap();
    drop(forgotten);
    assert!(ledger.dead_letters(&all, None, 9).unwrap().items.is_empty());
    draft
        .record(&row("a", 0, &[], 3), &[letter(3, "a", b"3")])
        .unwrap();
    let found = ledger.dead_letters(&all, None, 9).unwrap().items;
    let lines: Vec<u64> = found.iter().map(|entry| entry.letter.line).collect();
    assert_eq!(lines, [3, 2, 1]);
    let mut short = ledger.draft();
    short.add(&[letter(1, "a", b"1")]).unwrap();
    assert!(short.record(&row("b", 0, &[], 2), &[]).is_err());
}

#[test]
fn sums_by_log_type() {
    let (_folder, ledger) = ledger();
    let mut recent = row("b", 5, &[], 0);
    recent.finished_ms = 9_000;
    let mut failed = row("c", 0, &[], 0);
    failed.status = Status::Failed("cut off".to_owned());
    let mut other = row("d", 2, &[], 0);
    other.log_type = String::new();
    let broken = [letter(1, "a", b"1"), letter(2, "a", b"2")];
    ledger
        .record(&row("a", 3, &["x", "y"], 2), &broken)
        .unwrap();
    for row in [&recent, &failed, &other] {
        ledger.record(row, &[]).unwrap();
    }
    let first = ledger
        .dead_letters(&DeadLetterFilter::default(), None, 9)
        .unwrap();
    let id = first.items[0].id;
    ledger.retried(id, RetryOutcome::Document, 10).unwrap();
    let sums = ledger.totals_by_log_type(9_000).unwrap();
    let names: Vec<_> = sums.keys().map(String::as_str).collect();
    assert_eq!(names, ["", "app"]);
    let app = &sums["app"];
    assert_eq!((app.objects, app.failed_objects), (3, 1));
    assert_eq!((app.size_bytes, app.recent_size_bytes), (300, 100));
    assert_eq!(
        (app.read, app.documents, app.excluded, app.failed),
        (12, 9, 2, 1)
    );
    assert_eq!((app.dead_letters, app.last_finished_ms), (1, 9_000));
}

#[test]
fn foreign_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    std::fs::write(
        &path,
        "this is a text and no database, long enough to be looked at".repeat(20),
    )
    .unwrap();
    let error = Ledger::open(&path).unwrap_err().to_string();
    assert!(error.starts_with("cannot open the ledger `"), "{error}");
    assert!(Ledger::open(&folder.path().join("no/such/folder")).is_err());
}

#[test]
fn threads_share_a_ledger() {
    let (_folder, ledger) = ledger();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let ledger = &ledger;
            scope.spawn(move || {
                for number in 0..10 {
                    let mut draft = ledger.draft();
                    draft.add(&[letter(1, "a", b"1")]).unwrap();
                    draft
                        .record(&row(&format!("{thread}/{number}"), 1, &["x"], 1), &[])
                        .unwrap();
                    ledger.totals(&ObjectFilter::default()).unwrap();
                }
            });
        }
    });
    assert_eq!(
        ledger
            .totals(&ObjectFilter::default())
            .unwrap()
            .counts
            .read(),
        120
    );
    assert!(ledger.unbalanced().unwrap().is_empty());
}
