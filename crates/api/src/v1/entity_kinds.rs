//! The kinds of entities: which fields hold them, and what they are seen with.

use std::collections::{BTreeMap, BTreeSet};

use crate::state::LogTypeInfo;

/// What is known of a kind of entity besides what the packs declare.
pub(crate) struct EntityKind {
    pub(crate) name: &'static str,
    /// Fields that hold it, in any log.
    pub(crate) fields: &'static [&'static str],
    /// Fields whose values tell what it was seen with.
    pub(crate) seen_with: &'static [&'static str],
}

pub(crate) const KINDS: &[EntityKind] = &[
    EntityKind {
        name: "ip",
        fields: &[
            "related.ip",
            "source.ip",
            "destination.ip",
            "client.ip",
            "server.ip",
        ],
        seen_with: &[
            "user.name",
            "cloud.account.id",
            "event.action",
            "user_agent.original",
            "destination.port",
            "url.domain",
            "source.ip",
            "destination.ip",
        ],
    },
    EntityKind {
        name: "user",
        // Not `user.id`, which holds the access key in logs of AWS.
        fields: &["related.user", "user.name", "userIdentity.arn"],
        seen_with: &[
            "source.ip",
            "source.geo.country_name",
            "cloud.account.id",
            "event.action",
            "errorCode",
            "user_agent.original",
        ],
    },
    EntityKind {
        name: "account",
        fields: &["cloud.account.id"],
        seen_with: &[
            "cloud.region",
            "user.name",
            "event.provider",
            "event.action",
            "source.ip",
            "event.severity",
        ],
    },
    EntityKind {
        name: "instance",
        fields: &[
            "cloud.instance.id",
            "related.hosts",
            "host.id",
            "interface_id",
        ],
        seen_with: &[
            "source.ip",
            "destination.ip",
            "destination.port",
            "event.action",
            "rule.name",
        ],
    },
    EntityKind {
        name: "accesskey",
        fields: &["userIdentity.accessKeyId"],
        seen_with: &[
            "source.ip",
            "cloud.region",
            "event.provider",
            "event.action",
            "user.name",
        ],
    },
    EntityKind {
        name: "domain",
        fields: &["url.domain", "dns.question.name", "destination.domain"],
        seen_with: &[
            "source.ip",
            "http.response.status_code",
            "source.geo.country_name",
            "url.path",
        ],
    },
    EntityKind {
        name: "bucket",
        fields: &["Bucket", "requestParameters.bucketName"],
        seen_with: &[
            "user.name",
            "event.action",
            "source.ip",
            "http.response.status_code",
        ],
    },
    EntityKind {
        name: "arn",
        fields: &["resources.ARN", "userIdentity.arn"],
        seen_with: &["user.name", "event.action", "source.ip"],
    },
    EntityKind {
        name: "host",
        fields: &["host.name", "host.hostname"],
        seen_with: &["user.name", "source.ip", "event.action", "process.name"],
    },
    EntityKind {
        name: "country",
        fields: &["source.geo.country_name"],
        seen_with: &[
            "source.ip",
            "source.as.organization.name",
            "user.name",
            "event.action",
        ],
    },
    EntityKind {
        name: "asn",
        fields: &["source.as.organization.name"],
        seen_with: &[
            "source.ip",
            "source.geo.country_name",
            "user.name",
            "event.action",
        ],
    },
    EntityKind {
        name: "action",
        fields: &["event.action"],
        seen_with: &[
            "user.name",
            "source.ip",
            "cloud.account.id",
            "event.outcome",
            "event.provider",
        ],
    },
];

/// The kind of this name.
pub(crate) fn kind(name: &str) -> Option<&'static EntityKind> {
    KINDS.iter().find(|known| known.name == name)
}

/// The kind that a field holds, for links from its values.
pub(crate) fn kind_of(field: &str, log_types: &[LogTypeInfo]) -> Option<&'static str> {
    let holds = |kind: &&EntityKind| {
        let common = kind.fields.contains(&field);
        let mut declared = log_types
            .iter()
            .filter_map(|log_type| log_type.entities.get(kind.name));
        common || declared.any(|fields| fields.iter().any(|it| it == field))
    };
    KINDS.iter().find(holds).map(|kind| kind.name)
}

/// The fields that hold each kind of entity: what the log types declare, and what holds in any log.
///
/// A roll-up counts by these fields; so it agrees with what a search for the entity finds.
pub fn entity_fields(log_types: &[LogTypeInfo]) -> BTreeMap<&'static str, BTreeSet<String>> {
    let fields = |kind: &'static EntityKind| {
        let declared = log_types
            .iter()
            .filter_map(|log_type| log_type.entities.get(kind.name));
        let declared = declared.flatten().cloned();
        let common = kind.fields.iter().map(|field| (*field).to_owned());
        (kind.name, declared.chain(common).collect())
    };
    KINDS.iter().map(fields).collect()
}
