//! What the embedded store is measured against: its search library alone, as anybody would use it.
//!
//! Every value of a document goes into one JSON field that is indexed and has columns, the raw line
//! into a text field with positions, and the document itself is stored. There is no server, nothing
//! else runs in the process, and each document replaces none. Documents are made before the clock
//! starts, so what is timed is the library and its own reading of JSON.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};
use tantivy::aggregation::AggregationCollector;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{AllQuery, PhraseQuery, Query, TermQuery};
use tantivy::schema::{
    DateOptions, DateTimePrecision, FAST, Field, INDEXED, IndexRecordOption, JsonObjectOptions,
    OwnedValue, STORED, STRING, Schema, TEXT, TextFieldIndexing,
};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{
    DateTime, Index, IndexSettings, IndexWriter, Order, Searcher, TantivyDocument, Term,
};

use super::BareIndexArguments;
use crate::store_bench::inputs::documents;
use crate::store_bench::load::{files_below, folder_bytes};
use crate::store_bench::program::cpu_seconds;
use crate::store_bench::questions::{Times, WARM_UPS};

/// Documents' JSON that is held ready and then indexed and committed at once.
const CHUNK_BYTES: usize = 512 << 20;
/// Memory of the index in the making.
const MEMORY_BYTES: usize = 600 << 20;
const INDEXING_THREADS: usize = 2;
const RAW: &str = "raw";

struct Fields {
    timestamp: Field,
    id: Field,
    document: Field,
    message: Field,
    source: Field,
}

/// Runs the command and prints its figures as JSON.
pub fn run(arguments: &BareIndexArguments) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (schema, fields) = schema();
    let settings = IndexSettings {
        docstore_compression: Compressor::Zstd(ZstdCompressor {
            compression_level: Some(3),
        }),
        docstore_blocksize: 16_384,
        ..IndexSettings::default()
    };
    let index = Index::builder().schema(schema).settings(settings);
    let index = index.create_in_dir(folder.path())?;
    let mut writer = index.writer_with_num_threads(INDEXING_THREADS, MEMORY_BYTES)?;
    let mut load = Load::default();
    for (object, _) in files_below(&arguments.folder)? {
        let key = object.strip_prefix(&arguments.folder)?;
        let key = key.to_str().context("a key is text")?;
        for line in documents(&arguments.binary, &object, key)?.lines() {
            load.ready_bytes += line.len();
            load.ready.push(line.to_owned());
        }
        if load.ready_bytes >= CHUNK_BYTES {
            load.index(&mut writer, &fields)?;
        }
    }
    load.index(&mut writer, &fields)?;
    writer.wait_merging_threads()?;
    let mut answers = Vec::new();
    if let Some(times) = arguments.questions {
        let searcher = index.reader()?.searcher();
        for (name, ask) in questions(&fields)? {
            let ask = || ask(&searcher).with_context(|| format!("`{name}` of the library alone"));
            (0..WARM_UPS).try_for_each(|_| ask())?;
            let took = Times::measure(times, ask)?;
            answers.push(json!({"question": name, "p50_ms": took.at(0.5)}));
        }
    }
    let figures = json!({
        "documents": load.documents,
        "wall_s": load.wall.as_secs_f64(),
        "cpu_s": load.cpu_seconds,
        "json_bytes": load.json_bytes,
        "disk_bytes": folder_bytes(folder.path())?,
        "questions": answers,
    });
    println!("{figures}");
    Ok(())
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let exact = TextFieldIndexing::default()
        .set_tokenizer(RAW)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    let by_path = JsonObjectOptions::default()
        .set_expand_dots_enabled()
        .set_indexing_options(exact)
        .set_fast(RAW);
    let dates = DateOptions::from(FAST | INDEXED).set_precision(DateTimePrecision::Milliseconds);
    let fields = Fields {
        timestamp: schema.add_date_field("ts", dates),
        id: schema.add_text_field("id", STRING),
        document: schema.add_json_field("doc", by_path),
        message: schema.add_text_field("msg", TEXT),
        source: schema.add_bytes_field("src", STORED),
    };
    (schema.build(), fields)
}

