//! Inputs for benchmarks: large, varied and the same on every machine.
//!
//! Values repeat as they do in real logs: a few addresses, users and programs make most of the
//! records, and a long tail the rest. Part of the public addresses lie in the ranges of
//! MaxMind's public test databases, so that GeoIP look-ups find something.

mod alb;
mod cloudtrail;
mod ocsf;
mod pools;
mod s3access;
mod vpcflow;
mod waf;
mod windowsxml;

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};

use crate::{lines::at, rng::Rng};
use pools::Pools;

/// Accounts whose logs are made up.
const ACCOUNTS: [&str; 3] = ["111122223333", "222233334444", "333344445555"];
/// Regions the accounts are used in.
const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "ap-northeast-1", "eu-west-1"];
/// 2024-01-01T00:00:00Z.
const START: i64 = 1_704_067_200;
/// Bytes that are gathered before they go to the writer.
const FLUSH_AT: usize = 64 * 1024;

/// The formats that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// CloudTrail: one JSON object with the array `Records`.
    CloudTrail,
    /// VPC flow logs: version 2 columns under a header line.
    VpcFlow,
    /// Application Load Balancer access logs.
    Alb,
    /// AWS WAF: one JSON object per line.
    Waf,
    /// S3 server access logs.
    S3Access,
    /// Windows events as XML, in CloudWatch Logs envelopes one after the other.
    WindowsXml,
    /// OCSF events of Amazon Security Lake: Parquet, of CloudTrail and flow logs in turn.
    OcsfParquet,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 7] = [
        Self::CloudTrail,
        Self::VpcFlow,
        Self::Alb,
        Self::Waf,
        Self::S3Access,
        Self::WindowsXml,
        Self::OcsfParquet,
    ];

    /// A short name for folders and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::CloudTrail => "cloudtrail",
            Self::VpcFlow => "vpcflow",
            Self::Alb => "alb",
            Self::Waf => "waf",
            Self::S3Access => "s3access",
            Self::WindowsXml => "windowsxml",
            Self::OcsfParquet => "ocsfparquet",
        }
    }

    /// The objects of a full benchmark: how many, and records in each.
    pub fn usual_objects(self) -> (u64, usize) {
        match self {
            Self::CloudTrail => (200, 2_000),
            Self::VpcFlow => (10, 200_000),
            Self::Alb => (20, 50_000),
            Self::Waf => (20, 20_000),
            Self::S3Access => (20, 20_000),
            Self::WindowsXml => (20, 10_000),
            Self::OcsfParquet => (20, 10_000),
        }
    }

    /// Writes one object's text, not compressed; of Parquet the same events as JSON lines.
    ///
    /// **errors**: those of the writer.
    pub fn write(self, out: &mut dyn Write, records: usize, seed: u64) -> io::Result<()> {
        match self {
            Self::CloudTrail => write_cloudtrail(out, records, seed),
            Self::VpcFlow => write_vpcflow(out, records, seed),
            Self::Alb => write_alb(out, records, seed),
            Self::Waf => write_waf(out, records, seed),
            Self::S3Access => write_s3access(out, records, seed),
            Self::WindowsXml => write_windowsxml(out, records, seed),
            Self::OcsfParquet => write_ocsf(out, records, seed),
        }
    }

    /// Writes one object as it lies in a bucket: gzip, but for S3 access logs and Parquet.
    ///
    /// **errors**: those of the writer, and for Parquet that this was built without the feature
    /// `parquet`.
    pub fn write_object(self, out: &mut dyn Write, records: usize, seed: u64) -> io::Result<()> {
        match self {
            Self::S3Access => return self.write(out, records, seed),
            Self::OcsfParquet => return write_ocsf_parquet(out, records, seed),
            _ => {}
        }
        let mut encoder = GzEncoder::new(out, Compression::new(6));
        self.write(&mut encoder, records, seed)?;
        encoder.finish()?;
        Ok(())
    }

    /// The key under which the object of this seed would lie in the log bucket.
    pub fn key(self, seed: u64) -> String {
        let mut scene = Scene::new(self, seed.wrapping_add(1 << 63));
        let Place {
            account,
            region,
            start,
        } = Place::of(self, seed);
        let day = at(start).strftime("%Y/%m/%d").to_string();
        let minute = at(start).strftime("%Y%m%dT%H%MZ").to_string();
        let rng = &mut scene.rng;
        match self {
            Self::CloudTrail => format!(
                "AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{minute}_{}.json.gz",
                rng.base32(16)
            ),
            Self::VpcFlow => format!(
                "AWSLogs/{account}/vpcflowlogs/{region}/{day}/{account}_vpcflowlogs_{region}_fl-0{}_{minute}_{}.log.gz",
                rng.hex(16),
                rng.hex(8)
            ),
            Self::Alb => format!(
                "AWSLogs/{account}/elasticloadbalancing/{region}/{day}/{account}_elasticloadbalancing_{region}_app.my-alb.{}_{minute}_198.51.100.{}_{}.log.gz",
                rng.hex(16),
                rng.between(1, 255),
                rng.hex(8)
            ),
            Self::Waf => format!(
                "AWSLogs/{account}/WAFLogs/{region}/web/{day}/00/00/{account}_waflogs_{region}_web_{minute}_{}.log.gz",
                rng.hex(8)
            ),
            Self::S3Access => format!(
                "AWSLogs/{account}/s3accesslog/{region}/corp-data-0/{}-{}",
                at(start).strftime("%Y-%m-%d-%H-%M-%S"),
                rng.hex(16).to_uppercase()
            ),
            Self::WindowsXml => format!(
                "AWSLogs/{account}/EC2/Windows/Event/{region}/{}/windows-event-1-{}-{}",
                at(start).strftime("%Y/%m/%d/%H"),
                at(start).strftime("%Y-%m-%d-%H-%M-%S"),
                rng.uuid()
            ),
            Self::OcsfParquet => format!(
                "aws/{}/2.0/region={region}/accountId={account}/eventDay={}/{}.gz.parquet",
                ocsf::Source::of(seed).folder(),
                at(start).strftime("%Y%m%d"),
                rng.hex(32)
            ),
        }
    }
}

