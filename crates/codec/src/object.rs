//! One object from its first byte to its last record.

use yagura_model::Arena;

use crate::csv::{read_csv, read_rows_under};
use crate::cwl::read_cloudwatch_logs;
use crate::firelens::read_firelens;
use crate::json::{read_json, read_json_piece};
use crate::multiline::read_multiline;
use crate::open::{Capped, Part, for_each_part};
use crate::parquet::{RowLines, read_rows};
use crate::piece::{MAX_SEARCHES, Piece, PieceEnd, PieceForm};
use crate::text::read_text;
use crate::text_buffer::TextBuffer;
use crate::whole::WholeGzip;
use crate::xml::read_xml;
use crate::{Failure, FailureReason, Format, Limits, ObjectBody, ObjectError, Position, Receive};

/// The part of an object to read, in the numbering of split messages.
///
/// For text with a record in each line and for tables split at white space the numbers are line
/// numbers that include the header, for all else they are record numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// First number, from 1.
    pub first: u64,
    /// Last number, inclusive.
    pub last: u64,
}

impl Slice {
    /// The whole object.
    pub const ALL: Slice = Slice {
        first: 0,
        last: u64::MAX,
    };

    pub(crate) fn contains(&self, number: u64) -> bool {
        (self.first..=self.last).contains(&number)
    }
}

/// Whether bytes are a whole object or a single record out of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A whole object.
    Object,
    /// One record as [`crate::RecordText::self_contained`] gives it: without lines to skip, and
    /// without the array that held it.
    Record,
}

/// What reading an object showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Bytes that were no UTF-8 and became U+FFFD.
    pub replaced_bytes: u64,
    /// Decompressed bytes, as UTF-8.
    pub text_bytes: u64,
}

/// What every reader of a format needs: where records go, and within which bounds.
pub(crate) struct Reading<'r> {
    pub(crate) receive: &'r mut dyn Receive,
    pub(crate) slice: Slice,
    pub(crate) limits: Limits,
    pub(crate) arena: Arena,
    /// Records so far.
    pub(crate) number: u64,
    /// How often pieces may be looked for in vain; none are once it is zero.
    pub(crate) searches: u32,
}

impl Reading<'_> {
    /// Whether to go on after the record with this number.
    pub(crate) fn goes_on(&self, number: u64) -> bool {
        number < self.slice.last && self.receive.wants_more()
    }

    /// Lets a record live in the arena, which is emptied behind it.
    pub(crate) fn in_arena(&mut self, receive: impl FnOnce(&mut Self, &Arena)) {
        let mut arena = std::mem::take(&mut self.arena);
        receive(self, &arena);
        arena.reset();
        self.arena = arena;
    }

    pub(crate) fn fail(
        &mut self,
        position: Position,
        reason: FailureReason,
        detail: impl Into<String>,
        raw: &[u8],
    ) {
        self.receive.failed(Failure {
            position,
            reason,
            detail: detail.into(),
            raw,
        });
    }
}

/// Memory that reading objects takes, for one object after the other.
#[derive(Default)]
pub struct Buffers {
    whole: WholeGzip,
    arena: Arena,
}

/// Reads an object and gives every record to `receive`.
///
/// Content that is Parquet is read as Parquet whatever the format says.
pub fn read_object(
    body: Box<dyn ObjectBody>,
    format: &Format,
    extent: Extent,
    slice: Slice,
    limits: &Limits,
    receive: &mut dyn Receive,
) -> Result<ReadSummary, ObjectError> {
    let mut buffers = Buffers::default();
    buffers.read_object(body, format, (extent, slice), limits, receive)
}

