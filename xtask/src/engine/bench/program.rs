//! The program as a whole: how much memory it takes, and how soon it gives the first record.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use yagura_testkit::bench_inputs::Shape;

/// Lines of the file on which memory is measured.
const LINES: usize = 1_000_000;
/// Lines of the file that shows whether memory grows with the object.
const LARGE_LINES: usize = 10_000_000;
/// Starts, of which the quickest counts.
const STARTS: usize = 10;

/// Logs of which the first record is waited for: a user agent has its own patterns.
const STARTED: [Shape; 3] = [Shape::VpcFlow, Shape::CloudTrail, Shape::Alb];

/// What was measured.
pub struct Program {
    /// From starting the program to its first document, of the log that takes longest.
    pub start: Duration,
    /// One measurement per size of the file.
    pub runs: Vec<Run>,
}

/// `yagura parse` on one large file.
pub struct Run {
    /// Lines of the file.
    pub lines: usize,
    /// The most memory it had.
    pub peak_bytes: u64,
    /// CPU time of all its threads.
    pub cpu: Duration,
}

/// Measures the program.
pub fn measure(binary: &Path, large: bool) -> anyhow::Result<Program> {
    let folder = tempfile::tempdir()?;
    let mut start = Duration::ZERO;
    for shape in STARTED {
        let one = write(folder.path(), shape, 1)?;
        let mut quickest = Duration::MAX;
        for _ in 0..STARTS {
            quickest = quickest.min(first_record(binary, shape, &one)?);
        }
        let millis = quickest.as_secs_f64() * 1e3;
        println!("start to first record, {}: {millis:.1} ms", shape.name());
        start = start.max(quickest);
    }
    // The peak that the system tells is that of the largest child so far: small files first.
    let sizes = [LINES].into_iter().chain(large.then_some(LARGE_LINES));
    let mut runs = Vec::new();
    for lines in sizes {
        let path = write(folder.path(), Shape::VpcFlow, lines)?;
        let run = parse(binary, &path, lines)?;
        println!(
            "peak memory on {lines} lines: {:.1} MB",
            run.peak_bytes as f64 / 1e6
        );
        std::fs::remove_file(path)?;
        runs.push(run);
    }
    Ok(Program { start, runs })
}

fn write(folder: &Path, shape: Shape, records: usize) -> anyhow::Result<PathBuf> {
    let path = folder.join(format!("{records}.log.gz"));
    let mut out = BufWriter::new(File::create(&path)?);
    shape.write_object(&mut out, records, 0)?;
    out.flush()?;
    Ok(path)
}

fn command(binary: &Path, shape: Shape, path: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .arg("parse")
        .arg(path)
        .arg("--key")
        .arg(shape.key(0));
    command
}

fn first_record(binary: &Path, shape: Shape, path: &Path) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let mut child = command(binary, shape, path)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the program")?;
    let output = child.stdout.take().context("the program has an output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let took = started.elapsed();
    let status = child.wait()?;
    if !status.success() || !line.starts_with('{') {
        bail!(
            "the program ended with {status} and printed `{}`",
            line.trim_end()
        );
    }
    Ok(took)
}

fn parse(binary: &Path, path: &Path, lines: usize) -> anyhow::Result<Run> {
    let before = children_cpu()?;
    let status = command(binary, Shape::VpcFlow, path)
        .stdout(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("the program ended with {status}");
    }
    let kilobytes = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    Ok(Run {
        lines,
        peak_bytes: kilobytes.unsigned_abs() * 1024,
        cpu: children_cpu()?.saturating_sub(before),
    })
}

fn children_cpu() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(micros.unsigned_abs()))
}
