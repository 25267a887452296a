//! The floor of CloudTrail: one walk over each event writes its fields and its text at once.

use yagura_model::{Buffer, is_ip_address, plain_run};
use yagura_pipeline::parse_iso8601;

use super::{Constants, FLUSH_AT, MonthIndex, Take, begin, push_text};

pub(super) fn make(
    text: &str,
    constants: &Constants,
    out: &mut Buffer,
    take: &mut Take<'_>,
) -> Option<u64> {
    let mut walk = Walk {
        text,
        at: 0,
        fields: Buffer::default(),
        message: Buffer::default(),
        event: Event::default(),
    };
    let mut index = MonthIndex::new("log-aws-cloudtrail");
    walk.take(b"{\"Records\":[")?;
    let mut count = 0;
    loop {
        walk.fields.clear();
        walk.message.clear();
        walk.event = Event::default();
        walk.value(Place::Event)?;
        walk.push_event(&mut index, constants, out)?;
        count += 1;
        if out.len() >= FLUSH_AT {
            take(out);
        }
        if walk.take(b",").is_none() {
            walk.take(b"]}")?;
            return Some(count);
        }
    }
}

/// Where in an event a value stands, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Event,
    Identity,
    Request,
    Response,
    /// `instancesSet` of the request or the response, and what lies in it.
    Instances(bool),
    Items(bool),
    Item(bool),
    Elsewhere,
}

/// What an event says, as far as the common schema wants it.
#[derive(Default)]
struct Event<'t> {
    id: &'t str,
    time: &'t str,
    source: &'t str,
    name: &'t str,
    region: &'t str,
    address: &'t str,
    agent: &'t str,
    error_code: &'t str,
    error_message: &'t str,
    account: &'t str,
    access_key: &'t str,
    user_name: &'t str,
    arn: &'t str,
    principal: &'t str,
    session_name: &'t str,
    /// Of the request and of the response.
    instances: [&'t str; 2],
}

struct Walk<'t> {
    text: &'t str,
    at: usize,
    /// The event without what says nothing.
    fields: Buffer,
    /// The event as Python writes it, as the inside of a JSON string.
    message: Buffer,
    event: Event<'t>,
}

/// What a value is.
enum Seen<'t> {
    Text(&'t str),
    Nothing,
    Something,
}