/// Writes `{"Records":[…]}` with the given number of CloudTrail events.
///
/// **errors**: those of the writer.
pub fn write_cloudtrail(out: &mut dyn Write, records: usize, seed: u64) -> io::Result<()> {
    let mut scene = Scene::new(Shape::CloudTrail, seed);
    let place = Place::of(Shape::CloudTrail, seed);
    out.write_all(b"{\"Records\":[")?;
    write_chunked(out, records, |index, text| {
        if index > 0 {
            text.push(',');
        }
        cloudtrail::record(&mut scene, &place, text);
    })?;
    out.write_all(b"]}")
}

/// Writes a header line and the given number of flow log lines.
///
/// **errors**: those of the writer.
pub fn write_vpcflow(out: &mut dyn Write, records: usize, seed: u64) -> io::Result<()> {
    let mut scene = Scene::new(Shape::VpcFlow, seed);
    let place = Place::of(Shape::VpcFlow, seed);
    out.write_all(vpcflow::HEADER.as_bytes())?;
    write_chunked(out, records, |_, text| {
        vpcflow::line(&mut scene, &place, text);
    })
}

/// Writes the given number of load balancer access log lines.
///
/// **errors**: those of the writer.
pub fn write_alb(out: &mut dyn Write, records: usize, seed: u64) -> io::Result<()> {
    let mut scene = Scene::new(Shape::Alb, seed);
    let balancer = alb::Balancer::new(&mut scene.rng, Place::of(Shape::Alb, seed));
    write_chunked(out, records, |_, text| balancer.line(&mut scene, text))
}

