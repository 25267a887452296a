//! An object of a document: members in the order they came, found by comparing keys.

use bumpalo::collections::Vec as ArenaVec;
use wide::u8x16;

use crate::buffer::Opening;
use crate::key::{KeyBits, KeyMark, is_same};
use crate::{Arena, Key, Value};

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
}

impl KeySet {
    /// Adds a key.
    pub fn insert(&mut self, key: &'static Key) {
        self.keys.push(key);
        self.bits.add(key.mark);
    }

    /// Whether the object has any of the keys.
    pub fn has_any_of(&self, object: &Object<'_>) -> bool {
        let mut keys = self.keys.iter();
        object.may_have_any(&self.bits)
            && keys.any(|key| object.position_with(key.as_str(), key.mark).is_some())
    }
}

/// How many tags are compared together.
const TAG_BLOCK: usize = 16;

/// How many members have a tag; records with more are searched to their end.
const TAGGED: usize = 64;

/// The tags of the first members.
pub(crate) type Tags = [[u8; TAG_BLOCK]; TAGGED / TAG_BLOCK];

/// Notes the tag of a member by its place.
#[inline]
pub(crate) fn set_tag(tags: &mut Tags, place: usize, tag: u8) {
    if let Some(known) = tags.as_flattened_mut().get_mut(place) {
        *known = tag;
    }
}

/// The place of the member with a key, among members with these tags.
pub(crate) fn place_among(
    mut members: &[Member<'_>],
    tags: &Tags,
    key: &str,
    tag: u8,
) -> Option<usize> {
    let is_key = |member: &Member<'_>| is_same(member.key, key);
    for (number, tags) in tags.iter().enumerate() {
        let mut likely = u8x16::new(*tags).simd_eq(u8x16::splat(tag)).to_bitmask();
        while likely != 0 {
            let at = likely.trailing_zeros() as usize;
            // Behind the last member stand tags that mean nothing.
            if members.get(at).is_some_and(is_key) {
                return Some(number * TAG_BLOCK + at);
            }
            likely &= likely - 1;
        }
        members = members.get(TAG_BLOCK..)?;
    }
    let behind = members.iter().position(is_key);
    behind.map(|at| TAGGED + at)
}

/// Members in order, keys unique.
///
/// Records have 10 to 60 members; comparing the tags of all keys at once, and then the few keys
/// that remain, is faster there than hashing, and the order of the source survives.
#[derive(Debug)]
pub struct Object<'a> {
    members: ArenaVec<'a, Member<'a>>,
    /// The bits of all keys, also of those that were removed: most keys that are not there are not
    /// even searched.
    bits: KeyBits,
    tags: Tags,
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

    /// Makes an object of members with different keys, whose bits and tags are known.
    pub(crate) fn from_members(
        members: ArenaVec<'a, Member<'a>>,
        bits: KeyBits,
        tags: Tags,
        arena: &'a Arena,
    ) -> &'a mut Self {
        arena.alloc(Object {
            members,
            bits,
            tags,
        })
    }

    /// Number of members.
    #[inline]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members in order.
    #[inline]
    pub fn iter(&self) -> std::slice::Iter<'_, Member<'a>> {
        self.members.iter()
    }

    /// The members in order, to change their values.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Member<'a>> {
        self.members.iter_mut()
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

    /// Whether any of these keys may be there.
    pub(crate) fn may_have_any(&self, keys: &KeyBits) -> bool {
        self.bits.may_have_any(keys)
    }

    /// Where a key with this mark is.
    #[inline]
    pub(crate) fn position_with(&self, key: &str, mark: KeyMark) -> Option<usize> {
        self.may_have(mark)
            .then(|| place_among(&self.members, &self.tags, key, mark.tag))
            .flatten()
    }

    /// The value of the key.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.position(key).map(|at| &self.members[at].value)
    }

    /// The value of the key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value<'a>> {
        self.position(key).map(|at| &mut self.members[at].value)
    }

    /// The text of the key, if it has text.
    #[inline]
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Value::as_text)
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
            Some(at) => self.members[at].value = value,
            None => self.push_with(key, mark, None, value),
        }
    }

    /// The same for a key that is prepared.
    #[inline]
    pub fn set_key<T: AsRef<str>>(&mut self, key: &'a Key<T>, value: Value<'a>) {
        match self.position_with(key.as_str(), key.mark) {
            Some(at) => self.members[at].value = value,
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

    /// The same for a text. Its value is put together where it stays: one that has been put
    /// together elsewhere a moment before takes long to copy.
    #[inline]
    pub fn push_text<T: AsRef<str>>(&mut self, key: &'a Key<T>, text: &'a str) {
        self.push_key(key, Value::Text(text));
    }

    #[inline(always)]
    fn push_with(
        &mut self,
        key: &'a str,
        mark: KeyMark,
        opening: Option<&'a Opening>,
        value: Value<'a>,
    ) {
        self.bits.add(mark);
        set_tag(&mut self.tags, self.members.len(), mark.tag);
        self.members.push(Member {
            key,
            value,
            opening,
        });
    }

    /// Puts a value where a member is, by its place.
    #[inline]
    pub fn set_at(&mut self, place: usize, value: Value<'a>) {
        if let Some(member) = self.members.get_mut(place) {
            member.value = value;
        }
    }

    /// Removes the key and gives back its value.
    pub fn remove(&mut self, key: &str) -> Option<Value<'a>> {
        let at = self.position(key)?;
        let value = self.members.remove(at).value;
        let tags = self.tags.as_flattened_mut();
        if at < TAGGED {
            tags.copy_within(at + 1.., at);
        }
        if let (Some(last), Some(member)) = (tags.last_mut(), self.members.get(TAGGED - 1)) {
            *last = KeyMark::of(member.key).tag;
        }
        Some(value)
    }

    /// Whether the member at a place has this key.
    #[inline]
    pub(crate) fn has_key_at(&self, at: usize, key: &str) -> bool {
        let member = self.members.get(at);
        member.is_some_and(|member| is_same(member.key, key))
    }

    /// The value at a place.
    #[inline]
    pub(crate) fn value_at(&self, at: usize) -> Option<&Value<'a>> {
        self.members.get(at).map(|member| &member.value)
    }

    /// The value at a place that is known to exist.
    #[inline]
    pub(crate) fn value_at_mut(&mut self, at: usize) -> &mut Value<'a> {
        &mut self.members[at].value
    }

    /// The object of the key; anything else there is replaced by an empty object.
    pub fn object_or_insert(&mut self, key: &'a str, arena: &'a Arena) -> &mut Object<'a> {
        let at = match self.position(key) {
            Some(at) => at,
            None => {
                self.push(key, Value::Null);
                self.members.len() - 1
            }
        };
        self.members[at].value.make_object(arena)
    }

    /// Merges another object over this one: objects are merged member by member, equal values
    /// stay, anything else is replaced.
    pub fn merge(&mut self, other: &mut Object<'a>) {
        for member in other.iter_mut() {
            let value = member.value.take();
            match self.position(member.key) {
                None => self.push(member.key, value),
                Some(at) => self.members[at].value.merge(value),
            }
        }
    }

    /// Merges one value over the value of a key that is prepared.
    pub fn merge_key(&mut self, key: &'a Key, value: Value<'a>) {
        match self.position_with(key.as_str(), key.mark) {
            None => self.push_key(key, value),
            Some(at) => self.members[at].value.merge(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
