//! What an object holds, told from its first bytes: a form that can be read, and why.

mod lines;
mod sample;
mod table;

use yagura_model::{Arena, Value, parse_prefix};

use crate::{Format, KeyValue, LineParser, Pattern, SyslogRecord, Table};

pub use sample::{SAMPLE_BYTES, Sample, read_sample};
pub use table::column_names;

/// A form in which records can lie, as it was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// JSON values, or rows of Parquet.
    Json {
        /// The array in the one value, whose elements are the records.
        delimiter: Option<String>,
    },
    /// `key=value` pairs in lines.
    KeyValue,
    /// Rows of values.
    Csv {
        /// Character between values.
        delimiter: char,
        /// Names for a table that has no header line.
        columns: Option<Vec<String>>,
    },
    /// Lines of syslog.
    Syslog,
    /// Lines that nothing is known of.
    Text {
        /// Regular expression of the first line of a record, when records have several lines.
        first_line: Option<String>,
    },
}

impl Content {
    /// The name of the form, as the option `fallback_for` writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Content::Json { .. } => "json",
            Content::KeyValue => "keyvalue",
            Content::Csv { .. } => "csv",
            Content::Syslog => "syslog",
            Content::Text { .. } => "text",
        }
    }

    /// How objects of this form are read.
    pub fn format(&self) -> Format {
        match self {
            Content::Json { delimiter } => Format::Json {
                delimiter: delimiter.clone(),
                keeps_others: true,
            },
            Content::KeyValue => lines(KeyValue),
            Content::Csv { delimiter, columns } => Format::Csv(Table {
                delimiter: Some(*delimiter),
                columns: columns.clone(),
                is_strict: false,
            }),
            Content::Syslog => lines(SyslogRecord),
            Content::Text { first_line } => {
                let pattern = first_line.as_deref().map(Pattern::at_start);
                match pattern {
                    Some(Ok(first_line)) => Format::Multiline {
                        first_line,
                        parser: Box::new(PlainText),
                    },
                    _ => lines(PlainText),
                }
            }
        }
    }
}

fn lines(parser: impl LineParser + 'static) -> Format {
    Format::Text {
        header_lines: 0,
        parser: Box::new(parser),
    }
}

/// Every text is a record with nothing but its `message`.
struct PlainText;

impl LineParser for PlainText {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut yagura_model::Object<'a>, (crate::FailureReason, String)> {
        let fields = yagura_model::Object::with_capacity_in(20, arena);
        fields.push("message", Value::Text(line));
        Ok(fields)
    }
}

/// What was recognised, and the sentence that says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sniffed {
    /// The form; `None` if the content is no text.
    pub content: Option<Content>,
    /// What in the content decided.
    pub why: String,
}

impl Sniffed {
    fn new(content: Content, why: String) -> Self {
        Sniffed {
            content: Some(content),
            why,
        }
    }
}

/// Recognises the form of the records in a sample.
///
/// Forms are tried in the order JSON, syslog, `key=value`, CSV; most lines of the sample must
/// have the form. Everything else that is text is plain lines.
pub fn sniff(sample: &Sample) -> Sniffed {
    if let Some(what) = sample.binary {
        let content = None;
        let why = format!("the content is {what}, not text");
        return Sniffed { content, why };
    }
    if sample.is_parquet {
        let content = Content::Json { delimiter: None };
        return Sniffed::new(content, "the content is Parquet".to_owned());
    }
    let lines = sample.lines();
    None.or_else(|| sniff_json(sample, &lines))
        .or_else(|| lines::sniff_syslog(&lines))
        .or_else(|| lines::sniff_key_values(&lines))
        .or_else(|| table::sniff_table(&lines))
        .unwrap_or_else(|| lines::sniff_text(&lines))
}

/// JSON objects, one after the other, in an array, or one a line among other lines.
fn sniff_json(sample: &Sample, lines: &[&str]) -> Option<Sniffed> {
    let text = sample.text.trim_start();
    if text.starts_with(['{', '[']) {
        let arena = Arena::new();
        match parse_prefix(text, &arena) {
            Ok((Value::Object(object), end)) => {
                let is_last = text[end..].trim().is_empty() && sample.is_whole;
                let delimiter = is_last.then(|| only_array(object)).flatten();
                let why = match &delimiter {
                    Some(name) => format!("a JSON object whose array `{name}` holds the records"),
                    None => "it begins with a JSON object".to_owned(),
                };
                return Some(Sniffed::new(Content::Json { delimiter }, why));
            }
            Ok((Value::List(list), _)) if matches!(list.first(), Some(Value::Object(_))) => {
                let why = "it begins with a JSON array of objects".to_owned();
                return Some(Sniffed::new(Content::Json { delimiter: None }, why));
            }
            Err(error) if error.at_end && !sample.is_whole => {
                let delimiter = first_array(text);
                let why = match &delimiter {
                    Some(name) => {
                        format!("a long JSON object whose array `{name}` holds the records")
                    }
                    None => "it begins with a long JSON value".to_owned(),
                };
                return Some(Sniffed::new(Content::Json { delimiter }, why));
            }
            _ => {}
        }
    }
    let arena = Arena::new();
    let is_object = |line: &&&str| {
        line.starts_with('{') && matches!(yagura_model::parse(line, &arena), Ok(Value::Object(_)))
    };
    let count = lines.iter().filter(is_object).count();
    (count > 0 && count * 2 >= lines.len()).then(|| {
        let why = format!("{count} of {} lines are JSON objects", lines.len());
        Sniffed::new(Content::Json { delimiter: None }, why)
    })
}

