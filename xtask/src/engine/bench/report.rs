//! The figures as a table for people and as JSON for comparing.

use std::fmt::Write;

use serde_json::{Value, json};

use super::inputs::Input;
use super::program::Program;
use super::stages::{Cost, Stages};
use crate::figures::{grouped, verdict};

/// Peak memory to stay below.
const MEMORY_BAR_BYTES: u64 = 150_000_000;
/// Time to the first record to stay below.
const START_BAR_MS: f64 = 150.0;

/// One input with its figures.
pub struct Row {
    /// What was read.
    pub input: Input,
    /// What it cost.
    pub stages: Stages,
}

/// All figures.
pub struct Report {
    /// The program as a whole.
    pub program: Program,
    /// Throughput by input.
    pub rows: Vec<Row>,
}

impl Report {
    /// The figures as tables in Markdown.
    pub fn table(&self) -> String {
        let mut table = String::from(
            "| Input | whole, records/CPU-s | bar | MB/s in | codec, records/CPU-s | unpack, MB/s | copy, MB/s | whole ÷ unpack | NDJSON bytes per record |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for Row { input, stages } in &self.rows {
            let whole = stages.whole.per_second(input.records);
            let bar = input.bar.map_or("–".to_owned(), |bar| {
                format!("{}{}", grouped(bar as f64), verdict(whole >= bar as f64))
            });
            let megabytes = |cost: Cost| cost.per_second(input.text_bytes) / 1e6;
            let _ = writeln!(
                table,
                "| {} | {} | {bar} | {:.0} | {} | {:.0} | {:.0} | {:.2} | {} |",
                input.name,
                grouped(whole),
                megabytes(stages.whole),
                grouped(stages.codec.per_second(input.records)),
                megabytes(stages.unpack),
                megabytes(stages.copy),
                ratio_to_floor(stages),
                stages.document_bytes / input.records.max(1),
            );
        }
        table.push_str("\n| Program | measured | bar |\n|---|---:|---:|\n");
        let start_ms = self.program.start.as_secs_f64() * 1e3;
        let _ = writeln!(
            table,
            "| start to first record | {start_ms:.0} ms | {START_BAR_MS:.0} ms{} |",
            verdict(start_ms <= START_BAR_MS)
        );
        for run in &self.program.runs {
            let _ = writeln!(
                table,
                "| peak memory, flow log of {} lines | {:.0} MB | {} MB{} |",
                grouped(run.lines as f64),
                run.peak_bytes as f64 / 1e6,
                MEMORY_BAR_BYTES / 1_000_000,
                verdict(run.peak_bytes <= MEMORY_BAR_BYTES)
            );
            let _ = writeln!(
                table,
                "| lines per CPU-second of that run, all threads | {} | – |",
                grouped(Cost(run.cpu).per_second(run.lines as u64))
            );
        }
        table
    }

    /// The figures as JSON.
    pub fn json(&self) -> Value {
        let rows = self.rows.iter().map(|Row { input, stages }| {
            let per_second = |cost: Cost| cost.per_second(input.records).round();
            json!({
                "input": input.name,
                "records": input.records,
                "text_bytes": input.text_bytes,
                "document_bytes": stages.document_bytes,
                "bar_records_per_cpu_s": input.bar,
                "reached": input.bar.map(|bar| per_second(stages.whole) >= bar as f64),
                "whole_records_per_cpu_s": per_second(stages.whole),
                "codec_records_per_cpu_s": per_second(stages.codec),
                "unpack_records_per_cpu_s": per_second(stages.unpack),
                "copy_records_per_cpu_s": per_second(stages.copy),
                "whole_mb_per_cpu_s": stages.whole.per_second(input.text_bytes) / 1e6,
                "whole_to_unpack": ratio_to_floor(stages),
            })
        });
        let runs = self.program.runs.iter().map(|run| {
            json!({
                "lines": run.lines,
                "peak_bytes": run.peak_bytes,
                "bar_bytes": MEMORY_BAR_BYTES,
                "reached": run.peak_bytes <= MEMORY_BAR_BYTES,
                "lines_per_cpu_s": Cost(run.cpu).per_second(run.lines as u64).round(),
            })
        });
        let start_ms = self.program.start.as_secs_f64() * 1e3;
        json!({
            "throughput": rows.collect::<Vec<_>>(),
            "memory": runs.collect::<Vec<_>>(),
            "start": {
                "first_record_ms": start_ms,
                "bar_ms": START_BAR_MS,
                "reached": start_ms <= START_BAR_MS,
            },
        })
    }
}

/// How much of the speed of unpacking alone is left.
fn ratio_to_floor(stages: &Stages) -> f64 {
    stages.unpack.0.as_secs_f64() / stages.whole.0.as_secs_f64().max(1e-9)
}
