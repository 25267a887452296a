//! `yagura init-logtype`: drafts a section of user.ini from a sample of a log.

mod mapping;
mod records;
mod section;
mod shape;
mod times;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use yagura_codec::{
    Cef, Content, Format, Leef, Limits, LineParser, Pattern, Sample, Slice, read_sample, sniff,
};
use yagura_config::{LogTypeSettings, Settings};
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{Document, Loader, NoLookups, ObjectContext, Options, Output, Route};

use self::records::Records;
use self::section::Section;
use crate::cli::InitLogtypeArguments;
use crate::configuration::config_error;
use crate::output::{now, say};

/// Lines whose common shape is looked for.
const MAX_LINES: usize = 500;

/// Runs the command; false when the draft cannot read every record of the sample.
pub fn run(arguments: &InitLogtypeArguments) -> anyhow::Result<bool> {
    let file = &arguments.sample;
    let name = match &arguments.name {
        Some(name) => checked_name(name)?,
        None => name_of_file(file),
    };
    let open = || File::open(file).with_context(|| format!("cannot open `{}`", file.display()));
    let (sample, _) = read_sample(Box::new(open()?), &Limits::default())
        .with_context(|| format!("cannot read `{}`", file.display()))?;
    let sniffed = sniff(&sample);
    let Some(content) = sniffed.content else {
        bail!(
            "cannot draft a log type from `{}`: {}",
            file.display(),
            sniffed.why
        );
    };
    if !sample.is_parquet && sample.lines().is_empty() {
        bail!(
            "cannot draft a log type from `{}`: it has no records",
            file.display()
        );
    }
    let built_in = load_settings(&[])
        .map_err(|error| config_error(&error))?
        .settings;
    let drafter = Drafter {
        name: &name,
        why: &sniffed.why,
        sample: &sample,
        file,
        built_in: &built_in,
    };
    let mut last = None;
    for layout in drafter.layouts(&content) {
        let text = drafter.draft(layout)?;
        let tried = try_out(&text, &name, file)?;
        let is_good = tried.failed == 0 && tried.documents > 0;
        last = Some((text, tried));
        if is_good {
            break;
        }
    }
    let (text, tried) = last.context("no layout fits the sample")?;
    match &arguments.output {
        Some(path) if path.exists() => bail!(
            "`{}` exists already; print the draft and add it yourself",
            path.display()
        ),
        Some(path) => std::fs::write(path, &text)
            .with_context(|| format!("cannot write `{}`", path.display()))?,
        None => say!("{}", text.trim_end()),
    }
    eprintln!(
        "the draft reads {} of {} records of the sample",
        tried.documents,
        tried.documents + tried.failed
    );
    if let Some(detail) = &tried.first_failure {
        eprintln!("the first that it does not read: {detail}");
    }
    Ok(tried.failed == 0)
}

/// How the section says that records lie in an object.
enum Layout {
    /// The options, and the format they stand for.
    Given {
        options: Vec<(&'static str, String)>,
        format: Format,
    },
    /// Text that a drafted pattern takes apart, into at most so many pieces.
    Text {
        first_line: Option<String>,
        at_most: usize,
    },
    /// A table without a header.
    Columns { delimiter: char, count: usize },
}

struct Drafter<'d> {
    name: &'d str,
    why: &'d str,
    sample: &'d Sample,
    file: &'d Path,
    built_in: &'d Settings,
}

