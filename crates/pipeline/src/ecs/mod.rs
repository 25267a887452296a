//! Fields of the record to fields of the Elastic Common Schema.

mod straight;

use std::cmp::Ordering;
use std::ops::Range;

use bumpalo::collections::Vec as ArenaVec;
use yagura_codec::Container;
use yagura_config::{EcsField, LogTypeSettings, StaticValue};
use yagura_model::{Arena, Form, Object, Path, Value, intern, is_ip_address, python_text};

use self::straight::Straights;
use crate::container::{container_object, owner_of_arn};
use crate::skeleton::{Holds, Skeleton, Values};

/// The ECS mapping of one log type.
#[derive(Debug, Clone)]
pub(crate) struct EcsMapping {
    /// The log type, until a mapping knows better.
    module: &'static str,
    version: &'static str,
    provider: Option<&'static str>,
    fields: Vec<Mapping>,
    sources: Sources,
    statics: Vec<Static>,
    known: KnownCloud,
    straights: Straights,
    /// Where the values go: [`FIRST_FIELDS`], those of the mappings that are no part of the cloud's
    /// account and region, [`CLOUD_FIELDS`], and statics.
    skeleton: Skeleton,
}

#[derive(Debug, Clone)]
struct Mapping {
    /// Text must be an IP address to be taken.
    is_address: bool,
    is_list: bool,
    /// Its value is joined with what else is known of a part of the cloud.
    part_of_cloud: Option<CloudPart>,
    is_cloud: bool,
    /// It has one value, which goes into the document as it is found.
    is_plain: bool,
    /// Where its value is looked for, by number among the sources.
    source: usize,
    /// Where a list looks for more.
    more: Range<usize>,
}

#[derive(Debug, Clone, Copy)]
enum CloudPart {
    Account,
    Region,
}

#[derive(Debug, Clone)]
enum Static {
    Text(&'static str),
    List(Vec<&'static str>),
}

/// The fields that every document has; mappings see the first [`SEEN_FIELDS`].
const FIRST_FIELDS: [&str; 5] = [
    "event.module",
    "event.ingested",
    "error.message",
    "ecs.version",
    "cloud.provider",
];

/// How many of the first fields mappings see.
const SEEN_FIELDS: usize = 3;

/// The fields that tell where a record comes from, behind those of the mappings.
const CLOUD_FIELDS: [&str; 4] = [
    "cloud.instance.id",
    "container",
    "cloud.account.id",
    "cloud.region",
];

/// Where the fields that tell where a record comes from may be already.
#[derive(Debug, Clone)]
struct KnownCloud {
    cloud: Path,
    provider: Path,
    account: Path,
    region: Path,
}

/// What every document tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Common<'a> {
    /// When it was loaded.
    pub(crate) ingested: &'a str,
    /// Why the record was kept without being parsed.
    pub(crate) error: Option<&'a str>,
}

/// What is known about where a record comes from.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Origin<'a> {
    pub(crate) account: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    /// The container it comes from, which knows better than all others.
    pub(crate) container: Option<&'a Container<'a>>,
}

impl EcsMapping {
    pub(crate) fn new(settings: &LogTypeSettings) -> Self {
        let mut skeleton = Skeleton::default();
        let module = intern(&settings.name);
        let version = intern(&settings.ecs_version);
        let provider = settings.cloud_provider.as_deref().map(intern);
        let first = [
            Holds::KnownText(module),
            Holds::Text,
            Holds::Text,
            Holds::KnownText(version),
            provider.map_or(Holds::Text, Holds::KnownText),
        ];
        for (name, holds) in FIRST_FIELDS.iter().zip(first) {
            skeleton.add(name, holds);
        }
        let mut sources = Sources::default();
        let fields = settings.ecs.iter().map(|field| {
            let mapping = Mapping::new(field, &mut sources);
            if mapping.part_of_cloud.is_none() {
                let holds = match mapping.is_list {
                    true => Holds::Other,
                    false => Holds::Text,
                };
                skeleton.add(&field.name, holds);
            }
            mapping
        });
        let fields: Vec<_> = fields.collect();
        let of_cloud = [Holds::Text, Holds::Other, Holds::Text, Holds::Text];
        for (name, holds) in CLOUD_FIELDS.iter().zip(of_cloud) {
            skeleton.add(name, holds);
        }
        let statics = settings.static_ecs.iter().map(|(name, value)| {
            let (value, holds) = match value {
                StaticValue::Text(text) => {
                    let text = intern(text);
                    (Static::Text(text), Holds::KnownText(text))
                }
                StaticValue::List(texts) => {
                    let texts: Vec<_> = texts.iter().map(|text| intern(text)).collect();
                    (Static::List(texts.clone()), Holds::KnownTexts(texts))
                }
            };
            skeleton.add(name, holds);
            value
        });
        let statics = statics.collect();
        for path in &sources.paths {
            skeleton.note_read(path, SEEN_FIELDS);
        }
        EcsMapping {
            module,
            version,
            provider,
            straights: Straights::default(),
            sources,
            statics,
            known: KnownCloud {
                cloud: Path::new("cloud"),
                provider: Path::new("cloud.provider"),
                account: Path::new("cloud.account.id"),
                region: Path::new("cloud.region"),
            },
            fields,
            skeleton,
        }
    }

