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
    text_says_nothing,
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
    holds: Holds,
}

/// What a field holds where it has a value.
#[derive(Debug, Clone)]
pub(crate) enum Holds {
    /// A text, or rarely something else.
    Text,
    /// No text.
    Other,
    /// Always the same text.
    KnownText(&'static str),
    /// Always the same texts as a list.
    KnownTexts(Vec<&'static str>),
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

    /// The texts among them by the same numbers.
    fn texts(&self) -> &'a [&'a str];

    /// A bit for each value that no mould is filled with: what is no text, and texts that documents
    /// leave out. That of the first is the lowest.
    fn odd(&self) -> u128;
}

/// The bit of a value among those that no mould is filled with; none has more values.
#[inline]
pub(crate) fn odd_bit(number: usize) -> u128 {
    1u128.checked_shl(number as u32).unwrap_or_default()
}

/// The values of the fields of one record, in the order of the fields.
pub(crate) struct Values<'a> {
    /// Empty for what is no text or an empty one.
    texts: ArenaVec<'a, &'a str>,
    /// The values for which there is an empty text, by number.
    others: ArenaVec<'a, (usize, Value<'a>)>,
    odd: u128,
    /// A bit for each field that has a value; the last one's is the lowest. It says nothing of
    /// more fields than it has bits.
    present: u128,
    /// How many were merged into the document.
    merged: usize,
    /// The document has some of the objects, or a mapping may read what is written.
    by_name: bool,
}

impl<'a> Values<'a> {
    /// Whether the document may have some of the fields already.
    pub(crate) fn are_by_name(&self) -> bool {
        self.by_name
    }

    /// Adds the value of the next field, if it has one.
    #[inline(never)]
    pub(crate) fn push(&mut self, value: Option<Value<'a>>) {
        match value {
            Some(Value::Text(text)) => self.push_text(text),
            None => self.push_nothing(),
            Some(other) => self.push_other(other),
        }
    }

    fn push_other(&mut self, value: Value<'a>) {
        let number = self.texts.len();
        self.present = self.present << 1 | 1;
        self.odd |= odd_bit(number);
        self.others.push((number, value));
        self.texts.push("");
    }

    /// Tells that the next field has no value.
    #[inline]
    pub(crate) fn push_nothing(&mut self) {
        self.present <<= 1;
        self.texts.push("");
    }

    /// Adds the value of the next field, which is text.
    #[inline]
    pub(crate) fn push_text(&mut self, text: &'a str) {
        if text_says_nothing(text) {
            return self.push_silent(text);
        }
        self.present = self.present << 1 | 1;
        self.texts.push(text);
    }

    /// Does the same for a text that documents leave out.
    #[inline(never)]
    fn push_silent(&mut self, text: &'a str) {
        if text.is_empty() {
            return self.push_other(Value::Text(text));
        }
        self.odd |= odd_bit(self.texts.len());
        self.present = self.present << 1 | 1;
        self.texts.push(text);
    }

    /// A value for which there is an empty text.
    #[inline(never)]
    fn other(others: &mut [(usize, Value<'a>)], number: usize) -> Option<Value<'a>> {
        let mut others = others.iter_mut();
        let other = others.find_map(|(known, value)| (*known == number).then_some(value));
        other.map(Value::take)
    }
}

/// The values of all fields of one record.
struct AllValues<'a> {
    texts: &'a [&'a str],
    others: ArenaVec<'a, (usize, Value<'a>)>,
    odd: u128,
}

impl<'a> FieldValues<'a> for AllValues<'a> {
    #[inline(always)]
    fn value(&mut self, number: usize) -> Value<'a> {
        let text = Value::Text(self.texts[number]);
        match self.odd & odd_bit(number) {
            0 => text,
            _ => Values::other(&mut self.others, number).unwrap_or(text),
        }
    }

    fn texts(&self) -> &'a [&'a str] {
        self.texts
    }

    fn odd(&self) -> u128 {
        self.odd
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
    /// those that may have to be merged with an earlier one. Each with the number of its value.
    later: Vec<(Path, usize)>,
}

