//! Windows events as XML, in envelopes of CloudWatch Logs, for benchmarks.

mod data;

use std::fmt::Write as _;

use super::{Place, Scene};
use crate::{json, lines::at, rng::Rng};
use data::Data;

/// Log events of one envelope.
pub(super) const ENVELOPE_EVENTS: usize = 40;
/// Seconds that the events of an object are spread over.
const SECONDS: u64 = 300;

const SECURITY: Provider = Provider {
    tag: "Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'",
    channel: "Security",
    level: 0,
    user: "",
};
const SERVICES: Provider = Provider {
    tag: "Name='Service Control Manager' Guid='{555908d1-a6d7-4695-8e1e-26931d2012f4}' EventSourceName='Service Control Manager'",
    channel: "System",
    level: 4,
    user: " UserID='S-1-5-18'",
};
const POWERSHELL: Provider = Provider {
    tag: "Name='Microsoft-Windows-PowerShell' Guid='{a0c1853b-5c40-4b15-8766-3cf1c58f985a}'",
    channel: "Microsoft-Windows-PowerShell/Operational",
    level: 5,
    user: " UserID='S-1-5-18'",
};
const SYSMON: Provider = Provider {
    tag: "Name='Microsoft-Windows-Sysmon' Guid='{5770385f-c22a-43e0-bf4c-06f5698ffbd9}'",
    channel: "Microsoft-Windows-Sysmon/Operational",
    level: 4,
    user: " UserID='S-1-5-18'",
};

/// What can happen. The weights add up to a thousand.
const KINDS: [Kind; 17] = [
    Kind::security(260, 4624, 2, 12544, data::logon),
    Kind::security(45, 4625, 0, 12544, data::failed_logon),
    Kind::security(170, 4634, 0, 12545, data::logoff),
    Kind::security(25, 4648, 0, 12544, data::explicit_logon),
    Kind::security(120, 4672, 0, 12548, data::privileges),
    Kind::security(110, 4688, 2, 13312, data::process),
    Kind::security(60, 4689, 0, 13313, data::process_end),
    Kind::security(2, 4720, 0, 13824, data::account_created),
    Kind::security(3, 4740, 0, 13824, data::account_locked),
    Kind::security(25, 4768, 0, 14339, data::ticket),
    Kind::security(60, 4769, 0, 14337, data::service_ticket),
    Kind::security(25, 5140, 1, 12808, data::share),
    Kind::other(
        3,
        &SERVICES,
        (7045, 0, 0),
        "0x8080000000000000",
        data::service,
    ),
    Kind::other(12, &POWERSHELL, (4104, 1, 2), "0x0", data::script_block),
    Kind::other(
        30,
        &SYSMON,
        (1, 5, 1),
        "0x8000000000000000",
        data::sysmon_process,
    ),
    Kind::other(
        30,
        &SYSMON,
        (3, 5, 3),
        "0x8000000000000000",
        data::sysmon_connection,
    ),
    Kind::other(
        20,
        &SYSMON,
        (11, 2, 11),
        "0x8000000000000000",
        data::sysmon_file,
    ),
];

/// Who writes events.
struct Provider {
    /// Attributes of its element.
    tag: &'static str,
    channel: &'static str,
    level: u8,
    /// Attribute of `Security`.
    user: &'static str,
}

/// Writes the `Data` elements of an event.
type Details = fn(&mut Scene, &Moment<'_>, &mut Data<'_>);

/// A kind of event.
struct Kind {
    weight: u64,
    provider: &'static Provider,
    id: u16,
    version: u8,
    task: u16,
    keywords: &'static str,
    data: Details,
}

impl Kind {
    const fn security(weight: u64, id: u16, version: u8, task: u16, data: Details) -> Self {
        let keywords = match id {
            4625 => "0x8010000000000000",
            _ => "0x8020000000000000",
        };
        Self::other(weight, &SECURITY, (id, version, task), keywords, data)
    }

