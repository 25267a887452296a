//! A log type's options, compiled for the hot path.

use std::collections::HashSet;
use std::sync::Arc;

use yagura_codec::{
    Cef, Format, KeyValue, Layout, Leef, LineParser, MessageFormat, Pattern, PatternError,
    SyslogRecord, Table, WindowsEvent, XmlElement, XmlStart,
};
use yagura_config::{FileFormat, LogTypeSettings, ScriptError, Settings};
use yagura_model::intern;

use crate::condition::Condition;
use crate::ecs::EcsMapping;
use crate::enrich::Enrichment;
use crate::exclude::{CsvExclusion, Exclusions};
use crate::index_name::{IndexNames, Service};
use crate::line::FastLine;
use crate::native::{Natives, Transform};
use crate::normalise::{Basics, Times};
use crate::script::{BatchedScript, InPlaceScript, Script, Scripts};

/// What the pipeline needs beside the settings.
#[derive(Clone, Default)]
pub struct Options {
    /// Kind of service that documents are for.
    pub service: Service,
    /// Names of indices that cannot be written.
    pub read_only_indices: HashSet<String>,
    /// Rows of the users' exclusion file.
    pub exclusions: Vec<CsvExclusion>,
    /// Users' JMESPath conditions.
    pub conditions: Vec<Condition>,
    /// Users' scripts; a log type that has one runs it in the place of its pack's transform.
    pub scripts: Option<Arc<dyn Scripts>>,
    /// Whether to tell every step of every record.
    pub explain: bool,
    /// Whether objects whose key no log type recognises are loaded by what they hold; the option
    /// `load_unmatched` must allow it as well.
    pub by_content: bool,
}

/// Why a log type cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A regular expression is wrong.
    #[error("log type `{log_type}`: option `{option}`: {error}")]
    Pattern {
        /// Log type.
        log_type: String,
        /// Option that holds the expression.
        option: String,
        /// What is wrong.
        error: PatternError,
    },
    /// A timestamp format has an unknown directive.
    #[error(
        "log type `{log_type}`: timestamp format `{format}` has the unknown directive `%{letter}`"
    )]
    TimestampFormat {
        /// Log type.
        log_type: String,
        /// The format.
        format: String,
        /// The unknown directive.
        letter: char,
    },
    /// A text format without a pattern.
    #[error(
        "log type `{log_type}`: `file_format = text` and `multiline` need a `log_pattern` with named groups"
    )]
    NoPattern {
        /// Log type.
        log_type: String,
    },
    /// Records of several lines that nothing tells apart.
    #[error(
        "log type `{log_type}`: `file_format = multiline` needs a `multiline_firstline` that recognises the first line of a record"
    )]
    NoFirstLine {
        /// Log type.
        log_type: String,
    },
    /// No file format that there is.
    #[error(
        "log type `{log_type}`: `file_format` names no format; the reference of options lists them"
    )]
    Format {
        /// Log type.
        log_type: String,
    },
}

/// A log type, compiled; every worker has its own.
pub(crate) struct LogType {
    pub(crate) format: Format,
    pub(crate) file_timestamp: Option<Pattern>,
    pub(crate) plan: Plan,
}

/// What is done to every record of a log type.
pub(crate) struct Plan {
    pub(crate) log_type: &'static str,
    pub(crate) basics: Basics,
    pub(crate) times: Times,
    pub(crate) ecs: EcsMapping,
    pub(crate) transform: Rearrange,
    /// What becomes of a record whose script fails.
    pub(crate) script_error: ScriptError,
    pub(crate) enrichment: Enrichment,
    pub(crate) field_prefix: Option<&'static str>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) exclusions: Exclusions,
    pub(crate) ignore_container_stderr: bool,
    pub(crate) index_names: IndexNames,
}

/// What rearranges the documents of a log type behind the ECS mapping.
pub(crate) enum Rearrange {
    Nothing,
    Native(Transform),
    InPlace(Box<dyn InPlaceScript>),
    Batched(Box<dyn BatchedScript>),
}

