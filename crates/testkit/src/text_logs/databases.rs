//! Records of databases and brokers.

use super::MakeRecord;
use crate::rng::Rng;

/// One maker for each kind of log.
pub(super) const ALL: &[MakeRecord] = &[postgresql, mysql_audit, mysql_general, kafka_broker];

const STATEMENTS: [&str; 6] = [
    "SELECT * FROM item WHERE id = $1",
    "select name,\n       price\n  from item",
    "UPDATE item SET price = 7, note = \\'sold\\'",
    "COMMIT",
    "insert into 店 values (\"é\", 'x')",
    "",
];
const USERS: [&str; 5] = ["app", "report-1", "rdsadmin", "名前", "a.b"];

fn address(rng: &mut Rng) -> String {
    match rng.below(4) {
        0 => format!("2001:db8::{:x}", rng.below(65_536)),
        1 => format!("host-{}.example.com", rng.below(100)),
        _ => format!("192.0.2.{}", rng.below(256)),
    }
}

fn clock(rng: &mut Rng) -> String {
    let (hour, minute, second) = (rng.below(24), rng.below(60), rng.below(60));
    format!("{hour:02}:{minute:02}:{second:02}")
}

fn postgresql(rng: &mut Rng) -> String {
    let (time, pid) = (clock(rng), rng.below(99_999));
    let level = rng.word(&["LOG", "LOG", "ERROR", "FATAL", "STATEMENT", "DETAIL"]);
    let message = match rng.below(3) {
        0 => "connection authorized: user=app database=shop".to_owned(),
        1 => format!("duration: {}.117 ms  bind: {}", pid, rng.word(&STATEMENTS)),
        _ => format!("statement: {}", rng.word(&STATEMENTS)),
    };
    let client = match rng.below(10) {
        0 => ":".to_owned(),
        1 => "[local]:".to_owned(),
        _ => format!("{}({}):", address(rng), rng.between(1_024, 65_535)),
    };
    let user = rng.word(&USERS);
    format!("2025-06-10 {time} UTC:{client}{user}@shop:[{pid}]:{level}:  {message}")
}

fn mysql_audit(rng: &mut Rng) -> String {
    let time = match rng.below(2) {
        0 => format!("17495136{:08}", rng.below(100_000_000)),
        _ => format!("20250610 {}", clock(rng)),
    };
    let (user, host, thread) = (rng.word(&USERS), address(rng), rng.below(999));
    match rng.below(3) {
        0 => format!("{time},shop-1,{user},{host},{thread},0,CONNECT,shop,,0"),
        1 => format!("{time},shop-1,{user},{host},{thread},7,READ,shop,item,"),
        _ => {
            let statement = rng.word(&STATEMENTS).replace('\n', "\\n");
            format!("{time},shop-1,{user},{host},{thread},7,QUERY,shop,'{statement}',0")
        }
    }
}

fn mysql_general(rng: &mut Rng) -> String {
    let (time, thread) = (clock(rng), rng.below(999));
    let command = rng.word(&["Query", "Connect", "Quit", "Prepare", "Init DB"]);
    let statement = rng.word(&STATEMENTS);
    format!("2025-06-10T{time}.000001Z\t{thread:5} {command}\t{statement}")
}

fn kafka_broker(rng: &mut Rng) -> String {
    let (time, millisecond) = (clock(rng), rng.below(1_000));
    let level = rng.word(&["INFO", "WARN", "ERROR"]);
    let message = match rng.below(3) {
        0 => "[GroupCoordinator 1]: Stabilized group billing (kafka.coordinator)".to_owned(),
        1 => "failed\norg.apache.kafka.Failure: no leader\n\tat kafka.Log.append(Log:7)".to_owned(),
        _ => format!(
            "ConsumerLag for groupId=g topic=t : SumLag={0} MaxLag={0} TimeLag=60 (kafka.lag)",
            rng.below(1_000)
        ),
    };
    format!("[2025-06-10 {time},{millisecond:03}] {level} {message}")
}
