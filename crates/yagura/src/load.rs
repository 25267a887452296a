//! `yagura load`: files and folders into the embedded store.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::json;
use yagura_source::{KeyRule, list_files};

use crate::cli::{KeyArguments, LoadArguments};
use crate::configuration::Configuration;
use crate::ingest::{Finished, Ingest, Progress};
use crate::output::say;
use crate::progress::show_while;
use crate::workspace::Workspace;

/// Objects listed one by one in the summary; of more, only those that did not load whole.
const OBJECTS_SHOWN: usize = 20;

/// Runs the command; false when a record or an object failed.
pub fn run(arguments: LoadArguments) -> anyhow::Result<bool> {
    let configuration =
        Configuration::load(&arguments.configuration, Some(&arguments.data), false)?;
    let objects = list_files(&arguments.paths, &key_rule(&arguments.key))?;
    let workspace = Workspace::open(&arguments.data.data, &configuration.settings)?;
    let ingest = Ingest {
        configuration: &configuration,
        workspace: &workspace,
        bucket: &arguments.key.bucket,
        threads: arguments.threads.unwrap_or_else(processors),
        again: arguments.again,
    };
    let total_bytes = objects.iter().map(|object| object.size_bytes).sum();
    let progress = Progress::default();
    let started = Instant::now();
    let is_shown = !arguments.quiet && !arguments.json;
    let finished = show_while(
        is_shown,
        objects.len() as u64,
        total_bytes,
        &progress,
        || ingest.run(&objects, &progress),
    )?;
    // Everything is loaded, so what fails here is made up for by the next server or load.
    if let Err(error) = workspace.roll_up.refresh(None, || false) {
        tracing::warn!("cannot count entities: {error:#}");
    }
    workspace.store.close()?;
    let known = objects.len() - finished.len();
    if arguments.json {
        say!(
            "{}",
            serde_json::to_string_pretty(&as_json(&finished, known))?
        );
    } else if !arguments.quiet {
        print_summary(&finished, known, started.elapsed().as_secs_f64())?;
    }
    Ok(finished
        .iter()
        .all(|object| object.outcome.error.is_none() && object.outcome.counts.failed_total() == 0))
}

/// How keys are made, from the arguments.
pub fn key_rule(arguments: &KeyArguments) -> KeyRule {
    KeyRule {
        key: arguments.key.clone(),
        strip_prefix: arguments.strip_prefix.clone(),
    }
}

/// Number of processors.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Sums over the objects of one log type.
#[derive(Default)]
struct Sum {
    objects: u64,
    read: u64,
    documents: u64,
    drifted: u64,
    excluded: u64,
    failed: u64,
}

impl Sum {
    fn add(&mut self, object: &Finished) {
        let counts = &object.outcome.counts;
        self.objects += 1;
        self.read += counts.read;
        self.documents += counts.documents;
        self.drifted += counts.drifted;
        self.excluded += counts.excluded_total();
        self.failed += counts.failed_total();
    }

    fn print(&self, name: &str) -> std::io::Result<()> {
        say!(
            "{name:<24} {:>8} {:>12} = {:>12} + {:>9} + {:>7}",
            self.objects,
            self.read,
            self.documents,
            self.excluded,
            self.failed
        );
        Ok(())
    }
}

fn print_summary(finished: &[Finished], known: usize, seconds: f64) -> std::io::Result<()> {
    let (mut by_log_type, mut all) = (BTreeMap::<&str, Sum>::new(), Sum::default());
    for object in finished {
        let log_type = object.outcome.log_type.as_deref().unwrap_or("(ignored)");
        by_log_type.entry(log_type).or_default().add(object);
        all.add(object);
    }
    say!(
        "{:<24} {:>8} {:>12}   {:>12}   {:>9}   {:>7}",
        "log type",
        "objects",
        "records",
        "documents",
        "excluded",
        "failed"
    );
    for (log_type, sum) in &by_log_type {
        sum.print(log_type)?;
    }
    all.print("all")?;
    for (log_type, sum) in by_log_type.iter().filter(|(_, sum)| sum.drifted > 0) {
        say!(
            "schema drift: {} documents of `{log_type}` have only the beginning of its layout (search for event.kind:pipeline_error)",
            sum.drifted
        );
    }
    print_objects(finished)?;
    if known > 0 {
        say!("{known} objects were loaded before and not read again (--again reads them)");
    }
    say!(
        "{seconds:.1} s, {:.0} records/s",
        all.read as f64 / seconds.max(0.001)
    );
    Ok(())
}

fn print_objects(finished: &[Finished]) -> std::io::Result<()> {
    let is_whole = |object: &Finished| {
        let outcome = &object.outcome;
        outcome.error.is_none() && outcome.ignored.is_none() && outcome.counts.failed_total() == 0
    };
    let show_all = finished.len() <= OBJECTS_SHOWN;
    let shown: Vec<_> = finished
        .iter()
        .filter(|object| show_all || !is_whole(object))
        .collect();
    for object in shown.iter().take(OBJECTS_SHOWN) {
        let counts = &object.outcome.counts;
        let note = match (&object.outcome.error, object.outcome.ignored) {
            (Some(error), _) => format!("not read to its end: {error}"),
            (None, Some(reason)) => format!("ignored: {reason}"),
            (None, None) => format!(
                "{} = {} + {} + {}",
                counts.read,
                counts.documents,
                counts.excluded_total(),
                counts.failed_total()
            ),
        };
        say!("  {}: {note}", object.key);
    }
    if shown.len() > OBJECTS_SHOWN {
        let more = shown.len() - OBJECTS_SHOWN;
        say!("  … and {more} more; `yagura ledger` lists all");
    }
    Ok(())
}

fn as_json(finished: &[Finished], known: usize) -> serde_json::Value {
    let objects: Vec<_> = finished
        .iter()
        .map(|object| {
            let outcome = &object.outcome;
            let counts = &outcome.counts;
            json!({
                "key": object.key,
                "size_bytes": object.size_bytes,
                "log_type": outcome.log_type,
                "ignored": outcome.ignored.map(|reason| reason.to_string()),
                "error": outcome.error,
                "read": counts.read,
                "documents": counts.documents,
                "drifted": counts.drifted,
                "excluded": counts.excluded,
                "failed": counts.failed_total(),
            })
        })
        .collect();
    json!({ "objects": objects, "loaded_before": known })
}
