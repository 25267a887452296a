//! Writing an export: page after page of a search, straight to its file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use yagura_store::{Store, StoreError};

use super::csv::{push_cell, push_row_end};
use super::job::{Job, JobState};
use super::{ExportFormat, MAX_BYTES, MAX_EVENTS, Wanted};

/// Events asked for at a time.
const PAGE: usize = 1_000;
/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Writes the export to its end, whatever that is.
pub(super) async fn run(job: &Arc<Job>, store: &dyn Store, wanted: &Wanted) {
    if job.is_cancelled() {
        return;
    }
    job.begin();
    match write(job, store, wanted).await {
        Ok(is_cut) => job.finish(JobState::Done, is_cut),
        Err(error) => {
            tracing::error!(export = job.id, user = job.user, error, "an export failed");
            job.finish(JobState::Failed, false);
        }
    }
    // Cancelled while it was written: the file was removed before its end was written.
    if job.is_cancelled() || job.state() == JobState::Failed {
        job.remove_file();
    }
}

async fn write(job: &Arc<Job>, store: &dyn Store, wanted: &Wanted) -> Result<bool, String> {
    let mut file = Some(blocking(create(job, wanted)).await?);
    let mut after: Option<Value> = None;
    loop {
        if job.is_cancelled() {
            return Ok(false);
        }
        let body = page_body(wanted, after.take());
        let mut answer = match store.search(&wanted.indices, &body).await {
            Err(StoreError::NoSuchIndex(_)) => Value::Null,
            answer => answer.map_err(|error| error.to_string())?,
        };
        if let Some(total) = answer.pointer("/hits/total/value").and_then(Value::as_u64) {
            job.total.store(total, Ordering::Relaxed);
        }
        let hits = answer.pointer_mut("/hits/hits").map(Value::take);
        let Some(Value::Array(hits)) =
            hits.filter(|hits| hits.as_array().is_some_and(|it| !it.is_empty()))
        else {
            break;
        };
        let is_last = hits.len() < PAGE;
        after = hits.last().map(|hit| hit["sort"].clone());
        let left = MAX_EVENTS.saturating_sub(job.written.load(Ordering::Relaxed));
        let is_cut = hits.len() as u64 > left;
        let taken = hits.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let Some(open) = file.take() else {
            break;
        };
        let (page, target) = (Page { hits, taken }, Arc::clone(job));
        let wanted = wanted.clone();
        file = Some(blocking(move || page.write(open, &target, &wanted)).await?);
        if is_cut || job.bytes.load(Ordering::Relaxed) >= MAX_BYTES {
            blocking(close(file)).await?;
            return Ok(true);
        }
        if is_last {
            break;
        }
    }
    blocking(close(file)).await?;
    Ok(false)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, String> {
    let outcome = tokio::task::spawn_blocking(work).await;
    let outcome = outcome.map_err(|error| error.to_string())?;
    outcome.map_err(|error| error.to_string())
}

fn create(
    job: &Arc<Job>,
    wanted: &Wanted,
) -> impl FnOnce() -> std::io::Result<BufWriter<File>> + Send + use<> {
    let job = Arc::clone(job);
    let head = match wanted.format {
        ExportFormat::Ndjson => String::new(),
        ExportFormat::Csv => {
            let mut head = BYTE_ORDER_MARK.to_owned();
            for field in &wanted.fields {
                push_cell(&json!(field), &mut head);
            }
            push_row_end(&mut head);
            head
        }
    };
    move || {
        if let Some(folder) = job.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = BufWriter::new(File::create(&job.path)?);
        file.write_all(head.as_bytes())?;
        job.bytes.fetch_add(head.len() as u64, Ordering::Relaxed);
        Ok(file)
    }
}

fn close(file: Option<BufWriter<File>>) -> impl FnOnce() -> std::io::Result<()> + Send {
    move || file.map_or(Ok(()), |mut file| file.flush())
}

fn page_body(wanted: &Wanted, after: Option<Value>) -> Value {
    let order = wanted.order;
    let mut body = json!({
        "size": PAGE,
        "track_total_hits": after.is_none(),
        "query": wanted.query,
        "sort": [{"@timestamp": order}, {"_id": order}],
    });
    if wanted.format == ExportFormat::Csv {
        body["_source"] = json!(false);
        body["fields"] = json!(wanted.fields);
    }
    if let Some(after) = after {
        body["search_after"] = after;
    }
    body
}

struct Page {
    hits: Vec<Value>,
    taken: usize,
}

impl Page {
    fn write(
        &self,
        mut file: BufWriter<File>,
        job: &Job,
        wanted: &Wanted,
    ) -> std::io::Result<BufWriter<File>> {
        let mut line = String::new();
        for hit in self.hits.iter().take(self.taken) {
            line.clear();
            match wanted.format {
                ExportFormat::Csv => {
                    for field in &wanted.fields {
                        push_cell(&hit["fields"][field], &mut line);
                    }
                    push_row_end(&mut line);
                }
                ExportFormat::Ndjson => {
                    let document = json!({
                        "_index": hit["_index"], "_id": hit["_id"], "_source": hit["_source"],
                    });
                    line.push_str(&document.to_string());
                    line.push('\n');
                }
            }
            file.write_all(line.as_bytes())?;
            job.bytes.fetch_add(line.len() as u64, Ordering::Relaxed);
            job.written.fetch_add(1, Ordering::Relaxed);
        }
        Ok(file)
    }
}
