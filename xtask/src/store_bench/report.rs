//! The figures of the store as tables for people and as JSON for comparing.

use std::fmt::Write;

use serde_json::{Value, json};

use super::load::Loaded;
use super::program::Memory;
use super::questions::Answered;
use crate::figures::{grouped, verdict};

/// Bytes on disk per byte of JSON to stay below, and what would be good.
const DISK_BAR: (f64, f64) = (0.6, 0.3);
/// Seconds until what arrives can be found, and what would be good.
const VISIBLE_BAR: (f64, f64) = (2.0, 1.0);

/// All figures.
#[derive(Default)]
pub struct Report {
    /// One load for each kind of log.
    pub loads: Vec<Loaded>,
    /// Every question.
    pub answers: Vec<Answered>,
    /// Memory of the server.
    pub serving_peak: Memory,
    /// Seconds until a file that arrives can be found, sorted.
    pub visible: Vec<f64>,
}

impl Report {
    /// The figures as tables in Markdown.
    pub fn table(&self) -> String {
        let mut table = String::from(
            "| Load | documents | documents/s | at least | fast | documents/CPU-s | bytes on disk per byte | memory, MB | with mapped files |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for load in &self.loads {
            let bar = |bar: Option<f64>| {
                let mark =
                    |bar: f64| format!("{}{}", grouped(bar), verdict(load.per_second() >= bar));
                bar.map_or("–".to_owned(), mark)
            };
            let _ = writeln!(
                table,
                "| {} | {} | {} | {} | {} | {} | {:.2}{} | {} | {} |",
                load.name,
                grouped(load.documents as f64),
                grouped(load.per_second()),
                bar(load.bar),
                bar(load.fast),
                grouped(load.per_cpu_second()),
                load.disk_ratio(),
                verdict(load.disk_ratio() <= DISK_BAR.0),
                grouped(load.peak.own as f64 / 1e6),
                grouped(load.peak.with_files as f64 / 1e6),
            );
        }
        table.push_str(
            "\n| Question | p50, ms | p95, ms | at most | fast | CPU, ms |\n|---|---:|---:|---:|---:|---:|\n",
        );
        for answer in &self.answers {
            let bar = |bar: Option<f64>| {
                let mark = |bar: f64| format!("{bar:.0}{}", verdict(answer.p95 <= bar));
                bar.map_or("–".to_owned(), mark)
            };
            let _ = writeln!(
                table,
                "| {} | {:.1} | {:.1} | {} | {} | {:.1} |",
                answer.name,
                answer.p50,
                answer.p95,
                bar(answer.bar),
                bar(answer.fast),
                answer.cpu
            );
        }
        let _ = writeln!(
            table,
            "\n| Server | measured | at most | fast |\n|---|---:|---:|---:|\n\
             | a file of 2,000 records arrives and is found, median | {:.2} s | – | – |\n\
             | the slowest of ten | {:.2} s | {} s{} | {} s{} |\n\
             | memory, with mapped files | {} MB, {} MB | – | – |",
            self.median(),
            self.slowest(),
            VISIBLE_BAR.0,
            verdict(self.slowest() <= VISIBLE_BAR.0),
            VISIBLE_BAR.1,
            verdict(self.slowest() <= VISIBLE_BAR.1),
            grouped(self.serving_peak.own as f64 / 1e6),
            grouped(self.serving_peak.with_files as f64 / 1e6),
        );
        table
    }

    fn median(&self) -> f64 {
        let middle = self.visible.get(self.visible.len() / 2);
        middle.copied().unwrap_or_default()
    }

    fn slowest(&self) -> f64 {
        self.visible.last().copied().unwrap_or_default()
    }

    /// The figures as JSON.
    pub fn json(&self) -> Value {
        let loads = self.loads.iter().map(|load| {
            json!({
                "input": load.name,
                "documents": load.documents,
                "wall_s": load.wall.as_secs_f64(),
                "cpu_s": load.cpu_seconds,
                "documents_per_s": load.per_second().round(),
                "documents_per_cpu_s": load.per_cpu_second().round(),
                "bar_documents_per_s": load.bar,
                "fast_documents_per_s": load.fast,
                "reached": load.bar.map(|bar| load.per_second() >= bar),
                "json_bytes": load.json_bytes.round(),
                "disk_bytes": load.disk_bytes,
                "disk_bytes_per_byte": load.disk_ratio(),
                "bar_disk_bytes_per_byte": DISK_BAR.0,
                "fast_disk_bytes_per_byte": DISK_BAR.1,
                "peak_bytes": load.peak.own,
                "peak_bytes_with_mapped_files": load.peak.with_files,
            })
        });
        let answers = self.answers.iter().map(|answer| {
            json!({
                "question": answer.name,
                "p50_ms": answer.p50,
                "p95_ms": answer.p95,
                "cpu_ms": answer.cpu,
                "bar_ms": answer.bar,
                "fast_ms": answer.fast,
                "reached": answer.bar.map(|bar| answer.p95 <= bar),
            })
        });
        json!({
            "loads": loads.collect::<Vec<_>>(),
            "questions": answers.collect::<Vec<_>>(),
            "visible_s": {
                "median": self.median(),
                "slowest": self.slowest(),
                "bar": VISIBLE_BAR.0,
                "fast": VISIBLE_BAR.1,
                "reached": self.slowest() <= VISIBLE_BAR.0,
            },
            "serving_peak_bytes": self.serving_peak.own,
            "serving_peak_bytes_with_mapped_files": self.serving_peak.with_files,
        })
    }
}
