//! The description of the API, made from the types and routes themselves.

use utoipa::OpenApi;

use crate::{opensearch, v1};

/// Everything the API offers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Yagura",
        description = "Search, entities, sources, exports, dead letters and ledger of a Yagura server."
    ),
    paths(
        opensearch::search::search,
        opensearch::search::count,
        opensearch::search::field_caps,
        opensearch::msearch::msearch,
        opensearch::document::get,
        opensearch::cat::indices,
        opensearch::cat::health,
        v1::session::current,
        v1::session::sign_in,
        v1::session::sign_out,
        v1::log_types::list,
        v1::query::parse,
        v1::suggest::suggest,
        v1::fields::stats,
        v1::fields::explain,
        v1::entities::single,
        v1::enrich::enrich,
        v1::home::summary,
        v1::sources::list,
        v1::whereabouts::explain,
        v1::saved_searches::list,
        v1::saved_searches::create,
        v1::saved_searches::single,
        v1::saved_searches::change,
        v1::saved_searches::delete,
        v1::links::create,
        v1::links::open,
        v1::exports::list,
        v1::exports::create,
        v1::exports::single,
        v1::exports::file,
        v1::exports::delete,
        v1::dead_letters::list,
        v1::dead_letters::single,
        v1::dead_letters::retry,
        v1::ledger::list,
    )
)]
struct Description;

/// The description of the API as JSON.
pub fn document() -> serde_json::Value {
    let mut document = serde_json::json!(Description::openapi());
    // The licence and version are the workspace's, not this crate's alone.
    if let Some(info) = document.get_mut("info").and_then(|it| it.as_object_mut()) {
        info.remove("contact");
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The committed file is what the types say; `UPDATE=1` writes it.
    #[test]
    fn committed_description_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        let text = format!("{:#}\n", document());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == text,
            "`openapi.json` is out of date; run the test with `UPDATE=1`"
        );
    }
}
