//! The types of all fields, from the packs' `fields.yml` and `packs/ecs.yml`.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use yagura_config::Ini;
use yagura_store::DateFormats;
use yagura_store::fields::{Field, FieldCatalog, FieldType};

use crate::PACKS;

const ECS: &str = include_str!("../../../packs/ecs.yml");

/// A field as it is written in `fields.yml`; an ECS field has its name only.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(rename = "type")]
    field_type: Option<FieldType>,
    /// How dates are written, in OpenSearch's words.
    format: Option<DateFormats>,
    /// Its value differs in every document, so it is looked up but never counted.
    #[serde(default)]
    identifier: bool,
    #[serde(default)]
    description: String,
    #[serde(default, rename = "unit")]
    _unit: Option<String>,
    #[serde(default, rename = "source")]
    _source: Option<String>,
}

/// A `fields.yml` that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FieldsError {
    /// It is not the YAML that is expected.
    #[error("{file}: {error}")]
    Yaml {
        /// File.
        file: String,
        /// What is wrong, with line and column.
        error: String,
    },
    /// A field has no type and is no ECS field.
    #[error("{file}: field `{field}` has no type and is not in packs/ecs.yml")]
    NoType {
        /// File.
        file: String,
        /// Field.
        field: String,
    },
}

/// Reads the types of all fields of all packs.
pub fn field_catalog() -> Result<FieldCatalog, FieldsError> {
    let mut catalog = FieldCatalog::default();
    let mut common = HashMap::new();
    for entry in read("packs/ecs.yml", ECS)? {
        let field = entry.into_field("packs/ecs.yml", &common)?;
        common.insert(field.name.clone(), field.clone());
        catalog.add_common(field);
    }
    for pack in PACKS {
        let file = format!("packs/{}/fields.yml", pack.name);
        let bases = index_bases(pack.ini);
        for entry in read(&file, pack.fields)? {
            if entry.field_type.is_none() && common.contains_key(&entry.name) {
                continue;
            }
            let field = entry.into_field(&file, &common)?;
            for base in &bases {
                catalog.add(base, field.clone());
            }
        }
    }
    Ok(catalog)
}

/// The fields whose values differ in every document, by name.
pub fn identifier_fields() -> Result<HashSet<String>, FieldsError> {
    let mut names = HashSet::new();
    let files = PACKS.iter().map(|pack| (pack.name, pack.fields));
    for (file, text) in files.chain([("ecs", ECS)]) {
        let entries = read(file, text)?.into_iter();
        names.extend(
            entries
                .filter(|entry| entry.identifier)
                .map(|entry| entry.name),
        );
    }
    Ok(names)
}

fn read(file: &str, text: &str) -> Result<Vec<Entry>, FieldsError> {
    serde_saphyr::from_str(text).map_err(|error| FieldsError::Yaml {
        file: file.to_owned(),
        error: error.to_string(),
    })
}

impl Entry {
    fn into_field(self, file: &str, common: &HashMap<String, Field>) -> Result<Field, FieldsError> {
        let known = common.get(&self.name).map(|field| field.field_type);
        match self.field_type.or(known) {
            Some(field_type) => Ok(Field {
                name: self.name,
                field_type,
                format: self.format,
                description: self.description,
            }),
            None => Err(FieldsError::NoType {
                file: file.to_owned(),
                field: self.name,
            }),
        }
    }
}

/// The index names of a pack's log types.
fn index_bases(ini: &str) -> Vec<String> {
    let Ok(ini) = Ini::parse("pack.ini", ini) else {
        return Vec::new();
    };
    let mut bases: Vec<String> = ini
        .sections()
        .filter_map(|section| ini.get(section, "index_name").ok().flatten())
        .map(|base| base.to_string())
        .collect();
    bases.dedup();
    bases
}