/// Writes the given number of WAF records, one a line.
///
/// **errors**: those of the writer.
pub fn write_waf(out: &mut dyn Write, records: usize, seed: u64) -> io::Result<()> {
    let mut scene = Scene::new(Shape::Waf, seed);
    let acl = waf::Acl::new(&mut scene.rng, Place::of(Shape::Waf, seed));
    write_chunked(out, records, |_, text| acl.line(&mut scene, text))
}

/// Writes the given number of S3 server access log lines.
///
/// **errors**: those of the writer.
pub fn write_s3access(out: &mut dyn Write, records: usize, seed: u64) -> io::Result<()> {
    let mut scene = Scene::new(Shape::S3Access, seed);
    let place = Place::of(Shape::S3Access, seed);
    write_chunked(out, records, |_, text| {
        s3access::line(&mut scene, &place, text);
    })
}

/// Writes envelopes with the given number of Windows events in all.
///
/// **errors**: those of the writer.
pub fn write_windowsxml(out: &mut dyn Write, records: usize, seed: u64) -> io::Result<()> {
    let mut scene = Scene::new(Shape::WindowsXml, seed);
    let place = Place::of(Shape::WindowsXml, seed);
    let mut left = records;
    let envelopes = records.div_ceil(windowsxml::ENVELOPE_EVENTS);
    write_chunked(out, envelopes, |_, text| {
        let events = left.min(windowsxml::ENVELOPE_EVENTS);
        left -= events;
        windowsxml::envelope(&mut scene, &place, events, text);
    })
}

/// Writes the given number of OCSF events of one source, one a line.
///
/// **errors**: those of the writer.
pub fn write_ocsf(out: &mut dyn Write, records: usize, seed: u64) -> io::Result<()> {
    let mut events = ocsf_events(records, seed);
    write_chunked(out, records, |_, text| {
        let event = events.next().unwrap_or_default();
        text.push_str(&event.to_string());
        text.push('\n');
    })
}

/// Writes the given number of OCSF events of one source as a Parquet file.
///
/// **errors**: those of the writer.
#[cfg(feature = "parquet")]
pub fn write_ocsf_parquet(out: &mut dyn Write, records: usize, seed: u64) -> io::Result<()> {
    let schema = ocsf::Source::of(seed).schema();
    let file = ocsf::file::file(schema, ocsf_events(records, seed));
    out.write_all(&file.map_err(io::Error::other)?)
}

/// Writes nothing.
///
/// **errors**: always, for this was built without the feature `parquet`.
#[cfg(not(feature = "parquet"))]
pub fn write_ocsf_parquet(_: &mut dyn Write, _: usize, _: u64) -> io::Result<()> {
    let detail = "this was built without the feature `parquet`";
    Err(io::Error::new(io::ErrorKind::Unsupported, detail))
}

fn ocsf_events(records: usize, seed: u64) -> impl Iterator<Item = serde_json::Value> {
    let mut scene = Scene::new(Shape::OcsfParquet, seed);
    let place = Place::of(Shape::OcsfParquet, seed);
    let source = ocsf::Source::of(seed);
    (0..records).map(move |_| source.event(&mut scene, &place))
}

/// Random numbers and the values that repeat.
struct Scene {
    rng: Rng,
    pools: Pools,
}

impl Scene {
    fn new(shape: Shape, seed: u64) -> Self {
        Self {
            rng: Rng::new(seed.wrapping_mul(31).wrapping_add(shape as u64)),
            pools: Pools::new(),
        }
    }
}

/// Where and when the records of one object happen.
struct Place {
    account: &'static str,
    region: &'static str,
    start: i64,
}

impl Place {
    /// Consecutive seeds go through accounts and regions and follow each other in time.
    fn of(shape: Shape, seed: u64) -> Self {
        let step_s = if shape == Shape::VpcFlow { 600 } else { 300 };
        Self {
            account: ACCOUNTS[(seed % ACCOUNTS.len() as u64) as usize],
            region: REGIONS[(seed % REGIONS.len() as u64) as usize],
            start: START + (seed % 4096) as i64 * step_s,
        }
    }
}

