//! The rows of a file as lines of JSON.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{FileReader, SerializedFileReader};
use yagura_model::Buffer;

use super::chunks::{Chunks, MAX_LEVELS, too_many};
use super::column::Column;
use super::schema::{Field, Levels, Member, Shape, members_of_rows};
use crate::{ObjectBody, ObjectError};

/// Rows that are read of one column before the next: what they hold fits into the processor's cache.
const BATCH_ROWS: usize = 128;

/// Bytes of text that are made ready at a time.
const TEXT_BYTES: usize = 1 << 16;

/// Lists that make a row longer are cut off: it is longer than a record may be, and fails as such.
/// A file of some bytes can hold the same long text a million times.
const MAX_ROW_BYTES: usize = 1 << 25;

/// Gives the rows of a Parquet file as lines of JSON, in the order of the columns; members of a row
/// that are null are left out.
pub(crate) struct RowLines {
    reader: SerializedFileReader<Chunks>,
    members: Vec<Member>,
    /// The row group that is read next.
    next_group: usize,
    columns: Vec<Column>,
    /// Rows of the row group that were not read.
    left: usize,
    batch: Batch,
    /// Rows that lie behind.
    passed: usize,
    text: Buffer,
    /// Bytes of the text that are whole rows.
    whole: usize,
    /// Bytes of the text that were given away.
    given: usize,
    damage: Option<Damage>,
}

/// Rows of which the columns are read.
#[derive(Default)]
struct Batch {
    rows: usize,
    /// Rows of it that were written.
    written: usize,
    /// There should have been more.
    is_short: bool,
}

/// What could not be read.
struct Damage {
    /// The first rows, and why.
    first: String,
    /// How many more.
    more: usize,
}

impl RowLines {
    /// Opens a file.
    pub(crate) fn new(body: Box<dyn ObjectBody>) -> std::result::Result<Self, ObjectError> {
        let chunks = Chunks::new(body)?;
        let opened = guarded(|| {
            let reader = SerializedFileReader::new(chunks)?;
            let members = members_of_rows(reader.metadata().file_metadata().schema())?;
            Ok((reader, members))
        });
        let (reader, members) = opened.map_err(|detail| ObjectError::Archive {
            format: "Parquet",
            detail,
        })?;
        Ok(RowLines {
            reader,
            members,
            next_group: 0,
            columns: Vec::new(),
            left: 0,
            batch: Batch::default(),
            passed: 0,
            text: Buffer::default(),
            whole: 0,
            given: 0,
            damage: None,
        })
    }

    /// Writes rows until there is some text.
    fn write_rows(&mut self) -> Result<()> {
        while self.text.len() < TEXT_BYTES {
            if self.batch.written == self.batch.rows && !self.read_batch()? {
                return Ok(());
            }
            self.write_row()?;
        }
        Ok(())
    }

    /// Reads the next rows; false if there are none.
    fn read_batch(&mut self) -> Result<bool> {
        if self.batch.is_short {
            return Err(ParquetError::General("a column ends early".to_owned()));
        }
        while self.left == 0 {
            if self.next_group == self.reader.num_row_groups() {
                return Ok(false);
            }
            self.open_group()?;
        }
        let wanted = self.left.min(BATCH_ROWS);
        let (mut rows, mut levels) = (wanted, 0);
        for column in &mut self.columns {
            column.read(wanted)?;
            rows = rows.min(column.rows_read());
            levels += column.levels();
            if levels > MAX_LEVELS {
                return Err(too_many());
            }
        }
        self.left -= rows;
        self.batch = Batch {
            rows,
            written: 0,
            is_short: rows < wanted,
        };
        Ok(rows > 0 || self.read_batch()?)
    }

    fn open_group(&mut self) -> Result<()> {
        let number = self.next_group;
        self.next_group += 1;
        let rows = self.reader.metadata().row_group(number).num_rows();
        self.left = rows.try_into().unwrap_or_default();
        let group = self.reader.get_row_group(number)?;
        let columns = (0..group.num_columns()).map(|at| Column::new(&*group, at));
        self.columns = columns.collect::<Result<_>>()?;
        let expected = self.members.last().map_or(0, |last| last.field.columns.end);
        if self.columns.len() != expected {
            return Err(ParquetError::General("columns are missing".to_owned()));
        }
        Ok(())
    }

