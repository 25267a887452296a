//! What look-ups told about the addresses of an object.

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashTable};
use yagura_model::{Arena, Buffer, Hints, Object, Value, push_document};

use crate::enrich::{AutonomousSystem, City, Lookups};
use crate::pipeline::TEXT_LIMIT;

/// Addresses that are remembered; an object with more begins anew.
const MAX_ADDRESSES: usize = 16 << 10;
/// Bytes of all that is remembered, after which it begins anew.
const MAX_BYTES: usize = 16 << 20;

/// Few addresses make most of the records of an object. So what is known about one is written as
/// JSON once and copied from then on.
///
/// An address and what is known about it stand behind each other in one text: what is not in the
/// processor's cache is fetched at once.
#[derive(Default)]
pub(crate) struct KnownAddresses {
    addresses: HashTable<Known>,
    hasher: DefaultHashBuilder,
    texts: String,
    arena: Arena,
    json: Buffer,
}

/// Places in the text.
struct Known {
    address: Range<u32>,
    /// The JSON of its place, behind the address.
    place: Option<Lengths>,
    /// No indicator names it.
    is_clean: bool,
}

/// Where the JSON of a place begins and how long its parts are.
#[derive(Clone, Copy)]
struct Lengths {
    start: u32,
    city: u32,
    system: u32,
}

/// The place of an address, as JSON; empty where nothing is known.
pub(crate) struct WrittenPlace<'k> {
    /// The object `geo`.
    pub(crate) city: &'k str,
    /// The object `as`.
    pub(crate) system: &'k str,
}

impl KnownAddresses {
    /// Forgets everything: the next object may be looked up in other databases.
    pub(crate) fn clear(&mut self) {
        self.addresses.clear();
        self.texts.clear();
    }

    fn find(&self, address: &str) -> Option<&Known> {
        let hash = self.hasher.hash_one(address);
        let texts = &self.texts;
        let is_it = |known: &Known| text_at(texts, &known.address) == address;
        self.addresses.find(hash, is_it)
    }

    /// Begins anew if much is remembered. What is known of an address must not be looked at across
    /// this: it lies in the text that is forgotten.
    fn make_room(&mut self) {
        if self.addresses.len() >= MAX_ADDRESSES || self.texts.len() >= MAX_BYTES {
            self.clear();
        }
    }

    fn entry(&mut self, address: &str) -> &mut Known {
        let Self {
            addresses,
            hasher,
            texts,
            ..
        } = self;
        let hash = hasher.hash_one(address);
        let hash_of = |known: &Known| hasher.hash_one(text_at(texts, &known.address));
        let entry = addresses.entry(
            hash,
            |known| text_at(texts, &known.address) == address,
            hash_of,
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(known) => known.into_mut(),
            hashbrown::hash_table::Entry::Vacant(place) => {
                let start = texts.len() as u32;
                texts.push_str(address);
                let known = Known {
                    address: start..texts.len() as u32,
                    place: None,
                    is_clean: false,
                };
                place.insert(known).into_mut()
            }
        }
    }

    /// The place of an address, and whether it is known that no indicator names it.
    pub(crate) fn place(
        &mut self,
        address: &str,
        lookups: &mut dyn Lookups,
    ) -> (WrittenPlace<'_>, bool) {
        self.make_room();
        let known = self.entry(address);
        let (place, is_clean) = (known.place, known.is_clean);
        let Lengths {
            start,
            city,
            system,
        } = match place {
            Some(place) => place,
            None => {
                let place = self.write_place(address, lookups);
                self.entry(address).place = Some(place);
                place
            }
        };
        let place = WrittenPlace {
            city: text_at(&self.texts, &(start..start + city)),
            system: text_at(&self.texts, &(start + city..start + city + system)),
        };
        (place, is_clean)
    }

    fn write_place(&mut self, address: &str, lookups: &mut dyn Lookups) -> Lengths {
        let place = lookups.place(address);
        let start = self.texts.len();
        if let Some(city) = &place.city {
            push_written(
                city_object(city, &self.arena),
                &mut self.json,
                &mut self.texts,
            );
        }
        let middle = self.texts.len();
        if let Some(system) = &place.system {
            let object = system_object(system, &self.arena);
            push_written(object, &mut self.json, &mut self.texts);
        }
        self.arena.reset();
        Lengths {
            start: start as u32,
            city: (middle - start) as u32,
            system: (self.texts.len() - middle) as u32,
        }
    }

    /// Whether it is known that no indicator names the address.
    pub(crate) fn is_clean(&self, address: &str) -> bool {
        self.find(address).is_some_and(|known| known.is_clean)
    }

