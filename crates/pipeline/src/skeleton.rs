//! The objects of the common schema in a document, whose forms are worked out once.
//!
//! Every document of a log type gets nearly the same objects (`event`, `source`, …) with the same
//! members. Finding the place of each field by its name in each document costs more than all else
//! that mapping does. But which objects there are, and which members each has in which order, is
//! told by nothing but which of the fields have a value. So that is worked out for the first
//! record of each such form; the objects of the others are made member behind member.

use bumpalo::collections::Vec as ArenaVec;
use yagura_model::{
    Arena, Key, KeyRow, KeySet, MemberKey, Mould, Object, Part, Path, Value, intern, intern_key,
};

/// The fields of a log type, in the order in which they are written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Skeleton {
    fields: Vec<Field>,
    /// Objects, each behind the one it stands in; the document itself is not among them.
    objects: Vec<Branch>,
    /// Names of the objects that stand in the document itself.
    tops: KeySet,
    /// Two fields need a value and an object in the same place, so everything is found by name.
    is_ambiguous: bool,
    forms: Forms,
}

/// Fields whose presence fits into a word; no log type has as many.
const MAX_FIELDS: usize = u128::BITS as usize;

/// Forms that are kept. A log type has a few, mixed records some dozens.
const MAX_FORMS: usize = 256;

/// What an object has room for beside its fields: a transform may add some more.
const MORE_MEMBERS: usize = 2;

/// A field of the common schema.
#[derive(Debug, Clone)]
struct Field {
    path: Path,
    /// The object that holds it, by number; `None` is the document.
    object: Option<usize>,
    key: &'static Key,
}

#[derive(Debug, Clone)]
struct Branch {
    parent: Option<usize>,
    key: &'static Key,
    path: &'static str,
}

/// The values of a record's fields, by the numbers that a form has for them.
pub(crate) trait FieldValues<'a> {
    /// A value; it is asked for once.
    fn value(&mut self, number: usize) -> Value<'a>;

    /// The texts among them by the same numbers, if moulds may be filled with them.
    fn texts(&self) -> Option<&'a [&'a str]>;
}

impl<'a> FieldValues<'a> for Values<'a> {
    #[inline(always)]
    fn value(&mut self, number: usize) -> Value<'a> {
        match &mut self.list[number] {
            // Texts are copied as what they are, which takes less than any value.
            Value::Text(text) => Value::Text(text),
            value => value.take(),
        }
    }

    fn texts(&self) -> Option<&'a [&'a str]> {
        None
    }
}

/// The values of the fields of one record, in the order of the fields.
pub(crate) struct Values<'a> {
    list: ArenaVec<'a, Value<'a>>,
    /// A bit for each field; the last one's is the lowest.
    present: u128,
    /// The document has some of the objects, or a mapping may read what is written.
    by_name: bool,
}

impl<'a> Values<'a> {
    /// Whether the document may have some of the fields already.
    pub(crate) fn are_by_name(&self) -> bool {
        self.by_name
    }

    /// Adds the value of the next field, if it has one.
    #[inline]
    pub(crate) fn push(&mut self, value: Option<Value<'a>>) {
        self.present = self.present << 1 | u128::from(value.is_some());
        self.list.push(value.unwrap_or(Value::Null));
    }

    /// Adds the value of the next field, which is text.
    #[inline]
    pub(crate) fn push_text(&mut self, text: &'a str) {
        self.present = self.present << 1 | 1;
        self.list.push(Value::Text(text));
    }
}

/// The forms that were met.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forms {
    /// Which fields have a value in each.
    present: Vec<u128>,
    forms: Vec<Form>,
    /// The one that was needed last: records like each other follow each other.
    last: usize,
}

/// The objects of documents in which the same fields have a value.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    objects: Vec<Plan>,
    /// The objects in the document itself.
    tops: Vec<Top>,
    /// Fields that come when the objects are in the document: those of the document itself, and
    /// those that are merged over an earlier one. Each with the number of its value.
    later: Vec<(Path, usize)>,
}

