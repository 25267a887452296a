//! An object of a document: members in the order they came, found by comparing keys.

use std::cell::Cell;
use std::fmt;

use bumpalo::collections::Vec as ArenaVec;

use crate::buffer::Opening;
use crate::key::{KeyBits, KeyMark, is_same};
use crate::mould::{Cast, Mould};
use crate::row::{KeyRow, Layout, TAGGED, Tags, place_among, set_tag};
use crate::{Arena, Key, MemberKey, Value};

/// One key with its value.
#[derive(Debug)]
pub struct Member<'a> {
    /// Key.
    pub key: &'a str,
    /// Value.
    pub value: Value<'a>,
    /// How the key stands in JSON text, if that is ready.
    pub(crate) opening: Option<&'a Opening>,
}

impl<'a> Member<'a> {
    pub(crate) fn new(key: &'a str, value: Value<'a>) -> Self {
        Member {
            key,
            value,
            opening: None,
        }
    }
}

/// Keys, to find out whether an object has any of them.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    keys: Vec<&'static Key>,
    bits: KeyBits,
    /// The layout of the object before, and whether it had any: those of one layout are alike.
    known: Cell<Option<(Layout, bool)>>,
}

impl KeySet {
    /// Adds a key.
    pub fn insert(&mut self, key: &'static Key) {
        self.keys.push(key);
        self.bits.add(key.mark);
        self.known.set(None);
    }

    /// Whether the object has any of the keys.
    #[inline]
    pub fn has_any_of(&self, object: &Object<'_>) -> bool {
        match (object.layout(), self.known.get()) {
            (Some(layout), Some((known, has_any))) if layout == known => has_any,
            _ => self.search(object),
        }
    }

    fn search(&self, object: &Object<'_>) -> bool {
        let mut keys = self.keys.iter();
        let has_any = object.may_have_any(&self.bits)
            && keys.any(|key| object.position_with(key.as_str(), key.mark).is_some());
        self.known
            .set(object.layout().map(|layout| (layout, has_any)));
        has_any
    }
}

/// Members in order, keys unique.
///
/// Records have 10 to 60 members; comparing the tags of all keys at once, and then the few keys
/// that remain, is faster there than hashing, and the order of the source survives.
pub struct Object<'a> {
    /// All members, or those behind the ones of a cast.
    members: ArenaVec<'a, Member<'a>>,
    /// The first members, as long as nobody changes one of them.
    cast: Option<&'a Cast<'a>>,
    /// The bits of all keys, also of those that were removed: most keys that are not there are not
    /// even searched.
    bits: KeyBits,
    tags: Tags,
    /// Holds if there are as many members as it says.
    layout: Layout,
}

impl fmt::Debug for Object<'_> {
    /// Shows the members; what is noted of their keys says nothing more.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = self.iter().map(|member| (member.key, &member.value));
        formatter.debug_map().entries(members).finish()
    }
}

