//! The data folder: embedded store, ledger, history and what people keep, for one process at a time.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use yagura_config::{Partition, Settings};
use yagura_embedded::{EmbeddedStore, Granularity, Options};
use yagura_ledger::Ledger;

use crate::roll_up::RollUp;

/// An open data folder.
pub struct Workspace {
    /// Documents.
    pub store: Arc<EmbeddedStore>,
    /// What became of every object.
    pub ledger: Arc<Ledger>,
    /// Which entities were seen on which day.
    pub roll_up: RollUp,
}

/// Opens the ledger of a data folder to read it.
pub fn open_ledger(data: &Path) -> anyhow::Result<Ledger> {
    let path = data.join("ledger.db");
    if !path.exists() {
        bail!(
            "there is no data in `{}`; load something first, or name another folder with --data",
            data.display()
        );
    }
    Ok(Ledger::open(&path)?)
}

impl Workspace {
    /// Opens a data folder, which is made if it does not exist.
    pub fn open(data: &Path, settings: &Settings) -> anyhow::Result<Workspace> {
        std::fs::create_dir_all(data)
            .with_context(|| format!("cannot make the data folder `{}`", data.display()))?;
        let catalog = Arc::new(yagura_packs::field_catalog()?);
        let options = Options {
            granularity: granularity(settings),
            identifiers: yagura_packs::identifier_fields()?,
            pivots: pivots(settings),
            ..Options::default()
        };
        let store = EmbeddedStore::open(&data.join("store"), catalog, options).context(
            "a server that runs can load files itself: put them into a folder that `yagura serve --watch` follows",
        )?;
        let store = Arc::new(store);
        Ok(Workspace {
            ledger: Arc::new(Ledger::open(&data.join("ledger.db"))?),
            roll_up: RollUp::open(&data.join("history.db"), Arc::clone(&store), settings)?,
            store,
        })
    }
}

/// The fields that hold entities: what people look for over long times.
fn pivots(settings: &Settings) -> HashSet<String> {
    let entities = settings
        .log_types
        .iter()
        .flat_map(|log_type| &log_type.entities);
    entities
        .flat_map(|entity| entity.fields.iter().cloned())
        .collect()
}

/// How the log types say that their indices are cut on disk.
fn granularity(settings: &Settings) -> Arc<dyn Fn(&str) -> Granularity + Send + Sync> {
    let log_types = settings.log_types.iter();
    let by_log_type: std::collections::HashMap<String, Granularity> = log_types
        .map(|log_type| {
            let granularity = match log_type.partition {
                Partition::Day => Granularity::Day,
                Partition::Month => Granularity::Month,
                Partition::Index => Granularity::Single,
            };
            (log_type.name.clone(), granularity)
        })
        .collect();
    Arc::new(move |log_type| {
        by_log_type
            .get(log_type)
            .copied()
            .unwrap_or(Granularity::Day)
    })
}
