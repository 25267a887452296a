//! The short way through the mappings, for records whose layout is known.
//!
//! The rows of a table, and the lines that a pattern or a tokeniser took apart, have the same keys
//! in the same places. So where each field of the common schema comes from is worked out for the
//! first of them. For the others nothing is searched, and values go from the record's members
//! straight to the objects they belong in.

use bumpalo::collections::Vec as ArenaVec;
use yagura_model::{Arena, Layout, Object, Spot, Value, text_says_nothing};

use super::{
    Addresses, CloudPart, Common, EcsMapping, Mapping, Origin, Static, sorted_list, text_list,
};
use crate::skeleton::{FieldValues, Forms, odd_bit};

/// Layouts that are kept: a log type has one for each way in which its lines are taken apart.
const MAX_LAYOUTS: usize = 4;

/// The layouts that were met.
#[derive(Debug, Clone, Default)]
pub(super) struct Straights {
    known: Vec<(Layout, Option<(Straight, Forms)>)>,
    /// The one that was needed last.
    last: usize,
}

/// Where the fields of the common schema come from in records of one layout.
#[derive(Debug, Clone)]
pub(super) struct Straight {
    /// The number of each field's value: first come texts, those in [`FIRST_TEXTS`], those that are
    /// known and those of the record; then come lists, those of the record and those that are known.
    numbers: Vec<usize>,
    /// What is the same in every record.
    known: Known,
    texts: Vec<TextField>,
    lists: Vec<List>,
    /// The mappings of the cloud's account and region; the last that has a value counts.
    accounts: Vec<Places>,
    regions: Vec<Places>,
    /// The bits of the fields that every record has, and of those that tell of a cloud.
    always: u128,
    cloud: u128,
    /// Every record is of a cloud.
    is_cloud: bool,
    account_bit: u128,
    region_bit: u128,
}

/// The first texts: time of loading, account and region.
const FIRST_TEXTS: usize = 3;
const INGESTED: usize = 0;
const ACCOUNT: usize = 1;
const REGION: usize = 2;

/// A field whose value is a text of the record.
#[derive(Debug, Clone)]
struct TextField {
    places: Places,
    bit: u128,
    is_address: bool,
}

/// A field whose value is a list of texts of the record.
#[derive(Debug, Clone)]
struct List {
    sources: Vec<Places>,
    bit: u128,
    is_address: bool,
}

/// Values that are the same in every record.
#[derive(Debug, Clone, Default)]
struct Known {
    texts: Vec<&'static str>,
    lists: Vec<Vec<&'static str>>,
}

/// The members that may have a value; the first that says something has it.
#[derive(Debug, Clone)]
struct Places {
    first: usize,
    others: Box<[usize]>,
}

/// A member holds what is no text; the long way knows what to do with it.
struct NoText;

impl Places {
    /// The text that is found; empty if there is none.
    #[inline(always)]
    fn text<'a>(&self, record: &Object<'a>) -> Result<&'a str, NoText> {
        match record.value_at(self.first) {
            Some(Value::Text(text)) if !text.is_empty() => Ok(text),
            Some(Value::Null | Value::Text(_)) if self.others.is_empty() => Ok(""),
            first => self.other(first, record),
        }
    }

    #[inline(never)]
    fn other<'a>(&self, first: Option<&Value<'a>>, record: &Object<'a>) -> Result<&'a str, NoText> {
        let others = self.others.iter().map(|at| record.value_at(*at));
        for value in [first].into_iter().chain(others) {
            match value {
                Some(Value::Text(text)) if !text.is_empty() => return Ok(text),
                Some(Value::Null | Value::Text(_)) => {}
                _ => return Err(NoText),
            }
        }
        Ok("")
    }
}

/// What was found in a record, and what is known of it.
struct Found<'s, 'a> {
    /// The bits of the fields that have a value.
    present: u128,
    texts: &'a [&'a str],
    lists: ArenaVec<'a, Value<'a>>,
    known_lists: &'s [Vec<&'static str>],
    odd: u128,
    arena: &'a Arena,
}

impl<'a> FieldValues<'a> for Found<'_, 'a> {
    #[inline(always)]
    fn value(&mut self, number: usize) -> Value<'a> {
        if let Some(text) = self.texts.get(number) {
            return Value::Text(text);
        }
        let number = number - self.texts.len();
        match self.lists.get_mut(number) {
            Some(list) => list.take(),
            None => text_list(&self.known_lists[number - self.lists.len()], self.arena),
        }
    }

    fn texts(&self) -> &'a [&'a str] {
        self.texts
    }

    fn odd(&self) -> u128 {
        self.odd
    }
}