impl<'a> Object<'a> {
    /// Makes an empty object in the arena.
    pub fn new_in(arena: &'a Arena) -> &'a mut Self {
        Self::with_capacity_in(8, arena)
    }

    /// Makes an empty object with room for a number of members.
    pub fn with_capacity_in(capacity: usize, arena: &'a Arena) -> &'a mut Self {
        let members = ArenaVec::with_capacity_in(capacity, arena);
        Self::from_members(members, KeyBits::default(), Tags::default(), arena)
    }

    /// Makes an empty object for the members of a row, and some more.
    #[inline]
    pub fn for_row_in(row: &KeyRow, more: usize, arena: &'a Arena) -> &'a mut Self {
        // Put together in its place: copying it there would take longer than all else.
        arena.alloc_with(|| Object {
            members: ArenaVec::with_capacity_in(row.count + more, arena),
            cast: None,
            bits: row.bits,
            tags: row.tags,
            layout: Layout::EMPTY.with(row),
        })
    }

    /// Makes an object of a mould with the texts of a document, and with room for some more members.
    /// Each of those texts that it needs says something: a document leaves out `-` and its like.
    #[inline]
    pub fn cast_in(
        mould: &'static Mould,
        texts: &'a [&'a str],
        more: usize,
        arena: &'a Arena,
    ) -> &'a mut Self {
        let cast = arena.alloc(Cast::new(mould, texts, arena));
        let row = &mould.row;
        arena.alloc_with(|| Object {
            members: ArenaVec::with_capacity_in(more, arena),
            cast: Some(cast),
            bits: row.bits,
            tags: row.tags,
            layout: Layout::EMPTY.with(row),
        })
    }

    /// Makes an empty object for a record whose fields are a row. Normalising adds some 20 members.
    #[inline]
    pub fn for_record_in(row: &KeyRow, arena: &'a Arena) -> &'a mut Self {
        Self::for_row_in(row, 20, arena)
    }

    /// Notes the keys of a row. Its members are to be added next, with [`Object::push_noted`]; the
    /// last of them may be left out.
    pub fn begin_row(&mut self, row: &KeyRow) {
        let is_whole = self.len() == self.layout.count;
        self.layout = match is_whole {
            true => self.layout.with(row),
            false => Layout::UNKNOWN,
        };
        // Tags behind the last member mean nothing, and a bit without a key costs one comparison.
        self.bits = self.bits.with(&row.bits);
        let known = self.len().min(TAGGED);
        let tags = self.tags.as_flattened_mut().iter_mut().skip(known);
        for (tag, new) in tags.zip(row.tags.as_flattened().iter().take(row.count)) {
            *tag = *new;
        }
    }

    /// Which keys are where, if nothing but rows was added.
    #[inline]
    pub fn layout(&self) -> Option<Layout> {
        (self.len() == self.layout.count).then_some(self.layout)
    }

    /// Makes an object of members with different keys, whose bits and tags are known.
    ///
    /// In line, so that what was put together a moment before is not passed through memory.
    #[inline]
    pub(crate) fn from_members(
        members: ArenaVec<'a, Member<'a>>,
        bits: KeyBits,
        tags: Tags,
        arena: &'a Arena,
    ) -> &'a mut Self {
        arena.alloc(Object {
            members,
            cast: None,
            bits,
            tags,
            layout: Layout::UNKNOWN,
        })
    }

    /// Number of members.
    #[inline]
    pub fn len(&self) -> usize {
        self.cast_len() + self.members.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The members in order.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = &Member<'a>> {
        let first = self.cast.map_or(&[][..], Cast::members);
        first.iter().chain(&self.members)
    }

    /// The members in order, to change their values.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Member<'a>> {
        self.solid().iter_mut()
    }

