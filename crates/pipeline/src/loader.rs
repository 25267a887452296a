//! One object, from its key and bytes to documents and counts.

use std::sync::Arc;

use yagura_codec::{Buffers, Extent, Limits, ObjectBody, ReadSummary, Slice};
use yagura_config::Settings;
use yagura_model::Timestamp;

use crate::counts::Counts;
use crate::document::Output;
use crate::enrich::Lookups;
use crate::key::{account_in_key, file_timestamp, region_in_key};
use crate::known::KnownAddresses;
use crate::native::Natives;
use crate::pipeline::Pipeline;
use crate::plan::{LogType, Options, PlanError};
use crate::route::{Ignored, Route, Router};

/// Objects below this size hold nothing.
const MIN_OBJECT_BYTES: u64 = 20;

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
    pub(crate) now_text: String,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) file_timestamp: Option<Timestamp>,
}

impl ObjectContext {
    /// Describes an object; account and region come from its key.
    pub fn new(bucket: &str, key: &str, size_bytes: u64, now: Timestamp) -> ObjectContext {
        ObjectContext {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            size_bytes,
            now,
            now_text: now.to_iso8601(),
            account: account_in_key(key).map(str::to_owned),
            region: region_in_key(key).map(str::to_owned),
            file_timestamp: None,
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
    known: KnownAddresses,
    json: Vec<u8>,
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
            known: KnownAddresses::default(),
            json: Vec::new(),
        })
    }

    /// Which log type a key leads to.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// Compiles every log type and gives all errors; what a check of the configuration wants.
    pub fn compile_all(&self) -> Vec<PlanError> {
        let log_types = self.settings.log_types.iter();
        log_types
            .filter(|log_type| log_type.s3_key.is_some())
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
                self.load_as(at, context, body, (Extent::Object, slice), lookups, output)
            }
            Route::LogType(at) => {
                let log_type = Some(self.settings.log_types[at].name.clone());
                LoadOutcome::ignored(log_type, Ignored::Tiny)
            }
            Route::Ignored(reason) => LoadOutcome::ignored(None, reason),
        }
    }

    /// Loads one record that failed before, as its [`yagura_codec::Failure`] kept it.
    pub fn load_record(
        &mut self,
        context: ObjectContext,
        raw: Vec<u8>,
        lookups: &mut dyn Lookups,
        output: &mut dyn Output,
    ) -> LoadOutcome {
        let body = Box::new(std::io::Cursor::new(raw));
        match self.router.route(&context.key) {
            Route::LogType(at) => {
                let extent = (Extent::Record, Slice::ALL);
                self.load_as(at, context, body, extent, lookups, output)
            }
            Route::Ignored(reason) => LoadOutcome::ignored(None, reason),
        }
    }

    fn load_as(
        &mut self,
        at: usize,
        mut context: ObjectContext,
        body: Box<dyn ObjectBody>,
        part: (Extent, Slice),
        lookups: &mut dyn Lookups,
        output: &mut dyn Output,
    ) -> LoadOutcome {
        let name = self.settings.log_types[at].name.clone();
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
        self.known.clear();
        let mut pipeline = Pipeline {
            plan,
            context: &context,
            lookups,
            known: &mut self.known,
            output,
            counts: Counts::default(),
            steps: self.options.explain.then(Vec::new),
            json: &mut self.json,
            id: String::new(),
        };
        let buffers = &mut self.buffers;
        let read = buffers.read_object(body, format, part, &self.limits, &mut pipeline);
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
