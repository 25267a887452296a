//! CPU time of the stages of loading, one thread, the best of several runs.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, Read};
use std::time::Duration;

use anyhow::{Context, bail};
use nix::time::{ClockId, clock_gettime};
use yagura_codec::{
    Extent, Failure, FailureReason, Format, Limits, LineParser, Pattern, Receive, Record, Slice,
    read_object,
};
use yagura_config::FileFormat;
use yagura_model::{Arena, Object, push_json_string};
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{
    Document, Natives, NoLookups, ObjectContext, Output, Route, Router, SplitLine,
};

use super::inputs::Input;
use crate::engine::load::{loader, now};

/// Bytes of documents that are gathered before they would be written.
const FLUSH_AT: usize = 64 << 10;

/// CPU time of a stage over a whole input.
#[derive(Debug, Clone, Copy)]
pub struct Cost(pub Duration);

impl Cost {
    /// Records or bytes per CPU-second.
    pub fn per_second(self, count: u64) -> f64 {
        count as f64 / self.0.as_secs_f64().max(1e-9)
    }
}

/// CPU time of every stage over an input.
pub struct Stages {
    /// Copying the unpacked text in memory.
    pub copy: Cost,
    /// Reading the files, and unpacking them.
    pub unpack: Cost,
    /// Reading the files into records, without documents.
    pub codec: Cost,
    /// Everything up to JSON lines.
    pub whole: Cost,
    /// Bytes of the JSON lines.
    pub document_bytes: u64,
}

/// Measures every stage.
pub fn measure(input: &Input, rounds: usize) -> anyhow::Result<Stages> {
    let mut document_bytes = 0;
    Ok(Stages {
        copy: best(rounds, || copy(input))?,
        unpack: best(rounds, || unpack(input))?,
        codec: best(rounds, || read_records(input))?,
        whole: best(rounds, || {
            let (cost, bytes) = load(input)?;
            document_bytes = bytes;
            Ok(cost)
        })?,
        document_bytes,
    })
}

fn best(rounds: usize, run: impl FnMut() -> anyhow::Result<Cost>) -> anyhow::Result<Cost> {
    let mut runs = std::iter::repeat_with(run).take(rounds.max(1));
    let first = runs.next().context("at least one run")??;
    runs.try_fold(first, |best, cost| Ok(Cost(best.0.min(cost?.0))))
}

/// What the closure costs this thread.
fn cost<T>(run: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(Cost, T)> {
    let started = cpu_time()?;
    let value = run()?;
    Ok((Cost(cpu_time()?.saturating_sub(started)), value))
}

fn cpu_time() -> anyhow::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}

fn open(input: &Input, at: usize) -> anyhow::Result<Box<dyn Read>> {
    let (path, _) = &input.objects[at];
    let file = BufReader::with_capacity(FLUSH_AT, File::open(path)?);
    Ok(match input.is_packed {
        true => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        false => Box::new(file),
    })
}

fn copy(input: &Input) -> anyhow::Result<Cost> {
    let mut text = Vec::new();
    let mut spent = Duration::ZERO;
    let mut target = Vec::new();
    for at in 0..input.objects.len() {
        text.clear();
        open(input, at)?.read_to_end(&mut text)?;
        target.resize(text.len(), 0);
        // The first copy brings the pages in.
        target.copy_from_slice(&text);
        let (Cost(time), ()) = cost(|| {
            black_box(&mut target).copy_from_slice(black_box(&text));
            Ok(())
        })?;
        spent += time;
    }
    Ok(Cost(spent))
}

fn unpack(input: &Input) -> anyhow::Result<Cost> {
    let mut buffer = vec![0; FLUSH_AT];
    let (cost, ()) = cost(|| {
        for at in 0..input.objects.len() {
            let mut reader = open(input, at)?;
            while black_box(reader.read(&mut buffer)?) > 0 {}
        }
        Ok(())
    })?;
    Ok(cost)
}

