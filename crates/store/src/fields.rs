//! The types of fields: what packs' `fields.yml` declare, as the stores use it.

use std::collections::BTreeMap;

use crate::DateFormats;

/// How a field is kept and searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// IPv4 or IPv6 address, searchable by CIDR.
    Ip,
    /// Instant.
    Date,
    /// Exact text.
    Keyword,
    /// Whole number.
    Long,
    /// Number.
    Double,
    /// True or false.
    Boolean,
    /// Analysed text with phrases.
    Text,
    /// Longitude and latitude.
    GeoPoint,
}

impl FieldType {
    /// The name OpenSearch gives the type.
    pub fn as_str(self) -> &'static str {
        match self {
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
}

/// One declared field.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Field {
    /// Full dotted path.
    pub name: String,
    /// Type.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// How dates are written, if not as ISO 8601 or in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<DateFormats>,
    /// What it holds, one sentence.
    #[serde(default)]
    pub description: String,
}

/// All declared fields: common ones and those of each log type's index family.
///
/// A field that is declared nowhere is dynamic: its values decide (text becomes keyword).
#[derive(Debug, Clone, Default)]
pub struct FieldCatalog {
    common: BTreeMap<String, Field>,
    by_index_base: BTreeMap<String, BTreeMap<String, Field>>,
}

impl FieldCatalog {
    /// Declares a field for every index.
    pub fn add_common(&mut self, field: Field) {
        self.common.insert(field.name.clone(), field);
    }

    /// Declares a field for indices whose name is `base` or starts with `base-`.
    pub fn add(&mut self, base: &str, field: Field) {
        let fields = self.by_index_base.entry(base.to_owned()).or_default();
        fields.insert(field.name.clone(), field);
    }

    /// The declaration that holds for a field in an index; the longest matching base wins.
    pub fn lookup(&self, index: &str, name: &str) -> Option<&Field> {
        let own = self
            .by_index_base
            .iter()
            .filter(|(base, _)| {
                index
                    .strip_prefix(base.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
            .max_by_key(|(base, _)| base.len())
            .and_then(|(_, fields)| fields.get(name));
        own.or_else(|| self.common.get(name))
    }

    /// Every declaration, with the index base it holds for (`None` for the common ones).
    pub fn iter(&self) -> impl Iterator<Item = (Option<&str>, &Field)> {
        let common = self.common.values().map(|field| (None, field));
        let own = self.by_index_base.iter().flat_map(|(base, fields)| {
            fields
                .values()
                .map(move |field| (Some(base.as_str()), field))
        });
        common.chain(own)
    }
}
