//! The engine knows no log type by name: none is written in the sources outside the packs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of a test may panic"
)]

use std::fs;
use std::path::{Path, PathBuf};

use yagura_config::Ini;
use yagura_packs::PACKS;

/// Crates that may name log types: the packs, and what makes up logs for tests.
const MAY_NAME: [&str; 2] = ["packs", "testkit"];

#[test]
fn no_log_type_is_named_outside_the_packs() {
    let names: Vec<String> = PACKS.iter().flat_map(|pack| sections(pack.ini)).collect();
    assert!(names.len() >= PACKS.len());
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for entry in fs::read_dir(crates).unwrap() {
        let folder = entry.unwrap().path();
        if !MAY_NAME.iter().any(|name| folder.ends_with(name)) {
            collect(&folder.join("src"), &mut files);
        }
    }
    assert!(files.len() > 50, "{} sources", files.len());
    let mut found = Vec::new();
    for file in &files {
        let text = without_tests(fs::read_to_string(file).unwrap());
        for name in &names {
            let quoted = [format!("\"{name}\""), format!("[{name}]")];
            for (at, line) in text.lines().enumerate() {
                if !line.trim_start().starts_with("//")
                    && quoted.iter().any(|name| line.contains(name))
                {
                    found.push(format!("{}:{}: {}", file.display(), at + 1, line.trim()));
                }
            }
        }
    }
    assert!(
        found.is_empty(),
        "log types are named in\n{}",
        found.join("\n")
    );
}

fn sections(ini: &str) -> Vec<String> {
    let ini = Ini::parse("pack.ini", ini).unwrap();
    ini.sections().map(str::to_owned).collect()
}

/// The source up to its tests, which may take a real name for an example.
fn without_tests(source: String) -> String {
    match source.split_once("\n#[cfg(test)]\nmod tests {") {
        Some((code, _)) => code.to_owned(),
        None => source,
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
        if path.is_dir() && !path.ends_with("tests") {
            collect(&path, files);
        } else if is_source && !is_test {
            files.push(path);
        }
    }
}
