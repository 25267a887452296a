//! OCSF events as Amazon Security Lake writes them, for benchmarks.

mod api;
#[cfg(feature = "parquet")]
pub(super) mod file;
mod flow;

use serde_json::Value;

use super::{Place, Scene};

/// `metadata.version` of the events.
const VERSION: &str = "1.1.0";
/// `asl_version` of the events.
const LAKE_VERSION: &str = "4";

/// A log that Security Lake collects; each has files of its own.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// CloudTrail's management events.
    Api,
    /// VPC flow logs.
    Flow,
}

impl Source {
    /// The objects take turns.
    pub(super) fn of(seed: u64) -> Self {
        match seed % 2 {
            0 => Self::Api,
            _ => Self::Flow,
        }
    }

    /// The folder of its objects.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Api => "CLOUD_TRAIL_MGMT",
            Self::Flow => "VPC_FLOW",
        }
    }

    /// One event.
    pub(super) fn event(self, scene: &mut Scene, place: &Place) -> Value {
        match self {
            Self::Api => api::event(scene, place),
            Self::Flow => flow::event(scene, place),
        }
    }

    /// The columns of its files.
    #[cfg(feature = "parquet")]
    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::Api => include_str!("ocsf/api.schema"),
            Self::Flow => include_str!("ocsf/flow.schema"),
        }
    }
}

/// An entry of `observables`.
fn observable(name: &str, value: &str, kind: &str, kind_id: u8) -> Value {
    serde_json::json!({"name": name, "value": value, "type": kind, "type_id": kind_id})
}
