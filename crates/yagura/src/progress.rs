//! A progress bar: files, bytes, records, errors, remaining time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::ingest::Progress;

/// Runs the work and shows its progress on standard error, when that is a terminal.
pub fn show_while<T>(
    is_shown: bool,
    objects: u64,
    total_bytes: u64,
    progress: &Progress,
    work: impl FnOnce() -> T,
) -> T {
    if !is_shown {
        return work();
    }
    let bar = ProgressBar::new(total_bytes);
    if let Ok(style) = ProgressStyle::with_template(
        "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg} left {eta}",
    ) {
        bar.set_style(style);
    }
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                bar.set_position(progress.bytes.load(Ordering::Relaxed));
                bar.set_message(format!(
                    "{}/{objects} files, {} records, {} errors",
                    progress.objects.load(Ordering::Relaxed),
                    progress.records.load(Ordering::Relaxed),
                    progress.errors.load(Ordering::Relaxed),
                ));
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let outcome = work();
        is_done.store(true, Ordering::Relaxed);
        bar.finish_and_clear();
        outcome
    })
}
