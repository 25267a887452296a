//! Which fields of the records become which fields of the common schema.

use yagura_config::{EcsField, LogTypeSettings};
use yagura_model::is_ip_address;

use super::records::{Field, Records};
use super::section::Section;
use super::times::shown;

/// Adds the mapping, and what works on mapped fields, to a section.
///
/// `usual` is the log type whose `ecs` lists the usual names of each field.
pub(super) fn draft_mapping(section: &mut Section, records: &Records, usual: &LogTypeSettings) {
    let scalars: Vec<&str> = usual
        .rename_scalars
        .iter()
        .map(String::as_str)
        .filter(|name| is_plain_at_top(records, name))
        .collect();
    if !scalars.is_empty() {
        section.comment(
            "Plain values here, but objects in the common schema: they move to `<name>_value`, so that nothing replaces them.",
        );
        section.option("rename_scalars", &scalars.join(" "));
    }
    let mut mapped: Vec<(&str, String, &Field)> = Vec::new();
    for target in usual.ecs.iter().filter(|target| !target.is_list) {
        let Some(field) = find(records, target) else {
            continue;
        };
        let path = match scalars.contains(&field.path.as_str()) {
            true => format!("{}_value", field.path),
            false => field.path.clone(),
        };
        mapped.push((&target.name, path, field));
    }
    if mapped.is_empty() {
        section.comment(
            "No field has one of the usual names. Map yours like this:\n  ecs = source.ip user.name\n  source.ip = <your field>\n  user.name = <your field>",
        );
        return;
    }
    section.comment("Fields of the Elastic Common Schema, and the fields they are filled from. Check that they mean the same.");
    let names: Vec<&str> = mapped.iter().map(|(name, ..)| *name).collect();
    let related: Vec<&str> = mapped
        .iter()
        .filter(|(name, ..)| name.ends_with(".ip"))
        .map(|(_, path, _)| path.as_str())
        .collect();
    let mut listed = names.clone();
    if !related.is_empty() {
        listed.push("related.ip");
    }
    section.list("ecs", &listed);
    for (name, path, field) in &mapped {
        let example = field.values.first().map_or("", String::as_str);
        section.comment(&format!("such as `{}`", shown(example)));
        section.option(name, path);
    }
    if !related.is_empty() {
        section.option("related.ip", &format!("[{}]", related.join(", ")));
    }
    draft_enrichment(section, &names);
}

/// Adds what is looked up for the mapped fields, and how they are shown.
fn draft_enrichment(section: &mut Section, names: &[&str]) {
    let sides = ["source", "destination"];
    let with_ip: Vec<&str> = sides
        .into_iter()
        .filter(|side| names.contains(&format!("{side}.ip").as_str()))
        .collect();
    if !with_ip.is_empty() {
        section.comment(
            "Place and network of these addresses, and whether they are indicators of compromise.",
        );
        section.option("geoip", &with_ip.join(" "));
        let paths: Vec<String> = with_ip.iter().map(|side| format!("{side}.ip")).collect();
        section.option("ioc_ip", &paths.join(" "));
    }
    if names.contains(&"user_agent.original") {
        section.option("user_agent_enrichment_field", "user_agent");
    }
    let wanted = [
        "source.ip",
        "user.name",
        "event.action",
        "http.request.method",
        "http.response.status_code",
        "url.original",
        "host.name",
        "log.level",
    ];
    let columns: Vec<&str> = wanted
        .into_iter()
        .filter(|name| names.contains(name))
        .collect();
    if !columns.is_empty() {
        section.comment("What the result table shows at first.");
        section.option("columns", &columns.join(" "));
    }
    let kinds = [
        ("ip", "source.ip"),
        ("user", "user.name"),
        ("host", "host.name"),
    ];
    let entities: Vec<String> = kinds
        .iter()
        .filter(|(_, name)| names.contains(name))
        .map(|(kind, name)| format!("{kind}={name}"))
        .collect();
    if !entities.is_empty() {
        section.option("entities", &entities.join(" "));
    }
}

fn is_plain_at_top(records: &Records, name: &str) -> bool {
    let mut fields = records.fields.iter();
    fields.any(|field| field.path == name)
}

/// The field for a target: the first of the usual names that one has, if its values fit.
fn find<'r>(records: &'r Records, target: &EcsField) -> Option<&'r Field> {
    let names = target.sources.iter().flatten();
    let names: Vec<&str> = names
        .map(|name| name.strip_suffix("_value").unwrap_or(name))
        .collect();
    let fits = |field: &&Field| {
        !field.values.is_empty() && field.values.iter().all(|value| fits(&target.name, value))
    };
    let by_path = names.iter().find_map(|name| {
        let mut fields = records.fields.iter().filter(fits);
        fields.find(|field| field.path.eq_ignore_ascii_case(name))
    });
    by_path.or_else(|| {
        names.iter().find_map(|name| {
            let mut fields = records.fields.iter().filter(fits);
            fields.find(|field| field.leaf().eq_ignore_ascii_case(name))
        })
    })
}

/// Whether a value can be that of a field of the common schema.
fn fits(target: &str, value: &str) -> bool {
    if value == "-" {
        return true;
    }
    match target {
        target if target.ends_with(".ip") => is_ip_address(value),
        target if target.ends_with(".address") => is_ip_address(value) || value.contains('.'),
        target if target.ends_with(".port") => value.parse::<u16>().is_ok(),
        "http.response.status_code" => value
            .parse()
            .is_ok_and(|code: u16| (100..600).contains(&code)),
        "http.request.method" => value.bytes().all(|byte| byte.is_ascii_uppercase()),
        "url.original" => value.contains('/'),
        "user.email" => value.contains('@'),
        "process.pid" => value.bytes().all(|byte| byte.is_ascii_digit()),
        _ => true,
    }
}