impl Drafter<'_> {
    /// The layouts to try, the one that tells most first.
    fn layouts(&self, content: &Content) -> Vec<Layout> {
        let given = |format_name: &str, more: Option<(&'static str, String)>| {
            let mut options = vec![("file_format", format_name.to_owned())];
            options.extend(more);
            Layout::Given {
                options,
                format: content.format(),
            }
        };
        if let Some(layout) = self.named_layout() {
            return vec![layout];
        }
        match content {
            Content::Json { delimiter } => {
                let delimiter = delimiter.clone();
                vec![given(
                    "json",
                    delimiter.map(|name| ("json_delimiter", name)),
                )]
            }
            Content::KeyValue => vec![given("keyvalue", None)],
            Content::Syslog => vec![given("syslog", None)],
            Content::Csv {
                delimiter,
                columns: None,
            } => {
                let shown = match delimiter {
                    '\t' => "\\t".to_owned(),
                    delimiter => delimiter.to_string(),
                };
                vec![given("csv", Some(("csv_delimiter", shown)))]
            }
            Content::Csv {
                delimiter,
                columns: Some(columns),
            } => vec![Layout::Columns {
                delimiter: *delimiter,
                count: columns.len(),
            }],
            Content::Text { first_line } => [usize::MAX, 12, 6, 3, 1, 0]
                .into_iter()
                .map(|at_most| Layout::Text {
                    first_line: first_line.clone(),
                    at_most,
                })
                .collect(),
        }
    }

    /// The layout of lines that name their form themselves.
    fn named_layout(&self) -> Option<Layout> {
        let lines = self.sample.lines();
        let all_have =
            |mark: &str| !lines.is_empty() && lines.iter().all(|line| line.contains(mark));
        let (name, parser): (_, Box<dyn LineParser>) = if all_have("CEF:") {
            ("cef", Box::new(Cef))
        } else if all_have("LEEF:") {
            ("leef", Box::new(Leef))
        } else {
            return None;
        };
        Some(Layout::Given {
            options: vec![("file_format", name.to_owned())],
            format: Format::Text {
                header_lines: 0,
                parser,
            },
        })
    }

    fn draft(&self, layout: Layout) -> anyhow::Result<String> {
        let mut section = Section::new(self.name);
        section.comment(&format!(
            "Drafted from a sample: {}. Read it, change it, and check it with\n  yagura config check\n  yagura parse FILE --key KEY --explain",
            self.why
        ));
        self.draft_key(&mut section)?;
        section.option("index_name", &format!("log-{}", self.name));
        section.comment("How the records lie in the file.");
        let format = self.draft_layout(&mut section, layout)?;
        let file = File::open(self.file)?;
        let records = Records::read(Box::new(file), &format)?;
        let usual = self.usual_names()?;
        times::draft_time(&mut section, &records, &usual.timestamp_keys, now());
        section
            .comment("Nothing tells that the log is from a cloud; write its name here if it is.");
        section.option("cloud_provider", "");
        mapping::draft_mapping(&mut section, &records, usual);
        Ok(section.into_text())
    }

    /// The pattern for keys; a built-in log type that takes them first is told.
    fn draft_key(&self, section: &mut Section) -> anyhow::Result<()> {
        let pattern = format!("(?:^|/){}/", self.name);
        let router = yagura_pipeline::Router::new(self.built_in)
            .map_err(|(_, _, error)| error)
            .context("cannot compile the built-in log types")?;
        section.comment(&format!(
            "Objects whose key this finds are this log type, here those in a folder `{}`.\nMake it as narrow as your keys allow.",
            self.name
        ));
        if let Route::LogType(at) = router.route(&format!("logs/{}/x", self.name))
            && let Some(earlier) = self.built_in.log_types.get(at)
        {
            section.comment(&format!(
                "Beware: `{}` comes first and takes such keys too; take another name, or ask\n  yagura explain KEY",
                earlier.name
            ));
        }
        section.option("s3_key", &pattern);
        Ok(())
    }

    /// The options of a layout, and the format they stand for.
    fn draft_layout(&self, section: &mut Section, layout: Layout) -> anyhow::Result<Format> {
        let parser = |pattern: &str| -> anyhow::Result<Box<Pattern>> {
            Ok(Box::new(Pattern::at_start(pattern)?))
        };
        match layout {
            Layout::Given { options, format } => {
                for (key, value) in options {
                    section.option(key, &value);
                }
                Ok(format)
            }
            Layout::Columns { delimiter, count } => {
                let pattern = pattern_of_columns(delimiter, count);
                section.option("file_format", "text");
                section.comment("The table has no header: name the columns.");
                section.option("log_pattern", &pattern);
                Ok(Format::Text {
                    header_lines: 0,
                    parser: parser(&pattern)?,
                })
            }
            Layout::Text {
                first_line: None,
                at_most,
            } => {
                let lines = self.sample.lines();
                let lines: Vec<&str> = lines
                    .iter()
                    .map(|line| line.trim())
                    .take(MAX_LINES)
                    .collect();
                let pattern = shape::pattern_of(&lines, ".*", at_most);
                section.option("file_format", "text");
                section.comment("Each named group becomes a field; give them better names.");
                section.option("log_pattern", &pattern);
                Ok(Format::Text {
                    header_lines: 0,
                    parser: parser(&pattern)?,
                })
            }
            Layout::Text {
                first_line: Some(first_line),
                at_most,
            } => {
                let begins = Pattern::at_start(&first_line)?;
                let lines = self.sample.lines();
                let firsts: Vec<&str> = lines
                    .iter()
                    .filter(|line| begins.is_match(line) == Ok(true))
                    .copied()
                    .take(MAX_LINES)
                    .collect();
                let pattern = shape::pattern_of(&firsts, r"[\s\S]*", at_most);
                section.option("file_format", "multiline");
                section.comment("A record goes from one line that begins like this to the next.");
                section.option("multiline_firstline", &first_line);
                section.comment("Each named group becomes a field; give them better names.");
                section.option("log_pattern", &pattern);
                Ok(Format::Multiline {
                    first_line: begins,
                    parser: parser(&pattern)?,
                })
            }
        }
    }

    /// The built-in log type that lists the usual names of fields.
    fn usual_names(&self) -> anyhow::Result<&LogTypeSettings> {
        let mut log_types = self.built_in.log_types.iter();
        log_types
            .find(|log_type| log_type.fallback_for.is_some() && !log_type.ecs.is_empty())
            .context("no built-in log type lists the usual names of fields")
    }
}

