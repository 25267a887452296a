//! The nouns of the engine: the document tree, its text forms, paths into it, and instants.

mod address;
mod escape;
mod intern;
mod json;
mod number;
mod object;
mod path;
mod percent;
mod pytext;
mod timestamp;
mod value;
mod write;

pub use address::{forwarded_addresses, is_ip_address, parse_address};
pub use bumpalo::Bump as Arena;
pub use escape::{push_json_string, push_python_string};
pub use intern::intern;
pub use json::{JsonError, JsonErrorKind, MAX_DEPTH, parse, parse_prefix};
pub use number::{push_python_float, python_number};
pub use object::{Member, Object};
pub use path::Path;
pub use percent::percent_decoded;
pub use pytext::{Form, push_python_dumps, push_python_text, python_text};
pub use timestamp::{Date, Iso8601, Timestamp};
pub use value::{List, Value};
pub use write::{TextLimit, push_compact_json, push_document};
