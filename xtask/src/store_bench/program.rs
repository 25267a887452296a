//! The program as a process: its memory, its CPU time, and its server.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use super::client::Client;

/// What memory a process had at most, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// With the parts of mapped files that were in memory, which the system takes back at need.
    pub with_files: u64,
    /// Without them, as of the last time it was looked at.
    pub own: u64,
}

/// The memory of a process; `None` once it has ended.
pub fn memory(process: u32) -> Option<Memory> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let bytes = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1024)
    };
    Some(Memory {
        with_files: bytes("VmHWM:")?,
        own: bytes("RssAnon:")?,
    })
}

/// User and system time of a process so far, in seconds.
pub fn cpu_seconds(process: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name may hold blanks; it ends with the last parenthesis.
    let (_, fields) = stat.rsplit_once(')').context("the state of a process")?;
    let ticks = |at: usize| fields.split_whitespace().nth(at)?.parse::<f64>().ok();
    let ticks = ticks(11).zip(ticks(12)).context("the times of a process")?;
    Ok((ticks.0 + ticks.1) / 100.0)
}

/// `yagura serve`, stopped when dropped.
pub struct Server {
    child: Child,
    /// Asks it.
    pub client: Client,
}

impl Server {
    /// Starts it on a free port of the loopback address.
    pub fn start(binary: &Path, data: &Path, watched: &Path) -> anyhow::Result<Server> {
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--watch")
            .arg(watched)
            .arg("--strip-prefix")
            .arg(format!("{}/", watched.display()))
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let output = child.stdout.take().context("the server has an output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.split_once("http://").map(|(_, rest)| rest);
        let Some(address) = address.and_then(|rest| rest.trim().strip_suffix('/')) else {
            child.kill()?;
            bail!("the server says `{}` and no address", line.trim_end());
        };
        let client = Client::new(address)?;
        Ok(Server { child, client })
    }

    /// CPU time so far, in seconds.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        cpu_seconds(self.child.id())
    }

    /// The most memory it had.
    pub fn memory(&self) -> anyhow::Result<Memory> {
        memory(self.child.id()).context("the server has ended")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
