//! `yagura explain`: which log type a key leads to, and why.

use yagura_pipeline::Route;

use crate::cli::ExplainArguments;
use crate::configuration::Configuration;
use crate::output::say;

/// Runs the command; false when the key leads nowhere.
pub fn run(arguments: &ExplainArguments) -> anyhow::Result<bool> {
    let configuration = Configuration::load(&arguments.configuration, false)?;
    let loader = configuration.loader(1)?;
    let key = &arguments.key;
    let log_types = &configuration.settings.log_types;
    let route = loader.router().route(key);
    match route {
        Route::LogType(at) => say!("{key}\n  is loaded as log type `{}`", log_types[at].name),
        Route::Ignored(reason) => say!("{key}\n  is ignored: {reason}"),
    }
    let mut matches = loader.router().matches(key);
    if let Some(first) = matches.next() {
        let settings = &log_types[first];
        let pattern = settings.s3_key.as_ref().map_or("", |pattern| &pattern.text);
        say!("  first match: `{}` by s3_key `{pattern}`", settings.name);
        say!(
            "  index: `{}`, rotated {:?}",
            settings.index_name,
            settings.index_rotation
        );
    }
    let later: Vec<_> = matches.map(|at| log_types[at].name.as_str()).collect();
    if later.is_empty() {
        say!("  no other log type matches the key");
    } else {
        say!(
            "  would match as well, later in the order: {}",
            later.join(", ")
        );
    }
    Ok(matches!(route, Route::LogType(_)))
}
