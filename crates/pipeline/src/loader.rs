//! One object, from its key and bytes to documents and counts.

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use yagura_codec::{
    Buffers, Content, Extent, Failure, FailureReason, Limits, ObjectBody, Position, ReadSummary,
    Receive, Sample, Slice, Sniffed, read_sample, sniff,
};
use yagura_config::Settings;
use yagura_model::{Arena, Timestamp};

use crate::counts::Counts;
use crate::crew::{Help, Queue, SpareProcessors, read_pieces, with_crew};
use crate::document::Output;
use crate::enrich::Lookups;
use crate::key::{account_in_key, file_timestamp, region_in_key};
use crate::native::Natives;
use crate::pipeline::{Memory, Pipeline};
use crate::plan::{LogType, Options, PlanError, Rearrange};
use crate::route::{Ignored, Route, Router};

/// Objects below this size hold nothing.
const MIN_OBJECT_BYTES: u64 = 20;
/// Bytes that are kept of an object that is no text.
const KEPT_BYTES: u64 = 64 << 10;
/// How many times as large as a piece an object must be to be worth a thread's start.
const PIECES_OF_LARGE: u64 = 8;

/// What is known about an object before it is read.
#[derive(Debug, Clone)]
pub struct ObjectContext {
    /// Bucket.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
    /// Size of the object as it is stored.
    pub size_bytes: u64,
    /// The time at which it is loaded.
    pub now: Timestamp,
    told: Told,
    pub(crate) file_timestamp: Option<Timestamp>,
}

/// What documents tell of their object, behind each other in one text, so that each copies it at
/// once.
#[derive(Debug, Clone, Default)]
struct Told {
    text: String,
    bucket: Range<usize>,
    key: Range<usize>,
    ingested: Range<usize>,
    account: Option<Range<usize>>,
    region: Option<Range<usize>>,
}

impl Told {
    fn push(&mut self, text: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(text);
        start..self.text.len()
    }
}

/// What a document tells of its object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ObjectTexts<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    /// When it was loaded.
    pub(crate) ingested: &'a str,
    pub(crate) account: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
}

impl ObjectContext {
    /// Describes an object; account and region come from its key.
    pub fn new(bucket: &str, key: &str, size_bytes: u64, now: Timestamp) -> ObjectContext {
        let mut told = Told::default();
        told.bucket = told.push(bucket);
        told.key = told.push(key);
        told.ingested = told.push(now.iso8601().as_str());
        told.account = account_in_key(key).map(|account| told.push(account));
        told.region = region_in_key(key).map(|region| told.push(region));
        ObjectContext {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            size_bytes,
            now,
            told,
            file_timestamp: None,
        }
    }

    /// What a document tells of the object.
    pub(crate) fn texts_in<'a>(&self, arena: &'a Arena) -> ObjectTexts<'a> {
        let text: &'a str = arena.alloc_str(&self.told.text);
        let part = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
        ObjectTexts {
            bucket: part(&self.told.bucket),
            key: part(&self.told.key),
            ingested: part(&self.told.ingested),
            account: self.told.account.as_ref().map(part),
            region: self.told.region.as_ref().map(part),
        }
    }
}

/// What became of an object.
#[derive(Debug)]
pub struct LoadOutcome {
    /// Log type it was routed to.
    pub log_type: Option<String>,
    /// Why it was skipped without being read.
    pub ignored: Option<Ignored>,
    /// Why it could not be read to its end; what was read until then stands.
    pub error: Option<String>,
    /// What became of its records.
    pub counts: Counts,
    /// Decompressed bytes read.
    pub text_bytes: u64,
    /// Bytes that were no UTF-8 and became U+FFFD.
    pub replaced_bytes: u64,
}

/// Loads objects; every worker has its own.
pub struct Loader {
    settings: Arc<Settings>,
    natives: Arc<dyn Natives + Send + Sync>,
    options: Arc<Options>,
    router: Router,
    /// Compiled when the first object of the log type comes.
    log_types: Vec<Option<LogType>>,
    limits: Limits,
    buffers: Buffers,
    memory: Memory,
    spare: SpareProcessors,
}

