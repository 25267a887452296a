//! The stretch of time a query cannot match outside of, so that whole partitions are skipped.

use yagura_store::Query;
use yagura_store::query::Bound;

use super::compile::{date_bound, zone_of};
use crate::routes::TIMESTAMP;

/// First millisecond and the one after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeBounds {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl TimeBounds {
    const ALL: Self = Self {
        from: i64::MIN,
        until: i64::MAX,
    };

    /// The bounds of a query; what cannot be read bounds nothing and is complained about elsewhere.
    pub(crate) fn of(query: &Query, now_ms: i64) -> Self {
        match query {
            Query::Range {
                field,
                lower,
                upper,
                time_zone,
            } if field == TIMESTAMP => {
                let Ok(zone) = zone_of(time_zone.as_deref()) else {
                    return Self::ALL;
                };
                let end = |bound: &Bound, is_lower| {
                    date_bound(bound, is_lower, now_ms, &zone).ok().flatten()
                };
                Self {
                    from: end(lower, true).unwrap_or(i64::MIN),
                    until: end(upper, false).map_or(i64::MAX, |last| last.saturating_add(1)),
                }
            }
            Query::Bool(query) => {
                let mut bounds = Self::ALL;
                for clause in query.must.iter().chain(&query.filter) {
                    let inner = Self::of(clause, now_ms);
                    bounds.from = bounds.from.max(inner.from);
                    bounds.until = bounds.until.min(inner.until);
                }
                bounds
            }
            _ => Self::ALL,
        }
    }

    /// Whether a stretch of time can hold anything the query matches.
    pub(crate) fn overlaps(&self, range: Option<(i64, i64)>) -> bool {
        range.is_none_or(|(from, until)| from < self.until && self.from < until)
    }
}
