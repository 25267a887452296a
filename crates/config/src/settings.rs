//! The typed settings that the rest of the system works with.

use yagura_ini::Origin;

/// Everything the configuration says.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What belongs to the loader as a whole.
    pub globals: GlobalSettings,
    /// The log types in the order in which keys are matched against them.
    pub log_types: Vec<LogTypeSettings>,
}

impl Settings {
    /// The settings of a log type by its name.
    pub fn log_type(&self, name: &str) -> Option<&LogTypeSettings> {
        self.log_types.iter().find(|found| found.name == name)
    }
}

/// What belongs to the loader as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalSettings {
    /// See `bump_version`.
    pub bump_version: String,
    /// See `custom_user_agent`; empty recognises nothing.
    pub custom_user_agent: String,
    /// See `ignore_own_logs`.
    pub ignore_own_logs: bool,
    /// See `exclude_log_patterns_filename`; empty reads none.
    pub exclude_log_patterns_filename: String,
    /// See `load_unmatched`.
    pub load_unmatched: bool,
}

/// A regular expression as written, with the place of its first character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The expression after interpolation.
    pub text: String,
    /// Where it stands.
    pub origin: Origin,
    /// Where each of its lines begins; empty if parts of it come from other options.
    pub(crate) lines: Vec<Origin>,
}

impl Pattern {
    /// Where a character of the expression stands in its file.
    ///
    /// **Units**: `at` counts characters of [`Pattern::text`].
    pub fn place(&self, at: usize) -> Origin {
        let before: String = self.text.chars().take(at).collect();
        let line = before.matches('\n').count();
        let Some(start) = self.lines.get(line) else {
            return self.origin.clone();
        };
        let in_line = before.rsplit('\n').next().unwrap_or_default();
        // A dollar sign is written twice.
        let characters = in_line.chars().count() + in_line.matches('$').count();
        Origin {
            column: start.column + characters,
            ..start.clone()
        }
    }
}

/// How an object holds its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileFormat {
    /// Nothing is configured: objects are skipped.
    Unset,
    /// A word that names no format is configured: nothing can be read from objects.
    Unsupported,
    /// One record per line, cut by a pattern.
    Text,
    /// JSON values.
    Json,
    /// Comma-separated or space-separated values with a header line.
    Csv,
    /// Records of several lines, cut by a pattern.
    Multiline,
    /// ArcSight Common Event Format.
    Cef,
    /// Log Event Extended Format.
    Leef,
    /// XML elements.
    Xml,
    /// Windows events as XML.
    Winevtxml,
    /// Apache Parquet.
    Parquet,
    /// `key=value` pairs in lines.
    KeyValue,
    /// Lines of syslog.
    Syslog,
}

/// How often a new index starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IndexRotation {
    /// The store rolls over by itself.
    Auto,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every year.
    Yearly,
    /// Never, as OpenSearch Serverless needs it.
    Aoss,
}

/// Which time decides the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IndexTime {
    /// That of the event.
    Timestamp,
    /// That of loading.
    EventIngested,
}

/// How the embedded store cuts a log type into directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Partition {
    /// One per UTC day.
    Day,
    /// One per UTC month.
    Month,
    /// One per index name.
    Index,
}

/// What becomes of a record whose script fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScriptError {
    /// It is a dead letter, which can be tried again when the script is mended.
    DeadLetter,
    /// It is a document as it was before the script, with a note.
    Keep,
}

/// How a time is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TimestampFormat {
    /// A number of seconds, milliseconds or microseconds since 1970.
    Epoch,
    /// As in classic syslog, without year.
    Syslog,
    /// ISO 8601.
    Iso8601,
    /// In any form, wherever the record has a time.
    Auto,
    /// As this strptime format says.
    Strptime(String),
}

/// An ECS field and the paths it is filled from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcsField {
    /// The dotted name.
    pub name: String,
    /// Whether all values are collected; otherwise the first is taken.
    pub is_list: bool,
    /// Entries, each a list of paths of which the first with a value counts;
    /// a field that is no list has one entry at most.
    pub sources: Vec<Vec<String>>,
}

/// The constant value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaticValue {
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// The two paths of the client address selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIpSelection {
    /// The path of the client address.
    pub client_ip: String,
    /// The path of the X-Forwarded-For list.
    pub forwarded_for: String,
}

/// The fields that name things of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityFields {
    /// The kind, such as `ip` or `user`.
    pub kind: String,
    /// The dotted names of the fields.
    pub fields: Vec<String>,
}

/// The settings of one log type; the fields are named after the options.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the table of options documents each of them")]
pub struct LogTypeSettings {
    /// The name of the section, which is the name of the log type.
    pub name: String,
    /// Where the section first stands.
    pub origin: Option<Origin>,
    /// `None` when no object can be recognised as this log type by its key.
    pub s3_key: Option<Pattern>,
    pub s3_key_ignored: Option<Pattern>,
    pub via_cwl: bool,
    pub via_firelens: bool,
    pub ignore_container_stderr: bool,
    pub file_format: FileFormat,
    /// The form of content, as the option names it.
    pub fallback_for: Option<String>,
    pub json_delimiter: Option<String>,
    pub text_header_line_number: u64,
    /// `None` means runs of white space.
    pub csv_delimiter: Option<char>,
    pub multiline_firstline: Option<Pattern>,
    pub xml_firstline: Option<Pattern>,
    pub log_pattern: Option<Pattern>,
    pub drift_behind: Option<String>,
    pub drift_tail: Option<Pattern>,
    pub max_log_count: u64,
    /// Empty when objects are to be skipped.
    pub index_name: String,
    pub index_suffix: Option<String>,
    pub index_rotation: IndexRotation,
    pub index_time: IndexTime,
    /// In seconds east of UTC.
    pub index_tz: i32,
    pub doc_id: Option<String>,
    pub doc_id_suffix: Option<String>,
    /// From `timestamp_key_list`, else `timestamp_key`.
    pub timestamp_keys: Vec<String>,
    /// From `timestamp_format_list`, else `timestamp_format`; never empty.
    pub timestamp_formats: Vec<TimestampFormat>,
    /// In seconds east of UTC.
    pub timestamp_tz: i32,
    pub timestamp_nano: bool,
    pub file_timestamp_format: Option<Pattern>,
    pub ecs_version: String,
    pub cloud_provider: Option<String>,
    /// Pairs of new and old name.
    pub renamed_newfields: Vec<(String, String)>,
    pub rename_scalars: Vec<String>,
    pub field_prefix: Option<String>,
    pub ecs: Vec<EcsField>,
    pub static_ecs: Vec<(String, StaticValue)>,
    /// Not empty when the transform is to run.
    pub script_ecs: Vec<String>,
    pub script_error: ScriptError,
    pub script_time_limit_s: u64,
    pub script_memory_limit_mib: u64,
    pub json_to_text: Vec<String>,
    pub clientip_xff: Option<ClientIpSelection>,
    pub geoip: Vec<String>,
    pub ioc_ip: Vec<String>,
    pub ioc_domain: Vec<String>,
    pub user_agent_enrichment_field: Option<String>,
    pub partition: Partition,
    pub route_order: u64,
    pub columns: Vec<String>,
    pub entities: Vec<EntityFields>,
}
