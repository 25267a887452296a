//! How much sooner several threads are done with many files, and with one large one.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use anyhow::bail;
use yagura_codec::Limits;
use yagura_pipeline::{Loader, NoLookups, SpareProcessors};

use super::inputs::Input;
use super::stages::{Lines, load_objects};
use crate::engine::load::loader;

/// Threads that are compared with one.
pub const THREADS: usize = 2;

/// What was measured.
pub struct Scaling {
    /// Time by the clock with one thread.
    pub one: Duration,
    /// Time by the clock with [`THREADS`].
    pub several: Duration,
    /// Time by the clock when [`THREADS`] do all of it each, with nothing to share or to wait for.
    pub apart: Duration,
}

impl Scaling {
    /// Times as fast with [`THREADS`] as with one.
    pub fn ratio(&self) -> f64 {
        self.one.as_secs_f64() / self.several.as_secs_f64().max(1e-9)
    }

    /// How much more the machine does with [`THREADS`] that have nothing to do with each other: what
    /// no program on it can surpass.
    pub fn limit(&self) -> f64 {
        THREADS as f64 * self.one.as_secs_f64() / self.apart.as_secs_f64().max(1e-9)
    }

    /// What the part that does not get faster with threads leaves of so many, by Amdahl's law.
    pub fn expected(&self, threads: usize) -> f64 {
        let several = THREADS as f64;
        let serial = (several / self.ratio() - 1.0) / (several - 1.0);
        let serial = serial.clamp(0.0, 1.0);
        1.0 / (serial + (1.0 - serial) / threads as f64)
    }
}

/// Loads the files of an input; the quickest of some rounds counts. `None` if there are too few
/// files to share them.
pub fn measure(input: &Input, rounds: usize) -> anyhow::Result<Option<Scaling>> {
    if input.objects.len() < 4 * THREADS {
        return Ok(None);
    }
    best(rounds, |threads| load(input, threads)).map(Some)
}

/// The quickest of some rounds.
fn best(
    rounds: usize,
    load: impl Fn(usize) -> anyhow::Result<Duration> + Sync,
) -> anyhow::Result<Scaling> {
    let mut scaling = Scaling {
        one: Duration::MAX,
        several: Duration::MAX,
        apart: Duration::MAX,
    };
    for _ in 0..rounds {
        scaling.one = scaling.one.min(load(1)?);
        scaling.several = scaling.several.min(load(THREADS)?);
        scaling.apart = scaling.apart.min(apart(&load)?);
    }
    Ok(scaling)
}

/// The longest of [`THREADS`] that load everything at the same time, each by itself.
fn apart(load: &(impl Fn(usize) -> anyhow::Result<Duration> + Sync)) -> anyhow::Result<Duration> {
    thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| load(1))).collect();
        let mut longest = Duration::ZERO;
        for worker in workers {
            longest = longest.max(outcome(worker)?);
        }
        Ok(longest)
    })
}

/// What a worker came to, once it is done.
fn outcome<T>(worker: ScopedJoinHandle<'_, anyhow::Result<T>>) -> anyhow::Result<T> {
    match worker.join() {
        Ok(done) => done,
        Err(_) => bail!("a worker stopped"),
    }
}

/// Loads one file that holds as many records as so many of the input; `None` if a user's log type
/// reads it.
pub fn measure_one(
    input: &Input,
    folder: &Path,
    records: usize,
    rounds: usize,
) -> anyhow::Result<Option<Scaling>> {
    let Some(shape) = input.shape else {
        return Ok(None);
    };
    let path = folder.join("large");
    let mut out = BufWriter::new(File::create(&path)?);
    shape.write_object(&mut out, records, 0)?;
    out.flush()?;
    let object = [(path, shape.key(0))];
    best(rounds, |threads| load_one(input, &object, records, threads)).map(Some)
}

fn load_one(
    input: &Input,
    object: &[(PathBuf, String)],
    records: usize,
    threads: usize,
) -> anyhow::Result<Duration> {
    let first = input.objects.get(..1).unwrap_or_default();
    let mut lines = Lines::default();
    let mut loader = loader(None, Limits::default())?;
    load_objects(&mut loader, first, &mut NoLookups, &mut lines)?;
    let mut loader = loader.with_spare(SpareProcessors::new(threads - 1));
    let started = Instant::now();
    let documents = load_objects(&mut loader, object, &mut NoLookups, &mut lines)?;
    let took = started.elapsed();
    if documents != records as u64 {
        bail!("{documents} of {records} records were loaded");
    }
    Ok(took)
}

fn load(input: &Input, threads: usize) -> anyhow::Result<Duration> {
    // As `yagura load` does it: a worker without another file helps with the last ones.
    let spare = SpareProcessors::default();
    let mut loaders: Vec<Loader> = Vec::new();
    for _ in 0..threads {
        let mut loader = loader(input.user_ini.as_deref(), Limits::default())?;
        // Its log type is compiled with the first file, which is no part of the time.
        let first = input.objects.get(..1).unwrap_or_default();
        load_objects(&mut loader, first, &mut NoLookups, &mut Lines::default())?;
        loaders.push(loader.with_spare(spare.clone()));
    }
    let (next, loaded) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = |mut loader: Loader| -> anyhow::Result<()> {
        let mut lines = Lines::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(object) = input.objects.get(at..=at) else {
                spare.give();
                return Ok(());
            };
            let documents = load_objects(&mut loader, object, &mut NoLookups, &mut lines)?;
            loaded.fetch_add(documents as usize, Ordering::Relaxed);
        }
    };
    let started = Instant::now();
    thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> = loaders
            .into_iter()
            .map(|loader| scope.spawn(move || work(loader)))
            .collect();
        workers.into_iter().try_for_each(outcome)
    })?;
    let took = started.elapsed();
    let loaded = loaded.into_inner() as u64;
    if loaded != input.records {
        bail!("{loaded} of {} records were loaded", input.records);
    }
    Ok(took)
}
