//! What look-ups add to a document: client address, place, network, threat indicators, browser.

use bumpalo::collections::Vec as ArenaVec;
use yagura_config::LogTypeSettings;
use yagura_model::{Arena, HintedKey, Key, Object, Path, Value, forwarded_addresses, key};

use crate::known::{Answers, Known, WrittenPlace, city_object, system_object};
use crate::known_agents::KnownAgents;

/// Where an address is.
static GEO: Key = Key::new("geo");
/// Which network it belongs to.
static AS: Key = Key::new("as");

/// Look-ups a worker can ask; the answers borrow from its databases and caches. What is not
/// provided is not known.
pub trait Lookups {
    /// Whether the places of any addresses are known.
    fn has_places(&self) -> bool {
        false
    }

    /// Which state of which databases answers: what was looked up in another may be different now.
    fn edition(&self) -> Edition {
        Edition::default()
    }

    /// Which records say where an address is, and which network it belongs to.
    fn place_records(&mut self, _address: &str) -> PlaceRecords {
        PlaceRecords::default()
    }

    /// Where an address is.
    fn city(&mut self, _address: &str) -> Option<City<'_>> {
        None
    }

    /// Which network an address belongs to.
    fn system(&mut self, _address: &str) -> Option<AutonomousSystem<'_>> {
        None
    }

    /// Whether there are threat indicators at all.
    fn has_indicators(&self) -> bool {
        false
    }

    /// The indicators that name an address or a network around it.
    fn address_indicators(&mut self, _address: &str) -> Vec<Indicator<'_>> {
        Vec::new()
    }

    /// The indicators that name a domain.
    fn domain_indicators(&mut self, _domain: &str) -> Vec<Indicator<'_>> {
        Vec::new()
    }

    /// The address of the client behind trusted proxies: the source if it is no trusted proxy,
    /// else the last of the forwarded addresses that is none; `None` if nothing is known.
    fn client_address<'t>(
        &mut self,
        _source: Option<&'t str>,
        _forwarded_for: &[&'t str],
    ) -> Option<&'t str> {
        None
    }

    /// What a user agent text says.
    fn user_agent(&mut self, _text: &str) -> Option<UserAgent<'_>> {
        None
    }

    /// The same look-ups for another thread: it sees the same databases.
    fn another(&self) -> Box<dyn Lookups + Send>;
}

/// One state of some databases; no two have the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Edition {
    /// Which databases these are.
    pub databases: u64,
    /// How often they changed.
    pub generation: u64,
}

/// Records of the databases of one [`Edition`]: addresses that lead to the same have the same
/// [`City`] or [`AutonomousSystem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PlaceRecords {
    /// What says where an address is.
    pub city: Option<usize>,
    /// What says which network it belongs to.
    pub system: Option<usize>,
}

/// Where an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct City<'l> {
    /// English name of the city.
    pub city_name: Option<&'l str>,
    /// ISO 3166 code.
    pub country_iso_code: Option<&'l str>,
    /// English name of the country.
    pub country_name: Option<&'l str>,
    /// Longitude and latitude in degrees, as JSON numbers.
    pub location: Option<(&'l str, &'l str)>,
}

/// Which network an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AutonomousSystem<'l> {
    /// Number, as a JSON number.
    pub number: Option<&'l str>,
    /// Who runs it.
    pub organization: Option<&'l str>,
}

/// One threat indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Indicator<'l> {
    /// Who published it.
    pub provider: Option<&'l str>,
    /// `ipv4-addr`, `ipv6-addr` or `domain-name`.
    pub kind: Option<&'l str>,
    /// What it is called.
    pub name: Option<&'l str>,
    /// Link to more.
    pub reference: Option<&'l str>,
    /// When it was first seen.
    pub first_seen: Option<&'l str>,
    /// When it was last seen.
    pub last_seen: Option<&'l str>,
    /// When it was last changed.
    pub modified: Option<&'l str>,
    /// What it is about.
    pub description: Option<&'l str>,
}

/// What a user agent text says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserAgent<'l> {
    /// The text, percent-decoded if it was encoded.
    pub original: &'l str,
    /// Browser family.
    pub name: &'l str,
    /// Browser version.
    pub version: Option<&'l str>,
    /// Operating system.
    pub os_name: &'l str,
    /// Its version.
    pub os_version: Option<&'l str>,
    /// Operating system with version.
    pub os_full: &'l str,
    /// Device family.
    pub device_name: &'l str,
}

