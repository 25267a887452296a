//! Records into documents: route, normalise, transform, enrich, exclude.
//!
//! Pure and synchronous: time and look-ups come in through [`ObjectContext`] and [`Lookups`], the
//! same bytes and configuration give the same documents.

mod condition;
mod container;
mod counts;
mod crew;
mod document;
mod draft;
mod ecs;
mod enrich;
mod exclude;
mod index_name;
mod instance;
mod key;
mod known;
mod known_agents;
mod line;
mod loader;
mod native;
mod normalise;
mod pipeline;
mod plan;
mod recorded;
mod request;
mod route;
mod script;
mod scripted;
mod skeleton;
mod text_order;
mod time;
mod tokens;

pub use condition::{Action, Condition, ConditionError, ConditionParameter};
pub use counts::Counts;
pub use crew::SpareProcessors;
pub use document::{Document, Output, Step};
pub use draft::{Draft, Stop, text_form};
pub use enrich::{
    AutonomousSystem, City, Edition, Indicator, Lookups, NoLookups, PlaceRecords, UserAgent,
};
pub use exclude::{CsvError, CsvExclusion, OwnLog, OwnLogRule, read_csv_exclusions};
pub use index_name::Service;
pub use instance::find_instance_id;
pub use key::find_region;
pub use loader::{LoadOutcome, Loader, ObjectContext};
pub use native::{Native, Natives, NoNatives, SplitLine, Transform};
pub use normalise::md5_hex;
pub use plan::{Options, PlanError};
pub use request::{RequestLine, put_request};
pub use route::{Ignored, Route, Router};
pub use script::{BatchedScript, InPlaceScript, Script, Scripted, Scripts};
pub use time::{AnyTime, SeenTime, parse_epoch, parse_iso8601};
pub use tokens::Tokens;
