//! The data of the demonstration: nine days in the logs of a small company, with one break-in.
//!
//! Objects lie under the keys that AWS would give them, so that routing by key works as in
//! production. The break-in is told in [`story`]; all else is everyday noise.

mod cast;
mod names;
mod noise;
mod records;
mod requests;
mod story;
mod threat_list;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::Path,
};

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;

use crate::{lines::at, rng::Rng};
use cast::{ACCOUNTS, Account};
pub use threat_list::write_threat_list;

/// Events of a demonstration that fills the pages yet loads in seconds.
pub const DEFAULT_EVENTS: usize = 60_000;
/// Hours before `now` that the logs cover: enough to compare a day with the same a week before.
pub const HOURS: i64 = 9 * 24;
/// Objects older than this hold more hours each, so that there are fewer of them.
const RECENT_HOURS: i64 = 48;
/// Hours in an object that is old.
const OLD_OBJECT_HOURS: i64 = 6;
/// Hours before `now` since when no queries of names arrive: that source has gone silent.
pub const SILENT_HOURS: i64 = 6;
/// Address of the intruder; no other address fails to sign in to the console.
pub const INTRUDER: &str = "203.0.113.66";

const SEED: u64 = 0x59_61_67_75_72_61;
const HOUR_S: i64 = 3600;
/// How busy each hour of the day is in UTC: offices in Japan by day, customers in the evening.
const RHYTHM: [u64; 24] = [
    9, 10, 10, 7, 9, 10, 10, 9, 8, 7, 8, 9, 10, 10, 7, 4, 2, 1, 1, 1, 1, 2, 4, 7,
];
/// Hours before `now` since when the first object of requests has broken lines.
const BROKEN_HOURS_AGO: i64 = 7;
/// Lines no parser can read: cut off, foreign, an impossible date, not even text.
const BROKEN_LINES: [&[u8]; 4] = [
    b"h2 2025-06-10T02:03:11.120441Z app/web/0123456789abcdef 198.51.100.21:501\n",
    b"upstream log rotated, nothing to see here\n",
    b"http 2025-02-30T25:61:00.000000Z app/web/0123456789abcdef 198.51.100.21:50122 10.0.1.20:8080 0.000 0.012 0.000 200 200 312 4523 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/8.7.1\" - - - \"Root=1-00000000-000000000000000000000000\" \"-\" \"-\" 1 2025-02-30T25:61:00.000000Z \"forward\" \"-\" \"-\" \"10.0.1.20:8080\" \"200\" \"-\" \"-\"\n",
    b"\xff\xfe\x00\x93\x12 binary rubbish\n",
];

/// The logs that are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Log {
    CloudTrail,
    VpcFlow,
    Alb,
    S3Access,
    Waf,
    GuardDuty,
    Resolver,
}

impl Log {
    fn name(self) -> &'static str {
        match self {
            Self::CloudTrail => "cloudtrail",
            Self::VpcFlow => "vpcflowlogs",
            Self::Alb => "alb",
            Self::S3Access => "s3accesslog",
            Self::Waf => "waf",
            Self::GuardDuty => "guardduty",
            Self::Resolver => "route53resolver",
        }
    }
}

/// One record with its place and time.
pub(crate) struct Entry {
    pub(crate) log: Log,
    pub(crate) account: &'static Account,
    pub(crate) second: i64,
    pub(crate) text: String,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Objects, that is files.
    pub objects: usize,
    /// Readable records over all logs.
    pub events: usize,
    /// Lines that cannot be read, on purpose.
    pub broken_lines: usize,
    /// Readable records per log type.
    pub per_log_type: BTreeMap<&'static str, usize>,
    /// Size of the files.
    pub size_bytes: u64,
}

