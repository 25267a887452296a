//! `cargo xtask new-pack NAME`: a skeleton that works, to be filled with what the log is like.

use std::fs;

use anyhow::{Context, bail};

use crate::generate;
use crate::workspace::{Profile, root};

/// The files of a new pack; `NAME` stands for its name.
const FILES: [(&str, &str); 6] = [
    ("README.md", include_str!("../templates/README.md")),
    ("pack.ini", include_str!("../templates/pack.ini")),
    (
        "transform.rs",
        include_str!("../templates/transform.rs.txt"),
    ),
    ("fields.yml", include_str!("../templates/fields.yml")),
    (
        "samples/ordinary/input.json",
        include_str!("../templates/input.json"),
    ),
    ("samples/ordinary/key", "NAME/2025/06/10/example.json\n"),
];
/// Where the sample comes from.
const ORIGIN: (&str, &str) = ("samples/ordinary/origin", "written for Yagura\n");

/// Runs the command.
pub fn run(name: &str) -> anyhow::Result<()> {
    if !is_name(name) {
        bail!(
            "`{name}` cannot be the name of a pack; take lower-case letters, digits and `-`, a letter first, 40 at most"
        );
    }
    let folder = root().join("packs").join(name);
    if folder.exists() {
        bail!("`packs/{name}` exists already");
    }
    for (file, text) in FILES.iter().chain([&ORIGIN]) {
        let path = folder.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text.replace("NAME", name))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    println!("wrote packs/{name}");
    generate::run(false, Profile::Dev)?;
    println!(
        "\npacks/{name} works. Now make it yours: samples first, then pack.ini, transform.rs (delete it if pack.ini says it all), fields.yml and README.md; `cargo xtask gen` after each step."
    );
    Ok(())
}

fn is_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_are_plain() {
        for name in ["acme", "acme-firewall", "x2"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "Acme", "2x", "../x", "a_b", "a-", "ä", &"a".repeat(41)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
