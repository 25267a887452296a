//! Where things are in this repository, and how its programs are built.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::process::{output, run};

/// The root of the workspace.
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// `cargo`, in the root of the workspace.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// The folder cargo builds into.
pub fn target() -> anyhow::Result<PathBuf> {
    let metadata =
        output(cargo().args(["metadata", "--no-deps", "--format-version", "1", "--locked"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder = metadata["target_directory"].as_str();
    folder
        .map(PathBuf::from)
        .context("`cargo metadata` names no target directory")
}

/// How a program is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build.
    Dev,
    /// Quick to run.
    Release,
}

/// Builds the program as it is released, and gives its path.
pub fn build_yagura() -> anyhow::Result<PathBuf> {
    build("yagura", Profile::Release)
}

/// Builds this program with the engine inside, and gives the command that runs it; its arguments are
/// still to be added.
pub fn engine(profile: Profile) -> anyhow::Result<Command> {
    Ok(engine_at(&build_engine(profile)?))
}

/// Builds this program with the engine inside, and gives its path.
pub fn build_engine(profile: Profile) -> anyhow::Result<PathBuf> {
    build("xtask", profile)
}

/// The command that runs this program with the engine inside, which was built.
pub fn engine_at(program: &Path) -> Command {
    let mut engine = Command::new(program);
    engine.current_dir(root()).arg("engine");
    engine
}

/// Builds a program of the workspace, and gives its path.
///
/// Both programs are selected with the same features for each, or cargo would build what they
/// depend on twice.
fn build(program: &str, profile: Profile) -> anyhow::Result<PathBuf> {
    let mut cargo = cargo();
    cargo.args(["build", "--locked", "-p", "yagura", "-p", "xtask"]);
    cargo.args(["--features", "xtask/engine", "--bin", program]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    run(&mut cargo)?;
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    Ok(target()?.join(folder).join(file))
}

/// The names of the packs, in order.
pub fn pack_names() -> anyhow::Result<Vec<String>> {
    let folder = root().join("packs");
    let mut names = Vec::new();
    for entry in
        std::fs::read_dir(&folder).with_context(|| format!("cannot list `{}`", folder.display()))?
    {
        let path = entry?.path();
        if path.join("pack.ini").is_file()
            && let Some(name) = path.file_name().and_then(|name| name.to_str())
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A file that is generated: written, or compared with what stands there.
pub struct Generated {
    /// Path below the root.
    pub path: PathBuf,
    /// What it shall hold.
    pub text: String,
}

/// Writes the files that differ; when checking, fails if there are any.
pub fn settle(files: &[Generated], check: bool) -> anyhow::Result<()> {
    let mut different = Vec::new();
    for file in files {
        let path = root().join(&file.path);
        let present = std::fs::read_to_string(&path).unwrap_or_default();
        if present == file.text {
            continue;
        }
        different.push(file.path.display().to_string());
        if !check {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, &file.text)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
            println!("wrote {}", file.path.display());
        }
    }
    if check && !different.is_empty() {
        anyhow::bail!(
            "these files are not as they are generated; run `cargo xtask gen` and read the difference:\n  {}",
            different.join("\n  ")
        );
    }
    Ok(())
}
