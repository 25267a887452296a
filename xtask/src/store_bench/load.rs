//! `yagura load` on one kind of log: speed, memory, and what lies on disk afterwards.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use super::inputs::Input;
use super::program::{Memory, cpu_seconds, memory};
use crate::process::output;

/// How often the process is looked at while it loads.
const LOOK: Duration = Duration::from_millis(50);

/// What one load took.
pub struct Loaded {
    /// Kind of log.
    pub name: &'static str,
    /// Documents loaded.
    pub documents: u64,
    /// From the start of the program to its end.
    pub wall: Duration,
    /// User and system time of all its threads, in seconds.
    pub cpu_seconds: f64,
    /// The most memory it had.
    pub peak: Memory,
    /// JSON of all documents.
    pub json_bytes: f64,
    /// What the store grew by on disk.
    pub disk_bytes: u64,
    /// Documents per second to reach.
    pub bar: Option<f64>,
    /// Documents per second that would be fast.
    pub fast: Option<f64>,
    /// The search library alone on the same documents, where speed is judged.
    pub alone: Option<Alone>,
}

impl Loaded {
    /// Documents per second of wall time.
    pub fn per_second(&self) -> f64 {
        self.documents as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    /// Documents per second of CPU time.
    pub fn per_cpu_second(&self) -> f64 {
        self.documents as f64 / self.cpu_seconds.max(1e-9)
    }

    /// Bytes on disk per byte of JSON.
    pub fn disk_ratio(&self) -> f64 {
        self.disk_bytes as f64 / self.json_bytes.max(1.0)
    }

    /// One line for whoever waits.
    pub fn line(&self) -> String {
        format!(
            "{}: {:.0} documents/s, {:.0} per CPU-second, {:.2} bytes on disk per byte, {:.0} MB of memory",
            self.name,
            self.per_second(),
            self.per_cpu_second(),
            self.disk_ratio(),
            self.peak.own as f64 / 1e6
        )
    }
}

/// What the search library took alone on the same documents, with nothing of ours around it.
pub struct Alone(pub Value);

impl Alone {
    /// Lets the library index an input in a process of its own, and asks it. `engine` is what starts
    /// that process, without arguments.
    pub fn measure(
        mut engine: Command,
        binary: &Path,
        input: &Input,
        questions: Option<usize>,
    ) -> anyhow::Result<Self> {
        engine.arg("bare-index").arg("--folder").arg(&input.folder);
        engine.arg("--binary").arg(std::path::absolute(binary)?);
        if let Some(times) = questions {
            engine.arg("--questions").arg(times.to_string());
        }
        let alone = Self(serde_json::from_str(&output(&mut engine)?)?);
        if alone.figure("documents") != input.records as f64 {
            bail!("the library alone took not all {} documents", input.records);
        }
        Ok(alone)
    }

    fn figure(&self, name: &str) -> f64 {
        self.0[name].as_f64().unwrap_or_default()
    }

    /// Documents per second.
    pub fn per_second(&self) -> f64 {
        self.figure("documents") / self.figure("wall_s").max(1e-9)
    }

    /// Documents per second of CPU time.
    pub fn per_cpu_second(&self) -> f64 {
        self.figure("documents") / self.figure("cpu_s").max(1e-9)
    }

    /// Bytes on disk per byte of JSON.
    pub fn disk_ratio(&self) -> f64 {
        self.figure("disk_bytes") / self.figure("json_bytes").max(1.0)
    }

    /// Median of a question in milliseconds, if it was asked.
    pub fn p50(&self, question: &str) -> Option<f64> {
        let questions = self.0["questions"].as_array()?;
        let answered = questions.iter().find(|one| one["question"] == question)?;
        answered["p50_ms"].as_f64()
    }

    /// One line for whoever waits.
    pub fn line(&self) -> String {
        format!(
            "  the search library alone: {:.0} documents/s, {:.0} per CPU-second, {:.2} bytes on disk per byte",
            self.per_second(),
            self.per_cpu_second(),
            self.disk_ratio()
        )
    }
}

/// Loads an input into a data folder.
pub fn measure(binary: &Path, data: &Path, input: &Input) -> anyhow::Result<Loaded> {
    let before = folder_bytes(&data.join("store"))?;
    let started = Instant::now();
    let mut child = Command::new(binary)
        .arg("load")
        .arg(&input.folder)
        .arg("--strip-prefix")
        .arg(format!("{}/", input.folder.display()))
        .arg("--data")
        .arg(data)
        .arg("--json")
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the program")?;
    let process = child.id();
    let mut output = child.stdout.take().context("the program has an output")?;
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).map(|_| text)
    });
    let mut peak = Memory::default();
    let mut cpu = 0.0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if let Some(now) = memory(process) {
            peak.with_files = peak.with_files.max(now.with_files);
            peak.own = peak.own.max(now.own);
        }
        cpu = cpu_seconds(process).unwrap_or(cpu);
        std::thread::sleep(LOOK);
    };
    let wall = started.elapsed();
    let Ok(summary) = reader.join() else {
        bail!("the reader of the program's output stopped");
    };
    let summary: Value = serde_json::from_str(&summary?)?;
    let objects = summary["objects"].as_array();
    let documents = objects.into_iter().flatten();
    let documents: u64 = documents
        .filter_map(|object| object["documents"].as_u64())
        .sum();
    if !status.success() || documents != input.records as u64 {
        bail!(
            "loading {} ended with {status} and {documents} documents of {}",
            input.name,
            input.records
        );
    }
    Ok(Loaded {
        name: input.name,
        documents,
        wall,
        cpu_seconds: cpu,
        peak,
        json_bytes: input.document_bytes * documents as f64,
        disk_bytes: folder_bytes(&data.join("store"))?.saturating_sub(before),
        bar: input.bar,
        fast: input.fast,
        alone: None,
    })
}

/// Bytes of all files below a folder; none if it is not there.
pub fn folder_bytes(folder: &Path) -> anyhow::Result<u64> {
    Ok(files_below(folder)?.iter().map(|(_, bytes)| bytes).sum())
}

/// The files below a folder and their bytes, in the order of their paths; none if it is not there.
pub fn files_below(folder: &Path) -> anyhow::Result<Vec<(PathBuf, u64)>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let entry = entry?;
            let meta = entry.metadata()?;
            if meta.is_dir() {
                folders.push(entry.path());
            } else {
                files.push((entry.path(), meta.len()));
            }
        }
    }
    files.sort();
    Ok(files)
}
