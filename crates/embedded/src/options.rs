//! What the embedded store can be told.

use std::collections::HashSet;
use std::sync::Arc;

use yagura_store::dsl::QueryStringParser;

/// Into which pieces an index is cut on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granularity {
    /// One directory for each UTC day: log types with much traffic.
    Day,
    /// One directory for each UTC month: log types with little traffic.
    Month,
    /// One directory: log types whose documents come again under the same id with another time.
    Single,
}

/// Settings of [`crate::EmbeddedStore`].
#[derive(Clone)]
pub struct Options {
    /// Says for a log type into which pieces its indices are cut. Documents with one id replace each
    /// other only within a piece.
    pub granularity: Arc<dyn Fn(&str) -> Granularity + Send + Sync>,
    /// Bytes of documents held in memory before they are written out.
    pub memory_budget_bytes: usize,
    /// Writers kept open at once.
    pub max_open_writers: usize,
    /// Threads that build the index of one partition.
    pub indexing_threads: usize,
    /// Threads that search at once for one request.
    pub search_threads: usize,
    /// Fields that are found by value but never counted: identifiers that differ in every document.
    pub identifiers: HashSet<String>,
    /// Fields of text that are looked for in very many documents at once: users, keys, hosts. Their
    /// values get an index beside their column; addresses always have one.
    pub pivots: HashSet<String>,
    /// Reads the text of `query_string` queries; `None` reads Lucene's syntax with the declared fields.
    pub query_strings: Option<Arc<dyn QueryStringParser>>,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            granularity: Arc::new(|_| Granularity::Day),
            memory_budget_bytes: 512 << 20,
            max_open_writers: 16,
            // Indexing is most of the work: with fewer threads than processors, those who bring documents
            // wait for it while a processor has nothing to do.
            indexing_threads: cores.clamp(1, 4),
            search_threads: cores.clamp(1, 8),
            identifiers: HashSet::new(),
            pivots: HashSet::new(),
            query_strings: None,
        }
    }
}
