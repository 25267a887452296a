//! What look-ups told, remembered: of addresses here, of user agents in `known_agents`.

use std::hash::BuildHasher;

use hashbrown::hash_map::Entry;
use hashbrown::{DefaultHashBuilder, HashMap};
use yagura_model::{Arena, Buffer, Hints, Object, Value, dotted_digits, push_document};

use crate::enrich::{AutonomousSystem, City, Edition, Lookups, PlaceRecords};
use crate::known_agents::KnownAgents;
use crate::pipeline::TEXT_LIMIT;

/// Addresses that share a set.
const SET: usize = 5;
/// Sets of IPv4 addresses, half a megabyte: they shall stay in the processor's cache.
const V4_SETS: usize = 8 << 10;
/// Sets of other addresses, as much.
const OTHER_SETS: usize = 1 << 10;
/// Bytes of the longest address that is remembered; one with a zone may be longer.
const LONG_BYTES: usize = 46;
/// Bytes of JSON that are remembered; what has more begins anew.
const MAX_BYTES: usize = 16 << 20;
/// Records of databases whose JSON is remembered; what has more begins anew.
const MAX_RECORDS: usize = 64 << 10;

/// Few addresses make most of the records of a log, and few places and networks most of the
/// addresses. So what an address leads to is looked up once, and what is known about that is written
/// as JSON once and copied from then on.
///
/// An address is found by one look at a place that its hash names, because each look at memory that
/// is not in the processor's cache takes as long as copying hundreds of bytes.
#[derive(Default)]
pub(crate) struct Answers {
    /// The databases that were asked.
    edition: Edition,
    v4: Sets<u64>,
    others: Sets<LongText>,
    /// Stands for addresses that are too long.
    forgotten: Known,
    hasher: DefaultHashBuilder,
    records: WrittenRecords,
    pub(crate) agents: KnownAgents,
}

/// The bytes of a text, zeros, and its length.
type LongText = [u8; LONG_BYTES + 1];

/// What is known about one address: the number of its place plus one, 0 as long as that was not
/// looked up, and a bit that tells that no indicator names it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known(u32);

/// Where the text about a place is, among those behind each other: that about its network stands
/// behind that about itself, so that both are fetched at once.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    start: u32,
    city: u16,
    system: u16,
}

/// The place of an address, as JSON; empty where nothing is known.
#[derive(Clone, Copy, Default)]
pub(crate) struct WrittenPlace<'a> {
    /// The object `geo`.
    pub(crate) city: &'a str,
    /// The object `as`.
    pub(crate) system: &'a str,
}

impl WrittenPlace<'_> {
    /// Whether nothing is known.
    pub(crate) fn is_empty(self) -> bool {
        self.city.is_empty() && self.system.is_empty()
    }
}

impl Known {
    const CLEAN: u32 = 1 << 31;

    /// Whether it is known that no indicator names the address.
    pub(crate) fn is_clean(self) -> bool {
        self.0 & Self::CLEAN != 0
    }

    fn note_clean(&mut self) {
        self.0 |= Self::CLEAN;
    }

    /// The number of the address's place, if it was looked up before.
    fn place(self) -> Option<usize> {
        (self.0 & !Self::CLEAN)
            .checked_sub(1)
            .map(|number| number as usize)
    }

    fn note_place(&mut self, number: usize) {
        self.0 = self.0 & Self::CLEAN | (number as u32 + 1);
    }
}

impl Answers {
    /// Forgets everything if it is of other databases than these.
    pub(crate) fn begin(&mut self, edition: Edition) {
        if self.edition != edition {
            self.edition = edition;
            self.clear();
            self.agents.clear();
        }
    }

    fn clear(&mut self) {
        self.v4.clear();
        self.others.clear();
        self.records.clear();
    }

    fn of(&mut self, address: &str) -> &mut Known {
        if let Some(key) = dotted_digits(address) {
            return self.v4.of(key, self.hasher.hash_one(key));
        }
        let bytes = address.as_bytes();
        let mut key = [0; LONG_BYTES + 1];
        match key.get_mut(..bytes.len()) {
            Some(place) if !bytes.is_empty() && bytes.len() <= LONG_BYTES => {
                place.copy_from_slice(bytes);
                key[LONG_BYTES] = bytes.len() as u8;
                self.others.of(key, self.hasher.hash_one(key))
            }
            _ => {
                self.forgotten = Known::default();
                &mut self.forgotten
            }
        }
    }

