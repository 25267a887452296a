//! Reads the options of one section into typed settings and reports what cannot be read.

use yagura_ini::{DEFAULT_SECTION, Ini, Origin};

use crate::diagnostic::{Diagnostic, Severity, suggest};
use crate::options::{Kind, NO_KEY, is_list_field, option};
use crate::settings::{
    ClientIpSelection, EcsField, EntityFields, FileFormat, GlobalSettings, IndexRotation,
    IndexTime, LogTypeSettings, Partition, Pattern, ScriptError, StaticValue, TimestampFormat,
};
use crate::value;

/// Reads one section; findings go to `diagnostics`.
pub(crate) struct Reader<'a> {
    ini: &'a Ini,
    section: &'a str,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        ini: &'a Ini,
        section: &'a str,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            ini,
            section,
            diagnostics,
        }
    }

    pub(crate) fn globals(&mut self) -> GlobalSettings {
        GlobalSettings {
            bump_version: self.text("bump_version"),
            custom_user_agent: self.text("custom_user_agent"),
            ignore_own_logs: self.boolean("ignore_own_logs"),
            exclude_log_patterns_filename: self.text("exclude_log_patterns_filename"),
            load_unmatched: self.boolean("load_unmatched"),
        }
    }

    pub(crate) fn log_type(&mut self) -> LogTypeSettings {
        LogTypeSettings {
            name: self.section.to_owned(),
            origin: self.ini.section_origin(self.section).cloned(),
            s3_key: self
                .pattern("s3_key")
                .filter(|pattern| pattern.text != NO_KEY),
            s3_key_ignored: self.pattern("s3_key_ignored"),
            via_cwl: self.boolean("via_cwl"),
            via_firelens: self.boolean("via_firelens"),
            ignore_container_stderr: self.boolean("ignore_container_stderr"),
            file_format: self.file_format(),
            fallback_for: self.fallback_for(),
            json_delimiter: self.optional("json_delimiter"),
            text_header_line_number: self.integer("text_header_line_number", 0),
            csv_delimiter: self.csv_delimiter(),
            multiline_firstline: self.pattern("multiline_firstline"),
            xml_firstline: self.pattern("xml_firstline"),
            log_pattern: self.pattern("log_pattern"),
            drift_behind: self.optional("drift_behind"),
            drift_tail: self.pattern("drift_tail"),
            max_log_count: self.integer("max_log_count", 1),
            index_name: self.text("index_name"),
            index_suffix: self.optional("index_suffix"),
            index_rotation: self.index_rotation(),
            index_time: self.index_time(),
            index_tz: self.utc_offset("index_tz"),
            doc_id: self.optional("doc_id"),
            doc_id_suffix: self.optional("doc_id_suffix"),
            timestamp_keys: self.timestamp_keys(),
            timestamp_formats: self.timestamp_formats(),
            timestamp_tz: self.utc_offset("timestamp_tz"),
            timestamp_nano: self.boolean("timestamp_nano"),
            file_timestamp_format: self.pattern("file_timestamp_format"),
            ecs_version: self.text("ecs_version"),
            cloud_provider: self.optional("cloud_provider"),
            renamed_newfields: self.renamed_newfields(),
            rename_scalars: self.words("rename_scalars"),
            field_prefix: self.optional("field_prefix"),
            ecs: self.ecs(),
            static_ecs: self.static_ecs(),
            script_ecs: self.words("script_ecs"),
            script_error: self.script_error(),
            script_time_limit_s: self.integer("script_time_limit_s", 1),
            script_memory_limit_mib: self.integer("script_memory_limit_mib", 64),
            json_to_text: self.words("json_to_text"),
            clientip_xff: self.clientip_xff(),
            geoip: self.words("geoip"),
            ioc_ip: self.words("ioc_ip"),
            ioc_domain: self.words("ioc_domain"),
            user_agent_enrichment_field: self.optional("user_agent_enrichment_field"),
            partition: self.partition(),
            route_order: self.integer("route_order", 0),
            columns: self.words("columns"),
            entities: self.entities(),
        }
    }

    fn text(&mut self, name: &str) -> String {
        match self.ini.get(self.section, name) {
            Ok(value) => value.unwrap_or_default(),
            Err(error) => {
                let found = Diagnostic::from(error).of(self.section, name);
                self.diagnostics.push(found);
                default_of(name).to_owned()
            }
        }
    }

    fn optional(&mut self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    fn words(&mut self, name: &str) -> Vec<String> {
        value::words(&self.text(name))
    }

    fn pattern(&mut self, name: &str) -> Option<Pattern> {
        let text = self.optional(name)?;
        let origin = self.value_origin(name);
        let raw = self.ini.raw(self.section, name).unwrap_or_default();
        let starts = raw.match_indices('\n').map(|(at, _)| at + 1);
        let lines = match raw.contains("${") {
            true => Vec::new(),
            false => std::iter::once(0)
                .chain(starts)
                .filter_map(|at| self.ini.value_origin(self.section, name, at))
                .collect(),
        };
        Some(Pattern {
            text,
            origin,
            lines,
        })
    }

    fn boolean(&mut self, name: &str) -> bool {
        let text = self.text(name);
        match value::boolean(&text) {
            Some(truth) => truth,
            None => {
                self.invalid(name, &text, "write `True` or `False`");
                default_of(name).eq_ignore_ascii_case("true")
            }
        }
    }

    fn integer(&mut self, name: &str, least: u64) -> u64 {
        let text = self.text(name);
        match text.parse() {
            Ok(number) if number >= least => number,
            _ => {
                self.invalid(
                    name,
                    &text,
                    &format!("write a whole number that is at least {least}"),
                );
                default_of(name).parse().unwrap_or(least)
            }
        }
    }

    fn utc_offset(&mut self, name: &str) -> i32 {
        let text = self.text(name);
        value::parse_utc_offset(&text).unwrap_or_else(|| {
            self.invalid(name, &text, "write an offset from UTC such as `+09:00`");
            0
        })
    }

    /// The index of the configured word among the option's choices; other words are warned about.
    fn choice(&mut self, name: &str, otherwise: &str) -> Option<usize> {
        let text = self.text(name);
        let word = value::unquoted(&text);
        let words: &[&str] = match option(name).map(|spec| spec.kind) {
            Some(Kind::Choice(words)) => words,
            _ => &[],
        };
        let found = words
            .iter()
            .position(|choice| choice.eq_ignore_ascii_case(word));
        if found.is_none() && !word.is_empty() {
            let lower = word.to_ascii_lowercase();
            let hint = match suggest(&lower, words.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`? {otherwise}"),
                None => format!("write one of `{}`; {otherwise}", words.join("`, `")),
            };
            let message = format!("cannot use `{text}` as `{name}`");
            self.report(Severity::Warning, name, message, hint);
        }
        found
    }

    fn file_format(&mut self) -> FileFormat {
        const FORMATS: [FileFormat; 11] = [
            FileFormat::Text,
            FileFormat::Json,
            FileFormat::Csv,
            FileFormat::Multiline,
            FileFormat::Cef,
            FileFormat::Leef,
            FileFormat::Xml,
            FileFormat::Winevtxml,
            FileFormat::Parquet,
            FileFormat::KeyValue,
            FileFormat::Syslog,
        ];
        let chosen = self.choice("file_format", "nothing will be read from objects");
        match chosen.and_then(|index| FORMATS.get(index)) {
            Some(format) => *format,
            None if value::unquoted(&self.text("file_format")).is_empty() => FileFormat::Unset,
            None => FileFormat::Unsupported,
        }
    }

    fn fallback_for(&mut self) -> Option<String> {
        let chosen = self.choice("fallback_for", "nothing will be loaded as this log type")?;
        match option("fallback_for").map(|spec| spec.kind) {
            Some(Kind::Choice(words)) => words.get(chosen).map(|word| (*word).to_owned()),
            _ => None,
        }
    }

    fn index_rotation(&mut self) -> IndexRotation {
        const ROTATIONS: [IndexRotation; 6] = [
            IndexRotation::Auto,
            IndexRotation::Daily,
            IndexRotation::Weekly,
            IndexRotation::Monthly,
            IndexRotation::Yearly,
            IndexRotation::Aoss,
        ];
        self.choice("index_rotation", "indices will be yearly")
            .and_then(|index| ROTATIONS.get(index).copied())
            .unwrap_or(IndexRotation::Yearly)
    }

    fn index_time(&mut self) -> IndexTime {
        match self.choice("index_time", "the time of the event will decide") {
            Some(1) => IndexTime::EventIngested,
            _ => IndexTime::Timestamp,
        }
    }

    fn partition(&mut self) -> Partition {
        match self.choice("partition", "days will be used") {
            Some(1) => Partition::Month,
            Some(2) => Partition::Index,
            _ => Partition::Day,
        }
    }

    fn script_error(&mut self) -> ScriptError {
        match self.choice("script_error", "records will become dead letters") {
            Some(1) => ScriptError::Keep,
            _ => ScriptError::DeadLetter,
        }
    }

    fn csv_delimiter(&mut self) -> Option<char> {
        let text = self.text("csv_delimiter");
        if text == "\\t" {
            return Some('\t');
        }
        let mut characters = text.chars();
        let first = characters.next();
        if characters.next().is_some() {
            self.invalid("csv_delimiter", &text, "write one character, or `\\t`");
        }
        first
    }

    fn timestamp_keys(&mut self) -> Vec<String> {
        let list = self.words("timestamp_key_list");
        if !list.is_empty() {
            return list;
        }
        self.optional("timestamp_key").into_iter().collect()
    }

    fn timestamp_formats(&mut self) -> Vec<TimestampFormat> {
        let text = self.text("timestamp_format_list");
        match value::json_list(&text) {
            Ok(list) if list.is_empty() => {}
            Ok(list) => {
                return list
                    .iter()
                    .map(|text| self.timestamp_format("timestamp_format_list", text))
                    .collect();
            }
            Err(reason) => {
                let hint = format!("write a JSON list like `[\"epoch\", \"iso8601\"]`; {reason}");
                self.invalid("timestamp_format_list", &text, &hint);
            }
        }
        let text = self.text("timestamp_format");
        vec![self.timestamp_format("timestamp_format", &text)]
    }

    fn timestamp_format(&mut self, name: &str, text: &str) -> TimestampFormat {
        const WORDS: [&str; 4] = ["epoch", "syslog", "iso8601", "auto"];
        let word = value::unquoted(text).to_ascii_lowercase();
        match word.as_str() {
            "epoch" => return TimestampFormat::Epoch,
            "syslog" => return TimestampFormat::Syslog,
            "iso8601" => return TimestampFormat::Iso8601,
            "auto" => return TimestampFormat::Auto,
            _ => {}
        }
        if !text.contains('%') {
            let hint = match suggest(&word, WORDS.into_iter()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => {
                    "write `epoch`, `syslog`, `iso8601`, `auto` or a strptime format".to_owned()
                }
            };
            let message = format!("cannot read any time by the format `{text}`");
            self.report(Severity::Warning, name, message, hint);
        }
        TimestampFormat::Strptime(text.to_owned())
    }

    fn renamed_newfields(&mut self) -> Vec<(String, String)> {
        let mut renamed = Vec::new();
        for new in self.words("renamed_newfields") {
            if let Some(old) = self.defined("renamed_newfields", &new) {
                renamed.push((new, old));
            }
        }
        renamed
    }

    fn ecs(&mut self) -> Vec<EcsField> {
        let mut fields = Vec::new();
        for name in self.words("ecs") {
            let Some(text) = self.defined("ecs", &name) else {
                continue;
            };
            let is_list = is_list_field(&name);
            let sources = if is_list {
                let paths = |entry: &str| entry.split_whitespace().map(str::to_owned).collect();
                value::list_entries(&text).into_iter().map(paths).collect()
            } else {
                Some(value::words(&text))
                    .filter(|paths| !paths.is_empty())
                    .into_iter()
                    .collect()
            };
            fields.push(EcsField {
                name,
                is_list,
                sources,
            });
        }
        fields
    }

    fn static_ecs(&mut self) -> Vec<(String, StaticValue)> {
        let mut fields = Vec::new();
        for name in self.words("static_ecs") {
            let Some(text) = self.defined("static_ecs", &name) else {
                continue;
            };
            let value = if is_list_field(&name) {
                let entries = value::list_entries(&text).into_iter();
                StaticValue::List(entries.map(str::to_owned).collect())
            } else {
                StaticValue::Text(text)
            };
            fields.push((name, value));
        }
        fields
    }

    /// The text of an option that another option lists; it must be set.
    fn defined(&mut self, list: &str, name: &str) -> Option<String> {
        if self.ini.raw(self.section, name).is_some() {
            return Some(self.text(name));
        }
        let keys = self.ini.own_keys(self.section);
        let hint = match suggest(name, keys.chain(self.ini.own_keys(DEFAULT_SECTION))) {
            Some(meant) => format!("did you mean `{meant}`? Otherwise add `{name} = …`"),
            None => format!("add `{name} = …` to the section, or remove it from `{list}`"),
        };
        let message = format!("cannot find the definition of `{name}`, which `{list}` lists");
        self.report(Severity::Error, list, message, hint);
        None
    }

    fn clientip_xff(&mut self) -> Option<ClientIpSelection> {
        let mut paths = self.words("clientip_xff").into_iter();
        match (paths.next(), paths.next(), paths.next()) {
            (Some(client_ip), Some(forwarded_for), None) => Some(ClientIpSelection {
                client_ip,
                forwarded_for,
            }),
            (None, _, _) => None,
            _ => {
                let text = self.text("clientip_xff");
                self.invalid("clientip_xff", &text, "write two paths");
                None
            }
        }
    }

    fn entities(&mut self) -> Vec<EntityFields> {
        let text = self.text("entities");
        let mut entities = Vec::new();
        for word in text.split_whitespace() {
            let fields: Vec<String> = word
                .split_once('=')
                .map(|(_, fields)| fields.split(',').map(str::to_owned).collect())
                .unwrap_or_default();
            let kind = word.split('=').next().unwrap_or_default();
            if kind.is_empty() || fields.is_empty() || fields.iter().any(String::is_empty) {
                self.invalid("entities", word, "write `kind=field,field`");
                continue;
            }
            entities.push(EntityFields {
                kind: kind.to_owned(),
                fields,
            });
        }
        entities
    }

    fn invalid(&mut self, name: &str, text: &str, hint: &str) {
        let message = format!("cannot use `{text}` as `{name}`");
        self.report(Severity::Error, name, message, hint.to_owned());
    }

    fn report(&mut self, severity: Severity, name: &str, message: String, hint: String) {
        let origin = self.value_origin(name);
        let found = Diagnostic::new(severity, &origin, message, hint).of(self.section, name);
        self.diagnostics.push(found);
    }

    fn value_origin(&self, name: &str) -> Origin {
        self.ini
            .value_origin(self.section, name, 0)
            .unwrap_or_else(|| Origin {
                file: crate::BUILT_IN.into(),
                line: 1,
                column: 1,
            })
    }
}

fn default_of(name: &str) -> &'static str {
    option(name).map_or("", |spec| spec.default)
}
