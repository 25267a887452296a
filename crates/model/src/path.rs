//! Dotted paths into a document, split once when the configuration is read.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::key::{KeyBits, KeyMark, is_same};
use crate::{Arena, Key, Object, Value, intern, intern_key};

/// A key that remembers where it was found in the last record; records of one type repeat their
/// layout. Where several threads read records of different types, each should have its own copy.
#[derive(Debug)]
pub struct HintedKey {
    key: &'static Key,
    /// What the key holds as well; here no other memory has to be fetched for it.
    text: &'static str,
    mark: KeyMark,
    /// It is no more than a hint, so no thread waits for another's.
    hint: AtomicUsize,
}

impl Clone for HintedKey {
    fn clone(&self) -> Self {
        HintedKey {
            hint: AtomicUsize::new(self.hint()),
            ..*self
        }
    }
}

impl HintedKey {
    /// Keeps the key.
    pub fn new(key: &str) -> Self {
        let key = intern_key(key);
        HintedKey::of(key)
    }

    /// The same for a key that stands in the program.
    pub const fn of(key: &'static Key) -> Self {
        HintedKey {
            key,
            text: key.text,
            mark: key.mark,
            hint: AtomicUsize::new(0),
        }
    }

    #[inline]
    fn hint(&self) -> usize {
        self.hint.load(Ordering::Relaxed)
    }

    fn set_hint(&self, at: usize) {
        self.hint.store(at, Ordering::Relaxed);
    }

    /// The value of the key.
    #[inline]
    pub fn find<'r, 'a>(&self, object: &'r Object<'a>) -> Option<&'r Value<'a>> {
        let at = self.place(object)?;
        object.value_at(at)
    }

    /// The text of the key, if it has text.
    #[inline]
    pub fn text<'a>(&self, object: &Object<'a>) -> Option<&'a str> {
        let at = self.place(object)?;
        object.text_at(at)
    }

    /// The object of the key; anything else there is replaced by an empty object.
    pub fn object_or_insert<'r, 'a>(
        &self,
        object: &'r mut Object<'a>,
        arena: &'a Arena,
    ) -> &'r mut Object<'a> {
        self.value_mut(object).make_object(arena)
    }

    /// The value of the key; a missing member is added as null.
    fn value_mut<'r, 'a>(&self, object: &'r mut Object<'a>) -> &'r mut Value<'a> {
        let at = match self.place(object) {
            Some(at) => at,
            None => {
                let at = object.len();
                object.push_key(self.key, Value::Null);
                self.set_hint(at);
                at
            }
        };
        object.value_at_mut(at)
    }

    fn place(&self, object: &Object<'_>) -> Option<usize> {
        let hint = self.hint();
        // Prepared keys with the same text are nearly always one.
        let is_key = |key: &str| std::ptr::eq(key, self.text) || is_same(key, self.text);
        if object.key_at(hint).is_some_and(is_key) {
            return Some(hint);
        }
        let at = object.position_with(self.text, self.mark)?;
        self.set_hint(at);
        Some(at)
    }
}

/// One part of a path.
#[derive(Debug, Clone)]
struct Part {
    key: HintedKey,
    /// The path from here on, which may be one key that contains dots; `None` for the last part.
    joined: Option<&'static str>,
    /// What tells that key from others; of the last part the same as of its own key.
    joined_mark: KeyMark,
    /// The part is all digits: it addresses list elements.
    index: Option<usize>,
}

impl Part {
    /// The first part of a path, and what follows its dot.
    fn first_of(path: &'static str) -> (Part, Option<&'static str>) {
        let (key, behind) = match path.split_once('.') {
            Some((key, behind)) => (key, Some(behind)),
            None => (path, None),
        };
        let is_index = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
        let part = Part {
            key: HintedKey::new(key),
            joined: behind.map(|_| path),
            joined_mark: KeyMark::of(path),
            index: is_index.then(|| key.parse().unwrap_or(usize::MAX)),
        };
        (part, behind)
    }
}

