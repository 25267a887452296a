//! What the page shows of each log type, from the settings.

use yagura_api::{LocalText, LogTypeInfo};
use yagura_config::{LogTypeSettings, Settings};

/// What the page shows of each log type.
pub fn log_types(settings: &Settings) -> Vec<LogTypeInfo> {
    let by_content = settings.globals.load_unmatched;
    let can_load = |log_type: &&LogTypeSettings| {
        let takes_content = by_content && log_type.fallback_for.is_some();
        (log_type.s3_key.is_some() || takes_content) && !log_type.index_name.is_empty()
    };
    let info = |log_type: &LogTypeSettings| LogTypeInfo {
        id: log_type.name.clone(),
        index: format!("{}-*", log_type.index_name),
        title: LocalText {
            en: log_type.name.clone(),
            ja: log_type.name.clone(),
        },
        columns: log_type.columns.clone(),
        entities: log_type
            .entities
            .iter()
            .map(|entity| (entity.kind.clone(), entity.fields.clone()))
            .collect(),
        severity: None,
    };
    settings
        .log_types
        .iter()
        .filter(can_load)
        .map(info)
        .collect()
}
