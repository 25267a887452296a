//! Network Activity: what Security Lake makes of VPC flow logs.

use serde_json::{Value, json};

use super::{LAKE_VERSION, VERSION, api::local_time, observable};
use crate::bench_inputs::{Place, Scene};

/// `class_uid` of Network Activity.
const CLASS: u32 = 4001;
/// `activity_id` of traffic.
const TRAFFIC: u32 = 6;

const PORTS: [u16; 9] = [443, 443, 443, 80, 22, 53, 3306, 3389, 8080];
const PROTOCOLS: [u8; 6] = [6, 6, 6, 6, 17, 17];

/// One event.
pub(super) fn event(scene: &mut Scene, place: &Place) -> Value {
    let Scene { rng, pools } = scene;
    let start = place.start + rng.below(300) as i64;
    let end = start + rng.between(1, 60) as i64;
    let inbound = rng.chance(0.5);
    let instance = rng.pick_skewed(&pools.instances);
    let interface = rng.pick_skewed(&pools.interfaces);
    // What else belongs to an interface follows from it.
    let place_id = interface.trim_start_matches("eni-");
    let own = |port: u64, address: &str| {
        json!({
            "port": port,
            "ip": address,
            "interface_uid": interface,
            "vpc_uid": "vpc-0a1b2c3d4e5f60718",
            "instance_uid": instance,
            "subnet_uid": format!("subnet-{place_id}"),
        })
    };
    let other = |port: u64, address: &str| json!({"port": port, "ip": address});
    let (client, server) = (rng.between(1024, 65536), u64::from(*rng.pick(&PORTS)));
    let outside = rng.pick_skewed(&pools.public_addresses);
    let inside = rng.pick_skewed(&pools.private_addresses);
    let (source, source_endpoint, destination, destination_endpoint) = match inbound {
        true => (outside, other(client, outside), inside, own(server, inside)),
        false => (inside, own(client, inside), outside, other(server, outside)),
    };
    let (direction, direction_id) = match inbound {
        true => ("Inbound", 1),
        false => ("Outbound", 2),
    };
    let protocol = *rng.pick(&PROTOCOLS);
    let tcp_flags = (protocol == 6).then(|| *rng.pick(&[2, 3, 18, 19]));
    let (disposition, disposition_id) = match rng.chance(0.85) {
        true => ("Allowed", 1),
        false => ("Blocked", 2),
    };
    let packets = 1 + (200.0 * rng.unit_power(4)) as u64;
    json!({
        "metadata": {
            "product": {
                "version": "5",
                "name": "Amazon VPC",
                "feature": {"name": "Flowlogs"},
                "vendor_name": "AWS",
            },
            "profiles": ["cloud", "security_control", "datetime"],
            "version": VERSION,
        },
        "cloud": {
            "account": {"uid": place.account},
            "region": place.region,
            "zone": format!("{}-az{}", place.region, rng.between(1, 4)),
            "provider": "AWS",
        },
        "src_endpoint": source_endpoint,
        "dst_endpoint": destination_endpoint,
        "connection_info": {
            "protocol_num": protocol,
            "tcp_flags": tcp_flags,
            "protocol_ver": "IPv4",
            "boundary_id": 99,
            "boundary": "-",
            "direction_id": direction_id,
            "direction": direction,
        },
        "traffic": {"packets": packets, "bytes": packets * rng.between(40, 1500)},
        "time": start * 1000,
        "time_dt": local_time(start),
        "start_time_dt": local_time(start),
        "end_time_dt": local_time(end),
        "status_code": "OK",
        "severity_id": 1,
        "severity": "Informational",
        "class_name": "Network Activity",
        "class_uid": CLASS,
        "category_name": "Network Activity",
        "category_uid": 4,
        "activity_name": "Traffic",
        "activity_id": TRAFFIC,
        "disposition": disposition,
        "disposition_id": disposition_id,
        "type_uid": CLASS * 100 + TRAFFIC,
        "type_name": "Network Activity: Traffic",
        "unmapped": {"sublocation_id": "-", "sublocation_type": "-"},
        "accountid": place.account,
        "region": place.region,
        "asl_version": LAKE_VERSION,
        "observables": [
            observable("src_endpoint.ip", source, "IP Address", 2),
            observable("dst_endpoint.ip", destination, "IP Address", 2),
        ],
    })
}