/// A dotted path such as `requestParameters.instancesSet.items.0.instanceId`.
///
/// A part of digits only addresses the element of a list. Where a key is missing, the rest of the
/// path is tried as one key that contains dots.
/// A path remembers where it found its keys, so each thread has its own copy.
#[derive(Debug, Clone)]
pub struct Path {
    text: &'static str,
    /// The first part, which most paths consist of: looking at it needs no other memory.
    first: Part,
    rest: Box<[Part]>,
}

impl Path {
    /// Splits the text at its dots.
    pub fn new(text: &str) -> Self {
        let text = intern(text);
        let (first, mut behind) = Part::first_of(text);
        let rest = std::iter::from_fn(|| {
            let (part, next) = Part::first_of(behind?);
            behind = next;
            Some(part)
        });
        Path {
            text,
            rest: rest.collect(),
            first,
        }
    }

    /// The path as it was written.
    pub fn as_str(&self) -> &'static str {
        self.text
    }

    /// The first part, a key of the top level.
    pub fn head(&self) -> &'static str {
        self.first.key.text
    }

    /// The value at the path; `None` when a part is missing or has the wrong shape.
    #[inline]
    pub fn get<'r, 'a>(&self, object: &'r Object<'a>) -> Option<&'r Value<'a>> {
        match self.rest.is_empty() && self.first.index.is_none() {
            true => self.first.key.find(object),
            false => self.get_inside(object),
        }
    }

    /// Where in an object of the same layout as this one the value is.
    pub fn spot(&self, object: &Object<'_>) -> Spot {
        let first = &self.first;
        let is_last = self.rest.is_empty();
        match object.position(first.key.text) {
            _ if first.index.is_some() => Spot::Nowhere,
            Some(at) if is_last => Spot::Member(at),
            Some(_) => Spot::Inside,
            None => {
                let joined = first.joined.and_then(|joined| object.position(joined));
                joined.map_or(Spot::Nowhere, Spot::Member)
            }
        }
    }

    fn get_inside<'r, 'a>(&self, object: &'r Object<'a>) -> Option<&'r Value<'a>> {
        match self.end(object)? {
            End::Key(object, key) => key.find(object),
            End::Joined(object, key) => object.get(key),
            End::Element(value) => Some(value),
        }
    }

    /// Gives the text at the path, or the texts of the list there.
    pub fn each_text<'a>(&self, object: &Object<'a>, mut give: impl FnMut(&'a str)) {
        let value = match self.end(object) {
            Some(End::Key(object, key)) => key.place(object).and_then(|at| {
                // A text is there before its member is made.
                match object.text_at(at) {
                    Some(text) => {
                        give(text);
                        None
                    }
                    None => object.value_at(at),
                }
            }),
            Some(End::Joined(object, key)) => object.get(key),
            Some(End::Element(value)) => Some(value),
            None => None,
        };
        match value {
            Some(Value::Text(text)) => give(text),
            Some(Value::List(list)) => list.iter().filter_map(Value::as_text).for_each(give),
            _ => {}
        }
    }

    /// Follows the path up to its last step.
    #[inline(always)]
    fn end<'p, 'r, 'a>(&'p self, object: &'r Object<'a>) -> Option<End<'p, 'r, 'a>> {
        let (mut object, mut part) = (object, &self.first);
        let mut rest = self.rest.iter();
        if part.index.is_some() {
            return None;
        }
        while let Some(next) = rest.next() {
            let Some(mut value) = part.key.find(object) else {
                return Some(End::Joined(object, part.joined?));
            };
            part = next;
            while let Some(index) = part.index {
                value = value.as_list()?.get(index)?;
                match rest.next() {
                    Some(next) => part = next,
                    None => return Some(End::Element(value)),
                }
            }
            object = value.as_object()?;
        }
        Some(End::Key(object, &part.key))
    }

    /// Whether the path may go on from an object with these keys, where its first part has led.
    fn may_go_on(&self, keys: &KeyBits) -> bool {
        self.rest.first().is_none_or(|next| {
            next.index.is_some() || keys.may_have(next.key.mark) || keys.may_have(next.joined_mark)
        })
    }

    /// The value at the path, to change.
    pub fn get_mut<'r, 'a>(&self, object: &'r mut Object<'a>) -> Option<&'r mut Value<'a>> {
        let mut value = match self.first.key.place(object) {
            Some(at) => object.value_at_mut(at),
            None => return object.get_mut(self.first.joined?),
        };
        for part in &self.rest {
            value = match (value, part.index) {
                (Value::Object(object), None) => match part.key.place(object) {
                    Some(at) => object.value_at_mut(at),
                    None => return object.get_mut(part.joined?),
                },
                (Value::List(list), Some(index)) => list.get_mut(index)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// Sets the value, making objects for the parts on the way; digits are ordinary keys here.
    pub fn put<'a>(&self, object: &mut Object<'a>, value: Value<'a>, arena: &'a Arena) {
        *self.reach(object, arena) = value;
    }

    /// Merges the value over what is at the path, making objects for the parts on the way.
    pub fn merge<'a>(&self, object: &mut Object<'a>, value: Value<'a>, arena: &'a Arena) {
        self.reach(object, arena).merge(value);
    }

    fn reach<'r, 'a>(&self, object: &'r mut Object<'a>, arena: &'a Arena) -> &'r mut Value<'a> {
        let mut value = self.first.key.value_mut(object);
        for part in &self.rest {
            value = part.key.value_mut(value.make_object(arena));
        }
        value
    }
}

