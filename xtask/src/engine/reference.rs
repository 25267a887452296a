//! The reference pages: options of log types, and fields of documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use yagura_packs::field_catalog;
use yagura_store::fields::{Field, FieldType};

use crate::workspace::Generated;

/// Every reference page.
pub fn pages() -> anyhow::Result<Vec<Generated>> {
    let page = |name: &str, text: String| Generated {
        path: PathBuf::from("docs/reference").join(name),
        text,
    };
    Ok(vec![
        page("options.md", yagura_config::reference_markdown()),
        page("fields.md", fields()?),
    ])
}

/// The page of all declared fields.
fn fields() -> anyhow::Result<String> {
    let catalog = field_catalog()?;
    let mut common = Vec::new();
    let mut by_base: BTreeMap<&str, Vec<&Field>> = BTreeMap::new();
    let mut types = BTreeSet::new();
    for (base, field) in catalog.iter() {
        types.insert(type_name(field.field_type));
        match base {
            None => common.push(field),
            Some(base) => by_base.entry(base).or_default().push(field),
        }
    }
    let mut page = String::from(
        "# Fields\n\n\
         What documents hold, by index. Common fields mean the same in every index; most of them belong to the \
         [Elastic Common Schema](https://www.elastic.co/guide/en/ecs/current/index.html). \
         A field that is listed nowhere is typed by its values: text is a keyword.\n\n",
    );
    let types: Vec<_> = types.into_iter().map(|name| format!("`{name}`")).collect();
    writeln!(page, "Types in use: {}.\n", types.join(", "))?;
    writeln!(page, "## Common fields\n")?;
    push_table(&mut page, &common)?;
    for (base, fields) in by_base {
        writeln!(page, "\n## `{base}-*`\n")?;
        push_table(&mut page, &fields)?;
    }
    Ok(page)
}

fn push_table(page: &mut String, fields: &[&Field]) -> std::fmt::Result {
    page.push_str("| Field | Type | What it holds |\n|---|---|---|\n");
    for field in fields {
        let description = field.description.replace('|', "\\|");
        let name = type_name(field.field_type);
        writeln!(page, "| `{}` | {name} | {description} |", field.name)?;
    }
    Ok(())
}

/// The name of a type as `fields.yml` writes it.
fn type_name(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Ip => "ip",
        FieldType::Date => "date",
        FieldType::Keyword => "keyword",
        FieldType::Long => "long",
        FieldType::Double => "double",
        FieldType::Boolean => "boolean",
        FieldType::Text => "text",
        FieldType::GeoPoint => "geo_point",
    }
}
