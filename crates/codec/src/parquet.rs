//! Parquet files: one record a row, read row group by row group.

mod value;

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::record::Row;
use yagura_model::{Value, push_compact_json};

use crate::json::text_in;
use crate::object::Reading;
use crate::parquet::value::{Shape, row_object};
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
    let shape = Shape::of_rows(reader.metadata().file_metadata().schema());
    let mut scratch = Vec::new();
    for row in reader.get_row_iter(None).map_err(damaged)? {
        reading.number += 1;
        let position = Position {
            number: reading.number,
            ..Position::default()
        };
        match row {
            Ok(row) if reading.slice.contains(position.number) => {
                receive_row((&row, &shape), position, &mut scratch, reading);
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
fn receive_row(
    (row, shape): (&Row, &Shape),
    position: Position,
    scratch: &mut Vec<u8>,
    reading: &mut Reading<'_>,
) {
    let arena = &reading.arena;
    let fields = row_object(row, shape, arena);
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
        drift: None,
    };
    reading.receive.record(record, arena);
}