    /// Forgets everything if it has become too much. What was known before holds no longer, so this
    /// is asked for between records.
    pub(crate) fn make_room(&mut self) {
        if self.records.are_many() {
            self.clear();
        }
    }

    /// What is known about an address.
    pub(crate) fn get(&mut self, address: &str) -> Known {
        *self.of(address)
    }

    /// The place of an address about which this is known, if it was looked up before.
    #[inline]
    pub(crate) fn place_in<'a>(&self, known: Known, arena: &'a Arena) -> Option<WrittenPlace<'a>> {
        let number = known.place()?;
        Some(self.records.copy_in(number, arena))
    }

    /// Looks up the place of an address; `None` if too much is to be said about it to be
    /// remembered.
    pub(crate) fn find_place_in<'a>(
        &mut self,
        address: &str,
        lookups: &mut dyn Lookups,
        arena: &'a Arena,
    ) -> Option<WrittenPlace<'a>> {
        let number = self.records.place(address, lookups)?;
        self.of(address).note_place(number);
        Some(self.records.copy_in(number, arena))
    }

    /// Whether it is known that no indicator names the address.
    pub(crate) fn is_clean(&mut self, address: &str) -> bool {
        self.of(address).is_clean()
    }

    /// Notes that no indicator names the address.
    pub(crate) fn note_clean(&mut self, address: &str) {
        self.of(address).note_clean();
    }
}

/// What is known by keys, of which some share a set.
struct Sets<K> {
    /// None before the first key comes.
    sets: Vec<Set<K>>,
}

impl<K> Default for Sets<K> {
    fn default() -> Self {
        Sets { sets: Vec::new() }
    }
}

/// With IPv4 addresses it is what a processor fetches at once.
#[derive(Clone)]
#[repr(align(64))]
struct Set<K> {
    keys: [K; SET],
    known: [Known; SET],
    /// Where the next key goes that is new.
    next: u32,
}

/// Keys of which many are remembered, and one that is no key.
trait Keys: Copy + PartialEq {
    const SETS: usize;
    const NONE: Self;
}

impl Keys for u64 {
    const SETS: usize = V4_SETS;
    const NONE: Self = 0;
}

impl Keys for LongText {
    const SETS: usize = OTHER_SETS;
    const NONE: Self = [0; LONG_BYTES + 1];
}

impl<K: Keys> Set<K> {
    const EMPTY: Self = Set {
        keys: [K::NONE; SET],
        known: [Known(0); SET],
        next: 0,
    };

    fn of(&mut self, key: K) -> &mut Known {
        let found = self.keys.iter().position(|known| *known == key);
        let at = found.unwrap_or_else(|| {
            let at = self.next as usize % SET;
            self.next = at as u32 + 1;
            (self.keys[at], self.known[at]) = (key, Known::default());
            at
        });
        &mut self.known[at]
    }
}

impl<K: Keys> Sets<K> {
    fn of(&mut self, key: K, hash: u64) -> &mut Known {
        if self.sets.is_empty() {
            self.sets = vec![Set::EMPTY; K::SETS];
        }
        self.sets[hash as usize % K::SETS].of(key)
    }

    fn clear(&mut self) {
        self.sets.fill(Set::EMPTY);
    }
}

/// What records of databases say about places and networks, written as JSON.
#[derive(Default)]
struct WrittenRecords {
    /// The numbers of the places that are written: most addresses that are new lead to records that
    /// are not.
    numbers: HashMap<PlaceRecords, usize>,
    /// Where what is written about each is.
    places: Vec<Extent>,
    texts: String,
    cities: Sources,
    systems: Sources,
}

/// The records of one database that were read: a few thousand cities and networks make many times
/// as many places, and to read a record takes longer than all else that is done for a new address.
#[derive(Default)]
struct Sources {
    written: HashMap<usize, Box<str>>,
    /// Bytes of all that is written.
    bytes: usize,
    writer: ObjectWriter,
}

