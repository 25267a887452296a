//! Lines of a log type that has a tokeniser, or whose layout may drift.

use yagura_codec::{Checked, FailureReason, Layout, LineParser, Pattern};
use yagura_model::{Arena, Object};

use crate::native::SplitLine;

/// The pack's tokeniser for ordinary lines, the log type's pattern for all others, and the
/// beginning of the pattern for lines that it does not cover.
///
/// A tokeniser is several times faster than a pattern with dozens of groups; it only takes lines
/// that it splits exactly as the pattern does, which the packs' tests compare.
pub(crate) struct FastLine {
    pub(crate) split: Option<SplitLine>,
    pub(crate) pattern: Pattern,
    pub(crate) layout: Option<Layout>,
}

impl LineParser for FastLine {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        match self.split.and_then(|split| split(line, arena)) {
            Some(fields) => Ok(fields),
            None => self.pattern.parse(line, arena),
        }
    }

    fn check<'a>(
        &'a self,
        line: &'a str,
        fields: Result<&'a mut Object<'a>, (FailureReason, String)>,
        arena: &'a Arena,
    ) -> Checked<'a> {
        let Some(layout) = &self.layout else {
            return Checked {
                fields,
                drift: None,
            };
        };
        match fields {
            Ok(fields) => {
                let drift = layout.keep_rest(line, fields, arena);
                Checked {
                    fields: Ok(fields),
                    drift,
                }
            }
            Err((FailureReason::PatternMismatch, detail)) => match layout.read_start(line, arena) {
                Some((fields, drift)) => Checked {
                    fields: Ok(fields),
                    drift: Some(drift),
                },
                None => Checked {
                    fields: Err((FailureReason::PatternMismatch, detail)),
                    drift: None,
                },
            },
            fields => Checked {
                fields,
                drift: None,
            },
        }
    }
}
