//! Look-ups that enrich documents: place and network of addresses, indicators of compromise, trusted proxies, user agents.
//!
//! Databases are opened once and shared between threads; what a look-up
//! caches belongs to the worker that looks up, so nothing is locked on the way.
//! A file that does not exist switches its feature off, a broken one is an error.

mod address;
mod cache;
mod geoip;
mod indicators;
mod intervals;
mod opened;
mod proxies;
mod rows;
mod user_agent;

pub use address::is_private;
pub use geoip::{Asn, City, Geo, GeoCache, GeoIp, Location};
pub use indicators::{Indicator, Indicators};
pub use opened::{Error, Opened};
pub use proxies::TrustedProxies;
pub use user_agent::{UserAgent, UserAgentCache, UserAgents};
