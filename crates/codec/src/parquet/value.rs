//! Values of Parquet rows as values of records.

use bumpalo::collections::Vec as ArenaVec;
use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::record::{Field, Row};
use parquet::schema::types::Type;
use yagura_model::{Arena, Object, Timestamp, Value, push_python_float};

/// What the type of a column tells beside its values.
#[derive(Debug, PartialEq)]
pub(super) enum Shape {
    Plain,
    Instant {
        /// The number is one of nanoseconds, which the reader does not tell.
        in_nanoseconds: bool,
        /// The instant is known; otherwise it is a local time of nobody knows where.
        is_utc: bool,
    },
    Group(Vec<Shape>),
    List(Box<Shape>),
    Map(Box<(Shape, Shape)>),
}

impl Shape {
    /// The shape of the rows of a file.
    pub(super) fn of_rows(schema: &Type) -> Shape {
        Shape::Group(
            children(schema)
                .iter()
                .map(|field| Shape::of(field))
                .collect(),
        )
    }

    fn of(field: &Type) -> Shape {
        let info = field.get_basic_info();
        let is_repeated = info.has_repetition() && info.repetition() == Repetition::REPEATED;
        let shape = match info.converted_type() {
            _ if field.is_primitive() => Shape::of_column(field),
            ConvertedType::LIST => return Shape::List(Box::new(Shape::of_elements(field))),
            ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE => {
                let pair = children(field).first().map(|pair| children(pair));
                return match pair.unwrap_or_default() {
                    [key, value] => Shape::Map(Box::new((Shape::of(key), Shape::of(value)))),
                    [key] => Shape::List(Box::new(Shape::of(key))),
                    _ => Shape::Plain,
                };
            }
            _ => Shape::of_rows(field),
        };
        if is_repeated {
            Shape::List(Box::new(shape))
        } else {
            shape
        }
    }

    /// The elements of a list: what is repeated, or the only member of a group that is.
    fn of_elements(list: &Type) -> Shape {
        let Some(repeated) = children(list).first() else {
            return Shape::Plain;
        };
        // Files of before the rule was made lack the group; it is told by size or name.
        match children(repeated) {
            [element]
                if repeated.name() != "array"
                    && repeated.name() != format!("{}_tuple", list.name()) =>
            {
                Shape::of(element)
            }
            [] => Shape::of_column(repeated),
            _ => Shape::of_rows(repeated),
        }
    }

    fn of_column(column: &Type) -> Shape {
        let info = column.get_basic_info();
        match (info.logical_type_ref(), info.converted_type()) {
            (Some(LogicalType::Timestamp(timestamp)), _) => Shape::Instant {
                in_nanoseconds: timestamp.unit == TimeUnit::NANOS,
                is_utc: timestamp.is_adjusted_to_u_t_c,
            },
            (None, ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS) => {
                Shape::Instant {
                    in_nanoseconds: false,
                    is_utc: true,
                }
            }
            _ if column.get_physical_type() == PhysicalType::INT96 => Shape::Instant {
                in_nanoseconds: false,
                is_utc: false,
            },
            _ => Shape::Plain,
        }
    }

    fn member(&self, at: usize) -> &Shape {
        match self {
            Shape::Group(members) => members.get(at).unwrap_or(&Shape::Plain),
            _ => &Shape::Plain,
        }
    }

    fn is_utc(&self) -> bool {
        !matches!(self, Shape::Instant { is_utc: false, .. })
    }
}

/// The members of a group; a column has none.
fn children(field: &Type) -> &[parquet::schema::types::TypePtr] {
    if field.is_primitive() {
        &[]
    } else {
        field.get_fields()
    }
}

/// The columns of a row that are not null.
pub(super) fn row_object<'a>(row: &Row, shape: &Shape, arena: &'a Arena) -> &'a mut Object<'a> {
    let object = Object::with_capacity_in(row.len() + 20, arena);
    for (at, (name, field)) in row.get_column_iter().enumerate() {
        if !matches!(field, Field::Null) {
            let value = field_value(field, shape.member(at), arena);
            object.push(arena.alloc_str(name), value);
        }
    }
    object
}

fn field_value<'a>(field: &Field, shape: &Shape, arena: &'a Arena) -> Value<'a> {
    let number = |text: String| Value::Number(arena.alloc_str(&text));
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::Bool(*value),
        Field::Byte(value) => number(value.to_string()),
        Field::Short(value) => number(value.to_string()),
        Field::Int(value) => number(value.to_string()),
        Field::Long(nanos)
            if let Shape::Instant {
                in_nanoseconds: true,
                is_utc,
            } = shape =>
        {
            instant(nanos.div_euclid(1000), *is_utc, arena)
        }
        Field::Long(value) => number(value.to_string()),
        Field::UByte(value) => number(value.to_string()),
        Field::UShort(value) => number(value.to_string()),
        Field::UInt(value) => number(value.to_string()),
        Field::ULong(value) => number(value.to_string()),
        Field::Float(value) if value.is_finite() => number(value.to_string()),
        Field::Double(value) if value.is_finite() => {
            let mut text = Vec::new();
            push_python_float(*value, &mut text);
            number(String::from_utf8_lossy(&text).into_owned())
        }
        Field::Str(text) => Value::Text(arena.alloc_str(text)),
        Field::Bytes(bytes) => Value::Text(arena.alloc_str(&String::from_utf8_lossy(bytes.data()))),
        Field::TimestampMillis(millis) => {
            instant(millis.saturating_mul(1000), shape.is_utc(), arena)
        }
        Field::TimestampMicros(micros) => instant(*micros, shape.is_utc(), arena),
        Field::Group(row) => Value::Object(group_object(row, shape, arena)),
        Field::ListInternal(list) => {
            let shape = match shape {
                Shape::List(element) => element,
                _ => &Shape::Plain,
            };
            let mut values = ArenaVec::new_in(arena);
            let elements = list.elements().iter();
            values.extend(elements.map(|field| field_value(field, shape, arena)));
            Value::List(arena.alloc(values))
        }
        Field::MapInternal(map) => {
            let (of_keys, of_values) = match shape {
                Shape::Map(pair) => (&pair.0, &pair.1),
                _ => (&Shape::Plain, &Shape::Plain),
            };
            let pairs = map.entries().iter().map(|(key, value)| {
                let pair = [
                    field_value(key, of_keys, arena),
                    field_value(value, of_values, arena),
                ];
                Value::new_list(arena, pair)
            });
            Value::new_list(arena, pairs)
        }
        Field::Float(_) | Field::Double(_) => Value::Null,
        other => Value::Text(arena.alloc_str(&other.to_string())),
    }
}

/// A nested struct; unlike at the top its null members stay.
fn group_object<'a>(row: &Row, shape: &Shape, arena: &'a Arena) -> &'a mut Object<'a> {
    let object = Object::with_capacity_in(row.len(), arena);
    for (at, (name, field)) in row.get_column_iter().enumerate() {
        let value = field_value(field, shape.member(at), arena);
        object.push(arena.alloc_str(name), value);
    }
    object
}

/// ISO 8601; a local time has no offset.
fn instant<'a>(micros: i64, is_utc: bool, arena: &'a Arena) -> Value<'a> {
    let Some(instant) = Timestamp::from_micros(micros, 0) else {
        return Value::Null;
    };
    let text = instant.to_iso8601();
    let shown = match text.strip_suffix("+00:00") {
        Some(local) if !is_utc => local,
        _ => &text,
    };
    Value::Text(arena.alloc_str(shown))
}
