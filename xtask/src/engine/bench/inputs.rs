//! What is measured: made-up logs, the same on every machine, as they lie in a bucket.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use yagura_packs::PACKS;
use yagura_testkit::bench_inputs::Shape;

/// One kind of log, and how it is read.
pub struct Spec {
    name: &'static str,
    shape: Shape,
    /// Read by a pattern that a user wrote in the place of the built-in log type.
    by_user_pattern: bool,
    /// Records per CPU-second to reach.
    bar: Option<u64>,
    /// The same with all look-ups.
    enriched_bar: Option<u64>,
}

/// Everything that is measured.
pub const SPECS: [Spec; 8] = [
    Spec::new("cloudtrail", Shape::CloudTrail, Some((100_000, 174_000))),
    Spec::new("vpc flow", Shape::VpcFlow, Some((200_000, 360_000))),
    Spec::new("alb", Shape::Alb, Some((120_000, 220_500))),
    Spec {
        name: "alb by a user's log_pattern",
        shape: Shape::Alb,
        by_user_pattern: true,
        bar: Some(60_000),
        enriched_bar: None,
    },
    Spec::new("waf", Shape::Waf, None),
    Spec::new("s3 access", Shape::S3Access, None),
    Spec::new("windows xml", Shape::WindowsXml, None),
    Spec::new("ocsf parquet", Shape::OcsfParquet, None),
];

/// How files hold their records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As text.
    Text,
    /// As text that is packed.
    Gzip,
    /// In columns, of which there is no text.
    Parquet,
}

/// One input, written.
pub struct Input {
    /// Name for the table.
    pub name: &'static str,
    /// What it is made of, if the built-in log type reads it.
    pub shape: Option<Shape>,
    /// Records per CPU-second to reach.
    pub bar: Option<u64>,
    /// The same with all look-ups.
    pub enriched_bar: Option<u64>,
    /// The files with their object keys.
    pub objects: Vec<(PathBuf, String)>,
    /// How the files hold their records.
    pub form: Form,
    /// Records of all files.
    pub records: u64,
    /// Bytes of all files, unpacked; of Parquet those of the same records as JSON lines.
    pub text_bytes: u64,
    /// The configuration beside the packs.
    pub user_ini: Option<String>,
}

impl Spec {
    const fn new(name: &'static str, shape: Shape, bars: Option<(u64, u64)>) -> Spec {
        let (bar, enriched_bar) = match bars {
            Some((plain, enriched)) => (Some(plain), Some(enriched)),
            None => (None, None),
        };
        Spec {
            name,
            shape,
            by_user_pattern: false,
            bar,
            enriched_bar,
        }
    }

    /// Name for the table.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Writes the input into the folder, in objects of their usual size.
    pub fn write(&self, folder: &Path, records: usize) -> anyhow::Result<Input> {
        let folder = folder.join(self.name.replace(' ', "-"));
        std::fs::create_dir_all(&folder)?;
        let (_, usual) = self.shape.usual_objects();
        let mut input = Input {
            name: self.name,
            shape: (!self.by_user_pattern).then_some(self.shape),
            bar: self.bar,
            enriched_bar: self.enriched_bar,
            objects: Vec::new(),
            form: match self.shape {
                Shape::S3Access => Form::Text,
                Shape::OcsfParquet => Form::Parquet,
                _ => Form::Gzip,
            },
            records: records as u64,
            text_bytes: 0,
            user_ini: None,
        };
        let mut text_bytes = CountBytes(0);
        let mut left = records;
        while left > 0 {
            let count = left.min(usual);
            left -= count;
            let seed = input.objects.len() as u64;
            let path = folder.join(seed.to_string());
            let mut out = BufWriter::new(File::create(&path)?);
            self.shape.write_object(&mut out, count, seed)?;
            out.flush()?;
            self.shape.write(&mut text_bytes, count, seed)?;
            input.objects.push((path, self.shape.key(seed)));
        }
        input.text_bytes = text_bytes.0;
        if self.by_user_pattern {
            input.user_ini = Some(user_ini("alb")?);
            for (at, (_, key)) in input.objects.iter_mut().enumerate() {
                *key = format!("{USER_PREFIX}{at}.log.gz");
            }
        }
        Ok(input)
    }
}

/// Where the objects of the user's log type lie.
const USER_PREFIX: &str = "bench/";

/// A user's log type that has the options of a built-in one, but for its name and keys.
fn user_ini(log_type: &str) -> anyhow::Result<String> {
    let header = format!("[{log_type}]");
    let pack = PACKS
        .iter()
        .find(|pack| pack.ini.lines().any(|line| line == header));
    let pack = pack.with_context(|| format!("no pack has a log type `{log_type}`"))?;
    let section = pack.ini.lines().skip_while(|line| *line != header).skip(1);
    let section = section.take_while(|line| !line.starts_with('['));
    let mut text = format!("[bench]\ns3_key = ^{USER_PREFIX}\n");
    for line in section.filter(|line| !line.starts_with("s3_key")) {
        text.push_str(line);
        text.push('\n');
    }
    Ok(text)
}

/// Counts what is written.
struct CountBytes(u64);

impl Write for CountBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use yagura_codec::Limits;
    use yagura_pipeline::NoLookups;

    use super::super::stages::{Lines, load_objects};
    use super::*;
    use crate::engine::load::loader;

    #[test]
    fn every_record_becomes_a_document() {
        let folder = tempfile::tempdir().unwrap();
        for spec in &SPECS {
            let input = spec.write(folder.path(), 300).unwrap();
            let mut loader = loader(input.user_ini.as_deref(), Limits::default()).unwrap();
            let mut lines = Lines::default();
            let documents =
                load_objects(&mut loader, &input.objects, &mut NoLookups, &mut lines).unwrap();
            assert_eq!(documents, 300, "{}", spec.name());
        }
    }
}