/// Nothing can be looked up.
pub struct NoLookups;

impl Lookups for NoLookups {
    fn another(&self) -> Box<dyn Lookups + Send> {
        Box::new(NoLookups)
    }
}

/// The look-ups of one log type.
#[derive(Debug, Clone)]
pub(crate) struct Enrichment {
    client: Option<(Path, Path)>,
    places: Vec<PlacePath>,
    addresses: Vec<Path>,
    domains: Vec<Path>,
    user_agent: Option<Path>,
    /// Whether what is found may be written at once: the id's suffix, which is looked at later, is no
    /// part of it.
    is_final: bool,
}

/// An object whose address gets its place added.
#[derive(Debug, Clone)]
struct PlacePath {
    object: Path,
    ip: HintedKey,
    /// The path of its address among those that are compared with indicators.
    address: Option<usize>,
}

/// An address whose place is wanted, and what was known about it when the record came.
struct Wanted<'e, 'a> {
    path: &'e PlacePath,
    address: &'a str,
    known: Known,
}

impl Enrichment {
    pub(crate) fn new(settings: &LogTypeSettings) -> Enrichment {
        let paths = |paths: &[String]| paths.iter().map(|path| Path::new(path)).collect();
        let client = settings.clientip_xff.as_ref();
        let agent = settings.user_agent_enrichment_field.as_deref();
        let is_suffix_in = |object: &str| {
            let suffix = settings.doc_id_suffix.as_deref();
            let behind = suffix.and_then(|suffix| suffix.strip_prefix(object));
            behind.is_some_and(|behind| behind.is_empty() || behind.starts_with('.'))
        };
        let mut looked_up = settings.geoip.iter().map(String::as_str).chain(agent);
        Enrichment {
            client: client
                .map(|paths| (Path::new(&paths.client_ip), Path::new(&paths.forwarded_for))),
            places: settings
                .geoip
                .iter()
                .map(|object| PlacePath {
                    object: Path::new(object),
                    ip: HintedKey::new("ip"),
                    address: settings
                        .ioc_ip
                        .iter()
                        .position(|path| path.strip_suffix(".ip") == Some(object)),
                })
                .collect(),
            addresses: paths(&settings.ioc_ip),
            domains: paths(&settings.ioc_domain),
            user_agent: agent.map(Path::new),
            is_final: !looked_up.any(is_suffix_in),
        }
    }

