//! A record, where it lay, and who takes it.

use std::borrow::Cow;

use yagura_model::{Arena, Md5Sum, Object, Source, push_json_string};

use crate::{Failure, Piece, Settled};

/// Where a record lies in its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Number of the record, from 1.
    pub number: u64,
    /// Line on which it begins, from 1; 0 where the object has no lines.
    pub line: u64,
    /// Byte of the decompressed object, decoded to UTF-8, at which it begins.
    pub byte_offset: u64,
}

/// One log entry, parsed.
#[derive(Debug)]
pub struct Record<'a> {
    /// Its text.
    pub text: RecordText<'a>,
    /// The fields.
    pub fields: &'a mut Object<'a>,
    /// Where it lay.
    pub position: Position,
    /// Set when the record could not be parsed and is kept all the same: why.
    pub unparsed: Option<&'a str>,
    /// Set when only the beginning has the layout of the log type: where it ends.
    pub drift: Option<&'a str>,
}

/// The text of a record, and what stood around it.
#[derive(Debug, Clone, Copy)]
pub struct RecordText<'a> {
    /// The text that becomes `@message`.
    pub raw: &'a str,
    /// What stands between the quotes of the JSON string that says `raw`, if that is known.
    pub escaped: Option<&'a [u8]>,
    /// The text that was read, in which the texts of most fields lie, with what stands behind the
    /// record as far as it is at hand.
    pub source: Source<'a>,
    /// The MD5 sum of `raw`, if that is known.
    pub md5: Option<Md5Sum>,
    /// The bytes of the record, if they differ from the text: some were no UTF-8, or a delimiter
    /// at an end was trimmed.
    pub original: Option<&'a [u8]>,
    /// The header of the table that the record is a row of.
    pub header: Option<&'a str>,
    /// What the wrapping around it told.
    pub envelope: Envelope<'a>,
}

impl<'a> RecordText<'a> {
    /// A text with nothing around it.
    pub(crate) fn plain(raw: &'a str) -> Self {
        RecordText {
            raw,
            escaped: None,
            source: Source::new(raw),
            md5: None,
            original: None,
            header: None,
            envelope: Envelope::default(),
        }
    }

    /// A line of a number of bytes, at the start of the text that is read.
    pub(crate) fn of_line(raw: &'a str, text: &'a str, length: usize) -> Self {
        let source = Source::of_line(text, length);
        RecordText {
            escaped: source.json_of(raw),
            source,
            ..RecordText::plain(raw)
        }
    }

    /// The same record with another text.
    pub(crate) fn with_raw(self, raw: &'a str) -> Self {
        RecordText {
            raw,
            escaped: None,
            md5: None,
            ..self
        }
    }

    /// The record with its header or envelope, so that it can be read again all by itself
    /// (see [`crate::Extent::Record`]).
    pub fn self_contained(&self) -> Cow<'a, [u8]> {
        let envelope = &self.envelope;
        if let Some(header) = self.header {
            return Cow::Owned([header.as_bytes(), b"\n", self.bytes()].concat());
        }
        let inner = match envelope.container {
            Some(container) => Cow::Borrowed(self.original.unwrap_or(container.line.as_bytes())),
            None if envelope.is_event() => Cow::Owned(self.in_event()),
            None => Cow::Borrowed(self.bytes()),
        };
        match envelope.log_group {
            Some(group) => Cow::Owned(self.in_log_group(group, &inner)),
            None => inner,
        }
    }

    fn bytes(&self) -> &'a [u8] {
        self.original.unwrap_or(self.raw.as_bytes())
    }

    /// The record as the detail of an EventBridge event.
    fn in_event(&self) -> Vec<u8> {
        let envelope = &self.envelope;
        let mut out = br#"{"detail-type":"","resources":[],"detail":"#.to_vec();
        out.extend_from_slice(self.raw.as_bytes());
        push_member("id", envelope.id, &mut out);
        push_member("account", envelope.account, &mut out);
        push_member("region", envelope.region, &mut out);
        push_member("time", envelope.cwe_timestamp, &mut out);
        out.push(b'}');
        out
    }

    /// A message as the only log event of CloudWatch Logs subscription data.
    fn in_log_group(&self, group: &str, message: &[u8]) -> Vec<u8> {
        let envelope = &self.envelope;
        let mut out = br#"{"messageType":"DATA_MESSAGE","logEvents":[{"message":"#.to_vec();
        push_json_string(&String::from_utf8_lossy(message), &mut out);
        push_member("id", envelope.id, &mut out);
        push_member("timestamp", envelope.cwl_timestamp, &mut out);
        out.extend_from_slice(b"}]");
        push_member("owner", envelope.account, &mut out);
        push_member("logGroup", Some(group), &mut out);
        push_member("logStream", envelope.log_stream, &mut out);
        out.push(b'}');
        out
    }
}

