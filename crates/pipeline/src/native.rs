//! The Rust part of a log type, which packs bring.

use yagura_model::{Arena, Object};

use crate::{Draft, OwnLogRule, Stop};

/// Rearranges a document after the ECS mapping.
pub type Transform = for<'a> fn(&mut Draft<'a>) -> Result<(), Stop>;

/// Takes an ordinary line apart; `None` leaves it to the log type's `log_pattern`.
pub type SplitLine = for<'a> fn(&'a str, &'a Arena) -> Option<&'a mut Object<'a>>;

/// What a pack adds to the options of a log type.
#[derive(Clone, Copy, Default)]
pub struct Native {
    /// Runs when `script_ecs` is set.
    pub transform: Option<Transform>,
    /// A tokeniser that gives what `log_pattern` would give, several times faster; with the
    /// pattern it stands for. A user's own pattern switches it off.
    pub split_line: Option<SplitLine>,
    /// Which records the loader's own activity causes.
    pub own_logs: &'static [OwnLogRule],
}

/// Knows the Rust parts of log types by name.
pub trait Natives {
    /// The Rust part of a log type; empty if it has none.
    fn native(&self, log_type: &str) -> Native;

    /// The `log_pattern` that the pack ships for a log type.
    fn shipped_pattern(&self, log_type: &str) -> Option<&str>;
}

/// No log type has a Rust part.
pub struct NoNatives;

impl Natives for NoNatives {
    fn native(&self, _log_type: &str) -> Native {
        Native::default()
    }

    fn shipped_pattern(&self, _log_type: &str) -> Option<&str> {
        None
    }
}
