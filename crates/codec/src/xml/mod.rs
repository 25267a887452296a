//! XML: one element a record.

mod between;
mod records;
mod scan;
mod tree;
mod windows;

use yagura_model::{Arena, Object};

use crate::{FailureReason, LineParser};

pub(crate) use records::read_xml;
pub use scan::XmlStart;
pub use windows::WindowsEvent;

/// Takes XML elements apart: attributes and children become members.
pub struct XmlElement;

impl LineParser for XmlElement {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        tree::parse_xml(line, tree::Blanks::Trim, arena)
            .map_err(|detail| (FailureReason::InvalidXml, detail))
    }
}