impl EcsMapping {
    /// Maps the record the short way; says whether that was possible.
    pub(super) fn apply_straight<'a>(
        &mut self,
        record: &mut Object<'a>,
        common: Common<'a>,
        origin: Origin<'a>,
        arena: &'a Arena,
    ) -> bool {
        if common.error.is_some() || origin.container.is_some() || self.skeleton.is_by_name(record)
        {
            return false;
        }
        let Some(layout) = record.layout() else {
            return false;
        };
        let known = self.straights.known.get(self.straights.last);
        if known.is_none_or(|(known, _)| *known != layout) {
            self.turn_to(layout, record);
        }
        let known = self.straights.known.get_mut(self.straights.last);
        let Some((_, Some((straight, forms)))) = known else {
            return false;
        };
        let Ok(mut found) = straight.find(record, common, origin, arena) else {
            return false;
        };
        let make = || {
            let skeleton = &self.skeleton;
            skeleton.form(found.present, |field| straight.numbers[field])
        };
        forms
            .of(found.present, make)
            .fill(&mut found, record, arena);
        true
    }

    /// Makes a layout the one that was needed last.
    #[cold]
    fn turn_to(&mut self, layout: Layout, record: &Object<'_>) {
        let known = &self.straights.known;
        if let Some(place) = known.iter().position(|(known, _)| *known == layout) {
            self.straights.last = place;
            return;
        }
        let straight = Straight::new(self, record);
        let straights = &mut self.straights;
        if straights.known.len() >= MAX_LAYOUTS {
            straights.known.clear();
        }
        straights.last = straights.known.len();
        let straight = straight.map(|straight| (straight, Forms::default()));
        straights.known.push((layout, straight));
    }
}

/// Where the value of a field comes from.
#[derive(Debug, Clone, Copy)]
enum Lead {
    Nowhere,
    /// By number among the first texts, those that are known, those of the record, lists of the
    /// record and known lists.
    First(usize),
    Known(usize),
    Record(usize),
    List(usize),
    KnownList(usize),
}

impl Straight {
    /// Works out where the fields come from; `None` if it is not told by the layout alone.
    fn new(ecs: &EcsMapping, record: &Object<'_>) -> Option<Straight> {
        let mut draft = StraightDraft {
            straight: Straight {
                numbers: Vec::new(),
                known: Known::default(),
                texts: Vec::new(),
                lists: Vec::new(),
                accounts: Vec::new(),
                regions: Vec::new(),
                always: 0,
                cloud: 0,
                is_cloud: ecs.provider.is_some(),
                account_bit: 0,
                region_bit: 0,
            },
            ecs,
            record,
            fields: Vec::new(),
        };
        // In the order of the skeleton's fields.
        draft.add_known(Some(ecs.module));
        draft.straight.always |= draft.bit();
        draft.fields.push(Lead::First(INGESTED));
        draft.fields.push(Lead::Nowhere);
        draft.add_known(Some(ecs.version));
        draft.add_known(ecs.provider);
        for mapping in &ecs.fields {
            draft.add_mapping(mapping)?;
        }
        // Without a container there is neither its instance nor itself.
        draft.fields.extend([Lead::Nowhere; 2]);
        draft.straight.account_bit = draft.bit();
        draft.fields.push(Lead::First(ACCOUNT));
        draft.straight.region_bit = draft.bit();
        draft.fields.push(Lead::First(REGION));
        for value in &ecs.statics {
            match value {
                Static::Text(text) => draft.add_known(Some(text)),
                Static::List(texts) => {
                    draft.straight.always |= draft.bit();
                    let lists = &mut draft.straight.known.lists;
                    draft.fields.push(Lead::KnownList(lists.len()));
                    lists.push(texts.clone());
                }
            }
        }
        Some(draft.finish())
    }

    /// How many texts there are; lists come behind them.
    fn texts_len(&self) -> usize {
        FIRST_TEXTS + self.known.texts.len() + self.texts.len()
    }