fn read_records(input: &Input) -> anyhow::Result<Cost> {
    let format = format(input)?;
    let mut count = Count::default();
    let (cost, ()) = cost(|| {
        for (path, _) in &input.objects {
            let body = Box::new(File::open(path)?);
            read_object(
                body,
                &format,
                Extent::Object,
                Slice::ALL,
                &Limits::default(),
                &mut count,
            )?;
        }
        Ok(())
    })?;
    if count.records != input.records || count.failed > 0 {
        bail!(
            "{}: {} of {} records, {} failed",
            input.name,
            count.records,
            input.records,
            count.failed
        );
    }
    Ok(cost)
}

fn load(input: &Input) -> anyhow::Result<(Cost, u64)> {
    let mut loader = loader(input.user_ini.as_deref(), Limits::default())?;
    let now = now()?;
    let mut lines = Lines::default();
    let mut documents = 0;
    let (cost, ()) = cost(|| {
        for (path, key) in &input.objects {
            let file = File::open(path)?;
            let size_bytes = file.metadata()?.len();
            let context = ObjectContext::new("example-logs", key, size_bytes, now);
            let body = Box::new(file);
            let outcome = loader.load(context, body, Slice::ALL, &mut NoLookups, &mut lines);
            documents += outcome.counts.documents;
        }
        Ok(())
    })?;
    if documents != input.records {
        bail!(
            "{}: {documents} documents of {} records",
            input.name,
            input.records
        );
    }
    Ok((cost, lines.bytes + lines.buffer.len() as u64))
}

/// How the log type of the input's objects is read.
fn format(input: &Input) -> anyhow::Result<Format> {
    let files: Vec<_> = input
        .user_ini
        .iter()
        .map(|text| ("user.ini", text.as_str()))
        .collect();
    let loaded =
        load_settings(&files).map_err(|error| anyhow::anyhow!("{:?}", error.diagnostics))?;
    let settings = loaded.settings;
    let router = Router::new(&settings).map_err(|(log_type, option, error)| {
        anyhow::anyhow!("log type `{log_type}`, option `{option}`: {error}")
    })?;
    let (_, key) = input.objects.first().context("an input has objects")?;
    let Route::LogType(at) = router.route(key) else {
        bail!("`{key}` leads to no log type");
    };
    let log_type = &settings.log_types[at];
    match log_type.file_format {
        FileFormat::Json => Ok(Format::Json {
            delimiter: log_type.json_delimiter.clone(),
        }),
        FileFormat::Csv => Ok(Format::Csv {
            delimiter: log_type.csv_delimiter,
        }),
        _ => {
            let pattern = log_type
                .log_pattern
                .as_ref()
                .context("a text format has a pattern")?;
            let natives = PackNatives::new();
            Ok(Format::Text {
                header_lines: log_type.text_header_line_number,
                parser: Box::new(TokeniserOrPattern {
                    split: natives.native(&log_type.name).split_line,
                    pattern: Pattern::at_start(&pattern.text)?,
                }),
            })
        }
    }
}

/// Reads lines as the pipeline does.
struct TokeniserOrPattern {
    split: Option<SplitLine>,
    pattern: Pattern,
}

impl LineParser for TokeniserOrPattern {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        match self.split.and_then(|split| split(line, arena)) {
            Some(fields) => Ok(fields),
            None => self.pattern.parse(line, arena),
        }
    }
}

/// Counts records and does nothing with them.
#[derive(Default)]
struct Count {
    records: u64,
    failed: u64,
}

impl Receive for Count {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        black_box(record.fields.len());
        self.records += 1;
    }

    fn failed(&mut self, _failure: Failure<'_>) {
        self.failed += 1;
    }
}

/// Renders documents as JSON lines into a buffer that is used again and again.
#[derive(Default)]
pub struct Lines {
    buffer: Vec<u8>,
    bytes: u64,
}

impl Output for Lines {
    fn document(&mut self, document: &Document<'_>) {
        let buffer = &mut self.buffer;
        buffer.extend_from_slice(b"{\"index\":");
        push_json_string(document.index, buffer);
        buffer.extend_from_slice(b",\"id\":");
        push_json_string(document.id, buffer);
        buffer.extend_from_slice(b",\"doc\":");
        buffer.extend_from_slice(document.json);
        buffer.extend_from_slice(b"}\n");
        if buffer.len() >= FLUSH_AT {
            self.bytes += black_box(&*buffer).len() as u64;
            buffer.clear();
        }
    }

    fn failed(&mut self, _failure: &Failure<'_>) {}
}
