//! CPU time of the stages of loading, one thread, the best of several runs.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, Read};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use nix::time::{ClockId, clock_gettime};
use yagura_codec::{
    Buffers, Extent, Failure, FailureReason, Format, Limits, LineParser, MessageFormat, Pattern,
    Receive, Record, Slice, Table, WindowsEvent,
};
use yagura_config::{FileFormat, LogTypeSettings};
use yagura_model::{Arena, Object, push_json_string};
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{
    Document, Loader, Lookups, Natives, NoLookups, ObjectContext, Output, Route, Router, SplitLine,
};

use super::databases::Databases;
use super::floor::Floor;
use super::inputs::{Form, Input};
use super::parts;
use crate::engine::load::{loader, now};

/// Bytes of documents that are gathered before they would be written.
const FLUSH_AT: usize = 64 << 10;

/// How often in each round everything is run, with look-ups and without, beside the program by hand.
const TURNS: usize = 3;

/// CPU time of a stage over a whole input.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost(pub Duration);

impl Cost {
    /// Records or bytes per CPU-second.
    pub fn per_second(self, count: u64) -> f64 {
        count as f64 / self.0.as_secs_f64().max(1e-9)
    }
}

/// CPU time of every stage over an input, and of the least that does the same work.
pub struct Stages {
    /// Copying the unpacked text in memory.
    pub copy: Option<Cost>,
    /// Reading the files, and unpacking them, where that comes before parsing.
    pub unpack: Option<Cost>,
    /// libdeflate on files that lie in memory.
    pub unpack_floor: Option<Cost>,
    /// Unpacking, and finding the lines of a text.
    pub split: Option<Cost>,
    /// Reading the files into records, without documents.
    pub codec: Cost,
    /// Walking over the tokens of the unpacked text.
    pub tokens_floor: Option<Cost>,
    /// Everything, but without mapping and transform.
    pub unmapped: Cost,
    /// Everything, but without transform.
    pub untransformed: Cost,
    /// Writing finished documents as JSON.
    pub write: Cost,
    /// Copying those documents, their messages escaped.
    pub write_floor: Cost,
    /// Everything up to JSON lines.
    pub whole: Cost,
    /// Everything, with look-ups of places, indicators and user agents.
    pub enriched: Cost,
    /// The program written by hand for this log.
    pub floor: Option<Cost>,
    /// Its time as a share of that for everything, in the middle of all turns.
    pub floor_share: Option<f64>,
    /// The time with look-ups as a multiple of that without, in the middle of all turns.
    pub enriched_times: f64,
    /// Bytes of the JSON lines.
    pub document_bytes: u64,
    /// Bytes that were allocated for everything, once all memory that is kept was there.
    pub allocated_bytes: u64,
}

/// Measures every stage, one after the other in each round, so that what disturbs one disturbs
/// its neighbours.
pub fn measure(input: &Input, rounds: usize, databases: &Databases) -> anyhow::Result<Stages> {
    let packed = match input.form {
        Form::Parquet => None,
        _ => Some(parts::read_all(input)?),
    };
    let documents = parts::Documents::of(input)?;
    let split_format = split_format(input)?;
    let codec_format = format(input)?;
    let section = section(input)?;
    let without = |options: &str| Some(override_section(input, &section, options));
    let unmapped_ini = without("ecs =\nstatic_ecs =\nscript_ecs =\n");
    let untransformed_ini = without("script_ecs =\n");
    let mut runs = [const { Vec::new() }; 13];
    let mut whole = Loaded::default();
    let mut floor = input.shape.and_then(Floor::of);
    let mut lookups = databases.lookups();
    for _ in 0..rounds.max(1) {
        let mut note = |stage: usize, cost: Cost| runs[stage].push(cost.0);
        if let Some(packed) = &packed {
            note(0, copy(input)?);
            note(1, unpack(input)?);
            note(2, parts::unpack(packed)?);
        }
        if let Some(format) = &split_format {
            note(3, read_records(input, format)?);
        }
        note(4, read_records(input, &codec_format)?);
        if let Some(packed) = &packed {
            note(5, parts::tokens(packed)?);
        }
        note(
            6,
            load(input, unmapped_ini.as_deref(), &mut NoLookups)?.cost,
        );
        note(
            7,
            load(input, untransformed_ini.as_deref(), &mut NoLookups)?.cost,
        );
        note(8, documents.write()?);
        note(9, documents.copy()?);
        for _ in 0..TURNS {
            whole = load(input, input.user_ini.as_deref(), &mut NoLookups)?;
            note(10, whole.cost);
            note(
                11,
                load(input, input.user_ini.as_deref(), &mut lookups)?.cost,
            );
            if let (Some(floor), Some(packed)) = (&mut floor, &packed) {
                note(12, parts::floor(floor, packed)?);
            }
        }
    }
    let floor_share = middle_ratio(&runs[12], &runs[10]);
    let enriched_times = middle_ratio(&runs[11], &runs[10]).context("every stage was run")?;
    let best = runs.map(|runs| runs.into_iter().min().map(Cost));
    let [
        copy,
        unpack,
        unpack_floor,
        split,
        codec,
        tokens,
        unmapped,
        untransformed,
        write,
        write_floor,
        all,
        enriched,
        floor,
    ] = best;
    let measured = |cost: Option<Cost>| cost.context("every stage was run");
    Ok(Stages {
        copy,
        unpack,
        unpack_floor,
        split,
        codec: measured(codec)?,
        tokens_floor: tokens,
        unmapped: measured(unmapped)?,
        untransformed: measured(untransformed)?,
        write: measured(write)?,
        write_floor: measured(write_floor)?,
        whole: measured(all)?,
        enriched: measured(enriched)?,
        floor,
        floor_share,
        enriched_times,
        document_bytes: whole.document_bytes,
        allocated_bytes: whole.allocated_bytes,
    })
}

