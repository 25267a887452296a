//! The figures as a table for people and as JSON for comparing.

use std::fmt::Write;

use serde_json::{Value, json};

use super::inputs::Input;
use super::program::Program;
use super::scaling::{Scaling, THREADS};
use super::scripts::Scripts;
use super::stages::{Cost, Stages};
use super::types::TypeCost;
use crate::figures::{grouped, verdict};

/// Peak memory to stay below.
const MEMORY_BAR_BYTES: u64 = 150_000_000;
/// Peak memory that is called fast.
const FAST_MEMORY_BYTES: u64 = 100_000_000;
/// Time to the first record to stay below.
const START_BAR_MS: f64 = 150.0;

/// Time to the first record that is called fast.
const FAST_START_MS: f64 = 50.0;
/// How much sooner two threads are to be done with many files.
const SCALING_BAR: f64 = 1.9;
/// The same with one large file.
const ONE_FILE_BAR: f64 = 1.5;
/// The share of the speed of the program written by hand that is called fast.
const FAST_SHARE: f64 = 0.55;
/// How much longer look-ups may take it.
const LOOKUPS_MAY_COST: f64 = 1.25;
/// How much more a byte of another log type may cost than one of the log type read like it.
const OTHER_TYPES_MAY_COST: f64 = 2.0;

/// One input with its figures.
pub struct Row {
    /// What was read.
    pub input: Input,
    /// What it cost.
    pub stages: Stages,
    /// What several threads gain on its files.
    pub scaling: Option<Scaling>,
    /// What several threads gain on one large file.
    pub one_file: Option<Scaling>,
}

/// All figures.
pub struct Report {
    /// The program as a whole.
    pub program: Option<Program>,
    /// Throughput by input.
    pub rows: Vec<Row>,
    /// Throughput by language of scripts.
    pub scripts: Option<Scripts>,
    /// All log types over their samples.
    pub types: Vec<TypeCost>,
}

impl Report {
    /// The figures as tables in Markdown.
    pub fn table(&self) -> String {
        let mut table = String::from(
            "| Input | whole, records/CPU-s | at least | by hand | whole ÷ by hand | MB/s in | with look-ups | at least | look-ups cost | allocated, bytes per record | NDJSON, bytes per record |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for Row { input, stages, .. } in &self.rows {
            let whole = stages.whole.per_second(input.records);
            let enriched = stages.enriched.per_second(input.records);
            let floor = stages.floor.map(|floor| floor.per_second(input.records));
            let (share, more) = (stages.floor_share, stages.enriched_times);
            let _ = writeln!(
                table,
                "| {} | {} | {} | {} | {} | {:.0} | {} | {} | {:+.0} %{} | {} | {} |",
                input.name,
                grouped(whole),
                bar(input.bar, whole),
                floor.map_or("–".to_owned(), grouped),
                share.map_or("–".to_owned(), |share| format!(
                    "{share:.2}{}",
                    verdict(share >= FAST_SHARE)
                )),
                stages.whole.per_second(input.text_bytes) / 1e6,
                grouped(enriched),
                bar(input.enriched_bar, enriched),
                (more - 1.0) * 100.0,
                verdict(more <= LOOKUPS_MAY_COST),
                stages.allocated_bytes / input.records.max(1),
                stages.document_bytes / input.records.max(1),
            );
        }
        self.push_stages(&mut table);
        self.push_scaling(&mut table);
        self.push_types(&mut table);
        if let Some(scripts) = &self.scripts {
            table.push_str(&scripts.table());
        }
        if let Some(program) = &self.program {
            push_program(program, &mut table);
        }
        table
    }

    /// What each stage takes of a record's time.
    fn push_stages(&self, table: &mut String) {
        table.push_str(
            "\n| Nanoseconds per record | unpack (least) | split | parse (least) | map | transform | write (least) | frame | whole | copy |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for Row { input, stages, .. } in &self.rows {
            let each = |cost: Cost| cost.0.as_nanos() as f64 / input.records.max(1) as f64;
            let whole_number =
                |ns: Option<f64>| ns.map_or("–".to_owned(), |ns| format!("{ns:.0}"));
            let unpack = stages.unpack.map_or(0.0, each);
            let split = stages.split.map_or(unpack, each);
            let [map, transform] = [
                each(stages.untransformed) - each(stages.unmapped),
                each(stages.whole) - each(stages.untransformed),
            ];
            let _ = writeln!(
                table,
                "| {} | {} | {} | {} | {map:.0} | {transform:.0} | {} | {:.0} | {:.0} | {} |",
                input.name,
                with_least(stages.unpack.map(each), stages.unpack_floor.map(each)),
                whole_number(stages.split.map(|_| split - unpack)),
                with_least(
                    Some(each(stages.codec) - split),
                    stages.tokens_floor.map(each)
                ),
                with_least(Some(each(stages.write)), Some(each(stages.write_floor))),
                each(stages.whole) - each(stages.codec) - map - transform,
                each(stages.whole),
                whole_number(stages.copy.map(each)),
            );
        }
    }

