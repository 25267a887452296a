//! Reads the address tables of the SQLite databases: opening, and the split into 48, 48 and 32 bits.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};

/// The most rows that are read of a table.
pub(crate) const MAX_ROWS: usize = 50_000_000;

/// The columns that hold a range, in the order [`range`] reads them.
pub(crate) const RANGE_COLUMNS: &str = "v6_network1_start, v6_network1_end, v6_network2_start, \
                                        v6_network2_end, network_start, network_end";

/// The version of IP of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

/// First and last address of a row's range as numbers; `first` is the index of its first column.
pub(crate) fn range(row: &Row<'_>, first: usize, family: Family) -> Option<(u128, u128)> {
    let part = |offset: usize, bits: u32| -> Option<u128> {
        let ValueRef::Integer(number) = row.get_ref(first + offset).ok()? else {
            return None;
        };
        u128::try_from(number).ok().filter(|part| part >> bits == 0)
    };
    let (start, end) = match family {
        Family::V4 => (part(4, 32)?, part(5, 32)?),
        Family::V6 => (
            part(0, 48)? << 80 | part(2, 48)? << 32 | part(4, 32)?,
            part(1, 48)? << 80 | part(3, 48)? << 32 | part(5, 32)?,
        ),
    };
    (start <= end).then_some((start, end))
}