impl<'t> Walk<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, bytes: &[u8]) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.starts_with(bytes).then_some(())?;
        self.at += bytes.len();
        Some(())
    }

    /// Walks over a value and writes it to fields and message.
    fn value(&mut self, place: Place) -> Option<Seen<'t>> {
        match self.peek()? {
            b'"' => {
                let text = self.string()?;
                Some(match text {
                    "" | "-" | "null" | "[]" => Seen::Nothing,
                    text => Seen::Text(text),
                })
            }
            b'{' => self.object(place),
            b'[' => self.list(place),
            _ => self.word(),
        }
    }

    /// A string; what it looks like in JSON is not changed.
    #[inline]
    fn string(&mut self) -> Option<&'t str> {
        let start = self.at + 1;
        let mut end = start + plain_run(self.text.as_bytes().get(start..)?);
        while self.text.as_bytes().get(end) == Some(&b'\\') {
            end += 2;
            end += plain_run(self.text.as_bytes().get(end..)?);
        }
        let text = self.text.get(start..end)?;
        self.at = end + 1;
        self.fields.push_all(b"\"");
        self.fields.push(text.as_bytes());
        self.fields.push_all(b"\"");
        self.message.push_all(b"\\\"");
        if memchr::memchr(b'\\', text.as_bytes()).is_none() {
            self.message.push(text.as_bytes());
        } else {
            self.message.push_escaped(text.as_bytes());
        }
        self.message.push_all(b"\\\"");
        Some(text)
    }

    fn word(&mut self) -> Option<Seen<'t>> {
        let rest = self.text.get(self.at..)?;
        let length = rest.bytes().position(|byte| b",}]".contains(&byte))?;
        let word = rest.get(..length)?;
        self.at += length;
        self.fields.push(word.as_bytes());
        self.message.push(word.as_bytes());
        Some(match word {
            "null" => Seen::Nothing,
            _ => Seen::Something,
        })
    }

    fn list(&mut self, place: Place) -> Option<Seen<'t>> {
        let place = match place {
            Place::Items(is_response) => Place::Item(is_response),
            _ => Place::Elsewhere,
        };
        self.at += 1;
        self.fields.push_all(b"[");
        self.message.push_all(b"[");
        let mut count = 0;
        while self.take(b"]").is_none() {
            if count > 0 {
                self.take(b",")?;
                self.fields.push_all(b",");
                self.message.push_all(b", ");
            }
            self.value(if count == 0 { place } else { Place::Elsewhere })?;
            count += 1;
        }
        self.fields.push_all(b"]");
        self.message.push_all(b"]");
        Some(match count {
            0 => Seen::Nothing,
            _ => Seen::Something,
        })
    }

    fn object(&mut self, place: Place) -> Option<Seen<'t>> {
        self.at += 1;
        self.fields.push_all(b"{");
        self.message.push_all(b"{");
        let first = self.fields.len();
        let mut is_first = true;
        while self.take(b"}").is_none() {
            if !is_first {
                self.take(b",")?;
                self.message.push_all(b", ");
            }
            is_first = false;
            let start = self.fields.len();
            if start > first {
                self.fields.push_all(b",");
            }
            let key = self.string()?;
            self.take(b":")?;
            self.fields.push_all(b":");
            self.message.push_all(b": ");
            let value_at = self.fields.len();
            match self.value(place.inner(key))? {
                Seen::Nothing => self.fields.truncate(start),
                Seen::Text(text) => self.event.note(place, key, text),
                Seen::Something if place == Place::Request => self.settle(key, value_at),
                Seen::Something => {}
            }
        }
        self.message.push_all(b"}");
        let is_empty = self.fields.len() == first;
        self.fields.push_all(b"}");
        Some(match is_empty {
            true => Seen::Nothing,
            false => Seen::Something,
        })
    }

    /// Makes a text of a parameter whose type differs by service.
    fn settle(&mut self, key: &str, value_at: usize) {
        if !matches!(key, "ebsOptimized" | "source") {
            return;
        }
        let value = self.fields.as_bytes()[value_at..].to_vec();
        self.fields.truncate(value_at);
        match value.as_slice() {
            b"true" => self.fields.push_all(b"\"True\""),
            b"false" => self.fields.push_all(b"false"),
            value => self.fields.push_string(&String::from_utf8_lossy(value)),
        }
    }

    /// Writes the line of the event at hand.
    fn push_event(
        &mut self,
        index: &mut MonthIndex,
        constants: &Constants,
        out: &mut Buffer,
    ) -> Option<()> {
        let event = &self.event;
        let instant = parse_iso8601(event.time, 0)?;
        begin(index.of(instant), event.id.as_bytes(), out);
        // The fields end with the brace of the event.
        let fields = self
            .fields
            .as_bytes()
            .strip_prefix(b"{")?
            .strip_suffix(b"}")?;
        out.push(fields);
        out.push_all(b",\"@message\":\"");
        out.push(self.message.as_bytes());
        out.push_all(b"\",\"@timestamp\":\"");
        out.push(instant.iso8601().as_str().as_bytes());
        out.push_all(b"\"");
        out.push(&constants.log);
        out.push(event.id.as_bytes());
        push_text(b"\",\"event\":{\"module\":", event.source, out);
        out.push_all(b",\"ingested\":\"");
        out.push(&constants.ingested);
        push_text(b"\",\"action\":", event.name, out);
        let has_failed = !event.error_code.is_empty() || !event.error_message.is_empty();
        let outcome = if has_failed { "failure" } else { "success" };
        push_text(
            b",\"kind\":\"event\",\"category\":[\"iam\"],\"outcome\":",
            outcome,
            out,
        );
        out.push_all(b"},\"ecs\":{\"version\":\"1.10.0\"},\"cloud\":{\"provider\":\"aws\"");
        push_text(b",\"account\":{\"id\":", event.account, out);
        push_text(b"},\"region\":", event.region, out);
        let [asked, answered] = event.instances;
        let mut instance = if answered.is_empty() { asked } else { answered };
        if event.source == "sts.amazonaws.com" && event.agent == "ec2.amazonaws.com" {
            instance = event.session_name;
        }
        push_text(b",\"instance\":{\"id\":", instance, out);
        out.push(if instance.is_empty() { b"}" } else { b"}}" });
        if has_failed {
            push_text(b",\"error\":{\"code\":", event.error_code, out);
            push_text(b",\"message\":", event.error_message, out);
            out.push_all(b"}");
        }
        let is_address = is_ip_address(event.address);
        if is_address {
            push_text(b",\"related\":{\"ip\":[", event.address, out);
            out.push_all(b"]}");
        }
        push_text(b",\"rule\":{\"name\":", event.name, out);
        push_text(b"},\"source\":{\"address\":", event.address, out);
        if is_address {
            push_text(b",\"ip\":", event.address, out);
        }
        let names = [event.user_name, event.arn, event.principal];
        let name = names.into_iter().find(|name| !name.is_empty());
        let name = name.unwrap_or_default();
        let short = match name.rsplit_once(':') {
            Some((_, name)) => name.rsplit_once('/').map_or(name, |(_, short)| short),
            None => name,
        };
        if short.is_empty() && event.access_key.is_empty() {
            out.push_all(b"}");
        } else if event.access_key.is_empty() {
            push_text(b"},\"user\":{\"name\":", short, out);
            out.push_all(b"}");
        } else {
            push_text(b"},\"user\":{\"id\":", event.access_key, out);
            push_text(b",\"name\":", short, out);
            out.push_all(b"}");
        }
        push_text(b",\"user_agent\":{\"original\":", event.agent, out);
        out.push_all(b"}}}\n");
        Some(())
    }
}

