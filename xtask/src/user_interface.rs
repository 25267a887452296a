//! The page in `ui/`: is it built, and how to build and check it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::bail;

use crate::process::{output, run};
use crate::workspace::root;

/// What the page is made of, below `ui/`.
const SOURCES: [&str; 5] = [
    "src",
    "public",
    "index.html",
    "package-lock.json",
    "vite.config.ts",
];
/// Where Debian installs Chromium.
const CHROMIUM: &str = "/usr/bin/chromium";
/// Where the browser test looks instead, if it is set.
const CHROMIUM_VARIABLE: &str = "YAGURA_CHROMIUM";

/// Builds the page unless that was done since its sources changed.
pub fn build_if_stale() -> anyhow::Result<()> {
    let folder = root().join("ui");
    // A page that says it was not built has no assets.
    let built = newest(&folder.join("dist/assets"));
    let changed = SOURCES
        .iter()
        .filter_map(|source| newest(&folder.join(source)))
        .max();
    if built.is_some() && built >= changed {
        return Ok(());
    }
    println!("building the page");
    install()?;
    run(npm().args(["run", "--silent", "build"]))
}

/// Installs what the page is built with, as the lock file says.
pub fn install() -> anyhow::Result<()> {
    run(npm().args(["ci", "--no-audit", "--no-fund", "--loglevel", "error"]))
}

/// Checks and builds the page: form of its sources, types, unit tests, size.
pub fn check() -> anyhow::Result<()> {
    install()?;
    for script in ["check:format", "check:api", "test", "build"] {
        run(npm().args(["run", "--silent", script]))?;
    }
    Ok(())
}

/// Runs the browser test against a server.
pub fn test_in_browser(address: &str) -> anyhow::Result<()> {
    run(npm()
        .args(["run", "--silent", "test:browser"])
        .env("YAGURA_URL", address))
}

/// Installs Chromium when it is missing and we may.
pub fn provide_chromium() -> anyhow::Result<()> {
    if std::env::var_os(CHROMIUM_VARIABLE).is_some() || Path::new(CHROMIUM).exists() {
        return Ok(());
    }
    let is_root = output(Command::new("id").arg("-u"))?.trim() == "0";
    if !is_root || !Path::new("/usr/bin/apt-get").exists() {
        bail!(
            "the browser test needs Chromium: `sudo apt-get install chromium fonts-noto-cjk`, or set {CHROMIUM_VARIABLE} to its path"
        );
    }
    let apt_get = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
        command
    };
    run(apt_get().arg("update"))?;
    run(apt_get().args([
        "install",
        "-y",
        "--no-install-recommends",
        "chromium",
        "fonts-noto-cjk",
    ]))
}

fn npm() -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(root().join("ui"));
    npm
}

/// When the file, or the newest one below the folder, was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    if path.is_file() {
        return fs::metadata(path).and_then(|file| file.modified()).ok();
    }
    let entries = fs::read_dir(path).ok()?;
    entries
        .flatten()
        .filter_map(|entry| newest(&entry.path()))
        .max()
}
