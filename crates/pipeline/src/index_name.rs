//! Names of indices: base, suffix, date, and the detour around read-only ones.

use std::collections::HashSet;

use yagura_config::{IndexRotation, IndexTime, LogTypeSettings};
use yagura_model::Timestamp;

/// Kind of OpenSearch service that documents are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Service {
    /// A managed domain, or the embedded store.
    #[default]
    Managed,
    /// OpenSearch Serverless, where indices have no date.
    Serverless,
}

/// Makes the index names of one log type.
#[derive(Debug, Clone)]
pub(crate) struct IndexNames {
    base: String,
    suffix: Option<String>,
    rotation: IndexRotation,
    by_arrival: bool,
    offset_seconds: i32,
    read_only: HashSet<String>,
    /// The name of the last record's day; logs come ordered by time, so it mostly serves again.
    last: Option<(Key, String)>,
}

/// What a name depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    base: Option<String>,
    day: i64,
}

impl IndexNames {
    pub(crate) fn new(
        settings: &LogTypeSettings,
        service: Service,
        read_only: &HashSet<String>,
    ) -> Self {
        let rotation = match service {
            Service::Managed => settings.index_rotation,
            Service::Serverless => IndexRotation::Aoss,
        };
        IndexNames {
            base: settings.index_name.clone(),
            suffix: settings.index_suffix.clone(),
            rotation,
            by_arrival: settings.index_time == IndexTime::EventIngested,
            offset_seconds: settings.index_tz,
            read_only: read_only.clone(),
            last: None,
        }
    }

    /// The index of a document; `base` and `date` are what a transform set.
    pub(crate) fn name(
        &mut self,
        base: Option<&str>,
        date: Option<Timestamp>,
        timestamp: Timestamp,
        arrival: Timestamp,
    ) -> &str {
        let instant = if self.by_arrival {
            arrival
        } else {
            date.unwrap_or(timestamp)
        };
        let local = instant.at_offset(self.offset_seconds);
        let day = local.day();
        let known = self
            .last
            .as_ref()
            .is_some_and(|(key, _)| key.day == day && key.base.as_deref() == base);
        if !known {
            let name = self.writable(self.dated(base.unwrap_or(&self.base), local));
            let key = Key {
                base: base.map(str::to_owned),
                day,
            };
            self.last = Some((key, name));
        }
        self.last.as_ref().map_or("", |(_, name)| name)
    }

    fn dated(&self, base: &str, local: Timestamp) -> String {
        let date = local.date();
        let name = match (self.rotation, &self.suffix) {
            (IndexRotation::Aoss, suffix) => {
                return format!("{base}-{}", suffix.as_deref().unwrap_or("001"));
            }
            (IndexRotation::Auto, _) => return base.to_owned(),
            (_, Some(suffix)) => format!("{base}-{suffix}"),
            (_, None) => base.to_owned(),
        };
        match self.rotation {
            IndexRotation::Daily => {
                format!("{name}-{:04}-{:02}-{:02}", date.year, date.month, date.day)
            }
            IndexRotation::Weekly => format!("{name}-{:04}-w{:02}", date.year, date.monday_week()),
            IndexRotation::Monthly => format!("{name}-{:04}-{:02}", date.year, date.month),
            _ => format!("{name}-{:04}", date.year),
        }
    }

    /// The name itself, or the first of `name_01`, `name_02`, … that is not read-only.
    fn writable(&self, name: String) -> String {
        if !self.read_only.contains(&name) {
            return name;
        }
        let numbered = name
            .rsplit_once('_')
            .filter(|(_, number)| number.len() == 2)
            .and_then(|(base, number)| Some((base, number.parse::<u32>().ok()?)));
        let (base, first) = numbered.unwrap_or((&name, 1));
        (first..)
            .map(|number| format!("{base}_{number:02}"))
            .find(|name| !self.read_only.contains(name))
            .unwrap_or_default()
    }
}
