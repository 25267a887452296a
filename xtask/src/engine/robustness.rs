//! Damages every sample in many ways: nothing panics or hangs, and every record is accounted for.

use std::fs;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::de::IgnoredAny;
use yagura_codec::{Failure, Limits};
use yagura_model::Timestamp;
use yagura_pipeline::{Document, LoadOutcome, Loader, ObjectContext, Output};
use yagura_testkit::Rng;

use super::load::{load, loader, now};
use super::samples::samples;
use crate::RobustnessArguments;

/// How long one load may take; a debug build on a busy machine stays far below.
const TIME_CAP: Duration = Duration::from_secs(20);
/// Bounds that keep a damaged length from making a load long.
const LIMITS: Limits = Limits {
    decompressed_bytes: 64 << 20,
    record_bytes: 1 << 20,
    whole_bytes: 1 << 20,
    piece_bytes: 2_000,
};
/// How much of a packed object is unpacked to be damaged inside.
const UNPACKED_BYTES: u64 = 8 << 20;
const SEED: u64 = 0x5eed_0fda_3a6e;
const WORKERS: usize = 2;

/// An object to damage.
struct Input {
    name: String,
    key: String,
    user_ini: Option<String>,
    /// The object as it is stored and, if it is packed, unpacked.
    forms: Vec<Vec<u8>>,
}

/// What all loads came to.
#[derive(Debug, Default)]
struct Figures {
    loads: u64,
    unconfigured: u64,
    ignored: u64,
    unreadable: u64,
    read: u64,
    documents: u64,
    excluded: u64,
    failed: u64,
    slowest: Duration,
    slowest_input: String,
    problems: Vec<String>,
}

/// Runs the command.
pub fn run(arguments: &RobustnessArguments) -> anyhow::Result<()> {
    let mut inputs = sample_inputs()?;
    if let Some(folder) = &arguments.cases {
        inputs.extend(recorded_inputs(folder)?);
    }
    let started = Instant::now();
    let figures = damage_all(&inputs, arguments.rounds)?;
    println!(
        "{} inputs, {} loads in {:.1} s: {} records read = {} documents + {} excluded + {} failed; {} objects unreadable, {} ignored, {} inputs without their log type; slowest {:.0} ms ({})",
        inputs.len(),
        figures.loads,
        started.elapsed().as_secs_f64(),
        figures.read,
        figures.documents,
        figures.excluded,
        figures.failed,
        figures.unreadable,
        figures.ignored,
        figures.unconfigured,
        figures.slowest.as_secs_f64() * 1e3,
        figures.slowest_input,
    );
    for problem in figures.problems.iter().take(50) {
        println!("FAIL {problem}");
    }
    match figures.problems.len() {
        0 => Ok(()),
        count => bail!("{count} loads went wrong"),
    }
}

fn sample_inputs() -> anyhow::Result<Vec<Input>> {
    let input = |sample: super::samples::Sample| Input {
        name: sample.folder.display().to_string(),
        key: sample.key,
        user_ini: None,
        forms: forms(sample.bytes),
    };
    Ok(samples()?.into_iter().map(input).collect())
}

/// The objects of recorded cases, with the configuration they were recorded with.
fn recorded_inputs(folder: &Path) -> anyhow::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for log_type in sorted(folder)? {
        if !log_type.is_dir() {
            continue;
        }
        for case in sorted(&log_type)? {
            let description = case.join("case.json");
            if description.is_file() {
                let input = recorded_input(&case, &description);
                inputs.push(input.with_context(|| format!("in `{}`", case.display()))?);
            }
        }
    }
    Ok(inputs)
}

fn recorded_input(case: &Path, description: &Path) -> anyhow::Result<Input> {
    let described: serde_json::Value = serde_json::from_slice(&fs::read(description)?)?;
    let text = |name: &str| described[name].as_str();
    let file = text("file").context("case.json has no `file`")?;
    let user_ini = text("user_ini").filter(|name| !name.is_empty());
    let user_ini = user_ini.map(|name| fs::read_to_string(case.join(name)));
    let name: Vec<_> = case
        .iter()
        .rev()
        .take(2)
        .map(|part| part.to_string_lossy())
        .collect();
    Ok(Input {
        name: name.into_iter().rev().collect::<Vec<_>>().join("/"),
        key: text("key").context("case.json has no `key`")?.to_owned(),
        user_ini: user_ini.transpose()?,
        forms: forms(fs::read(case.join(file))?),
    })
}