impl Loader {
    /// Makes a loader for the settings.
    pub fn new(
        settings: Arc<Settings>,
        natives: Arc<dyn Natives + Send + Sync>,
        options: Arc<Options>,
        limits: Limits,
    ) -> Result<Loader, PlanError> {
        let router =
            Router::new(&settings).map_err(|(log_type, option, error)| PlanError::Pattern {
                log_type,
                option: option.to_owned(),
                error,
            })?;
        let log_types = settings.log_types.iter().map(|_| None).collect();
        Ok(Loader {
            settings,
            natives,
            options,
            router,
            log_types,
            limits,
            buffers: Buffers::default(),
            memory: Memory::default(),
            spare: SpareProcessors::default(),
        })
    }

    /// Takes spare processors of these for large objects.
    pub fn with_spare(self, spare: SpareProcessors) -> Loader {
        Loader { spare, ..self }
    }

    /// Which log type a key leads to.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// Compiles every log type and gives all errors; what a check of the configuration wants.
    pub fn compile_all(&self) -> Vec<PlanError> {
        let log_types = self.settings.log_types.iter();
        log_types
            .filter(|log_type| log_type.s3_key.is_some() || log_type.fallback_for.is_some())
            .filter_map(|log_type| {
                let natives = self.natives.as_ref();
                LogType::new(&self.settings, log_type, natives, &self.options).err()
            })
            .collect()
    }

    /// Loads one object: every record of the slice goes to `output` as a document, or is counted.
    pub fn load(
        &mut self,
        context: ObjectContext,
        body: Box<dyn ObjectBody>,
        slice: Slice,
        lookups: &mut dyn Lookups,
        output: &mut dyn Output,
    ) -> LoadOutcome {
        match self.router.route(&context.key) {
            Route::LogType(at) if context.size_bytes >= MIN_OBJECT_BYTES => {
                let read = Reading {
                    body,
                    form: Form::OfLogType,
                    extent: Extent::Object,
                    slice,
                };
                self.load_as(at, context, read, lookups, output)
            }
            Route::LogType(at) => {
                let log_type = Some(self.settings.log_types[at].name.clone());
                LoadOutcome::ignored(log_type, Ignored::Tiny)
            }
            Route::Unmatched if !self.loads_by_content() => {
                LoadOutcome::ignored(None, Ignored::Unknown)
            }
            Route::Unmatched if context.size_bytes == 0 => {
                LoadOutcome::ignored(None, Ignored::Empty)
            }
            Route::Unmatched => self.load_by_content(context, body, slice, lookups, output),
            Route::Ignored(reason) => LoadOutcome::ignored(None, reason),
        }
    }

    /// Whether objects whose key no log type recognises are loaded by what they hold.
    pub fn loads_by_content(&self) -> bool {
        self.options.by_content && self.settings.globals.load_unmatched
    }

    /// Loads one record that failed before, as its [`yagura_codec::Failure`] kept it; `log_type`
    /// is the one it failed in.
    pub fn load_record(
        &mut self,
        context: ObjectContext,
        (log_type, raw): (&str, Vec<u8>),
        lookups: &mut dyn Lookups,
        output: &mut dyn Output,
    ) -> LoadOutcome {
        let route = match self.router.route(&context.key) {
            Route::Unmatched if self.loads_by_content() => {
                self.router.by_name(&context.key, log_type)
            }
            route => route,
        };
        let at = match route {
            Route::LogType(at) => at,
            Route::Unmatched => return LoadOutcome::ignored(None, Ignored::Unknown),
            Route::Ignored(reason) => return LoadOutcome::ignored(None, reason),
        };
        let form = match self.settings.log_types[at].fallback_for.as_deref() {
            None => Form::OfLogType,
            // What the log type's options cannot tell of the form, the record itself tells.
            Some(name) => match sniff(&Sample::of_text(&String::from_utf8_lossy(&raw))) {
                Sniffed { content: None, why } => Form::NoText { why },
                Sniffed {
                    content: Some(content),
                    ..
                } if content.name() == name => Form::Content(content),
                _ => Form::OfLogType,
            },
        };
        let read = Reading {
            body: Box::new(std::io::Cursor::new(raw)),
            form,
            extent: Extent::Record,
            slice: Slice::ALL,
        };
        self.load_as(at, context, read, lookups, output)
    }

