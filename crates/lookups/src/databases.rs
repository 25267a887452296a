//! The databases of `yagura-intel`, opened once for all workers and changed under them when their files change.
//!
//! A worker takes the databases when it begins an object and keeps them until
//! the next one, so one object is enriched from one state. Files are looked at
//! every few seconds at most; what changed is opened in a thread of its own
//! while workers go on with what they have.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use yagura_intel::{
    CacheFolder, Error, GeoIp, Indicators, Opened, Stamp, TrustedProxies, UserAgents,
};
use yagura_pipeline::Edition;

/// Numbers of databases that are given away.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// How often files are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// Where the databases are.
#[derive(Debug, Clone, Default)]
pub struct DatabasePaths {
    /// Folder with MaxMind City and ASN databases.
    pub geoip: Option<PathBuf>,
    /// SQLite file with indicators.
    pub ioc: Option<PathBuf>,
    /// SQLite file with networks of trusted proxies.
    pub trusted_proxies: Option<PathBuf>,
    /// Folder for files made of these; without one they are made in memory.
    pub cache: Option<PathBuf>,
}

/// One state of the databases.
#[derive(Clone, Default)]
pub struct Databases {
    /// Places and networks of addresses.
    pub geoip: Option<Arc<GeoIp>>,
    /// Threat indicators.
    pub indicators: Option<Arc<Indicators>>,
    /// Networks of trusted proxies.
    pub proxies: Option<Arc<TrustedProxies>>,
    /// Patterns of user agents.
    pub user_agents: Arc<UserAgents>,
}

/// What tells whether the files of the databases changed.
#[derive(Clone, Default, PartialEq, Eq)]
struct Stamps {
    geoip: [Option<Stamp>; 2],
    ioc: Option<Stamp>,
    trusted_proxies: Option<Stamp>,
}

impl Stamps {
    fn of(paths: &DatabasePaths) -> Stamps {
        let stamp = |path: &Option<PathBuf>| path.as_deref().and_then(Stamp::of);
        Stamps {
            geoip: paths
                .geoip
                .as_deref()
                .map(GeoIp::stamps)
                .unwrap_or_default(),
            ioc: stamp(&paths.ioc),
            trusted_proxies: stamp(&paths.trusted_proxies),
        }
    }
}

/// The databases as they are now; clones share them.
#[derive(Clone)]
pub struct SharedDatabases(Arc<Shared>);

struct Shared {
    /// No others of the process have it.
    number: u64,
    paths: DatabasePaths,
    cache: Option<CacheFolder>,
    current: RwLock<Arc<Databases>>,
    /// Grows with every change of `current`.
    generation: AtomicU64,
    /// When files were looked at, and how they were then.
    looked: Mutex<(Instant, Stamps)>,
    is_opening: AtomicBool,
}

