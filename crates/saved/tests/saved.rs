//! Saved searches and links through the public functions.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use yagura_saved::{Error, MAX_SEARCHES, MAX_URL_BYTES, Saved};

fn open(folder: &tempfile::TempDir) -> Saved {
    Saved::open(&folder.path().join("saved.db")).unwrap()
}

#[test]
fn searches_belong_to_their_user_and_survive() {
    let folder = tempfile::tempdir().unwrap();
    let saved = open(&folder);
    let root = saved
        .add_search("hana", " Root sign-in ", "/search?q=root", 5)
        .unwrap();
    assert_eq!((root.name.as_str(), root.created_ms), ("Root sign-in", 5));
    saved.add_search("hana", "a", "/search?q=a", 6).unwrap();
    saved
        .add_search("ken", "Root sign-in", "/search?q=b", 6)
        .unwrap();
    let taken = saved.add_search("hana", "a", "/search?q=other", 7);
    assert!(matches!(taken, Err(Error::NameTaken(name)) if name == "a"));
    let taken = saved.change_search("hana", root.id, "a", "/search?q=other", 7);
    assert!(matches!(taken, Err(Error::NameTaken(_))));
    assert_eq!(
        saved
            .change_search("ken", root.id, "x", "/search", 7)
            .unwrap(),
        None
    );
    assert!(!saved.delete_search("ken", root.id).unwrap());
    let changed = saved
        .change_search("hana", root.id, "z", "/search?q=z", 8)
        .unwrap()
        .unwrap();
    assert_eq!((changed.created_ms, changed.changed_ms), (5, 8));
    drop(saved);
    let saved = open(&folder);
    let names: Vec<_> = saved
        .searches("hana")
        .unwrap()
        .into_iter()
        .map(|it| it.name)
        .collect();
    assert_eq!(names, ["a", "z"]);
    assert_eq!(saved.search("hana", root.id).unwrap(), Some(changed));
    assert!(saved.delete_search("hana", root.id).unwrap());
    assert_eq!(saved.search("hana", root.id).unwrap(), None);
}

#[test]
fn names_addresses_and_numbers_have_limits() {
    let folder = tempfile::tempdir().unwrap();
    let saved = open(&folder);
    for name in ["", "  ", &"x".repeat(201)] {
        let refused = saved.add_search("hana", name, "/search", 0);
        assert!(matches!(refused, Err(Error::BadName)), "{name}");
    }
    let long = format!("/{}", "x".repeat(MAX_URL_BYTES));
    for url in [
        "",
        "search",
        "//evil.example.com/",
        "/\\evil.example.com",
        "https://evil.example.com/",
        "/a\r\nset-cookie: x",
        "/a b",
        "/日本",
        &long,
    ] {
        assert!(
            matches!(saved.add_search("hana", "x", url, 0), Err(Error::BadUrl)),
            "{url}"
        );
        assert!(
            matches!(saved.link(url, "hana", 0), Err(Error::BadUrl)),
            "{url}"
        );
    }
    for at in 0..MAX_SEARCHES {
        saved
            .add_search("hana", &at.to_string(), "/search", 0)
            .unwrap();
    }
    assert!(matches!(
        saved.add_search("hana", "more", "/search", 0),
        Err(Error::TooMany)
    ));
    assert!(saved.add_search("ken", "more", "/search", 0).is_ok());
}

#[test]
fn links_are_short_stable_and_lead_back() {
    let folder = tempfile::tempdir().unwrap();
    let saved = open(&folder);
    let long = format!("/search?q={}", "x".repeat(60_000));
    let id = saved.link(&long, "hana", 1).unwrap();
    assert!(id.len() <= 12);
    assert_eq!(saved.link(&long, "ken", 2).unwrap(), id);
    assert_ne!(saved.link("/search?q=y", "ken", 2).unwrap(), id);
    drop(saved);
    let saved = open(&folder);
    assert_eq!(
        saved.open_link(&id, 3).unwrap().as_deref(),
        Some(long.as_str())
    );
    assert_eq!(saved.open_link("0000000000", 3).unwrap(), None);
}
