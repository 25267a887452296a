//! JSON values as the rows of a Parquet file.

use std::sync::Arc;

use jiff::{civil::DateTime, tz::TimeZone};
use parquet::basic::{Compression, ConvertedType, Repetition, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::{
    parser::parse_message_type,
    types::{SchemaDescriptor, Type, TypePtr},
};
use serde_json::{Value, json};

/// Makes a file of one row group, with dictionaries and Zstandard.
///
/// **errors**: those of the writer, which also knows what a schema may not be.
pub(in super::super) fn file(schema: &str, rows: impl Iterator<Item = Value>) -> Result<Vec<u8>> {
    let schema = Arc::new(parse_message_type(schema)?);
    let count = SchemaDescriptor::new(Arc::clone(&schema)).num_columns();
    let mut columns: Vec<Column> = (0..count).map(|_| Column::default()).collect();
    for row in rows {
        add_members(
            &mut columns,
            0,
            schema.get_fields(),
            &row,
            Levels::default(),
        );
    }
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut file = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut file, schema, Arc::new(properties))?;
    let mut row_group = writer.next_row_group()?;
    for column in &columns {
        let mut writer = row_group.next_column()?;
        if let Some(writer) = &mut writer {
            column.write(writer.untyped())?;
        }
        writer.map_or(Ok(()), |writer| writer.close())?;
    }
    row_group.close()?;
    writer.close()?;
    Ok(file)
}

/// Where a value stands among the optional and the repeated.
#[derive(Clone, Copy, Default)]
struct Levels {
    /// How much of the optional and the repeated around it is there.
    definition: i16,
    /// The outermost list that goes on with it.
    repetition: i16,
    /// Lists around it.
    lists: i16,
}

/// The values of a column; numbers of every kind in one width.
#[derive(Default)]
struct Column {
    texts: Vec<ByteArray>,
    numbers: Vec<i64>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

impl Column {
    fn add(&mut self, value: &Value, levels: Levels, is_text: bool) {
        self.definitions.push(levels.definition);
        self.repetitions.push(levels.repetition);
        match value {
            Value::Null => {}
            Value::String(text) if is_text => self.texts.push(text.as_str().into()),
            Value::String(time) => self.numbers.push(microseconds(time)),
            Value::Bool(value) => self.numbers.push((*value).into()),
            value => self.numbers.push(value.as_i64().unwrap_or_default()),
        }
    }

    fn write(&self, writer: &mut ColumnWriter<'_>) -> Result<()> {
        let definitions = Some(self.definitions.as_slice());
        let repetitions = Some(self.repetitions.as_slice());
        match writer {
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                writer.write_batch(&self.texts, definitions, repetitions)?
            }
            ColumnWriter::Int64ColumnWriter(writer) => {
                writer.write_batch(&self.numbers, definitions, repetitions)?
            }
            ColumnWriter::Int32ColumnWriter(writer) => {
                let numbers: Vec<i32> = self.numbers.iter().map(|number| *number as i32).collect();
                writer.write_batch(&numbers, definitions, repetitions)?
            }
            ColumnWriter::BoolColumnWriter(writer) => {
                let values: Vec<bool> = self.numbers.iter().map(|number| *number != 0).collect();
                writer.write_batch(&values, definitions, repetitions)?
            }
            _ => return Err(ParquetError::NYI("columns of this type".to_owned())),
        };
        Ok(())
    }
}

/// Microseconds since 1970 of a time without a zone; 0 if it is none.
fn microseconds(time: &str) -> i64 {
    let time = time.parse::<DateTime>().ok();
    let time = time.and_then(|time| time.to_zoned(TimeZone::UTC).ok());
    time.map_or(0, |time| time.timestamp().as_microsecond())
}

/// Adds the members of an object to the columns from `at` on, and gives the column behind them.
fn add_members(
    columns: &mut [Column],
    at: usize,
    members: &[TypePtr],
    object: &Value,
    levels: Levels,
) -> usize {
    members.iter().fold(at, |at, member| {
        add(columns, at, member, &object[member.name()], levels)
    })
}

