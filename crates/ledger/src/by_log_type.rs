//! Sums over objects and dead letters by log type.

use std::collections::BTreeMap;

use crate::Ledger;
use yagura_database::Attempt;

use crate::Error;
use crate::object::loaded;

/// What was read of a log type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogTypeTotals {
    /// The number of objects.
    pub objects: u64,
    /// The number of objects that could not be read to their end.
    pub failed_objects: u64,
    /// The number of bytes as stored.
    pub size_bytes: u64,
    /// The same for objects whose loading ended at or after the time asked for.
    pub recent_size_bytes: u64,
    /// The number of records read.
    pub read: u64,
    /// The number of documents.
    pub documents: u64,
    /// The number of excluded records.
    pub excluded: u64,
    /// The number of failed records.
    pub failed: u64,
    /// The number of dead letters there are.
    pub dead_letters: u64,
    /// When the loading of the last object ended.
    pub last_finished_ms: i64,
}

impl Ledger {
    /// Sums by log type; objects that lead to none are under the empty name.
    pub fn totals_by_log_type(
        &self,
        recent_since_ms: i64,
    ) -> Result<BTreeMap<String, LogTypeTotals>, Error> {
        let reader = self.database.reader();
        let run = || {
            let mut totals: BTreeMap<String, LogTypeTotals> = BTreeMap::new();
            let mut objects = reader.prepare_cached(
                "SELECT log_type, count(*), sum(status = 'failed'), sum(size_bytes),
                     sum(iif(finished_ms >= ?, size_bytes, 0)), sum(read), sum(documents),
                     sum(excluded), sum(failed), max(finished_ms)
                 FROM objects GROUP BY log_type",
            )?;
            let mut rows = objects.query([recent_since_ms])?;
            while let Some(row) = rows.next()? {
                let number = |at: usize| row.get(at).map(loaded);
                let sums = LogTypeTotals {
                    objects: number(1)?,
                    failed_objects: number(2)?,
                    size_bytes: number(3)?,
                    recent_size_bytes: number(4)?,
                    read: number(5)?,
                    documents: number(6)?,
                    excluded: number(7)?,
                    failed: number(8)?,
                    dead_letters: 0,
                    last_finished_ms: row.get(9)?,
                };
                totals.insert(row.get(0)?, sums);
            }
            let mut letters = reader
                .prepare_cached("SELECT log_type, count(*) FROM dead_letters GROUP BY log_type")?;
            let mut rows = letters.query([])?;
            while let Some(row) = rows.next()? {
                totals.entry(row.get(0)?).or_default().dead_letters = loaded(row.get(1)?);
            }
            Ok(totals)
        };
        run().attempt("sum up log types").map_err(Error::from)
    }
}