/// The last step of a path.
enum End<'p, 'r, 'a> {
    /// A key of an object.
    Key(&'r Object<'a>, &'p HintedKey),
    /// A key of an object, which is the rest of the path.
    Joined(&'r Object<'a>, &'static str),
    /// An element of a list.
    Element(&'r Value<'a>),
}

/// Where a path leads in objects with the same keys in the same places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// To the member at this place.
    Member(usize),
    /// Into a member, if it holds what the path expects: the path is to be followed.
    Inside,
    /// Nowhere.
    Nowhere,
}

/// Paths of which hardly any has a value in a record.
///
/// Whether one may have is told by the keys that are there, which are fewer than the paths.
#[derive(Debug, Clone)]
pub struct RarePaths {
    groups: Vec<Group>,
    /// Bits of all paths, each as one key.
    as_keys: KeyBits,
}

/// Paths with the same first part.
#[derive(Debug, Clone)]
struct Group {
    head: HintedKey,
    paths: Vec<Path>,
    /// Bits of the keys by which the paths go on from an object; `None` if some path ends there or
    /// goes into a list, so that every value counts.
    next_keys: Option<KeyBits>,
}

impl RarePaths {
    /// Sorts the paths by their first part.
    pub fn new(texts: &[String]) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for text in texts {
            let path = Path::new(text);
            let head = path.head();
            let next_keys = match path.rest.first() {
                Some(next) if next.index.is_none() => {
                    Some([next.key.mark, next.joined_mark].into_iter().collect())
                }
                _ => None,
            };
            match groups.iter_mut().find(|group| group.head.text == head) {
                Some(group) => {
                    group.next_keys = group
                        .next_keys
                        .zip(next_keys)
                        .map(|(known, more): (KeyBits, KeyBits)| known.with(&more));
                    group.paths.push(path);
                }
                None => groups.push(Group {
                    head: HintedKey::new(head),
                    paths: vec![path],
                    next_keys,
                }),
            }
        }
        RarePaths {
            groups,
            as_keys: texts.iter().map(|text| KeyMark::of(text)).collect(),
        }
    }

    /// Gives the paths that may have a value in the object; those with the same first part are
    /// given in their order.
    pub fn for_each_likely<'a>(
        &self,
        object: &mut Object<'a>,
        mut give: impl FnMut(&Path, &mut Object<'a>),
    ) {
        if self.groups.is_empty() {
            return;
        }
        let as_keys = object.may_have_any(&self.as_keys);
        for group in &self.groups {
            let keys = match (group.head.find(object), &group.next_keys) {
                (None, _) if as_keys => None,
                (Some(Value::Object(inner)), Some(bits)) if inner.may_have_any(bits) => {
                    Some(inner.key_bits())
                }
                (Some(_), None) => None,
                _ => continue,
            };
            for path in &group.paths {
                if keys.is_none_or(|keys| path.may_go_on(&keys)) {
                    give(path, object);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse, push_compact_json};

    fn get(json: &str, path: &str) -> Option<String> {
        let arena = Arena::new();
        let value = parse(json, &arena).unwrap();
        let mut text = Vec::new();
        push_compact_json(Path::new(path).get(value.as_object().unwrap())?, &mut text);
        Some(String::from_utf8(text).unwrap())
    }

    #[test]
    fn digits_address_list_elements_only() {
        let json = r#"{"a":{"b":[{"c":7}],"0":1},"0":2,"t":"xyz"}"#;
        assert_eq!(get(json, "a.b.0.c").as_deref(), Some("7"));
        for missing in ["a.0", "0", "a.b.1", "a.b.c", "t.c", ""] {
            assert_eq!(get(json, missing), None, "{missing}");
        }
    }

    #[test]
    fn what_is_missing_may_be_a_key_with_dots() {
        let json = r#"{"a":{"b/0.c/d":1,"e.f":{"g":2},"h":{}},"a.z":3,"a.h.i":4}"#;
        for (path, expected) in [
            ("a.b/0.c/d", Some("1")),
            ("a.z", None),
            ("a.e.f", Some(r#"{"g":2}"#)),
            ("a.e.f.g", None),
            ("a.h.i", None),
            ("x.z", None),
        ] {
            assert_eq!(get(json, path).as_deref(), expected, "{path}");
        }
        assert_eq!(get(r#"{"x.z":5}"#, "x.z").as_deref(), Some("5"));
    }

    #[test]
    fn texts_at_a_path_are_given_one_by_one() {
        let json =
            r#"{"a":{"b":["x",1,["y"],"z"],"c":"t","d.e":"u"},"n":1,"f.g":"v","l":[{"m":"w"}]}"#;
        for (path, expected) in [
            ("a.b", &["x", "z"][..]),
            ("a.b.0", &["x"]),
            ("a.b.2", &["y"]),
            ("a.c", &["t"]),
            ("a.d.e", &["u"]),
            ("f.g", &["v"]),
            ("l.0.m", &["w"]),
            ("l.0", &[]),
            ("l.m", &[]),
            ("a", &[]),
            ("n", &[]),
            ("0", &[]),
            ("a.b.0.c", &[]),
            ("a.c.d", &[]),
            ("missing.c", &[]),
        ] {
            let arena = Arena::new();
            let value = parse(json, &arena).unwrap();
            let mut given = Vec::new();
            Path::new(path).each_text(value.as_object().unwrap(), |text| given.push(text));
            assert_eq!(given, expected, "{path}");
        }
    }

    #[test]
    fn rare_paths_with_a_value_are_given() {
        let texts = ["a.b.c", "x.y", "a.d", "l.0.z", "q", "a.e.f", "k.m"].map(str::to_owned);
        let paths = RarePaths::new(&texts);
        for json in [
            r#"{"a":{"b":{"c":1},"n":2}}"#,
            r#"{"a":{"b.c":1}}"#,
            r#"{"a":{"n":1},"x.y":2}"#,
            r#"{"l":[{"z":1}],"x":[1]}"#,
            r#"{"q":1,"k":{"m":1}}"#,
            r#"{"a":{"e":{"f":0},"d":1},"k":"text"}"#,
            r#"{"n":{"b":1}}"#,
            "{}",
        ] {
            let arena = Arena::new();
            let mut value = parse(json, &arena).unwrap();
            let object = value.as_object_mut().unwrap();
            let mut expected: Vec<&str> = Vec::new();
            for text in &texts {
                if Path::new(text).get(object).is_some() {
                    expected.push(text);
                }
            }
            let mut given = Vec::new();
            paths.for_each_likely(object, |path, object| {
                given.extend(path.get(object).map(|_| path.as_str()));
            });
            given.sort_unstable();
            expected.sort_unstable();
            assert_eq!(given, expected, "{json}");
        }
    }

    #[test]
    fn put_replaces_what_is_no_object_on_the_way() {
        let (arena, path) = (Arena::new(), Path::new("user.name"));
        let mut value = parse(r#"{"user":"root"}"#, &arena).unwrap();
        path.put(value.as_object_mut().unwrap(), Value::Text("x"), &arena);
        let mut text = Vec::new();
        push_compact_json(&value, &mut text);
        assert_eq!(text, br#"{"user":{"name":"x"}}"#);
    }
}