/// What is loaded, and how long it took.
#[derive(Default)]
struct Load {
    ready: Vec<String>,
    ready_bytes: usize,
    documents: usize,
    json_bytes: usize,
    wall: Duration,
    cpu_seconds: f64,
}

impl Load {
    /// Indexes and commits what is ready.
    fn index(&mut self, writer: &mut IndexWriter, fields: &Fields) -> anyhow::Result<()> {
        self.documents += self.ready.len();
        self.json_bytes += std::mem::take(&mut self.ready_bytes);
        let process = std::process::id();
        let cpu = cpu_seconds(process)?;
        let started = Instant::now();
        for json in self.ready.drain(..) {
            writer.add_document(document(fields, &json)?)?;
        }
        writer.commit()?;
        self.wall += started.elapsed();
        self.cpu_seconds += cpu_seconds(process)? - cpu;
        Ok(())
    }
}

fn document(fields: &Fields, json: &str) -> anyhow::Result<TantivyDocument> {
    let mut values: BTreeMap<String, OwnedValue> = serde_json::from_str(json)?;
    let mut document = TantivyDocument::new();
    document.add_bytes(fields.source, json.as_bytes());
    if let Some(OwnedValue::Str(message)) = values.remove("@message") {
        document.add_text(fields.message, message);
    }
    if let Some(OwnedValue::Str(id)) = values.remove("@id") {
        document.add_text(fields.id, id);
    }
    let Some(OwnedValue::Str(text)) = values.remove("@timestamp") else {
        anyhow::bail!("a document has no `@timestamp`");
    };
    let instant: jiff::Timestamp = text.parse()?;
    let date = DateTime::from_timestamp_millis(instant.as_millisecond());
    document.add_date(fields.timestamp, date);
    document.add_object(fields.document, values);
    Ok(document)
}

/// Asks the library; an answer that found nothing is an error.
type Ask = Box<dyn Fn(&Searcher) -> anyhow::Result<()>>;

/// The questions that the store's bars are about, under the names they have there.
fn questions(fields: &Fields) -> anyhow::Result<Vec<(&'static str, Ask)>> {
    let mut rejected = Term::from_field_json_path(fields.document, "event.action", true);
    rejected.append_type_and_str("REJECT");
    let rejected = TermQuery::new(rejected, IndexRecordOption::Basic);
    let words = ["reject", "ok"].map(|word| Term::from_field_text(fields.message, word));
    let addresses = json!({"t": {"terms": {"field": "doc.source.ip", "size": 10}}});
    let histogram = json!({"t": {
        "date_histogram": {"field": "ts", "fixed_interval": "30m", "min_doc_count": 1},
        "aggs": {"s": {"terms": {"field": "doc.event.action", "size": 10}}},
    }});
    Ok(vec![
        ("term, newest 100", newest(rejected)),
        ("terms, 10 commonest addresses", buckets(addresses)?),
        ("date_histogram with terms", buckets(histogram)?),
        (
            "phrase, newest 100, exact total",
            newest(PhraseQuery::new(words.to_vec())),
        ),
    ])
}

/// The newest hundred hits and how many there are.
fn newest(query: impl Query) -> Ask {
    Box::new(move |searcher| {
        let newest = TopDocs::with_limit(100).order_by_fast_field::<DateTime>("ts", Order::Desc);
        let (hits, total) = searcher.search(&query, &(newest, Count))?;
        anyhow::ensure!(total >= hits.len() && !hits.is_empty(), "nothing is found");
        Ok(())
    })
}

fn buckets(request: Value) -> anyhow::Result<Ask> {
    let request: Aggregations = serde_json::from_value(request)?;
    Ok(Box::new(move |searcher| {
        let collector = AggregationCollector::from_aggs(request.clone(), Default::default());
        let answer = serde_json::to_value(searcher.search(&AllQuery, &collector)?)?;
        let buckets = answer.pointer("/t/buckets").and_then(Value::as_array);
        anyhow::ensure!(buckets.is_some_and(|all| !all.is_empty()), "no buckets");
        Ok(())
    }))
}
