//! Where the values of a path go, remembered by path for one index.

use std::collections::HashSet;
use std::sync::Arc;

use hashbrown::{Equivalent, HashMap};
use yagura_store::{DateFormats, FieldCatalog, FieldType};

/// Field of the raw log line.
pub(crate) const MESSAGE: &str = "@message";
/// Field of the document's id, as the document itself has it.
pub(crate) const ID: &str = "@id";
/// Field of the event time.
pub(crate) const TIMESTAMP: &str = "@timestamp";

/// Longest path in bytes.
const MAX_PATH_BYTES: usize = 512;
/// Most paths remembered for one index.
const MAX_PATHS: usize = 50_000;

/// The meaning of a path's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Typed(FieldType),
    Dynamic,
    Identifier,
    /// An identifier that is mostly the document's own id.
    Id,
    Message,
    Timestamp,
}

/// A path as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownPath {
    /// Place in the list of paths.
    pub(crate) number: u32,
    pub(crate) route: Route,
    /// Its texts have an index beside their column.
    pub(crate) is_pivot: bool,
    /// How its dates are written, by place in the router's list.
    format: Option<usize>,
}

/// A place in documents, by number among those that are known: all values of a path are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Branch(u32);

impl Branch {
    /// The document itself.
    pub(crate) const ROOT: Branch = Branch(0);
}

/// What is known of a place.
#[derive(Debug, Default)]
struct Known {
    path: Arc<str>,
    /// The meaning of its values, once there is one.
    meaning: Option<KnownPath>,
    /// Its place among those below the same.
    place: usize,
    /// What is below it, in the order in which it came first.
    below: Vec<(Box<str>, Branch)>,
}

/// A key below a place, to look for it.
#[derive(Hash)]
struct BranchKey<'k>(Branch, &'k str);

impl Equivalent<(Branch, Box<str>)> for BranchKey<'_> {
    fn equivalent(&self, known: &(Branch, Box<str>)) -> bool {
        self.0 == known.0 && *self.1 == *known.1
    }
}

/// How many places are compared with a key before it is looked for by hashing.
const LOOK_AHEAD: usize = 4;

/// The paths of a batch of documents by number.
pub(crate) type Paths = Arc<[Arc<str>]>;

/// Remembers for one index where each path's values go.
pub(crate) struct Router {
    index: String,
    catalog: Arc<FieldCatalog>,
    identifiers: Arc<HashSet<String>>,
    pivots: Arc<HashSet<String>>,
    branches: Vec<Known>,
    by_key: HashMap<(Branch, Box<str>), Branch>,
    known: HashMap<Arc<str>, KnownPath>,
    paths: Vec<Arc<str>>,
    listed: Paths,
    /// Formats of dates, of the paths that have one.
    formats: Vec<DateFormats>,
}

impl Router {
    pub(crate) fn new(
        index: &str,
        catalog: Arc<FieldCatalog>,
        identifiers: Arc<HashSet<String>>,
        pivots: Arc<HashSet<String>>,
    ) -> Self {
        Self {
            index: index.to_owned(),
            catalog,
            identifiers,
            pivots,
            branches: vec![Known::default()],
            by_key: HashMap::new(),
            known: HashMap::new(),
            paths: Vec::new(),
            listed: Arc::default(),
            formats: Vec::new(),
        }
    }

    /// The place below another one that a key leads to; `None` if its path is too long. Expected is
    /// how many of those below were passed already: keys come in nearly the same order in all
    /// documents.
    #[inline]
    pub(crate) fn below(
        &mut self,
        branch: Branch,
        key: &str,
        expected: &mut usize,
    ) -> Option<Branch> {
        let known = &self.branches[branch.0 as usize].below;
        let ahead = known.iter().skip(*expected).take(LOOK_AHEAD);
        for (passed, (name, below)) in ahead.enumerate() {
            if **name == *key {
                *expected += passed + 1;
                return Some(*below);
            }
        }
        let below = self.look_below(branch, key)?;
        *expected = self.branches[below.0 as usize].place + 1;
        Some(below)
    }

    fn look_below(&mut self, branch: Branch, key: &str) -> Option<Branch> {
        if let Some(below) = self.by_key.get(&BranchKey(branch, key)) {
            return Some(*below);
        }
        let below = Branch(u32::try_from(self.branches.len()).unwrap_or(u32::MAX));
        // Control characters separate paths inside the engine.
        let name = key.replace(|it: char| it < ' ', "\u{fffd}");
        let path = match &*self.branches[branch.0 as usize].path {
            "" => name,
            above => [above, &name].join("."),
        };
        // What is too long is not remembered either.
        if path.len() > MAX_PATH_BYTES {
            return None;
        }
        self.branches.push(Known {
            path: path.into(),
            place: self.branches[branch.0 as usize].below.len(),
            ..Known::default()
        });
        self.branches[branch.0 as usize]
            .below
            .push((key.into(), below));
        self.by_key.insert((branch, key.into()), below);
        Some(below)
    }

