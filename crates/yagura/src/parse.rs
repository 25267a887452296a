//! `yagura parse`: one file to JSON lines on standard output.

use std::fs::File;
use std::io::Write;

use anyhow::Context;
use serde_json::json;
use yagura_codec::{Failure, Position, Slice};
use yagura_model::Timestamp;
use yagura_pipeline::{
    Document, Ignored, LoadOutcome, ObjectContext, Output, SpareProcessors, Step,
};

use crate::cli::ParseArguments;
use crate::configuration::Configuration;
use crate::expected::Expected;
use crate::load::processors;
use crate::output::{now, push_document_line};
use yagura_lookups::WorkerLookups;

/// Bytes of documents that are printed at a time.
const BUFFER_BYTES: usize = 1 << 16;

/// Runs the command; false when a record failed or the file could not be read.
pub fn run(arguments: ParseArguments) -> anyhow::Result<bool> {
    let configuration = Configuration::load(&arguments.configuration, None, arguments.explain)?;
    let configuration = match arguments.by_content {
        true => configuration,
        false => configuration.by_key_alone(),
    };
    let file = File::open(&arguments.file)
        .with_context(|| format!("cannot open `{}`", arguments.file.display()))?;
    let size_bytes = file.metadata()?.len();
    let now = arguments
        .now
        .as_deref()
        .map_or_else(|| Ok(now()), parse_time)?;
    let context = ObjectContext::new(&arguments.bucket, &arguments.key, size_bytes, now);
    let slice = match (arguments.start, arguments.end) {
        (0, 0) => Slice::ALL,
        (first, 0) => Slice {
            first,
            last: u64::MAX,
        },
        (first, last) => Slice { first, last },
    };
    let mut lookups = WorkerLookups::new(configuration.databases.clone());
    let mut output = Printer {
        out: std::io::stdout().lock(),
        lines: Vec::with_capacity(2 * BUFFER_BYTES),
        error: None,
        expected: arguments
            .expect
            .as_deref()
            .map(Expected::open)
            .transpose()?,
    };
    let spare = SpareProcessors::new(processors() - 1);
    let mut loader = configuration.loader(1)?.with_spare(spare);
    let outcome = loader.load(context, Box::new(file), slice, &mut lookups, &mut output);
    output.finish()?;
    tell(&outcome);
    let is_expected = output.expected.take().is_none_or(Expected::finish);
    if let Some(path) = &arguments.summary {
        let text = serde_json::to_string_pretty(&summary(&outcome))?;
        std::fs::write(path, text + "\n")
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    let is_whole = outcome.error.is_none() && outcome.counts.failed_total() == 0;
    // A record that fails is expected when it failed before.
    Ok(is_expected && (is_whole || arguments.expect.is_some() && outcome.error.is_none()))
}

fn parse_time(text: &str) -> anyhow::Result<Timestamp> {
    let instant: jiff::Timestamp = text
        .parse()
        .with_context(|| format!("cannot read `--now` `{text}` as RFC 3339"))?;
    Timestamp::from_micros(instant.as_microsecond(), 0)
        .with_context(|| format!("`--now` `{text}` is outside the years 1 to 9999"))
}

fn tell(outcome: &LoadOutcome) {
    if let Some(reason) = outcome.ignored {
        eprintln!("ignored: {reason}");
        if reason == Ignored::Unknown {
            eprintln!("`yagura load` reads it by what it holds; `--by-content` shows how");
        }
    }
    if let Some(error) = &outcome.error {
        eprintln!("error: {error}");
    }
}

/// The counters of an object as JSON.
fn summary(outcome: &LoadOutcome) -> serde_json::Value {
    let counts = &outcome.counts;
    let failed = counts.failed.iter();
    let failed: serde_json::Map<_, _> = failed
        .map(|(reason, count)| (reason.as_str().to_owned(), json!(count)))
        .collect();
    json!({
        "log_type": outcome.log_type,
        "ignored": outcome.ignored.map(|reason| reason.to_string()),
        "error": outcome.error,
        "read": counts.read,
        "documents": counts.documents,
        "drifted": counts.drifted,
        "excluded": counts.excluded,
        "failed": failed,
        "balanced": counts.balances(),
        "counted": counts.counted,
        "transform_stops": counts.transform_stops,
        "truncated_texts": counts.truncated_texts,
        "replaced_bytes": outcome.replaced_bytes,
        "text_bytes": outcome.text_bytes,
    })
}

/// Prints documents on standard output, failures and explanations on standard error.
struct Printer<W: Write> {
    out: W,
    lines: Vec<u8>,
    /// Why nothing can be written any more.
    error: Option<std::io::Error>,
    /// What to compare with in the place of printing.
    expected: Option<Expected>,
}

impl<W: Write> Printer<W> {
    fn write(&mut self) {
        if let Err(error) = self.out.write_all(&self.lines) {
            self.error.get_or_insert(error);
        }
        self.lines.clear();
    }

    fn finish(&mut self) -> std::io::Result<()> {
        self.write();
        self.error.take().map_or(Ok(()), Err)
    }
}

impl<W: Write> Output for Printer<W> {
    fn document(&mut self, document: &Document<'_>) {
        push_document_line(document, &mut self.lines);
        if let Some(expected) = &mut self.expected {
            expected.compare(&self.lines);
            self.lines.clear();
        }
        if self.lines.len() >= BUFFER_BYTES {
            self.write();
        }
    }

    fn failed(&mut self, failure: &Failure<'_>) {
        let position = failure.position;
        eprintln!(
            "failed: record {}, line {}, byte {}: {}: {}",
            position.number,
            position.line,
            position.byte_offset,
            failure.reason.as_str(),
            failure.detail
        );
    }

    fn explained(&mut self, position: Position, steps: &[Step]) {
        eprintln!("record {}, line {}:", position.number, position.line);
        for step in steps {
            eprintln!("  {:10} {}", step.stage, step.text);
        }
    }

    fn wants_more(&self) -> bool {
        self.error.is_none()
    }
}
