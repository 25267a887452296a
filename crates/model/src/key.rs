//! Keys of members: what tells them apart, and keys that are prepared once.

use crate::buffer::Opening;

/// What tells a key from most others without comparing it: worked out from its length and ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyMark {
    /// One bit of one of two words.
    word: u8,
    bit: u64,
    /// One byte, by which an object finds the few keys that may be the one.
    pub(crate) tag: u8,
}

impl KeyMark {
    #[inline]
    pub(crate) const fn of(key: &str) -> KeyMark {
        let bytes = key.as_bytes();
        let (first, last) = match (bytes.first(), bytes.last()) {
            (Some(first), Some(last)) => (*first as u32, *last as u32),
            _ => (0, 0),
        };
        let sum = (bytes.len() as u32)
            .wrapping_add(first.wrapping_mul(5))
            .wrapping_add(last.wrapping_mul(11));
        KeyMark {
            word: (sum / u64::BITS % 2) as u8,
            bit: 1 << (sum % u64::BITS),
            tag: (sum >> 3) as u8,
        }
    }
}

/// The bits of keys. They tell of most keys that they are not among them.
///
/// Two words, and not one of twice the width: a processor waits for a wide word whose halves were
/// written by themselves a moment before.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KeyBits([u64; 2]);

impl KeyBits {
    /// Adds a key.
    #[inline]
    pub(crate) fn add(&mut self, mark: KeyMark) {
        self.0[usize::from(mark.word % 2)] |= mark.bit;
    }

    /// These keys and others.
    pub(crate) fn with(&self, others: &KeyBits) -> KeyBits {
        KeyBits([self.0[0] | others.0[0], self.0[1] | others.0[1]])
    }

    /// Whether the key may be among them.
    #[inline]
    pub(crate) fn may_have(&self, mark: KeyMark) -> bool {
        self.0[usize::from(mark.word % 2)] & mark.bit != 0
    }

    /// Whether any of these keys may be among them.
    #[inline]
    pub(crate) fn may_have_any(&self, others: &KeyBits) -> bool {
        (self.0[0] & others.0[0]) | (self.0[1] & others.0[1]) != 0
    }
}

impl FromIterator<KeyMark> for KeyBits {
    fn from_iter<T: IntoIterator<Item = KeyMark>>(marks: T) -> Self {
        let mut bits = KeyBits::default();
        marks.into_iter().for_each(|mark| bits.add(mark));
        bits
    }
}

/// Whether two keys are the same, without a call: keys are short.
#[inline]
pub(crate) fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
        bytes.first_chunk().zip(bytes.last_chunk())
    }
    match (ends::<8>(left), ends::<8>(right)) {
        (Some(left_ends), Some(right_ends)) => {
            left_ends == right_ends && (left.len() <= 16 || left == right)
        }
        _ => match (ends::<4>(left), ends::<4>(right)) {
            (Some(left), Some(right)) => left == right,
            // Of up to three bytes these are all.
            _ => {
                let middle = left.len() / 2;
                left.first() == right.first()
                    && left.get(middle) == right.get(middle)
                    && left.last() == right.last()
            }
        },
    }
}

/// A key that stands in the program; it is prepared when that is compiled.
#[macro_export]
macro_rules! key {
    ($text:literal) => {
        const { &$crate::Key::new($text) }
    };
}

/// Keys that stand in the program, in a row.
#[macro_export]
macro_rules! keys {
    ($($text:literal),+ $(,)?) => {
        const { &$crate::Key::list([$($text),+]) }
    };
}

/// A key that is put into very many objects: what they note of it, and how it stands in JSON text,
/// is worked out once; of a literal when the program is compiled.
///
/// ```
/// use yagura_model::{Arena, Object, Value, keys};
///
/// let arena = Arena::new();
/// let object = Object::new_in(&arena);
/// for key in keys!["source", "destination"] {
///     object.push_key(key, Value::Text("192.0.2.1"));
/// }
/// assert_eq!(object.text("destination"), Some("192.0.2.1"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Key<T = &'static str> {
    pub(crate) text: T,
    pub(crate) mark: KeyMark,
    /// How it stands in JSON text, if that is ready.
    pub(crate) opening: Option<Opening>,
}

impl Key {
    /// Prepares a key that lives as long as the program.
    pub const fn new(text: &'static str) -> Key {
        Key {
            text,
            mark: KeyMark::of(text),
            opening: Opening::of_member(text),
        }
    }

    /// The same for several.
    pub const fn list<const N: usize>(texts: [&'static str; N]) -> [Key; N] {
        let mut keys = [Key::new(""); N];
        let mut at = 0;
        while at < N {
            keys[at] = Key::new(texts[at]);
            at += 1;
        }
        keys
    }
}

impl From<String> for Key<String> {
    fn from(text: String) -> Self {
        Key {
            mark: KeyMark::of(&text),
            opening: Opening::of_member(&text),
            text,
        }
    }
}

impl<T: AsRef<str>> Key<T> {
    /// The key.
    #[inline]
    pub fn as_str(&self) -> &str {
        self.text.as_ref()
    }

    /// What a member needs of the key.
    #[inline]
    pub fn member_key(&self) -> MemberKey<'_> {
        MemberKey {
            text: self.as_str(),
            opening: self.opening.as_ref(),
        }
    }
}

/// What a member needs of a key that is prepared. Who makes the same members again and again keeps
/// these behind each other, so that the keys themselves are not fetched each time.
#[derive(Debug, Clone, Copy)]
pub struct MemberKey<'k> {
    pub(crate) text: &'k str,
    pub(crate) opening: Option<&'k Opening>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_same_if_all_their_bytes_are() {
        let texts = [
            "",
            "a",
            "abc",
            "abcd",
            "abcdefg",
            "abcdefgh",
            "abcdefghijklmnopqrs",
        ];
        for left in texts {
            for right in texts {
                assert_eq!(is_same(left, right), left == right, "{left}, {right}");
            }
            for at in 0..left.len() {
                let mut other = left.to_owned();
                other.replace_range(at..=at, "X");
                assert!(!is_same(left, &other), "{left}, {other}");
            }
        }
    }
}