    pub(crate) fn apply<'a>(
        &self,
        fields: &mut Object<'a>,
        lookups: &mut dyn Lookups,
        known: &mut Answers,
        arena: &'a Arena,
    ) {
        self.select_client(fields, lookups, arena);
        let mut wanted = ArenaVec::new_in(arena);
        if lookups.has_places() {
            known.make_room();
            // What is known about all addresses is fetched before any of it is needed: the
            // processor waits for memory once.
            wanted.reserve(self.places.len());
            for path in &self.places {
                let object = path.object.get(fields).and_then(Value::as_object);
                if let Some(address) = object.and_then(|object| path.ip.text(object)) {
                    let known = known.get(address);
                    wanted.push(Wanted {
                        path,
                        address,
                        known,
                    });
                }
            }
            for &Wanted {
                path,
                address,
                known: found,
            } in &wanted
            {
                let place = known.place_in(found, arena);
                if place.is_some_and(WrittenPlace::is_empty) {
                    continue;
                }
                if let Some(Value::Object(object)) = path.object.get_mut(fields) {
                    let find = |lookups: &mut dyn Lookups| {
                        place.or_else(|| known.find_place_in(address, lookups, arena))
                    };
                    self.add_place(object, address, find, lookups, arena);
                }
            }
        }
        if lookups.has_indicators() {
            self.add_indicators(fields, lookups, known, &wanted, arena);
        }
        if let Some(value) = self
            .user_agent
            .as_ref()
            .and_then(|path| path.get_mut(fields))
        {
            self.add_user_agent(value, lookups, &mut known.agents, arena);
        }
    }

    /// Adds the place of the object's address: as it is written, unless that is too much, the record
    /// has one itself, or it is looked at later.
    fn add_place<'a>(
        &self,
        object: &mut Object<'a>,
        address: &str,
        find: impl FnOnce(&mut dyn Lookups) -> Option<WrittenPlace<'a>>,
        lookups: &mut dyn Lookups,
        arena: &'a Arena,
    ) {
        let is_new = self.is_final && !object.has_key(&GEO) && !object.has_key(&AS);
        let Some(place) = is_new.then(|| find(lookups)).flatten() else {
            return merge_place(object, address, lookups, arena);
        };
        for (key, json) in [(&GEO, place.city), (&AS, place.system)] {
            if !json.is_empty() {
                object.push_key(key, Value::Written(json));
            }
        }
    }

    /// Adds what the text of a user agent says: as it is written, if the object holds nothing but
    /// the text and is not looked at later.
    fn add_user_agent<'a>(
        &self,
        value: &mut Value<'a>,
        lookups: &mut dyn Lookups,
        agents: &mut KnownAgents,
        arena: &'a Arena,
    ) {
        let Value::Object(object) = value else {
            return;
        };
        let text = object.text("original");
        let first = || object.get("original")?.as_list()?.first()?.as_text();
        let Some(original) = text.or_else(first).filter(|text| *text != "-") else {
            return;
        };
        let is_all = self.is_final && text.is_some() && object.len() == 1;
        let written = is_all.then(|| agents.object_in(original, lookups, arena));
        if let Some(json) = written.flatten() {
            *value = Value::Written(json);
        } else if let Some(agent) = lookups.user_agent(original) {
            set_agent(object, &agent, arena);
        }
    }

    /// Puts the client behind trusted proxies in the place of the address that connected.
    fn select_client<'a>(
        &self,
        fields: &mut Object<'a>,
        lookups: &mut dyn Lookups,
        arena: &'a Arena,
    ) {
        let Some((client_path, forwarded_path)) = &self.client else {
            return;
        };
        let forwarded: Vec<_> = match forwarded_path.get(fields) {
            Some(Value::Text(header)) => forwarded_addresses(header).collect(),
            Some(Value::List(list)) => list.iter().filter_map(Value::as_text).collect(),
            _ => return,
        };
        if forwarded.is_empty() {
            return;
        }
        let source = client_path.get(fields).and_then(Value::as_text);
        if let Some(client) = lookups.client_address(source, &forwarded)
            && source != Some(client)
        {
            client_path.put(fields, Value::Text(client), arena);
        }
    }

    /// Adds the indicators that name something of the record.
    fn add_indicators<'a>(
        &self,
        fields: &mut Object<'a>,
        lookups: &mut dyn Lookups,
        known: &mut Answers,
        wanted: &[Wanted<'_, 'a>],
        arena: &'a Arena,
    ) {
        // Of most addresses that is known already.
        let clean = || wanted.iter().filter(|wanted| wanted.known.is_clean());
        let mut found = None;
        // Each value is looked up once.
        let mut values = ArenaVec::new_in(arena);
        for (at, path) in self.addresses.iter().enumerate() {
            if clean().any(|clean| clean.path.address == Some(at)) {
                continue;
            }
            path.each_text(fields, |value| {
                // The same text stands in several fields.
                let is_clean = clean().any(|it| std::ptr::eq(it.address, value));
                if is_clean || values.contains(&value) {
                    return;
                }
                values.push(value);
                if known.is_clean(value) {
                    return;
                }
                let indicators = lookups.address_indicators(value);
                if indicators.is_empty() {
                    known.note_clean(value);
                    return;
                }
                let paths = paths_of(value, self.addresses.get(at..), fields);
                let found = found.get_or_insert_with(|| Found::new(arena));
                for indicator in indicators {
                    found.add(&indicator, ("ip", value), &paths, arena);
                }
            });
        }
        values.clear();
        for (at, path) in self.domains.iter().enumerate() {
            path.each_text(fields, |value| {
                if values.contains(&value) {
                    return;
                }
                values.push(value);
                let indicators = lookups.domain_indicators(value);
                if indicators.is_empty() {
                    return;
                }
                let paths = paths_of(value, self.domains.get(at..), fields);
                let found = found.get_or_insert_with(|| Found::new(arena));
                for indicator in indicators {
                    found.add(&indicator, ("domain", value), &paths, arena);
                }
            });
        }
        if let Some(found) = found {
            found.store(fields, arena);
        }
    }
}

