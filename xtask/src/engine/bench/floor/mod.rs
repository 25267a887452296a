//! The floor: programs written by hand for one log each, which make the documents of the pipeline.
//!
//! They know no configuration, no other version of the log, no broken line and nothing that the
//! made-up logs do not hold; they go straight from packed bytes in memory to JSON lines. So they
//! show what the machine could do, and a test shows that it is the same work.

mod alb;
mod cloudtrail;
mod vpcflow;

use std::io::Write;

use anyhow::{Context, bail};
use libdeflater::Decompressor;
use yagura_model::{Buffer, Md5Sum, Timestamp, md5_digits, push_json_string};
use yagura_testkit::bench_inputs::Shape;

/// Where an object's records come from, as the documents tell it.
pub struct Source<'s> {
    /// Name of the bucket.
    pub bucket: &'s str,
    /// Key of the object.
    pub key: &'s str,
    /// The time at which it is loaded.
    pub now: Timestamp,
}

/// What is the same in all documents of an object, written already.
struct Constants {
    /// From the log type to the start of the id.
    log: Vec<u8>,
    ingested: Vec<u8>,
    /// From the version of the schema to the end of account and region.
    cloud: Vec<u8>,
}

/// Takes JSON lines; it may empty the buffer.
pub type Take<'t> = dyn FnMut(&mut Buffer) + 't;

/// A floor, and its memory.
pub struct Floor {
    make: fn(&str, &Constants, &mut Buffer, &mut Take<'_>) -> Option<u64>,
    log_type: &'static str,
    decompressor: Decompressor,
    text: Vec<u8>,
    lines: Buffer,
}

impl Floor {
    /// The floor of a log; not every log has one.
    pub fn of(shape: Shape) -> Option<Floor> {
        let (log_type, make): (_, fn(&str, &_, &mut _, &mut Take<'_>) -> _) = match shape {
            Shape::CloudTrail => ("cloudtrail", cloudtrail::make),
            Shape::VpcFlow => ("vpcflowlogs", vpcflow::make),
            Shape::Alb => ("alb", alb::make),
            _ => return None,
        };
        Some(Floor {
            make,
            log_type,
            decompressor: Decompressor::new(),
            text: Vec::new(),
            lines: Buffer::default(),
        })
    }

    /// Makes the documents of a gzip file and tells how many.
    pub fn load(
        &mut self,
        packed: &[u8],
        source: &Source<'_>,
        take: &mut Take<'_>,
    ) -> anyhow::Result<u64> {
        let size = packed.last_chunk().context("a gzip file has a trailer")?;
        self.text.resize(u32::from_le_bytes(*size) as usize, 0);
        let length = self
            .decompressor
            .gzip_decompress(packed, &mut self.text)
            .map_err(|error| anyhow::anyhow!("cannot unpack the file: {error}"))?;
        if length != self.text.len() {
            bail!("the file holds more than one member");
        }
        let text = std::str::from_utf8(&self.text)?;
        let constants = Constants::new(self.log_type, source)?;
        self.lines.clear();
        let made = (self.make)(text, &constants, &mut self.lines, take);
        take(&mut self.lines);
        made.context("the log holds what this floor does not know")
    }
}

impl Constants {
    fn new(log_type: &str, source: &Source<'_>) -> anyhow::Result<Constants> {
        let mut parts = source.key.split('/').skip(1);
        let account = parts.next().context("an account in the key")?;
        let region = parts.nth(1).context("a region in the key")?;
        let mut log = Vec::new();
        write!(log, ",\"@log_type\":\"{log_type}\",\"@log_s3bucket\":")?;
        push_json_string(source.bucket, &mut log);
        log.extend_from_slice(b",\"@log_s3key\":");
        push_json_string(source.key, &mut log);
        log.extend_from_slice(b",\"@id\":\"");
        let cloud = format!(
            "\"ecs\":{{\"version\":\"1.10.0\"}},\"cloud\":{{\"provider\":\"aws\",\"account\":{{\"id\":\"{account}\"}},\"region\":\"{region}\"}}"
        );
        Ok(Constants {
            log,
            ingested: source.now.to_iso8601().into_bytes(),
            cloud: cloud.into_bytes(),
        })
    }
}

/// Bytes of lines that are gathered before they are taken.
const FLUSH_AT: usize = 64 << 10;

/// Begins a line: index, id, and the brace of the document.
fn begin(index: &[u8], id: &[u8], out: &mut Buffer) {
    out.push_all(b"{\"index\":\"");
    out.push(index);
    out.push_all(b"\",\"id\":\"");
    out.push(id);
    out.push_all(b"\",\"doc\":{");
}

/// Writes a value that holds nothing to escape behind its key, unless it is a dash or empty.
///
/// The key comes with its comma and colon, and the quote that opens the value.
#[inline]
fn push_plain<const N: usize>(key: &[u8; N], value: &str, out: &mut Buffer) {
    if !matches!(value, "" | "-") {
        out.push_all(key);
        out.push(value.as_bytes());
        out.push_all(b"\"");
    }
}

/// The same for a value of any bytes; the key comes without the quote that opens the value.
#[inline]
fn push_text<const N: usize>(key: &[u8; N], value: &str, out: &mut Buffer) {
    if !matches!(value, "" | "-") {
        out.push_all(key);
        out.push_string(value);
    }
}

/// Writes two addresses in order, each once.
fn push_two(first: &str, second: &str, out: &mut Buffer) {
    let (low, high) = (first.min(second), first.max(second));
    out.push_all(b"\"");
    out.push(low.as_bytes());
    if low != high {
        out.push_all(b"\",\"");
        out.push(high.as_bytes());
    }
    out.push_all(b"\"");
}

/// The name of an index with the month of an instant, made again when the month changes.
struct MonthIndex {
    base: &'static str,
    month: (i32, u32),
    day: i64,
    name: Vec<u8>,
}

impl MonthIndex {
    fn new(base: &'static str) -> Self {
        MonthIndex {
            base,
            month: (0, 0),
            day: i64::MIN,
            name: Vec::new(),
        }
    }