    /// What the values in a place mean.
    #[inline]
    pub(crate) fn path(&mut self, branch: Branch) -> KnownPath {
        match self.branches[branch.0 as usize].meaning {
            Some(known) => known,
            None => self.learn(branch),
        }
    }

    #[cold]
    fn learn(&mut self, branch: Branch) -> KnownPath {
        let path = Arc::clone(&self.branches[branch.0 as usize].path);
        let known = self.route(&path);
        self.branches[branch.0 as usize].meaning = Some(known);
        known
    }

    fn route(&mut self, path: &str) -> KnownPath {
        if let Some(known) = self.known.get(path) {
            return *known;
        }
        let mut format = None;
        let route = match path {
            MESSAGE => Route::Message,
            TIMESTAMP => Route::Timestamp,
            ID if self.identifiers.contains(ID) => Route::Id,
            path if self.identifiers.contains(path) => Route::Identifier,
            path => match self.catalog.lookup(&self.index, path) {
                Some(field) => {
                    format = field.format.as_ref().map(|format| {
                        self.formats.push(format.clone());
                        self.formats.len() - 1
                    });
                    Route::Typed(field.field_type)
                }
                None => Route::Dynamic,
            },
        };
        let known = KnownPath {
            number: u32::try_from(self.paths.len()).unwrap_or(u32::MAX),
            route,
            is_pivot: route == Route::Typed(FieldType::Ip) || self.pivots.contains(path),
            format,
        };
        let path: Arc<str> = path.into();
        self.paths.push(Arc::clone(&path));
        self.known.insert(path, known);
        known
    }

    /// How the dates of a path are written.
    pub(crate) fn format(&self, path: KnownPath) -> Option<&DateFormats> {
        self.formats.get(path.format?)
    }

    /// The paths of the documents that were routed since the last call.
    pub(crate) fn paths(&mut self) -> Paths {
        if self.listed.len() != self.paths.len() {
            self.listed = self.paths.as_slice().into();
        }
        let listed = Arc::clone(&self.listed);
        if self.paths.len() >= MAX_PATHS || self.branches.len() >= MAX_PATHS {
            self.branches = vec![Known::default()];
            self.by_key.clear();
            self.known.clear();
            self.paths.clear();
            self.formats.clear();
            self.listed = Paths::default();
        }
        listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_same_in_whatever_order_its_keys_come() {
        let mut router = Router::new("log-x", Arc::default(), Arc::default(), Arc::default());
        let keys: Vec<String> = (0..40).map(|number| format!("key{number}")).collect();
        let mut known = HashMap::new();
        for turn in 0..200 {
            // Another order each time, and some keys are missing.
            let mut expected = 0;
            for place in 0..keys.len() {
                let key = &keys[(place * 7 + turn * 3) % keys.len()];
                if (place + turn) % 5 == 0 {
                    continue;
                }
                let outer = router.below(Branch::ROOT, key, &mut expected).unwrap();
                let inner = router.below(outer, "a\u{1}.b", &mut 0).unwrap();
                for (branch, path) in [(outer, key.clone()), (inner, format!("{key}.a\u{fffd}.b"))]
                {
                    let number = router.path(branch).number;
                    assert_eq!(*known.entry(path).or_insert(number), number);
                }
            }
        }
        let paths = router.paths();
        assert_eq!(known.len(), 2 * keys.len());
        assert!(
            known
                .iter()
                .all(|(path, number)| *paths[*number as usize] == **path)
        );
    }

    #[test]
    fn a_path_that_is_too_long_is_not_remembered() {
        let mut router = Router::new("log-x", Arc::default(), Arc::default(), Arc::default());
        let outer = router.below(Branch::ROOT, "outer", &mut 0).unwrap();
        let longest = "x".repeat(MAX_PATH_BYTES - "outer.".len());
        assert!(router.below(outer, &longest, &mut 0).is_some());
        let known = router.branches.len();
        for number in 0..100 {
            let key = format!("{longest}{number}");
            assert_eq!(router.below(outer, &key, &mut 0), None);
        }
        assert_eq!((router.branches.len(), router.by_key.len()), (known, 2));
    }
}
