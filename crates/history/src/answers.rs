//! What the history tells of an entity: its days, its first event, how many are like it, who is new.

use std::collections::BTreeMap;

use rusqlite::OptionalExtension;

use crate::{History, MAX_QUESTIONS};
use yagura_database::{Attempt, Error};

/// Most newcomers of one answer.
const MAX_NEWCOMERS: usize = 1000;

/// One entity on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Days since the epoch, UTC.
    pub day: i64,
    /// The number of events.
    pub count: u64,
    /// Log types it was seen in, in order.
    pub log_types: Vec<String>,
    /// Its first event of that day, in milliseconds since the epoch.
    pub first_ms: i64,
    /// Its last event of that day, in milliseconds since the epoch.
    pub last_ms: i64,
}

/// The days on which an entity was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The days, oldest first.
    pub days: Vec<Day>,
    /// Values of its kind were left out on some of the days asked for, so days may be missing.
    pub is_cut: bool,
    /// The first day that any entity was seen on.
    pub covered_from: Option<i64>,
}

/// When an entity was first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstSeen {
    /// Its first event, in milliseconds since the epoch; `None` if it is not known.
    pub first_ms: Option<i64>,
    /// Values of its kind were left out, so what is not known may still have been there.
    pub is_cut: bool,
}

/// How many entities of a kind were seen on how many days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peers {
    /// The number of entities by the number of days they were seen on.
    pub by_days: BTreeMap<u64, u64>,
}

impl Peers {
    /// The number of entities.
    pub fn total(&self) -> u64 {
        self.by_days.values().sum()
    }

    /// The number of entities that were seen on more days.
    pub fn on_more_days(&self, days: u64) -> u64 {
        self.by_days.range(days + 1..).map(|(_, count)| count).sum()
    }
}

/// An entity that was not seen before a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// The value.
    pub value: String,
    /// Its first event, in milliseconds since the epoch.
    pub first_ms: i64,
    /// The number of its events since.
    pub count: u64,
    /// Log types it was seen in, in order.
    pub log_types: Vec<String>,
}