fn sorted(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// The object as it is, and what is inside if it is gzip.
fn forms(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    let mut unpacked = Vec::new();
    let decoder = flate2::read::MultiGzDecoder::new(bytes.as_slice());
    let whole = decoder.take(UNPACKED_BYTES).read_to_end(&mut unpacked);
    // What came before the damage of a damaged object serves as well.
    let is_packed = whole.is_ok() || !unpacked.is_empty();
    let mut forms = vec![bytes];
    forms.extend(Some(unpacked).filter(|_| is_packed));
    forms
}

/// Damages all inputs, some at a time, and watches that none takes too long.
fn damage_all(inputs: &[Input], rounds: u64) -> anyhow::Result<Figures> {
    let now = now()?;
    let next = AtomicUsize::new(0);
    let done = AtomicBool::new(false);
    let figures = Mutex::new(Figures::default());
    let running: [Mutex<Option<(Instant, String)>>; WORKERS] = Default::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = running
            .iter()
            .map(|running| {
                scope.spawn(|| {
                    let mut worker = Worker {
                        running,
                        now,
                        figures: Figures::default(),
                    };
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(input) = inputs.get(at) else { break };
                        let donor = &inputs[(at * 7 + 1) % inputs.len()];
                        worker.damage(input, donor, at as u64, rounds);
                    }
                    lock(&figures).add(worker.figures);
                })
            })
            .collect();
        scope.spawn(|| watch(&running, &done));
        for worker in workers {
            // A panic outside the loads goes on here when the scope ends.
            let _ = worker.join();
        }
        done.store(true, Ordering::Relaxed);
    });
    Ok(figures.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the program when a load takes too long, for it may never end.
fn watch(running: &[Mutex<Option<(Instant, String)>>], done: &AtomicBool) {
    while !done.load(Ordering::Relaxed) {
        for load in running {
            if let Some((started, name)) = &*lock(load)
                && started.elapsed() > TIME_CAP
            {
                eprintln!("FAIL {name}: still running after {TIME_CAP:?}");
                std::process::exit(1);
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

struct Worker<'w> {
    running: &'w Mutex<Option<(Instant, String)>>,
    now: Timestamp,
    figures: Figures,
}

impl Worker<'_> {
    fn damage(&mut self, input: &Input, donor: &Input, seed: u64, rounds: u64) {
        let Ok(mut loader) = loader(input.user_ini.as_deref(), LIMITS) else {
            // The configuration builds on a log type that is not there.
            self.figures.unconfigured += 1;
            return;
        };
        let mut rng = Rng::new(SEED.wrapping_add(seed));
        for (form, bytes) in input.forms.iter().enumerate() {
            let donor = donor.forms.get(form).or(donor.forms.first());
            let donor = donor.map_or(&[] as &[u8], Vec::as_slice);
            self.load(&mut loader, input, "as it is", bytes.clone());
            for round in 0..rounds {
                for damage in Damage::ALL {
                    let damaged = damage.apply(bytes, donor, &mut rng);
                    let label = format!("form {form}, {damage:?} {round}");
                    self.load(&mut loader, input, &label, damaged);
                }
            }
        }
    }

    fn load(&mut self, loader: &mut Loader, input: &Input, label: &str, bytes: Vec<u8>) {
        let name = format!("{}: {label}", input.name);
        let started = Instant::now();
        *lock(self.running) = Some((started, name.clone()));
        let context = ObjectContext::new("example-logs", &input.key, bytes.len() as u64, self.now);
        let mut tally = Tally::default();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            load(loader, context, bytes, &mut tally)
        }));
        *lock(self.running) = None;
        let took = started.elapsed();
        if took > self.figures.slowest {
            self.figures.slowest = took;
            self.figures.slowest_input.clone_from(&name);
        }
        match outcome {
            Ok(outcome) => self.figures.count(&name, &outcome, &tally),
            // The loader may be half-way through something now; what follows may show that too.
            Err(_) => self.figures.problems.push(format!("{name}: panicked")),
        }
    }
}

