//! CPython's own form of values: three times as fast to read and write for it as JSON.
//!
//! Only what JSON can say is written, in a form that every Python 3 reads; and only that is read,
//! from what `marshal.dumps(…, 4)` writes. Source: `Python/marshal.c` of CPython.

mod integer;
mod read;
mod write;

pub use read::read_object;
pub use write::push_object;

/// What stands before each value.
mod tag {
    pub const NONE: u8 = b'N';
    pub const FALSE: u8 = b'F';
    pub const TRUE: u8 = b'T';
    pub const INTEGER: u8 = b'i';
    pub const LONG: u8 = b'l';
    pub const FLOAT: u8 = b'g';
    pub const TEXT: u8 = b'u';
    pub const INTERNED: u8 = b't';
    pub const ASCII: u8 = b'a';
    pub const ASCII_INTERNED: u8 = b'A';
    pub const SHORT_ASCII: u8 = b'z';
    pub const SHORT_ASCII_INTERNED: u8 = b'Z';
    pub const LIST: u8 = b'[';
    pub const TUPLE: u8 = b'(';
    pub const SMALL_TUPLE: u8 = b')';
    pub const DICT: u8 = b'{';
    /// Where a dict ends.
    pub const END: u8 = b'0';
    /// The same value as one that came before.
    pub const REFERENCE: u8 = b'r';
    pub const SET: u8 = b'<';
    pub const FROZEN_SET: u8 = b'>';
    pub const BYTES: u8 = b's';
    pub const COMPLEX: u8 = b'y';
    /// Added to the tag of a value that may be referred to.
    pub const REMEMBER: u8 = 0x80;
}