/// Lets `append` make one record after the other without holding them all in memory.
fn write_chunked(
    out: &mut dyn Write,
    records: usize,
    mut append: impl FnMut(usize, &mut String),
) -> io::Result<()> {
    let mut text = String::with_capacity(FLUSH_AT + 8 * 1024);
    for index in 0..records {
        append(index, &mut text);
        if text.len() >= FLUSH_AT {
            out.write_all(text.as_bytes())?;
            text.clear();
        }
    }
    out.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(shape: Shape, records: usize, seed: u64) -> String {
        let mut bytes = Vec::new();
        shape.write(&mut bytes, records, seed).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// The messages of all envelopes.
    fn windows_events(records: usize, seed: u64) -> Vec<String> {
        let text = text(Shape::WindowsXml, records, seed);
        let envelopes = serde_json::Deserializer::from_str(&text).into_iter();
        let envelopes = envelopes.map(|envelope| -> serde_json::Value { envelope.unwrap() });
        envelopes
            .flat_map(|envelope| envelope["logEvents"].as_array().unwrap().clone())
            .map(|event| event["message"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_seed_gives_the_same_bytes_and_another_seed_others() {
        for shape in Shape::ALL {
            assert_eq!(text(shape, 50, 3), text(shape, 50, 3), "{shape:?}");
            assert_ne!(text(shape, 50, 3), text(shape, 50, 4), "{shape:?}");
        }
    }

    #[test]
    fn the_number_of_records_is_as_asked() {
        for records in [0, 1, 700] {
            let trail: serde_json::Value =
                serde_json::from_str(&text(Shape::CloudTrail, records, 1)).unwrap();
            assert_eq!(trail["Records"].as_array().unwrap().len(), records);
            for shape in [
                Shape::VpcFlow,
                Shape::Alb,
                Shape::Waf,
                Shape::S3Access,
                Shape::OcsfParquet,
            ] {
                let header = usize::from(shape == Shape::VpcFlow);
                assert_eq!(text(shape, records, 1).lines().count(), records + header);
            }
            assert_eq!(windows_events(records, 1).len(), records);
        }
    }

    #[test]
    fn waf_lines_are_json_and_flow_lines_have_all_columns() {
        for line in text(Shape::Waf, 300, 9).lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(record["httpRequest"]["clientIp"].is_string());
        }
        for line in text(Shape::VpcFlow, 300, 9).lines() {
            assert_eq!(line.split(' ').count(), 14);
        }
    }

    #[test]
    fn windows_events_are_of_every_kind_and_of_their_usual_size() {
        let events = windows_events(4_000, 9);
        for id in [
            1, 3, 11, 4104, 4624, 4625, 4634, 4648, 4672, 4688, 4689, 4720, 4740, 4768, 4769, 5140,
            7045,
        ] {
            let element = format!(">{id}</EventID>");
            let count = events.iter().filter(|event| event.contains(&element));
            assert!(count.count() > 0, "{id}");
        }
        let bytes: usize = events.iter().map(String::len).sum();
        let usual = bytes / events.len();
        assert!((1_200..1_800).contains(&usual), "{usual}");
    }

    #[test]
    fn keys_differ_by_seed_and_name_account_and_region() {
        for shape in Shape::ALL {
            let (first, second) = (shape.key(0), shape.key(12));
            assert_ne!(first, second);
            let account = match shape {
                Shape::OcsfParquet => "/accountId=111122223333/",
                Shape::CloudTrail | Shape::VpcFlow | Shape::Alb | Shape::Waf => "/111122223333_",
                Shape::S3Access | Shape::WindowsXml => "/111122223333/",
            };
            assert!(first.contains(account), "{first}");
            assert!(first.contains("us-east-1"));
        }
    }
}
