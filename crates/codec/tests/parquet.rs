//! Parquet files with everything that columns can be: nested, repeated, nullable, of any time.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::Cursor;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use yagura_codec::{Extent, Failure, Format, Limits, Receive, Record, Slice, read_object};
use yagura_model::Arena;

const SCHEMA: &str = "message rows {
    required int64 time (TIMESTAMP(MILLIS,true));
    required int64 local (TIMESTAMP(MICROS,false));
    required int64 nanos (TIMESTAMP(NANOS,true));
    optional group endpoint {
        optional int32 port;
    }
    optional group names (LIST) {
        repeated group list {
            optional binary element (STRING);
        }
    }
    optional group seen (LIST) {
        repeated group list {
            required group element {
                required int64 at (TIMESTAMP(MICROS,false));
            }
        }
    }
    optional group tags (MAP) {
        repeated group key_value {
            required binary key (STRING);
            optional int64 value;
        }
    }
    optional double score;
}";

/// Values with their definition and repetition levels.
type Levels<'l> = (&'l [i16], &'l [i16]);

fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
    (definition, repetition): Levels<'_>,
) {
    let mut column = group.next_column().unwrap().unwrap();
    let levels = |levels: &'_ [i16]| (!levels.is_empty()).then(|| levels.to_vec());
    let writer = column.typed::<T>();
    let (definition, repetition) = (levels(definition), levels(repetition));
    writer
        .write_batch(values, definition.as_deref(), repetition.as_deref())
        .unwrap();
    column.close().unwrap();
}

/// Two rows; whatever may be missing is missing in the second.
fn file() -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let properties = Arc::new(WriterProperties::default());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    let mut group = file.next_row_group().unwrap();
    let millis = 1_704_164_645_678;
    let texts = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| ByteArray::from(*text))
            .collect::<Vec<_>>()
    };
    const REQUIRED: Levels<'static> = (&[], &[]);
    write::<Int64Type>(&mut group, &[millis, 0], REQUIRED);
    write::<Int64Type>(&mut group, &[millis * 1000, 0], REQUIRED);
    write::<Int64Type>(&mut group, &[millis * 1_000_000, 1999], REQUIRED);
    write::<Int32Type>(&mut group, &[443], (&[2, 1], &[]));
    write::<ByteArrayType>(&mut group, &texts(&["a"]), (&[3, 2, 0], &[0, 1, 0]));
    write::<Int64Type>(&mut group, &[1_000_000], (&[2, 0], &[0, 0]));
    write::<ByteArrayType>(&mut group, &texts(&["k", "l"]), (&[2, 2, 0], &[0, 1, 0]));
    write::<Int64Type>(&mut group, &[7], (&[3, 2, 0], &[0, 1, 0]));
    write::<DoubleType>(&mut group, &[2.0, f64::NAN], (&[1, 1], &[]));
    group.close().unwrap();
    file.into_inner().unwrap()
}

#[derive(Default)]
struct Rows(Vec<String>);

impl Receive for Rows {
    fn record<'a>(&mut self, record: Record<'a>, _arena: &'a Arena) {
        self.0.push(record.text.raw.to_owned());
    }

    fn failed(&mut self, failure: Failure<'_>) {
        self.0.push(failure.detail);
    }
}

#[test]
fn rows_keep_the_types_of_their_columns() {
    let mut rows = Rows::default();
    let format = Format::Json {
        delimiter: None,
        keeps_others: false,
    };
    let body = Box::new(Cursor::new(file()));
    let (slice, limits) = (Slice::ALL, Limits::default());
    read_object(body, &format, Extent::Object, slice, &limits, &mut rows).unwrap();
    assert_eq!(
        rows.0,
        [
            concat!(
                r#"{"time":"2024-01-02T03:04:05.678000+00:00","local":"2024-01-02T03:04:05.678000","#,
                r#""nanos":"2024-01-02T03:04:05.678000+00:00","endpoint":{"port":443},"#,
                r#""names":["a",null],"seen":[{"at":"1970-01-01T00:00:01"}],"#,
                r#""tags":[["k",7],["l",null]],"score":2.0}"#
            ),
            concat!(
                r#"{"time":"1970-01-01T00:00:00+00:00","local":"1970-01-01T00:00:00","#,
                r#""nanos":"1970-01-01T00:00:00.000001+00:00","endpoint":{"port":null},"score":null}"#
            ),
        ]
    );
}