impl Figures {
    fn count(&mut self, name: &str, outcome: &LoadOutcome, tally: &Tally) {
        let counts = &outcome.counts;
        self.loads += 1;
        self.ignored += u64::from(outcome.ignored.is_some());
        self.unreadable += u64::from(outcome.error.is_some());
        self.read += counts.read;
        self.documents += counts.documents;
        self.excluded += counts.excluded_total();
        self.failed += counts.failed_total();
        let handed_over = (tally.documents, tally.failed);
        if !counts.balances() {
            self.problems
                .push(format!("{name}: does not balance: {counts:?}"));
        } else if handed_over != (counts.documents, counts.failed_total()) {
            self.problems.push(format!(
                "{name}: documents and failures handed over: {handed_over:?}, counted: {counts:?}"
            ));
        }
        if let Some(problem) = &tally.problem {
            self.problems.push(format!("{name}: {problem}"));
        }
    }

    fn add(&mut self, other: Figures) {
        self.loads += other.loads;
        self.unconfigured += other.unconfigured;
        self.ignored += other.ignored;
        self.unreadable += other.unreadable;
        self.read += other.read;
        self.documents += other.documents;
        self.excluded += other.excluded;
        self.failed += other.failed;
        if other.slowest > self.slowest {
            self.slowest = other.slowest;
            self.slowest_input = other.slowest_input;
        }
        self.problems.extend(other.problems);
    }
}

/// Counts what is handed over, and looks that documents are JSON.
#[derive(Default)]
struct Tally {
    documents: u64,
    failed: u64,
    problem: Option<String>,
}

impl Output for Tally {
    fn document(&mut self, document: &Document<'_>) {
        self.documents += 1;
        if let Err(error) = serde_json::from_slice::<IgnoredAny>(document.json) {
            self.problem = Some(format!("document `{}` is no JSON: {error}", document.id));
        }
        if document.index.is_empty() || document.id.is_empty() {
            self.problem = Some("a document has no index or no id".to_owned());
        }
    }

    fn failed(&mut self, _failure: &Failure<'_>) {
        self.failed += 1;
    }
}

/// A way to damage bytes.
#[derive(Debug, Clone, Copy)]
enum Damage {
    /// The end is missing.
    Cut,
    /// Some bits are wrong.
    Flip,
    /// A part is replaced by a part of this or another object.
    Splice,
}

impl Damage {
    const ALL: [Damage; 3] = [Damage::Cut, Damage::Flip, Damage::Splice];

    fn apply(self, bytes: &[u8], donor: &[u8], rng: &mut Rng) -> Vec<u8> {
        let mut damaged = bytes.to_vec();
        match self {
            Damage::Cut => damaged.truncate(rng.below(bytes.len() as u64 + 1) as usize),
            Damage::Flip => {
                for _ in 0..rng.between(1, 9) {
                    let bit = rng.below((bytes.len() as u64 * 8).max(1));
                    if let Some(byte) = damaged.get_mut((bit / 8) as usize) {
                        *byte ^= 1 << (bit % 8);
                    }
                }
            }
            Damage::Splice => {
                let from = if rng.chance(0.5) { bytes } else { donor };
                let inserted = part_of(from.len(), rng);
                let replaced = part_of(bytes.len(), rng);
                damaged.splice(replaced, from[inserted].iter().copied());
            }
        }
        damaged
    }
}

/// A part of so many bytes; short ones are as likely as long ones.
fn part_of(length: usize, rng: &mut Rng) -> std::ops::Range<usize> {
    let start = rng.below(length as u64 + 1) as usize;
    let rest = (length - start) as f64;
    let end = start + (rest * rng.unit_power(4)) as usize;
    start..end.min(length)
}