impl Sources {
    fn clear(&mut self) {
        self.written.clear();
        self.bytes = 0;
    }

    /// What a record says, as JSON, unless that is too much; nothing if there is no record.
    fn json(
        &mut self,
        record: Option<usize>,
        read: impl for<'a> FnOnce(&'a Arena) -> Option<&'a mut Object<'a>>,
    ) -> Option<&str> {
        let Some(record) = record else {
            return Some("");
        };
        let entry = match self.written.entry(record) {
            Entry::Occupied(entry) => return Some(entry.into_mut()),
            Entry::Vacant(entry) => entry,
        };
        let json = self.writer.json(read);
        if json.len() > usize::from(u16::MAX) {
            return None;
        }
        self.bytes += json.len();
        Some(entry.insert(json.into()))
    }
}

/// Writes objects as they stand in documents; its memory serves one after the other.
#[derive(Default)]
pub(crate) struct ObjectWriter {
    json: Buffer,
    arena: Arena,
}

impl ObjectWriter {
    /// The object as JSON; nothing if there is none, or if none of its members says something.
    pub(crate) fn json(
        &mut self,
        make: impl for<'a> FnOnce(&'a Arena) -> Option<&'a mut Object<'a>>,
    ) -> &str {
        self.arena.reset();
        self.json.clear();
        if let Some(object) = make(&self.arena) {
            push_document(object, &TEXT_LIMIT, Hints::default(), &mut self.json);
        }
        let json = std::str::from_utf8(self.json.as_bytes()).unwrap_or_default();
        if json == "{}" { "" } else { json }
    }
}

impl WrittenRecords {
    fn clear(&mut self) {
        self.numbers.clear();
        self.places.clear();
        self.texts.clear();
        self.cities.clear();
        self.systems.clear();
    }

    fn are_many(&self) -> bool {
        let bytes = self.texts.len() + self.cities.bytes + self.systems.bytes;
        self.places.len() >= MAX_RECORDS || bytes >= MAX_BYTES
    }

    /// The number of the place of an address, unless too much is to be written about it and its
    /// network.
    fn place(&mut self, address: &str, lookups: &mut dyn Lookups) -> Option<usize> {
        let records = lookups.place_records(address);
        let entry = match self.numbers.entry(records) {
            Entry::Occupied(entry) => return Some(*entry.get()),
            Entry::Vacant(entry) => entry,
        };
        let city = self.cities.json(records.city, |arena| {
            Some(city_object(&lookups.city(address)?, arena))
        })?;
        let system = self.systems.json(records.system, |arena| {
            Some(system_object(&lookups.system(address)?, arena))
        })?;
        self.places.push(Extent {
            start: u32::try_from(self.texts.len()).ok()?,
            city: u16::try_from(city.len()).ok()?,
            system: u16::try_from(system.len()).ok()?,
        });
        self.texts.extend([city, system]);
        Some(*entry.insert(self.places.len() - 1))
    }