impl Buffers {
    /// Does what [`read_object`] does in this memory.
    pub fn read_object(
        &mut self,
        body: Box<dyn ObjectBody>,
        format: &Format,
        (extent, slice): (Extent, Slice),
        limits: &Limits,
        receive: &mut dyn Receive,
    ) -> Result<ReadSummary, ObjectError> {
        let mut reading = Reading {
            receive,
            slice,
            limits: *limits,
            arena: std::mem::take(&mut self.arena),
            number: 0,
            // The records of a slice are counted from the start of the object.
            searches: match (extent, slice) {
                (Extent::Object, Slice::ALL) => MAX_SEARCHES,
                _ => 0,
            },
        };
        let mut summary = ReadSummary::default();
        if extent == Extent::Record {
            // What a record begins with says nothing about archives.
            let mut buffer = TextBuffer::new(Box::new(body));
            read_part(&mut buffer, (format, extent), &mut reading, &mut summary);
            return Ok(summary);
        }
        let visited = for_each_part(body, limits, &mut self.whole, &mut |part| match part {
            Part::Parquet(body) => {
                let lines = Capped::new(RowLines::new(body)?, limits);
                let mut buffer = TextBuffer::new(Box::new(lines));
                read_rows(&mut buffer, &mut reading);
                finish_part(&buffer, &mut reading, &mut summary);
                Ok(())
            }
            Part::Text(reader) => {
                let mut buffer = TextBuffer::new(reader);
                read_part(&mut buffer, (format, extent), &mut reading, &mut summary);
                Ok(())
            }
            Part::Whole(bytes) => {
                let mut buffer = TextBuffer::whole(std::mem::take(bytes));
                read_part(&mut buffer, (format, extent), &mut reading, &mut summary);
                *bytes = buffer.into_bytes();
                Ok(())
            }
        });
        self.arena = reading.arena;
        visited.map(|()| summary)
    }

    /// Reads a piece of an object of this format. Positions in it count records and lines from its
    /// own start, and bytes from the start of the object.
    pub fn read_piece(
        &mut self,
        piece: &Piece,
        format: &Format,
        limits: &Limits,
        receive: &mut dyn Receive,
    ) -> PieceEnd {
        let mut reading = Reading {
            receive,
            slice: Slice::ALL,
            limits: *limits,
            arena: std::mem::take(&mut self.arena),
            number: 0,
            searches: 0,
        };
        let mut buffer = TextBuffer::piece(piece.text.clone(), piece.start.byte_offset);
        let is_sound = match (format, &piece.form) {
            (_, PieceForm::RowLines) => {
                read_rows(&mut buffer, &mut reading);
                true
            }
            (Format::Text { parser, .. }, PieceForm::Lines) => {
                read_text(&mut buffer, 0, parser.as_ref(), &mut reading);
                true
            }
            (Format::Csv(table), PieceForm::Rows(header)) => {
                read_rows_under(&mut buffer, table, header, &mut reading);
                true
            }
            (
                Format::Json {
                    delimiter,
                    keeps_others,
                },
                form,
            ) => {
                let form_of_records = (delimiter.as_deref(), *keeps_others);
                read_json_piece(&mut buffer, form, form_of_records, &mut reading)
            }
            (Format::CloudWatchLogs(format), PieceForm::Values) => {
                read_cloudwatch_logs(&mut buffer, format, &mut reading)
            }
            _ => false,
        };
        self.arena = reading.arena;
        PieceEnd {
            records: reading.number,
            lines: buffer.line() - 1,
            is_sound,
        }
    }
}

fn read_part(
    buffer: &mut TextBuffer<'_>,
    (format, extent): (&Format, Extent),
    reading: &mut Reading<'_>,
    summary: &mut ReadSummary,
) {
    match format {
        Format::Text {
            header_lines,
            parser,
        } => {
            let header_lines = match extent {
                Extent::Object => *header_lines,
                Extent::Record => 0,
            };
            read_text(buffer, header_lines, parser.as_ref(), reading);
        }
        Format::Multiline { first_line, parser } => {
            read_multiline(buffer, first_line, parser.as_ref(), reading);
        }
        Format::Json {
            delimiter,
            keeps_others,
        } => {
            let delimiter = match extent {
                Extent::Object => delimiter.as_deref(),
                Extent::Record => None,
            };
            read_json(buffer, delimiter, *keeps_others, reading);
        }
        Format::Csv(table) => read_csv(buffer, table, extent, reading),
        Format::Xml { start, parser } => read_xml(buffer, start, parser.as_ref(), reading),
        Format::CloudWatchLogs(format) => {
            read_cloudwatch_logs(buffer, format, reading);
        }
        Format::FireLens(format) => read_firelens(buffer, format, reading),
    }
    finish_part(buffer, reading, summary);
}

/// Tells what reading a part showed, and what was wrong with its data if it ended early.
fn finish_part(buffer: &TextBuffer<'_>, reading: &mut Reading<'_>, summary: &mut ReadSummary) {
    if let Some(damage) = buffer.damage() {
        let position = Position {
            number: reading.number + 1,
            line: buffer.line(),
            byte_offset: buffer.byte_offset(),
        };
        let detail = format!("the data ends early: {damage}");
        let raw = buffer.raw_bytes(buffer.pending().len());
        reading.fail(position, FailureReason::DamagedData, detail, &raw);
    }
    summary.replaced_bytes += buffer.replaced_bytes();
    summary.text_bytes += buffer.byte_offset();
}
