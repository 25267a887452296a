//! Ordinary records of text logs, to compare tokenisers with patterns.

mod databases;
mod web;

use crate::rng::Rng;

/// Makes one record, without the line feed at its end.
pub type MakeRecord = fn(&mut Rng) -> String;

/// One maker for each kind of log.
pub fn all() -> impl Iterator<Item = MakeRecord> {
    databases::ALL.iter().chain(web::ALL).copied()
}
