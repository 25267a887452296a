//! Counts of values by day and log type over one partition: what roll-ups are made of.
//!
//! The counts are read from the columns of the live documents, so a document that replaced another
//! counts once, and counting a partition again gives the same numbers.

use hashbrown::HashMap;
use tantivy::columnar::StrColumn;
use tantivy::{Searcher, SegmentReader};
use yagura_store::StoreError;

use crate::columns::{FieldColumn, open};
use crate::ip;
use crate::partition::{Partition, failed, segment_state};
use crate::schema::TIMESTAMP_COLUMN;

const LOG_TYPE: &str = "@log_type";
const DAY_MS: i64 = 86_400_000;
/// Longest value that is counted, in bytes.
const MAX_VALUE_BYTES: usize = 2048;
/// Most different log types of a partition.
const MAX_LOG_TYPES: u32 = 1000;
/// The number of a value that is not counted.
const LEFT_OUT: u32 = u32::MAX;

/// A partition as it was after a commit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Piece {
    /// Index name as users know it.
    pub index: String,
    /// Stretch of time: `2026-11-21`, `2026-11` or `all`.
    pub label: String,
    /// Another number whenever the partition's files hold other documents; merging changes it too.
    pub version: u64,
}

/// What a partition holds of some fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceTally {
    /// The version that was counted.
    pub version: u64,
    /// One for each group of fields, in their order.
    pub groups: Vec<GroupTally>,
}

/// The values of a group of fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupTally {
    /// Counts, in no particular order.
    pub rows: Vec<TallyRow>,
    /// Different values beyond the limit, which are not among the rows; one that is in several
    /// segments is counted in each.
    pub left_out: u64,
}

/// How many documents of a day and log type have a value in one of the group's fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyRow {
    /// Days since the epoch, UTC.
    pub day: i64,
    /// Value of `@log_type`; empty if the documents have none.
    pub log_type: String,
    /// Value, addresses in their usual spelling.
    pub value: String,
    /// Documents.
    pub count: u64,
    /// First `@timestamp`, in milliseconds since the epoch.
    pub first_ms: i64,
    /// Last `@timestamp`, in milliseconds since the epoch.
    pub last_ms: i64,
}

/// The version of what a searcher sees.
pub(crate) fn version(searcher: &Searcher) -> u64 {
    let mut segments: Vec<String> = searcher
        .segment_readers()
        .iter()
        .map(segment_state)
        .collect();
    segments.sort();
    crate::document::id_hash(&segments.join("\n"))
}

/// Counts the values of groups of fields; at most `most` different values are kept of each.
pub(crate) fn tally(
    partition: &Partition,
    groups: &[Vec<String>],
    most: usize,
) -> Result<PieceTally, StoreError> {
    let searcher = partition.searcher()?;
    let mut log_types = Names::new(MAX_LOG_TYPES as usize);
    let mut counting: Vec<Group> = groups.iter().map(|_| Group::new(most)).collect();
    for segment in searcher.segment_readers() {
        count_segment(segment, groups, &mut log_types, &mut counting)?;
    }
    Ok(PieceTally {
        version: version(&searcher),
        groups: counting
            .into_iter()
            .map(|group| group.finish(&log_types))
            .collect(),
    })
}

/// Texts numbered in the order they came, up to a limit.
struct Names {
    numbers: HashMap<String, u32>,
    most: usize,
    left_out: u64,
}

impl Names {
    fn new(most: usize) -> Self {
        Self {
            numbers: HashMap::new(),
            most,
            left_out: 0,
        }
    }

    fn number(&mut self, term: &[u8]) -> u32 {
        let Ok(term) = std::str::from_utf8(term) else {
            return LEFT_OUT;
        };
        if let Some(number) = self.numbers.get(term) {
            return *number;
        }
        if term.is_empty() || term.len() > MAX_VALUE_BYTES {
            return LEFT_OUT;
        }
        if self.numbers.len() >= self.most {
            self.left_out += 1;
            return LEFT_OUT;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(term.to_owned(), number);
        number
    }

    /// The number of each entry of a column's dictionary.
    fn number_all(&mut self, column: &StrColumn) -> Result<Vec<u32>, StoreError> {
        let mut numbers = Vec::with_capacity(column.num_terms());
        let mut terms = column.dictionary().stream().map_err(failed)?;
        while terms.advance() {
            numbers.push(self.number(terms.key()));
        }
        Ok(numbers)
    }
}

/// A day and a log type.
type Slot = (i64, u32);

struct Group {
    values: Names,
    cells: HashMap<(Slot, u32), Cell>,
}

struct Cell {
    count: u64,
    first_ms: i64,
    last_ms: i64,
}

impl Group {
    fn new(most: usize) -> Self {
        Self {
            values: Names::new(most),
            cells: HashMap::new(),
        }
    }

