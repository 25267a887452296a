//! The values of one column, batch by batch.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type, Int96Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::RowGroupReader;
use parquet::record::Field as LibraryField;
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};
use yagura_model::{Buffer, LastDay, Timestamp, push_python_float};

use super::chunks::{Allowance, Pages};

/// A column of a row group, and the place in it that is looked at.
pub(super) struct Column {
    values: Values,
    descriptor: ColumnDescPtr,
    max_definition: i16,
    max_repetition: i16,
    form: Form,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    allowance: Allowance,
    values_read: usize,
    /// The place among values and nulls.
    level: usize,
    /// The place among values.
    value: usize,
    rows_passed: usize,
    last_day: LastDay,
}

/// How the values of a column are written.
enum Form {
    /// As what they are.
    Plain,
    /// As numbers without a sign.
    Unsigned,
    Instant {
        unit: TimeUnit,
        /// The instant is known; otherwise it is a local time of nobody knows where.
        is_utc: bool,
    },
    /// As the text that the library makes of them.
    Text,
    Float16,
}

impl Form {
    fn of(column: &ColumnDescriptor) -> Form {
        match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Timestamp(timestamp)), _) => Form::Instant {
                unit: timestamp.unit,
                is_utc: timestamp.is_adjusted_to_u_t_c,
            },
            (Some(LogicalType::Float16), _) if column.type_length() == 2 => Form::Float16,
            (_, ConvertedType::TIMESTAMP_MILLIS) => Form::Instant {
                unit: TimeUnit::MILLIS,
                is_utc: true,
            },
            (_, ConvertedType::TIMESTAMP_MICROS) => Form::Instant {
                unit: TimeUnit::MICROS,
                is_utc: true,
            },
            (
                _,
                ConvertedType::DATE
                | ConvertedType::TIME_MILLIS
                | ConvertedType::TIME_MICROS
                | ConvertedType::DECIMAL,
            ) => Form::Text,
            (
                _,
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
            ) => Form::Unsigned,
            _ => Form::Plain,
        }
    }
}

/// Values of a physical type.
struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    values: Vec<T::T>,
}

impl<T: DataType> Typed<T> {
    fn new(reader: ColumnReaderImpl<T>) -> Self {
        Typed {
            reader,
            values: Vec::new(),
        }
    }

    /// Reads the values of so many rows, and tells how many there are.
    fn read(&mut self, rows: usize, levels: [&mut Vec<i16>; 2]) -> Result<usize> {
        self.values.clear();
        let [definitions, repetitions] = levels;
        let (definitions, repetitions) = (Some(definitions), Some(repetitions));
        self.reader
            .read_records(rows, definitions, repetitions, &mut self.values)?;
        Ok(self.values.len())
    }
}

enum Values {
    Bool(Typed<BoolType>),
    Int32(Typed<Int32Type>),
    Int64(Typed<Int64Type>),
    Int96(Typed<Int96Type>),
    Float(Typed<FloatType>),
    Double(Typed<DoubleType>),
    Bytes(Typed<ByteArrayType>),
    Fixed(Typed<FixedLenByteArrayType>),
}

impl Values {
    fn new(reader: ColumnReader) -> Self {
        match reader {
            ColumnReader::BoolColumnReader(reader) => Values::Bool(Typed::new(reader)),
            ColumnReader::Int32ColumnReader(reader) => Values::Int32(Typed::new(reader)),
            ColumnReader::Int64ColumnReader(reader) => Values::Int64(Typed::new(reader)),
            ColumnReader::Int96ColumnReader(reader) => Values::Int96(Typed::new(reader)),
            ColumnReader::FloatColumnReader(reader) => Values::Float(Typed::new(reader)),
            ColumnReader::DoubleColumnReader(reader) => Values::Double(Typed::new(reader)),
            ColumnReader::ByteArrayColumnReader(reader) => Values::Bytes(Typed::new(reader)),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                Values::Fixed(Typed::new(reader))
            }
        }
    }

    fn read(&mut self, rows: usize, levels: [&mut Vec<i16>; 2]) -> Result<usize> {
        match self {
            Values::Bool(typed) => typed.read(rows, levels),
            Values::Int32(typed) => typed.read(rows, levels),
            Values::Int64(typed) => typed.read(rows, levels),
            Values::Int96(typed) => typed.read(rows, levels),
            Values::Float(typed) => typed.read(rows, levels),
            Values::Double(typed) => typed.read(rows, levels),
            Values::Bytes(typed) => typed.read(rows, levels),
            Values::Fixed(typed) => typed.read(rows, levels),
        }
    }
}

impl Column {
    pub(super) fn new(group: &dyn RowGroupReader, at: usize) -> Result<Self> {
        let descriptor = group.metadata().column(at).column_descr_ptr();
        let allowance = Allowance::new();
        let pages = Pages {
            pages: group.get_column_page_reader(at)?,
            allowance: allowance.clone(),
        };
        let reader = get_column_reader(descriptor.clone(), Box::new(pages));
        Ok(Column {
            values: Values::new(reader),
            max_definition: descriptor.max_def_level(),
            max_repetition: descriptor.max_rep_level(),
            form: Form::of(&descriptor),
            descriptor,
            definitions: Vec::new(),
            repetitions: Vec::new(),
            allowance,
            values_read: 0,
            level: 0,
            value: 0,
            rows_passed: 0,
            last_day: LastDay::default(),
        })
    }