/// The one array of objects of an object whose other members are plain values.
fn only_array(object: &yagura_model::Object<'_>) -> Option<String> {
    let mut found = None;
    for member in object.iter() {
        match &member.value {
            Value::List(list) if found.is_none() => {
                let is_objects = |value: &Value<'_>| matches!(value, Value::Object(_));
                let is_records = !list.is_empty() && list.iter().all(is_objects);
                found = is_records.then_some(member.key);
                found?;
            }
            Value::List(_) | Value::Object(_) => return None,
            _ => {}
        }
    }
    found.map(str::to_owned)
}

/// The array of objects with which an object begins that is longer than the sample.
fn first_array(text: &str) -> Option<String> {
    let inside = text.strip_prefix('{')?.trim_start().strip_prefix('"')?;
    let (key, rest) = inside.split_once('"')?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let element = rest.strip_prefix('[')?.trim_start();
    (element.starts_with('{') && !key.contains('\\')).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(text: &str) -> String {
        let sniffed = sniff(&Sample::of_text(text));
        let content = sniffed.content.unwrap();
        let detail = match &content {
            Content::Json {
                delimiter: Some(name),
            } => format!(" in {name}"),
            Content::Csv { delimiter, columns } => {
                let columns = columns.as_ref().map_or(0, Vec::len);
                format!(" {delimiter:?} {columns}")
            }
            Content::Text {
                first_line: Some(_),
            } => " of several lines".to_owned(),
            _ => String::new(),
        };
        format!("{}{detail}", content.name())
    }

    #[test]
    fn forms_are_recognised() {
        for (text, expected) in [
            ("{\"a\":1}\n{\"a\":2}\n", "json"),
            ("{\n \"a\": 1\n}\n", "json"),
            ("[{\"a\":1},{\"a\":2}]", "json"),
            ("{\"Records\":[{\"a\":1},{\"a\":2}]}", "json in Records"),
            ("{\"v\":1,\"Records\":[{\"a\":1}]}", "json in Records"),
            ("{\"v\":{},\"Records\":[{\"a\":1}]}", "json"),
            ("{\"Records\":[{\"a\":1}]}\n{\"b\":1}", "json"),
            ("starting\n{\"a\":1}\n{\"a\":2}\n", "json"),
            ("[1,2,3]\n[4,5,6]\n", "text"),
            ("a=1 b=2 c=3\na=4 b=5\n", "keyvalue"),
            ("date=2024-06-15,dev=fw1,src=192.0.2.1\n", "keyvalue"),
            ("2024-06-15T12:00:00Z level=info msg=\"x y\"\n", "keyvalue"),
            (
                "time,user,ip\n1,alice,192.0.2.1\n2,bob,192.0.2.2\n",
                "csv ',' 0",
            ),
            ("time;user\n1;alice\n2;bob\n", "csv ';' 0"),
            ("a\tb\tc\n1\t2\t3\n", "csv '\\t' 0"),
            ("\"Time\",\"User name\"\n\"1\",\"alice, a\"\n", "csv ',' 0"),
            (
                "\"when\",\"note\"\n\"1\",\"a\nb\nc\"\n\"2\",\"d\"\n",
                "csv ',' 0",
            ),
            (
                "1,alice,192.0.2.1\n2,bob,192.0.2.2\n3,carol,192.0.2.3\n",
                "csv ',' 3",
            ),
            (
                "Jun 15 12:34:56 web1 sshd[1]: Accepted\nJun 15 12:34:57 web1 su: x\n",
                "syslog",
            ),
            ("<34>1 2024-06-15T12:34:56Z h app - - - hi\n", "syslog"),
            (
                "2024-06-15 12:00:00,123 INFO started\n2024-06-15 12:00:01,456 INFO ready\n",
                "text",
            ),
            (
                "2024-06-15 12:00:00 ERROR failed\n  at a.b(C.java:1)\n  at d\n2024-06-15 12:00:01 INFO ok\n",
                "text of several lines",
            ),
            ("Hello, world\nGoodbye, moon\n", "text"),
            ("just some words\nand more of them\n", "text"),
            (
                "192.0.2.1 - - [15/Jun/2024:12:34:56 +0000] \"GET /?a=1&b=2 HTTP/1.1\" 200 5\n",
                "text",
            ),
            ("", "text"),
        ] {
            assert_eq!(name_of(text), expected, "{text}");
        }
    }
}