    /// Loads an object as the log type for the form of its content.
    fn load_by_content(
        &mut self,
        context: ObjectContext,
        body: Box<dyn ObjectBody>,
        slice: Slice,
        lookups: &mut dyn Lookups,
        output: &mut dyn Output,
    ) -> LoadOutcome {
        let (sample, body) = match read_sample(body, &self.limits) {
            Ok(read) => read,
            Err(error) => return LoadOutcome::unreadable(error.to_string()),
        };
        let Sniffed { content, why } = sniff(&sample);
        // What is no text has a log type all the same: the one that takes anything.
        let (content, form) = match content {
            Some(content) => (content.clone(), Form::Content(content)),
            None => (Content::Text { first_line: None }, Form::NoText { why }),
        };
        match self.router.by_content(&context.key, &content) {
            Route::LogType(at) => {
                let read = Reading {
                    body,
                    form,
                    extent: Extent::Object,
                    slice,
                };
                self.load_as(at, context, read, lookups, output)
            }
            Route::Ignored(reason) => LoadOutcome::ignored(None, reason),
            Route::Unmatched => LoadOutcome::ignored(None, Ignored::Unknown),
        }
    }

    fn load_as(
        &mut self,
        at: usize,
        mut context: ObjectContext,
        read: Reading,
        lookups: &mut dyn Lookups,
        output: &mut dyn Output,
    ) -> LoadOutcome {
        let name = self.settings.log_types[at].name.clone();
        output.begins(&name);
        if let Err(error) = self.compile(at) {
            return LoadOutcome::failed(name, error.to_string());
        }
        let Some(LogType {
            plan,
            format,
            file_timestamp: pattern,
        }) = &mut self.log_types[at]
        else {
            return LoadOutcome::failed(name, "the log type was not compiled".to_owned());
        };
        if let Some(pattern) = pattern {
            match file_timestamp(pattern, &context.key) {
                Ok(Some(instant)) => context.file_timestamp = Some(instant),
                _ => {
                    let error = "`file_timestamp_format` finds no time in the key".to_owned();
                    return LoadOutcome::failed(name, error);
                }
            }
        }
        let Reading {
            body,
            form,
            extent,
            slice,
        } = read;
        let shown = form.content().map(Content::format);
        let format = shown.as_ref().unwrap_or(format);
        // Steps are told in order, and a script may want all of an object.
        let may_split = context.size_bytes / PIECES_OF_LARGE >= self.limits.piece_bytes as u64
            && !self.options.explain
            && !matches!(plan.transform, Rearrange::Batched(_));
        let (limits, buffers) = (&self.limits, &mut self.buffers);
        let part = (extent, slice);
        let mut pipeline = Pipeline::new(plan, &context, lookups, output, &mut self.memory);
        pipeline.steps = self.options.explain.then(Vec::new);
        pipeline.begin();
        let read = match &form {
            Form::NoText { why } => fail_whole(body, why.clone(), &mut pipeline),
            _ if may_split => {
                let help = PieceHelp {
                    settings: &self.settings,
                    log_type: at,
                    natives: self.natives.as_ref(),
                    options: &self.options,
                    limits,
                    context: &context,
                    content: form.content(),
                };
                with_crew(&help, &self.spare, &mut pipeline, |receive| {
                    buffers.read_object(body, format, part, limits, receive)
                })
            }
            _ => buffers.read_object(body, format, part, limits, &mut pipeline),
        };
        pipeline.finish();
        let counts = pipeline.counts;
        let (summary, error) = match read {
            Ok(summary) => (summary, None),
            Err(error) => (ReadSummary::default(), Some(error.to_string())),
        };
        LoadOutcome {
            log_type: Some(name),
            ignored: None,
            error,
            counts,
            text_bytes: summary.text_bytes,
            replaced_bytes: summary.replaced_bytes,
        }
    }