fn add(columns: &mut [Column], at: usize, field: &Type, value: &Value, levels: Levels) -> usize {
    let info = field.get_basic_info();
    if field.is_primitive() {
        let is_there = info.repetition() == Repetition::OPTIONAL && !value.is_null();
        let levels = Levels {
            definition: levels.definition + i16::from(is_there),
            ..levels
        };
        if let Some(column) = columns.get_mut(at) {
            let is_text = info.converted_type() == ConvertedType::UTF8;
            column.add(value, levels, is_text);
        }
        return at + 1;
    }
    if value.is_null() {
        return add_members(columns, at, field.get_fields(), value, levels);
    }
    let levels = Levels {
        definition: levels.definition + 1,
        ..levels
    };
    let entries: Vec<Value> = match (info.converted_type(), value) {
        (ConvertedType::LIST, Value::Array(items)) => {
            items.iter().map(|item| json!({"element": item})).collect()
        }
        (ConvertedType::MAP, Value::Object(members)) => members
            .iter()
            .map(|(key, value)| json!({"key": key, "value": value}))
            .collect(),
        _ => return add_members(columns, at, field.get_fields(), value, levels),
    };
    let repeated = field
        .get_fields()
        .iter()
        .flat_map(|group| group.get_fields());
    let repeated: Vec<TypePtr> = repeated.cloned().collect();
    if entries.is_empty() {
        return add_members(columns, at, &repeated, &Value::Null, levels);
    }
    let mut end = at;
    for (number, entry) in entries.iter().enumerate() {
        let lists = levels.lists + 1;
        let levels = Levels {
            definition: levels.definition + 1,
            repetition: if number == 0 {
                levels.repetition
            } else {
                lists
            },
            lists,
        };
        end = add_members(columns, at, &repeated, entry, levels);
    }
    end
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    #[test]
    fn rows_are_read_back() {
        let schema = "message m {
            OPTIONAL BYTE_ARRAY text (STRING);
            OPTIONAL group outer { OPTIONAL group inner { OPTIONAL INT32 number; OPTIONAL BOOLEAN flag; } }
            OPTIONAL group list (LIST) { REPEATED group list { OPTIONAL group element {
                OPTIONAL INT64 n;
                OPTIONAL group deep (LIST) { REPEATED group list { OPTIONAL BYTE_ARRAY element (STRING); } }
            } } }
            OPTIONAL group map (MAP) { REPEATED group key_value {
                REQUIRED BYTE_ARRAY key (STRING); OPTIONAL BYTE_ARRAY value (STRING);
            } }
            OPTIONAL INT64 time (TIMESTAMP(MICROS,false));
        }";
        let rows = [
            json!({}),
            json!({"text": "a", "outer": {"inner": {"number": 7, "flag": true}}}),
            json!({"outer": {}, "list": [], "map": {}}),
            json!({
                "list": [{"n": 1, "deep": ["x", "y"]}, {"n": 2, "deep": []}, {"deep": ["z"]}],
                "map": {"k": "v", "l": null},
                "time": "2024-01-01T00:00:01",
            }),
        ];
        let mut stored = tempfile::tempfile().unwrap();
        stored
            .write_all(&file(schema, rows.into_iter()).unwrap())
            .unwrap();
        let reader = SerializedFileReader::new(stored).unwrap();
        let read = reader.get_row_iter(None).unwrap();
        let read: Vec<String> = read.map(|row| row.unwrap().to_string()).collect();
        assert_eq!(
            read,
            [
                "{text: null, outer: null, list: null, map: null, time: null}",
                r#"{text: "a", outer: {inner: {number: 7, flag: true}}, list: null, map: null, time: null}"#,
                "{text: null, outer: {inner: null}, list: [], map: {}, time: null}",
                r#"{text: null, outer: null, list: [{n: 1, deep: ["x", "y"]}, {n: 2, deep: []}, {n: null, deep: ["z"]}], map: {"k" -> "v", "l" -> null}, time: 2024-01-01 00:00:01.000000 +00:00}"#,
            ]
        );
    }
}
