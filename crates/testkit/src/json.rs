//! Writes JSON in a given member order, straight into a string.

use std::fmt::{Display, Write as _};

/// An object being written; members appear in the order of the calls.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    empty: bool,
}

/// An array being written.
pub(crate) struct Array<'a> {
    out: &'a mut String,
    empty: bool,
}

/// Appends an object to `out`.
pub(crate) fn object(out: &mut String, members: impl FnOnce(&mut Object<'_>)) {
    out.push('{');
    members(&mut Object {
        out: &mut *out,
        empty: true,
    });
    out.push('}');
}

fn array(out: &mut String, items: impl FnOnce(&mut Array<'_>)) {
    out.push('[');
    items(&mut Array {
        out: &mut *out,
        empty: true,
    });
    out.push(']');
}

fn text(out: &mut String, value: &str) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

impl Object<'_> {
    fn key(&mut self, name: &str) -> &mut String {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(',');
        }
        text(self.out, name);
        self.out.push(':');
        self.out
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) -> &mut Self {
        text(self.key(name), value);
        self
    }

    /// A member that is written as it stands: a number, `true`, `false` or `null`.
    pub(crate) fn bare(&mut self, name: &str, value: impl Display) -> &mut Self {
        // Writing to a String cannot fail.
        let _ = write!(self.key(name), "{value}");
        self
    }

    pub(crate) fn null(&mut self, name: &str) -> &mut Self {
        self.bare(name, "null")
    }

    pub(crate) fn object(
        &mut self,
        name: &str,
        members: impl FnOnce(&mut Object<'_>),
    ) -> &mut Self {
        object(self.key(name), members);
        self
    }

    pub(crate) fn array(&mut self, name: &str, items: impl FnOnce(&mut Array<'_>)) -> &mut Self {
        array(self.key(name), items);
        self
    }
}

impl Array<'_> {
    fn next(&mut self) -> &mut String {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(',');
        }
        self.out
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        text(self.next(), value);
        self
    }

    pub(crate) fn object(&mut self, members: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        object(self.next(), members);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_text_is_escaped() {
        let mut out = String::new();
        object(&mut out, |o| {
            o.text("z", "a\"b\\c\u{1}é").bare("n", 3).null("x");
            o.object("empty", |_| {});
            o.array("list", |list| {
                list.text("one").object(|o| {
                    o.bare("two", true);
                });
            });
        });
        let expected =
            r#"{"z":"a\"b\\c\u0001é","n":3,"x":null,"empty":{},"list":["one",{"two":true}]}"#;
        assert_eq!(out, expected);
        assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok());
    }
}