    /// Gives up the rest of the row group; the next one begins with pages of its own.
    fn lose_group(&mut self, why: &str) {
        let lost = self.batch.rows - self.batch.written + self.left;
        let (first, last) = (self.passed + 1, self.passed + lost);
        match &mut self.damage {
            Some(damage) => damage.more += lost,
            none => {
                let first = format!("rows {first} to {last} cannot be read: {why}");
                *none = Some(Damage { first, more: 0 });
            }
        }
        self.passed = last;
        self.left = 0;
        self.batch = Batch::default();
        self.columns.clear();
        self.text.truncate(self.whole);
    }

    fn has_more(&self) -> bool {
        let is_open = self.batch.written < self.batch.rows || self.left > 0;
        is_open || self.next_group < self.reader.num_row_groups()
    }

    fn write_row(&mut self) -> Result<()> {
        let columns = &mut self.columns;
        self.text.push_all(b"{");
        let empty = self.text.len();
        for Member { opening, field } in &self.members {
            if !field.is_there(columns) {
                field.pass(columns);
                continue;
            }
            if self.text.len() > empty {
                self.text.push_all(b",");
            }
            self.text.push(opening);
            field.write(columns, &mut self.text);
        }
        self.text.push_all(b"}\n");
        let passed = self.batch.written + 1;
        if columns.iter().any(|column| column.rows_passed() != passed) {
            let message = "its columns do not fit together";
            return Err(ParquetError::General(message.to_owned()));
        }
        self.batch.written = passed;
        self.passed += 1;
        self.whole = self.text.len();
        Ok(())
    }
}

impl Field {
    fn is_there(&self, columns: &[Column]) -> bool {
        columns[self.columns.start].definition() >= self.definition
    }

    /// Passes what is null in all columns.
    fn pass(&self, columns: &mut [Column]) {
        columns[self.columns.clone()]
            .iter_mut()
            .for_each(Column::pass);
    }

    fn write(&self, columns: &mut [Column], out: &mut Buffer) {
        if !self.is_there(columns) {
            out.push_all(b"null");
            return self.pass(columns);
        }
        match &self.shape {
            Shape::Column => columns[self.columns.start].write(out),
            Shape::Group(members) => {
                out.push_all(b"{");
                for (at, Member { opening, field }) in members.iter().enumerate() {
                    if at > 0 {
                        out.push_all(b",");
                    }
                    out.push(opening);
                    field.write(columns, out);
                }
                out.push_all(b"}");
            }
            Shape::List(element, levels) => {
                self.write_list(*levels, columns, out, |columns, out| {
                    element.write(columns, out);
                });
            }
            Shape::Map(pair, levels) => {
                let [key, value] = &**pair;
                self.write_list(*levels, columns, out, |columns, out| {
                    out.push_all(b"[");
                    key.write(columns, out);
                    out.push_all(b",");
                    value.write(columns, out);
                    out.push_all(b"]");
                });
            }
        }
    }

    fn write_list(
        &self,
        levels: Levels,
        columns: &mut [Column],
        out: &mut Buffer,
        write: impl Fn(&mut [Column], &mut Buffer),
    ) {
        let first = self.columns.start;
        out.push_all(b"[");
        if columns[first].definition() < levels.definition {
            self.pass(columns);
        } else {
            write(columns, out);
            while columns[first].repetition() >= levels.repetition {
                out.truncate(TEXT_BYTES + MAX_ROW_BYTES);
                out.push_all(b",");
                write(columns, out);
            }
        }
        out.push_all(b"]");
    }
}

impl Read for RowLines {
    /// Gives all rows that can be read, and then an error if there were others.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given == self.whole {
            self.text.clear();
            (self.given, self.whole) = (0, 0);
            while self.whole == 0 && self.has_more() {
                if let Err(why) = guarded(|| self.write_rows()) {
                    self.lose_group(&why);
                }
            }
        }
        let text = &self.text.as_bytes()[self.given..self.whole];
        match (&self.damage, text.len().min(into.len())) {
            (Some(Damage { first, more: 0 }), 0) => Err(io::Error::other(first.as_str())),
            (Some(Damage { first, more }), 0) => {
                let all = format!("{first}; {more} other rows cannot be read either");
                Err(io::Error::other(all))
            }
            (_, length) => {
                into[..length].copy_from_slice(&text[..length]);
                self.given += length;
                Ok(length)
            }
        }
    }
}

/// Runs what reads the file: the library panics on some that are damaged.
fn guarded<T>(read: impl FnOnce() -> Result<T>) -> std::result::Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| error.to_string()),
        Err(_) => Err("the file is damaged".to_owned()),
    }
}