    /// Finds out which fields have a value in a record, and their values.
    fn find<'a>(
        &self,
        record: &Object<'a>,
        common: Common<'a>,
        origin: Origin<'a>,
        arena: &'a Arena,
    ) -> Result<Found<'_, 'a>, NoText> {
        let (mut present, mut odd) = (self.always, 0);
        let mut addresses = Addresses::default();
        let mut texts = ArenaVec::with_capacity_in(self.texts_len(), arena);
        texts.extend([common.ingested, "", ""]);
        texts.extend(self.known.texts.iter().copied());
        for field in &self.texts {
            let text = field.places.text(record)?;
            if !text.is_empty() && (!field.is_address || addresses.has(text)) {
                present |= field.bit;
                if text_says_nothing(text) {
                    odd |= odd_bit(texts.len());
                }
            }
            texts.push(text);
        }
        let mut lists = ArenaVec::with_capacity_in(self.lists.len(), arena);
        for list in &self.lists {
            let mut found = ArenaVec::with_capacity_in(list.sources.len(), arena);
            for places in &list.sources {
                let text = places.text(record)?;
                if !text.is_empty() && (!list.is_address || addresses.has(text)) {
                    found.push(text);
                }
            }
            let value = sorted_list(found, arena);
            if value.is_some() {
                present |= list.bit;
            }
            lists.push(value.unwrap_or(Value::Null));
        }
        let last = |places: &[Places]| {
            let mut found = "";
            for places in places {
                let text = places.text(record)?;
                if !text.is_empty() {
                    found = text;
                }
            }
            Ok((!found.is_empty()).then_some(found))
        };
        let (mut account, mut region) = (last(&self.accounts)?, last(&self.regions)?);
        // An account or region that is mapped tells of a cloud too.
        let is_mapped = present & self.cloud != 0 || account.is_some() || region.is_some();
        if self.is_cloud || is_mapped {
            account = match account {
                Some("unknown") => origin.account,
                mapped => mapped.or(origin.account).or(Some("unknown")),
            };
            region = region.or(origin.region).or(Some("unknown"));
        }
        let parts = [
            (ACCOUNT, account, self.account_bit),
            (REGION, region, self.region_bit),
        ];
        for (number, text, bit) in parts {
            if let Some(text) = text {
                present |= bit;
                texts[number] = text;
                if text_says_nothing(text) {
                    odd |= odd_bit(number);
                }
            }
        }
        Ok(Found {
            present,
            texts: texts.into_bump_slice(),
            lists,
            known_lists: &self.known.lists,
            odd,
            arena,
        })
    }
}

/// A way that is being worked out.
struct StraightDraft<'r, 'a> {
    straight: Straight,
    ecs: &'r EcsMapping,
    record: &'r Object<'a>,
    /// Where the values of the skeleton's fields so far come from.
    fields: Vec<Lead>,
}

impl StraightDraft<'_, '_> {
    /// The bit of the next field.
    fn bit(&self) -> u128 {
        self.ecs.skeleton.bit(self.fields.len())
    }

    /// Adds the next field, which has the same text in every record, or none.
    fn add_known(&mut self, text: Option<&'static str>) {
        let Some(text) = text else {
            self.fields.push(Lead::Nowhere);
            return;
        };
        self.straight.always |= self.bit();
        self.fields
            .push(Lead::Known(self.straight.known.texts.len()));
        self.straight.known.texts.push(text);
    }

    /// Adds the field of a mapping.
    fn add_mapping(&mut self, mapping: &Mapping) -> Option<()> {
        let places = self.places(mapping.source)?;
        match mapping.part_of_cloud {
            // These are looked at one by one.
            Some(_) if mapping.is_address || mapping.is_list => return None,
            Some(CloudPart::Account) => self.straight.accounts.extend(places),
            Some(CloudPart::Region) => self.straight.regions.extend(places),
            None => {
                let bit = self.bit();
                if mapping.is_cloud {
                    self.straight.cloud |= bit;
                }
                let is_address = mapping.is_address;
                if mapping.is_list {
                    let more = mapping.more.clone().map(|source| self.places(source));
                    let more: Vec<_> = more.collect::<Option<_>>()?;
                    self.fields.push(Lead::List(self.straight.lists.len()));
                    self.straight.lists.push(List {
                        sources: places
                            .into_iter()
                            .chain(more.into_iter().flatten())
                            .collect(),
                        bit,
                        is_address,
                    });
                } else if let Some(places) = places {
                    self.fields.push(Lead::Record(self.straight.texts.len()));
                    self.straight.texts.push(TextField {
                        places,
                        bit,
                        is_address,
                    });
                } else {
                    self.fields.push(Lead::Nowhere);
                }
            }
        }
        Some(())
    }

    /// The members that may have the value of a source; `None` if it may lie inside of a member.
    fn places(&self, source: usize) -> Option<Option<Places>> {
        let mut places = Vec::new();
        for path in self.ecs.sources.paths_of(source) {
            match path.spot(self.record) {
                Spot::Member(at) => places.push(at),
                Spot::Inside => return None,
                Spot::Nowhere => {}
            }
        }
        let places = places.split_first().map(|(first, others)| Places {
            first: *first,
            others: others.into(),
        });
        Some(places)
    }

    /// Numbers the values.
    fn finish(self) -> Straight {
        let mut straight = self.straight;
        let of_record = FIRST_TEXTS + straight.known.texts.len();
        let lists = straight.texts_len();
        let known_lists = lists + straight.lists.len();
        let numbers = self.fields.iter().map(|from| match from {
            Lead::Nowhere => usize::MAX,
            Lead::First(number) => *number,
            Lead::Known(number) => FIRST_TEXTS + number,
            Lead::Record(number) => of_record + number,
            Lead::List(number) => lists + number,
            Lead::KnownList(number) => known_lists + number,
        });
        straight.numbers = numbers.collect();
        straight
    }
}
