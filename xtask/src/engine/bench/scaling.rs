//! How much sooner several threads are done with many files, and with one large one.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use yagura_codec::Limits;
use yagura_pipeline::{Loader, NoLookups, SpareProcessors};

use super::inputs::Input;
use super::stages::{Lines, load_objects, middle_ratio};
use crate::engine::load::loader;

/// Threads that are compared with one.
pub const THREADS: usize = 2;

/// How many times the records of an input a run loads, so that it takes long enough to compare: each
/// of many files so often, or one file that holds as many.
const TIMES: usize = 4;

/// What was measured; of the ratios of runs that followed each other those in the middle.
pub struct Scaling {
    /// Times as fast with [`THREADS`] as with one.
    pub ratio: f64,
    /// How much more the machine does with [`THREADS`] that have nothing to do with each other: what
    /// no program on it can surpass.
    pub limit: f64,
}

impl Scaling {
    /// What the part that does not get faster with threads leaves of so many, by Amdahl's law.
    pub fn expected(&self, threads: usize) -> f64 {
        let several = THREADS as f64;
        let serial = (several / self.ratio - 1.0) / (several - 1.0);
        let serial = serial.clamp(0.0, 1.0);
        1.0 / (serial + (1.0 - serial) / threads as f64)
    }
}

/// Loads the files of an input. `None` if there are too few files to share them.
pub fn measure(input: &Input, rounds: usize) -> anyhow::Result<Option<Scaling>> {
    if input.objects.len() < 4 * THREADS {
        return Ok(None);
    }
    compare(rounds, |threads| load(input, threads)).map(Some)
}

fn compare(
    rounds: usize,
    load: impl Fn(usize) -> anyhow::Result<Duration> + Sync,
) -> anyhow::Result<Scaling> {
    let (mut one, mut several, mut all_apart) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        one.push(load(1)?);
        several.push(load(THREADS)?);
        all_apart.push(apart(&load)?);
    }
    let ratio = |to: &[Duration]| middle_ratio(&one, to).context("there is a round");
    Ok(Scaling {
        ratio: ratio(&several)?,
        limit: THREADS as f64 * ratio(&all_apart)?,
    })
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

/// Loads one large file of the same records; `None` if a user's log type reads it.
pub fn measure_one(input: &Input, folder: &Path, rounds: usize) -> anyhow::Result<Option<Scaling>> {
    let Some(shape) = input.shape else {
        return Ok(None);
    };
    let records = TIMES * input.records as usize;
    let path = folder.join("large");
    let mut out = BufWriter::new(File::create(&path)?);
    shape.write_object(&mut out, records, 0)?;
    out.flush()?;
    let object = [(path, shape.key(0))];
    compare(rounds, |threads| load_one(input, &object, records, threads)).map(Some)
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
            if at >= TIMES * input.objects.len() {
                spare.give();
                return Ok(());
            }
            let object = &input.objects[at % input.objects.len()];
            let object = std::slice::from_ref(object);
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
    let expected = input.records * TIMES as u64;
    if loaded != expected {
        bail!("{loaded} of {expected} records were loaded");
    }
    Ok(took)
}