    /// Maps the record's fields and merges the result over them.
    ///
    /// The document shows nothing of it before all values are found, because a mapping must not see
    /// what another one wrote.
    pub(crate) fn apply<'a>(
        &mut self,
        fields: &mut Object<'a>,
        common: Common<'a>,
        origin: Origin<'a>,
        arena: &'a Arena,
    ) {
        if self.apply_straight(fields, common, origin, arena) {
            return;
        }
        let mut values = self.skeleton.begin(fields, arena);
        values.push_text(self.module);
        values.push_text(common.ingested);
        values.push(common.error.map(Value::Text));
        self.skeleton.show(&mut values, fields, arena);
        let values = self.find(values, fields, origin, arena);
        self.skeleton.write(values, fields, arena);
    }

    /// Finds the values of all fields but those that mappings see.
    fn find<'a>(
        &self,
        mut values: Values<'a>,
        fields: &Object<'a>,
        origin: Origin<'a>,
        arena: &'a Arena,
    ) -> Values<'a> {
        let text = Value::Text;
        values.push_text(self.version);
        // Without any of the objects there is no cloud either.
        let has = |path: &Path, is: fn(&Value<'a>) -> bool| {
            values.are_by_name() && path.get(fields).is_some_and(is)
        };
        let has_account = has(&self.known.account, Value::is_truthy);
        let has_region = has(&self.known.region, Value::is_truthy);
        let has_provider = has(&self.known.provider, Value::is_truthy);
        let mut is_cloud = has(&self.known.cloud, |cloud| *cloud != Value::Null);
        let provider = self.provider.filter(|_| !has_provider);
        is_cloud |= provider.is_some();
        values.push(provider.map(text));
        let (mut account, mut region) = (None, None);
        let mut addresses = Addresses::default();
        for mapping in &self.fields {
            let value = match self.sources.find(mapping.source, fields) {
                // So are nearly all. They are not put together as values before: one that was
                // written a moment before takes long to copy.
                Some(Value::Text(found)) if mapping.is_plain => {
                    if !mapping.is_address || addresses.has(found) {
                        is_cloud |= mapping.is_cloud;
                        values.push_text(found);
                    } else {
                        values.push_nothing();
                    }
                    continue;
                }
                None if mapping.is_plain => {
                    values.push_nothing();
                    continue;
                }
                found => self.convert(mapping, found, fields, &mut addresses, arena),
            };
            is_cloud |= mapping.is_cloud && value.is_some();
            match mapping.part_of_cloud {
                None => values.push(value),
                Some(CloudPart::Account) => account = value.or(account),
                Some(CloudPart::Region) => region = value.or(region),
            }
        }
        if is_cloud {
            let known = |known: Option<&'a str>| known.map(text);
            let unknown = || text("unknown");
            account = match account {
                Some(Value::Text("unknown")) if !has_account => known(origin.account),
                None if !has_account => Some(known(origin.account).unwrap_or_else(unknown)),
                mapped => mapped,
            };
            region = match region {
                None if !has_region => Some(known(origin.region).unwrap_or_else(unknown)),
                mapped => mapped,
            };
        }
        let (mut instance, mut object) = (None, None);
        if let Some(container) = origin.container {
            let (owner, place) = container.ecs_task_arn.map(owner_of_arn).unwrap_or_default();
            account = owner.map(text).or(account);
            region = place.map(text).or(region);
            instance = container.ec2_instance_id.map(text);
            object = container_object(container, arena);
        }
        values.push(instance);
        values.push(object);
        values.push(account);
        values.push(region);
        for value in &self.statics {
            values.push(Some(value.value(arena)));
        }
        values
    }

    /// The value of a mapping that is not plain, or for which no text was found.
    #[inline(never)]
    fn convert<'a>(
        &self,
        mapping: &Mapping,
        found: Option<&Value<'a>>,
        fields: &Object<'a>,
        addresses: &mut Addresses<'a>,
        arena: &'a Arena,
    ) -> Option<Value<'a>> {
        if mapping.is_list {
            let more = mapping.more.clone();
            let more = more.filter_map(|source| self.sources.find(source, fields));
            return mapping.list(found.into_iter().chain(more), addresses, arena);
        }
        match found? {
            Value::Text(text) if mapping.is_address && !addresses.has(text) => None,
            value @ (Value::Number(_) | Value::Bool(_)) => {
                Some(Value::Text(python_text(value, Form::Plain, arena)))
            }
            value => Some(value.copy_in(arena)),
        }
    }
}