    fn of(&mut self, instant: Timestamp) -> &[u8] {
        if instant.day() != self.day {
            self.day = instant.day();
            let date = instant.date();
            if (date.year, date.month) != self.month {
                self.month = (date.year, date.month);
                let name = format!("{}-{:04}-{:02}", self.base, date.year, date.month);
                self.name = name.into_bytes();
            }
        }
        &self.name
    }
}

/// Gives every line with its MD5 sum, eight lines at a time.
fn each_line<'t>(
    text: &'t str,
    mut give: impl FnMut(&'t str, &[u8; 32]) -> Option<()>,
) -> Option<u64> {
    const LANES: usize = yagura_model::LANES;
    let mut lines = text.lines();
    let mut count = 0;
    loop {
        let mut group = [""; LANES];
        let mut filled = 0;
        for (place, line) in group.iter_mut().zip(&mut lines) {
            *place = line;
            filled += 1;
        }
        if filled == 0 {
            return Some(count);
        }
        let sums: [Md5Sum; LANES] = yagura_model::md5_sums(&group.map(str::as_bytes));
        for (line, sum) in group.iter().zip(&sums).take(filled) {
            give(line, &md5_digits(sum))?;
            count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use yagura_codec::{Failure, Limits};
    use yagura_pipeline::{Document, ObjectContext, Output};

    use super::*;
    use crate::engine::bench::stages::push_line;
    use crate::engine::load::{load, loader, now};

    struct Lines(Vec<u8>);

    impl Output for Lines {
        fn document(&mut self, document: &Document<'_>) {
            push_line(document, &mut self.0);
        }

        fn failed(&mut self, failure: &Failure<'_>) {
            panic!("{failure:?}");
        }
    }

    #[test]
    fn floors_make_the_documents_of_the_pipeline() {
        for shape in [Shape::CloudTrail, Shape::VpcFlow, Shape::Alb] {
            let (mut packed, key) = (Vec::new(), shape.key(3));
            shape.write_object(&mut packed, 2_000, 3).unwrap();
            let source = Source {
                bucket: "example-logs",
                key: &key,
                now: now().unwrap(),
            };
            let mut by_hand = Vec::new();
            let mut floor = Floor::of(shape).unwrap();
            let count = floor.load(&packed, &source, &mut |lines| {
                by_hand.extend_from_slice(lines.as_bytes());
                lines.clear();
            });
            assert_eq!(count.unwrap(), 2_000);
            let mut lines = Lines(Vec::new());
            let mut loader = loader(None, Limits::default()).unwrap();
            let size = packed.len() as u64;
            let context = ObjectContext::new(source.bucket, &key, size, source.now);
            load(&mut loader, context, packed, &mut lines);
            let read = |lines: &[u8]| -> Vec<Value> {
                let lines = lines.split(|byte| *byte == b'\n');
                let lines = lines.filter(|line| !line.is_empty());
                lines
                    .map(|line| serde_json::from_slice(line).unwrap())
                    .collect()
            };
            for (found, expected) in read(&by_hand).iter().zip(read(&lines.0)) {
                assert_eq!(*found, expected, "{}", shape.name());
            }
            assert_eq!(read(&by_hand).len(), read(&lines.0).len());
        }
    }
}
