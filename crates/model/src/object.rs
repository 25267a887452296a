//! An object of a document: members in the order they came, found by comparing keys.

use bumpalo::collections::Vec as ArenaVec;

use crate::{Arena, Value};

/// One key with its value.
#[derive(Debug)]
pub struct Member<'a> {
    /// Key.
    pub key: &'a str,
    /// Value.
    pub value: Value<'a>,
}

/// One bit chosen by length and ends of a key: keys with different bits differ. A set of such bits
/// tells of most keys that they are not among some, without comparing them.
#[inline]
pub(crate) fn key_bit(key: &str) -> u128 {
    let end = |byte: Option<&u8>| byte.map_or(0, |byte| u32::from(*byte));
    let sum = (key.len() as u32)
        .wrapping_add(end(key.as_bytes().first()).wrapping_mul(5))
        .wrapping_add(end(key.as_bytes().last()).wrapping_mul(11));
    1 << (sum % u128::BITS)
}

/// A key that is pushed into very many objects: what they note of it is worked out once.
#[derive(Debug, Clone, Copy)]
pub struct KnownKey {
    text: &'static str,
    bit: u128,
}

impl KnownKey {
    /// Keeps the key.
    pub fn new(text: &'static str) -> Self {
        KnownKey {
            text,
            bit: key_bit(text),
        }
    }

    /// The key.
    pub fn as_str(&self) -> &'static str {
        self.text
    }
}

/// Whether two keys are the same, without a call: keys are short.
#[inline]
fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
        bytes.first_chunk().zip(bytes.last_chunk())
    }
    match (ends::<8>(left), ends::<8>(right)) {
        (Some(left_ends), Some(right_ends)) => {
            left_ends == right_ends && (left.len() <= 16 || left == right)
        }
        _ => match (ends::<4>(left), ends::<4>(right)) {
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        },
    }
}

/// Keys, to find out whether an object has any of them.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    /// Each with its bit.
    keys: Vec<(&'static str, u128)>,
    bits: u128,
}

impl KeySet {
    /// Adds a key.
    pub fn insert(&mut self, key: &'static str) {
        let bit = key_bit(key);
        if !self.keys.contains(&(key, bit)) {
            self.keys.push((key, bit));
            self.bits |= bit;
        }
    }

    /// Whether the object has any of the keys.
    pub fn has_any_of(&self, object: &Object<'_>) -> bool {
        let mut keys = self.keys.iter();
        object.may_have(self.bits)
            && keys.any(|(key, bit)| object.position_with(key, *bit).is_some())
    }
}

/// Members in order, keys unique.
///
/// Records have 10 to 60 members; comparing lengths and bytes in a row is faster there than
/// hashing, and the order of the source survives. The search goes from the end, where what was put
/// last is looked for most.
#[derive(Debug)]
pub struct Object<'a> {
    members: ArenaVec<'a, Member<'a>>,
    /// The bits of all keys, also of those that were removed: most keys that are not there are not
    /// even searched.
    bits: u128,
}

impl<'a> Object<'a> {
    /// Makes an empty object in the arena.
    pub fn new_in(arena: &'a Arena) -> &'a mut Self {
        Self::with_capacity_in(8, arena)
    }

    /// Makes an empty object with room for a number of members.
    pub fn with_capacity_in(capacity: usize, arena: &'a Arena) -> &'a mut Self {
        arena.alloc(Object {
            members: ArenaVec::with_capacity_in(capacity, arena),
            bits: 0,
        })
    }

    /// Makes an object of members with different keys, whose bits are known.
    pub(crate) fn from_members(
        members: ArenaVec<'a, Member<'a>>,
        bits: u128,
        arena: &'a Arena,
    ) -> &'a mut Self {
        arena.alloc(Object { members, bits })
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
        self.position_with(key, key_bit(key))
    }

    /// Whether a key with any of these bits may be there.
    pub(crate) fn may_have(&self, bits: u128) -> bool {
        self.bits & bits != 0
    }

    /// Where a key with this bit is.
    #[inline]
    pub(crate) fn position_with(&self, key: &str, bit: u128) -> Option<usize> {
        if !self.may_have(bit) {
            return None;
        }
        let mut members = self.members.iter();
        members.rposition(|member| is_same(member.key, key))
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
        match self.position(key) {
            Some(at) => self.members[at].value = value,
            None => self.push(key, value),
        }
    }

    /// Adds a member whose key is known to be new.
    #[inline]
    pub fn push(&mut self, key: &'a str, value: Value<'a>) {
        self.push_with(key, key_bit(key), value);
    }

    /// The same for a key that is known.
    #[inline]
    pub fn push_key(&mut self, key: &KnownKey, value: Value<'a>) {
        self.push_with(key.text, key.bit, value);
    }

    /// The same for a key with this bit.
    #[inline]
    pub(crate) fn push_with(&mut self, key: &'a str, bit: u128, value: Value<'a>) {
        self.bits |= bit;
        self.members.push(Member { key, value });
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
        Some(self.members.remove(at).value)
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

    /// Merges one value over the value of the key.
    pub fn merge_member(&mut self, key: &'a str, value: Value<'a>) {
        match self.position(key) {
            None => self.push(key, value),
            Some(at) => self.members[at].value.merge(value),
        }
    }
}