/// Where values are looked for: the first of some paths that says something.
#[derive(Debug, Clone, Default)]
struct Sources {
    /// The paths of all sources, in the order in which they are looked at.
    paths: Vec<Path>,
    /// Those of each source.
    groups: Vec<Range<usize>>,
}

impl Sources {
    /// Adds the paths of a source.
    fn add(&mut self, paths: &[String]) {
        let start = self.paths.len();
        self.paths.extend(paths.iter().map(|path| Path::new(path)));
        self.groups.push(start..self.paths.len());
    }

    /// The paths of a source.
    fn paths_of(&self, source: usize) -> &[Path] {
        let group = self.groups.get(source).cloned().unwrap_or_default();
        self.paths.get(group).unwrap_or_default()
    }

    /// The first value of a source that says something: not null, not empty.
    #[inline(always)]
    fn find<'r, 'a>(&self, source: usize, fields: &'r Object<'a>) -> Option<&'r Value<'a>> {
        for path in self.paths_of(source) {
            let Some(value) = path.get(fields) else {
                continue;
            };
            let says_something = match value {
                Value::List(list) => !list.is_empty(),
                Value::Object(object) => !object.is_empty(),
                value => !value.is_missing(),
            };
            if says_something {
                return Some(value);
            }
        }
        None
    }
}

static NO_PATHS: Vec<String> = Vec::new();

impl Mapping {
    fn new(field: &EcsField, sources: &mut Sources) -> Self {
        let source = sources.groups.len();
        let (first, more) = field.sources.split_first().unwrap_or((&NO_PATHS, &[]));
        sources.add(first);
        more.iter().for_each(|paths| sources.add(paths));
        let part_of_cloud = match &*field.name {
            "cloud.account.id" => Some(CloudPart::Account),
            "cloud.region" => Some(CloudPart::Region),
            _ => None,
        };
        Mapping {
            is_address: field.name.contains(".ip"),
            is_list: field.is_list,
            part_of_cloud,
            is_plain: !field.is_list && part_of_cloud.is_none(),
            is_cloud: field.name == "cloud" || field.name.starts_with("cloud."),
            source,
            more: source + 1..sources.groups.len(),
        }
    }

    /// The texts of all values that were found, sorted, each once.
    fn list<'r, 'a: 'r>(
        &self,
        found: impl Iterator<Item = &'r Value<'a>>,
        addresses: &mut Addresses<'a>,
        arena: &'a Arena,
    ) -> Option<Value<'a>> {
        let mut texts = ArenaVec::with_capacity_in(8, arena);
        let mut collect = |value: &Value<'a>| {
            let text = match value {
                Value::Text(text) => text,
                Value::Number(_) | Value::Bool(_) => python_text(value, Form::Plain, arena),
                _ => return,
            };
            if !self.is_address || addresses.has(text) {
                texts.push(text);
            }
        };
        for value in found {
            match value {
                Value::List(list) => list.iter().for_each(&mut collect),
                value => collect(value),
            }
        }
        sorted_list(texts, arena)
    }
}

/// Texts as a list, sorted, each once.
fn sorted_list<'a>(mut texts: ArenaVec<'a, &'a str>, arena: &'a Arena) -> Option<Value<'a>> {
    // Nearly always there are a source and a destination.
    match &mut texts[..] {
        [first, second] => match Ord::cmp(first, second) {
            Ordering::Less => {}
            Ordering::Equal => texts.truncate(1),
            Ordering::Greater => texts.swap(0, 1),
        },
        _ => {
            texts.sort_unstable();
            texts.dedup();
        }
    }
    (!texts.is_empty()).then(|| text_list(&texts, arena))
}

fn text_list<'a>(texts: &[&'a str], arena: &'a Arena) -> Value<'a> {
    Value::new_list(arena, texts.iter().map(|text| Value::Text(text)))
}

impl Static {
    fn value<'a>(&self, arena: &'a Arena) -> Value<'a> {
        match self {
            Static::Text(text) => Value::Text(text),
            Static::List(texts) => text_list(texts, arena),
        }
    }
}

/// Texts of a record that are known to be IP addresses: the same one is mapped to several fields.
#[derive(Default)]
struct Addresses<'a> {
    known: [&'a str; 4],
    next: usize,
}

impl<'a> Addresses<'a> {
    fn has(&mut self, text: &'a str) -> bool {
        if self.known.iter().any(|known| std::ptr::eq(*known, text)) {
            return !text.is_empty();
        }
        let is_address = is_ip_address(text);
        if is_address {
            let place = self.next % self.known.len();
            self.known[place] = text;
            self.next += 1;
        }
        is_address
    }
}