    /// The first members, if they are a cast, and the others.
    #[inline]
    pub(crate) fn parts(&self) -> (Option<&Cast<'a>>, &[Member<'a>]) {
        (self.cast, &self.members)
    }

    /// How many of the members are a cast.
    #[inline]
    fn cast_len(&self) -> usize {
        self.cast.map_or(0, Cast::len)
    }

    /// All members, to change them.
    #[inline]
    fn solid(&mut self) -> &mut ArenaVec<'a, Member<'a>> {
        if let Some(cast) = self.cast.take() {
            self.make_solid(cast);
        }
        &mut self.members
    }

    #[inline(never)]
    fn make_solid(&mut self, cast: &Cast<'a>) {
        let mut members = cast.make(self.members.capacity());
        members.append(&mut self.members);
        self.members = members;
    }

    /// Where the key is.
    #[inline]
    pub fn position(&self, key: &str) -> Option<usize> {
        self.position_with(key, KeyMark::of(key))
    }

    /// Whether a key with this mark may be there.
    #[inline]
    pub(crate) fn may_have(&self, mark: KeyMark) -> bool {
        self.bits.may_have(mark)
    }

    /// The bits of all keys.
    pub(crate) fn key_bits(&self) -> KeyBits {
        self.bits
    }

    /// Whether any of these keys may be there.
    pub(crate) fn may_have_any(&self, keys: &KeyBits) -> bool {
        self.bits.may_have_any(keys)
    }

    /// Whether the key is there.
    #[inline]
    pub fn has_key(&self, key: &Key) -> bool {
        self.position_with(key.text, key.mark).is_some()
    }

    /// Where a key with this mark is.
    #[inline]
    pub(crate) fn position_with(&self, key: &str, mark: KeyMark) -> Option<usize> {
        if !self.may_have(mark) {
            return None;
        }
        match self.cast {
            None => place_among(&self.members, &self.tags, key, mark.tag),
            Some(cast) => self.position_behind(cast, key),
        }
    }

    /// Where a key is, if the first members are a cast; there are few.
    #[inline(never)]
    fn position_behind(&self, cast: &Cast<'a>, key: &str) -> Option<usize> {
        cast.place(key).or_else(|| {
            let mut members = self.members.iter();
            let at = members.position(|member| is_same(member.key, key))?;
            Some(cast.len() + at)
        })
    }

    /// The value of the key.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.value_at(self.position(key)?)
    }

    /// The value of the key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value<'a>> {
        let at = self.position(key)?;
        Some(self.value_at_mut(at))
    }

    /// The text of the key, if it has text.
    #[inline]
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.text_at(self.position(key)?)
    }

    /// The object of the key, if it has one.
    #[inline]
    pub fn object(&self, key: &str) -> Option<&Object<'a>> {
        self.get(key).and_then(Value::as_object)
    }

    /// The object of the key to change, if it has one.
    pub fn object_mut(&mut self, key: &str) -> Option<&mut Object<'a>> {
        self.get_mut(key).and_then(Value::as_object_mut)
    }

    /// Sets the key: an existing member keeps its place, a new one goes to the end.
    #[inline]
    pub fn set(&mut self, key: &'a str, value: Value<'a>) {
        let mark = KeyMark::of(key);
        match self.position_with(key, mark) {
            Some(at) => *self.value_at_mut(at) = value,
            None => self.push_with(key, mark, None, value),
        }
    }

    /// The same for a key that is prepared.
    #[inline]
    pub fn set_key<T: AsRef<str>>(&mut self, key: &'a Key<T>, value: Value<'a>) {
        match self.position_with(key.as_str(), key.mark) {
            Some(at) => *self.value_at_mut(at) = value,
            None => self.push_key(key, value),
        }
    }

    /// Adds a member whose key is known to be new.
    #[inline]
    pub fn push(&mut self, key: &'a str, value: Value<'a>) {
        self.push_with(key, KeyMark::of(key), None, value);
    }

    /// The same for a key that is prepared.
    #[inline(always)]
    pub fn push_key<T: AsRef<str>>(&mut self, key: &'a Key<T>, value: Value<'a>) {
        self.push_with(key.as_str(), key.mark, key.opening.as_ref(), value);
    }

    #[inline(always)]
    fn push_with(
        &mut self,
        key: &'a str,
        mark: KeyMark,
        opening: Option<&'a Opening>,
        value: Value<'a>,
    ) {
        self.layout.count = Layout::UNKNOWN.count;
        self.bits.add(mark);
        let place = self.len();
        set_tag(&mut self.tags, place, mark.tag);
        self.members.push(Member {
            key,
            value,
            opening,
        });
    }

    /// Adds the next member of the row that was begun.
    #[inline(always)]
    pub fn push_noted<T: AsRef<str>>(&mut self, key: &'a Key<T>, value: Value<'a>) {
        self.push_ready(key.member_key(), value);
    }

    /// The same for what a member needs of its key.
    #[inline(always)]
    pub fn push_ready(&mut self, key: MemberKey<'a>, value: Value<'a>) {
        debug_assert!(
            self.len() >= TAGGED
                || self.tags.as_flattened().get(self.len()) == Some(&KeyMark::of(key.text).tag),
            "`{}` is not the next key of the row",
            key.text,
        );
        self.members.push(Member {
            key: key.text,
            value,
            opening: key.opening,
        });
    }

    /// Removes the key and gives back its value.
    pub fn remove(&mut self, key: &str) -> Option<Value<'a>> {
        let at = self.position(key)?;
        let value = self.solid().remove(at).value;
        self.layout = Layout::UNKNOWN;
        let tags = self.tags.as_flattened_mut();
        if at < TAGGED {
            tags.copy_within(at + 1.., at);
        }
        if let (Some(last), Some(member)) = (tags.last_mut(), self.members.get(TAGGED - 1)) {
            *last = KeyMark::of(member.key).tag;
        }
        Some(value)
    }

    /// The key at a place.
    #[inline]
    pub(crate) fn key_at(&self, at: usize) -> Option<&str> {
        match self.cast {
            None => self.members.get(at).map(|member| member.key),
            Some(cast) => self.key_behind(cast, at),
        }
    }

    /// The same if the first members are a cast.
    fn key_behind(&self, cast: &Cast<'a>, at: usize) -> Option<&str> {
        match at.checked_sub(cast.len()) {
            Some(at) => self.members.get(at).map(|member| member.key),
            None => cast.key_at(at),
        }
    }

    /// The value at a place.
    #[inline]
    pub fn value_at(&self, at: usize) -> Option<&Value<'a>> {
        let member = match self.cast {
            Some(cast) => self.member_behind(cast, at),
            None => self.members.get(at),
        };
        member.map(|member| &member.value)
    }

    /// The member at a place, if the first members are a cast.
    #[inline(never)]
    fn member_behind(&self, cast: &'a Cast<'a>, at: usize) -> Option<&Member<'a>> {
        match at.checked_sub(cast.len()) {
            Some(at) => self.members.get(at),
            None => cast.members().get(at),
        }
    }

    /// The text at a place, if there is text.
    #[inline]
    pub(crate) fn text_at(&self, at: usize) -> Option<&'a str> {
        match self.cast {
            Some(cast) if at < cast.len() => cast.text_at(at),
            _ => self.members.get(at - self.cast_len())?.value.as_text(),
        }
    }

    /// The value at a place that is known to exist.
    #[inline]
    pub(crate) fn value_at_mut(&mut self, at: usize) -> &mut Value<'a> {
        &mut self.solid()[at].value
    }

    /// The object of the key; anything else there is replaced by an empty object.
    pub fn object_or_insert(&mut self, key: &'a str, arena: &'a Arena) -> &mut Object<'a> {
        let at = match self.position(key) {
            Some(at) => at,
            None => {
                self.push(key, Value::Null);
                self.len() - 1
            }
        };
        self.value_at_mut(at).make_object(arena)
    }

    /// Merges another object over this one: objects are merged member by member, equal values
    /// stay, anything else is replaced.
    pub fn merge(&mut self, other: &mut Object<'a>) {
        for member in other.iter_mut() {
            let value = member.value.take();
            match self.position(member.key) {
                None => self.push(member.key, value),
                Some(at) => self.value_at_mut(at).merge(value),
            }
        }
    }

    /// Merges one value over the value of a key that is prepared.
    pub fn merge_key(&mut self, key: &'a Key, value: Value<'a>) {
        match self.position_with(key.as_str(), key.mark) {
            None => self.push_key(key, value),
            Some(at) => self.value_at_mut(at).merge(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key;

    #[test]
    fn every_key_is_found_however_many_there_are_and_whatever_was_removed() {
        let keys: Vec<String> = (0..150).map(|number| format!("key{number}")).collect();
        for count in [0, 1, 15, 16, 17, 63, 64, 65, 66, 150] {
            let arena = Arena::new();
            let object = Object::new_in(&arena);
            let mut left: Vec<&str> = keys.iter().take(count).map(String::as_str).collect();
            left.iter()
                .for_each(|key| object.push(key, Value::Text(key)));
            for at in [count / 2, 0, count.saturating_sub(4), 15, 16, 62] {
                if at < left.len() {
                    let key = left.remove(at);
                    assert_eq!(object.remove(key), Some(Value::Text(key)));
                    assert_eq!(object.remove(key), None);
                }
                for (place, key) in left.iter().enumerate() {
                    assert_eq!(object.position(key), Some(place), "{key} of {count}");
                }
            }
            object.set("another", Value::Null);
            assert_eq!(object.position("another"), Some(left.len()));
        }
    }

    /// Rows of the first and the last so many of some keys.
    fn rows(keys: &[Key<String>], first: usize) -> [(KeyRow, &[Key<String>]); 2] {
        let (first, last) = keys.split_at(first);
        [first, last].map(|keys| (KeyRow::new(keys), keys))
    }

    #[test]
    fn members_of_rows_are_found_like_others() {
        let keys: Vec<_> = (0..70).map(|n| Key::from(format!("key{n}"))).collect();
        for first in [0, 1, 15, 16, 17, 60, 69] {
            let (arena, rows) = (Arena::new(), rows(&keys, first));
            let object = Object::for_row_in(&rows[0].0, 3, &arena);
            for key in rows[0].1 {
                object.push_noted(key, Value::Null);
            }
            let before = object.layout();
            object.begin_row(&rows[1].0);
            for key in rows[1].1 {
                object.push_noted(key, Value::Text(key.as_str()));
            }
            assert!(before.is_some() && object.layout().is_some());
            assert_ne!(object.layout(), before);
            for (place, key) in keys.iter().enumerate() {
                assert_eq!(object.position(key.as_str()), Some(place));
            }
            assert_eq!(object.position("key70"), None);
            object.set("key70", Value::Null);
            assert_eq!(object.position("key70"), Some(70));
        }
    }

    #[test]
    fn a_layout_is_known_while_all_members_are_of_whole_rows() {
        let keys: Vec<_> = (0..5).map(|n| Key::from(format!("key{n}"))).collect();
        let [(first, names), (second, _)] = rows(&keys, 3);
        let whole = |arena| {
            let object = Object::for_row_in(&first, 0, arena);
            for name in names {
                object.push_noted(name, Value::Null);
            }
            object
        };
        let arena = Arena::new();
        let layout = whole(&arena).layout();
        assert_eq!(whole(&arena).layout(), layout);
        let changes: [fn(&mut Object<'_>, &KeyRow); 5] = [
            |object, _| {
                object.remove("key1");
            },
            |object, _| object.set("another", Value::Null),
            // The row's members are still to come.
            |object, row| object.begin_row(row),
            // Less than a row, and as many members as there were.
            |object, _| {
                object.remove("key2");
                object.set("another", Value::Null);
            },
            |object, row| {
                object.remove("key2");
                object.begin_row(row);
                object.push_noted(key!("key3"), Value::Null);
                object.push_noted(key!("key4"), Value::Null);
                object.set("another", Value::Null);
            },
        ];
        for change in changes {
            let object = whole(&arena);
            change(object, &second);
            assert_eq!(object.layout(), None);
        }
        let object = whole(&arena);
        object.set("key1", Value::Bool(true));
        assert_eq!(object.layout(), layout, "a value changes no layout");
    }

    #[test]
    fn a_set_of_keys_looks_at_each_layout() {
        let keys: Vec<_> = ["a", "b", "c"].map(|key| Key::from(key.to_owned())).into();
        let [(with, its_names), (without, other_names)] = rows(&keys, 1);
        let mut set = KeySet::default();
        set.insert(key!("a"));
        let arena = Arena::new();
        for _ in 0..2 {
            for (row, names, expected) in [
                (&with, its_names, true),
                (&with, its_names, true),
                (&without, other_names, false),
            ] {
                let object = Object::for_row_in(row, 1, &arena);
                for name in names {
                    object.push_noted(name, Value::Null);
                }
                assert_eq!(set.has_any_of(object), expected);
                object.set("a", Value::Null);
                assert!(set.has_any_of(object));
            }
        }
    }
}
