//! The table of all options: name, type, default, unit, documentation and scope.

/// Where an option has an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only in `[DEFAULT]`: it belongs to the loader as a whole.
    Global,
    /// In a log type's section, or in `[DEFAULT]` for all of them.
    LogType,
}

/// How the text of an option is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, taken as it is.
    Text,
    /// A regular expression; empty means not set.
    Pattern,
    /// A decimal number that is not negative.
    Integer,
    /// `1/yes/true/on` or `0/no/false/off`, in any case.
    Boolean,
    /// A list: words, or `[a b, c]`.
    List,
    /// A JSON array of texts; empty means none.
    JsonList,
    /// An offset from UTC such as `+09:00`.
    UtcOffset,
    /// One of these words, in any case and with or without quotes.
    Choice(&'static [&'static str]),
}

/// The declaration of one option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionSpec {
    /// The name, case-sensitive.
    pub name: &'static str,
    /// How its text is read.
    pub kind: Kind,
    /// The text that applies when no file sets it.
    pub default: &'static str,
    /// The unit of a number.
    pub unit: Option<&'static str>,
    /// Where it has an effect.
    pub scope: Scope,
    /// What it does, in a sentence or two.
    pub documentation: &'static str,
}

impl OptionSpec {
    const fn new(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        documentation: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            default,
            unit: None,
            scope: Scope::LogType,
            documentation,
        }
    }

    const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    const fn global(mut self) -> Self {
        self.scope = Scope::Global;
        self
    }
}

