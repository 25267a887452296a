//! `yagura ledger`: what became of every object.

use serde_json::json;
use yagura_ledger::{ObjectEntry, ObjectFilter};

use crate::cli::LedgerArguments;
use crate::output::say;
use crate::workspace::open_ledger;

/// Runs the command.
pub fn run(arguments: &LedgerArguments) -> anyhow::Result<bool> {
    let ledger = open_ledger(&arguments.data.data)?;
    let filter = ObjectFilter {
        text: arguments.contains.clone(),
        ..ObjectFilter::default()
    };
    let mut cursor = None;
    let mut left = arguments.limit;
    if !arguments.json {
        say!(
            "{:<16} {:>9} = {:>9} + {:>8} + {:>6}  {:<8} key",
            "log type",
            "records",
            "documents",
            "excluded",
            "failed",
            "status"
        );
    }
    while left > 0 {
        let page = ledger.objects(&filter, cursor, left)?;
        left = left.saturating_sub(page.items.len());
        for entry in &page.items {
            print(entry, arguments.json)?;
        }
        cursor = page.next;
        if cursor.is_none() || page.items.is_empty() {
            break;
        }
    }
    if !arguments.json {
        let totals = ledger.totals(&filter)?;
        let counts = &totals.counts;
        say!(
            "{:<16} {:>9} = {:>9} + {:>8} + {:>6}  {} objects",
            "all",
            counts.read(),
            counts.documents(),
            counts.excluded_total(),
            counts.failed_total(),
            totals.objects.values().sum::<u64>()
        );
        if counts.drifted_total() > 0 {
            say!(
                "schema drift: {} of the documents have only the beginning of their log type's layout",
                counts.drifted_total()
            );
        }
    }
    Ok(ledger.unbalanced()?.is_empty())
}

fn print(entry: &ObjectEntry, as_json: bool) -> std::io::Result<()> {
    let row = &entry.row;
    let counts = &row.counts;
    if as_json {
        let excluded: serde_json::Map<_, _> = counts
            .excluded_by_reason()
            .map(|(reason, count)| (reason.to_owned(), json!(count)))
            .collect();
        let line = json!({
            "bucket": row.identity.bucket,
            "key": row.identity.key,
            "size_bytes": row.identity.size_bytes,
            "content": row.identity.content,
            "range": row.identity.range,
            "log_type": row.log_type,
            "read": counts.read(),
            "documents": counts.documents(),
            "drifted": counts.drifted_total(),
            "excluded": excluded,
            "failed": counts.failed_total(),
            "started_ms": row.started_ms,
            "finished_ms": row.finished_ms,
            "status": row.status.kind().as_str(),
            "reason": row.status.reason(),
        });
        say!("{line}");
        return Ok(());
    }
    say!(
        "{:<16} {:>9} = {:>9} + {:>8} + {:>6}  {:<8} {} {}",
        row.log_type,
        counts.read(),
        counts.documents(),
        counts.excluded_total(),
        counts.failed_total(),
        row.status.kind().as_str(),
        row.identity.key,
        row.status.reason(),
    );
    if counts.drifted_total() > 0 {
        say!(
            "{:<16} {:>9} of the documents drifted",
            "",
            counts.drifted_total()
        );
    }
    Ok(())
}