impl History {
    /// The days since `from_day` on which an entity was seen.
    pub fn days(&self, kind: &str, value: &str, from_day: i64) -> Result<Days, Error> {
        let reader = self.database.reader();
        let run = || {
            let mut statement = reader.prepare_cached(
                "SELECT day, sum(count), group_concat(DISTINCT log_type), min(first_ms), max(last_ms)
                 FROM entities
                 JOIN seen ON entity_id = entities.id
                 JOIN slices ON slices.id = slice_id
                 WHERE entities.kind = ? AND value = ? AND day >= ?
                 GROUP BY day ORDER BY day",
            )?;
            let rows = statement.query_map((kind, value, from_day), |row| {
                Ok(Day {
                    day: row.get(0)?,
                    count: row.get::<_, i64>(1)?.unsigned_abs(),
                    log_types: names(row.get(2)?),
                    first_ms: row.get(3)?,
                    last_ms: row.get(4)?,
                })
            })?;
            let days = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            let is_cut = reader
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM left_out WHERE kind = ? AND last_day >= ?)",
                )?
                .query_row((kind, from_day), |row| row.get(0))?;
            let covered_from = reader
                .prepare_cached("SELECT min(day) FROM slices")?
                .query_row([], |row| row.get(0))?;
            Ok(Days {
                days,
                is_cut,
                covered_from,
            })
        };
        run().attempt("look up an entity's days")
    }

    /// When entities, given by kind and value, were first seen; at most [`MAX_QUESTIONS`] at a time.
    pub fn first_seen(&self, entities: &[(&str, &str)]) -> Result<Vec<FirstSeen>, Error> {
        let reader = self.database.reader();
        let run = || {
            let mut first = reader.prepare_cached(
                "SELECT min(first_ms) FROM entities JOIN seen ON entity_id = entities.id
                 WHERE kind = ? AND value = ?",
            )?;
            let mut cut =
                reader.prepare_cached("SELECT EXISTS (SELECT 1 FROM left_out WHERE kind = ?)")?;
            let mut cuts: BTreeMap<&str, bool> = BTreeMap::new();
            let mut answers = Vec::new();
            for (kind, value) in entities.iter().take(MAX_QUESTIONS) {
                let is_cut = match cuts.get(kind) {
                    Some(is_cut) => *is_cut,
                    None => {
                        let is_cut = cut.query_row([kind], |row| row.get(0))?;
                        cuts.insert(kind, is_cut);
                        is_cut
                    }
                };
                answers.push(FirstSeen {
                    first_ms: first.query_row((kind, value), |row| row.get(0))?,
                    is_cut,
                });
            }
            Ok(answers)
        };
        run().attempt("look up first events")
    }

    /// How many entities of a kind were seen on how many days since `from_day`.
    pub fn peers(&self, kind: &str, from_day: i64) -> Result<Peers, Error> {
        let reader = self.database.reader();
        let run = || {
            let mut statement = reader.prepare_cached(
                "SELECT days, count(*) FROM (
                     SELECT count(DISTINCT day) AS days FROM slices JOIN seen ON slice_id = slices.id
                     WHERE kind = ? AND day >= ? GROUP BY entity_id
                 ) GROUP BY days",
            )?;
            let rows = statement.query_map((kind, from_day), |row| {
                let (days, count): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok((days.unsigned_abs(), count.unsigned_abs()))
            })?;
            rows.collect::<rusqlite::Result<_>>()
        };
        let by_days = run().attempt("count entities by their days")?;
        Ok(Peers { by_days })
    }

    /// Entities of a kind whose first event is not before a time, the most frequent first, and how
    /// many there are.
    pub fn newcomers(
        &self,
        kind: &str,
        since_ms: i64,
        limit: usize,
    ) -> Result<(Vec<Newcomer>, u64), Error> {
        const NEW: &str = "
            WITH recent AS (
                SELECT DISTINCT entity_id FROM slices JOIN seen ON slice_id = slices.id
                WHERE kind = ?1 AND day >= ?2
            ), new AS (
                SELECT entity_id, min(first_ms) AS first, sum(count) AS events,
                    group_concat(DISTINCT log_type) AS log_types
                FROM recent JOIN seen USING (entity_id) JOIN slices ON slices.id = slice_id
                GROUP BY entity_id HAVING first >= ?3
            )";
        let day = since_ms.div_euclid(86_400_000);
        let limit = i64::try_from(limit.min(MAX_NEWCOMERS)).unwrap_or(0);
        let reader = self.database.reader();
        let run = || {
            let mut statement = reader.prepare_cached(&format!(
                "{NEW} SELECT value, first, events, log_types, count(*) OVER ()
                 FROM new JOIN entities ON entities.id = entity_id
                 ORDER BY events DESC, value LIMIT ?4"
            ))?;
            let mut total = 0;
            let rows = statement.query_map((kind, day, since_ms, limit), |row| {
                total = row.get::<_, i64>(4)?.unsigned_abs();
                Ok(Newcomer {
                    value: row.get(0)?,
                    first_ms: row.get(1)?,
                    count: row.get::<_, i64>(2)?.unsigned_abs(),
                    log_types: names(row.get(3)?),
                })
            })?;
            let newcomers = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok((newcomers, total))
        };
        run().attempt("list newcomers")
    }

    /// The first day that any entity was seen on, in days since the epoch.
    pub fn covered_from(&self) -> Result<Option<i64>, Error> {
        self.database
            .reader()
            .query_row("SELECT min(day) FROM slices", [], |row| row.get(0))
            .optional()
            .map(Option::flatten)
            .attempt("look up the first day")
    }
}

fn names(list: String) -> Vec<String> {
    let mut names: Vec<String> = list.split(',').map(str::to_owned).collect();
    names.sort();
    names
}