    /// Compiles a log type unless it is compiled already.
    fn compile(&mut self, at: usize) -> Result<(), PlanError> {
        if self.log_types[at].is_none() {
            let log_type = &self.settings.log_types[at];
            let natives = self.natives.as_ref();
            let compiled = LogType::new(&self.settings, log_type, natives, &self.options)?;
            self.log_types[at] = Some(compiled);
        }
        Ok(())
    }
}

/// An object with the way in which it is to be read.
struct Reading {
    body: Box<dyn ObjectBody>,
    form: Form,
    extent: Extent,
    slice: Slice,
}

/// Who says how an object holds its records.
enum Form {
    /// The options of its log type.
    OfLogType,
    /// Its content.
    Content(Content),
    /// It holds none that could be read.
    NoText {
        /// What it is instead.
        why: String,
    },
}

impl Form {
    fn content(&self) -> Option<&Content> {
        match self {
            Form::Content(content) => Some(content),
            Form::OfLogType | Form::NoText { .. } => None,
        }
    }
}

/// Makes documents of the pieces of an object, in a thread of its own.
struct PieceHelp<'h> {
    settings: &'h Settings,
    /// Number of the log type.
    log_type: usize,
    natives: &'h (dyn Natives + Send + Sync),
    options: &'h Arc<Options>,
    limits: &'h Limits,
    context: &'h ObjectContext,
    /// What tells the format, if the log type does not.
    content: Option<&'h Content>,
}

impl Help for PieceHelp<'_> {
    fn help(&self, queue: &Queue, lookups: &mut dyn Lookups) {
        let log_type = self.settings.log_types.get(self.log_type);
        let mut compiled = log_type.and_then(|log_type| {
            LogType::new(self.settings, log_type, self.natives, self.options).ok()
        });
        let shown = self.content.map(Content::format);
        let (mut buffers, mut memory) = (Buffers::default(), Memory::default());
        read_pieces(queue, |piece, recorded| {
            let Some(LogType { plan, format, .. }) = &mut compiled else {
                return;
            };
            let format = shown.as_ref().unwrap_or(format);
            let mut pipeline = Pipeline::new(plan, self.context, lookups, recorded, &mut memory);
            let end = buffers.read_piece(piece, format, self.limits, &mut pipeline);
            let counts = pipeline.counts;
            recorded.counts = counts;
            recorded.end = Some(end);
        });
    }
}

/// Counts a whole object as one failed record, of which the beginning is kept.
fn fail_whole(
    body: Box<dyn ObjectBody>,
    why: String,
    receive: &mut dyn Receive,
) -> Result<ReadSummary, yagura_codec::ObjectError> {
    let mut raw = Vec::new();
    body.take(KEPT_BYTES).read_to_end(&mut raw)?;
    receive.failed(Failure {
        position: Position {
            number: 1,
            line: 0,
            byte_offset: 0,
        },
        reason: FailureReason::Binary,
        detail: why,
        raw: &raw,
    });
    Ok(ReadSummary::default())
}

impl LoadOutcome {
    /// The outcome of an object whose bytes could not be fetched.
    pub fn unreadable(error: String) -> LoadOutcome {
        LoadOutcome {
            log_type: None,
            ignored: None,
            error: Some(error),
            counts: Counts::default(),
            text_bytes: 0,
            replaced_bytes: 0,
        }
    }

    fn ignored(log_type: Option<String>, reason: Ignored) -> LoadOutcome {
        LoadOutcome {
            log_type,
            ignored: Some(reason),
            error: None,
            counts: Counts::default(),
            text_bytes: 0,
            replaced_bytes: 0,
        }
    }

    fn failed(log_type: String, error: String) -> LoadOutcome {
        LoadOutcome {
            log_type: Some(log_type),
            ..LoadOutcome::unreadable(error)
        }
    }
}
