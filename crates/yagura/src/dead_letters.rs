//! `yagura dead-letters`: records that could not be loaded, by reason, and once more.

use serde_json::json;
use yagura_ledger::{DeadLetterEntry, DeadLetterFilter, Ledger};

use crate::cli::DeadLetterArguments;
use crate::configuration::Configuration;
use crate::output::{say, visible};
use crate::retry::{RetrySummary, retry};
use crate::workspace::{Workspace, open_ledger};

/// Bytes of a record shown in the list.
const SHOWN_BYTES: usize = 120;

/// Runs the command; false when a record that was tried again failed again.
pub fn run(arguments: DeadLetterArguments) -> anyhow::Result<bool> {
    let filter = DeadLetterFilter {
        reason: arguments.reason.clone(),
        log_type: arguments.log_type.clone(),
        ..DeadLetterFilter::default()
    };
    if arguments.retry {
        let configuration =
            Configuration::load(&arguments.configuration, Some(&arguments.data), false)?;
        // Checked first, because opening a workspace would make an empty one.
        open_ledger(&arguments.data.data)?;
        let workspace = Workspace::open(&arguments.data.data, &configuration.settings)?;
        let RetrySummary {
            documents,
            excluded,
            failed,
        } = retry(&configuration, &workspace, &filter)?;
        workspace.store.close()?;
        say!("{documents} became documents, {excluded} were excluded, {failed} failed again");
        return Ok(failed == 0);
    }
    let ledger = open_ledger(&arguments.data.data)?;
    if !arguments.json {
        for reason in ledger.dead_letter_reasons(&filter)? {
            say!(
                "{:>8}  {:<18} {}",
                reason.count,
                reason.reason,
                reason.log_type
            );
        }
    }
    list(&ledger, &filter, &arguments)?;
    Ok(true)
}

fn list(
    ledger: &Ledger,
    filter: &DeadLetterFilter,
    arguments: &DeadLetterArguments,
) -> anyhow::Result<()> {
    let (mut cursor, mut left) = (None, arguments.limit);
    while left > 0 {
        let page = ledger.dead_letters(filter, cursor, left)?;
        left = left.saturating_sub(page.items.len());
        for entry in &page.items {
            print(entry, arguments.json)?;
        }
        cursor = page.next;
        if cursor.is_none() || page.items.is_empty() {
            break;
        }
    }
    Ok(())
}

fn print(entry: &DeadLetterEntry, as_json: bool) -> std::io::Result<()> {
    let letter = &entry.letter;
    let raw = String::from_utf8_lossy(letter.raw.bytes());
    if as_json {
        let line = json!({
            "id": entry.id,
            "bucket": entry.bucket,
            "key": entry.key,
            "line": letter.line,
            "byte_offset": letter.byte_offset,
            "reason": letter.reason,
            "detail": letter.detail,
            "log_type": letter.log_type,
            "parser_version": letter.parser_version,
            "time_ms": letter.time_ms,
            "retries": entry.retries,
            "raw": raw,
            "raw_bytes": letter.raw.length_bytes(),
        });
        say!("{line}");
        return Ok(());
    }
    let shown = &raw[..raw.floor_char_boundary(SHOWN_BYTES)];
    say!(
        "{}:{} (byte {})",
        visible(&entry.key),
        letter.line,
        letter.byte_offset
    );
    say!("  {}: {}", letter.reason, visible(&letter.detail));
    say!(
        "  {}{}",
        visible(shown),
        if shown.len() < raw.len() { "…" } else { "" }
    );
    Ok(())
}
