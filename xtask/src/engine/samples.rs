//! The packs' samples: what they are, and the documents they become.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use yagura_codec::{Failure, Limits};
use yagura_model::push_json_string;
use yagura_pipeline::{Document, Loader, ObjectContext, Output};

use super::load::{load, loader, now};
use crate::workspace::{Generated, pack_names, root};

/// The bucket that samples are said to come from.
const BUCKET: &str = "example-logs";

/// One sample of a pack.
pub struct Sample {
    /// Its folder, below the root of the workspace.
    pub folder: PathBuf,
    /// Object key.
    pub key: String,
    /// The object.
    pub bytes: Vec<u8>,
}

/// All samples of all packs.
pub fn samples() -> anyhow::Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for pack in pack_names()? {
        let folder = Path::new("packs").join(pack).join("samples");
        let mut cases = Vec::new();
        for entry in fs::read_dir(root().join(&folder))
            .with_context(|| format!("cannot list `{}`", folder.display()))?
        {
            cases.push(folder.join(entry?.file_name()));
        }
        cases.sort();
        for case in cases {
            samples.push(read(case)?);
        }
    }
    Ok(samples)
}

fn read(folder: PathBuf) -> anyhow::Result<Sample> {
    let path = root().join(&folder);
    let key = fs::read_to_string(path.join("key"))
        .with_context(|| format!("`{}` needs a file `key`", folder.display()))?;
    let mut inputs = Vec::new();
    for entry in fs::read_dir(&path)? {
        let path = entry?.path();
        if path.file_stem().is_some() && file_name(&path).starts_with("input.") {
            inputs.push(path);
        }
    }
    let [input] = inputs.as_slice() else {
        bail!("`{}` needs one file `input.*`", folder.display());
    };
    Ok(Sample {
        key: key.trim_end().to_owned(),
        bytes: fs::read(input)?,
        folder,
    })
}

fn file_name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

/// The file `expected.jsonl` of every sample.
pub fn expected() -> anyhow::Result<Vec<Generated>> {
    let mut loader = loader(None, Limits::default())?;
    let render = |sample: Sample| {
        let text = render(&mut loader, &sample)
            .with_context(|| format!("sample `{}`", sample.folder.display()))?;
        Ok(Generated {
            path: sample.folder.join("expected.jsonl"),
            text,
        })
    };
    samples()?.into_iter().map(render).collect()
}

/// The documents and failures of a sample, one JSON line each, in order.
fn render(loader: &mut Loader, sample: &Sample) -> anyhow::Result<String> {
    let context = ObjectContext::new(BUCKET, &sample.key, sample.bytes.len() as u64, now()?);
    let mut lines = Lines::default();
    let outcome = load(loader, context, sample.bytes.clone(), &mut lines);
    if let Some(ignored) = outcome.ignored {
        bail!("the object is ignored: {ignored}");
    }
    if let Some(error) = outcome.error {
        bail!("the object cannot be read: {error}");
    }
    if !outcome.counts.balances() {
        bail!("the counters do not balance: {:?}", outcome.counts);
    }
    let log_type = outcome.log_type.unwrap_or_default();
    let pack = sample
        .folder
        .components()
        .nth(1)
        .context("a sample lies in a pack")?;
    let ini = fs::read_to_string(root().join("packs").join(pack).join("pack.ini"))?;
    if !ini.lines().any(|line| line == format!("[{log_type}]")) {
        bail!("the key leads to log type `{log_type}`, which is not of this pack");
    }
    String::from_utf8(lines.text).context("documents are UTF-8")
}

/// Collects what comes out of the pipeline as JSON lines.
#[derive(Default)]
struct Lines {
    text: Vec<u8>,
}

impl Output for Lines {
    fn document(&mut self, document: &Document<'_>) {
        self.text.extend_from_slice(b"{\"index\":");
        push_json_string(document.index, &mut self.text);
        self.text.extend_from_slice(b",\"id\":");
        push_json_string(document.id, &mut self.text);
        self.text.extend_from_slice(b",\"doc\":");
        self.text.extend_from_slice(document.json);
        self.text.extend_from_slice(b"}\n");
    }

    fn failed(&mut self, failure: &Failure<'_>) {
        let line = format!(
            "{{\"failed\":{{\"record\":{},\"line\":{},\"reason\":\"{}\"}}}}\n",
            failure.position.number,
            failure.position.line,
            failure.reason.as_str()
        );
        self.text.extend_from_slice(line.as_bytes());
    }
}
