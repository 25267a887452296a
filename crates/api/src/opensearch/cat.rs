//! `_cat/indices`, `_cluster/health` and the server's name card at `/`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use yagura_store::{IndexInfo, StoreError};

use super::parameters::Parameters;
use crate::error::SearchError;
use crate::limits;
use crate::state::Shared;

/// The OpenSearch version whose API is spoken, for clients that ask before they talk.
const COMPATIBLE_VERSION: &str = "2.19.0";
/// Columns in their order.
const COLUMNS: &[&str] = &[
    "health",
    "status",
    "index",
    "pri",
    "rep",
    "docs.count",
    "docs.deleted",
    "store.size",
    "pri.store.size",
];

/// Indices with their sizes, as a text table or with `format=json` as JSON.
#[utoipa::path(get, path = "/_cat/indices", tag = "opensearch",
    params(("format" = Option<String>, Query, description = "`json` or `text`"),
        ("bytes" = Option<String>, Query, description = "`b` for plain numbers"),
        ("h" = Option<String>, Query, description = "Columns, comma-separated"),
        ("v" = Option<String>, Query, description = "Column names as first line")),
    responses((status = 200, description = "Indices; all values are text", body = Vec<BTreeMap<String, String>>)))]
pub(crate) async fn indices(
    State(shared): State<Arc<Shared>>,
    pattern: Option<Path<String>>,
    OriginalUri(uri): OriginalUri,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, SearchError> {
    let mut parameters = Parameters::new(uri.path(), pairs);
    let is_json = match parameters.take("format").as_deref() {
        Some("json") => true,
        None | Some("text") => false,
        Some(other) => {
            let reason = format!("format `{other}` is not supported; use `json` or `text`");
            return Err(SearchError::illegal(reason));
        }
    };
    let is_plain = match parameters.take("bytes").as_deref() {
        Some("b") => true,
        None => false,
        Some(other) => {
            let reason = format!("bytes `{other}` is not supported; use `b`");
            return Err(SearchError::illegal(reason));
        }
    };
    let columns = columns(parameters.take("h").as_deref())?;
    let has_header = parameters.take("v").is_some_and(|it| it != "false");
    let sort = parameters.take("s");
    let options = parameters.finish()?;
    let pattern = super::search::indices(pattern.as_deref().map(String::as_str))?;
    let (found, timing) = limits::engine(shared.app.store.indices(pattern)).await;
    let mut found = match found {
        Err(StoreError::NoSuchIndex(_)) if options.forgives(pattern) => Vec::new(),
        found => found?,
    };
    found.sort_by(|a, b| a.index.cmp(&b.index));
    match sort.as_deref() {
        None | Some("index" | "index:asc") => {}
        Some("index:desc") => found.reverse(),
        Some(other) => {
            let reason = format!("sort `{other}` is not supported; use `index` or `index:desc`");
            return Err(SearchError::illegal(reason));
        }
    }
    let rows: Vec<Map<String, Value>> = found.iter().map(|it| row(it, is_plain)).collect();
    if is_json {
        let rows = rows.into_iter().map(|mut row| {
            row.retain(|name, _| columns.contains(&name.as_str()));
            row
        });
        return Ok((timing, Json(rows.collect::<Vec<_>>())).into_response());
    }
    Ok((timing, table(&columns, &rows, has_header)).into_response())
}

fn columns(wanted: Option<&str>) -> Result<Vec<&'static str>, SearchError> {
    let Some(wanted) = wanted else {
        return Ok(COLUMNS.to_vec());
    };
    let find = |name: &str| {
        let known = COLUMNS.iter().find(|known| **known == name).copied();
        known.ok_or_else(|| {
            SearchError::illegal(format!(
                "no column `{name}`; there are {}",
                COLUMNS.join(", ")
            ))
        })
    };
    wanted.split(',').map(find).collect()
}

fn row(info: &IndexInfo, is_plain: bool) -> Map<String, Value> {
    let size = if is_plain {
        info.size_bytes.to_string()
    } else {
        human_size(info.size_bytes)
    };
    let cells = [
        "green".to_owned(),
        "open".to_owned(),
        info.index.clone(),
        "1".to_owned(),
        "0".to_owned(),
        info.documents.to_string(),
        "0".to_owned(),
        size.clone(),
        size,
    ];
    let names = COLUMNS.iter().map(|name| (*name).to_owned());
    names.zip(cells.map(Value::String)).collect()
}

/// A size as OpenSearch writes it: `12.3kb`.
fn human_size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut units = ["b", "kb", "mb", "gb", "tb"].into_iter().peekable();
    while value >= 1024.0 && units.len() > 1 {
        value /= 1024.0;
        units.next();
    }
    let unit = units.next().unwrap_or_default();
    let text = format!("{value:.1}");
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

fn table(columns: &[&str], rows: &[Map<String, Value>], has_header: bool) -> String {
    let header = has_header.then(|| columns.iter().map(|it| (*it).to_owned()).collect());
    let cells = rows.iter().map(|row| {
        let cell = |name: &&str| row.get(*name).and_then(Value::as_str).map(str::to_owned);
        columns
            .iter()
            .map(|name| cell(name).unwrap_or_default())
            .collect()
    });
    let lines: Vec<Vec<String>> = header.into_iter().chain(cells).collect();
    let width = |at: usize| {
        let lengths = lines
            .iter()
            .filter_map(|line| line.get(at))
            .map(String::len);
        lengths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let padded = line.iter().zip(&widths);
        let padded: Vec<String> = padded
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(padded.join(" ").trim_end());
        text.push('\n');
    }
    text
}

/// Whether the store answers; one machine is one node.
#[utoipa::path(get, path = "/_cluster/health", tag = "opensearch", responses(
    (status = 200, description = "OpenSearch's cluster health", body = BTreeMap<String, Value>)))]
pub(crate) async fn health(State(shared): State<Arc<Shared>>) -> Result<Response, SearchError> {
    let (found, timing) = limits::engine(shared.app.store.indices("*")).await;
    let shards = match found {
        Err(StoreError::NoSuchIndex(_)) => 0,
        found => found?.len(),
    };
    let body = json!({
        "cluster_name": "yagura",
        "status": "green",
        "timed_out": false,
        "number_of_nodes": 1,
        "number_of_data_nodes": 1,
        "active_primary_shards": shards,
        "active_shards": shards,
        "relocating_shards": 0,
        "initializing_shards": 0,
        "unassigned_shards": 0,
        "delayed_unassigned_shards": 0,
        "number_of_pending_tasks": 0,
        "number_of_in_flight_fetch": 0,
        "task_max_waiting_in_queue_millis": 0,
        "active_shards_percent_as_number": 100.0,
    });
    Ok((timing, Json(body)).into_response())
}

/// The server's name card, in the shape clients of OpenSearch look for.
pub(crate) fn name_card(shared: &Shared) -> Value {
    json!({
        "name": "yagura",
        "cluster_name": "yagura",
        "version": {
            "distribution": "opensearch",
            "number": COMPATIBLE_VERSION,
            "build_flavor": "yagura",
            "build_version": shared.app.version,
        },
        "tagline": "Yagura answers a part of OpenSearch's API",
    })
}
