//! The fields of a file's rows, and how they lie in its columns.

use std::ops::Range;

use parquet::basic::{ConvertedType, Repetition};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::{Type, TypePtr};
use yagura_model::push_json_string;

/// Groups in groups that a row may have; documents go no deeper either.
const MAX_DEPTH: usize = 64;

/// A field, with the columns that hold what is in it.
pub(super) struct Field {
    /// They follow each other; there is one at least.
    pub(super) columns: Range<usize>,
    /// The definition level from which on the field is not null.
    pub(super) definition: i16,
    pub(super) shape: Shape,
}

pub(super) enum Shape {
    /// A value in the only column.
    Column,
    Group(Vec<Member>),
    List(Box<Field>, Levels),
    /// Keys and their values.
    Map(Box<[Field; 2]>, Levels),
}

/// A field of a group.
pub(super) struct Member {
    /// Its name as it stands in JSON, with the colon.
    pub(super) opening: Vec<u8>,
    pub(super) field: Field,
}

/// Where something stands among the optional and the repeated around it.
#[derive(Clone, Copy, Default)]
pub(super) struct Levels {
    /// From this level on it is there.
    pub(super) definition: i16,
    /// From this level on it is a further element of the innermost list.
    pub(super) repetition: i16,
}

impl Levels {
    fn below(self, repetition: Repetition) -> Levels {
        let is_repeated = repetition == Repetition::REPEATED;
        Levels {
            definition: self.definition + i16::from(repetition != Repetition::REQUIRED),
            repetition: self.repetition + i16::from(is_repeated),
        }
    }
}

/// The members of the rows of a file.
pub(super) fn members_of_rows(schema: &Type) -> Result<Vec<Member>> {
    Columns(0).members(schema, Levels::default(), 0)
}

/// How many columns have found their place.
struct Columns(usize);

impl Columns {
    fn members(&mut self, group: &Type, levels: Levels, depth: usize) -> Result<Vec<Member>> {
        let fields = group.get_fields().iter();
        let members = fields.map(|field| {
            let mut opening = Vec::new();
            push_json_string(field.name(), &mut opening);
            opening.push(b':');
            let field = self.field(field, levels, depth)?;
            Ok(Member { opening, field })
        });
        members.collect()
    }

    fn field(&mut self, field: &Type, above: Levels, depth: usize) -> Result<Field> {
        let repetition = field.get_basic_info().repetition();
        let levels = above.below(repetition);
        let one = self.one(field, levels, depth)?;
        if repetition != Repetition::REPEATED {
            return Ok(one);
        }
        // What is repeated without being called a list is a list that is never null.
        Ok(Field {
            columns: one.columns.clone(),
            definition: above.definition,
            shape: Shape::List(Box::new(one), levels),
        })
    }

    /// A field that is there once.
    fn one(&mut self, field: &Type, levels: Levels, depth: usize) -> Result<Field> {
        let first = self.0;
        if depth >= MAX_DEPTH {
            return Err(invalid(field, "is too deep in other groups"));
        }
        let shape = self.shape(field, levels, depth + 1)?;
        if first == self.0 {
            return Err(invalid(field, "has no columns"));
        }
        Ok(Field {
            columns: first..self.0,
            definition: levels.definition,
            shape,
        })
    }

    fn shape(&mut self, field: &Type, levels: Levels, depth: usize) -> Result<Shape> {
        if field.is_primitive() {
            self.0 += 1;
            return Ok(Shape::Column);
        }
        match field.get_basic_info().converted_type() {
            ConvertedType::LIST => {
                let repeated = repeated_in(field)?;
                let levels = levels.below(Repetition::REPEATED);
                let element = match element_in(repeated, field) {
                    Some(element) => self.field(element, levels, depth),
                    None => self.one(repeated, levels, depth),
                }?;
                Ok(Shape::List(Box::new(element), levels))
            }
            ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE => {
                let pair = repeated_in(field)?;
                let levels = levels.below(Repetition::REPEATED);
                match children(pair) {
                    [key, value] => {
                        let key = self.field(key, levels, depth)?;
                        let value = self.field(value, levels, depth)?;
                        Ok(Shape::Map(Box::new([key, value]), levels))
                    }
                    [key] => {
                        let key = self.field(key, levels, depth)?;
                        Ok(Shape::List(Box::new(key), levels))
                    }
                    _ => Err(invalid(field, "is no map")),
                }
            }
            _ => Ok(Shape::Group(self.members(field, levels, depth)?)),
        }
    }
}

/// What a list or a map repeats.
fn repeated_in(field: &Type) -> Result<&Type> {
    match children(field) {
        [repeated] if repeated.get_basic_info().repetition() == Repetition::REPEATED => {
            Ok(repeated)
        }
        _ => Err(invalid(field, "holds nothing that is repeated")),
    }
}

/// The element in what a list repeats, if that is not the element itself.
fn element_in<'t>(repeated: &'t Type, list: &Type) -> Option<&'t Type> {
    match children(repeated) {
        // Files of before the rule was made lack the group; it is told by its name.
        [element]
            if repeated.name() != "array"
                && repeated.name() != format!("{}_tuple", list.name()) =>
        {
            Some(element)
        }
        _ => None,
    }
}

/// The members of a group; a column has none.
fn children(field: &Type) -> &[TypePtr] {
    if field.is_primitive() {
        &[]
    } else {
        field.get_fields()
    }
}

fn invalid(field: &Type, what: &str) -> ParquetError {
    ParquetError::General(format!("the field {} {what}", field.name()))
}