/// Writes a folder of objects for the nine days before `now`, about `events` records in all.
///
/// The break-in adds some 300 records to `events`. The same arguments give the same files.
/// Files of an earlier call with another `now` are not removed.
///
/// **errors**: those of creating folders and writing files.
pub fn write_demo(dir: &Path, now: Timestamp, events: usize) -> io::Result<Summary> {
    let now_s = now.as_second();
    let rng = &mut Rng::new(SEED);
    let mut story = story::entries(rng, now_s);
    let start = now_s - HOURS * HOUR_S;
    let busy = |hours: i64| -> u64 {
        (0..hours)
            .filter_map(|hour| {
                RHYTHM.get(((start + hour * HOUR_S).rem_euclid(86_400) / HOUR_S) as usize)
            })
            .sum()
    };
    let total = busy(HOURS).max(1);
    let mut summary = Summary::default();
    let mut hour = 0;
    while hour < HOURS {
        let is_old = hour + OLD_OBJECT_HOURS <= HOURS - RECENT_HOURS;
        let hours = if is_old { OLD_OBJECT_HOURS } else { 1 };
        let until = |hours| (events as u64 * busy(hours) / total) as usize;
        let (from_s, length_s) = (start + hour * HOUR_S, hours * HOUR_S);
        let silent = hour + hours > HOURS - SILENT_HOURS;
        let mut entries = Vec::new();
        for hour in hour..hour + hours {
            let count = until(hour + 1) - until(hour);
            entries.extend(noise::entries(rng, start + hour * HOUR_S, count));
        }
        entries.retain(|entry| !(silent && entry.log == Log::Resolver));
        let told = story.partition_point(|entry| entry.second < from_s + length_s);
        entries.extend(story.drain(..told));
        // In a quiet hour no request may have been logged; then a later object has them.
        let broken = hour >= HOURS - BROKEN_HOURS_AGO && summary.broken_lines == 0;
        write_objects(dir, rng, from_s + length_s, entries, broken, &mut summary)?;
        hour += hours;
    }
    Ok(summary)
}

/// Writes the objects delivered at one time, one per log and account.
fn write_objects(
    dir: &Path,
    rng: &mut Rng,
    delivered_s: i64,
    mut entries: Vec<Entry>,
    broken: bool,
    summary: &mut Summary,
) -> io::Result<()> {
    entries.sort_by_key(|entry| (entry.log, entry.account.id, entry.second));
    for object in entries.chunk_by(|a, b| (a.log, a.account.id) == (b.log, b.account.id)) {
        let Some(first) = object.first() else {
            continue;
        };
        let (log, account) = (first.log, first.account);
        let mut bytes = Vec::new();
        match log {
            Log::CloudTrail => bytes.extend_from_slice(b"{\"Records\":["),
            Log::VpcFlow => bytes.extend_from_slice(requests::FLOW_HEADER.as_bytes()),
            _ => {}
        }
        for (index, entry) in object.iter().enumerate() {
            if log == Log::CloudTrail && index > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(entry.text.as_bytes());
        }
        if log == Log::CloudTrail {
            bytes.extend_from_slice(b"]}");
        }
        if broken && log == Log::Alb && account.id == ACCOUNTS[0].id {
            for line in BROKEN_LINES {
                bytes.extend_from_slice(line);
            }
            summary.broken_lines += BROKEN_LINES.len();
        }
        let path = dir.join(key(log, account, delivered_s, rng));
        summary.size_bytes += write_object(&path, &bytes, log)?;
        summary.objects += 1;
        summary.events += object.len();
        *summary.per_log_type.entry(log.name()).or_default() += object.len();
    }
    Ok(())
}

/// Writes gzip, but S3 access logs as they are; returns the size of the file.
fn write_object(path: &Path, bytes: &[u8], log: Log) -> io::Result<u64> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    if log == Log::S3Access {
        fs::write(path, bytes)?;
        return Ok(bytes.len() as u64);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(3));
    encoder.write_all(bytes)?;
    let packed = encoder.finish()?;
    fs::write(path, &packed)?;
    Ok(packed.len() as u64)
}

