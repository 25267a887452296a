//! Users' own logic for log types: scripts in the Vector Remap Language or in Python.
//!
//! A script lies in the folder `siem` of the configuration and is named after its log type. It
//! runs in the place of the pack's transform. VRL runs inside of the loader, Python in processes
//! of its own; either way a failure costs the record at hand.

mod folder;
mod python;
mod vrl;

pub use folder::{ScriptFolder, UserScripts};

/// Something that is wrong with a script.
pub(crate) type Problem = yagura_config::Diagnostic;