/// An object in the document itself.
#[derive(Debug, Clone)]
struct Top {
    key: &'static Key,
    /// Its number among the objects.
    object: usize,
    /// What it is cast in if it holds nothing but texts, and the bits of the values that it holds.
    mould: Option<(&'static Mould, u128)>,
}

/// An object of a form.
#[derive(Debug, Clone)]
struct Plan {
    row: KeyRow,
    members: Vec<(MemberKey<'static>, Content)>,
}

/// What a member holds.
#[derive(Debug, Clone, Copy)]
enum Content<F = ()> {
    /// A value, by number, with what its field holds.
    Value(usize, F),
    /// Another object of the form.
    Object(usize),
}

impl<F> Content<F> {
    fn without_field(self) -> Content {
        match self {
            Content::Value(number, _) => Content::Value(number, ()),
            Content::Object(number) => Content::Object(number),
        }
    }
}

impl Skeleton {
    /// Adds the next field.
    pub(crate) fn add(&mut self, path: &str, holds: Holds) {
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
            holds,
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
            texts: ArenaVec::with_capacity_in(self.fields.len(), arena),
            others: ArenaVec::new_in(arena),
            odd: 0,
            present: 0,
            merged: 0,
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
        let Values {
            texts,
            others,
            odd,
            present,
            ..
        } = values;
        let make = || Form::new(present, &self.fields, &self.objects, |number| number);
        let form = self.forms.of(present, make);
        let mut values = AllValues {
            texts: texts.into_bump_slice(),
            others,
            odd,
        };
        form.fill(&mut values, document, arena);
    }

    /// The form of documents in which the fields whose bits are set have a value; `number` tells
    /// which number the value of a field has.
    pub(crate) fn form(&self, present: u128, number: impl Fn(usize) -> usize) -> Form {
        Form::new(present, &self.fields, &self.objects, number)
    }

