//! Which fields exist, and which one a name that does not exist probably means.

use std::collections::BTreeMap;

use crate::fields::{FieldCatalog, FieldType};

/// The fields a query can name.
///
/// A list that is not known (`is_known` is false) makes no hints.
pub trait FieldNames: Send + Sync {
    /// Whether the list is known at all.
    fn is_known(&self) -> bool;
    /// Whether a field of exactly this name exists.
    fn contains(&self, name: &str) -> bool;
    /// Every name.
    fn names(&self) -> Box<dyn Iterator<Item = &str> + '_>;
    /// The fields that hold addresses; a bare address or network is looked for there.
    fn address_fields(&self) -> Vec<&str>;
}

/// A field list that is not known.
#[derive(Debug, Clone, Copy, Default)]
pub struct UnknownFields;

impl FieldNames for UnknownFields {
    fn is_known(&self) -> bool {
        false
    }
    fn contains(&self, _name: &str) -> bool {
        false
    }
    fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(std::iter::empty())
    }
    fn address_fields(&self) -> Vec<&str> {
        vec![
            "source.ip",
            "destination.ip",
            "client.ip",
            "server.ip",
            "related.ip",
        ]
    }
}

/// A known field list with types.
#[derive(Debug, Clone, Default)]
pub struct KnownFields {
    fields: BTreeMap<String, FieldType>,
}

impl KnownFields {
    /// The type of a field.
    pub fn type_of(&self, name: &str) -> Option<FieldType> {
        self.fields.get(name).copied()
    }

    /// Reads the field list from an answer of `_field_caps`; meta fields are left out.
    pub fn from_field_caps(answer: &serde_json::Value) -> Self {
        let fields = answer.get("fields").and_then(serde_json::Value::as_object);
        fields
            .into_iter()
            .flatten()
            .filter_map(|(name, by_type)| {
                let mut types = by_type.as_object()?.keys();
                let type_name = types.find(|it| !matches!(it.as_str(), "object" | "nested"))?;
                let field_type = match type_name.as_str() {
                    "ip" => FieldType::Ip,
                    "date" | "date_nanos" => FieldType::Date,
                    "long" | "integer" | "short" | "byte" => FieldType::Long,
                    "double" | "float" | "half_float" => FieldType::Double,
                    "boolean" => FieldType::Boolean,
                    "text" => FieldType::Text,
                    "geo_point" => FieldType::GeoPoint,
                    _ => FieldType::Keyword,
                };
                Some((name.clone(), field_type))
            })
            .collect()
    }
}

impl From<&FieldCatalog> for KnownFields {
    fn from(catalog: &FieldCatalog) -> Self {
        let declared = catalog.iter();
        declared
            .map(|(_, field)| (field.name.clone(), field.field_type))
            .collect()
    }
}

impl FromIterator<(String, FieldType)> for KnownFields {
    fn from_iter<I: IntoIterator<Item = (String, FieldType)>>(fields: I) -> Self {
        KnownFields {
            fields: fields.into_iter().collect(),
        }
    }
}

impl FieldNames for KnownFields {
    fn is_known(&self) -> bool {
        !self.fields.is_empty()
    }
    fn contains(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }
    fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.fields.keys().map(String::as_str))
    }
    fn address_fields(&self) -> Vec<&str> {
        let addresses = self
            .fields
            .iter()
            .filter(|(_, field_type)| **field_type == FieldType::Ip);
        addresses.map(|(name, _)| name.as_str()).collect()
    }
}

/// `None` if the name is fine; otherwise the field that was probably meant, if there is one.
pub(super) fn unknown(name: &str, names: &dyn FieldNames) -> Option<Option<String>> {
    let is_fine = !names.is_known()
        || name.contains('*')
        || name.starts_with('_')
        || names.contains(name)
        || is_object(name, names);
    if is_fine {
        return None;
    }
    let without_suffix = name.strip_suffix(".keyword");
    if let Some(base) = without_suffix.filter(|base| names.contains(base)) {
        return Some(Some(base.to_owned()));
    }
    Some(nearest(name, names))
}

fn is_object(name: &str, names: &dyn FieldNames) -> bool {
    names.names().any(|known| {
        known
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

/// The known name nearest to one that does not exist.
fn nearest(name: &str, names: &dyn FieldNames) -> Option<String> {
    let wanted_words = words(name);
    let wanted = wanted_words.concat();
    let tolerated = (wanted.chars().count() / 4).clamp(1, 4);
    let ranked = names.names().filter_map(|known| {
        let known_words = words(known);
        let squashed = known_words.concat();
        let distance = if squashed.len().abs_diff(wanted.len()) > tolerated {
            usize::MAX
        } else {
            strsim::damerau_levenshtein(&squashed, &wanted)
        };
        let last = wanted_words.last().filter(|last| last.len() >= 2);
        let has_same_end = last.is_some() && known_words.last() == last;
        let rank = match distance {
            0 => 0,
            near if near <= tolerated => 1,
            _ if has_same_end => 2,
            _ => return None,
        };
        let shared = wanted_words
            .iter()
            .filter(|word| known_words.contains(word));
        let tie = match rank {
            2 => wanted_words.len() - shared.count(),
            _ => distance,
        };
        Some((rank, tie, known.len(), known))
    });
    ranked.min().map(|(.., known)| known.to_owned())
}

/// A name's words in lower case, abbreviations spelled out: `srcIp`, `src_ip` and `source.ip` agree.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '.';
    for character in name.chars() {
        let is_separator = !character.is_alphanumeric();
        let starts_word = character.is_uppercase() && before.is_lowercase();
        if is_separator || starts_word || !before.is_alphanumeric() || words.is_empty() {
            words.push(String::new());
        }
        if let (false, Some(word)) = (is_separator, words.last_mut()) {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        let full = match word.as_str() {
            "addr" | "address" | "ipaddress" => "ip".to_owned(),
            "usr" => "user".to_owned(),
            "acct" => "account".to_owned(),
            "ts" | "time" => "timestamp".to_owned(),
            other => match spell_out(other) {
                Some(full) => full,
                None => continue,
            },
        };
        *word = full;
    }
    words
}

/// `srcip` as `sourceip`, `dst` as `destination`.
fn spell_out(word: &str) -> Option<String> {
    let sides = [
        ("src", "source"),
        ("dst", "destination"),
        ("dest", "destination"),
    ];
    sides.iter().find_map(|(short, full)| {
        let rest = word.strip_prefix(short)?;
        (!word.starts_with(full)).then(|| format!("{full}{rest}"))
    })
}
