//! The objects of the common schema in a document, whose places are worked out once per log type.
//!
//! Every document of a log type gets nearly the same objects (`event`, `source`, …) with the same
//! members. Finding each member by its name in each document costs more than all else that mapping
//! does. So the tree of names is made when the configuration is read; a document's objects are
//! filled side by side, found by number, and put into each other at last.

use bumpalo::collections::Vec as ArenaVec;
use yagura_model::{Arena, Key, KeySet, Object, Path, Value, intern, intern_key};

/// The tree of objects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Skeleton {
    /// Objects, each behind the one it stands in; the document itself is not among them.
    objects: Vec<Branch>,
    /// The fields, and whether a field was added more than once.
    leaves: Vec<(&'static str, bool)>,
    /// Names of the objects that stand in the document itself.
    tops: KeySet,
    /// Two fields need a value and an object in the same place, so everything is found by name.
    is_ambiguous: bool,
}

/// Objects that are found by number; no log type has as many.
const MAX_OBJECTS: usize = 48;

#[derive(Debug, Clone)]
struct Branch {
    parent: Option<usize>,
    key: &'static Key,
    path: &'static str,
    /// Members it may get.
    members: usize,
}

/// A field of the common schema.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    path: Path,
    number: usize,
    /// The object that holds it, by number; `None` is the document.
    object: Option<usize>,
    key: &'static Key,
}

impl Skeleton {
    /// Adds a field.
    pub(crate) fn leaf(&mut self, path: &str) -> Leaf {
        let path = intern(path);
        let (object, key) = match path.rsplit_once('.') {
            Some((way, key)) => (Some(self.branch(way)), key),
            None => (None, path),
        };
        self.is_ambiguous |= self.objects.iter().any(|branch| branch.path == path);
        let known = self.leaves.iter().position(|(known, _)| *known == path);
        let number = known.unwrap_or(self.leaves.len());
        match self.leaves.get_mut(number) {
            Some((_, is_repeated)) => *is_repeated = true,
            None => {
                self.leaves.push((path, false));
                if let Some(branch) = object.and_then(|object| self.objects.get_mut(object)) {
                    branch.members += 1;
                }
            }
        }
        Leaf {
            path: Path::new(path),
            number,
            object,
            key: intern_key(key),
        }
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
        let is_field = self.leaves.iter().any(|(known, _)| *known == path);
        self.is_ambiguous |= is_field || self.objects.len() >= MAX_OBJECTS;
        if parent.is_none() {
            self.tops.insert(intern_key(key));
        }
        if let Some(parent) = parent.and_then(|parent| self.objects.get_mut(parent)) {
            parent.members += 1;
        }
        self.objects.push(Branch {
            parent,
            key: intern_key(key),
            path,
            members: 0,
        });
        self.objects.len() - 1
    }

    /// Notes that a mapping reads a path. If that may lead to a field that is merged before the
    /// others, the document must show it from then on, so everything is found by name.
    pub(crate) fn note_read(&mut self, path: &Path, first: &[&Leaf]) {
        let is_in = |leaf: &&Leaf| leaf.path.head() == path.head();
        self.is_ambiguous |= first.iter().any(is_in);
    }

    /// Whether more than one mapping leads to a field, so that it may have a value.
    fn is_repeated(&self, leaf: &Leaf) -> bool {
        let known = self.leaves.get(leaf.number);
        known.is_none_or(|(_, is_repeated)| *is_repeated)
    }

    /// Begins to write the fields into a document.
    pub(crate) fn build<'s, 'r, 'a>(
        &'s self,
        fields: &'r mut Object<'a>,
        arena: &'a Arena,
    ) -> Build<'s, 'r, 'a> {
        let is_new = !self.is_ambiguous && !self.tops.has_any_of(fields);
        Build {
            skeleton: self,
            fields,
            arena,
            is_new,
            objects: [const { None }; MAX_OBJECTS],
            order: ArenaVec::with_capacity_in(self.objects.len(), arena),
            later: Vec::new(),
        }
    }
}

