//! Writes the table of options as a reference page.

use std::fmt::Write;

use crate::options::{Kind, Scope, list_fields, options};

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Pattern => "regular expression".to_owned(),
        Kind::Integer => "integer".to_owned(),
        Kind::Boolean => "boolean".to_owned(),
        Kind::List => "list".to_owned(),
        Kind::JsonList => "JSON list of texts".to_owned(),
        Kind::UtcOffset => "UTC offset".to_owned(),
        Kind::Choice(words) => format!("`{}`", words.join("`, `")),
    }
}

/// The reference of all options, in Markdown.
pub fn reference_markdown() -> String {
    let mut page = String::from(
        "# Options\n\n\
         A log type is a section of an INI file; `[DEFAULT]` supplies values to all sections. \
         Options marked *global* belong into `[DEFAULT]`.\n\n\
         - A **list** is written as words with white space between them, or as `[a b, c]`: \
         entries with commas between them, each of which may be several paths of which the first with a value counts.\n\
         - A **boolean** is `1`, `yes`, `true`, `on` or `0`, `no`, `false`, `off`.\n\
         - A **UTC offset** is written `+09:00`.\n\
         - A **regular expression** may be continued on indented lines; write `$$` for a dollar sign.\n\n\
         | Option | Type | Default | Meaning |\n|---|---|---|---|\n",
    );
    for spec in options() {
        let default = match spec.default {
            "" => "empty".to_owned(),
            text => format!("`{text}`"),
        };
        let unit = spec
            .unit
            .map(|unit| format!(" ({unit})"))
            .unwrap_or_default();
        let global = match spec.scope {
            Scope::Global => "*Global.* ",
            Scope::LogType => "",
        };
        let _ = writeln!(
            page,
            "| `{}` | {}{unit} | {default} | {global}{} |",
            spec.name,
            kind(spec.kind),
            spec.documentation
        );
    }
    page.push_str(
        "\n## Fields that hold lists\n\nAn ECS field of this list collects the values of all its entries, \
         without duplicates and sorted. Any other field takes the first value it finds.\n\n",
    );
    for field in list_fields() {
        let _ = writeln!(page, "- `{field}`");
    }
    page
}
