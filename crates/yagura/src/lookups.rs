//! The databases of `yagura-intel` as the pipeline asks them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use yagura_intel::{
    GeoCache, GeoIp, Indicators, Opened, TrustedProxies, UserAgentCache, UserAgents,
};
use yagura_pipeline::{AutonomousSystem, City, Indicator, Lookups, Place, UserAgent};

/// Where the databases are.
#[derive(Debug, Clone, Default)]
pub struct DatabasePaths {
    /// Folder with MaxMind City and ASN databases.
    pub geoip: Option<PathBuf>,
    /// SQLite file with indicators.
    pub ioc: Option<PathBuf>,
    /// SQLite file with networks of trusted proxies.
    pub trusted_proxies: Option<PathBuf>,
}

/// The open databases, shared by all workers.
#[derive(Default)]
pub struct Databases {
    geoip: Option<GeoIp>,
    indicators: Option<Indicators>,
    proxies: Option<TrustedProxies>,
    user_agents: UserAgents,
}

impl Databases {
    /// Opens the databases; one that is named and missing is told on the log and done without.
    pub fn open(paths: &DatabasePaths) -> anyhow::Result<Databases> {
        Ok(Databases {
            geoip: open(&paths.geoip, GeoIp::open).context("GeoIP")?,
            indicators: open(&paths.ioc, Indicators::open).context("indicators")?,
            proxies: open(&paths.trusted_proxies, TrustedProxies::open)
                .context("trusted proxies")?,
            user_agents: UserAgents::new(),
        })
    }
}

fn open<T>(
    path: &Option<PathBuf>,
    open: impl Fn(&std::path::Path) -> Result<Opened<T>, yagura_intel::Error>,
) -> anyhow::Result<Option<T>> {
    let Some(path) = path else {
        return Ok(None);
    };
    match open(path)? {
        Opened::Ready(database) => Ok(Some(database)),
        Opened::Absent(note) => {
            tracing::warn!("{note}; documents are loaded without it");
            Ok(None)
        }
    }
}

/// The look-ups of one worker: shared databases, caches of its own.
pub struct WorkerLookups {
    databases: Arc<Databases>,
    geo: GeoCache,
    agents: UserAgentCache,
}

impl WorkerLookups {
    /// Look-ups for a worker.
    pub fn new(databases: Arc<Databases>) -> Self {
        WorkerLookups {
            databases,
            geo: GeoCache::new(),
            agents: UserAgentCache::new(),
        }
    }
}

impl Lookups for WorkerLookups {
    fn place(&mut self, address: &str) -> Place<'_> {
        let Some(geoip) = &self.databases.geoip else {
            return Place::default();
        };
        let found = geoip.lookup(address, &mut self.geo);
        Place {
            city: found.city.map(|city| City {
                city_name: city.city_name.as_deref(),
                country_iso_code: city.country_iso_code.as_deref(),
                country_name: city.country_name.as_deref(),
                location: city
                    .location
                    .as_ref()
                    .map(|at| (at.lon.as_str(), at.lat.as_str())),
            }),
            system: found.asn.map(|asn| AutonomousSystem {
                number: asn.number.as_deref(),
                organization: asn.organization.as_deref(),
            }),
        }
    }

    fn has_indicators(&self) -> bool {
        self.databases.indicators.is_some()
    }

    fn address_indicators(&mut self, address: &str) -> Vec<Indicator<'_>> {
        let indicators = self.databases.indicators.as_ref();
        let found = indicators.map(|indicators| indicators.lookup_ip(address));
        found
            .unwrap_or_default()
            .into_iter()
            .map(indicator)
            .collect()
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