/// The ratio in the middle of those of runs that followed each other; a machine that is faster in one
/// minute than in the next changes it less than the ratio of the best.
pub fn middle_ratio(runs: &[Duration], to: &[Duration]) -> Option<f64> {
    let ratio = |(run, to): (&Duration, &Duration)| run.as_secs_f64() / to.as_secs_f64().max(1e-9);
    let mut ratios: Vec<_> = runs.iter().zip(to).map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied()
}

/// The section of the log type to which the input's objects belong.
fn section(input: &Input) -> anyhow::Result<String> {
    with_log_type(input, |log_type| Ok(log_type.name.clone()))
}

/// The input's configuration with options of its log type changed.
fn override_section(input: &Input, section: &str, options: &str) -> String {
    match &input.user_ini {
        // The user's own section ends the file; an option that comes twice would be an error.
        Some(ini) => {
            let names: Vec<_> = options.lines().map(|line| line.split(' ').next()).collect();
            let mut keep = true;
            let mut text = String::new();
            for line in ini.lines() {
                if !line.starts_with(' ') {
                    keep = !names.contains(&line.split(' ').next());
                }
                if keep {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            text + options
        }
        None => format!("[{section}]\n{options}"),
    }
}

/// What the closure costs this thread.
pub(super) fn cost<T>(run: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(Cost, T)> {
    let started = cpu_time()?;
    let value = run()?;
    Ok((Cost(cpu_time()?.saturating_sub(started)), value))
}

fn cpu_time() -> anyhow::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}

pub(super) fn open(input: &Input, at: usize) -> anyhow::Result<Box<dyn Read>> {
    let (path, _) = &input.objects[at];
    let file = BufReader::with_capacity(FLUSH_AT, File::open(path)?);
    Ok(match input.form {
        Form::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        Form::Text | Form::Parquet => Box::new(file),
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
    // A parser of lines that wants none reads and unpacks, as everything else does, and no more.
    struct Nothing;
    impl Receive for Nothing {
        fn record<'a>(&mut self, _record: Record<'a>, _arena: &'a Arena) {}
        fn failed(&mut self, _failure: Failure<'_>) {}
        fn wants_more(&self) -> bool {
            false
        }
    }
    let format = Format::Text {
        header_lines: 0,
        parser: Box::new(NoFields),
    };
    let mut buffers = Buffers::default();
    let (cost, ()) = cost(|| {
        for (path, _) in &input.objects {
            let body = Box::new(File::open(path)?);
            let part = (Extent::Object, Slice::ALL);
            buffers.read_object(body, &format, part, &Limits::default(), &mut Nothing)?;
        }
        Ok(())
    })?;
    Ok(cost)
}

fn read_records(input: &Input, format: &Format) -> anyhow::Result<Cost> {
    let mut count = Count::default();
    let mut buffers = Buffers::default();
    let (cost, ()) = cost(|| {
        for (path, _) in &input.objects {
            let body = Box::new(File::open(path)?);
            let part = (Extent::Object, Slice::ALL);
            buffers.read_object(body, format, part, &Limits::default(), &mut count)?;
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

/// What loading an input gave.
#[derive(Default)]
struct Loaded {
    cost: Cost,
    document_bytes: u64,
    allocated_bytes: u64,
}

fn load(
    input: &Input,
    user_ini: Option<&str>,
    lookups: &mut dyn Lookups,
) -> anyhow::Result<Loaded> {
    let mut loader = loader(user_ini, Limits::default())?;
    let mut lines = Lines::default();
    // The first object compiles the log type and fills the memory that is kept.
    load_objects(
        &mut loader,
        input.objects.get(..1).unwrap_or_default(),
        lookups,
        &mut lines,
    )?;
    lines = Lines {
        buffer: lines.buffer,
        bytes: 0,
    };
    lines.buffer.clear();
    let before = crate::allocated_bytes();
    let (cost, documents) =
        cost(|| load_objects(&mut loader, &input.objects, lookups, &mut lines))?;
    let allocated_bytes = crate::allocated_bytes().saturating_sub(before);
    if documents != input.records {
        bail!(
            "{}: {documents} documents of {} records",
            input.name,
            input.records
        );
    }
    Ok(Loaded {
        cost,
        document_bytes: lines.bytes + lines.buffer.len() as u64,
        allocated_bytes,
    })
}

/// Loads objects and tells how many documents they gave.
pub(super) fn load_objects(
    loader: &mut Loader,
    objects: &[(PathBuf, String)],
    lookups: &mut dyn Lookups,
    output: &mut dyn Output,
) -> anyhow::Result<u64> {
    let mut documents = 0;
    for (path, key) in objects {
        let file = File::open(path)?;
        let size_bytes = file.metadata()?.len();
        let context = ObjectContext::new(BUCKET, key, size_bytes, now()?);
        let body = Box::new(file);
        let outcome = loader.load(context, body, Slice::ALL, lookups, output);
        documents += outcome.counts.documents;
    }
    Ok(documents)
}

/// The bucket of all inputs.
pub(super) const BUCKET: &str = "example-logs";

/// Looks at the log type of the input's objects.
fn with_log_type<T>(
    input: &Input,
    look: impl FnOnce(&LogTypeSettings) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
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
    look(&settings.log_types[at])
}

/// How the lines of the input are found, if it has lines.
fn split_format(input: &Input) -> anyhow::Result<Option<Format>> {
    with_log_type(input, |log_type| {
        Ok(match log_type.file_format {
            FileFormat::Text => Some(Format::Text {
                header_lines: log_type.text_header_line_number,
                parser: Box::new(NoFields),
            }),
            _ => None,
        })
    })
}

/// How the log type of the input's objects is read.
fn format(input: &Input) -> anyhow::Result<Format> {
    with_log_type(input, |log_type| match log_type.file_format {
        FileFormat::Json | FileFormat::Parquet => Ok(Format::Json {
            delimiter: log_type.json_delimiter.clone(),
            keeps_others: false,
        }),
        FileFormat::Csv => Ok(Format::Csv(Table {
            delimiter: log_type.csv_delimiter,
            columns: None,
            is_strict: log_type.drift_behind.is_some(),
        })),
        FileFormat::Winevtxml => Ok(Format::CloudWatchLogs(MessageFormat::Text(Box::new(
            WindowsEvent,
        )))),
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
    })
}

/// Takes nothing of a line.
struct NoFields;

impl LineParser for NoFields {
    fn parse<'a>(
        &'a self,
        _line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        Ok(Object::with_capacity_in(0, arena))
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
        push_line(document, &mut self.buffer);
        if self.buffer.len() >= FLUSH_AT {
            self.bytes += black_box(&self.buffer).len() as u64;
            self.buffer.clear();
        }
    }

    fn failed(&mut self, _failure: &Failure<'_>) {}
}

/// Appends a document as a line, as `yagura parse` prints it.
pub(super) fn push_line(document: &Document<'_>, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"index\":");
    push_json_string(document.index, line);
    line.extend_from_slice(b",\"id\":");
    push_json_string(document.id, line);
    line.extend_from_slice(b",\"doc\":");
    line.extend_from_slice(document.json);
    line.extend_from_slice(b"}\n");
}
