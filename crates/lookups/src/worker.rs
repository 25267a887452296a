//! The look-ups of one worker, as the pipeline asks for them.

use std::sync::Arc;

use yagura_intel::UserAgentCache;
use yagura_pipeline::{
    AutonomousSystem, City, Edition, Indicator, Lookups, PlaceRecords, UserAgent,
};

use crate::databases::{Databases, SharedDatabases};

/// The look-ups of one worker: shared databases, caches of its own.
pub struct WorkerLookups {
    shared: SharedDatabases,
    /// The databases for the object at hand, and which edition of them these are.
    databases: Arc<Databases>,
    edition: Edition,
    /// What was found last.
    city: Option<yagura_intel::City>,
    system: Option<yagura_intel::Asn>,
    agents: UserAgentCache,
}

impl WorkerLookups {
    /// Look-ups for a worker.
    pub fn new(shared: SharedDatabases) -> Self {
        // Read first: if the databases change in between, the next object takes them once more.
        let edition = shared.edition();
        WorkerLookups {
            databases: shared.current(),
            edition,
            shared,
            city: None,
            system: None,
            agents: UserAgentCache::new(),
        }
    }

    /// Takes the databases as they are now, for all of the next object.
    pub fn begin_object(&mut self) {
        self.shared.look();
        let edition = self.shared.edition();
        if edition != self.edition {
            self.edition = edition;
            self.databases = self.shared.current();
        }
    }
}

impl Lookups for WorkerLookups {
    fn has_places(&self) -> bool {
        self.databases.geoip.is_some()
    }

    fn edition(&self) -> Edition {
        self.edition
    }

    fn place_records(&mut self, address: &str) -> PlaceRecords {
        let Some(geoip) = &self.databases.geoip else {
            return PlaceRecords::default();
        };
        let found = geoip.records(address);
        PlaceRecords {
            city: found.city,
            system: found.asn,
        }
    }

    fn city(&mut self, address: &str) -> Option<City<'_>> {
        self.city = self.databases.geoip.as_ref()?.city(address);
        self.city.as_ref().map(|city| City {
            city_name: city.city_name.as_deref(),
            country_iso_code: city.country_iso_code.as_deref(),
            country_name: city.country_name.as_deref(),
            location: city
                .location
                .as_ref()
                .map(|at| (at.lon.as_str(), at.lat.as_str())),
        })
    }

    fn system(&mut self, address: &str) -> Option<AutonomousSystem<'_>> {
        self.system = self.databases.geoip.as_ref()?.asn(address);
        self.system.as_ref().map(|asn| AutonomousSystem {
            number: asn.number.as_deref(),
            organization: asn.organization.as_deref(),
        })
    }

    fn has_indicators(&self) -> bool {
        self.databases.indicators.is_some()
    }

    fn address_indicators(&mut self, address: &str) -> Vec<Indicator<'_>> {
        let indicators = self.databases.indicators.as_ref();
        let found = indicators.map(|indicators| indicators.lookup_ip(address));
        found.into_iter().flatten().map(indicator).collect()
    }

    fn domain_indicators(&mut self, domain: &str) -> Vec<Indicator<'_>> {
        let indicators = self.databases.indicators.as_ref();
        let found = indicators.map(|indicators| indicators.lookup_domain(domain));
        found.into_iter().flatten().map(indicator).collect()
    }

    fn client_address<'t>(
        &mut self,
        source: Option<&'t str>,
        forwarded_for: &[&'t str],
    ) -> Option<&'t str> {
        let proxies = self.databases.proxies.as_ref()?;
        proxies.client_ip(source?, forwarded_for)
    }

    fn user_agent(&mut self, text: &str) -> Option<UserAgent<'_>> {
        let agent = self.databases.user_agents.parse(text, &mut self.agents);
        Some(UserAgent {
            original: &agent.original,
            name: &agent.name,
            version: agent.version.as_deref(),
            os_name: &agent.os_name,
            os_version: agent.os_version.as_deref(),
            os_full: &agent.os_full,
            device_name: &agent.device_name,
        })
    }

    fn another(&self) -> Box<dyn Lookups + Send> {
        Box::new(WorkerLookups {
            shared: self.shared.clone(),
            databases: Arc::clone(&self.databases),
            edition: self.edition,
            city: None,
            system: None,
            agents: UserAgentCache::new(),
        })
    }
}

fn indicator<'l>(found: yagura_intel::Indicator<'l>) -> Indicator<'l> {
    Indicator {
        provider: Some(found.provider),
        kind: Some(found.kind),
        name: found.name,
        reference: found.reference,
        first_seen: found.first_seen,
        last_seen: found.last_seen,
        modified: found.modified_at,
        description: found.description,
    }
}
