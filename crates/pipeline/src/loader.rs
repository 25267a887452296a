//! One object, from its key and bytes to documents and counts.

use std::sync::Arc;

use yagura_codec::{Limits, ObjectBody, ObjectError, Slice, read_object};
use yagura_config::Settings;
use yagura_model::Timestamp;

use crate::counts::Counts;
use crate::document::Output;
use crate::enrich::Lookups;
use crate::key::{account_in_key, file_timestamp, region_in_key};
use crate::native::Natives;
use crate::pipeline::Pipeline;
use crate::plan::{Options, Plan, PlanError};
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
    plans: Vec<Option<Plan>>,
    limits: Limits,
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
        let plans = settings.log_types.iter().map(|_| None).collect();
        Ok(Loader {
            settings,
            natives,
            options,
            router,
            plans,
            limits,
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
                Plan::new(
                    &self.settings,
                    log_type,
                    self.natives.as_ref(),
                    &self.options,
                )
                .err()
            })
            .collect()
    }

    /// Loads one object: every record of the slice goes to `output` as a document, or is counted.
    pub fn load(
        &mut self,
        mut context: ObjectContext,
        body: Box<dyn ObjectBody>,
        slice: Slice,
        lookups: &mut dyn Lookups,
        output: &mut dyn Output,
    ) -> LoadOutcome {
        let at = match self.router.route(&context.key) {
            Route::LogType(at) if context.size_bytes >= MIN_OBJECT_BYTES => at,
            Route::LogType(at) => {
                let log_type = Some(self.settings.log_types[at].name.clone());
                return LoadOutcome::ignored(log_type, Ignored::Tiny);
            }
            Route::Ignored(reason) => return LoadOutcome::ignored(None, reason),
        };
        let log_type = self.settings.log_types[at].name.clone();
        let plan = match self.plan(at) {
            Ok(plan) => plan,
            Err(error) => return LoadOutcome::failed(log_type, error.to_string()),
        };
        if let Some(pattern) = &plan.file_timestamp {
            match file_timestamp(pattern, &context.key) {
                Ok(Some(instant)) => context.file_timestamp = Some(instant),
                _ => {
                    let error = "`file_timestamp_format` finds no time in the key".to_owned();
                    return LoadOutcome::failed(log_type, error);
                }
            }
        }
        let explain = self.options.explain;
        let limits = self.limits;
        let Some(plan) = &mut self.plans[at] else {
            return LoadOutcome::failed(log_type, "the log type has no plan".to_owned());
        };
        let format = std::mem::replace(
            &mut plan.format,
            yagura_codec::Format::Json { delimiter: None },
        );
        let mut pipeline = Pipeline {
            plan,
            context: &context,
            lookups,
            output,
            counts: Counts::default(),
            steps: explain.then(Vec::new),
            json: &mut self.json,
            id: String::new(),
        };
        let read = read_object(body, &format, slice, &limits, &mut pipeline);
        let counts = pipeline.counts;
        plan.format = format;
        let (summary, error) = match read {
            Ok(summary) => (summary, None),
            Err(error) => (yagura_codec::ReadSummary::default(), Some(error)),
        };
        LoadOutcome {
            log_type: Some(log_type),
            ignored: None,
            error: error.as_ref().map(ObjectError::to_string),
            counts,
            text_bytes: summary.text_bytes,
            replaced_bytes: summary.replaced_bytes,
        }
    }

    fn plan(&mut self, at: usize) -> Result<&Plan, PlanError> {
        if self.plans[at].is_none() {
            let log_type = &self.settings.log_types[at];
            let plan = Plan::new(
                &self.settings,
                log_type,
                self.natives.as_ref(),
                &self.options,
            )?;
            self.plans[at] = Some(plan);
        }
        self.plans[at].as_ref().ok_or_else(|| PlanError::Format {
            log_type: self.settings.log_types[at].name.clone(),
        })
    }
}

impl LoadOutcome {
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
            ignored: None,
            error: Some(error),
            counts: Counts::default(),
            text_bytes: 0,
            replaced_bytes: 0,
        }
    }
}