impl SharedDatabases {
    /// Opens the databases; one that is named and missing is told on the log and done without.
    ///
    /// **Errors**: a database is there but cannot be read.
    pub fn open(paths: DatabasePaths) -> Result<SharedDatabases, Error> {
        let cache = paths.cache.as_deref().and_then(open_cache);
        let stamps = Stamps::of(&paths);
        let databases = Databases {
            geoip: open(&paths.geoip, |path| GeoIp::open(path, cache.as_ref()))?,
            indicators: open(&paths.ioc, |path| Indicators::open(path, cache.as_ref()))?,
            proxies: open(&paths.trusted_proxies, TrustedProxies::open)?,
            user_agents: Arc::default(),
        };
        Ok(SharedDatabases(Arc::new(Shared {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed) + 1,
            paths,
            cache,
            current: RwLock::new(Arc::new(databases)),
            generation: AtomicU64::new(0),
            looked: Mutex::new((Instant::now(), stamps)),
            is_opening: AtomicBool::new(false),
        })))
    }

    /// The databases as they are now.
    pub fn current(&self) -> Arc<Databases> {
        let current = self.0.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Which databases of the process these are, and how often they changed; none are number 0.
    pub fn edition(&self) -> Edition {
        Edition {
            databases: self.0.number,
            generation: self.0.generation.load(Ordering::Acquire),
        }
    }

    /// Looks whether files changed, unless that was done just now, and begins to open those that did.
    pub fn look(&self) {
        self.look_every(LOOK_INTERVAL);
    }

    fn look_every(&self, interval: Duration) {
        // Whoever comes while another looks has nothing to do.
        let Ok(mut looked) = self.0.looked.try_lock() else {
            return;
        };
        if looked.0.elapsed() < interval || self.0.is_opening.load(Ordering::Acquire) {
            return;
        }
        let stamps = Stamps::of(&self.0.paths);
        let before = std::mem::replace(&mut *looked, (Instant::now(), stamps.clone())).1;
        if before == stamps {
            return;
        }
        self.0.is_opening.store(true, Ordering::Release);
        let shared = Arc::clone(&self.0);
        let opening = std::thread::Builder::new()
            .name("databases".to_owned())
            .spawn(move || shared.reopen(&before, &stamps));
        if let Err(error) = opening {
            tracing::warn!("cannot open changed databases: {error}");
            self.0.is_opening.store(false, Ordering::Release);
        }
    }
}

impl Shared {
    /// Opens what changed; what is missing or broken now stays as it was.
    fn reopen(&self, before: &Stamps, now: &Stamps) {
        let current = self.current.read();
        let mut databases = Databases::clone(&current.unwrap_or_else(PoisonError::into_inner));
        if before.geoip != now.geoip {
            let cache = self.cache.as_ref();
            let open = |path: &Path| GeoIp::open(path, cache);
            replace(&mut databases.geoip, &self.paths.geoip, open);
        }
        if before.ioc != now.ioc {
            let cache = self.cache.as_ref();
            let open = |path: &Path| Indicators::open(path, cache);
            replace(&mut databases.indicators, &self.paths.ioc, open);
        }
        if before.trusted_proxies != now.trusted_proxies {
            let path = &self.paths.trusted_proxies;
            replace(&mut databases.proxies, path, TrustedProxies::open);
        }
        let current = self.current.write();
        *current.unwrap_or_else(PoisonError::into_inner) = Arc::new(databases);
        self.generation.fetch_add(1, Ordering::Release);
        self.is_opening.store(false, Ordering::Release);
    }
}

fn open_cache(path: &Path) -> Option<CacheFolder> {
    CacheFolder::open(path)
        .inspect_err(|error| {
            tracing::warn!(
                "cannot use the cache folder `{}`: {error}; databases are kept in memory",
                path.display()
            );
        })
        .ok()
}

fn open<T>(
    path: &Option<PathBuf>,
    open: impl Fn(&Path) -> Result<Opened<T>, Error>,
) -> Result<Option<Arc<T>>, Error> {
    let Some(path) = path else {
        return Ok(None);
    };
    match open(path)? {
        Opened::Ready(database) => Ok(Some(Arc::new(database))),
        Opened::Absent(note) => {
            tracing::warn!("{note}; documents are loaded without it");
            Ok(None)
        }
    }
}

