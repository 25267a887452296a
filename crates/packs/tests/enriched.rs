//! What look-ups find stands in documents the same, whether it is written at once or as fields that
//! something looks at later.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test may panic"
)]

use std::io::Cursor;
use std::sync::Arc;

use serde_json::Value;
use yagura_codec::{Failure, Limits, Slice};
use yagura_model::Timestamp;
use yagura_packs::{PackNatives, load_settings};
use yagura_pipeline::{
    AutonomousSystem, City, Document, Loader, Lookups, ObjectContext, Options, Output,
    PlaceRecords, UserAgent,
};
use yagura_testkit::bench_inputs::Shape;

const RECORDS: usize = 400;

/// Places named after the beginning of an address, and user agents after that of their text.
#[derive(Default)]
struct Beginnings {
    text: String,
}

impl Beginnings {
    /// Every third address is nowhere.
    fn number(address: &str) -> Option<usize> {
        let sum = address.bytes().map(usize::from).sum::<usize>();
        (sum % 3 > 0).then_some(sum)
    }

    fn keep(&mut self, text: &str) -> &str {
        self.text = text.chars().take(3).collect();
        &self.text
    }
}

impl Lookups for Beginnings {
    fn has_places(&self) -> bool {
        true
    }

    fn place_records(&mut self, address: &str) -> PlaceRecords {
        let record = Self::number(address);
        PlaceRecords {
            city: record,
            system: record.map(|record| record % 7),
        }
    }

    fn city(&mut self, address: &str) -> Option<City<'_>> {
        let record = Self::number(address)?;
        Some(City {
            city_name: Some(self.keep(&record.to_string())),
            location: Some(("1.5", "-2.0")),
            ..City::default()
        })
    }

    fn system(&mut self, address: &str) -> Option<AutonomousSystem<'_>> {
        let record = Self::number(address)? % 7;
        Some(AutonomousSystem {
            number: Some(self.keep(&(64_500 + record).to_string())),
            organization: None,
        })
    }

    fn user_agent(&mut self, text: &str) -> Option<UserAgent<'_>> {
        let name = self.keep(text);
        Some(UserAgent {
            // Every other text was encoded.
            original: if text.len().is_multiple_of(2) {
                "decoded \"text\""
            } else {
                name
            },
            name,
            version: (text.len() % 3 == 1).then_some("1.0"),
            os_name: "-",
            os_version: None,
            os_full: "Other",
            device_name: "",
        })
    }

    fn another(&self) -> Box<dyn Lookups + Send> {
        Box::new(Beginnings::default())
    }
}

/// Ids and documents.
#[derive(Default)]
struct Documents(Vec<(String, String)>);

impl Output for Documents {
    fn document(&mut self, document: &Document<'_>) {
        let json = std::str::from_utf8(document.json).unwrap();
        self.0.push((document.id.to_owned(), json.to_owned()));
    }

    fn failed(&mut self, failure: &Failure<'_>) {
        panic!("{failure:?}");
    }
}

fn load(shape: Shape, user_ini: &str) -> Vec<(String, String)> {
    let settings = load_settings(&[("user.ini", user_ini)]).unwrap().settings;
    let loader = Loader::new(
        Arc::new(settings),
        Arc::new(PackNatives::new()),
        Arc::new(Options::default()),
        Limits::default(),
    );
    let mut bytes = Vec::new();
    shape.write(&mut bytes, RECORDS, 5).unwrap();
    let now = Timestamp::from_micros(1_718_454_896_789_012, 0).unwrap();
    let key = shape.key(5);
    let context = ObjectContext::new("bucket", &key, bytes.len() as u64, now);
    let mut documents = Documents::default();
    let outcome = loader.unwrap().load(
        context,
        Box::new(Cursor::new(bytes)),
        Slice::ALL,
        &mut Beginnings::default(),
        &mut documents,
    );
    assert_eq!(outcome.counts.documents, RECORDS as u64);
    documents.0
}

#[test]
fn documents_are_the_same_whether_a_part_of_what_was_found_is_looked_at_later() {
    for (shape, log_type) in [(Shape::CloudTrail, "cloudtrail"), (Shape::Alb, "alb")] {
        let at_once = load(shape, "");
        for path in ["source.geo.city_name", "user_agent.name", "@log_type"] {
            let user_ini = format!("[{log_type}]\ndoc_id_suffix = {path}\n");
            let looked_at = load(shape, &user_ini);
            let mut found = 0;
            for ((id, json), (long_id, same)) in at_once.iter().zip(&looked_at) {
                assert_eq!(json, same);
                let document: Value = serde_json::from_str(json).unwrap();
                let pointer = format!("/{}", path.replace('.', "/"));
                let expected = match document.pointer(&pointer).and_then(Value::as_str) {
                    Some(text) => format!("{id}_{text}"),
                    None => id.clone(),
                };
                assert_eq!(*long_id, expected);
                found += usize::from(expected != *id);
            }
            assert!(found > 20, "{log_type} {path}: {found}");
        }
    }
}
