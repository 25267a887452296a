//! Lines of a log type that has a tokeniser.

use yagura_codec::{FailureReason, LineParser, Pattern};
use yagura_model::{Arena, Object};

use crate::native::SplitLine;

/// The pack's tokeniser for ordinary lines, the log type's pattern for all others.
///
/// A tokeniser is several times faster than a pattern with dozens of groups; it only takes lines
/// that it splits exactly as the pattern does, which the packs' tests compare.
pub(crate) struct FastLine {
    pub(crate) split: SplitLine,
    pub(crate) pattern: Pattern,
}

impl LineParser for FastLine {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        match (self.split)(line, arena) {
            Some(fields) => Ok(fields),
            None => self.pattern.parse(line, arena),
        }
    }
}
