//! The engine as these commands use it: a loader over packs and a user's file, and one fixed time.

use std::io::Cursor;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use yagura_codec::{Limits, Slice};
use yagura_config::Diagnostic;
use yagura_model::Timestamp;
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{LoadOutcome, Loader, NoLookups, ObjectContext, Options, Output};

/// The time that counts as now, in microseconds: 2024-06-15T12:34:56.789012Z.
const NOW_MICROS: i64 = 1_718_454_896_789_012;

/// A loader for the packs and, over them, a user's INI text.
pub fn loader(user_ini: Option<&str>, limits: Limits) -> anyhow::Result<Loader> {
    let files: Vec<_> = user_ini
        .map(|text| ("user.ini", text))
        .into_iter()
        .collect();
    let loaded = load_settings(&files).map_err(|error| {
        let problems = error.diagnostics.iter().map(Diagnostic::to_string);
        anyhow!("{}", problems.collect::<Vec<_>>().join("\n"))
    })?;
    let loader = Loader::new(
        Arc::new(loaded.settings),
        Arc::new(PackNatives::new()),
        Arc::new(Options {
            by_content: true,
            ..Options::default()
        }),
        limits,
    )?;
    Ok(loader)
}

/// The time that counts as now.
pub fn now() -> anyhow::Result<Timestamp> {
    Timestamp::from_micros(NOW_MICROS, 0).context("the fixed time lies within the calendar")
}

/// Loads an object from memory, without look-ups.
pub fn load(
    loader: &mut Loader,
    context: ObjectContext,
    bytes: Vec<u8>,
    output: &mut dyn Output,
) -> LoadOutcome {
    let body = Box::new(Cursor::new(bytes));
    loader.load(context, body, Slice::ALL, &mut NoLookups, output)
}
