//! The content: what Yagura knows about each product's logs.

mod fields;
mod finding_type;
mod registry;
mod settings;
mod web;

pub use fields::{FieldsError, field_catalog, identifier_fields};
pub use registry::{PACKS, Pack};
pub use settings::{LoadedSettings, PackNatives, load_settings};
