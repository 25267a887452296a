//! Look-ups that enrich documents: place and network of addresses, indicators of compromise, trusted proxies, user agents.
//!
//! Databases are opened once and shared between threads; what a look-up
//! caches belongs to the worker that looks up, so nothing is locked on the way.
//! Large ones lie in files of a [`CacheFolder`] that are mapped: indicators are
//! compiled into one, GeoIP databases are copied. Opening them again takes no
//! time to speak of, and only what is looked at takes memory.
//! A file that does not exist switches its feature off, a broken one is an error.

mod address;
mod bytes;
mod cache;
mod compile;
mod folder;
mod geoip;
mod hash;
mod indicators;
mod names;
mod opened;
mod patterns;
mod proxies;
mod ranges;
mod rows;
mod stamp;
mod texts;
mod tree;
mod user_agent;

pub use address::is_private;
pub use folder::CacheFolder;
pub use geoip::{Asn, City, GeoIp, GeoRecords, Location};
pub use indicators::{Indicator, Indicators};
pub use opened::{Error, Opened};
pub use proxies::TrustedProxies;
pub use stamp::Stamp;
pub use user_agent::{UserAgent, UserAgentCache, UserAgents};