    const fn other(
        weight: u64,
        provider: &'static Provider,
        (id, version, task): (u16, u8, u16),
        keywords: &'static str,
        data: Details,
    ) -> Self {
        Self {
            weight,
            provider,
            id,
            version,
            task,
            keywords,
            data,
        }
    }

    fn pick(rng: &mut Rng) -> &'static Self {
        let mut left = rng.below(1000);
        for kind in &KINDS {
            if left < kind.weight {
                return kind;
            }
            left -= kind.weight;
        }
        &KINDS[0]
    }
}

/// Where and when an event happens.
struct Moment<'a> {
    /// Name of the machine without its domain.
    machine: &'a str,
    second: i64,
    /// Units of 100 nanoseconds.
    ticks: u64,
}

/// Appends an envelope with the events of one machine.
pub(super) fn envelope(scene: &mut Scene, place: &Place, events: usize, out: &mut String) {
    let instance = scene.rng.pick_skewed(&scene.pools.instances).to_owned();
    // Windows names a machine after its instance if nobody else does.
    let number = instance.get(instance.len() - 7..).unwrap_or(&instance);
    let machine = format!("EC2AMAZ-{}", number.to_uppercase());
    json::object(out, |o| {
        o.text("messageType", "DATA_MESSAGE")
            .text("owner", place.account)
            .text("logGroup", "/ec2/windows/events")
            .text("logStream", &instance);
        o.array("subscriptionFilters", |filters| {
            filters.text("to-firehose");
        });
        o.array("logEvents", |list| {
            for _ in 0..events {
                let moment = Moment {
                    machine: &machine,
                    second: place.start + scene.rng.below(SECONDS) as i64,
                    ticks: scene.rng.below(10_000_000),
                };
                let millisecond = moment.second * 1000 + (moment.ticks / 10_000) as i64;
                let id = format!("3799{millisecond:013}{:039}", scene.rng.bits());
                let message = event(scene, &moment);
                list.object(|o| {
                    o.text("id", &id)
                        .bare("timestamp", millisecond)
                        .text("message", &message);
                });
            }
        });
    });
}

fn event(scene: &mut Scene, moment: &Moment<'_>) -> String {
    let kind = Kind::pick(&mut scene.rng);
    let Kind {
        provider,
        id,
        version,
        task,
        keywords,
        ..
    } = kind;
    let mut text = String::with_capacity(4096);
    let qualifiers = match id {
        7045 => " Qualifiers='16384'",
        _ => "",
    };
    let rng = &mut scene.rng;
    let (record, process, thread) = (
        rng.between(100_000, 9_000_000),
        4 * rng.between(100, 1_500),
        4 * rng.between(100, 3_000),
    );
    let correlation = match rng.chance(0.4) {
        true => format!("<Correlation ActivityID='{}'/>", data::guid(rng)),
        false => "<Correlation/>".to_owned(),
    };
    let time = at(moment.second).strftime("%Y-%m-%dT%H:%M:%S");
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider {}/><EventID{qualifiers}>{id}</EventID><Version>{version}</Version>\
         <Level>{}</Level><Task>{task}</Task><Opcode>0</Opcode><Keywords>{keywords}</Keywords>\
         <TimeCreated SystemTime='{time}.{:07}Z'/><EventRecordID>{record}</EventRecordID>\
         {correlation}<Execution ProcessID='{process}' ThreadID='{thread}'/>\
         <Channel>{}</Channel><Computer>{}.corp.example.com</Computer><Security{}/></System>\
         <EventData>",
        provider.tag, provider.level, moment.ticks, provider.channel, moment.machine, provider.user,
    );
    (kind.data)(scene, moment, &mut Data(&mut text));
    text.push_str("</EventData></Event>");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_add_up() {
        let sum: u64 = KINDS.iter().map(|kind| kind.weight).sum();
        assert_eq!(sum, 1000);
    }
}
