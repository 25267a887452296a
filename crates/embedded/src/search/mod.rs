//! Searching: which partitions, which documents, in which order, and what comes back of them.

mod docs;
mod fetch;
mod hits;
mod keys;
mod recent;
mod run;

pub(crate) use docs::Docs;
pub(crate) use fetch::{Fetcher, WantedParts};
pub(crate) use hits::{Hit, Selection};
pub(crate) use keys::{SegmentKeys, SortPlan, compare_values};
pub(crate) use recent::RecentDocuments;
pub(crate) use run::{
    SearchContext, SegmentView, count, deadline, for_each_parallel, in_parallel, search, worthwhile,
};
