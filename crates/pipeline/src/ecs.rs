//! Fields of the record to fields of the Elastic Common Schema.

use std::ops::Range;

use yagura_codec::Container;
use yagura_config::{EcsField, LogTypeSettings, StaticValue};
use yagura_model::{Arena, Form, Object, Path, Value, intern, is_ip_address, python_text};

use crate::container::{container_object, owner_of_arn};
use crate::skeleton::{Leaf, Skeleton};

/// The ECS mapping of one log type.
#[derive(Debug, Clone)]
pub(crate) struct EcsMapping {
    version: &'static str,
    provider: Option<&'static str>,
    fields: Vec<Mapping>,
    /// The paths of all mappings, in the order in which they are looked at.
    paths: Vec<Path>,
    statics: Vec<(Leaf, Static)>,
    common: CommonLeaves,
    cloud: CloudPaths,
    skeleton: Skeleton,
}

#[derive(Debug, Clone)]
struct Mapping {
    target: Leaf,
    /// Text must be an IP address to be taken.
    is_address: bool,
    is_list: bool,
    is_account: bool,
    is_region: bool,
    is_cloud: bool,
    /// It has one value, which goes into the document as it is found.
    is_plain: bool,
    /// Where its value is looked for, among all paths.
    sources: Range<usize>,
    /// Where a list looks for more.
    more: Vec<Range<usize>>,
}

#[derive(Debug, Clone)]
enum Static {
    Text(&'static str),
    List(Vec<&'static str>),
}

/// Where the fields go that every document has.
#[derive(Debug, Clone)]
struct CommonLeaves {
    module: Leaf,
    ingested: Leaf,
    error: Leaf,
    version: Leaf,
}

/// Where the fields go that tell where a record comes from, and where they may be already.
#[derive(Debug, Clone)]
struct CloudPaths {
    provider: Leaf,
    account: Leaf,
    region: Leaf,
    instance: Leaf,
    container: Leaf,
    known_provider: Path,
    known_account: Path,
    known_region: Path,
}

/// What every document tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Common<'a> {
    /// The log type, until a mapping knows better.
    pub(crate) module: &'a str,
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
        let statics = settings.static_ecs.iter().map(|(name, value)| {
            let value = match value {
                StaticValue::Text(text) => Static::Text(intern(text)),
                StaticValue::List(texts) => {
                    Static::List(texts.iter().map(|text| intern(text)).collect())
                }
            };
            (name.as_str(), value)
        });
        let mut skeleton = Skeleton::default();
        let common = CommonLeaves {
            module: skeleton.leaf("event.module"),
            ingested: skeleton.leaf("event.ingested"),
            error: skeleton.leaf("error.message"),
            version: skeleton.leaf("ecs.version"),
        };
        let (fields, mut paths) = (settings.ecs.iter(), Vec::new());
        let fields: Vec<_> = fields
            .map(|field| Mapping::new(field, &mut paths, &mut skeleton))
            .collect();
        let cloud = CloudPaths {
            provider: skeleton.leaf("cloud.provider"),
            account: skeleton.leaf("cloud.account.id"),
            region: skeleton.leaf("cloud.region"),
            instance: skeleton.leaf("cloud.instance.id"),
            container: skeleton.leaf("container"),
            known_provider: Path::new("cloud.provider"),
            known_account: Path::new("cloud.account.id"),
            known_region: Path::new("cloud.region"),
        };
        let statics = statics.map(|(name, value)| (skeleton.leaf(name), value));
        let statics = statics.collect();
        for path in &paths {
            skeleton.note_read(path, &[&common.module, &common.error]);
        }
        EcsMapping {
            version: intern(&settings.ecs_version),
            provider: settings.cloud_provider.as_deref().map(intern),
            fields,
            paths,
            statics,
            common,
            cloud,
            skeleton,
        }
    }

