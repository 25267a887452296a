//! Windows events: the XML that Windows renders, with `EventData` as one object.

use yagura_model::{Arena, Object, Value};

use super::tree::{Blanks, TEXT_KEY, parse_xml};
use crate::{FailureReason, LineParser};

/// Members of `EventData` that hold several words.
const WORD_LISTS: [&str; 2] = ["AccessList", "PrivilegeList"];

/// Takes Windows events apart.
pub struct WindowsEvent;

impl LineParser for WindowsEvent {
    fn parse<'a>(
        &'a self,
        line: &'a str,
        arena: &'a Arena,
    ) -> Result<&'a mut Object<'a>, (FailureReason, String)> {
        let failure = |detail| (FailureReason::InvalidXml, detail);
        let fields = parse_xml(line, Blanks::Keep, arena).map_err(failure)?;
        match fields.get_mut("Event") {
            Some(Value::Object(event)) => tidy(event, arena),
            Some(_) => {}
            None => return Err(failure("the root element is not `Event`".to_owned())),
        }
        Ok(fields)
    }
}

/// Brings an event into the form that documents have.
fn tidy<'a>(event: &mut Object<'a>, arena: &'a Arena) {
    event.remove(TEXT_KEY);
    if let Some(system) = event.object_mut("System") {
        system.remove(TEXT_KEY);
        split_event_id(system);
    }
    if let Some(data) = event.object_mut("EventData") {
        data.remove(TEXT_KEY);
        if let Some(entries) = data.get_mut("Data") {
            name_entries(entries, arena);
        }
    }
}

/// `<EventID Qualifiers="16384">7036</EventID>` becomes two members.
fn split_event_id(system: &mut Object<'_>) {
    let Some(id) = system.object_mut("EventID") else {
        return;
    };
    let qualifiers = id.remove("Qualifiers");
    let id = id.remove(TEXT_KEY).unwrap_or(Value::Null);
    system.set("EventID", id);
    if let Some(qualifiers) = qualifiers {
        system.set("Qualifiers", qualifiers);
    }
}

/// Makes one object of the `Data` elements: named ones under their names, others under their
/// numbers; a single one has the number 0, several count from 1.
fn name_entries<'a>(entries: &mut Value<'a>, arena: &'a Arena) {
    let named = match entries {
        Value::Null => return,
        Value::List(list) => {
            let named = Object::with_capacity_in(list.len(), arena);
            for (at, entry) in list.iter().enumerate() {
                add_entry(named, at + 1, entry, arena);
            }
            named
        }
        _ => {
            let named = Object::with_capacity_in(1, arena);
            add_entry(named, 0, entries, arena);
            named
        }
    };
    *entries = Value::Object(named);
}

fn add_entry<'a>(named: &mut Object<'a>, number: usize, entry: &Value<'a>, arena: &'a Arena) {
    let (name, text) = match entry {
        Value::Object(entry) => (entry.text("Name"), entry.text(TEXT_KEY)),
        entry => (None, entry.as_text()),
    };
    let text = match (name, text) {
        (_, None) | (Some(_), Some("" | "-")) => return,
        (_, Some(text)) => text,
    };
    let name = name.unwrap_or_else(|| arena.alloc_str(&number.to_string()));
    let value = match WORD_LISTS.contains(&name) {
        true => Value::new_list(arena, text.split_whitespace().map(Value::Text)),
        false => Value::Text(text),
    };
    named.set(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use yagura_model::push_compact_json;

    fn event_json(event: &str) -> String {
        let arena = Arena::new();
        let fields = WindowsEvent.parse(event, &arena).unwrap();
        let mut out = Vec::new();
        push_compact_json(fields.get("Event").unwrap(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn event_data_is_one_object() {
        for (data, expected) in [
            ("<Data>only</Data>", r#"{"0":"only"}"#),
            (
                "<Data>a</Data><Data/><Data>-</Data>",
                r#"{"1":"a","3":"-"}"#,
            ),
            ("<Data Name='x'>1</Data>", r#"{"x":"1"}"#),
            (
                "<Data Name='x'>1</Data><Data>2</Data><Data Name='y'>-</Data><Data Name='z'/>",
                r#"{"x":"1","2":"2"}"#,
            ),
            ("<Data Other='x'>1</Data>", r#"{"0":"1"}"#),
            (
                "<Data Name='AccessList'>%%1\n\t%%2</Data>",
                r#"{"AccessList":["%%1","%%2"]}"#,
            ),
            ("<Data/>", "null"),
        ] {
            let event = format!("<Event> <EventData>\n{data} </EventData></Event>");
            let expected = format!(r#"{{"EventData":{{"Data":{expected}}}}}"#);
            assert_eq!(event_json(&event), expected, "{data}");
        }
    }

    #[test]
    fn system_is_tidied() {
        let event =
            "<Event><System>\n<EventID Qualifiers='5'>7</EventID>\n<Correlation/></System></Event>";
        let expected = r#"{"System":{"EventID":"7","Correlation":null,"Qualifiers":"5"}}"#;
        assert_eq!(event_json(event), expected);
        assert_eq!(event_json("<Event/>"), "null");
    }

    #[test]
    fn other_elements_are_refused() {
        let arena = Arena::new();
        let (reason, detail) = WindowsEvent.parse("<Other/>", &arena).unwrap_err();
        assert_eq!(reason, FailureReason::InvalidXml);
        assert_eq!(detail, "the root element is not `Event`");
    }
}
