//! `yagura explain`: which log type an object leads to, by its key or by what it holds, and why.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use yagura_codec::{Content, Failure, Limits, SAMPLE_BYTES, Slice, read_sample, sniff};
use yagura_config::LogTypeSettings;
use yagura_pipeline::{Document, Loader, ObjectContext, Output, Route};

use crate::cli::ExplainArguments;
use crate::configuration::Configuration;
use crate::output::{now, say};
use yagura_lookups::WorkerLookups;
use yagura_source::Notification;

/// Runs the command; false when an object would not be loaded.
pub fn run(arguments: &ExplainArguments) -> anyhow::Result<bool> {
    let configuration = Configuration::load(&arguments.configuration, None, false)?;
    let mut loader = configuration.loader(1)?;
    match (&arguments.event, &arguments.key) {
        (Some(event), _) => explain_event(&configuration, &mut loader, event),
        (None, Some(key)) => {
            explain_key(&configuration, &mut loader, key, arguments.file.as_deref())
        }
        (None, None) => Ok(true),
    }
}

/// Tells which objects a message names, and what becomes of each.
fn explain_event(
    configuration: &Configuration,
    loader: &mut Loader,
    path: &Path,
) -> anyhow::Result<bool> {
    let context = || format!("cannot read `{}`", path.display());
    let text = std::fs::read_to_string(path).with_context(context)?;
    let notification = Notification::read(&text).with_context(context)?;
    let mut are_loaded = notification.bad.is_empty();
    for object in &notification.objects {
        let from = object.message_id.as_ref();
        let from = from.map_or_else(String::new, |id| format!(" (message {id})"));
        match object.records {
            Some((first, u64::MAX)) => {
                say!("s3://{}, records from {first} on{from}", object.bucket)
            }
            Some((first, last)) => say!("s3://{}, records {first} to {last}{from}", object.bucket),
            None => say!("s3://{}{from}", object.bucket),
        }
        are_loaded &= explain_key(configuration, loader, &object.key, None)?;
    }
    for bad in &notification.bad {
        let id = bad.message_id.as_deref().unwrap_or("without an id");
        say!("message {id} cannot be understood: {}", bad.problem);
    }
    if notification.without_object > 0 {
        let count = notification.without_object;
        say!("{count} parts name no object, such as the test message of S3");
    }
    Ok(are_loaded)
}

/// Tells what becomes of one object.
fn explain_key(
    configuration: &Configuration,
    loader: &mut Loader,
    key: &str,
    file: Option<&Path>,
) -> anyhow::Result<bool> {
    let log_types = &configuration.settings.log_types;
    let route = loader.router().route(key);
    let is_loaded = match (&route, file) {
        (Route::LogType(at), _) => {
            say!("{key}\n  is loaded as log type `{}`", log_types[*at].name);
            true
        }
        (Route::Ignored(reason), _) => {
            say!("{key}\n  is ignored: {reason}");
            false
        }
        (Route::Unmatched, _) if !loader.loads_by_content() => {
            say!(
                "{key}\n  is ignored: no log type's `s3_key` matches the key, and `load_unmatched` is off"
            );
            false
        }
        (Route::Unmatched, None) => {
            say!(
                "{key}\n  is loaded by what it holds: no log type's `s3_key` matches the key\n  `--file FILE` tells as which log type"
            );
            true
        }
        (Route::Unmatched, Some(file)) => explain_content(configuration, loader, key, file)?,
    };
    let mut matches = loader.router().matches(key);
    if let Some(first) = matches.next() {
        let settings = &log_types[first];
        let pattern = settings.s3_key.as_ref().map_or("", |pattern| &pattern.text);
        say!("  first match: `{}` by s3_key `{pattern}`", settings.name);
        say_index(settings)?;
    }
    let later: Vec<_> = matches.map(|at| log_types[at].name.as_str()).collect();
    if later.is_empty() {
        say!("  no other log type matches the key");
    } else {
        say!(
            "  would match as well, later in the order: {}",
            later.join(", ")
        );
    }
    Ok(is_loaded)
}

fn say_index(settings: &LogTypeSettings) -> anyhow::Result<()> {
    say!(
        "  index: `{}`, rotated {:?}",
        settings.index_name,
        settings.index_rotation
    );
    Ok(())
}

/// Tells what the content of a file decides; false when it is not loaded.
fn explain_content(
    configuration: &Configuration,
    loader: &mut Loader,
    key: &str,
    path: &Path,
) -> anyhow::Result<bool> {
    let open = || File::open(path).with_context(|| format!("cannot open `{}`", path.display()));
    let (sample, _) = read_sample(Box::new(open()?), &Limits::default())
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    let sniffed = sniff(&sample);
    let lines = sample.lines().len();
    let seen = match sample.is_whole {
        true => format!("all of it, {lines} lines"),
        false => format!("its first {} KiB, {lines} lines", SAMPLE_BYTES >> 10),
    };
    let Some(content) = &sniffed.content else {
        say!("{key}\n  becomes a dead letter: {}", sniffed.why);
        return Ok(true);
    };
    let route = loader.router().by_content(key, content);
    let Route::LogType(at) = route else {
        let reason = match route {
            Route::Ignored(reason) => reason.to_string(),
            _ => "no log type takes it".to_owned(),
        };
        say!("{key}\n  is ignored: {reason}");
        return Ok(false);
    };
    let settings = &configuration.settings.log_types[at];
    say!("{key}\n  is loaded as log type `{}`", settings.name);
    say!("  because no log type's `s3_key` matches the key, and of the content ({seen}):");
    say!("    {}", sniffed.why);
    match content {
        Content::Json {
            delimiter: Some(name),
        } => say!("  records: the elements of `{name}`"),
        Content::Csv {
            columns: Some(names),
            ..
        } => say!("  columns: {}", names.join(", ")),
        Content::Text {
            first_line: Some(pattern),
        } => say!("  records: from one line with `{pattern}` to the next"),
        _ => {}
    }
    say_index(settings)?;
    let mut first = FirstDocument::default();
    let context = ObjectContext::new("local", key, open()?.metadata()?.len(), now());
    let mut lookups = WorkerLookups::new(configuration.databases.clone());
    loader.load(
        context,
        Box::new(open()?),
        Slice::ALL,
        &mut lookups,
        &mut first,
    );
    match first.time {
        Some((time, from)) => say!("  time of the first record: {time}, from {from}"),
        None => say!("  no record of it could be read"),
    }
    Ok(true)
}

/// The time of the first document, and where it is from.
#[derive(Default)]
struct FirstDocument {
    time: Option<(String, String)>,
}

impl Output for FirstDocument {
    fn document(&mut self, document: &Document<'_>) {
        if self.time.is_none() {
            let json: serde_json::Value = serde_json::from_slice(document.json).unwrap_or_default();
            let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
            self.time = Some((text("@timestamp"), text("@timestamp_from")));
        }
    }

    fn failed(&mut self, _failure: &Failure<'_>) {}

    fn wants_more(&self) -> bool {
        self.time.is_none()
    }
}
