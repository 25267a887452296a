//! Parquet files with everything that columns can be: nested, repeated, nullable, of any type.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of a test may panic"
)]

use std::io::Cursor;
use std::sync::Arc;

use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
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

fn read(bytes: Vec<u8>) -> Vec<String> {
    let mut rows = Rows::default();
    let format = Format::Json {
        delimiter: None,
        keeps_others: false,
    };
    let body = Box::new(Cursor::new(bytes));
    let (slice, limits) = (Slice::ALL, Limits::default());
    read_object(body, &format, Extent::Object, slice, &limits, &mut rows).unwrap();
    rows.0
}

/// A file with a column of these levels and values in each row group.
fn file_of<T: DataType>(
    schema: &str,
    groups: &[(&[T::T], Levels<'_>)],
    properties: WriterProperties,
) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for (values, levels) in groups {
        let mut group = file.next_row_group().unwrap();
        write::<T>(&mut group, values, *levels);
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

/// The rows of a file with one column, without lists.
fn rows_of<T: DataType>(schema: &str, values: &[T::T]) -> Vec<String> {
    read(file_of::<T>(
        schema,
        &[(values, (&[], &[]))],
        WriterProperties::default(),
    ))
}

#[test]
fn numbers_times_and_bytes_are_written_by_what_their_column_is_called() {
    let rows = rows_of::<Int32Type>("message m { required int32 n (UINT_32); }", &[-1, 7]);
    assert_eq!(rows, [r#"{"n":4294967295}"#, r#"{"n":7}"#]);
    let rows = rows_of::<Int64Type>("message m { required int64 n (UINT_64); }", &[-1]);
    assert_eq!(rows, [r#"{"n":18446744073709551615}"#]);
    let rows = rows_of::<Int32Type>("message m { required int32 d (DATE); }", &[19_724]);
    assert_eq!(rows, [r#"{"d":"2024-01-02"}"#]);
    let rows = rows_of::<Int64Type>("message m { required int64 d (DECIMAL(10,2)); }", &[12_345]);
    assert_eq!(rows, [r#"{"d":"123.45"}"#]);
    let mut instant = Int96::new();
    // Nanoseconds of the day in two words, and the Julian day.
    instant.set_data(1_000_000, 0, 2_440_588);
    let rows = rows_of::<Int96Type>("message m { required int96 t; }", &[instant]);
    assert_eq!(rows, [r#"{"t":"1970-01-01T00:00:00.001000"}"#]);
    let bytes = vec![b'a', 0xff, b'"', b'\n'];
    let rows = rows_of::<ByteArrayType>("message m { required binary b; }", &[bytes.into()]);
    assert_eq!(rows, ["{\"b\":\"a\u{fffd}\\\"\\n\"}"]);
    let half = FixedLenByteArray::from(vec![0x00, 0x3e]);
    let schema = "message m { required fixed_len_byte_array(2) f (FLOAT16); }";
    assert_eq!(
        rows_of::<FixedLenByteArrayType>(schema, &[half]),
        [r#"{"f":1.5}"#]
    );
}

#[test]
fn lists_are_told_by_whatever_rule_they_were_written() {
    // An empty list, two elements, and none: null, or empty where there is no null.
    let levels: Levels<'_> = (&[1, 2, 2, 0], &[0, 0, 1, 0]);
    for repeated in [
        "repeated int32 element;",
        "repeated group list { required int32 element; }",
    ] {
        let schema = format!("message m {{ optional group l (LIST) {{ {repeated} }} }}");
        let bytes =
            file_of::<Int32Type>(&schema, &[(&[1, 2], levels)], WriterProperties::default());
        assert_eq!(
            read(bytes),
            [r#"{"l":[]}"#, r#"{"l":[1,2]}"#, "{}"],
            "{repeated}"
        );
    }
    let array = "repeated group array { required int32 n; }";
    let schema = format!("message m {{ optional group l (LIST) {{ {array} }} }}");
    let bytes = file_of::<Int32Type>(&schema, &[(&[1, 2], levels)], WriterProperties::default());
    assert_eq!(
        read(bytes),
        [r#"{"l":[]}"#, r#"{"l":[{"n":1},{"n":2}]}"#, "{}"]
    );
    let schema = "message m { repeated int32 l; }";
    let levels: Levels<'_> = (&[0, 1, 1], &[0, 0, 1]);
    let bytes = file_of::<Int32Type>(schema, &[(&[1, 2], levels)], WriterProperties::default());
    assert_eq!(read(bytes), [r#"{"l":[]}"#, r#"{"l":[1,2]}"#]);
}

#[test]
fn lists_go_on_over_pages_and_row_groups() {
    let schema = "message m { optional group l (LIST) { repeated group list {
        required int64 element; } } }";
    // Rows of no, one, two elements and so on, up to six.
    let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
    let mut expected = Vec::new();
    for row in 0..2_000_i64 {
        let elements: Vec<i64> = (0..row % 7).map(|at| row * 10 + at).collect();
        let count = elements.len().max(1);
        definitions.extend(vec![if elements.is_empty() { 1 } else { 2 }; count]);
        repetitions.push(0);
        repetitions.extend(vec![1; count - 1]);
        let texts: Vec<String> = elements.iter().map(i64::to_string).collect();
        expected.push(format!(r#"{{"l":[{}]}}"#, texts.join(",")));
        values.extend(elements);
    }
    let levels: Levels<'_> = (&definitions, &repetitions);
    let properties = WriterProperties::builder()
        .set_data_page_size_limit(256)
        .set_write_batch_size(16)
        .set_dictionary_enabled(false)
        .build();
    let group: (&[i64], Levels<'_>) = (&values, levels);
    let bytes = file_of::<Int64Type>(schema, &[group, group], properties);
    assert_eq!(read(bytes), [&*expected, &*expected].concat());
}

#[test]
fn row_groups_behind_a_damaged_one_are_read() {
    let schema = "message m { required int64 n; }";
    let values: Vec<i64> = (0..300).collect();
    let group: (&[i64], Levels<'_>) = (&values, (&[], &[]));
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_data_page_row_count_limit(200)
        .set_write_batch_size(100)
        .build();
    let mut bytes = file_of::<Int64Type>(schema, &[group; 4], properties);
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes.clone())).unwrap();
    for number in [1, 2] {
        // The header of the first page.
        let (start, _) = reader.metadata().row_group(number).column(0).byte_range();
        bytes[start as usize..][..8].fill(0xff);
    }
    let rows = read(bytes);
    let expected: Vec<String> = values.iter().map(|n| format!(r#"{{"n":{n}}}"#)).collect();
    let (error, whole) = rows.split_last().unwrap();
    assert_eq!(whole, [&*expected, &*expected].concat());
    assert!(
        error.contains("rows 301 to 600 cannot be read: "),
        "{error}"
    );
    assert!(
        error.ends_with("; 300 other rows cannot be read either"),
        "{error}"
    );
}

#[test]
fn a_row_of_too_many_values_is_an_error() {
    let schema = "message m { repeated int32 l; }";
    let count = (1 << 24) + 1;
    let mut repetitions = vec![1; count];
    repetitions[0] = 0;
    let definitions = vec![1; count];
    let levels: Levels<'_> = (&definitions, &repetitions);
    let bytes = file_of::<Int32Type>(
        schema,
        &[(&vec![7; count], levels)],
        WriterProperties::default(),
    );
    let [row] = &*read(bytes) else {
        panic!("there is one row, which fails");
    };
    assert!(row.contains("rows 1 to 1 cannot be read"), "{row}");
    assert!(row.contains("more than 16777216 values"), "{row}");
}

#[test]
fn rows_keep_the_types_of_their_columns() {
    assert_eq!(
        read(file()),
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
