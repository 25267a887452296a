//! Amazon FSx for Windows File Server: its records are Windows events.

use super::windows::WINDOWS_EVENT;
use yagura_pipeline::Native;

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("fsx-win", WINDOWS_EVENT)];