    /// Maps the record's fields and merges the result over them.
    ///
    /// The document shows nothing of it before all values are found, because a mapping must not see
    /// what another one wrote.
    pub(crate) fn apply<'a>(
        &self,
        fields: &mut Object<'a>,
        common: Common<'a>,
        origin: Origin<'a>,
        arena: &'a Arena,
    ) {
        let mut build = self.skeleton.build(fields, arena);
        let text = Value::Text;
        build.merge_first(&self.common.module, text(common.module));
        build.merge_first(&self.common.ingested, text(common.ingested));
        if let Some(error) = common.error {
            build.merge_first(&self.common.error, text(error));
        }
        build.merge(&self.common.version, text(self.version));
        let fields = build.fields();
        let is_truthy = |path: &Path| path.get(fields).is_some_and(Value::is_truthy);
        let mut is_cloud = fields
            .get("cloud")
            .is_some_and(|cloud| *cloud != Value::Null);
        let has_provider = is_truthy(&self.cloud.known_provider);
        let has_account = is_truthy(&self.cloud.known_account);
        let has_region = is_truthy(&self.cloud.known_region);
        if let Some(provider) = self.provider
            && !has_provider
        {
            build.merge(&self.cloud.provider, text(provider));
            is_cloud = true;
        }
        let (mut account, mut region) = (None, None);
        let mut addresses = Addresses::default();
        for mapping in &self.fields {
            let sources = |sources: &Range<usize>| {
                let paths = self.paths.get(sources.clone()).unwrap_or_default();
                first_value(paths, build.fields())
            };
            let value = match sources(&mapping.sources) {
                // So are nearly all, and they need not be put together as values before.
                Some(Value::Text(text)) if mapping.is_plain => {
                    if !mapping.is_address || addresses.has(text) {
                        is_cloud |= mapping.is_cloud;
                        build.merge_text(&mapping.target, text);
                    }
                    continue;
                }
                found if mapping.is_list => mapping.list(found, sources, &mut addresses, arena),
                Some(found) => mapping.value(found, &mut addresses, arena),
                None => None,
            };
            let Some(value) = value else {
                continue;
            };
            is_cloud |= mapping.is_cloud;
            if mapping.is_account {
                account = Some(value);
            } else if mapping.is_region {
                region = Some(value);
            } else {
                build.merge(&mapping.target, value);
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
        if let Some(container) = origin.container {
            let (owner, place) = container.ecs_task_arn.map(owner_of_arn).unwrap_or_default();
            account = owner.map(text).or(account);
            region = place.map(text).or(region);
            if let Some(instance) = container.ec2_instance_id {
                build.merge(&self.cloud.instance, text(instance));
            }
            if let Some(object) = container_object(container, arena) {
                build.merge(&self.cloud.container, object);
            }
        }
        if let Some(account) = account {
            build.merge(&self.cloud.account, account);
        }
        if let Some(region) = region {
            build.merge(&self.cloud.region, region);
        }
        for (leaf, value) in &self.statics {
            let value = match value {
                Static::Text(known) => text(known),
                Static::List(texts) => {
                    Value::new_list(arena, texts.iter().map(|known| text(known)))
                }
            };
            build.merge(leaf, value);
        }
        build.finish();
    }
}

fn bumpalo_vec<'v, T>(arena: &'v Arena, capacity: usize) -> bumpalo::collections::Vec<'v, T> {
    bumpalo::collections::Vec::with_capacity_in(capacity, arena)
}

impl Mapping {
    fn new(field: &EcsField, paths: &mut Vec<Path>, skeleton: &mut Skeleton) -> Self {
        let mut sources = field.sources.iter().map(|sources| {
            let start = paths.len();
            paths.extend(sources.iter().map(|path| Path::new(path)));
            start..paths.len()
        });
        let is_account = field.name == "cloud.account.id";
        let is_region = field.name == "cloud.region";
        Mapping {
            target: skeleton.leaf(&field.name),
            is_address: field.name.contains(".ip"),
            is_list: field.is_list,
            is_account,
            is_region,
            is_plain: !field.is_list && !is_account && !is_region,
            is_cloud: field.name == "cloud" || field.name.starts_with("cloud."),
            sources: sources.next().unwrap_or_default(),
            more: sources.collect(),
        }
    }

    #[inline]
    fn value<'a>(
        &self,
        found: &Value<'a>,
        addresses: &mut Addresses<'a>,
        arena: &'a Arena,
    ) -> Option<Value<'a>> {
        match found {
            Value::Text(text) if self.is_address && !addresses.has(text) => None,
            // Nearly every value is text, and what copies any other is not looked at for it.
            Value::Text(text) => Some(Value::Text(text)),
            value @ (Value::Number(_) | Value::Bool(_)) => {
                Some(Value::Text(python_text(value, Form::Plain, arena)))
            }
            value => Some(value.copy_in(arena)),
        }
    }

    /// All values of all sources, sorted, each once.
    fn list<'r, 'a: 'r>(
        &self,
        first: Option<&'r Value<'a>>,
        sources: impl Fn(&Range<usize>) -> Option<&'r Value<'a>>,
        addresses: &mut Addresses<'a>,
        arena: &'a Arena,
    ) -> Option<Value<'a>> {
        let mut texts: bumpalo::collections::Vec<'_, &str> = bumpalo_vec(arena, 8);
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
        for found in std::iter::once(first).chain(self.more.iter().map(sources)) {
            match found {
                Some(Value::List(list)) => list.iter().for_each(&mut collect),
                Some(value) => collect(value),
                None => {}
            }
        }
        texts.sort_unstable();
        texts.dedup();
        let values = texts.iter().map(|text| Value::Text(text));
        (!texts.is_empty()).then(|| Value::new_list(arena, values))
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

/// The first value that says something: not null, not empty.
fn first_value<'r, 'a>(paths: &[Path], fields: &'r Object<'a>) -> Option<&'r Value<'a>> {
    paths.iter().find_map(|path| {
        path.get(fields).filter(|value| match value {
            Value::List(list) => !list.is_empty(),
            Value::Object(object) => !object.is_empty(),
            value => !value.is_missing(),
        })
    })
}
