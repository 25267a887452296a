//! One record through all stages.

use std::borrow::Cow;
use std::collections::VecDeque;

use yagura_codec::{Failure, FailureReason, Position, Receive, Record, RecordText};
use yagura_model::{
    Arena, Buffer, EscapedText, Hints, Object, TextLimit, Timestamp, Value, push_document,
};

use crate::condition::judge;
use crate::container::{add_container_fields, is_stderr};
use crate::counts::Counts;
use crate::document::{Document, Output, Step};
use crate::draft::Draft;
use crate::ecs::{Common, Origin};
use crate::enrich::Lookups;
use crate::known::Answers;
use crate::loader::ObjectContext;
use crate::normalise::{ObjectFields, RecordInfo};
use crate::plan::{Plan, Rearrange};
use crate::script::Waiting;

/// Lucene takes no term of more than 32,766 bytes; `@message` is analysed text and may be longer.
pub(crate) const TEXT_LIMIT: TextLimit = TextLimit {
    from_bytes: 32_766,
    keep_bytes: 32_753,
    mark: "<<TRUNCATED>>",
    except_key: "@message",
};

/// The records of one object on their way to documents.
pub(crate) struct Pipeline<'p> {
    pub(crate) plan: &'p mut Plan,
    pub(crate) context: &'p ObjectContext,
    pub(crate) lookups: &'p mut dyn Lookups,
    /// What look-ups told about addresses.
    pub(crate) known: &'p mut Answers,
    pub(crate) output: &'p mut dyn Output,
    pub(crate) counts: Counts,
    /// Steps of the record at hand, when they are asked for.
    pub(crate) steps: Option<Vec<Step>>,
    /// Reused for every document.
    pub(crate) json: &'p mut Buffer,
    /// The [`ObjectFields`] of the object as JSON.
    object_json: &'p [u8],
    pub(crate) id: String,
    /// The records whose documents are with a script, in order.
    pub(crate) waiting: VecDeque<Waiting>,
    /// Where documents live that come back from a script; emptied after each.
    pub(crate) returned: Arena,
}

/// What stays known of a record beside its document.
pub(crate) struct RecordFacts<'a, 'n> {
    /// The time of the record, by which its index is named.
    pub(crate) timestamp: Timestamp,
    /// The names of its fields, if a later stage needs them.
    pub(crate) raw_names: &'n [&'a str],
    /// What the layout of its log type does not cover.
    pub(crate) drift: Option<&'a str>,
    /// What its document tells of its object, if it tells that where all do.
    pub(crate) object: Option<ObjectFields<'a>>,
    /// What helps to write its document.
    pub(crate) hints: Hints<'a>,
}

/// Memory for the records of an object; it serves one object after the other.
#[derive(Default)]
pub(crate) struct Memory {
    known: Answers,
    json: Buffer,
    object_json: Vec<u8>,
}

impl<'p> Pipeline<'p> {
    /// A pipeline for records of an object.
    pub(crate) fn new(
        plan: &'p mut Plan,
        context: &'p ObjectContext,
        lookups: &'p mut dyn Lookups,
        output: &'p mut dyn Output,
        memory: &'p mut Memory,
    ) -> Self {
        memory.known.begin(lookups.edition());
        memory.object_json.clear();
        let told = [plan.log_type, &context.bucket, &context.key];
        ObjectFields::new(0, told).push_json(&mut memory.object_json);
        Pipeline {
            plan,
            context,
            lookups,
            known: &mut memory.known,
            output,
            counts: Counts::default(),
            steps: None,
            json: &mut memory.json,
            object_json: &memory.object_json,
            id: String::new(),
            waiting: VecDeque::new(),
            returned: Arena::new(),
        }
    }
}

impl Receive for Pipeline<'_> {
    fn record<'a>(&mut self, record: Record<'a>, arena: &'a Arena) {
        self.counts.read += 1;
        // Not taken apart: the text with its envelope would be copied.
        let (text, position) = (&record.text, record.position);
        let done = self.process(
            record.fields,
            text,
            position,
            record.unparsed,
            record.drift,
            arena,
        );
        if let Err((reason, detail)) = done {
            let failure = Failure {
                position,
                reason,
                detail,
                raw: &text.self_contained(),
            };
            self.fail(&failure);
        }
        if let Some(steps) = &mut self.steps {
            self.output.explained(position, steps);
            steps.clear();
        }
    }

    fn failed(&mut self, failure: Failure<'_>) {
        self.counts.read += 1;
        self.fail(&failure);
        if let Some(steps) = &mut self.steps {
            self.output.explained(failure.position, steps);
            steps.clear();
        }
    }

    fn wants_more(&self) -> bool {
        self.output.wants_more()
    }

    fn wants_md5(&self) -> bool {
        self.plan.basics.sums_texts()
    }
}

