//! The logs that are loaded: two days of them, in objects that follow one another in time.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use yagura_testkit::bench_inputs::Shape;

use crate::process::output;

/// One kind of log and its part of all documents.
pub struct Share {
    shape: Shape,
    /// Part of all documents.
    pub part: f64,
    /// Records of one object.
    object_records: usize,
    /// Documents per second to reach.
    bar: Option<f64>,
    /// Documents per second that would be fast.
    fast: Option<f64>,
}

/// What a company with many machines has: mostly flow logs.
pub const SHARES: [Share; 4] = [
    Share {
        shape: Shape::VpcFlow,
        part: 0.7,
        object_records: 12_000,
        bar: Some(30_000.0),
        fast: Some(60_000.0),
    },
    Share {
        shape: Shape::CloudTrail,
        part: 0.15,
        object_records: 1_000,
        bar: Some(8_000.0),
        fast: Some(20_000.0),
    },
    Share {
        shape: Shape::Alb,
        part: 0.1,
        object_records: 1_000,
        bar: None,
        fast: None,
    },
    Share {
        shape: Shape::Waf,
        part: 0.05,
        object_records: 500,
        bar: None,
        fast: None,
    },
];

/// The objects of one kind, written.
pub struct Input {
    /// Name for the table.
    pub name: &'static str,
    /// Folder of the objects; their paths below it are their keys.
    pub folder: PathBuf,
    /// Records of all objects.
    pub records: usize,
    /// Bytes of an average document.
    pub document_bytes: f64,
    /// Documents per second to reach.
    pub bar: Option<f64>,
    /// Documents per second that would be fast.
    pub fast: Option<f64>,
}

impl Share {
    /// Writes so many records.
    pub fn write(&self, binary: &Path, folder: &Path, records: usize) -> anyhow::Result<Input> {
        let folder = folder.join(self.shape.name());
        let mut left = records;
        let mut seed = 0;
        let mut document_bytes = 0.0;
        while left > 0 {
            let count = left.min(self.object_records);
            left -= count;
            let key = self.shape.key(seed);
            let path = folder.join(&key);
            std::fs::create_dir_all(path.parent().context("a key has a folder")?)?;
            let mut out = BufWriter::new(File::create(&path)?);
            self.shape.write_object(&mut out, count, seed)?;
            out.flush()?;
            if seed == 0 {
                document_bytes = mean_document(binary, &path, &key)?;
            }
            seed += 1;
        }
        Ok(Input {
            name: self.shape.name(),
            folder,
            records,
            document_bytes,
            bar: self.bar,
            fast: self.fast,
        })
    }
}

/// The documents that the program makes of an object, one in a line.
pub fn documents(binary: &Path, object: &Path, key: &str) -> anyhow::Result<String> {
    let mut parse = Command::new(binary);
    parse.arg("parse").arg(object).args(["--key", key]);
    let mut documents = String::new();
    for line in output(&mut parse)?.lines() {
        let (_, document) = line
            .split_once(",\"doc\":")
            .context("a line of a document")?;
        // The line ends with the brace that its document stands in.
        documents.push_str(document.strip_suffix('}').unwrap_or(document));
        documents.push('\n');
    }
    if documents.is_empty() {
        bail!("`{key}` gives no documents");
    }
    Ok(documents)
}

/// Bytes of the average document of an object.
fn mean_document(binary: &Path, object: &Path, key: &str) -> anyhow::Result<f64> {
    let documents = documents(binary, object, key)?;
    let count = documents.lines().count();
    Ok((documents.len() - count) as f64 / count as f64)
}
