//! Layers of configuration files become typed settings of the loader and of every log type.
//!
//! All options are declared once, in [`options()`]: parser, defaults,
//! validation and the reference come from there. A section of a file is a log
//! type; nothing here knows one by name. Regular expressions and time formats
//! stay text with their place, for the crates that own those engines.
//!
//! ```
//! let user = "[my-app]\ns3_key = my-app/\nfile_format = json\nindex_name = log-my-app\n";
//! let (settings, diagnostics) = yagura_config::Settings::load(&[("user.ini", user)])?;
//! assert!(diagnostics.is_empty());
//! assert_eq!(settings.log_types[0].index_name, "log-my-app");
//! # Ok::<(), yagura_config::ConfigError>(())
//! ```

mod check;
mod diagnostic;
mod layers;
mod options;
mod read;
mod reference;
mod settings;
mod value;

pub use check::check;
pub use diagnostic::{ConfigError, Diagnostic, Severity};
pub use layers::{BUILT_IN, layer};
pub use options::{Kind, OptionSpec, Scope, is_list_field, list_fields, option, options};
pub use reference::reference_markdown;
pub use settings::{
    ClientIpSelection, EcsField, EntityFields, FileFormat, GlobalSettings, IndexRotation,
    IndexTime, LogTypeSettings, Partition, Pattern, ScriptError, Settings, StaticValue,
    TimestampFormat,
};
pub use value::{list_entries, parse_utc_offset};
pub use yagura_ini::{Ini, Origin};
