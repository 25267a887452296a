//! Records that shall not be loaded: the loader's own traces, and users' field patterns.

use std::borrow::Cow;
use std::io::Cursor;

use memchr::memmem::Finder;
use yagura_codec::{
    Extent, Failure, Format, Limits, ObjectError, Pattern, PatternError, Receive, Record, Slice,
    Table, read_object,
};
use yagura_model::{Arena, Form, HintedKey, Object, Value, parse, push_python_text};

/// Functions of the AWS solution whose activity is not worth a log.
const OWN_FUNCTIONS: [&str; 6] = [
    "aes-siem-ioc-download",
    "aes-siem-ioc-plan",
    "aes-siem-ioc-createdb",
    "aes-siem-es-loader",
    "aes-siem-index-metrics-exporter",
    "SecurityLake_Glue_Partition_Updater_Lambda",
];

/// Roles of the AWS solution whose activity is not worth a log.
const OWN_ROLES: [&str; 2] = [
    "LambdaEsLoaderServiceRole",
    "AmazonSecurityLakeS3ReplicationRole",
];

/// User agents of the AWS solution beside the configured one.
const OWN_AGENTS: [&str; 2] = ["AesSiemEsLoader", "siem-ioc-db-creator"];

/// How a field shows that the loader itself caused a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnLog {
    /// It contains the loader's user agent.
    UserAgent,
    /// It starts with this text.
    StartsWith(&'static str),
    /// It starts with this text and later contains the name of one of the loader's functions.
    FunctionAfter(&'static str),
    /// It starts with this text and later contains the name of one of the loader's roles.
    RoleAfter(&'static str),
}

/// A path of object keys and what its value tells.
pub type OwnLogRule = (&'static str, OwnLog);

/// One row of the users' exclusion file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvExclusion {
    /// Log type it holds for.
    pub log_type: String,
    /// Path of object keys.
    pub field: String,
    /// Text or regular expression for the whole value.
    pub pattern: String,
    /// The pattern is text, not a regular expression.
    pub is_text: bool,
}

/// Why an exclusion file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// It cannot be read.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// A row lacks a column.
    #[error("row {row} has no `{column}`; the columns are log_type, field, pattern, pattern_type")]
    Column {
        /// Number of the row, from 1, without the header.
        row: u64,
        /// Missing column.
        column: &'static str,
    },
}

/// Reads the users' exclusion file: CSV with `log_type`, `field`, `pattern`, `pattern_type`
/// (`text` or `regex`) and `comment`.
pub fn read_csv_exclusions(bytes: &[u8]) -> Result<Vec<CsvExclusion>, CsvError> {
    let mut rows = CsvRows::default();
    let body = Box::new(Cursor::new(bytes.to_vec()));
    let format = Format::Csv(Table {
        delimiter: Some(','),
        ..Table::default()
    });
    read_object(
        body,
        &format,
        Extent::Object,
        Slice::ALL,
        &Limits::default(),
        &mut rows,
    )?;
    match rows.missing {
        Some((row, column)) => Err(CsvError::Column { row, column }),
        None => Ok(rows.exclusions),
    }
}

#[derive(Default)]
struct CsvRows {
    exclusions: Vec<CsvExclusion>,
    missing: Option<(u64, &'static str)>,
}

impl Receive for CsvRows {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        let text = |column| {
            record
                .fields
                .text(column)
                .ok_or((record.position.number, column))
        };
        let row = || {
            Ok(CsvExclusion {
                log_type: text("log_type")?.to_owned(),
                field: text("field")?.to_owned(),
                pattern: text("pattern")?.to_owned(),
                is_text: text("pattern_type")?.eq_ignore_ascii_case("text"),
            })
        };
        match row() {
            Ok(row) => self.exclusions.push(row),
            Err(missing) => self.missing = self.missing.or(Some(missing)),
        }
    }

    fn failed(&mut self, failure: Failure<'_>) {
        self.missing = self.missing.or(Some((failure.position.number, "log_type")));
    }
}

/// The field patterns of one log type.
pub(crate) struct Exclusions {
    own: Vec<Test>,
    patterns: Vec<Test>,
}

/// A value of a field that excludes the record.
struct Test {
    reason: String,
    path: Vec<HintedKey>,
    check: Check,
}

enum Check {
    Equals(String),
    Matches(Pattern),
    Contains(Vec<Finder<'static>>),
    StartsWith(&'static str),
    StartsThenContains(&'static str, Vec<Finder<'static>>),
}

impl Exclusions {
    /// The patterns of a log type; an empty configured user agent is no pattern.
    pub(crate) fn new(
        log_type: &str,
        own_logs: &[OwnLogRule],
        user_agent: &str,
        csv: &[CsvExclusion],
    ) -> Result<Exclusions, (String, PatternError)> {
        let split = |path: &str| path.split('.').map(HintedKey::new).collect();
        let agents = || {
            let all = OWN_AGENTS.iter().copied().chain([user_agent]);
            all.filter(|agent| !agent.is_empty())
                .map(|agent| Finder::new(agent).into_owned())
                .collect()
        };
        let own = own_logs.iter().map(|(path, rule)| Test {
            reason: format!("own_log:{path}"),
            path: split(path),
            check: match rule {
                OwnLog::UserAgent => Check::Contains(agents()),
                OwnLog::StartsWith(start) => Check::StartsWith(start),
                OwnLog::FunctionAfter(start) => {
                    Check::StartsThenContains(start, OWN_FUNCTIONS.map(Finder::new).to_vec())
                }
                OwnLog::RoleAfter(start) => {
                    Check::StartsThenContains(start, OWN_ROLES.map(Finder::new).to_vec())
                }
            },
        });
        let rows = csv.iter().filter(|row| row.log_type == log_type);
        let patterns = rows.map(|row| {
            let check = if row.is_text {
                Check::Equals(row.pattern.clone())
            } else {
                let pattern = Pattern::whole(&row.pattern);
                Check::Matches(pattern.map_err(|error| (row.pattern.clone(), error))?)
            };
            Ok(Test {
                reason: format!("pattern:{}", row.field),
                path: split(&row.field),
                check,
            })
        });
        Ok(Exclusions {
            own: own.collect(),
            patterns: patterns.collect::<Result<_, _>>()?,
        })
    }

    /// Why the record as it came is excluded, if it is.
    pub(crate) fn record_reason(&self, fields: &Object<'_>) -> Option<&str> {
        let mut tests = self.own.iter().chain(&self.patterns);
        let hit = tests.find(|test| test.hits(fields));
        hit.map(|test| test.reason.as_str())
    }

    /// Why the finished document is excluded by a user's pattern, if it is.
    ///
    /// Users' patterns see the record as it came and the document with its ECS fields.
    pub(crate) fn document_reason(&self, fields: &Object<'_>) -> Option<&str> {
        let hit = self.patterns.iter().find(|test| test.hits(fields));
        hit.map(|test| test.reason.as_str())
    }
}

impl Test {
    fn hits(&self, fields: &Object<'_>) -> bool {
        let Some((first, rest)) = self.path.split_first() else {
            return false;
        };
        first
            .find(fields)
            .is_some_and(|value| self.any(value, rest))
    }

    /// Whether the value at the rest of the path, or any element of a list on the way, hits.
    fn any(&self, value: &Value<'_>, path: &[HintedKey]) -> bool {
        match (value, path.split_first()) {
            (Value::Object(object), Some((key, rest))) => {
                key.find(object).is_some_and(|value| self.any(value, rest))
            }
            (Value::List(list), Some(_)) => list.iter().any(|value| self.any(value, path)),
            (Value::List(list), None) => {
                self.check.hits(&plain_text(value))
                    || list.iter().any(|value| self.any(value, path))
            }
            (Value::Written(json), Some(_)) => {
                let arena = Arena::new();
                parse(json, &arena).is_ok_and(|tree| self.any(&tree, path))
            }
            (value, None) => self.check.hits(&plain_text(value)),
            (_, Some(_)) => false,
        }
    }
}

/// The value as Python writes it; users' patterns were written for that form.
fn plain_text<'v>(value: &Value<'v>) -> Cow<'v, str> {
    match value {
        Value::Text(text) => Cow::Borrowed(text),
        value => {
            let mut out = Vec::new();
            push_python_text(value, Form::Plain, &mut out);
            Cow::Owned(String::from_utf8_lossy(&out).into_owned())
        }
    }
}

fn finds_any(names: &[Finder<'_>], text: &str) -> bool {
    names
        .iter()
        .any(|name| name.find(text.as_bytes()).is_some())
}

impl Check {
    fn hits(&self, text: &str) -> bool {
        match self {
            Check::Equals(expected) => {
                text == expected || text.strip_suffix('\n') == Some(expected)
            }
            // A match that is given up excludes nothing, so nothing is lost by it.
            Check::Matches(pattern) => pattern.is_match(text) == Ok(true),
            Check::Contains(names) => finds_any(names, text),
            Check::StartsWith(start) => text.starts_with(start),
            Check::StartsThenContains(start, names) => text
                .strip_prefix(start)
                .is_some_and(|rest| finds_any(names, rest)),
        }
    }
}