fn push_member(name: &str, text: Option<&str>, out: &mut Vec<u8>) {
    if let Some(text) = text {
        out.push(b',');
        push_json_string(name, out);
        out.push(b':');
        push_json_string(text, out);
    }
}

/// What the wrapping around a record told about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Envelope<'a> {
    /// Text that makes the id unique beside the message.
    pub id: Option<&'a str>,
    /// AWS account.
    pub account: Option<&'a str>,
    /// AWS region.
    pub region: Option<&'a str>,
    /// Log group of CloudWatch Logs.
    pub log_group: Option<&'a str>,
    /// Log stream of CloudWatch Logs.
    pub log_stream: Option<&'a str>,
    /// Event time of CloudWatch Logs, milliseconds since the epoch as written.
    pub cwl_timestamp: Option<&'a str>,
    /// Event time of EventBridge.
    pub cwe_timestamp: Option<&'a str>,
    /// The container that wrote it, as FireLens tells.
    pub container: Option<&'a Container<'a>>,
}

impl<'a> Envelope<'a> {
    /// What this wrapping and an EventBridge event inside of it tell; the event knows better.
    pub(crate) fn with_event(self, event: Envelope<'a>) -> Self {
        Envelope {
            id: event.id.or(self.id),
            account: event.account.or(self.account),
            region: event.region.or(self.region),
            cwe_timestamp: event.cwe_timestamp,
            ..self
        }
    }

    /// Whether there was an EventBridge event; CloudWatch Logs alone tells neither region nor
    /// that time, but id and account.
    fn is_event(&self) -> bool {
        let by_itself = self.log_group.is_none() && (self.id.is_some() || self.account.is_some());
        by_itself || self.region.is_some() || self.cwe_timestamp.is_some()
    }
}

/// What FireLens tells about the container that wrote a record, and the line it told that in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Container<'a> {
    /// The whole line, with what the container wrote.
    pub line: &'a str,
    /// Id of the container.
    pub id: Option<&'a str>,
    /// Its name in the task definition.
    pub name: Option<&'a str>,
    /// `stdout` or `stderr`.
    pub source: Option<&'a str>,
    /// Cluster of Amazon ECS.
    pub ecs_cluster: Option<&'a str>,
    /// The task, which names account and region.
    pub ecs_task_arn: Option<&'a str>,
    /// The task definition with its revision.
    pub ecs_task_definition: Option<&'a str>,
    /// The instance that the container runs on, if it is not Fargate.
    pub ec2_instance_id: Option<&'a str>,
}

/// Takes what a codec reads, record by record.
pub trait Receive {
    /// Takes a record. It lives in the arena, which is emptied after the call.
    fn record<'a>(&mut self, record: Record<'a>, arena: &'a Arena);

    /// Takes a record that could not be read; the codec goes on behind it.
    fn failed(&mut self, failure: Failure<'_>);

    /// Whether the codec shall go on reading.
    fn wants_more(&self) -> bool {
        true
    }

    /// Whether others read pieces of the object meanwhile, and want one.
    fn wants_pieces(&mut self) -> bool {
        false
    }

    /// Takes a piece of the object to be read. Nothing else is handed over before
    /// [`Receive::settle`].
    fn piece(&mut self, _piece: Piece) {}

    /// Waits until all pieces are read, and tells what came of them.
    fn settle(&mut self) -> Settled {
        Settled::default()
    }

    /// Whether the MD5 sums of texts are of use. A codec sums the texts of several records at once
    /// for little more than the price of one.
    fn wants_md5(&self) -> bool {
        false
    }
}
