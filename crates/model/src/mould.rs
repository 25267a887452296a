//! Objects that are alike in many documents but for some texts.
//!
//! Normalising gives every document the same objects with the same members, and hardly anything
//! looks into them before the document is written. So such an object is not put together: it is
//! told by its mould, which all documents share, and by the texts that are its own. Its JSON is what
//! the mould has ready, with those texts in between. Only when somebody wants one of its values are
//! its members made.

use std::cell::OnceCell;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use bumpalo::collections::Vec as ArenaVec;
use hashbrown::HashMap;

use crate::buffer::Opening;
use crate::key::is_same;
use crate::object::Member;
use crate::row::KeyRow;
use crate::write::text_says_nothing;
use crate::{Arena, Key, MemberKey, Object, Value, push_json_string};

/// Moulds that are kept. A log type needs some dozens; with records that differ in more ways the
/// objects of the others are made member by member.
const MAX_MOULDS: usize = 4096;

/// Bytes of the longest text that a mould holds itself; no store cuts one that is as short.
const MAX_TEXT: usize = 256;

/// The members of a mould.
type Told = Vec<(&'static str, Part)>;

static MOULDS: Mutex<Option<HashMap<Told, &'static Mould>>> = Mutex::new(None);

/// What the objects that are alike have in common. It is kept for the life of the process, like the
/// texts of the configuration.
#[derive(Debug)]
pub struct Mould {
    pub(crate) row: KeyRow,
    members: Vec<(MemberKey<'static>, Part)>,
    /// The texts that differ, in the order in which they stand in JSON.
    gaps: Vec<Gap>,
    /// What stands in JSON behind the last of them; the brace that ends the object is left out.
    tail: Vec<u8>,
}

/// What a member holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// A text that is the same in all objects.
    Text(&'static str),
    /// Texts that are the same in all objects, as a list.
    Texts(Vec<&'static str>),
    /// A text that differs, by its number among those of the document.
    Gap(usize),
    /// Another object.
    Object(&'static Mould),
}

/// A text that differs, and what stands in front of it in JSON.
#[derive(Debug)]
pub(crate) struct Gap {
    /// What does not fit into the opening; mostly nothing.
    pub(crate) front: Vec<u8>,
    pub(crate) opening: Opening,
    pub(crate) key: &'static str,
    number: usize,
}

impl Mould {
    /// The mould of objects with these members; `None` if there are too many moulds already, or if
    /// the same in all of them is what a document leaves out, or a long text.
    pub fn kept(members: &[(&'static Key, Part)]) -> Option<&'static Mould> {
        let may_be = |text: &str| !text_says_nothing(text) && text.len() <= MAX_TEXT;
        let may_all_be = members.iter().all(|(_, part)| match part {
            Part::Text(text) => may_be(text),
            Part::Texts(texts) => !texts.is_empty() && texts.iter().all(|text| may_be(text)),
            Part::Gap(_) | Part::Object(_) => true,
        });
        if members.is_empty() || !may_all_be {
            return None;
        }
        let told = members.iter().map(|(key, part)| (key.text, part.clone()));
        let told: Told = told.collect();
        let mut moulds = MOULDS.lock().unwrap_or_else(PoisonError::into_inner);
        let moulds = moulds.get_or_insert_default();
        if let Some(known) = moulds.get(&told) {
            return Some(known);
        }
        if moulds.len() >= MAX_MOULDS {
            return None;
        }
        let mould: &'static Mould = Box::leak(Box::new(Mould::new(members)));
        moulds.insert(told, mould);
        Some(mould)
    }

    fn new(members: &[(&'static Key, Part)]) -> Mould {
        let of_members = members
            .iter()
            .map(|(key, part)| (key.member_key(), part.clone()));
        let mut mould = Mould {
            row: KeyRow::new(members.iter().map(|(key, _)| *key)),
            members: of_members.collect(),
            gaps: Vec::new(),
            tail: Vec::new(),
        };
        let (mut gaps, mut json) = (Vec::new(), Vec::new());
        mould.push_json(&mut gaps, &mut json);
        json.pop();
        (mould.gaps, mould.tail) = (gaps, json);
        mould
    }

    /// Appends JSON; what stands in front of a gap is moved to that.
    fn push_json(&self, gaps: &mut Vec<Gap>, json: &mut Vec<u8>) {
        let mut separator = b'{';
        for (key, part) in &self.members {
            json.push(separator);
            separator = b',';
            push_json_string(key.text, json);
            json.push(b':');
            match part {
                Part::Text(text) => push_json_string(text, json),
                Part::Texts(texts) => {
                    let mut separator = b'[';
                    for text in texts {
                        json.push(separator);
                        separator = b',';
                        push_json_string(text, json);
                    }
                    json.push(b']');
                }
                Part::Gap(number) => {
                    json.push(b'"');
                    let (front, opening) = Opening::end_of(json);
                    gaps.push(Gap {
                        front: front.to_vec(),
                        opening,
                        key: key.text,
                        number: *number,
                    });
                    json.clear();
                }
                Part::Object(mould) => mould.push_json(gaps, json),
            }
        }
        json.push(b'}');
    }
}

/// Equal moulds are one.
impl PartialEq for Mould {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Mould {}

impl Hash for Mould {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self, state);
    }
}

/// The members of an object that its mould tells, and some texts.
pub(crate) struct Cast<'a> {
    mould: &'static Mould,
    /// Those of the document.
    texts: &'a [&'a str],
    arena: &'a Arena,
    /// What was made for those who want values.
    members: OnceCell<ArenaVec<'a, Member<'a>>>,
}

impl<'a> Cast<'a> {
    #[inline]
    pub(crate) fn new(mould: &'static Mould, texts: &'a [&'a str], arena: &'a Arena) -> Self {
        debug_assert!(
            mould
                .gaps
                .iter()
                .all(|gap| !text_says_nothing(gap.text(texts))),
            "a document leaves out what says nothing"
        );
        Cast {
            mould,
            texts,
            arena,
            members: OnceCell::new(),
        }
    }

    /// How many members there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.mould.members.len()
    }

    /// What stands in JSON in front of the texts that differ, each with its text, and behind the
    /// last of them.
    #[inline]
    pub(crate) fn json(&self) -> (impl Iterator<Item = (&'static Gap, &'a str)>, &'static [u8]) {
        let texts = self.texts;
        let gaps = self.mould.gaps.iter();
        (gaps.map(|gap| (gap, gap.text(texts))), &self.mould.tail)
    }

    /// The place of a key.
    pub(crate) fn place(&self, key: &str) -> Option<usize> {
        let mut members = self.mould.members.iter();
        members.position(|(known, _)| is_same(known.text, key))
    }

    /// The key at a place.
    #[inline]
    pub(crate) fn key_at(&self, at: usize) -> Option<&'static str> {
        self.mould.members.get(at).map(|(key, _)| key.text)
    }

    /// The text at a place, if there is text.
    #[inline]
    pub(crate) fn text_at(&self, at: usize) -> Option<&'a str> {
        match self.mould.members.get(at)?.1 {
            Part::Text(text) => Some(text),
            Part::Gap(number) => self.texts.get(number).copied(),
            Part::Texts(_) | Part::Object(_) => None,
        }
    }

    /// The members.
    pub(crate) fn members(&self) -> &[Member<'a>] {
        self.members.get_or_init(|| self.make(0))
    }

    /// Makes the members, with room for more.
    pub(crate) fn make(&self, more: usize) -> ArenaVec<'a, Member<'a>> {
        let mut made = ArenaVec::with_capacity_in(self.len() + more, self.arena);
        let members = self.mould.members.iter().map(|(key, part)| Member {
            key: key.text,
            value: self.value(part),
            opening: key.opening,
        });
        made.extend(members);
        made
    }

    fn value(&self, part: &Part) -> Value<'a> {
        match part {
            Part::Text(text) => Value::Text(text),
            Part::Texts(texts) => {
                Value::new_list(self.arena, texts.iter().map(|text| Value::Text(text)))
            }
            Part::Gap(number) => Value::Text(self.texts.get(*number).copied().unwrap_or_default()),
            Part::Object(mould) => Value::Object(Object::cast_in(mould, self.texts, 0, self.arena)),
        }
    }
}

impl Gap {
    #[inline]
    fn text<'a>(&self, texts: &[&'a str]) -> &'a str {
        texts.get(self.number).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Buffer, Hints, TextLimit, intern, key, push_compact_json, push_document};

    const LIMIT: TextLimit = TextLimit {
        from_bytes: 1_000,
        keep_bytes: 990,
        mark: "<<CUT>>",
        except_key: "@message",
    };

    const TEXTS: [&str; 3] = ["198.51.100.7", "with \"quotes\"", "443"];

    /// An object in which everything is that a mould can hold.
    fn mould() -> &'static Mould {
        let inner = [
            (key!("number"), Part::Gap(2)),
            (key!("kind"), Part::Text("port")),
        ];
        let members = [
            (key!("provider"), Part::Text("a \\ in between")),
            (key!("address"), Part::Gap(0)),
            (key!("category"), Part::Texts(vec!["network", "web"])),
            (key!("service"), Part::Object(Mould::kept(&inner).unwrap())),
            (key!("a key that is too long for an opening"), Part::Gap(1)),
            (key!("last"), Part::Text("end")),
        ];
        Mould::kept(&members).unwrap()
    }

    /// The same object, cast and put together.
    fn both(arena: &Arena) -> [&mut Object<'_>; 2] {
        let cast = Object::cast_in(mould(), arena.alloc_slice_copy(&TEXTS), 1, arena);
        let made = Object::new_in(arena);
        made.push("provider", Value::Text("a \\ in between"));
        made.push("address", Value::Text(TEXTS[0]));
        let category = ["network", "web"].map(Value::Text);
        made.push("category", Value::new_list(arena, category));
        let service = Object::new_in(arena);
        service.push("number", Value::Text(TEXTS[2]));
        service.push("kind", Value::Text("port"));
        made.push("service", Value::Object(service));
        made.push(
            "a key that is too long for an opening",
            Value::Text(TEXTS[1]),
        );
        made.push("last", Value::Text("end"));
        [cast, made]
    }

    fn document(object: &Object<'_>) -> String {
        let mut out = Buffer::default();
        push_document(object, &LIMIT, Hints::default(), &mut out);
        String::from_utf8(out.as_bytes().to_vec()).unwrap()
    }

    /// Everything that can be seen of an object, beginning with what makes none of its members.
    fn seen(object: &Object<'_>) -> Vec<String> {
        let keys = [
            "provider", "address", "service", "last", "new", "number", "",
        ];
        let mut seen = vec![document(object), object.len().to_string()];
        seen.extend(keys.map(|key| format!("{:?} {:?}", object.position(key), object.text(key))));
        seen.extend(keys.map(|key| format!("{:?}", object.get(key))));
        let places = (0..object.len() + 2).map(|at| {
            let (key, text) = (object.key_at(at), object.text_at(at));
            format!("{key:?} {text:?} {:?}", object.value_at(at))
        });
        seen.extend(places);
        seen.push(format!("{object:?}"));
        seen
    }

    #[test]
    fn a_cast_object_is_what_its_members_make() {
        type Change = for<'a> fn(&mut Object<'a>, &'a Arena);
        let changes: [Change; 13] = [
            |_, _| {},
            |object, _| object.set("new", Value::Text("text")),
            |object, _| object.set("address", Value::Text("203.0.113.9")),
            |object, _| object.set_key(key!("last"), Value::Null),
            |object, _| object.set_key(key!("new"), Value::Bool(true)),
            |object, _| {
                object.remove("category");
            },
            |object, _| {
                object.remove("new");
            },
            |object, arena| {
                let service = object.object_or_insert("service", arena);
                service.set("kind", Value::Text("other"));
            },
            |object, arena| {
                object.object_or_insert("new", arena).set("a", Value::Null);
            },
            |object, _| *object.get_mut("provider").unwrap() = Value::Null,
            |object, _| object.merge_key(key!("last"), Value::Text("merged")),
            |object, arena| {
                let [other, _] = both(arena);
                other.set("address", Value::Text("other"));
                other.set("number", Value::Text("1"));
                object.merge(other);
            },
            |object, _| {
                object.push_key(key!("number"), Value::Text("7"));
                object
                    .iter_mut()
                    .for_each(|member| member.value = Value::Text("all"));
            },
        ];
        for first in changes {
            for second in changes {
                let arena = Arena::new();
                let [cast, made] = both(&arena);
                for change in [first, second] {
                    change(cast, &arena);
                    change(made, &arena);
                }
                assert_eq!(seen(cast), seen(made));
                assert_eq!(Value::Object(cast), Value::Object(made));
            }
        }
    }

    #[test]
    fn the_json_of_a_cast_object_is_written_without_its_members() {
        let arena = Arena::new();
        let [cast, made] = both(&arena);
        cast.push("new", Value::Text("behind"));
        made.push("new", Value::Text("behind"));
        let (mut of_cast, mut of_made) = (Vec::new(), Vec::new());
        assert_eq!(document(cast), document(made));
        assert!(
            cast.parts()
                .0
                .is_some_and(|cast| cast.members.get().is_none())
        );
        push_compact_json(&Value::Object(cast), &mut of_cast);
        push_compact_json(&Value::Object(made), &mut of_made);
        assert_eq!(of_cast, of_made);
    }

    #[test]
    fn moulds_are_kept_once_and_not_of_what_documents_leave_out() {
        let members = |part: Part| Mould::kept(&[(key!("moulds_are_kept"), part)]);
        assert!(std::ptr::eq(mould(), mould()));
        assert!(members(Part::Gap(1)).is_some());
        assert_ne!(members(Part::Gap(1)), members(Part::Gap(2)));
        for text in ["", "-", "null", "[]"] {
            assert_eq!(members(Part::Text(text)), None);
            assert_eq!(members(Part::Texts(vec!["other", text])), None);
        }
        assert_eq!(members(Part::Texts(Vec::new())), None);
        assert_eq!(members(Part::Text(intern(&"x".repeat(MAX_TEXT + 1)))), None);
        assert_eq!(Mould::kept(&[]), None);
    }
}