    #[inline]
    fn copy_in<'a>(&self, number: usize, arena: &'a Arena) -> WrittenPlace<'a> {
        let place = self.places[number];
        let (start, city) = (place.start as usize, usize::from(place.city));
        let length = city + usize::from(place.system);
        // Every other address is private, so that nothing is known about it.
        if length == 0 {
            return WrittenPlace::default();
        }
        let texts = self.texts.get(start..start + length).unwrap_or_default();
        let texts = arena.alloc_str(texts);
        let (city, system) = texts.split_at_checked(city).unwrap_or_default();
        WrittenPlace { city, system }
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

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasherDefault, DefaultHasher};

    use super::*;

    /// Every address lies in a city of its name.
    #[derive(Default)]
    struct Cities {
        edition: Edition,
        name: String,
        /// Bytes in a name, beside what it says.
        length: usize,
        asked: usize,
        systems_asked: usize,
    }

    impl Lookups for Cities {
        fn has_places(&self) -> bool {
            true
        }

        fn edition(&self) -> Edition {
            self.edition
        }

        fn place_records(&mut self, address: &str) -> PlaceRecords {
            self.asked += 1;
            let hasher = BuildHasherDefault::<DefaultHasher>::default();
            PlaceRecords {
                city: Some(hasher.hash_one(address) as usize),
                system: Some(1),
            }
        }

        fn city(&mut self, address: &str) -> Option<City<'_>> {
            let generation = self.edition.generation;
            self.name = format!("{address} {generation} {}", "x".repeat(self.length));
            let name = Some(self.name.as_str());
            Some(City {
                city_name: name,
                country_name: name,
                ..City::default()
            })
        }

        fn system(&mut self, _address: &str) -> Option<AutonomousSystem<'_>> {
            self.systems_asked += 1;
            Some(AutonomousSystem {
                number: Some("64500"),
                organization: None,
            })
        }

        fn another(&self) -> Box<dyn Lookups + Send> {
            Box::new(Cities::default())
        }
    }

    /// The place of an address is right, as the databases are now.
    fn check(known: &mut Answers, address: &str, cities: &mut Cities) -> bool {
        known.make_room();
        let (found, arena) = (known.get(address), Arena::new());
        let place = known.place_in(found, &arena);
        let place = place.or_else(|| known.find_place_in(address, cities, &arena));
        let place = place.unwrap();
        let city = format!("{{\"city_name\":\"{address} {} ", cities.edition.generation);
        assert!(place.city.starts_with(&city), "{address}: {}", place.city);
        assert!(place.city.ends_with("x\"}"), "{address}: {}", place.city);
        assert_eq!(place.system, "{\"number\":64500}");
        found.is_clean()
    }

    #[test]
    fn places_are_right_however_much_was_remembered() {
        let mut known = Answers::default();
        let mut cities = Cities {
            length: 300,
            ..Cities::default()
        };
        for number in 0..3 * SET * V4_SETS {
            // Of a few addresses the place is asked for again and again.
            for number in [number, number % 7] {
                let addresses = [
                    format!("192.0.2.{number}"),
                    format!("2001:db8::ffff:ffff:ffff:{number:x}"),
                    format!("::{number}"),
                    format!("fe80::1%{:x<60}", number),
                ];
                for address in &addresses {
                    let is_clean = check(&mut known, address, &mut cities);
                    assert!(!is_clean || number % 7 == 3, "{address}");
                    if number % 7 == 3 {
                        known.note_clean(address);
                        let is_remembered = address.len() <= LONG_BYTES;
                        assert_eq!(known.is_clean(address), is_remembered, "{address}");
                    }
                }
            }
            assert!(known.records.texts.len() < 2 * MAX_BYTES);
        }
    }

    #[test]
    fn addresses_are_asked_for_once_and_again_when_the_databases_change() {
        let mut known = Answers::default();
        let mut cities = Cities {
            length: 1,
            ..Cities::default()
        };
        let addresses = ["192.0.2.1", "192.0.2.2", "::1", "2001:db8::1", ""];
        for generation in 1..4 {
            cities.edition.generation = generation;
            known.begin(cities.edition);
            for address in addresses.into_iter().chain(addresses) {
                let is_clean = check(&mut known, address, &mut cities);
                assert!(!is_clean, "{address}: that was of other databases");
            }
            // What is no address is not remembered.
            assert_eq!(cities.asked, 6 * generation as usize);
            // All addresses are of one network.
            assert_eq!(cities.systems_asked, generation as usize);
            for address in addresses {
                known.note_clean(address);
            }
        }
    }

    #[test]
    fn what_is_too_long_is_not_remembered() {
        let mut known = Answers::default();
        for length in [1, 40_000, 1] {
            let mut cities = Cities {
                length,
                ..Cities::default()
            };
            cities.edition.generation = length as u64;
            known.begin(cities.edition);
            for _ in 0..2 {
                let arena = Arena::new();
                let place = known.find_place_in("192.0.2.1", &mut cities, &arena);
                assert_eq!(place.is_some(), length == 1);
                let found = known.get("192.0.2.1");
                assert_eq!(known.place_in(found, &arena).is_some(), length == 1);
            }
        }
    }
}
