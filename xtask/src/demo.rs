//! `cargo xtask demo`: made-up logs of a small company, loaded and served.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use yagura_testkit::demo::{DEFAULT_EVENTS, write_demo, write_threat_list};

use crate::user_interface;
use crate::workspace::{build_yagura, target};

/// How long a server may take to answer.
const START: Duration = Duration::from_secs(30);

/// Runs the command; does not come back when all goes well.
pub fn run(port: u16, events: Option<usize>) -> anyhow::Result<()> {
    // Before anything takes long.
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(listen)
        .with_context(|| format!("cannot listen on `{listen}`; `--port` chooses another port"))?;
    user_interface::build_if_stale()?;
    let binary = build_yagura()?;
    let data = load(&binary, "demo", events.unwrap_or(DEFAULT_EVENTS))?;
    // The server takes the place of this program, so that whoever ends this ends the server.
    let error = serve(&binary, &data, listen).exec();
    Err(error).context("cannot start `yagura serve`")
}

/// Writes the logs and loads them into a fresh store; gives the store's folder.
fn load(binary: &Path, name: &str, events: usize) -> anyhow::Result<PathBuf> {
    let folder = target()?.join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| {
            format!(
                "cannot remove `{}`; does a demonstration run?",
                folder.display()
            )
        })?;
    }
    let (logs, data) = (folder.join("logs"), folder.join("data"));
    let now = jiff::Timestamp::now();
    let summary = write_demo(&logs, now, events)?;
    write_threat_list(&threat_list(&data), now).context("cannot write the threat list")?;
    println!(
        "made up {} events of {} kinds of logs in {} files",
        summary.events,
        summary.per_log_type.len(),
        summary.objects
    );
    let mut command = Command::new(binary);
    command
        .arg("load")
        .arg(&logs)
        .arg("--strip-prefix")
        .arg(&logs);
    command.arg("--data").arg(&data);
    command.arg("--ioc").arg(threat_list(&data));
    let status = command.status().context("cannot start `yagura load`")?;
    // One file has broken lines on purpose, so some records fail.
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("`yagura load` failed with {status}");
    }
    Ok(data)
}

fn serve(binary: &Path, data: &Path, listen: SocketAddr) -> Command {
    let mut command = Command::new(binary);
    command.arg("serve").arg("--data").arg(data);
    command.arg("--listen").arg(listen.to_string());
    command.arg("--ioc").arg(threat_list(data));
    command
}

/// Where the threat list is: beside the store.
fn threat_list(data: &Path) -> PathBuf {
    data.with_file_name("threats.db")
}

/// A server with the demonstration's data; it ends when this is dropped.
pub struct DemoServer {
    child: Child,
    address: SocketAddr,
}

impl DemoServer {
    /// Loads the demonstration and starts a server on a free port.
    pub fn start(binary: &Path) -> anyhow::Result<DemoServer> {
        let data = load(binary, "demo-test", DEFAULT_EVENTS)?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let child = serve(binary, &data, address)
            .spawn()
            .context("cannot start `yagura serve`")?;
        let mut server = DemoServer { child, address };
        let started = Instant::now();
        while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("`yagura serve` ended with {status}");
            }
            if started.elapsed() > START {
                bail!("`yagura serve` does not answer on {address} after {START:?}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Where the page is.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for DemoServer {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing is left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