    /// How much sooner several threads are done with many files, and with one.
    fn push_scaling(&self, table: &mut String) {
        let many = self.rows.iter().filter_map(|row| {
            let (scaling, files) = (row.scaling.as_ref()?, row.input.objects.len());
            Some((row.input.name, files, scaling, SCALING_BAR))
        });
        let one = self.rows.iter().filter_map(|row| {
            let scaling = row.one_file.as_ref()?;
            Some((row.input.name, 1, scaling, ONE_FILE_BAR))
        });
        for (at, (name, files, scaling, bar)) in many.chain(one).enumerate() {
            if at == 0 {
                let _ = writeln!(
                    table,
                    "\n| Threads | files | {THREADS} threads ÷ one | at least | the machine gives | 16 threads, by calculation |\n|---|---:|---:|---:|---:|---:|"
                );
            }
            let _ = writeln!(
                table,
                "| {name} | {files} | {:.2} | {bar}{} | {:.2} | {:.1} |",
                scaling.ratio,
                verdict(scaling.ratio >= bar),
                scaling.limit,
                scaling.expected(16),
            );
        }
    }

    /// What a byte of each log type costs.
    fn push_types(&self, table: &mut String) {
        if self.types.is_empty() {
            return;
        }
        table.push_str(
            "\n| Log type, over its samples | records/CPU-s | ns per byte | read like | times its ns per byte | by its log_pattern | times as long |\n\
             |---|---:|---:|---|---:|---:|---:|\n",
        );
        for cost in &self.types {
            let each = each_byte(cost.cost, cost.bytes);
            let times = self.times_like(cost);
            let (by_pattern, longer) = match cost.by_pattern {
                Some(pattern) => (
                    grouped(pattern.per_second(cost.documents)),
                    format!("{:.1}", pattern.0.as_secs_f64() / cost.cost.0.as_secs_f64()),
                ),
                None => ("–".to_owned(), "–".to_owned()),
            };
            let _ = writeln!(
                table,
                "| {} | {} | {each:.1} | {} | {} | {by_pattern} | {longer} |",
                cost.log_type,
                grouped(cost.cost.per_second(cost.documents)),
                cost.like,
                times.map_or("–".to_owned(), |times| format!(
                    "{times:.1}{}",
                    verdict(times <= OTHER_TYPES_MAY_COST)
                )),
            );
        }
    }

    /// How much more a byte of a log type costs than one of the log type read like it.
    fn times_like(&self, cost: &TypeCost) -> Option<f64> {
        let like = self.rows.iter().find(|row| row.input.name == cost.like)?;
        let usual = each_byte(like.stages.whole, like.input.text_bytes);
        Some(each_byte(cost.cost, cost.bytes) / usual)
    }

