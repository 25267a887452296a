//! What users' scripts cost: the example of the guide, in both languages and without a script.

use std::fmt::Write;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use yagura_codec::{Limits, Slice};
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{Loader, NoLookups, ObjectContext, Options};
use yagura_script::ScriptFolder;
use yagura_testkit::Rng;

use super::stages::{Cost, Lines};
use crate::engine::load::now;
use crate::figures::{grouped, verdict};

/// The guide, whose example is measured.
const GUIDE: &str = include_str!("../../../../docs/guide/custom-logic.md");
/// The key of the object that is loaded.
const KEY: &str = "logs/door-system/doors.json";

/// A language, and what must be reached in it.
struct Language {
    name: &'static str,
    /// The guide's word for it, and the name of the script.
    script: Option<(&'static str, &'static str)>,
    /// Records per CPU-second: of everything, and of the process that runs the script.
    bar: Option<u64>,
    worker_bar: Option<u64>,
}

const LANGUAGES: [Language; 3] = [
    Language {
        name: "no script",
        script: None,
        bar: None,
        worker_bar: None,
    },
    Language {
        name: "VRL",
        script: Some(("coffee", "sf_door_system.vrl")),
        bar: Some(100_000),
        worker_bar: None,
    },
    Language {
        name: "Python",
        script: Some(("python", "sf_door_system.py")),
        bar: None,
        worker_bar: Some(20_000),
    },
];

/// What one language costs.
pub struct ScriptCost {
    /// The language.
    pub name: &'static str,
    /// CPU time of this process, from bytes to lines of JSON.
    pub whole: Cost,
    /// CPU time of the process that runs the script, with its start.
    pub worker: Cost,
    /// Records per CPU-second of this process to reach.
    pub bar: Option<u64>,
    /// Records per CPU-second of the other process to reach.
    pub worker_bar: Option<u64>,
}

/// What all languages cost.
pub struct Scripts {
    /// Records that were loaded.
    pub records: u64,
    /// Each language; the first runs no script.
    pub costs: Vec<ScriptCost>,
}

/// Measures all languages, each a number of times of which the best counts.
pub fn measure(records: usize, rounds: usize) -> anyhow::Result<Scripts> {
    let log = door_log(records);
    let mut costs = Vec::new();
    for language in &LANGUAGES {
        let folder = tempfile::tempdir()?;
        if let Some((word, file)) = language.script {
            std::fs::write(folder.path().join(file), example(word)?)?;
        }
        let mut best: Option<(Duration, Duration)> = None;
        for _ in 0..rounds.max(1) {
            let cost = run(folder.path(), language.script.is_some(), &log, records)?;
            best = Some(best.map_or(cost, |best| (best.0.min(cost.0), best.1.min(cost.1))));
        }
        let (whole, worker) = best.context("at least one run")?;
        costs.push(ScriptCost {
            name: language.name,
            whole: Cost(whole),
            worker: Cost(worker),
            bar: language.bar,
            worker_bar: language.worker_bar,
        });
    }
    Ok(Scripts {
        records: records as u64,
        costs,
    })
}

impl Scripts {
    /// The figures as a table in Markdown.
    pub fn table(&self) -> String {
        let mut table = String::from(
            "\n| Script of the guide | whole, records/CPU-s of the loader | bar | the script alone, records/CPU-s | bar |\n|---|---:|---:|---:|---:|\n",
        );
        for cost in &self.costs {
            let whole = cost.whole.per_second(self.records);
            let alone = self.alone(cost);
            let bar = |bar: Option<u64>, reached: f64| {
                bar.map_or("–".to_owned(), |bar| {
                    format!("{}{}", grouped(bar as f64), verdict(reached >= bar as f64))
                })
            };
            let _ = writeln!(
                table,
                "| {} | {} | {} | {} | {} |",
                cost.name,
                grouped(whole),
                bar(cost.bar, whole),
                alone.map_or("–".to_owned(), grouped),
                bar(cost.worker_bar, alone.unwrap_or_default()),
            );
        }
        table
    }