/// The key of an object that was delivered at `second`.
fn key(log: Log, account: &Account, second: i64, rng: &mut Rng) -> String {
    let Account { id, region, .. } = account;
    let day = at(second).strftime("%Y/%m/%d");
    let minute = at(second).strftime("%Y%m%dT%H%MZ");
    match log {
        Log::CloudTrail => {
            let unique = rng.base32(16);
            format!(
                "AWSLogs/{id}/CloudTrail/{region}/{day}/{id}_CloudTrail_{region}_{minute}_{unique}.json.gz"
            )
        }
        Log::VpcFlow => {
            let unique = rng.hex(8);
            format!(
                "AWSLogs/{id}/vpcflowlogs/{region}/{day}/{id}_vpcflowlogs_{region}_{}_{minute}_{unique}.log.gz",
                account.flow_log
            )
        }
        Log::Alb => {
            let unique = rng.hex(8);
            let name = account.balancer.replace('/', ".");
            format!(
                "AWSLogs/{id}/elasticloadbalancing/{region}/{day}/{id}_elasticloadbalancing_{region}_{name}_{minute}_198.51.100.10_{unique}.log.gz"
            )
        }
        Log::S3Access => {
            let unique = rng.hex(16).to_uppercase();
            let time = at(second).strftime("%Y-%m-%d-%H-%M-%S");
            format!(
                "AWSLogs/{id}/s3accesslog/{region}/{}/{time}-{unique}",
                account.bucket
            )
        }
        Log::Waf => {
            let unique = rng.hex(8);
            let folders = at(second).strftime("%Y/%m/%d/%H/%M");
            format!(
                "AWSLogs/{id}/WAFLogs/{region}/web/{folders}/{id}_waflogs_{region}_web_{minute}_{unique}.log.gz"
            )
        }
        Log::Resolver => {
            let unique = rng.hex(8);
            let network = account.network();
            format!(
                "AWSLogs/{id}/vpcdnsquerylogs/{network}/{day}/{network}_vpcdnsquerylogs_{id}_{minute}_{unique}.log.gz"
            )
        }
        Log::GuardDuty => {
            let unique = rng.uuid();
            format!("AWSLogs/{id}/GuardDuty/{region}/{day}/{unique}.jsonl.gz")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Read, path::PathBuf};

    use flate2::read::MultiGzDecoder;

    use super::*;

    fn files(dir: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else {
                let bytes = fs::read(&path).unwrap();
                found.insert(path, bytes);
            }
        }
    }

    fn demo(events: usize) -> (Summary, BTreeMap<String, String>) {
        let dir = tempfile::tempdir().unwrap();
        let now = "2025-06-10T06:00:00Z".parse().unwrap();
        let summary = write_demo(dir.path(), now, events).unwrap();
        let mut found = BTreeMap::new();
        files(dir.path(), &mut found);
        let texts = found.into_iter().map(|(path, bytes)| {
            let mut text = Vec::new();
            if bytes.starts_with(&[0x1f, 0x8b]) {
                MultiGzDecoder::new(&bytes[..])
                    .read_to_end(&mut text)
                    .unwrap();
            } else {
                text = bytes;
            }
            let key = path.strip_prefix(dir.path()).unwrap().to_string_lossy();
            (
                key.into_owned(),
                String::from_utf8_lossy(&text).into_owned(),
            )
        });
        let texts = texts.collect();
        (summary, texts)
    }

    #[test]
    fn the_same_arguments_give_the_same_files() {
        let (first, second) = (demo(2_000), demo(2_000));
        assert_eq!(first, second);
        assert_eq!(first.0.objects, first.1.len());
        assert_eq!(first.0.per_log_type.len(), 7);
        assert_eq!(first.0.broken_lines, 4);
        assert!((2_000..2_400).contains(&first.0.events), "{:?}", first.0);
    }

    #[test]
    fn lines_are_broken_at_every_time_of_the_day() {
        for hour in 0..24 {
            let folder = tempfile::tempdir().unwrap();
            let now = Timestamp::from_second(1_750_000_000 + hour * HOUR_S).unwrap();
            let summary = write_demo(folder.path(), now, 3_000).unwrap();
            assert_eq!(summary.broken_lines, BROKEN_LINES.len(), "{now}");
        }
    }

    #[test]
    fn only_the_intruder_fails_to_sign_in() {
        let (_, files) = demo(8_000);
        let mut failed = Vec::new();
        let mut signed_in = 0;
        for (_, text) in files.iter().filter(|(key, _)| key.contains("/CloudTrail/")) {
            let trail: serde_json::Value = serde_json::from_str(text).unwrap();
            for event in trail["Records"].as_array().unwrap() {
                match event["responseElements"]["ConsoleLogin"].as_str() {
                    Some("Failure") => failed.push(event.clone()),
                    Some(_) => signed_in += 1,
                    None => {}
                }
            }
        }
        assert!(failed.len() >= 5 && signed_in >= 5);
        for event in failed {
            assert_eq!(event["sourceIPAddress"], INTRUDER);
            assert_eq!(event["userIdentity"]["userName"], "admin-hana");
        }
    }

    #[test]
    fn the_intruder_shows_in_every_log() {
        let (_, files) = demo(1_000);
        for folder in [
            "/CloudTrail/",
            "/vpcflowlogs/",
            "/elasticloadbalancing/",
            "/s3accesslog/",
            "/WAFLogs/",
            "/GuardDuty/",
        ] {
            let named = files
                .iter()
                .any(|(key, text)| key.contains(folder) && text.contains(INTRUDER));
            assert!(named, "{folder}");
        }
    }

    #[test]
    fn findings_and_web_requests_are_json() {
        let (_, files) = demo(1_000);
        for (key, text) in files {
            if key.contains("/GuardDuty/") || key.contains("/WAFLogs/") {
                for line in text.lines() {
                    assert!(serde_json::from_str::<serde_json::Value>(line).is_ok());
                }
            }
        }
    }
}