    fn finish(self, log_types: &Names) -> GroupTally {
        let mut names = vec![""; self.values.numbers.len()];
        let mut log_type_names = vec![""; log_types.numbers.len()];
        for (numbers, names) in [
            (&self.values.numbers, &mut names),
            (&log_types.numbers, &mut log_type_names),
        ] {
            for (name, number) in numbers {
                if let Some(slot) = names.get_mut(*number as usize) {
                    *slot = name;
                }
            }
        }
        let name = |names: &[&str], number: u32| -> String {
            ip::display(names.get(number as usize).copied().unwrap_or_default())
        };
        let rows = self.cells.iter().map(|((slot, value), cell)| TallyRow {
            day: slot.0,
            log_type: name(&log_type_names, slot.1),
            value: name(&names, *value),
            count: cell.count,
            first_ms: cell.first_ms,
            last_ms: cell.last_ms,
        });
        GroupTally {
            rows: rows.collect(),
            left_out: self.values.left_out,
        }
    }
}

/// A column of text with the numbers of its values.
struct Numbered {
    column: StrColumn,
    numbers: Vec<u32>,
}

impl Numbered {
    fn all(
        segment: &SegmentReader,
        path: &str,
        names: &mut Names,
    ) -> Result<Vec<Self>, StoreError> {
        let columns = open(segment, path)?.into_iter();
        let texts = columns.filter_map(|column| match column {
            FieldColumn::Str(column) => Some(column),
            _ => None,
        });
        texts
            .map(|column| {
                let numbers = names.number_all(&column)?;
                Ok(Self { column, numbers })
            })
            .collect()
    }

    fn values_of(&self, doc: u32) -> impl Iterator<Item = u32> {
        let ordinals = self.column.ords().values_for_doc(doc);
        ordinals.filter_map(|ordinal| {
            let number = self.numbers.get(ordinal as usize).copied();
            number.filter(|number| *number != LEFT_OUT)
        })
    }
}

fn count_segment(
    segment: &SegmentReader,
    groups: &[Vec<String>],
    log_types: &mut Names,
    counting: &mut [Group],
) -> Result<(), StoreError> {
    let times = segment
        .fast_fields()
        .i64(TIMESTAMP_COLUMN)
        .map_err(failed)?;
    let log_type_columns = Numbered::all(segment, LOG_TYPE, log_types)?;
    let slots: Vec<(u32, i64, Slot)> = segment
        .doc_ids_alive()
        .map(|doc| {
            let time = times.first(doc).unwrap_or_default();
            let mut names = log_type_columns
                .iter()
                .flat_map(|column| column.values_of(doc));
            (
                doc,
                time,
                (time.div_euclid(DAY_MS), names.next().unwrap_or(LEFT_OUT)),
            )
        })
        .collect();
    let mut seen: Vec<u32> = Vec::new();
    for (fields, group) in groups.iter().zip(counting) {
        let mut columns = Vec::new();
        for field in fields {
            columns.extend(Numbered::all(segment, field, &mut group.values)?);
        }
        if columns.is_empty() {
            continue;
        }
        for (doc, time, slot) in &slots {
            seen.clear();
            for value in columns.iter().flat_map(|column| column.values_of(*doc)) {
                // An event that names a value twice is one event.
                if !seen.contains(&value) {
                    seen.push(value);
                }
            }
            for value in &seen {
                let cell = group.cells.entry((*slot, *value)).or_insert(Cell {
                    count: 0,
                    first_ms: *time,
                    last_ms: *time,
                });
                cell.count += 1;
                cell.first_ms = cell.first_ms.min(*time);
                cell.last_ms = cell.last_ms.max(*time);
            }
        }
    }
    Ok(())
}