/// An object in the document itself.
#[derive(Debug, Clone)]
struct Top {
    key: &'static Key,
    /// Its number among the objects.
    object: usize,
    /// What it is cast in, if it holds nothing but texts.
    mould: Option<&'static Mould>,
}

/// An object of a form.
#[derive(Debug, Clone)]
struct Plan {
    row: KeyRow,
    members: Vec<(&'static Key, MemberKey<'static>, Content)>,
}

/// What a member holds.
#[derive(Debug, Clone, Copy)]
enum Content {
    /// A value, by number.
    Value(usize),
    /// Another object of the form.
    Object(usize),
}

impl Skeleton {
    /// Adds the next field.
    pub(crate) fn add(&mut self, path: &str) {
        let path = intern(path);
        let (object, key) = match path.rsplit_once('.') {
            Some((way, key)) => (Some(self.branch(way)), key),
            None => (None, path),
        };
        self.is_ambiguous |= self.objects.iter().any(|branch| branch.path == path);
        self.fields.push(Field {
            path: Path::new(path),
            object,
            key: intern_key(key),
        });
        self.is_ambiguous |= self.fields.len() > MAX_FIELDS;
    }

    /// The number of the object at a path.
    fn branch(&mut self, path: &'static str) -> usize {
        let known = self.objects.iter().position(|branch| branch.path == path);
        if let Some(known) = known {
            return known;
        }
        let (parent, key) = match path.rsplit_once('.') {
            Some((way, key)) => (Some(self.branch(way)), key),
            None => (None, path),
        };
        self.is_ambiguous |= self.fields.iter().any(|field| field.path.as_str() == path);
        if parent.is_none() {
            self.tops.insert(intern_key(key));
        }
        self.objects.push(Branch {
            parent,
            key: intern_key(key),
            path,
        });
        self.objects.len() - 1
    }

    /// Notes that a mapping reads a path. If that may lead to one of the first fields, the
    /// document must show those before the others are found, so everything is found by name.
    pub(crate) fn note_read(&mut self, path: &Path, first_fields: usize) {
        let mut first = self.fields.iter().take(first_fields);
        self.is_ambiguous |= first.any(|field| field.path.head() == path.head());
    }

    /// Begins with the fields of a document.
    pub(crate) fn begin<'a>(&self, document: &Object<'_>, arena: &'a Arena) -> Values<'a> {
        Values {
            list: ArenaVec::with_capacity_in(self.fields.len(), arena),
            present: 0,
            by_name: self.is_by_name(document),
        }
    }

    /// Whether a document may have some of the fields already, so that they are found by name.
    pub(crate) fn is_by_name(&self, document: &Object<'_>) -> bool {
        self.is_ambiguous || self.tops.has_any_of(document)
    }

    /// The bit of a field among those of all.
    pub(crate) fn bit(&self, number: usize) -> u128 {
        1 << (self.fields.len() - 1 - number)
    }

    /// Shows mappings the values so far, if any of them reads what may be one.
    pub(crate) fn show<'a>(
        &self,
        values: &mut Values<'a>,
        document: &mut Object<'a>,
        arena: &'a Arena,
    ) {
        if values.by_name {
            self.merge_by_name(values, document, arena);
        }
    }

    /// Merges the values of all fields over what the document holds.
    pub(crate) fn write<'a>(
        &mut self,
        mut values: Values<'a>,
        document: &mut Object<'a>,
        arena: &'a Arena,
    ) {
        if values.by_name {
            return self.merge_by_name(&mut values, document, arena);
        }
        let present = values.present;
        let make = || Form::new(present, &self.fields, &self.objects);
        let form = self.forms.of(present, make);
        form.fill(&mut values, document, arena);
    }

    /// The form of documents in which the fields whose bits are set have a value. The number of a
    /// value is that of its field.
    pub(crate) fn form(&self, present: u128) -> Form {
        Form::new(present, &self.fields, &self.objects)
    }

    fn merge_by_name<'a>(
        &self,
        values: &mut Values<'a>,
        document: &mut Object<'a>,
        arena: &'a Arena,
    ) {
        for (field, value) in self.fields.iter().zip(&mut values.list) {
            field.merge(value.take(), document, arena);
        }
    }
}