    /// The figures as JSON.
    pub fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let Row {
                input,
                stages,
                scaling,
                one_file,
            } = row;
            let per_second = |cost: Cost| cost.per_second(input.records).round();
            json!({
                "input": input.name,
                "records": input.records,
                "text_bytes": input.text_bytes,
                "document_bytes": stages.document_bytes,
                "bar_records_per_cpu_s": input.bar,
                "reached": input.bar.map(|bar| per_second(stages.whole) >= bar as f64),
                "whole_records_per_cpu_s": per_second(stages.whole),
                "enriched_bar_records_per_cpu_s": input.enriched_bar,
                "enriched_records_per_cpu_s": per_second(stages.enriched),
                "enriched_to_whole_time": stages.enriched_times,
                "floor_records_per_cpu_s": stages.floor.map(per_second),
                "whole_to_floor": stages.floor_share,
                "untransformed_records_per_cpu_s": per_second(stages.untransformed),
                "unmapped_records_per_cpu_s": per_second(stages.unmapped),
                "codec_records_per_cpu_s": per_second(stages.codec),
                "split_records_per_cpu_s": stages.split.map(per_second),
                "tokens_records_per_cpu_s": stages.tokens_floor.map(per_second),
                "write_records_per_cpu_s": per_second(stages.write),
                "write_floor_records_per_cpu_s": per_second(stages.write_floor),
                "unpack_records_per_cpu_s": stages.unpack.map(per_second),
                "unpack_floor_records_per_cpu_s": stages.unpack_floor.map(per_second),
                "copy_records_per_cpu_s": stages.copy.map(per_second),
                "two_threads_ratio": scaling.as_ref().map(|scaling| scaling.ratio),
                "two_threads_ratio_one_file": one_file.as_ref().map(|scaling| scaling.ratio),
                "machine_ratio": scaling.as_ref().map(|scaling| scaling.limit),
                "machine_ratio_one_file": one_file.as_ref().map(|scaling| scaling.limit),
                "whole_mb_per_cpu_s": stages.whole.per_second(input.text_bytes) / 1e6,
                "allocated_bytes_per_record": stages.allocated_bytes as f64 / input.records.max(1) as f64,
            })
        });
        let runs = self
            .program
            .iter()
            .flat_map(|program| &program.runs)
            .map(|run| {
                json!({
                    "lines": run.lines,
                    "peak_bytes": run.peak_bytes,
                    "bar_bytes": MEMORY_BAR_BYTES,
                    "reached": run.peak_bytes <= MEMORY_BAR_BYTES,
                    "lines_per_cpu_s": Cost(run.cpu).per_second(run.lines as u64).round(),
                })
            });
        let start_ms = self
            .program
            .as_ref()
            .map(|program| program.start.as_secs_f64() * 1e3);
        let types = self.types.iter().map(|cost| {
            json!({
                "log_type": cost.log_type,
                "records_per_cpu_s": cost.cost.per_second(cost.documents).round(),
                "ns_per_byte": each_byte(cost.cost, cost.bytes),
                "failed": cost.failed,
                "read_like": cost.like,
                "times_its_ns_per_byte": self.times_like(cost),
                "records_per_cpu_s_by_pattern": cost
                    .by_pattern
                    .map(|pattern| pattern.per_second(cost.documents).round()),
            })
        });
        json!({
            "throughput": rows.collect::<Vec<_>>(),
            "scripts": self.scripts.as_ref().map(Scripts::json),
            "log_types": types.collect::<Vec<_>>(),
            "memory": runs.collect::<Vec<_>>(),
            "start": {
                "first_record_ms": start_ms,
                "bar_ms": START_BAR_MS,
                "reached": start_ms.map(|start_ms| start_ms <= START_BAR_MS),
            },
        })
    }
}

/// A stage in nanoseconds, and behind it the least that does the same work.
fn with_least(stage: Option<f64>, least: Option<f64>) -> String {
    match (stage, least) {
        (Some(stage), Some(least)) => format!("{stage:.0} ({least:.0})"),
        (Some(stage), None) => format!("{stage:.0}"),
        (None, _) => "–".to_owned(),
    }
}

/// How the program as a whole does.
fn push_program(program: &Program, table: &mut String) {
    table.push_str("\n| Program | measured | bar |\n|---|---:|---:|\n");
    let start_ms = program.start.as_secs_f64() * 1e3;
    let _ = writeln!(
        table,
        "| start to first record | {start_ms:.0} ms | {START_BAR_MS:.0} ms{}, fast {FAST_START_MS:.0} ms{} |",
        verdict(start_ms <= START_BAR_MS),
        verdict(start_ms <= FAST_START_MS)
    );
    for run in &program.runs {
        let _ = writeln!(
            table,
            "| peak memory, flow log of {} lines | {:.0} MB | {} MB{}, fast {} MB{} |",
            grouped(run.lines as f64),
            run.peak_bytes as f64 / 1e6,
            MEMORY_BAR_BYTES / 1_000_000,
            verdict(run.peak_bytes <= MEMORY_BAR_BYTES),
            FAST_MEMORY_BYTES / 1_000_000,
            verdict(run.peak_bytes <= FAST_MEMORY_BYTES)
        );
        let _ = writeln!(
            table,
            "| lines per CPU-second of that run, all threads | {} | – |",
            grouped(Cost(run.cpu).per_second(run.lines as u64))
        );
    }
}

/// Nanoseconds per byte.
fn each_byte(cost: Cost, bytes: u64) -> f64 {
    cost.0.as_nanos() as f64 / bytes.max(1) as f64
}

/// A bar and whether it is reached.
fn bar(bar: Option<u64>, measured: f64) -> String {
    bar.map_or("–".to_owned(), |bar| {
        format!("{}{}", grouped(bar as f64), verdict(measured >= bar as f64))
    })
}