/// The pattern that sections without their own `s3_key` inherit; no object key contains it.
pub(crate) const NO_KEY: &str = "dummydummydummy";

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::new("bump_version", Kind::Text, "2.10.4", "Version of the reference configuration; informational.").global(),
    OptionSpec::new("custom_user_agent", Kind::Text, "siem-es-loader", "User agent of the loader's own S3 requests, also used to recognise them in logs. Empty recognises none.").global(),
    OptionSpec::new("ignore_own_logs", Kind::Boolean, "True", "Excludes records that the log platform's own functions and roles cause.").global(),
    OptionSpec::new("exclude_log_patterns_filename", Kind::Text, "exclude_log_patterns.csv", "Name of the CSV file with exclusion patterns. Empty reads none.").global(),
    OptionSpec::new("load_unmatched", Kind::Boolean, "True", "Loads objects whose key no log type recognises by what they hold, as the log types with `fallback_for`; otherwise they are skipped.").global(),
    OptionSpec::new("s3_key", Kind::Pattern, NO_KEY, "Recognises the log type: the first section whose pattern is found in the object key is taken."),
    OptionSpec::new("s3_key_ignored", Kind::Pattern, "", "Objects of this log type whose key contains a match are skipped."),
    OptionSpec::new("via_cwl", Kind::Boolean, "False", "Records lie in CloudWatch Logs subscription envelopes."),
    OptionSpec::new("via_firelens", Kind::Boolean, "False", "Records lie in JSON lines as Firelens writes them."),
    OptionSpec::new("ignore_container_stderr", Kind::Boolean, "True", "Excludes Firelens records whose source is `stderr`."),
    OptionSpec::new("loggroup", Kind::Text, "dummy", "Accepted for compatibility; has no effect."),
    OptionSpec::new("file_format", Kind::Choice(&["text", "json", "csv", "multiline", "cef", "leef", "xml", "winevtxml", "parquet", "keyvalue", "syslog"]), "", "How the object holds its records. Objects of a log type without format are skipped."),
    OptionSpec::new("fallback_for", Kind::Choice(&["json", "keyvalue", "csv", "syslog", "text"]), "", "Objects whose key no log type recognises are loaded as this log type when they hold records of this form; of several such log types the last."),
    OptionSpec::new("json_delimiter", Kind::Text, "", "Name of the JSON array that holds the records of one value."),
    OptionSpec::new("text_header_line_number", Kind::Integer, "0", "Header lines to skip in text objects.").unit("lines"),
    OptionSpec::new("ignore_header_line_number", Kind::Integer, "0", "Accepted for compatibility; has no effect, use `text_header_line_number`.").unit("lines"),
    OptionSpec::new("csv_delimiter", Kind::Text, "", "The character between CSV fields, or `\\t`. Empty means runs of white space."),
    OptionSpec::new("multiline_firstline", Kind::Pattern, "", "Recognises the first line of a multi-line record."),
    OptionSpec::new("xml_firstline", Kind::Pattern, "", "Recognises the first line of an XML record. Empty makes a record of every outermost element."),
    OptionSpec::new("log_pattern", Kind::Pattern, "", "Regular expression with named groups that cuts a text record into fields."),
    OptionSpec::new("drift_behind", Kind::Text, "", "Name of a group of `log_pattern`. A line that fits the pattern up to this group but not behind it, or goes on behind the pattern's end, is loaded with what could be read: the rest becomes `unparsed`, `event.kind` is `pipeline_error`, and it is counted as schema drift. In a table, the name of any column: a row with more or fewer values than columns is schema drift. Empty lets such lines fail, or ignores what they have more."),
    OptionSpec::new("drift_tail", Kind::Pattern, "", "What may stand behind the end of `log_pattern` without being schema drift."),
    OptionSpec::new("max_log_count", Kind::Integer, "100000", "Records after which an object is split into pieces.").unit("records"),
    OptionSpec::new("index_name", Kind::Text, "", "Base name of the index. Objects of a log type without it are skipped."),
    OptionSpec::new("index_suffix", Kind::Text, "", "Appended to the index name as `-suffix`."),
    OptionSpec::new("index_rotation", Kind::Choice(&["auto", "daily", "weekly", "monthly", "yearly", "aoss"]), "monthly", "How often a new index starts."),
    OptionSpec::new("index_time", Kind::Choice(&["@timestamp", "event_ingested"]), "@timestamp", "Which time decides the index: that of the event or that of loading."),
    OptionSpec::new("index_tz", Kind::UtcOffset, "+00:00", "Time zone of the index date."),
    OptionSpec::new("doc_id", Kind::Text, "", "Raw field used as document id. Empty derives the id from the record's text."),
    OptionSpec::new("doc_id_suffix", Kind::Text, "", "Path whose value is appended to the document id."),
    OptionSpec::new("timestamp_key", Kind::Text, "", "Path of the event time, or `cwe_timestamp`, `cwl_timestamp`, `file_timestamp`."),
    OptionSpec::new("timestamp_key_list", Kind::List, "", "Several paths of the event time; the first that has a value is taken. Takes precedence over `timestamp_key`."),
    OptionSpec::new("timestamp_format", Kind::Text, "iso8601", "`epoch`, `syslog`, `iso8601`, a strptime format, or `auto`: any known form, in the keys, else in any field, else in the text; a record without a time gets that of loading, and `@timestamp_from` says which it was."),
    OptionSpec::new("timestamp_format_list", Kind::JsonList, "", "Several formats; the first that fits is taken. Takes precedence over `timestamp_format`."),
    OptionSpec::new("timestamp_tz", Kind::UtcOffset, "+00:00", "Time zone of times that name none."),
    OptionSpec::new("timestamp_nano", Kind::Boolean, "False", "Cuts fractions of seconds to six digits before the time is read."),
    OptionSpec::new("file_timestamp_format", Kind::Pattern, "", "Finds the time in the object key by the groups year, month, day, hour, minute, second, microsecond."),
    OptionSpec::new("ecs_version", Kind::Text, "1.10.0", "Value of `ecs.version`."),
    OptionSpec::new("cloud_provider", Kind::Text, "aws", "Value of `cloud.provider` when the record has none. Empty adds no cloud fields."),
    OptionSpec::new("renamed_newfields", Kind::List, "", "New names of raw fields; each is itself an option that holds the old name."),
    OptionSpec::new("rename_scalars", Kind::List, "", "Fields that are objects in the common schema, such as `event`: where a record has a plain value there, it moves to `<name>_value`, so that mapping other fields does not replace it."),
    OptionSpec::new("field_prefix", Kind::Text, "", "Object into which the raw fields are moved."),
    OptionSpec::new("ecs", Kind::List, "", "ECS fields to fill; each is itself an option that holds the paths it is filled from."),
    OptionSpec::new("static_ecs", Kind::List, "", "Fields with constant values; each is itself an option that holds the value."),
    OptionSpec::new("script_ecs", Kind::List, "", "Not empty runs the log type's transform, or the user's script that takes its place; the names tell which fields it sets."),
    OptionSpec::new("script_error", Kind::Choice(&["dead_letter", "keep"]), "dead_letter", "What becomes of a record whose script fails: a dead letter, or a document as it was before the script, with the reason in `error.message`."),
    OptionSpec::new("script_time_limit_s", Kind::Integer, "5", "The longest that a Python script may take over one record.").unit("seconds"),
    OptionSpec::new("script_memory_limit_mib", Kind::Integer, "1024", "The most memory that one Python worker of the log type may have.").unit("MiB"),
    OptionSpec::new("json_to_text", Kind::List, "", "Paths whose objects and lists are stored as text."),
    OptionSpec::new("clientip_xff", Kind::List, "", "Two paths: the client address, and the X-Forwarded-For list that may correct it."),
    OptionSpec::new("geoip", Kind::List, "", "Objects whose `ip` gets its place and network added."),
    OptionSpec::new("ioc_ip", Kind::List, "", "Paths of addresses that are compared with indicators of compromise."),
    OptionSpec::new("ioc_domain", Kind::List, "", "Paths of domain names that are compared with indicators of compromise."),
    OptionSpec::new("user_agent_enrichment_field", Kind::Text, "", "Object whose `original` is taken apart as a user agent."),
    OptionSpec::new("partition", Kind::Choice(&["day", "month", "index"]), "day", "How the embedded store cuts the log type into directories: by day, by month, or as the index rotates."),
    OptionSpec::new("route_order", Kind::Integer, "1000", "Place of a built-in log type in the order in which keys are tried, smallest first; users' own log types come after the built-in ones in the order of their files."),
    OptionSpec::new("columns", Kind::List, "", "Fields that the result table shows at first."),
    OptionSpec::new("entities", Kind::List, "", "Fields by the kind of thing they name, like `ip=source.ip,destination.ip`."),
];

