//! What goes beyond Python: places, limits, and that no text makes the crate panic.

use proptest::prelude::*;
use yagura_ini::{ErrorKind, Ini, MAX_FILE_BYTES, MAX_VALUE_BYTES, Reference};

#[test]
fn errors_tell_the_place_and_advice() {
    let error = Ini::parse("user.ini", "[a]\n  x = 1\n  x = 2\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "user.ini:3:3: cannot set `x` in section `a` again (it is already set in line 2; keep one of the two)"
    );
    let ini = Ini::parse("user.ini", "[a]\nx = one\n# note\n   two ${nope}\n").unwrap();
    let error = ini.get("a", "x").unwrap_err();
    assert_eq!((error.line, error.column), (4, 8));
    assert!(error.message.contains("`${nope}`"), "{error}");
}

#[test]
fn origins_follow_the_file_that_won() {
    let mut ini = Ini::parse("pack.ini", "[DEFAULT]\nd = 1\n[a]\nx = 1\ny = 2\n").unwrap();
    ini.merge(Ini::parse("user.ini", "\n[a]\ny = 3\n").unwrap());
    let place = |key| {
        let origin = ini.origin("a", key).unwrap();
        (&*origin.file, origin.line, origin.column)
    };
    assert_eq!(place("x"), ("pack.ini", 4, 1));
    assert_eq!(place("y"), ("user.ini", 3, 1));
    assert_eq!(place("d"), ("pack.ini", 2, 1));
    assert_eq!(ini.section_origin("a").unwrap().line, 3);
    assert_eq!(ini.value_origin("a", "y", 0).unwrap().column, 5);
}

#[test]
fn references_are_listed() {
    let ini = Ini::parse("a.ini", "[s]\nx = ${a}$$${t:b}${a:b:c}\n").unwrap();
    let expected = [("s", "a"), ("t", "b")].map(|(section, key)| Reference {
        section: section.to_owned(),
        key: key.to_owned(),
    });
    assert_eq!(ini.references("s", "x"), expected);
}

#[test]
fn growth_is_capped() {
    let doubled: String = (0..9)
        .map(|i| format!("k{i} = {}\n", format!("${{k{}}}", i + 1).repeat(20)))
        .collect();
    for last in ["", "xxxxxxxx"] {
        let ini = Ini::parse("a.ini", &format!("[s]\n{doubled}k9 = {last}\n")).unwrap();
        assert_eq!(ini.get("s", "k0").unwrap_err().kind, ErrorKind::TooLarge);
    }
    let long = "x".repeat(MAX_VALUE_BYTES / 2 + 1);
    let ini = Ini::parse("a.ini", &format!("[s]\na = {long}\nb = ${{a}}${{a}}\n")).unwrap();
    assert_eq!(ini.get("s", "b").unwrap_err().kind, ErrorKind::TooLarge);
    let huge = " ".repeat(MAX_FILE_BYTES + 1);
    assert_eq!(
        Ini::parse("a.ini", &huge).unwrap_err().kind,
        ErrorKind::TooLarge
    );
}

proptest! {
    #[test]
    fn no_text_panics(first in r"(\[[ab]\]|[ab] ?[=:]|\$\{?|[ab:}\s\n#;\\]|\PC)*", second in ".{0,40}") {
        let mut ini = Ini::new();
        for text in [&first, &second, &format!("[a]\n{first}"), &format!("[DEFAULT]\nb={first}\n[b]\na={second}")] {
            if let Ok(read) = Ini::parse("p.ini", text) {
                ini.merge(read);
            }
        }
        let sections: Vec<String> = ini.sections().map(str::to_owned).collect();
        for section in sections {
            for key in ini.own_keys(&section).chain(ini.own_keys("DEFAULT")) {
                let _ = ini.get(&section, key);
                for offset in 0..ini.raw(&section, key).map_or(0, str::len) + 2 {
                    prop_assert!(ini.value_origin(&section, key, offset).is_some());
                }
            }
        }
    }
}
