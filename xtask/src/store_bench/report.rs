//! The figures of the store as tables for people and as JSON for comparing.

use std::fmt::Write;

use serde_json::{Value, json};

use super::load::{Alone, Loaded};
use super::program::Memory;
use super::questions::Answered;
use crate::figures::{grouped, verdict};

/// Bytes on disk per byte of JSON to stay below, and what would be good.
const DISK_BAR: (f64, f64) = (0.6, 0.3);
/// Seconds until what arrives can be found, and what would be good.
const VISIBLE_BAR: (f64, f64) = (2.0, 1.0);
/// Documents per second that are fast, as a multiple of the search library alone: where 60,000 flow
/// logs and 20,000 CloudTrail records were asked for, it took 48,000 and 16,000.
const FAST_LOAD: f64 = 1.25;
/// Time of an answer that is fast, as a multiple of the search library alone.
const FAST_ANSWER: f64 = 1.3;

/// A cell of a table; a dash where there is nothing to tell.
fn or_dash(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| "–".to_owned())
}

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
            "| Load | documents | documents/s | at least | fast | library alone | times that | documents/CPU-s | library alone | bytes on disk per byte | library alone | memory, MB | with mapped files |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for load in &self.loads {
            let bar = |bar: Option<f64>| {
                let mark =
                    |bar: f64| format!("{}{}", grouped(bar), verdict(load.per_second() >= bar));
                or_dash(bar.map(mark))
            };
            let alone = |tell: &dyn Fn(&Alone) -> String| or_dash(load.alone.as_ref().map(tell));
            let _ = writeln!(
                table,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.2}{} | {} | {} | {} |",
                load.name,
                grouped(load.documents as f64),
                grouped(load.per_second()),
                bar(load.bar),
                bar(load.fast),
                alone(&|alone| grouped(alone.per_second())),
                alone(&|alone| {
                    let times = load.per_second() / alone.per_second().max(1e-9);
                    format!("{times:.2}{}", verdict(times >= FAST_LOAD))
                }),
                grouped(load.per_cpu_second()),
                alone(&|alone| grouped(alone.per_cpu_second())),
                load.disk_ratio(),
                verdict(load.disk_ratio() <= DISK_BAR.0),
                alone(&|alone| format!("{:.2}", alone.disk_ratio())),
                grouped(load.peak.own as f64 / 1e6),
                grouped(load.peak.with_files as f64 / 1e6),
            );
        }
        table.push_str(
            "\n| Question | p50, ms | p95, ms | at most | fast | CPU, ms | library alone, p50 | times that |\n|---|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for answer in &self.answers {
            let bar = |bar: Option<f64>| {
                let mark = |bar: f64| format!("{bar:.0}{}", verdict(answer.p95 <= bar));
                or_dash(bar.map(mark))
            };
            let alone = self.alone(answer);
            let _ = writeln!(
                table,
                "| {} | {:.1} | {:.1} | {} | {} | {:.1} | {} | {} |",
                answer.name,
                answer.p50,
                answer.p95,
                bar(answer.bar),
                bar(answer.fast),
                answer.cpu,
                or_dash(alone.map(|alone| format!("{alone:.1}"))),
                or_dash(alone.map(|alone| {
                    let times = answer.p50 / alone.max(1e-9);
                    format!("{times:.1}{}", verdict(times <= FAST_ANSWER))
                })),
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

    /// Median of the search library alone for the same question, if it was asked.
    fn alone(&self, answer: &Answered) -> Option<f64> {
        let mut alone = self.loads.iter().filter_map(|load| load.alone.as_ref());
        alone.find_map(|alone| alone.p50(answer.name))
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
                "library_alone": load.alone.as_ref().map(|alone| &alone.0),
                "fast_times_library_alone": FAST_LOAD,
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
                "library_alone_p50_ms": self.alone(answer),
                "fast_times_library_alone": FAST_ANSWER,
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
