//! Every built-in log type over its packs' samples, against the three that are measured in full.

use std::hint::black_box;
use std::io::{Cursor, Read, Write};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use yagura_codec::{Failure, Limits, Slice};
use yagura_config::{FileFormat, LogTypeSettings};
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{Document, Loader, Natives, NoLookups, ObjectContext, Output, Route, Router};

use super::stages::{BUCKET, Cost, cost};
use crate::engine::load::{loader, now};
use crate::engine::samples::{Sample, samples};

/// Unpacked bytes to which the samples of a log type are repeated.
const BYTES: usize = 4 << 20;

/// What a log type costs.
pub struct TypeCost {
    /// Its name.
    pub log_type: String,
    /// The one of the three that is read like it.
    pub like: &'static str,
    /// CPU time for its bytes.
    pub cost: Cost,
    /// Unpacked bytes.
    pub bytes: u64,
    /// Documents of them.
    pub documents: u64,
    /// Records that failed, as some of the samples' are meant to.
    pub failed: u64,
    /// CPU time with the log type's `log_pattern` instead of its tokeniser, if it has one.
    pub by_pattern: Option<Cost>,
}

/// Measures all log types that have an ordinary sample.
pub fn measure(rounds: usize) -> anyhow::Result<Vec<TypeCost>> {
    let settings = load_settings(&[])
        .map_err(|error| anyhow::anyhow!("{:?}", error.diagnostics))?
        .settings;
    let router = Router::new(&settings).map_err(|(log_type, option, error)| {
        anyhow::anyhow!("log type `{log_type}`, option `{option}`: {error}")
    })?;
    let mut costs: Vec<TypeCost> = Vec::new();
    for sample in samples()? {
        let is_ordinary = sample.folder.to_string_lossy().contains("ordinary");
        let Route::LogType(at) = router.route(&sample.key) else {
            continue;
        };
        let log_type = &settings.log_types[at];
        let is_known = costs.iter().any(|known| known.log_type == log_type.name);
        if !is_ordinary || is_known {
            continue;
        }
        let header_lines = match log_type.file_format {
            FileFormat::Csv if !log_type.via_cwl => 1,
            _ => log_type.text_header_line_number as usize,
        };
        let objects = repeated(&sample, header_lines)?;
        let mut own = loader(None, Limits::default())?;
        let mut without_tokeniser = match pattern_only(log_type) {
            Some(user_ini) => Some(loader(Some(&user_ini), Limits::default())?),
            None => None,
        };
        let mut by_pattern: Option<Cost> = None;
        let mut best: Option<TypeCost> = None;
        for _ in 0..rounds.max(1) {
            if let Some(loader) = &mut without_tokeniser {
                let cost = run(loader, &sample.key, &objects)?.cost;
                by_pattern = Some(by_pattern.map_or(cost, |best| Cost(best.0.min(cost.0))));
            }
            let mut measured = run(&mut own, &sample.key, &objects)?;
            measured.log_type.clone_from(&log_type.name);
            measured.like = match log_type.file_format {
                FileFormat::Json | FileFormat::Parquet => "cloudtrail",
                FileFormat::Csv => "vpc flow",
                _ => "alb",
            };
            if best
                .as_ref()
                .is_none_or(|best| measured.cost.0 < best.cost.0)
            {
                best = Some(measured);
            }
        }
        costs.extend(best.map(|best| TypeCost { by_pattern, ..best }));
    }
    Ok(costs)
}

/// A `user.ini` that writes a log type's pattern in another way, which switches its tokeniser off;
/// `None` if it has none.
fn pattern_only(log_type: &LogTypeSettings) -> Option<String> {
    PackNatives::new().native(&log_type.name).split_line?;
    let pattern = log_type.log_pattern.as_ref()?.text.replace('$', "$$");
    Some(format!(
        "[{}]\nlog_pattern = (?:{pattern})\n",
        log_type.name
    ))
}

/// Objects made of a sample, and the unpacked bytes of each.
struct Objects {
    bytes: Vec<u8>,
    text_bytes: usize,
    count: usize,
}

/// Repeats the text of a sample in one gzip file; what is no text is repeated as an object.
fn repeated(sample: &Sample, header_lines: usize) -> anyhow::Result<Objects> {
    let mut text = Vec::new();
    if sample.bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(sample.bytes.as_slice()).read_to_end(&mut text)?;
    } else {
        text.clone_from(&sample.bytes);
    }
    if std::str::from_utf8(&text).is_err() {
        return Ok(Objects {
            bytes: sample.bytes.clone(),
            text_bytes: text.len(),
            count: BYTES.div_ceil(text.len().max(1)).min(500),
        });
    }
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    let ends = memchr::memchr_iter(b'\n', &text);
    let body_at = match header_lines {
        0 => 0,
        lines => ends.map(|end| end + 1).nth(lines - 1).unwrap_or_default(),
    };
    let body = text[body_at..].to_vec();
    while !body.is_empty() && text.len() < BYTES {
        text.extend_from_slice(&body);
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::new(6));
    packed.write_all(&text)?;
    Ok(Objects {
        bytes: packed.finish()?,
        text_bytes: text.len(),
        count: 1,
    })
}

fn run(loader: &mut Loader, key: &str, objects: &Objects) -> anyhow::Result<TypeCost> {
    let (mut documents, mut failed) = (0, 0);
    let (cost, ()) = cost(|| {
        for _ in 0..objects.count {
            let context = ObjectContext::new(BUCKET, key, objects.bytes.len() as u64, now()?);
            let body = Box::new(Cursor::new(objects.bytes.clone()));
            let outcome = loader.load(context, body, Slice::ALL, &mut NoLookups, &mut Forget);
            documents += outcome.counts.documents;
            failed += outcome.counts.failed.values().sum::<u64>();
        }
        Ok(())
    })?;
    Ok(TypeCost {
        log_type: String::new(),
        like: "",
        cost,
        bytes: (objects.text_bytes * objects.count) as u64,
        documents,
        failed,
        by_pattern: None,
    })
}

/// Takes documents and forgets them.
struct Forget;

impl Output for Forget {
    fn document(&mut self, document: &Document<'_>) {
        black_box(document.json);
    }

    fn failed(&mut self, _failure: &Failure<'_>) {}
}
