//! The store on one machine: documents in partitions by time, searched in place.
//!
//! Every index is cut into stretches of time, each a directory of its own with an index of the
//! `tantivy` engine. All of them have one schema; the fields of documents live inside of it by path,
//! so that a new field needs no change on disk.

mod aggregate;
mod columns;
mod convert;
mod document;
mod field_list;
mod ids;
mod ip;
mod layout;
mod memory;
mod merging;
mod options;
mod packing;
mod partition;
mod query;
mod replace;
mod routes;
mod schema;
mod search;
mod store;
mod tally;
mod tokenizer;

pub use options::{Granularity, Options};
pub use store::EmbeddedStore;
pub use tally::{GroupTally, Piece, PieceTally, TallyRow};
