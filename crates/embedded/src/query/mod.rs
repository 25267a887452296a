//! The query tree to the engine's queries.

mod column;
mod compile;
mod dictionary;
mod leaf;
mod matcher;
mod time_bounds;

pub(crate) use compile::Compiler;
pub(crate) use matcher::Matcher;
pub(crate) use time_bounds::TimeBounds;