    /// Reads so many rows, or as many as there are.
    pub(super) fn read(&mut self, rows: usize) -> Result<()> {
        self.definitions.clear();
        self.repetitions.clear();
        (self.level, self.value, self.rows_passed) = (0, 0, 0);
        self.allowance.renew();
        let levels = [&mut self.definitions, &mut self.repetitions];
        self.values_read = self.values.read(rows, levels)?;
        let there = |level: &&i16| **level == self.max_definition;
        let are_missing = self.max_definition > 0
            && self.definitions.iter().filter(there).count() != self.values_read;
        if are_missing {
            return Err(ParquetError::General("values are missing".to_owned()));
        }
        Ok(())
    }

    /// Values and nulls of the batch.
    pub(super) fn levels(&self) -> usize {
        self.definitions.len().max(self.values_read)
    }

    /// Rows of the batch.
    pub(super) fn rows_read(&self) -> usize {
        match self.max_repetition {
            0 => self.levels(),
            _ => self.repetitions.iter().filter(|level| **level == 0).count(),
        }
    }

    /// The definition level of what is looked at: how much of what is around it is there. Behind
    /// the last row nothing is.
    pub(super) fn definition(&self) -> i16 {
        let level = self.definitions.get(self.level);
        level.copied().unwrap_or_default()
    }

    /// The repetition level of what is looked at: which list goes on with it; zero with a new row
    /// and behind the last.
    pub(super) fn repetition(&self) -> i16 {
        let level = self.repetitions.get(self.level);
        level.copied().unwrap_or_default()
    }

    /// Rows of the batch that were passed.
    pub(super) fn rows_passed(&self) -> usize {
        self.rows_passed
    }

    /// Passes the value or the null that is looked at.
    pub(super) fn pass(&mut self) {
        if self.definition() == self.max_definition {
            self.value += 1;
        }
        self.level += 1;
        if self.repetition() == 0 {
            self.rows_passed += 1;
        }
    }

    /// Writes the value that is looked at as JSON, and passes it.
    pub(super) fn write(&mut self, out: &mut Buffer) {
        self.write_value(out);
        self.pass();
    }

    fn write_value(&mut self, out: &mut Buffer) {
        let (at, column) = (self.value, &self.descriptor);
        match &self.values {
            Values::Bool(typed) if typed.values[at] => out.push_all(b"true"),
            Values::Bool(_) => out.push_all(b"false"),
            Values::Int32(typed) => match (typed.values[at], &self.form) {
                (value, Form::Unsigned) => push_number(value as u32, out),
                (value, Form::Text) => push_text(LibraryField::convert_int32(column, value), out),
                (value, _) => push_number(value, out),
            },
            Values::Int64(typed) => match (typed.values[at], &self.form) {
                (value, Form::Unsigned) => push_number(value as u64, out),
                (value, Form::Text) => push_text(LibraryField::convert_int64(column, value), out),
                (value, Form::Instant { unit, is_utc }) => {
                    let micros = match unit {
                        TimeUnit::MILLIS => value.saturating_mul(1000),
                        TimeUnit::MICROS => value,
                        TimeUnit::NANOS => value.div_euclid(1000),
                    };
                    push_instant(micros, *is_utc, &mut self.last_day, out);
                }
                (value, _) => push_number(value, out),
            },
            Values::Int96(typed) => {
                let micros = typed.values[at].to_micros();
                push_instant(micros, false, &mut self.last_day, out);
            }
            Values::Float(typed) => match typed.values[at] {
                value if value.is_finite() => out.push(value.to_string().as_bytes()),
                _ => out.push_all(b"null"),
            },
            Values::Double(typed) => push_double(typed.values[at], out),
            Values::Bytes(typed) => match (&typed.values[at], &self.form) {
                (value, Form::Text) => push_made(column, value.clone(), out),
                (value, _) => push_bytes(value.data(), out),
            },
            Values::Fixed(typed) => match (&typed.values[at], &self.form) {
                (value, Form::Text | Form::Float16) => push_made(column, value.clone().into(), out),
                (value, _) => push_bytes(value.data(), out),
            },
        }
    }
}

/// Writes a string. What is no UTF-8 in it is replaced where all text is looked at.
fn push_bytes(bytes: &[u8], out: &mut Buffer) {
    out.push_all(b"\"");
    out.push_escaped(bytes);
    out.push_all(b"\"");
}

fn push_number(number: impl itoa::Integer, out: &mut Buffer) {
    out.push(itoa::Buffer::new().format(number).as_bytes());
}

fn push_double(number: f64, out: &mut Buffer) {
    if !number.is_finite() {
        return out.push_all(b"null");
    }
    let mut text = Vec::new();
    push_python_float(number, &mut text);
    out.push(&text);
}

/// Writes what the library makes of bytes.
fn push_made(column: &ColumnDescPtr, bytes: ByteArray, out: &mut Buffer) {
    match LibraryField::convert_byte_array(column, bytes) {
        Ok(LibraryField::Float16(number)) => push_double(number.into(), out),
        Ok(field) => push_text(field, out),
        Err(_) => out.push_all(b"null"),
    }
}

fn push_text(field: LibraryField, out: &mut Buffer) {
    out.push_string(&field.to_string());
}

/// ISO 8601; a local time has no offset.
fn push_instant(micros: i64, is_utc: bool, last_day: &mut LastDay, out: &mut Buffer) {
    let Some(instant) = Timestamp::from_micros(micros, 0) else {
        return out.push_all(b"null");
    };
    let text = instant.iso8601_after(last_day);
    let text = text.as_str();
    let shown = match text.strip_suffix("+00:00") {
        Some(local) if !is_utc => local,
        _ => text,
    };
    out.push_string(shown);
}
