//! Compares this crate with the committed results of CPython on every file of the corpus.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use yagura_ini::{DEFAULT_SECTION, Error, Ini};

fn cases() -> BTreeMap<String, Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ini"))
        .collect();
    files.sort();
    let mut cases: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let case = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let case = case.strip_suffix('.').unwrap_or(&name).to_owned();
        cases.entry(case).or_default().push(file);
    }
    cases
}

fn read(files: &[PathBuf]) -> Result<Ini, Error> {
    let mut ini = Ini::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy();
        ini.merge(Ini::parse(&name, &fs::read_to_string(file).unwrap())?);
    }
    Ok(ini)
}

fn value(ini: &Ini, section: &str, key: &str) -> Value {
    let raw = ini.raw(section, key);
    match ini.get(section, key) {
        Ok(value) => json!({"raw": raw, "value": value}),
        Err(error) => json!({"raw": raw, "error": format!("{:?}", error.kind)}),
    }
}

fn dump(files: &[PathBuf]) -> Value {
    let ini = match read(files) {
        Ok(ini) => ini,
        Err(error) => {
            let mut lines = vec![error.line];
            lines.extend(&error.more_lines);
            return json!({"error": format!("{:?}", error.kind), "file": &*error.file, "lines": lines});
        }
    };
    let sections: Vec<&str> = ini.sections().collect();
    let mut own_keys = serde_json::Map::new();
    let mut values = serde_json::Map::new();
    for section in sections.iter().copied().chain([DEFAULT_SECTION]) {
        let own: Vec<&str> = ini.own_keys(section).collect();
        let all: serde_json::Map<String, Value> = own
            .iter()
            .copied()
            .chain(ini.own_keys(DEFAULT_SECTION))
            .map(|key| (key.to_owned(), value(&ini, section, key)))
            .collect();
        own_keys.insert(section.to_owned(), json!(own));
        values.insert(section.to_owned(), Value::Object(all));
    }
    json!({"sections": sections, "own_keys": own_keys, "values": values})
}

#[test]
fn every_file_reads_as_in_cpython() {
    let cases = cases();
    assert!(cases.len() >= 60, "{} cases found", cases.len());
    for (name, files) in cases {
        let expected = files[0].with_file_name(format!("{name}.json"));
        let expected: Value = serde_json::from_str(&fs::read_to_string(expected).unwrap()).unwrap();
        assert_eq!(dump(&files), expected, "case {name}");
    }
}