impl Pipeline<'_> {
    pub(crate) fn fail(&mut self, failure: &Failure<'_>) {
        *self.counts.failed.entry(failure.reason).or_default() += 1;
        self.explain("outcome", || {
            format!("failed ({}): {}", failure.reason.as_str(), failure.detail)
        });
        self.output.failed(failure);
    }

    fn exclude(&mut self, reason: &str) {
        self.counts.exclude(reason);
        self.output.excluded(reason);
        self.explain("outcome", || format!("excluded: {reason}"));
    }

    /// Notes a step if steps are asked for; otherwise its text is never made.
    pub(crate) fn explain(&mut self, stage: &'static str, text: impl FnOnce() -> String) {
        if let Some(steps) = &mut self.steps {
            steps.push(Step {
                stage,
                text: text(),
            });
        }
    }

    /// Makes a document of the record, gives it to a script, or excludes it; an error is a failed
    /// record.
    fn process<'a>(
        &mut self,
        fields: &'a mut Object<'a>,
        text: &RecordText<'a>,
        position: Position,
        unparsed: Option<&'a str>,
        drift: Option<&'a str>,
        arena: &'a Arena,
    ) -> Result<(), (FailureReason, String)> {
        let &RecordText {
            raw,
            escaped,
            source,
            ref envelope,
            ..
        } = text;
        self.explain("parse", || match unparsed {
            None => match drift {
                None => format!("{} fields", fields.len()),
                Some(drift) => format!("{} fields; {drift}", fields.len()),
            },
            Some(error) => format!("kept without being parsed: {error}"),
        });
        if self.plan.ignore_container_stderr && is_stderr(envelope.container) {
            self.exclude("container_stderr");
            return Ok(());
        }
        if let Some(container) = envelope.container {
            add_container_fields(fields, container);
        }
        if let Some(reason) = self.plan.exclusions.record_reason(fields) {
            let reason = reason.to_owned();
            self.exclude(&reason);
            return Ok(());
        }
        let raw_names = self.raw_names(fields, unparsed.is_none());
        let timestamp = self.plan.times.find(
            fields,
            (raw, envelope),
            unparsed.is_none(),
            self.context,
            arena,
        )?;
        self.explain("timestamp", || timestamp.to_iso8601());
        let object = self.context.texts_in(arena);
        let info = RecordInfo {
            text,
            unparsed,
            timestamp,
            object,
        };
        let told = [self.plan.log_type, object.bucket, object.key];
        let object_fields = ObjectFields::new(fields.len(), told);
        let id = self.plan.basics.add(fields, &info, arena)?;
        self.plan.basics.convert_to_text(fields, arena);
        let origin = Origin {
            account: envelope.account.or(object.account),
            region: envelope.region.or(object.region),
            container: envelope.container,
        };
        let common = Common {
            ingested: object.ingested,
            error: unparsed,
        };
        self.plan.ecs.apply(fields, common, origin, arena);
        self.explain("ecs", || added_names(fields, &raw_names));
        let mut draft = Draft {
            fields,
            arena,
            timestamp,
            id,
            id_suffix: None,
            index_base: None,
            index_date: None,
        };
        match &mut self.plan.transform {
            Rearrange::Nothing => {}
            Rearrange::Native(transform) => {
                if let Err(stop) = transform(&mut draft) {
                    self.counts.transform_stops += 1;
                    self.explain("transform", || format!("ended early: {}", stop.0));
                }
            }
            Rearrange::InPlace(script) => {
                let done = script.run(draft.fields, arena);
                self.scripted(&mut draft, done)?;
            }
            Rearrange::Batched(script) => {
                script.push(draft.fields);
                self.waiting.push_back(Waiting {
                    position,
                    raw: text.self_contained().into(),
                    timestamp,
                    id: draft.id.into(),
                    raw_names: raw_names.iter().map(|name| (*name).to_owned()).collect(),
                    drift: drift.map(Box::from),
                });
                self.exchange();
                return Ok(());
            }
        }
        let facts = RecordFacts {
            timestamp,
            raw_names: &raw_names,
            drift,
            object: Some(object_fields),
            hints: Hints {
                known: escaped.map(|json| EscapedText { text: raw, json }),
                source,
                run: None,
            },
        };
        self.complete(&mut draft, &facts);
        Ok(())
    }

    /// Enriches a document, and hands it on unless it is excluded.
    pub(crate) fn complete<'a>(&mut self, draft: &mut Draft<'a>, facts: &RecordFacts<'a, '_>) {
        let arena = draft.arena;
        let &RecordFacts {
            timestamp,
            raw_names,
            drift,
            object,
            hints,
        } = facts;
        let hints = Hints {
            run: object
                .as_ref()
                .and_then(|object| object.run(self.object_json)),
            ..hints
        };
        if let Some(detail) = drift {
            draft.put_text("event.kind", "pipeline_error");
            draft.put_text("error.message", detail);
        }
        self.plan
            .enrichment
            .apply(draft.fields, self.lookups, self.known, arena);
        self.explain("enrich", || added_names(draft.fields, raw_names));
        if let Some(prefix) = self.plan.field_prefix {
            move_under_prefix(draft.fields, prefix, raw_names, arena);
        }
        if self.is_excluded(draft.fields) {
            return;
        }
        let suffix = draft
            .id_suffix
            .or_else(|| self.plan.basics.id_suffix(draft.fields, arena));
        self.id.clear();
        self.id.push_str(draft.id);
        if let Some(suffix) = suffix {
            self.id.push('_');
            self.id.push_str(suffix);
        }
        self.json.clear();
        let cut = push_document(draft.fields, &TEXT_LIMIT, hints, self.json);
        self.counts.truncated_texts += cut as u64;
        self.counts.documents += 1;
        self.counts.drifted += u64::from(drift.is_some());
        let index = self.plan.index_names.name(
            draft.index_base,
            draft.index_date,
            timestamp,
            self.context.now,
        );
        self.output.document(&Document {
            index,
            id: &self.id,
            log_type: self.plan.log_type,
            timestamp: draft.timestamp,
            drifted: drift.is_some(),
            json: self.json.as_bytes(),
        });
        if self.steps.is_some() {
            let text = format!("document `{}` in `{index}`", self.id);
            self.explain("outcome", || text);
        }
    }

    /// Renames fields, and lists their names when a later stage needs to know them.
    fn raw_names<'a>(&mut self, fields: &mut Object<'a>, parsed: bool) -> Vec<&'a str> {
        if parsed {
            self.plan.basics.rename(fields);
        }
        if self.plan.field_prefix.is_none() && self.steps.is_none() {
            return Vec::new();
        }
        fields.iter().map(|member| member.key).collect()
    }

    /// Tries conditions and users' patterns on the finished document.
    fn is_excluded(&mut self, fields: &Object<'_>) -> bool {
        let reason = if self.plan.conditions.is_empty() {
            None
        } else {
            let verdict = judge(&self.plan.conditions, fields);
            self.counts.counted += u64::from(verdict.counted_by.is_some());
            let excluding = verdict.excluded_by;
            excluding.map(|condition| Cow::Owned(format!("condition:{}", condition.name)))
        };
        let reason = reason.or_else(|| {
            let reason = self.plan.exclusions.document_reason(fields);
            reason.map(|reason| Cow::Owned(reason.to_owned()))
        });
        match reason {
            Some(reason) => {
                self.exclude(&reason);
                true
            }
            None => false,
        }
    }
}

/// Moves the fields the record came with into an object of their own.
fn move_under_prefix<'a>(
    fields: &mut Object<'a>,
    prefix: &'static str,
    raw_names: &[&'a str],
    arena: &'a Arena,
) {
    let moved = Object::with_capacity_in(raw_names.len(), arena);
    for name in raw_names {
        if *name != prefix
            && let Some(value) = fields.remove(name)
        {
            moved.push(name, value);
        }
    }
    let target = fields.object_or_insert(prefix, arena);
    target.merge(moved);
}

/// Names of the top-level fields that the record did not come with.
fn added_names(fields: &Object<'_>, raw_names: &[&str]) -> String {
    let added = fields.iter().filter_map(|member| {
        let is_new = !raw_names.contains(&member.key) && member.value != Value::Null;
        is_new.then_some(member.key)
    });
    added.collect::<Vec<_>>().join(", ")
}