/// A document that gets the fields.
pub(crate) struct Build<'s, 'r, 'a> {
    skeleton: &'s Skeleton,
    fields: &'r mut Object<'a>,
    arena: &'a Arena,
    /// The record came without any of the objects.
    is_new: bool,
    /// The objects so far, by number, if they are new.
    objects: [Option<&'a mut Object<'a>>; MAX_OBJECTS],
    /// The number of each in the order they came, and its place in the one it stands in.
    order: ArenaVec<'a, (usize, usize)>,
    /// Fields that go into the document itself when all have been found.
    later: Vec<(&'s Leaf, Value<'a>)>,
}

impl<'s, 'a> Build<'s, '_, 'a> {
    /// The document as it is before the fields are in it.
    pub(crate) fn fields(&self) -> &Object<'a> {
        self.fields
    }

    /// Merges a value over what a field holds, so that mappings see it.
    pub(crate) fn merge_first(&mut self, leaf: &'s Leaf, value: Value<'a>) {
        if self.is_new {
            self.merge(leaf, value);
        } else {
            leaf.path.merge(self.fields, value, self.arena);
        }
    }

    /// Merges a value over what a field holds; the document shows it at last.
    #[inline]
    pub(crate) fn merge(&mut self, leaf: &'s Leaf, value: Value<'a>) {
        match self.object_without(leaf) {
            Some(object) => object.push_key(leaf.key, value),
            None => self.merge_rarely(leaf, value),
        }
    }

    /// The same for a text.
    #[inline]
    pub(crate) fn merge_text(&mut self, leaf: &'s Leaf, text: &'a str) {
        match self.object_without(leaf) {
            Some(object) => object.push_text(leaf.key, text),
            None => self.merge_rarely(leaf, Value::Text(text)),
        }
    }

    /// The object that holds a field, if it is there and the field is not. Nearly always it is so.
    #[inline]
    fn object_without(&mut self, leaf: &Leaf) -> Option<&mut Object<'a>> {
        let number = leaf.object.filter(|_| self.is_new)?;
        let object = self.objects.get_mut(number)?.as_deref_mut()?;
        (!self.skeleton.is_repeated(leaf)).then_some(object)
    }

    #[inline(never)]
    fn merge_rarely(&mut self, leaf: &'s Leaf, value: Value<'a>) {
        let number = leaf.object.filter(|_| self.is_new);
        if let Some(number) = number {
            self.reach(number);
        }
        match number.and_then(|number| self.objects.get_mut(number)) {
            Some(Some(object)) if self.skeleton.is_repeated(leaf) => {
                object.merge_key(leaf.key, value);
            }
            Some(Some(object)) => object.push_key(leaf.key, value),
            _ => self.later.push((leaf, value)),
        }
    }

    /// Makes an object, and those it stands in, unless they are there.
    #[inline]
    fn reach(&mut self, number: usize) {
        if !matches!(self.objects.get(number), Some(Some(_))) {
            self.make(number);
        }
    }

    fn make(&mut self, number: usize) {
        let Some(branch) = self.skeleton.objects.get(number) else {
            return;
        };
        let mut place = 0;
        if let Some(parent) = branch.parent {
            self.reach(parent);
            if let Some(Some(parent)) = self.objects.get_mut(parent) {
                place = parent.len();
                parent.push_key(branch.key, Value::Null);
            }
        }
        // A transform may add some more.
        let object = Object::with_capacity_in(branch.members + 2, self.arena);
        if let Some(slot) = self.objects.get_mut(number) {
            *slot = Some(object);
            self.order.push((number, place));
        }
    }

    /// Puts the objects into each other and into the document.
    pub(crate) fn finish(mut self) {
        let branches = &self.skeleton.objects;
        let parent_of = |number: usize| branches.get(number).and_then(|branch| branch.parent);
        // An object comes behind the one it stands in.
        for (number, place) in self.order.iter().rev() {
            if let Some(parent) = parent_of(*number)
                && let Some(object) = self.objects.get_mut(*number).and_then(Option::take)
                && let Some(Some(parent)) = self.objects.get_mut(parent)
            {
                parent.set_at(*place, Value::Object(object));
            }
        }
        for (number, _) in &self.order {
            if let Some(branch) = branches.get(*number)
                && let Some(object) = self.objects.get_mut(*number).and_then(Option::take)
            {
                self.fields.push_key(branch.key, Value::Object(object));
            }
        }
        for (leaf, value) in self.later {
            leaf.path.merge(self.fields, value, self.arena);
        }
    }
}
