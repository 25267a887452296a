//! Where the values of a path go, remembered by path for one index.

use std::collections::HashSet;
use std::sync::Arc;

use hashbrown::HashMap;
use yagura_store::{DateFormats, FieldCatalog, FieldType};

/// Field of the raw log line.
pub(crate) const MESSAGE: &str = "@message";
/// Field of the document's id, as the document itself has it.
pub(crate) const ID: &str = "@id";
/// Field of the event time.
pub(crate) const TIMESTAMP: &str = "@timestamp";

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

/// The paths of a batch of documents by number.
pub(crate) type Paths = Arc<[Arc<str>]>;

/// Remembers for one index where each path's values go.
pub(crate) struct Router {
    index: String,
    catalog: Arc<FieldCatalog>,
    identifiers: Arc<HashSet<String>>,
    pivots: Arc<HashSet<String>>,
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
            known: HashMap::new(),
            paths: Vec::new(),
            listed: Arc::default(),
            formats: Vec::new(),
        }
    }

    pub(crate) fn route(&mut self, path: &str) -> KnownPath {
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
        if self.paths.len() >= MAX_PATHS {
            self.known.clear();
            self.paths.clear();
            self.formats.clear();
            self.listed = Paths::default();
        }
        listed
    }
}