    fn merge_by_name<'a>(
        &self,
        values: &mut Values<'a>,
        document: &mut Object<'a>,
        arena: &'a Arena,
    ) {
        let count = values.texts.len();
        for number in values.merged..count {
            let value = match values.texts[number] {
                "" => Values::other(&mut values.others, number),
                text => Some(Value::Text(text)),
            };
            if let Some(value) = value {
                self.fields[number].path.merge(document, value, arena);
            }
        }
        values.merged = count;
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
    fn new(
        present: u128,
        fields: &[Field],
        branches: &[Branch],
        number: impl Fn(usize) -> usize,
    ) -> Form {
        let mut draft = FormDraft {
            branches,
            known: vec![None; branches.len()],
            objects: Vec::new(),
            tops: Vec::new(),
        };
        let mut later: Vec<(Path, usize)> = Vec::new();
        for (at, field) in fields.iter().enumerate() {
            let is_present = present >> (fields.len() - 1 - at) & 1 != 0;
            // What comes behind a value that comes later comes later too.
            let is_later = || {
                later
                    .iter()
                    .any(|(path, _)| path.as_str() == field.path.as_str())
            };
            if is_present && (is_later() || !draft.place(field, number(at))) {
                later.push((field.path.clone(), number(at)));
            }
        }
        let tops = draft.tops.iter().map(|&(key, object)| Top {
            key,
            object,
            mould: draft.mould(object),
        });
        let tops = tops.collect();
        let objects = draft.objects.into_iter().map(|members| Plan {
            row: KeyRow::new(members.iter().map(|(key, _)| *key)),
            members: members
                .into_iter()
                .map(|(key, content)| (key.member_key(), content.without_field()))
                .collect(),
        });
        Form {
            objects: objects.collect(),
            tops,
            later,
        }
    }

    /// Adds the objects to a document that has none of them.
    #[inline]
    pub(crate) fn fill<'a>(
        &self,
        values: &mut impl FieldValues<'a>,
        document: &mut Object<'a>,
        arena: &'a Arena,
    ) {
        let (texts, odd) = (values.texts(), values.odd());
        for top in &self.tops {
            let object = match top.mould {
                Some((mould, bits)) if bits & odd == 0 => {
                    Object::cast_in(mould, texts, MORE_MEMBERS, arena)
                }
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
        for (key, content) in &plan.members {
            match content {
                Content::Value(number, ()) => object.push_ready(*key, values.value(*number)),
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
    objects: Vec<Vec<(&'static Key, Content<&'s Holds>)>>,
    tops: Vec<(&'static Key, usize)>,
}

impl<'s> FormDraft<'s> {
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

    /// Puts the value of a field into its object; says whether it belongs there. Where an earlier one
    /// stands it takes its place, unless both may be objects, which are merged when they are known.
    fn place(&mut self, field: &'s Field, number: usize) -> bool {
        let Some(object) = field.object else {
            return false;
        };
        let object = self.reach(object);
        let members = &mut self.objects[object];
        let new = Content::Value(number, &field.holds);
        match members
            .iter_mut()
            .find(|(key, _)| std::ptr::eq(*key, field.key))
        {
            None => members.push((field.key, new)),
            Some((_, content @ Content::Value(..))) => {
                let is_known = |content: &Content<&Holds>| {
                    let Content::Value(_, holds) = content else {
                        return false;
                    };
                    matches!(holds, Holds::KnownText(_) | Holds::KnownTexts(_))
                };
                if !is_known(content) && !is_known(&new) {
                    return false;
                }
                *content = new;
            }
            Some((_, Content::Object(_))) => return false,
        }
        true
    }

    /// What an object is cast in if it holds nothing but texts, and the bits of its values.
    fn mould(&self, object: usize) -> Option<(&'static Mould, u128)> {
        let mut bits = 0;
        let members = self.objects[object].iter().map(|(key, content)| {
            let part = match content {
                Content::Value(number, holds) => {
                    bits |= odd_bit(*number);
                    match holds {
                        Holds::Text => Part::Gap(*number),
                        Holds::Other => return None,
                        Holds::KnownText(text) => Part::Text(text),
                        Holds::KnownTexts(texts) => {
                            bits &= !odd_bit(*number);
                            Part::Texts(texts.clone())
                        }
                    }
                }
                Content::Object(object) => {
                    let (mould, of_object) = self.mould(*object)?;
                    bits |= of_object;
                    Part::Object(mould)
                }
            };
            Some((*key, part))
        });
        let members: Vec<_> = members.collect::<Option<_>>()?;
        Some((Mould::kept(&members)?, bits))
    }
}

#[cfg(test)]
mod tests {
    use yagura_model::{parse, push_compact_json};

    use super::*;

    /// Fields in objects in each other, in the document, and some that come twice or three times.
    const FIELDS: [(&str, Holds); 11] = [
        ("event.module", Holds::KnownText("known")),
        ("cloud.account.id", Holds::Text),
        ("event.kind", Holds::Text),
        ("container", Holds::Other),
        ("cloud.region", Holds::Text),
        ("cloud.account.name", Holds::Text),
        ("event.kind", Holds::Text),
        ("tags", Holds::Text),
        ("event.module", Holds::Text),
        ("source.geo.name", Holds::Text),
        ("event.kind", Holds::KnownText("event")),
    ];

    fn skeleton() -> Skeleton {
        let mut skeleton = Skeleton::default();
        for (path, holds) in &FIELDS {
            skeleton.add(path, holds.clone());
        }
        skeleton
    }

    /// The document with the values of the fields whose bits are set.
    fn document(skeleton: &mut Skeleton, present: u32, by_name: bool) -> String {
        let arena = Arena::new();
        let document = Object::new_in(&arena);
        document.push("raw", Value::Text("value"));
        let mut values = skeleton.begin(document, &arena);
        assert!(!values.are_by_name());
        values.by_name = by_name;
        for (number, (_, holds)) in FIELDS.iter().enumerate() {
            match (present >> number & 3, holds) {
                (0 | 2, _) => values.push(None),
                (_, Holds::KnownText(text)) => values.push_text(text),
                (3, Holds::Text) if number % 3 == 1 => values.push_text("-"),
                (3, Holds::Text) if number % 3 == 2 => values.push_text(""),
                (3, _) => values.push(Some(Value::new_list(&arena, [Value::Bool(true)]))),
                _ => values.push_text(arena.alloc_str(&number.to_string())),
            }
        }
        skeleton.write(values, document, &arena);
        let mut json = Vec::new();
        push_compact_json(&Value::Object(document), &mut json);
        String::from_utf8(json).unwrap()
    }

    #[test]
    fn every_form_is_what_merging_by_name_gives() {
        let mut skeleton = skeleton();
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
    fn very_many_fields_are_written_by_name() {
        let mut skeleton = Skeleton::default();
        for number in 0..MAX_FIELDS + 40 {
            skeleton.add(&format!("many.field{number}"), Holds::Text);
        }
        let arena = Arena::new();
        let document = Object::new_in(&arena);
        let mut values = skeleton.begin(document, &arena);
        let mut expected = Vec::new();
        for number in 0..MAX_FIELDS + 40 {
            match number % 3 {
                0 => values.push(None),
                1 => values.push(Some(Value::Bool(true))),
                _ => values.push_text("text"),
            }
            if number % 3 > 0 {
                expected.push(format!("field{number}"));
            }
        }
        skeleton.write(values, document, &arena);
        let many = document.object("many").unwrap();
        let written: Vec<_> = many.iter().map(|member| member.key).collect();
        assert_eq!(written, expected);
        assert_eq!(many.text("field2"), Some("text"));
        assert_eq!(many.get("field1"), Some(&Value::Bool(true)));
    }

    #[test]
    fn a_document_that_has_an_object_is_written_by_name() {
        let mut skeleton = skeleton();
        let arena = Arena::new();
        let document = Object::new_in(&arena);
        document.push("cloud", Value::Null);
        assert!(skeleton.begin(document, &arena).are_by_name());
        skeleton.add("event.kind.name", Holds::Text);
        let document = Object::new_in(&arena);
        assert!(skeleton.begin(document, &arena).are_by_name());
    }
}