impl Rearrange {
    /// A user's script before the pack's transform, and neither without `script_ecs`.
    fn new(log_type: &LogTypeSettings, native: Option<Transform>, options: &Options) -> Rearrange {
        if log_type.script_ecs.is_empty() {
            return Rearrange::Nothing;
        }
        let scripts = options.scripts.as_ref();
        match scripts.and_then(|scripts| scripts.script(&log_type.name)) {
            Some(Script::InPlace(script)) => Rearrange::InPlace(script),
            Some(Script::Batched(script)) => Rearrange::Batched(script),
            None => native.map_or(Rearrange::Nothing, Rearrange::Native),
        }
    }
}

impl LogType {
    pub(crate) fn new(
        settings: &Settings,
        log_type: &LogTypeSettings,
        natives: &dyn Natives,
        options: &Arc<Options>,
    ) -> Result<LogType, PlanError> {
        let name = &log_type.name;
        let native = natives.native(name);
        let pattern_error = |option: &str| {
            let (log_type, option) = (name.clone(), option.to_owned());
            move |error| PlanError::Pattern {
                log_type,
                option,
                error,
            }
        };
        let own_logs = match settings.globals.ignore_own_logs {
            true => native.own_logs,
            false => &[],
        };
        let exclusions = Exclusions::new(
            name,
            own_logs,
            &settings.globals.custom_user_agent,
            &options.exclusions,
        )
        .map_err(|(pattern, error)| {
            pattern_error(&format!("exclusion pattern {pattern}"))(error)
        })?;
        let conditions = options.conditions.iter();
        let plan = Plan {
            log_type: intern(name),
            basics: Basics::new(log_type),
            times: Times::new(log_type)?,
            ecs: EcsMapping::new(log_type),
            transform: Rearrange::new(log_type, native.transform, options),
            script_error: log_type.script_error,
            enrichment: Enrichment::new(log_type),
            field_prefix: log_type.field_prefix.as_deref().map(intern),
            conditions: conditions
                .filter(|condition| condition.log_type == *name)
                .cloned()
                .collect(),
            exclusions,
            ignore_container_stderr: log_type.ignore_container_stderr,
            index_names: IndexNames::new(log_type, options.service, &options.read_only_indices),
        };
        let file_timestamp = log_type.file_timestamp_format.as_ref();
        Ok(LogType {
            format: format(log_type, natives)?,
            file_timestamp: file_timestamp
                .map(|pattern| Pattern::search(&pattern.text))
                .transpose()
                .map_err(pattern_error("file_timestamp_format"))?,
            plan,
        })
    }
}

fn format(log_type: &LogTypeSettings, natives: &dyn Natives) -> Result<Format, PlanError> {
    match (log_type.via_cwl, log_type.via_firelens) {
        (false, false) => {}
        (true, false) => return Ok(Format::CloudWatchLogs(message_format(log_type, natives)?)),
        (false, true) => return Ok(Format::FireLens(message_format(log_type, natives)?)),
        (true, true) => {
            let inner = Box::new(message_format(log_type, natives)?);
            return Ok(Format::CloudWatchLogs(MessageFormat::FireLens(inner)));
        }
    }
    if let Some(parser) = fixed_parser(log_type.file_format) {
        return unwrapped(log_type, parser);
    }
    match log_type.file_format {
        FileFormat::Text => Ok(Format::Text {
            header_lines: log_type.text_header_line_number,
            parser: line_parser(log_type, natives)?,
        }),
        FileFormat::Multiline => Ok(Format::Multiline {
            first_line: first_line(log_type)?,
            parser: line_parser(log_type, natives)?,
        }),
        // Parquet content shows itself; what else such a log type holds is JSON.
        FileFormat::Json | FileFormat::Parquet => Ok(Format::Json {
            delimiter: log_type.json_delimiter.clone(),
            keeps_others: false,
        }),
        FileFormat::Csv => Ok(Format::Csv(Table {
            delimiter: log_type.csv_delimiter,
            columns: None,
            is_strict: log_type.drift_behind.is_some(),
        })),
        _ => Err(unsupported(log_type)),
    }
}

