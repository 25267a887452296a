//! Keeps the daily roll-up of entities in step with the store.
//!
//! A piece of the store whose version is not the one that was counted is counted again, as a whole.
//! So nothing has to be told about what was loaded, replaced, retried or deleted.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use yagura_config::Settings;
use yagura_embedded::{EmbeddedStore, GroupTally, Piece, TallyRow};
use yagura_history::{Counts, History, PieceCounts, PieceName, Row};

use crate::log_types::log_types;

/// Most different values of one kind of entity that are kept of a piece of the store.
const MAX_VALUES: usize = 100_000;
/// A piece that is written to all the time is counted for at most one part in this many of the time.
const REST: u32 = 20;
/// Shortest time until a piece is counted again.
const SHORTEST_REST: Duration = Duration::from_secs(1);
/// Changes when what is counted changes without another definition of the kinds.
const DEFINITION_VERSION: u32 = 1;

/// The roll-up and what it is made of.
pub struct RollUp {
    /// What was counted.
    pub history: Arc<History>,
    store: Arc<EmbeddedStore>,
    kinds: Vec<String>,
    fields: Vec<Vec<String>>,
}

/// When pieces may be counted again.
#[derive(Default)]
pub struct Pace {
    not_before: HashMap<PieceName, Instant>,
}

impl RollUp {
    /// Opens the roll-up of a store.
    pub fn open(
        path: &Path,
        store: Arc<EmbeddedStore>,
        settings: &Settings,
    ) -> anyhow::Result<RollUp> {
        let fields = yagura_api::entity_fields(&log_types(settings));
        let definition = format!("{DEFINITION_VERSION} {MAX_VALUES} {fields:?}");
        let (kinds, fields) = fields
            .into_iter()
            .map(|(kind, fields)| (kind.to_owned(), fields.into_iter().collect()))
            .unzip();
        Ok(RollUp {
            history: Arc::new(History::open(path, &definition)?),
            store,
            kinds,
            fields,
        })
    }

    /// Counts every piece that changed; with a pace, only those that have rested.
    ///
    /// Stops early, between two pieces, when it should.
    pub fn refresh(
        &self,
        mut pace: Option<&mut Pace>,
        should_stop: impl Fn() -> bool,
    ) -> anyhow::Result<()> {
        let known = self.history.versions()?;
        let pieces = self.store.pieces()?;
        let present: HashSet<PieceName> = pieces.iter().map(name).collect();
        let gone: Vec<PieceName> = known
            .keys()
            .filter(|name| !present.contains(name))
            .cloned()
            .collect();
        self.history.forget(&gone)?;
        for piece in &pieces {
            let name = name(piece);
            let is_current = known.get(&name) == Some(&piece.version);
            let rests = pace.as_ref().is_some_and(|pace| pace.rests(&name));
            if is_current || rests {
                continue;
            }
            if should_stop() {
                return Ok(());
            }
            let started = Instant::now();
            self.count(piece)?;
            if let Some(pace) = &mut pace {
                pace.counted(name, started);
            }
        }
        self.history.set_complete();
        Ok(())
    }

    fn count(&self, piece: &Piece) -> anyhow::Result<()> {
        let Some(tally) = self.store.tally(piece, &self.fields, MAX_VALUES)? else {
            return Ok(());
        };
        let kinds = self.kinds.iter().cloned();
        self.history.replace(&PieceCounts {
            name: name(piece),
            version: tally.version,
            kinds: kinds.zip(tally.groups.into_iter().map(counts)).collect(),
        })?;
        Ok(())
    }
}

impl Pace {
    fn rests(&self, piece: &PieceName) -> bool {
        let until = self.not_before.get(piece);
        until.is_some_and(|until| *until > Instant::now())
    }

    fn counted(&mut self, piece: PieceName, started: Instant) {
        let now = Instant::now();
        self.not_before.retain(|_, until| *until > now);
        let rest = (started.elapsed() * REST).max(SHORTEST_REST);
        self.not_before.insert(piece, now + rest);
    }
}

fn name(piece: &Piece) -> PieceName {
    PieceName {
        index: piece.index.clone(),
        label: piece.label.clone(),
    }
}

fn counts(group: GroupTally) -> Counts {
    let row = |row: TallyRow| Row {
        day: row.day,
        log_type: row.log_type,
        value: row.value,
        count: row.count,
        first_ms: row.first_ms,
        last_ms: row.last_ms,
    };
    Counts {
        rows: group.rows.into_iter().map(row).collect(),
        left_out: group.left_out,
    }
}
