//! Users' own logic of a log type, which runs in the place of its pack's transform.

use yagura_codec::Position;
use yagura_model::{Arena, Form, Object, Timestamp, Value, python_text};

use crate::draft::Draft;
use crate::time::{parse_epoch, parse_iso8601};

/// Knows users' scripts by the name of their log type.
pub trait Scripts: Send + Sync {
    /// The script of a log type, ready to run; every worker gets one of its own.
    fn script(&self, log_type: &str) -> Option<Script>;
}

/// A script, by where it runs.
pub enum Script {
    /// In this process, on the document where it is.
    InPlace(Box<dyn InPlaceScript>),
    /// In a process of its own, to which documents go many at a time.
    Batched(Box<dyn BatchedScript>),
}

/// A script that runs in this process.
pub trait InPlaceScript: Send {
    /// Rearranges the fields. An error tells which line failed and why; the fields are then as
    /// they were.
    fn run<'a>(&mut self, fields: &mut Object<'a>, arena: &'a Arena) -> Result<(), String>;
}

/// A script to which documents go in batches, and from which they come back in the same order.
///
/// A batch is filled with [`BatchedScript::push`], sent off with [`BatchedScript::send`], and
/// runs while the next one is filled.
pub trait BatchedScript: Send {
    /// An object begins: what only one object may use up starts anew.
    fn begin_object(&mut self);

    /// Puts a document into the batch that is being filled.
    fn push(&mut self, fields: &Object<'_>);

    /// Whether the batch that is being filled is large enough to be sent.
    fn is_full(&self) -> bool;

    /// Sends the batch that was filled.
    fn send(&mut self);

    /// The next document of the batches that were sent, except for the last so many of them;
    /// `None` when all of those are back.
    fn next<'a>(&mut self, except_last: usize, arena: &'a Arena) -> Option<Scripted<'a>>;
}

/// A document that comes back from a script.
pub enum Scripted<'a> {
    /// As the script returned it.
    Done(&'a mut Object<'a>),
    /// The script failed.
    Failed {
        /// The document as the script got it.
        before: &'a mut Object<'a>,
        /// Which line failed, and why.
        detail: String,
    },
}

/// What the pipeline keeps of a record while its document is with a script.
pub(crate) struct Waiting {
    pub(crate) position: Position,
    pub(crate) raw: Box<[u8]>,
    pub(crate) timestamp: Timestamp,
    pub(crate) id: Box<str>,
    pub(crate) raw_names: Vec<String>,
    pub(crate) drift: Option<Box<str>>,
}

impl<'a> Draft<'a> {
    /// Takes over what a script says about the document in the fields that only loaders know:
    /// `@id`, `@timestamp`, `__doc_id_suffix`, `__index_name` and `__index_dt`.
    pub(crate) fn adopt_script_fields(&mut self) -> Result<(), String> {
        match self.fields.get("@id").filter(|id| !id.is_missing()) {
            Some(id) => self.id = python_text(id, Form::Plain, self.arena),
            None => self.put_text("@id", self.id),
        }
        if let Some(shown) = self.fields.get("@timestamp").and_then(time_of) {
            self.timestamp = shown;
        }
        if let Some(suffix) = self.fields.remove("__doc_id_suffix") {
            self.id_suffix = Some(python_text(&suffix, Form::Plain, self.arena));
        }
        if let Some(name) = self.fields.remove("__index_name") {
            self.index_base = Some(python_text(&name, Form::Plain, self.arena));
        }
        if let Some(date) = self.fields.remove("__index_dt")
            && !date.is_missing()
        {
            let Some(instant) = time_of(&date) else {
                let shown = python_text(&date, Form::Plain, self.arena);
                let shown = &shown[..shown.floor_char_boundary(64)];
                return Err(format!("`__index_dt` `{shown}` is no time"));
            };
            self.index_date = Some(instant);
        }
        Ok(())
    }
}

fn time_of(value: &Value<'_>) -> Option<Timestamp> {
    match value {
        Value::Text(text) => parse_iso8601(text, 0),
        Value::Number(text) => parse_epoch(text, 0),
        _ => None,
    }
}