impl Place {
    /// Where the value of a key stands.
    #[inline]
    fn inner(self, key: &str) -> Place {
        match (self, key) {
            (Place::Event, "userIdentity") => Place::Identity,
            (Place::Event, "requestParameters") => Place::Request,
            (Place::Event, "responseElements") => Place::Response,
            (Place::Request, "instancesSet") => Place::Instances(false),
            (Place::Response, "instancesSet") => Place::Instances(true),
            (Place::Instances(is_response), "items") => Place::Items(is_response),
            _ => Place::Elsewhere,
        }
    }
}

impl<'t> Event<'t> {
    #[inline]
    fn note(&mut self, place: Place, key: &str, text: &'t str) {
        let field = match (place, key) {
            (Place::Elsewhere, _) => return,
            (Place::Event, "eventID") => &mut self.id,
            (Place::Event, "eventTime") => &mut self.time,
            (Place::Event, "eventSource") => &mut self.source,
            (Place::Event, "eventName") => &mut self.name,
            (Place::Event, "awsRegion") => &mut self.region,
            (Place::Event, "sourceIPAddress") => &mut self.address,
            (Place::Event, "userAgent") => &mut self.agent,
            (Place::Event, "errorCode") => &mut self.error_code,
            (Place::Event, "errorMessage") => &mut self.error_message,
            (Place::Event, "recipientAccountId") => &mut self.account,
            (Place::Identity, "accessKeyId") => &mut self.access_key,
            (Place::Identity, "userName") => &mut self.user_name,
            (Place::Identity, "arn") => &mut self.arn,
            (Place::Identity, "principalId") => &mut self.principal,
            (Place::Request, "roleSessionName") => &mut self.session_name,
            (Place::Item(false), "instanceId") => &mut self.instances[0],
            (Place::Item(true), "instanceId") => &mut self.instances[1],
            _ => return,
        };
        *field = text;
    }
}
