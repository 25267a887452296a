//! Names that the company's machines ask for.

use super::{Entry, Log, cast::Account};
use crate::{json::object, lines::at, rng::Rng};

/// Names with their addresses; the later ones are asked for less often.
const NAMES: [(&str, &str); 8] = [
    ("sqs.ap-northeast-1.amazonaws.com.", "192.0.2.61"),
    ("db.internal.example.com.", "10.0.2.15"),
    ("s3.amazonaws.com.", "192.0.2.62"),
    ("api.example.com.", "192.0.2.63"),
    ("updates.example.org.", "192.0.2.64"),
    ("time.example.net.", "192.0.2.10"),
    ("mirror.example.org.", "192.0.2.65"),
    ("old.example.net.", "-"),
];

/// One query of one of the account's machines.
pub(super) fn query(rng: &mut Rng, account: &'static Account, second: i64) -> Entry {
    let instance = rng.below(3) as usize;
    let (name, address) = NAMES[(NAMES.len() as f64 * rng.unit_power(2)) as usize % NAMES.len()];
    let is_known = address != "-";
    let mut text = String::new();
    object(&mut text, |o| {
        o.text("version", "1.100000")
            .text("account_id", account.id)
            .text("region", account.region)
            .text("vpc_id", &account.network())
            .text("query_timestamp", &at(second).to_string())
            .text("query_name", name)
            .text("query_type", "A")
            .text("query_class", "IN")
            .text("rcode", if is_known { "NOERROR" } else { "NXDOMAIN" });
        o.array("answers", |answers| {
            if is_known {
                answers.object(|o| {
                    o.text("Rdata", address)
                        .text("Type", "A")
                        .text("Class", "IN");
                });
            }
        });
        o.text("srcaddr", &account.private_address(instance))
            .text("srcport", &rng.between(32_768, 61_000).to_string())
            .text("transport", "UDP")
            .object("srcids", |o| {
                o.text("instance", account.instances[instance]);
            });
    });
    text.push('\n');
    Entry {
        log: Log::Resolver,
        account,
        second,
        text,
    }
}