    /// The figures as JSON.
    pub fn json(&self) -> Value {
        let costs = self.costs.iter().map(|cost| {
            json!({
                "script": cost.name,
                "records": self.records,
                "whole_records_per_cpu_s": cost.whole.per_second(self.records).round(),
                "bar_records_per_cpu_s": cost.bar,
                "alone_records_per_cpu_s": self.alone(cost).map(f64::round),
                "bar_alone_records_per_cpu_s": cost.worker_bar,
            })
        });
        costs.collect()
    }

    /// Records per CPU-second of the script alone: of its process if it has one, else of what
    /// the loader needs more with it than without.
    fn alone(&self, cost: &ScriptCost) -> Option<f64> {
        let without = self.costs.first()?.whole.0;
        let alone = match cost.worker.0 {
            Duration::ZERO => cost.whole.0.checked_sub(without)?,
            worker => worker,
        };
        (!alone.is_zero()).then(|| Cost(alone).per_second(self.records))
    }
}

/// CPU time of this process and of the script's.
fn run(
    folder: &Path,
    has_script: bool,
    log: &str,
    records: usize,
) -> anyhow::Result<(Duration, Duration)> {
    let mut ini = example("ini")?.to_owned();
    if !has_script {
        ini = ini.replace("script_ecs", "# script_ecs");
    }
    let loaded = load_settings(&[("user.ini", &ini)])
        .map_err(|error| anyhow::anyhow!("{:?}", error.diagnostics))?;
    let scripts = ScriptFolder {
        folder: folder.to_owned(),
        python: PathBuf::from("python3"),
    };
    let children = children_cpu()?;
    let (scripts, found) = scripts.load(&loaded.settings);
    if let Some(problem) = found.first() {
        bail!("{problem}");
    }
    let options = Options {
        scripts: Some(Arc::new(scripts)),
        ..Options::default()
    };
    let mut loader = Loader::new(
        Arc::new(loaded.settings),
        Arc::new(PackNatives::new()),
        Arc::new(options),
        Limits::default(),
    )?;
    let context = ObjectContext::new("example-logs", KEY, log.len() as u64, now()?);
    let body = Box::new(Cursor::new(log.as_bytes().to_vec()));
    let mut lines = Lines::default();
    let started = process_cpu()?;
    let outcome = loader.load(context, body, Slice::ALL, &mut NoLookups, &mut lines);
    let whole = process_cpu()?.saturating_sub(started);
    if outcome.counts.documents != records as u64 {
        bail!(
            "{} documents of {records} records",
            outcome.counts.documents
        );
    }
    // Ends the process, whose time is known only then.
    drop(loader);
    Ok((whole, children_cpu()?.saturating_sub(children)))
}

/// A block of code of the guide, by the word behind its fence.
fn example(word: &str) -> anyhow::Result<&'static str> {
    let (_, block) = GUIDE
        .split_once(&format!("```{word}\n"))
        .with_context(|| format!("the guide has no example in `{word}`"))?;
    let (block, _) = block.split_once("```").context("the example has no end")?;
    Ok(block)
}

/// Lines as the guide's door writes them, the same on every machine.
fn door_log(records: usize) -> String {
    const DOORS: [&str; 4] = ["north", "south", "garage", "server room"];
    const OWNERS: [&str; 6] = ["Alice", "Bob", "Carol", "Dave", "Erin", "Frank"];
    let mut rng = Rng::new(7);
    let mut log = String::new();
    for number in 0..records {
        let (minute, second) = (number / 60 % 60, number % 60);
        let door = DOORS[rng.below(4) as usize];
        let owner = OWNERS[rng.below(6) as usize];
        let granted = rng.below(10) > 0;
        let _ = writeln!(
            log,
            r#"{{"time": "2026-06-10T08:{minute:02}:{second:02}Z", "door": "{door}", "badge_owner": "{owner}", "granted": {granted}, "firmware": "1.4.2", "number": {number}}}"#
        );
    }
    log
}

fn process_cpu() -> anyhow::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

fn children_cpu() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(micros.unsigned_abs()))
}
