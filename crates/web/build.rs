//! Makes sure that there is something to embed; building the page itself is npm's work.

use std::path::Path;
use std::{env, fs, io};

const PLACEHOLDER: &str = include_str!("src/not_built.html");

fn main() -> io::Result<()> {
    let crate_folder = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let dist = Path::new(&crate_folder).join("../../ui/dist");
    fs::create_dir_all(&dist)?;
    let index = dist.join("index.html");
    if !index.exists() {
        fs::write(index, PLACEHOLDER)?;
    }
    println!("cargo:rerun-if-changed={}", dist.display());
    println!("cargo:rerun-if-changed=src/not_built.html");
    Ok(())
}
