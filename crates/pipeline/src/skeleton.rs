//! The objects of the common schema in a document, whose places are worked out once per log type.
//!
//! Every document of a log type gets nearly the same objects (`event`, `source`, …) with the same
//! members. Finding each member by its name in each document costs more than all else that mapping
//! does. So the tree of names is made when the configuration is read, and a document only notes at
//! which place each of its objects stands.

use std::cell::Cell;

use yagura_model::{Arena, KeySet, Object, Path, Value, intern};

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

/// Objects of which a document remembers the places; no log type has as many.
const MAX_OBJECTS: usize = 48;

#[derive(Debug, Clone)]
struct Branch {
    parent: Option<usize>,
    key: &'static str,
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
    key: &'static str,
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
            key,
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
            self.tops.insert(key);
        }
        if let Some(parent) = parent.and_then(|parent| self.objects.get_mut(parent)) {
            parent.members += 1;
        }
        self.objects.push(Branch {
            parent,
            key,
            path,
            members: 0,
        });
        self.objects.len() - 1
    }

    /// Begins to write the fields into a document.
    pub(crate) fn build<'s, 'r, 'a>(
        &'s self,
        fields: &'r mut Object<'a>,
        arena: &'a Arena,
    ) -> Build<'s, 'r, 'a> {
        let by_place = !self.is_ambiguous && !self.tops.has_any_of(fields);
        Build {
            skeleton: self,
            fields,
            arena,
            by_place,
            places: [const { Cell::new(0) }; MAX_OBJECTS],
        }
    }
}

/// A document that gets the fields.
pub(crate) struct Build<'s, 'r, 'a> {
    skeleton: &'s Skeleton,
    fields: &'r mut Object<'a>,
    arena: &'a Arena,
    /// The record came without any of the objects, so each is where it was put.
    by_place: bool,
    /// For each object, one more than its place in the one it stands in; 0 is not there yet.
    places: [Cell<usize>; MAX_OBJECTS],
}

impl<'a> Build<'_, '_, 'a> {
    /// The document so far.
    pub(crate) fn fields(&self) -> &Object<'a> {
        self.fields
    }

    /// Merges a value over what a field holds.
    pub(crate) fn merge(&mut self, leaf: &Leaf, value: Value<'a>) {
        if !self.by_place || leaf.object.is_none() {
            return leaf.path.merge(self.fields, value, self.arena);
        }
        let field = self.skeleton.leaves.get(leaf.number);
        let is_repeated = field.is_none_or(|(_, is_repeated)| *is_repeated);
        match self.object(leaf.object) {
            Some(object) if is_repeated => object.merge_member(leaf.key, value),
            Some(object) => object.push(leaf.key, value),
            None => leaf.path.merge(self.fields, value, self.arena),
        }
    }

    /// An object by number, made if it is not there yet.
    fn object(&mut self, number: Option<usize>) -> Option<&mut Object<'a>> {
        reach(self.skeleton, &self.places, self.fields, number, self.arena)
    }
}

fn reach<'r, 'a>(
    skeleton: &Skeleton,
    places: &[Cell<usize>; MAX_OBJECTS],
    fields: &'r mut Object<'a>,
    number: Option<usize>,
    arena: &'a Arena,
) -> Option<&'r mut Object<'a>> {
    let Some(number) = number else {
        return Some(fields);
    };
    let (branch, place) = (skeleton.objects.get(number)?, places.get(number)?);
    let outer = reach(skeleton, places, fields, branch.parent, arena)?;
    if place.get() == 0 {
        // A transform may add some more.
        let at = outer.push_object(branch.key, branch.members + 2, arena);
        place.set(at + 1);
    }
    outer.object_at_mut(place.get() - 1)
}
