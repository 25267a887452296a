//! What look-ups told about the addresses of an object.

use hashbrown::HashMap;
use yagura_model::{Arena, Buffer, Object, Value, push_document};

use crate::enrich::{AutonomousSystem, City, Lookups};
use crate::pipeline::TEXT_LIMIT;

/// Addresses that are remembered; an object with more begins anew.
const MAX_ADDRESSES: usize = 16 << 10;

/// Few addresses make most of the records of an object. So what is known about one is written as
/// JSON once and copied from then on.
#[derive(Default)]
pub(crate) struct KnownAddresses {
    addresses: HashMap<String, Known>,
}

#[derive(Default)]
struct Known {
    place: Option<WrittenPlace>,
    /// No indicator names it.
    is_clean: bool,
}

/// The place of an address, as JSON.
#[derive(Default)]
pub(crate) struct WrittenPlace {
    /// The object `geo`.
    pub(crate) city: Option<Box<str>>,
    /// The object `as`.
    pub(crate) system: Option<Box<str>>,
}

impl KnownAddresses {
    /// Forgets everything: the next object may be looked up in other databases.
    pub(crate) fn clear(&mut self) {
        self.addresses.clear();
    }

    fn entry(&mut self, address: &str) -> &mut Known {
        if self.addresses.len() >= MAX_ADDRESSES && !self.addresses.contains_key(address) {
            self.addresses.clear();
        }
        self.addresses.entry_ref(address).or_default()
    }

    /// The place of an address, and whether it is known that no indicator names it.
    pub(crate) fn place(
        &mut self,
        address: &str,
        lookups: &mut dyn Lookups,
    ) -> (&WrittenPlace, bool) {
        let known = self.entry(address);
        let place = known.place.get_or_insert_with(|| {
            let (place, arena) = (lookups.place(address), Arena::new());
            let city = place.city.as_ref().map(|city| city_object(city, &arena));
            let system = place.system.as_ref();
            let system = system.map(|system| system_object(system, &arena));
            WrittenPlace {
                city: city.and_then(|city| written(city)),
                system: system.and_then(|system| written(system)),
            }
        });
        (place, known.is_clean)
    }

    /// Whether it is known that no indicator names the address.
    pub(crate) fn is_clean(&self, address: &str) -> bool {
        self.addresses
            .get(address)
            .is_some_and(|known| known.is_clean)
    }

    /// Notes that no indicator names the address.
    pub(crate) fn note_clean(&mut self, address: &str) {
        self.entry(address).is_clean = true;
    }
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

/// An object as JSON; `None` if nothing in it says anything.
fn written(object: &Object<'_>) -> Option<Box<str>> {
    let mut json = Buffer::default();
    push_document(object, &TEXT_LIMIT, None, &mut json);
    let json = std::str::from_utf8(json.as_bytes()).ok()?;
    (json != "{}").then(|| json.into())
}
