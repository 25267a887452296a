//! Memory of this process, as Linux tells it.

use std::fs;

use anyhow::Context;

/// Bytes in memory now, those of mapped files included.
pub fn resident() -> anyhow::Result<u64> {
    field("VmRSS:")
}

/// The most bytes that were in memory since [`forget_peak`].
pub fn peak() -> anyhow::Result<u64> {
    field("VmHWM:")
}

/// Begins to watch the peak anew.
pub fn forget_peak() -> anyhow::Result<()> {
    fs::write("/proc/self/clear_refs", "5").context("cannot reset the peak of memory")
}

fn field(name: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("memory is measured on Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes
        .with_context(|| format!("`/proc/self/status` has no `{name}`"))?
        .parse()?;
    Ok(kilobytes * 1024)
}
