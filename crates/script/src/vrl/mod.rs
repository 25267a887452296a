//! Scripts in the Vector Remap Language, which run inside of the loader.

mod convert;
mod functions;
mod md5;
mod problems;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use vrl::compiler::runtime::{Runtime, Terminate};
use vrl::compiler::{Program, TargetValue, TimeZone, compile};
use vrl::diagnostic::DiagnosticMessage;
use vrl::path::{OwnedSegment, OwnedTargetPath, PathPrefix};
use vrl::value::{ObjectMap, Secrets, Value as VrlValue};
use yagura_config::Diagnostic;
use yagura_model::{Arena, Object, Value, intern};
use yagura_pipeline::{InPlaceScript, Script};

use convert::{check, from_vrl, object_to_vrl, take_members, to_vrl};
use problems::{line_of, problems};

/// Steps that a script may take over one record.
const MAX_STEPS: u32 = 1_000_000;

/// A script, compiled.
pub struct VrlScript {
    program: Program,
    /// The top-level fields that the script names; `None` if it speaks of the whole document.
    fields: Option<Vec<&'static str>>,
    name: String,
    source: String,
    /// UTC, for texts that name no time zone.
    timezone: TimeZone,
}

impl VrlScript {
    /// Compiles a script; with it come warnings.
    pub fn new(path: &str, source: &str) -> Result<(VrlScript, Vec<Diagnostic>), Vec<Diagnostic>> {
        match compile(source, &functions::functions()) {
            Ok(compiled) => {
                let warnings = problems(path, source, &compiled.warnings);
                let info = compiled.program.info();
                let paths = info.target_queries.iter().chain(&info.target_assignments);
                let script = VrlScript {
                    fields: top_level_fields(paths),
                    program: compiled.program,
                    name: path.rsplit('/').next().unwrap_or(path).to_owned(),
                    source: source.to_owned(),
                    timezone: TimeZone::parse("UTC").unwrap_or_default(),
                };
                Ok((script, warnings))
            }
            Err(errors) => Err(problems(path, source, &errors)),
        }
    }

    /// The script for one worker of the loader.
    pub fn session(self: &Arc<Self>) -> Script {
        Script::InPlace(Box::new(Session {
            script: Arc::clone(self),
            runtime: Runtime::default(),
        }))
    }

    /// One line about what ended the script.
    fn describe(&self, ended: Terminate) -> String {
        let name = &self.name;
        let error = match ended {
            Terminate::Interrupted => {
                return format!("{name}: it took more than {MAX_STEPS} steps");
            }
            Terminate::Abort(error) | Terminate::Error(error) => error,
        };
        let place = error.labels().first().map(|label| label.span.start());
        let message = problems::without_offsets(&error.message());
        match place {
            Some(at) => format!("{name}:{}: {message}", line_of(&self.source, at).0),
            None => format!("{name}: {message}"),
        }
    }
}

/// The first parts of the paths, each once; `None` if one of them is the whole document.
fn top_level_fields<'p>(
    paths: impl Iterator<Item = &'p OwnedTargetPath>,
) -> Option<Vec<&'static str>> {
    let mut fields = Vec::new();
    for path in paths.filter(|path| path.prefix == PathPrefix::Event) {
        let Some(OwnedSegment::Field(field)) = path.path.segments.first() else {
            return None;
        };
        fields.push(intern(field.as_str()));
    }
    fields.sort_unstable();
    fields.dedup();
    Some(fields)
}

/// A script as one worker of the loader uses it.
struct Session {
    script: Arc<VrlScript>,
    runtime: Runtime,
}

impl InPlaceScript for Session {
    fn run<'a>(&mut self, fields: &mut Object<'a>, arena: &'a Arena) -> Result<(), String> {
        let script = &*self.script;
        let members = match &script.fields {
            None => object_to_vrl(fields),
            Some(names) => names
                .iter()
                .filter_map(|name| Some(((*name).into(), to_vrl(fields.get(name)?))))
                .collect(),
        };
        let members = run(script, &mut self.runtime, members)?;
        match &script.fields {
            None => take_members(fields, members, arena),
            Some(names) => take_named(fields, names, members, arena),
        }
        Ok(())
    }
}

/// Runs the script on these members of a document.
fn run(script: &VrlScript, runtime: &mut Runtime, members: ObjectMap) -> Result<ObjectMap, String> {
    let mut target = TargetValue {
        value: VrlValue::Object(members),
        metadata: VrlValue::Object(ObjectMap::new()),
        secrets: Secrets::default(),
    };
    let mut steps = 0;
    let mut count = || {
        steps += 1;
        match steps > MAX_STEPS {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    // A fault of the language's own library costs a record, not the loader.
    let ended = catch_unwind(AssertUnwindSafe(|| {
        runtime.resolve_with_control(&mut target, &script.program, &script.timezone, &mut count)
    }));
    runtime.clear();
    let name = &script.name;
    match ended {
        Ok(Ok(_)) => {}
        Ok(Err(ended)) => return Err(script.describe(ended)),
        Err(_) => {
            return Err(format!(
                "{name}: the language's library failed on this record"
            ));
        }
    }
    check(&target.value).map_err(|detail| format!("{name}: {detail}"))?;
    match target.value {
        VrlValue::Object(members) => Ok(members),
        value => Err(format!(
            "{name}: it made the document {}, not an object",
            value.kind_str()
        )),
    }
}

/// Puts the fields that the script names back into the document.
fn take_named<'a>(
    fields: &mut Object<'a>,
    names: &[&'static str],
    mut members: ObjectMap,
    arena: &'a Arena,
) {
    for name in names {
        match (members.remove(*name), fields.get_mut(name)) {
            (Some(value), Some(place)) => *place = from_vrl(value, place.take(), arena),
            (Some(value), None) => fields.push(name, from_vrl(value, Value::Null, arena)),
            (None, Some(_)) => {
                fields.remove(name);
            }
            (None, None) => {}
        }
    }
}
