//! Rows of a table, whose keys are always in the same places, become the documents that the same
//! records as JSON become, where nothing is known of a record before it is read.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::io::Cursor;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value};
use yagura_codec::{Failure, Limits, Slice};
use yagura_model::Timestamp;
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{Document, Loader, NoLookups, ObjectContext, Options, Output};

/// What both log types do with their fields: fields of one and of many sources, lists, addresses,
/// what a document brings itself, names with dots, and a field that two mappings lead to.
const MAPPING: &str = "
index_name = log-layout
timestamp_key = time
timestamp_format = iso8601
ecs = cloud.account.id cloud.region event.action event.module event.outcome host.name log.file.path related.ip source.address source.ip user.name
cloud.account.id = account
cloud.region = region
event.action = nothing action
event.module = outcome
event.outcome = @log_group outcome action
host.name = deep.name action
log.file.path = @log_stream
related.ip = [
  one,
  two]
source.address = one two
source.ip = one two
user.name = user.name
static_ecs = event.category event.kind
event.category = network
event.kind = event
";

const COLUMNS: [&str; 9] = [
    "time",
    "account",
    "region",
    "action",
    "outcome",
    "deep.name",
    "one",
    "two",
    "user.name",
];

#[derive(Default)]
struct Documents(Vec<Value>);

impl Output for Documents {
    fn document(&mut self, document: &Document<'_>) {
        let mut json: Value = serde_json::from_slice(document.json).unwrap();
        // What tells the two apart.
        let fields = json.as_object_mut().unwrap();
        for name in ["@message", "@id", "@log_type", "@log_s3key"] {
            fields.remove(name).unwrap();
        }
        fields["event"].as_object_mut().unwrap().remove("module");
        self.0.push(json);
    }

    fn failed(&mut self, failure: &Failure<'_>) {
        self.0.push(failure.detail.clone().into());
    }
}

/// The documents of two objects of a log type, one behind the other.
fn load(loader: &mut Loader, log_type: &str, objects: &[String]) -> Vec<Value> {
    let mut documents = Documents::default();
    for object in objects {
        let bytes = object.clone().into_bytes();
        let key = format!("AWSLogs/123456789012/{log_type}/us-east-1/file");
        let now = Timestamp::from_micros(1_718_454_896_789_012, 0).unwrap();
        let context = ObjectContext::new("bucket", &key, bytes.len() as u64, now);
        let body = Box::new(Cursor::new(bytes));
        let outcome = loader.load(context, body, Slice::ALL, &mut NoLookups, &mut documents);
        assert_eq!(outcome.error, None);
    }
    documents.0
}

fn loader() -> Loader {
    // With a provider every record is of a cloud, without one only some are.
    let pairs = [("layout", "aws"), ("bare", "")].map(|(name, provider)| {
        format!(
            "[{name}table]\ns3_key = {name}table\nfile_format = csv\ncsv_delimiter = ;\n\
             cloud_provider = {provider}\n{MAPPING}\n\
             [{name}lines]\ns3_key = {name}lines\nfile_format = json\n\
             cloud_provider = {provider}\n{MAPPING}\n"
        )
    });
    let own = pairs.concat();
    let settings = load_settings(&[("own.ini", &own)]).unwrap().settings;
    let natives = Arc::new(PackNatives::new());
    let options = Arc::new(Options::default());
    Loader::new(Arc::new(settings), natives, options, Limits::default()).unwrap()
}

proptest! {
    #[test]
    fn rows_become_what_the_same_records_as_json_become(
        // Objects with columns in another order, and rows whose last values are missing.
        objects in prop::collection::vec(
            (0..COLUMNS.len(), prop::collection::vec(
                (prop::collection::vec(
                    prop::sample::select(vec!["", "-", "a", "unknown", "192.0.2.1", "::1", "192.0.2.256"]),
                    COLUMNS.len() - 1,
                ), 3..=COLUMNS.len()),
                1..6,
            )),
            1..4,
        ),
    ) {
        let (mut tables, mut lines) = (Vec::new(), Vec::new());
        for (turn, rows) in objects {
            let mut columns = COLUMNS.to_vec();
            columns[1..].rotate_left(turn % (COLUMNS.len() - 1));
            let mut table = columns.join(";");
            let mut json = String::new();
            for (values, length) in rows {
                let time = "2024-06-15T10:00:00Z";
                let row: Vec<_> = [time].into_iter().chain(values).take(length).collect();
                table += &format!("\n{}", row.join(";"));
                let members = columns.iter().zip(row);
                let members: Map<String, Value> = members
                    .map(|(column, value)| ((*column).to_owned(), value.into()))
                    .collect();
                json += &format!("{}\n", Value::Object(members));
            }
            tables.push(table);
            lines.push(json);
        }
        let mut loader = loader();
        for name in ["layout", "bare"] {
            let of_tables = load(&mut loader, &format!("{name}table"), &tables);
            prop_assert!(!of_tables.is_empty());
            prop_assert_eq!(of_tables, load(&mut loader, &format!("{name}lines"), &lines));
        }
    }
}