/// The expression for rows of a table, quotes around values or not.
fn pattern_of_columns(delimiter: char, count: usize) -> String {
    let shown = match delimiter {
        '\t' => "\\t".to_owned(),
        '|' => "\\|".to_owned(),
        delimiter => delimiter.to_string(),
    };
    let columns = (1..=count)
        .map(|number| format!(r#"(?P<column_{number}>"(?:[^"]|"")*"|[^"{shown}][^{shown}]*|)"#));
    columns.collect::<Vec<_>>().join(&shown)
}

/// What became of the sample's records under a draft.
#[derive(Default)]
struct Tried {
    documents: u64,
    failed: u64,
    first_failure: Option<String>,
}

impl Output for Tried {
    fn document(&mut self, _document: &Document<'_>) {
        self.documents += 1;
    }

    fn failed(&mut self, failure: &yagura_codec::Failure<'_>) {
        self.failed += 1;
        let at = failure.position.line;
        let detail = || format!("line {at}: {}", failure.detail);
        self.first_failure.get_or_insert_with(detail);
    }
}

/// Loads the sample under the drafted section, into nothing.
fn try_out(text: &str, name: &str, file: &Path) -> anyhow::Result<Tried> {
    let loaded = load_settings(&[("the draft", text)]).map_err(|error| config_error(&error))?;
    let mut settings = loaded.settings;
    // Whatever its key, the sample is to be read as the drafted log type.
    settings.log_types.retain(|log_type| log_type.name == name);
    let mut loader = Loader::new(
        Arc::new(settings),
        Arc::new(PackNatives::new()),
        Arc::new(Options::default()),
        Limits::default(),
    )?;
    let body = File::open(file)?;
    let size_bytes = body.metadata()?.len().max(20);
    let context = ObjectContext::new("local", &format!("{name}/sample"), size_bytes, now());
    let mut tried = Tried::default();
    let outcome = loader.load(
        context,
        Box::new(body),
        Slice::ALL,
        &mut NoLookups,
        &mut tried,
    );
    if let Some(error) = outcome.error {
        bail!("cannot read `{}` with the draft: {error}", file.display());
    }
    Ok(tried)
}

/// A name that a section can have and that is not taken by a built-in log type's rules.
fn checked_name(name: &str) -> anyhow::Result<String> {
    if name.is_empty() || name.len() > 60 || slug(name) != name {
        bail!(
            "cannot use `{name}` as the name of a log type; take lower-case letters, digits and `-`"
        );
    }
    if name.contains("unknown") {
        bail!("cannot use `{name}`: log types with `unknown` in their name are never loaded");
    }
    Ok(name.to_owned())
}

/// The name that a file's name suggests.
fn name_of_file(file: &Path) -> String {
    let stem = file.file_name().and_then(|name| name.to_str());
    let stem = stem.and_then(|name| name.split('.').next());
    let name = slug(stem.unwrap_or_default());
    match name.trim_matches('-') {
        "" => "my-log".to_owned(),
        name if name.contains("unknown") => "my-log".to_owned(),
        name => name.chars().take(40).collect(),
    }
}

/// Lower-case letters, digits and dashes.
fn slug(text: &str) -> String {
    let plain = |character: char| match character.to_ascii_lowercase() {
        character if character.is_ascii_alphanumeric() => character,
        _ => '-',
    };
    text.chars().map(plain).collect()
}
