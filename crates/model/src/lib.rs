//! The nouns of the engine: the document tree, its text forms, paths into it, and instants.

mod address;
mod buffer;
mod dump;
mod escape;
mod intern;
mod json;
mod key;
mod md5;
mod mould;
mod number;
mod object;
mod path;
mod percent;
mod pytext;
mod row;
mod source;
mod timestamp;
mod value;
mod write;

pub use address::{dotted_digits, forwarded_addresses, is_ip_address, parse_address};
pub use buffer::Buffer;
pub use bumpalo::Bump as Arena;
pub use dump::Dump;
pub use escape::{plain_run, push_json_string, push_python_string};
pub use intern::{intern, intern_key};
pub use json::{JsonError, JsonErrorKind, MAX_DEPTH, parse, parse_prefix, parse_prefix_noting};
pub use key::{Key, MemberKey};
pub use md5::{LANES, Md5Sum, md5_digits, md5_sums};
pub use mould::{Mould, Part};
pub use number::{push_python_float, python_number};
pub use object::{KeySet, Member, Object};
pub use path::{HintedKey, Path, RarePaths, Spot};
pub use percent::percent_decoded;
pub use pytext::{Form, push_python_dumps, push_python_text, python_text};
pub use row::{KeyRow, Layout};
pub use source::Source;
pub use timestamp::{Date, Iso8601, LastDay, Timestamp};
pub use value::{List, Value};
pub use write::{
    EscapedText, Hints, Run, TextLimit, push_compact_json, push_document, text_says_nothing,
};
