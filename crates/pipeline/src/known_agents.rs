//! What user agents say, written as JSON.

use hashbrown::HashMap;
use yagura_model::{Arena, Object};

use crate::enrich::{Lookups, set_agent};
use crate::known::ObjectWriter;

/// Texts that are remembered; one more, and all begin anew.
const MAX_TEXTS: usize = 4 << 10;
/// Bytes of the longest text that is remembered, far less than what is cut in a document.
const MAX_TEXT_BYTES: usize = 512;

/// Few user agents make most of a log, and what is said about one are half a dozen fields. So the
/// whole object is written once for each, and copied from then on.
#[derive(Default)]
pub(crate) struct KnownAgents {
    written: HashMap<Box<str>, Box<str>>,
    writer: ObjectWriter,
}

impl KnownAgents {
    pub(crate) fn clear(&mut self) {
        self.written.clear();
    }

    /// The object that tells of the user agent with this text and of nothing else; `None` if nothing
    /// is known, or the text too long to be remembered.
    pub(crate) fn object_in<'a>(
        &mut self,
        text: &str,
        lookups: &mut dyn Lookups,
        arena: &'a Arena,
    ) -> Option<&'a str> {
        if text.len() > MAX_TEXT_BYTES {
            return None;
        }
        if let Some(json) = self.written.get(text) {
            return Some(arena.alloc_str(json));
        }
        let agent = lookups.user_agent(text)?;
        let json = self.writer.json(|arena| {
            let object = Object::with_capacity_in(7, arena);
            set_agent(object, &agent, arena);
            Some(object)
        });
        if json.is_empty() {
            return None;
        }
        if self.written.len() >= MAX_TEXTS {
            self.written.clear();
        }
        self.written.insert(text.into(), json.into());
        Some(arena.alloc_str(json))
    }
}