    /// Notes that no indicator names the address.
    pub(crate) fn note_clean(&mut self, address: &str) {
        self.make_room();
        self.entry(address).is_clean = true;
    }
}

fn text_at<'t>(texts: &'t str, range: &Range<u32>) -> &'t str {
    let range = range.start as usize..range.end as usize;
    texts.get(range).unwrap_or_default()
}

/// What a database tells about a place, as the object `geo`.
///
/// What it does not know is null and so replaces what the record says, because the two could be
/// about different places.
pub(crate) fn city_object<'a>(city: &City<'_>, arena: &'a Arena) -> &'a mut Object<'a> {
    let keep = |text: &str| &*arena.alloc_str(text);
    let geo = Object::with_capacity_in(4, arena);
    let texts = [
        ("city_name", city.city_name),
        ("country_iso_code", city.country_iso_code),
        ("country_name", city.country_name),
    ];
    for (key, text) in texts {
        geo.push(
            key,
            text.map_or(Value::Null, |text| Value::Text(keep(text))),
        );
    }
    let location = city.location.map_or(Value::Null, |(longitude, latitude)| {
        let location = Object::with_capacity_in(2, arena);
        location.push("lon", Value::Number(keep(longitude)));
        location.push("lat", Value::Number(keep(latitude)));
        Value::Object(location)
    });
    geo.push("location", location);
    geo
}

/// What a database tells about a network, as the object `as`.
pub(crate) fn system_object<'a>(
    system: &AutonomousSystem<'_>,
    arena: &'a Arena,
) -> &'a mut Object<'a> {
    let keep = |text: &str| &*arena.alloc_str(text);
    let shown = Object::with_capacity_in(2, arena);
    if let Some(text) = system.number {
        shown.push("number", Value::Number(keep(text)));
    }
    if let Some(name) = system.organization {
        let organization = Object::with_capacity_in(1, arena);
        organization.push("name", Value::Text(keep(name)));
        shown.push("organization", Value::Object(organization));
    }
    shown
}

/// Appends an object as JSON, unless nothing in it says anything.
fn push_written(object: &Object<'_>, json: &mut Buffer, out: &mut String) {
    json.clear();
    push_document(object, &TEXT_LIMIT, Hints::default(), json);
    let json = std::str::from_utf8(json.as_bytes()).unwrap_or_default();
    if json != "{}" {
        out.push_str(json);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::{Indicator, Place, UserAgent};

    /// Every address lies in a city of its name.
    struct Cities(String);

    impl Lookups for Cities {
        fn has_places(&self) -> bool {
            true
        }

        fn place(&mut self, address: &str) -> Place<'_> {
            self.0 = format!("{address} {}", "x".repeat(address.len() * 100));
            let city = City {
                city_name: Some(&self.0),
                ..City::default()
            };
            let system = AutonomousSystem {
                number: Some("64500"),
                organization: None,
            };
            Place {
                city: Some(city),
                system: Some(system),
            }
        }

        fn has_indicators(&self) -> bool {
            false
        }

        fn address_indicators(&mut self, _address: &str) -> Vec<Indicator<'_>> {
            Vec::new()
        }

        fn domain_indicators(&mut self, _domain: &str) -> Vec<Indicator<'_>> {
            Vec::new()
        }

        fn client_address<'t>(
            &mut self,
            _source: Option<&'t str>,
            _forwarded_for: &[&'t str],
        ) -> Option<&'t str> {
            None
        }

        fn user_agent(&mut self, _text: &str) -> Option<UserAgent<'_>> {
            None
        }

        fn another(&self) -> Box<dyn Lookups + Send> {
            Box::new(Cities(String::new()))
        }
    }

    #[test]
    fn places_are_right_however_much_was_remembered() {
        let (mut known, mut cities) = (KnownAddresses::default(), Cities(String::new()));
        for number in 0..3 * MAX_ADDRESSES {
            // Of a few addresses the place is asked for again and again.
            for number in [number, number % 7] {
                let address = format!("192.0.2.{number}");
                let (place, is_clean) = known.place(&address, &mut cities);
                let city = format!("{{\"city_name\":\"{address} ");
                assert!(place.city.starts_with(&city), "{address}: {}", place.city);
                assert!(place.city.ends_with("x\"}"), "{address}: {}", place.city);
                assert_eq!(place.system, "{\"number\":64500}");
                assert!(!is_clean || number % 7 == 3, "{address}");
                if number % 7 == 3 {
                    known.note_clean(&address);
                    assert!(known.is_clean(&address));
                }
            }
            assert!(known.addresses.len() <= MAX_ADDRESSES + 1);
            assert!(known.texts.len() < 2 * MAX_BYTES);
        }
    }
}