impl Field {
    /// Merges a value over what the document holds; absent is null.
    fn merge<'a>(&self, value: Value<'a>, document: &mut Object<'a>, arena: &'a Arena) {
        if !matches!(value, Value::Null) {
            self.path.merge(document, value, arena);
        }
    }
}

impl Forms {
    /// The form of documents in which these fields have a value; it is made if it is not known.
    #[inline]
    pub(crate) fn of(&mut self, present: u128, make: impl FnOnce() -> Form) -> &Form {
        if self.present.get(self.last) != Some(&present) {
            self.turn_to(present, make);
        }
        &self.forms[self.last]
    }

    /// Makes a form the one that was needed last.
    #[inline(never)]
    fn turn_to(&mut self, present: u128, make: impl FnOnce() -> Form) {
        let known = self.present.iter().position(|known| *known == present);
        self.last = known.unwrap_or_else(|| {
            if self.forms.len() >= MAX_FORMS {
                self.present.clear();
                self.forms.clear();
            }
            self.present.push(present);
            self.forms.push(make());
            self.forms.len() - 1
        });
    }
}

impl Form {
    fn new(present: u128, fields: &[Field], branches: &[Branch]) -> Form {
        let mut draft = FormDraft {
            branches,
            known: vec![None; branches.len()],
            objects: Vec::new(),
            tops: Vec::new(),
        };
        let (mut placed, mut later) = (Vec::new(), Vec::new());
        for (number, field) in fields.iter().enumerate() {
            let is_present = present >> (fields.len() - 1 - number) & 1 != 0;
            if !is_present {
                continue;
            }
            let path = field.path.as_str();
            match field.object {
                Some(object) if !placed.contains(&path) => {
                    placed.push(path);
                    let object = draft.reach(object);
                    draft.objects[object].push((field.key, Content::Value(number)));
                }
                _ => later.push((field.path.clone(), number)),
            }
        }
        let objects = draft.objects.into_iter().map(|members| Plan {
            row: KeyRow::new(members.iter().map(|(key, _)| *key)),
            members: members
                .into_iter()
                .map(|(key, content)| (key, key.member_key(), content))
                .collect(),
        });
        let tops = draft.tops.into_iter().map(|(key, object)| Top {
            key,
            object,
            mould: None,
        });
        Form {
            objects: objects.collect(),
            tops: tops.collect(),
            later,
        }
    }

    /// The same form with moulds for objects that hold nothing but texts. `part` tells what is known
    /// of a value by its number; `None` if it is no text.
    pub(crate) fn with_moulds(mut self, part: impl Fn(usize) -> Option<Part>) -> Form {
        for at in 0..self.tops.len() {
            self.tops[at].mould = self.mould(self.tops[at].object, &part);
        }
        self
    }

    fn mould(
        &self,
        object: usize,
        part: &impl Fn(usize) -> Option<Part>,
    ) -> Option<&'static Mould> {
        let members = self.objects[object].members.iter();
        let members = members.map(|(key, _, content)| {
            let part = match content {
                Content::Value(number) => part(*number)?,
                Content::Object(object) => Part::Object(self.mould(*object, part)?),
            };
            Some((*key, part))
        });
        Mould::kept(&members.collect::<Option<Vec<_>>>()?)
    }

    /// The same form with other numbers for its values.
    pub(crate) fn renumbered(mut self, number: impl Fn(usize) -> usize) -> Form {
        for plan in &mut self.objects {
            for (_, _, content) in &mut plan.members {
                if let Content::Value(value) = content {
                    *value = number(*value);
                }
            }
        }
        for (_, value) in &mut self.later {
            *value = number(*value);
        }
        self
    }

    /// Adds the objects to a document that has none of them.
    #[inline]
    pub(crate) fn fill<'a>(
        &self,
        values: &mut impl FieldValues<'a>,
        document: &mut Object<'a>,
        arena: &'a Arena,
    ) {
        let texts = values.texts();
        for top in &self.tops {
            let object = match (top.mould, texts) {
                (Some(mould), Some(texts)) => Object::cast_in(mould, texts, MORE_MEMBERS, arena),
                _ => self.object(top.object, values, arena),
            };
            document.push_key(top.key, Value::Object(object));
        }
        for (path, number) in &self.later {
            path.merge(document, values.value(*number), arena);
        }
    }

    /// Makes one of the objects, with those in it.
    fn object<'a>(
        &self,
        number: usize,
        values: &mut impl FieldValues<'a>,
        arena: &'a Arena,
    ) -> &'a mut Object<'a> {
        let plan = &self.objects[number];
        let object = Object::for_row_in(&plan.row, MORE_MEMBERS, arena);
        for (_, key, content) in &plan.members {
            match content {
                Content::Value(number) => object.push_ready(*key, values.value(*number)),
                Content::Object(number) => {
                    let inner = self.object(*number, values, arena);
                    object.push_ready(*key, Value::Object(inner));
                }
            }
        }
        object
    }
}