/// The paths that hold a value.
fn paths_of(value: &str, paths: Option<&[Path]>, fields: &Object<'_>) -> Vec<&'static str> {
    let holds = |path: &&Path| {
        let mut holds = false;
        path.each_text(fields, |text| holds |= text == value);
        holds
    };
    let paths = paths.into_iter().flatten().filter(holds);
    paths.map(Path::as_str).collect()
}

/// The indicators a record matched, as they go into the document.
struct Found<'a> {
    enrichments: ArenaVec<'a, Value<'a>>,
    providers: Vec<&'a str>,
    types: Vec<&'a str>,
    indicators: Vec<&'a str>,
    names: Vec<&'a str>,
}

impl<'a> Found<'a> {
    fn new(arena: &'a Arena) -> Self {
        Found {
            enrichments: ArenaVec::new_in(arena),
            providers: Vec::new(),
            types: Vec::new(),
            indicators: Vec::new(),
            names: Vec::new(),
        }
    }

    fn add(
        &mut self,
        indicator: &Indicator<'_>,
        (kind, value): (&str, &'a str),
        paths: &[&'static str],
        arena: &'a Arena,
    ) {
        let keep = |text: Option<&str>| text.map(|text| &*arena.alloc_str(text));
        let provider = keep(indicator.provider);
        let name = keep(indicator.name);
        let type_name = keep(indicator.kind);
        let shown = Object::with_capacity_in(9, arena);
        let members = [
            ("provider", provider),
            ("name", name),
            ("ip", (kind == "ip").then_some(value)),
            ("first_seen", keep(indicator.first_seen)),
            ("last_seen", keep(indicator.last_seen)),
            ("modified_at", keep(indicator.modified)),
            ("reference", keep(indicator.reference)),
            ("type", type_name),
            ("description", keep(indicator.description)),
        ];
        for (key, text) in members {
            if let Some(text) = text {
                shown.push(key, Value::Text(text));
            }
        }
        let matched = Object::with_capacity_in(2, arena);
        let paths = paths.iter().map(|path| Value::Text(path));
        matched.push("field", Value::new_list(arena, paths));
        if kind == "domain" {
            matched.push("atomic", Value::Text(value));
        }
        let enrichment = Object::with_capacity_in(2, arena);
        enrichment.push("indicator", Value::Object(shown));
        enrichment.push("matched", Value::Object(matched));
        self.enrichments.push(Value::Object(enrichment));
        self.providers.extend(provider);
        self.types.extend(type_name);
        self.indicators.push(value);
        self.names.extend(name);
    }

    fn store(self, fields: &mut Object<'a>, arena: &'a Arena) {
        if self.enrichments.is_empty() {
            return;
        }
        match fields.get_mut("threat.enrichments") {
            Some(Value::List(list)) => list.extend(self.enrichments),
            _ => fields.set(
                "threat.enrichments",
                Value::List(arena.alloc(self.enrichments)),
            ),
        }
        let matched = Object::with_capacity_in(4, arena);
        let lists = [
            ("providers", self.providers),
            ("types", self.types),
            ("indicators", self.indicators),
            ("names", self.names),
        ];
        for (key, mut texts) in lists {
            texts.sort_unstable();
            texts.dedup();
            let texts = texts.into_iter().map(Value::Text);
            matched.push(key, Value::new_list(arena, texts));
        }
        fields.set("threat.matched", Value::Object(matched));
    }
}

/// Merges what is known about an address over what the record says itself.
fn merge_place<'a>(
    object: &mut Object<'a>,
    address: &str,
    lookups: &mut dyn Lookups,
    arena: &'a Arena,
) {
    if let Some(city) = lookups.city(address) {
        object.merge_key(&GEO, Value::Object(city_object(&city, arena)));
    }
    if let Some(system) = lookups.system(address) {
        object.merge_key(&AS, Value::Object(system_object(&system, arena)));
    }
}

/// Adds what is known of a user agent to the object that may hold its text.
pub(crate) fn set_agent<'a>(object: &mut Object<'a>, agent: &UserAgent<'_>, arena: &'a Arena) {
    let text = object.text("original");
    // These keys hold literal dots; existing documents have them so.
    let members = [
        (
            key!("original"),
            (text != Some(agent.original)).then_some(agent.original),
        ),
        (key!("name"), Some(agent.name)),
        (key!("version"), agent.version),
        (key!("os.name"), Some(agent.os_name)),
        (key!("os.version"), agent.os_version),
        (key!("os.full"), Some(agent.os_full)),
        (key!("device.name"), Some(agent.device_name)),
    ];
    for (key, text) in members {
        if let Some(text) = text {
            object.set_key(key, Value::Text(arena.alloc_str(text)));
        }
    }
}
