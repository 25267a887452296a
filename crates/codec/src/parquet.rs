//! Parquet files: one record a row, read row group by row group.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bumpalo::collections::Vec as ArenaVec;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::record::{Field, Row};
use yagura_model::{Arena, Object, Timestamp, Value, push_compact_json};

use crate::json::text_in;
use crate::object::Reading;
use crate::{FailureReason, ObjectBody, ObjectError, Position, Record, RecordText};

/// A seekable body as Parquet's reader wants it: readable from any place, by several at once.
struct Chunks {
    body: Arc<Mutex<Box<dyn ObjectBody>>>,
    length: u64,
}

/// Reads the body from one place on.
struct ChunkRead {
    body: Arc<Mutex<Box<dyn ObjectBody>>>,
    at: u64,
}

fn lock(body: &Mutex<Box<dyn ObjectBody>>) -> MutexGuard<'_, Box<dyn ObjectBody>> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Read for ChunkRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut body = lock(&self.body);
        body.seek(SeekFrom::Start(self.at))?;
        let count = body.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Chunks {
    type T = ChunkRead;

    fn get_read(&self, start: u64) -> Result<ChunkRead, ParquetError> {
        Ok(ChunkRead {
            body: Arc::clone(&self.body),
            at: start,
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes, ParquetError> {
        if start.saturating_add(length as u64) > self.length {
            let message = format!("{length} bytes at {start} are behind the end of the file");
            return Err(ParquetError::EOF(message));
        }
        let mut bytes = vec![0; length];
        let mut body = lock(&self.body);
        body.seek(SeekFrom::Start(start))?;
        body.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

pub(crate) fn read_parquet(
    mut body: Box<dyn ObjectBody>,
    reading: &mut Reading<'_>,
) -> Result<(), ObjectError> {
    let damaged = |error: ParquetError| ObjectError::Archive {
        format: "Parquet",
        detail: error.to_string(),
    };
    let length = body.seek(SeekFrom::End(0))?;
    let chunks = Chunks {
        body: Arc::new(Mutex::new(body)),
        length,
    };
    let reader = SerializedFileReader::new(chunks).map_err(damaged)?;
    let mut scratch = Vec::new();
    for row in reader.get_row_iter(None).map_err(damaged)? {
        reading.number += 1;
        let position = Position {
            number: reading.number,
            ..Position::default()
        };
        match row {
            Ok(row) if reading.slice.contains(position.number) => {
                receive_row(&row, position, &mut scratch, reading);
                reading.arena.reset();
            }
            Ok(_) => {}
            Err(error) => {
                // The reader cannot go on behind a page that it could not decode.
                let detail = format!("cannot read the row: {error}");
                reading.fail(position, FailureReason::DamagedData, detail, b"");
                return Ok(());
            }
        }
        if !reading.goes_on(position.number) {
            return Ok(());
        }
    }
    Ok(())
}

/// Hands over a row; its `@message` is the row as compact JSON in the order of the columns.
fn receive_row(row: &Row, position: Position, scratch: &mut Vec<u8>, reading: &mut Reading<'_>) {
    let arena = &reading.arena;
    let fields = row_object(row, arena);
    scratch.clear();
    let value = Value::Object(fields);
    push_compact_json(&value, scratch);
    let Value::Object(fields) = value else {
        return;
    };
    let record = Record {
        text: RecordText::plain(text_in(scratch, arena)),
        fields,
        position,
        unparsed: None,
    };
    reading.receive.record(record, arena);
}

/// The columns of a row that are not null.
fn row_object<'a>(row: &Row, arena: &'a Arena) -> &'a mut Object<'a> {
    let object = Object::with_capacity_in(row.len() + 20, arena);
    for (name, field) in row.get_column_iter() {
        if !matches!(field, Field::Null) {
            object.push(arena.alloc_str(name), field_value(field, arena));
        }
    }
    object
}

fn field_value<'a>(field: &Field, arena: &'a Arena) -> Value<'a> {
    let number = |text: String| Value::Number(arena.alloc_str(&text));
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::Bool(*value),
        Field::Byte(value) => number(value.to_string()),
        Field::Short(value) => number(value.to_string()),
        Field::Int(value) => number(value.to_string()),
        Field::Long(value) => number(value.to_string()),
        Field::UByte(value) => number(value.to_string()),
        Field::UShort(value) => number(value.to_string()),
        Field::UInt(value) => number(value.to_string()),
        Field::ULong(value) => number(value.to_string()),
        Field::Float(value) if value.is_finite() => number(value.to_string()),
        Field::Double(value) if value.is_finite() => number(value.to_string()),
        Field::Str(text) => Value::Text(arena.alloc_str(text)),
        Field::Bytes(bytes) => Value::Text(arena.alloc_str(&String::from_utf8_lossy(bytes.data()))),
        Field::TimestampMillis(millis) => instant(millis.saturating_mul(1000), arena),
        Field::TimestampMicros(micros) => instant(*micros, arena),
        Field::Group(row) => Value::Object(row_group(row, arena)),
        Field::ListInternal(list) => {
            let mut values = ArenaVec::new_in(arena);
            values.extend(
                list.elements()
                    .iter()
                    .map(|field| field_value(field, arena)),
            );
            Value::List(arena.alloc(values))
        }
        Field::MapInternal(map) => {
            let pairs = map.entries().iter().map(|(key, value)| {
                let pair = [field_value(key, arena), field_value(value, arena)];
                Value::new_list(arena, pair)
            });
            Value::new_list(arena, pairs)
        }
        other => Value::Text(arena.alloc_str(&other.to_string())),
    }
}

/// A nested struct; unlike at the top its null members stay.
fn row_group<'a>(row: &Row, arena: &'a Arena) -> &'a mut Object<'a> {
    let object = Object::with_capacity_in(row.len(), arena);
    for (name, field) in row.get_column_iter() {
        object.push(arena.alloc_str(name), field_value(field, arena));
    }
    object
}

fn instant<'a>(micros: i64, arena: &'a Arena) -> Value<'a> {
    match Timestamp::from_micros(micros, 0) {
        Some(instant) => Value::Text(arena.alloc_str(&instant.to_iso8601())),
        None => Value::Null,
    }
}