/// A form whose objects are not complete.
struct FormDraft<'s> {
    branches: &'s [Branch],
    /// The number in the form of each object that is in it.
    known: Vec<Option<usize>>,
    objects: Vec<Vec<(&'static Key, Content)>>,
    tops: Vec<(&'static Key, usize)>,
}

impl FormDraft<'_> {
    /// The number of an object, which is added with those it stands in unless it is there.
    fn reach(&mut self, branch: usize) -> usize {
        if let Some(number) = self.known[branch] {
            return number;
        }
        let Branch { parent, key, .. } = self.branches[branch];
        let parent = parent.map(|parent| self.reach(parent));
        let number = self.objects.len();
        self.objects.push(Vec::new());
        self.known[branch] = Some(number);
        match parent {
            Some(parent) => self.objects[parent].push((key, Content::Object(number))),
            None => self.tops.push((key, number)),
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use yagura_model::{parse, push_compact_json};

    use super::*;

    /// Fields in objects in each other, in the document, and one that comes twice.
    const FIELDS: [&str; 9] = [
        "event.module",
        "cloud.account.id",
        "event.kind",
        "container",
        "cloud.region",
        "cloud.account.name",
        "event.kind",
        "tags",
        "source.geo.name",
    ];

    /// The document with the values of the fields whose bits are set.
    fn document(skeleton: &mut Skeleton, present: u32, by_name: bool) -> String {
        let arena = Arena::new();
        let document = Object::new_in(&arena);
        document.push("raw", Value::Text("value"));
        let mut values = skeleton.begin(document, &arena);
        assert!(!values.are_by_name());
        values.by_name = by_name;
        for number in 0..FIELDS.len() {
            match present >> number & 3 {
                0 | 2 => values.push(None),
                1 => values.push_text(arena.alloc_str(&number.to_string())),
                _ => values.push(Some(Value::new_list(&arena, [Value::Bool(true)]))),
            }
        }
        skeleton.write(values, document, &arena);
        let mut json = Vec::new();
        push_compact_json(&Value::Object(document), &mut json);
        String::from_utf8(json).unwrap()
    }

    #[test]
    fn every_form_is_what_merging_by_name_gives() {
        let mut skeleton = Skeleton::default();
        FIELDS.iter().for_each(|path| skeleton.add(path));
        for _ in 0..2 {
            // More forms than are kept.
            for present in 0..1 << FIELDS.len() {
                let [formed, named] =
                    [false, true].map(|by_name| document(&mut skeleton, present, by_name));
                let arena = Arena::new();
                // Objects are equal whatever their order: fields of the document come last.
                assert_eq!(parse(&formed, &arena), parse(&named, &arena));
                assert!(skeleton.forms.forms.len() <= MAX_FORMS);
            }
        }
    }

    #[test]
    fn a_document_that_has_an_object_is_written_by_name() {
        let mut skeleton = Skeleton::default();
        FIELDS.iter().for_each(|path| skeleton.add(path));
        let arena = Arena::new();
        let document = Object::new_in(&arena);
        document.push("cloud", Value::Null);
        assert!(skeleton.begin(document, &arena).are_by_name());
        skeleton.add("event.kind.name");
        let document = Object::new_in(&arena);
        assert!(skeleton.begin(document, &arena).are_by_name());
    }
}
