//! The least that single stages can cost: unpacking alone, tokens alone, copying alone.

use std::hint::black_box;

use anyhow::Context;
use libdeflater::Decompressor;
use yagura_codec::{Failure, Limits};
use yagura_model::{
    Arena, Buffer, Hints, Object, TextLimit, Value, parse, plain_run, push_document,
};
use yagura_pipeline::{Document, NoLookups, Output};

use super::floor::{Floor, Source};
use super::inputs::{Form, Input};
use super::stages::{BUCKET, Cost, cost, load_objects, open};
use crate::engine::load::{loader, now};

/// Documents on which writing is measured: as few as fit into a processor's cache, where a document
/// that was just made still is.
const DOCUMENTS: usize = 100;
/// How often they are written.
const TURNS: u32 = 20;

/// An object in memory.
pub struct Packed {
    /// As it lies in a bucket.
    bytes: Vec<u8>,
    is_packed: bool,
    text: Vec<u8>,
    key: String,
}

/// Reads all objects of an input that is text.
pub fn read_all(input: &Input) -> anyhow::Result<Vec<Packed>> {
    let objects = input.objects.iter().enumerate();
    let packed = objects.map(|(at, (path, key))| {
        let mut text = Vec::new();
        open(input, at)?.read_to_end(&mut text)?;
        Ok(Packed {
            bytes: std::fs::read(path)?,
            is_packed: input.form == Form::Gzip,
            text,
            key: key.clone(),
        })
    });
    packed.collect()
}

/// Unpacks objects into the same memory.
pub fn unpack(objects: &[Packed]) -> anyhow::Result<Cost> {
    let longest = objects.iter().map(|object| object.text.len()).max();
    let mut text = vec![0; longest.unwrap_or_default()];
    let mut decompressor = Decompressor::new();
    let (cost, ()) = cost(|| {
        for object in objects {
            if object.is_packed {
                decompressor
                    .gzip_decompress(&object.bytes, black_box(&mut text))
                    .map_err(|error| anyhow::anyhow!("cannot unpack `{}`: {error}", object.key))?;
            } else {
                text[..object.bytes.len()].copy_from_slice(black_box(&object.bytes));
            }
        }
        Ok(())
    })?;
    Ok(cost)
}

/// Walks over the strings and the punctuation of JSON, or the blanks of lines.
pub fn tokens(objects: &[Packed]) -> anyhow::Result<Cost> {
    let (cost, ()) = cost(|| {
        for object in objects {
            let count = match object.text.first() {
                Some(b'{' | b'[') => json_tokens(&object.text),
                _ => memchr::memchr2_iter(b' ', b'\n', &object.text).count(),
            };
            black_box(count);
        }
        Ok(())
    })?;
    Ok(cost)
}

fn json_tokens(text: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'"' {
            count += usize::from(b"{}[]:,".contains(byte));
            continue;
        }
        count += 1;
        at += plain_run(text.get(at..).unwrap_or_default());
        while text.get(at) == Some(&b'\\') {
            at += 2;
            at += plain_run(text.get(at..).unwrap_or_default());
        }
        at += 1;
    }
    count
}

/// Runs the program written by hand.
pub fn floor(floor: &mut Floor, objects: &[Packed]) -> anyhow::Result<Cost> {
    let now = now()?;
    let (cost, ()) = cost(|| {
        for object in objects {
            let source = Source {
                bucket: BUCKET,
                key: &object.key,
                now,
            };
            floor.load(&object.bytes, &source, &mut |lines| {
                black_box(&*lines);
                lines.clear();
            })?;
        }
        Ok(())
    })?;
    Ok(cost)
}

/// Some finished documents of an input.
pub struct Documents {
    texts: Vec<String>,
    /// Records of the input for each of the documents.
    share: f64,
}

impl Documents {
    /// Loads the first documents of an input.
    pub fn of(input: &Input) -> anyhow::Result<Documents> {
        let mut loader = loader(input.user_ini.as_deref(), Limits::default())?;
        let mut texts = Texts(Vec::new());
        load_objects(&mut loader, &input.objects, &mut NoLookups, &mut texts)?;
        let Texts(texts) = texts;
        let share = input.records as f64 / texts.len().max(1) as f64;
        Ok(Documents { texts, share })
    }

    /// Writes the documents from their trees. Their texts are parts of the JSON that they were read
    /// from, as those of most records are of theirs.
    pub fn write(&self) -> anyhow::Result<Cost> {
        const NO_LIMIT: TextLimit = TextLimit {
            from_bytes: usize::MAX,
            keep_bytes: usize::MAX,
            mark: "",
            except_key: "@message",
        };
        self.each_in(|documents, out| {
            for (document, text) in documents.iter().zip(&self.texts) {
                let hints = Hints {
                    source: yagura_model::Source::new(text),
                    ..Hints::default()
                };
                out.clear();
                push_document(document, &NO_LIMIT, hints, out);
                black_box(&*out);
            }
        })
    }

    /// Copies the documents' texts, and escapes their messages.
    pub fn copy(&self) -> anyhow::Result<Cost> {
        let mut at = 0;
        self.each_in(|documents, out| {
            for document in documents {
                let message = document.text("@message").unwrap_or_default();
                let text = self
                    .texts
                    .get(at % self.texts.len())
                    .map_or("", String::as_str);
                at += 1;
                out.clear();
                out.push_string(message);
                let rest = text.len().saturating_sub(out.as_bytes().len());
                out.push(&text.as_bytes()[..rest]);
                black_box(&*out);
            }
        })
    }

    fn each_in(&self, mut run: impl FnMut(&[&Object<'_>], &mut Buffer)) -> anyhow::Result<Cost> {
        let arena = Arena::new();
        let trees = self.texts.iter().map(|text| parse(text, &arena));
        let trees: Vec<Value<'_>> = trees.collect::<Result<_, _>>()?;
        let documents = trees.iter().map(|tree| tree.as_object());
        let documents: Vec<_> = documents
            .collect::<Option<_>>()
            .context("a document is an object")?;
        let mut out = Buffer::default();
        run(&documents, &mut out);
        let (Cost(time), ()) = cost(|| {
            (0..TURNS).for_each(|_| run(&documents, &mut out));
            Ok(())
        })?;
        Ok(Cost((time / TURNS).mul_f64(self.share)))
    }
}

struct Texts(Vec<String>);

impl Output for Texts {
    fn document(&mut self, document: &Document<'_>) {
        if self.0.len() < DOCUMENTS {
            self.0
                .push(String::from_utf8_lossy(document.json).into_owned());
        }
    }

    fn failed(&mut self, _failure: &Failure<'_>) {}

    fn wants_more(&self) -> bool {
        self.0.len() < DOCUMENTS
    }
}