/// Fields whose values are lists in the Elastic Common Schema, or are by the reference system's tradition.
const LIST_FIELDS: &[&str] = &[
    "base.tags",
    "container.image.tag",
    "dns.answers",
    "dns.header_flags",
    "dns.resolved_ip",
    "dns.type",
    "event.category",
    "event.type",
    "file.attributes",
    "host.ip",
    "host.mac",
    "observer.ip",
    "observer.mac",
    "process.args",
    "registry.data.strings",
    "related.hash",
    "related.hosts",
    "related.ip",
    "related.user",
    "rule.author",
    "threat.tactic.id",
    "threat.tactic.name",
    "threat.tactic.reference",
    "threat.technique.id",
    "threat.technique.name",
    "threat.technique.reference",
    "threat.technique.subtechnique.id",
    "threat.technique.subtechnique.name",
    "threat.technique.subtechnique.reference",
    "tls.client.certificate_chain",
    "tls.client.supported_ciphers",
    "tls.server.certificate_chain",
    "user.roles",
    "vulnerability.category",
    "x509.alternative_names",
    "x509.issuer.country",
    "x509.issuer.locality",
    "x509.issuer.organization",
    "x509.issuer.organizational_unit",
    "x509.issuer.state_or_province",
    "x509.subject.common_name",
    "x509.subject.country",
    "x509.subject.locality",
    "x509.subject.organization",
    "x509.subject.organizational_unit",
    "x509.subject.state_or_province",
];

/// All options, in the order in which the reference shows them.
pub fn options() -> &'static [OptionSpec] {
    OPTIONS
}

/// The declaration of an option by its name.
pub fn option(name: &str) -> Option<&'static OptionSpec> {
    OPTIONS.iter().find(|spec| spec.name == name)
}

/// The ECS fields whose mapping collects all values into a list, sorted by name.
pub fn list_fields() -> &'static [&'static str] {
    LIST_FIELDS
}

/// Tells whether an ECS field collects all values into a list.
pub fn is_list_field(name: &str) -> bool {
    LIST_FIELDS.binary_search(&name).is_ok()
}