/// The form of the records in envelopes; each is one message, however many lines it has.
fn message_format(
    log_type: &LogTypeSettings,
    natives: &dyn Natives,
) -> Result<MessageFormat, PlanError> {
    if let Some(parser) = fixed_parser(log_type.file_format) {
        return Ok(MessageFormat::Text(parser));
    }
    match log_type.file_format {
        FileFormat::Text | FileFormat::Multiline => {
            Ok(MessageFormat::Text(line_parser(log_type, natives)?))
        }
        FileFormat::Json | FileFormat::Parquet => Ok(MessageFormat::Json),
        _ => Err(unsupported(log_type)),
    }
}

fn unsupported(log_type: &LogTypeSettings) -> PlanError {
    PlanError::Format {
        log_type: log_type.name.clone(),
    }
}

/// The pattern that begins a record of several lines.
fn first_line(log_type: &LogTypeSettings) -> Result<Pattern, PlanError> {
    let name = || log_type.name.clone();
    let Some(pattern) = &log_type.multiline_firstline else {
        return Err(PlanError::NoFirstLine { log_type: name() });
    };
    Pattern::at_start(&pattern.text).map_err(|error| PlanError::Pattern {
        log_type: name(),
        option: "multiline_firstline".to_owned(),
        error,
    })
}

/// How an object without envelopes holds texts for a parser of [`fixed_parser`].
fn unwrapped(log_type: &LogTypeSettings, parser: Box<dyn LineParser>) -> Result<Format, PlanError> {
    let start = match (log_type.file_format, &log_type.xml_firstline) {
        (FileFormat::Winevtxml, _) => XmlStart::Named("Event"),
        (FileFormat::Xml, None) => XmlStart::Any,
        (FileFormat::Xml, Some(pattern)) => XmlStart::Line(Box::new(
            Pattern::at_start(&pattern.text).map_err(|error| PlanError::Pattern {
                log_type: log_type.name.clone(),
                option: "xml_firstline".to_owned(),
                error,
            })?,
        )),
        _ => {
            return Ok(Format::Text {
                header_lines: 0,
                parser,
            });
        }
    };
    Ok(Format::Xml { start, parser })
}

/// The parser of a format that needs no pattern to take a record apart.
fn fixed_parser(format: FileFormat) -> Option<Box<dyn LineParser>> {
    match format {
        FileFormat::Cef => Some(Box::new(Cef)),
        FileFormat::Leef => Some(Box::new(Leef)),
        FileFormat::Xml => Some(Box::new(XmlElement)),
        FileFormat::Winevtxml => Some(Box::new(WindowsEvent)),
        FileFormat::KeyValue => Some(Box::new(KeyValue)),
        FileFormat::Syslog => Some(Box::new(SyslogRecord)),
        _ => None,
    }
}

/// The log type's pattern, with its pack's tokeniser in front unless a user changed the pattern.
fn line_parser(
    log_type: &LogTypeSettings,
    natives: &dyn Natives,
) -> Result<Box<dyn LineParser>, PlanError> {
    let Some(text) = log_type
        .log_pattern
        .as_ref()
        .map(|pattern| pattern.text.as_str())
    else {
        return Err(PlanError::NoPattern {
            log_type: log_type.name.clone(),
        });
    };
    let pattern = Pattern::at_start(text).map_err(|error| PlanError::Pattern {
        log_type: log_type.name.clone(),
        option: "log_pattern".to_owned(),
        error,
    })?;
    let is_shipped = natives.shipped_pattern(&log_type.name) == Some(text);
    let split = natives.native(&log_type.name).split_line;
    let split = split.filter(|_| is_shipped);
    let layout = layout(log_type, text)?;
    Ok(match (split, layout) {
        (None, None) => Box::new(pattern),
        (split, layout) => Box::new(FastLine {
            split,
            pattern,
            layout,
        }),
    })
}

/// What reads lines of which the pattern covers only the beginning, if the log type wants that.
fn layout(log_type: &LogTypeSettings, pattern: &str) -> Result<Option<Layout>, PlanError> {
    let Some(core) = &log_type.drift_behind else {
        return Ok(None);
    };
    let tail = log_type.drift_tail.as_ref();
    let tail = tail.map(|tail| tail.text.as_str());
    // A user's own pattern may lack the group; then its lines match or fail.
    Layout::new(pattern, core, tail).map_err(|error| PlanError::Pattern {
        log_type: log_type.name.clone(),
        option: "drift_tail".to_owned(),
        error,
    })
}