fn replace<T>(
    database: &mut Option<Arc<T>>,
    path: &Option<PathBuf>,
    open: impl Fn(&Path) -> Result<Opened<T>, Error>,
) {
    let Some(path) = path else {
        return;
    };
    match open(path) {
        Ok(Opened::Ready(opened)) => {
            *database = Some(Arc::new(opened));
            tracing::info!("`{}` changed and was opened again", path.display());
        }
        Ok(Opened::Absent(note)) => tracing::warn!("{note}; it is used as it was"),
        Err(error) => tracing::warn!("{error}; it is used as it was"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use rusqlite::Connection;
    use yagura_pipeline::Lookups;

    use super::*;
    use crate::worker::WorkerLookups;

    const TABLES: &str = "
        CREATE TABLE ipaddress (provider TEXT, type TEXT, v6_network1_start INTEGER, v6_network1_end INTEGER,
            v6_network2_start INTEGER, v6_network2_end INTEGER, network_start INTEGER, network_end INTEGER,
            name TEXT, reference TEXT, first_seen TEXT, last_seen TEXT, modified TEXT, description TEXT);
        CREATE TABLE domain (provider TEXT, type TEXT, domain TEXT, name TEXT, reference TEXT, first_seen TEXT,
            last_seen TEXT, modified TEXT, description TEXT);";

    /// Puts a database into place in which all indicators have this name.
    fn put(path: &Path, name: usize) {
        let unfinished = path.with_extension("new");
        let connection = Connection::open(&unfinished).unwrap();
        connection.execute_batch(TABLES).unwrap();
        for host in 1..=50 {
            let sql = "INSERT INTO ipaddress VALUES ('p', 'ipv4-addr', 0, 0, 0, 0, ?1, ?1, ?2, '', '', '', '', '')";
            connection
                .execute(sql, (0x0100_0000 + host, name.to_string()))
                .unwrap();
        }
        drop(connection);
        std::fs::rename(unfinished, path).unwrap();
    }

    /// The name that all indicators have, as a worker sees them in one object.
    fn name_in_object(lookups: &mut WorkerLookups) -> usize {
        lookups.begin_object();
        let mut names: Vec<usize> = (1..=50)
            .map(|host| {
                let found = lookups.address_indicators(&format!("1.0.0.{host}"));
                assert_eq!(found.len(), 1);
                found[0].name.unwrap().parse().unwrap()
            })
            .collect();
        names.dedup();
        assert_eq!(names.len(), 1, "one object sees one state");
        names[0]
    }

    #[test]
    fn workers_take_a_changed_database_between_objects() {
        const STATES: usize = 8;
        let folder = tempfile::tempdir().unwrap();
        let ioc = folder.path().join("ioc.db");
        put(&ioc, 0);
        let databases = SharedDatabases::open(DatabasePaths {
            ioc: Some(ioc.clone()),
            cache: Some(folder.path().join("cache")),
            ..DatabasePaths::default()
        })
        .unwrap();
        let seen = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut lookups = WorkerLookups::new(databases.clone());
                    let mut last = 0;
                    while last < STATES {
                        let name = name_in_object(&mut lookups);
                        assert!(name >= last, "no state comes back");
                        last = name;
                        seen.fetch_max(name, Ordering::Relaxed);
                    }
                });
            }
            for state in 1..=STATES {
                put(&ioc, state);
                while seen.load(Ordering::Relaxed) < state {
                    databases.look_every(Duration::ZERO);
                    std::thread::yield_now();
                }
            }
        });
        assert_eq!(databases.edition().generation, STATES as u64);
        let files = std::fs::read_dir(folder.path().join("cache")).unwrap();
        assert_eq!(files.count(), 1, "what was of earlier states is gone");
    }

    #[test]
    fn a_broken_or_missing_database_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let ioc = folder.path().join("ioc.db");
        put(&ioc, 1);
        let databases = SharedDatabases::open(DatabasePaths {
            ioc: Some(ioc.clone()),
            ..DatabasePaths::default()
        })
        .unwrap();
        let mut lookups = WorkerLookups::new(databases.clone());
        let mut wait_for = |generation| {
            while databases.edition().generation < generation {
                databases.look_every(Duration::ZERO);
                std::thread::yield_now();
            }
            name_in_object(&mut lookups)
        };
        std::fs::write(&ioc, "no database at all").unwrap();
        assert_eq!(wait_for(1), 1);
        std::fs::remove_file(&ioc).unwrap();
        assert_eq!(wait_for(2), 1);
        put(&ioc, 2);
        assert_eq!(wait_for(3), 2);
    }
}
