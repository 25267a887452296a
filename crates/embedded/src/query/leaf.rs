//! Queries on one field, by the field's type.

use std::ops::Bound as EngineBound;

use tantivy::columnar::NumericalValue;
use tantivy::query::{
    AllQuery, BooleanQuery, EmptyQuery, ExistsQuery, PhraseQuery, RangeQuery, RegexPhraseQuery,
    TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption, Type};
use tantivy::{DateTime, Term};
use yagura_store::query::Bound;
use yagura_store::{FieldType, StoreError};

use super::column::{ColumnQuery, Columns};
use super::compile::{Boxed, Compiler, Meaning, bad, date_bound, zone_of};
use super::dictionary::{DictionaryQuery, Place, Wanted, text_value};
use super::matcher::{Matcher, plain_text, wildcard_chars};
use crate::columns::column_names;
use crate::convert::date;
use crate::routes::ID;
use crate::{ip, tokenizer};

/// Terms that are looked up one by one; more of them become a set.
const MAX_TERMS_ONE_BY_ONE: usize = 32;

/// The ways a value may stand in the dictionary, each with its kind in front.
pub(super) fn spellings(value: &str) -> Vec<Vec<u8>> {
    let mut spellings = vec![text_value(value)];
    let number = value.parse::<i64>().map(NumericalValue::I64);
    match number.or_else(|_| {
        value
            .parse::<f64>()
            .map(|number| NumericalValue::F64(number).normalize())
    }) {
        Ok(NumericalValue::I64(number)) => {
            spellings.push(fast_value(Type::I64, tantivy::i64_to_u64(number)))
        }
        Ok(NumericalValue::U64(number)) => spellings.push(fast_value(Type::U64, number)),
        Ok(NumericalValue::F64(number)) if number.is_finite() => {
            spellings.push(fast_value(Type::F64, tantivy::f64_to_u64(number)));
        }
        _ => {}
    }
    match value {
        "true" => spellings.push(fast_value(Type::Bool, 1)),
        "false" => spellings.push(fast_value(Type::Bool, 0)),
        _ => {}
    }
    if let Some(address) = ip::encode_text(value) {
        spellings.push(text_value(&address));
    }
    spellings
}

fn fast_value(kind: Type, value: u64) -> Vec<u8> {
    let mut bytes = vec![kind.to_code()];
    bytes.extend(value.to_be_bytes());
    bytes
}

fn path_term(field: Field, path: &str) -> Term {
    Term::from_field_json_path(field, path, true)
}

fn basic(term: Term) -> Boxed {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

/// A network written with whole octets, such as `10.0.*`.
fn octet_network(pattern: &str) -> Option<String> {
    let octets: Vec<&str> = pattern.strip_suffix(".*")?.split('.').collect();
    let whole = octets.len() < 4 && octets.iter().all(|octet| octet.parse::<u8>().is_ok());
    let padded: Vec<&str> = octets.iter().copied().chain(["0"; 4]).take(4).collect();
    whole.then(|| format!("{}/{}", padded.join("."), octets.len() * 8))
}

impl Compiler<'_> {
    fn text_term(&self, field: Field, path: &str, text: &str) -> Term {
        let mut term = path_term(field, path);
        term.append_type_and_str(text);
        term
    }

    /// The field has exactly this value.
    pub(super) fn term(&self, field: &str, value: &str) -> Result<Boxed, StoreError> {
        let typed = match self.meaning(field) {
            Meaning::Id => return Ok(basic(Term::from_field_text(self.fields.id, value))),
            Meaning::Index => return Ok(self.index_is(value)),
            Meaning::Message => return Ok(self.phrase_in(None, value, 0)),
            Meaning::Identifier => return Ok(self.identifier(field, value)),
            Meaning::Timestamp => FieldType::Date,
            Meaning::Dynamic => return Ok(self.any_spelling(field, value)),
            Meaning::Typed(kind) => kind,
        };
        Ok(match typed {
            FieldType::Keyword => self.text_is(field, value),
            FieldType::Text => self.phrase_in(Some(field), value, 0),
            FieldType::Date => {
                let bound = || Bound::Included(value.to_owned());
                self.range(field, &bound(), &bound(), None)?
            }
            FieldType::Ip => match ip::network_range(value) {
                Some((first, last)) => self.text_range(
                    field,
                    EngineBound::Included(first),
                    EngineBound::Included(last),
                ),
                None if ip::encode_text(value).is_some() => self.any_spelling(field, value),
                None => Box::new(EmptyQuery),
            },
            FieldType::Long | FieldType::Double | FieldType::Boolean => {
                self.any_spelling(field, value)
            }
            FieldType::GeoPoint => Box::new(EmptyQuery),
        })
    }

    fn index_is(&self, name: &str) -> Boxed {
        if yagura_store::names::wildcard_matches(name, &self.partition.key.index) {
            Box::new(AllQuery)
        } else {
            Box::new(EmptyQuery)
        }
    }

    /// An identifier is this; the one that is the document's id has no index of its own.
    fn identifier(&self, field: &str, value: &str) -> Boxed {
        let other = basic(self.text_term(self.fields.identifiers, field, value));
        if field == ID {
            return Self::either(basic(Term::from_field_text(self.fields.id, value)), other);
        }
        other
    }

    /// The field has this text, in its index or in its column.
    fn text_is(&self, field: &str, text: &str) -> Boxed {
        let bound = || EngineBound::Included(self.text_term(self.fields.columns, field, text));
        Self::either(
            basic(self.text_term(self.fields.values, field, text)),
            Box::new(RangeQuery::new(bound(), bound())),
        )
    }

    fn any_spelling(&self, field: &str, value: &str) -> Boxed {
        let mut queries: Vec<Boxed> = Vec::new();
        for spelling in spellings(value) {
            let kind = spelling.first().copied();
            let term = |place| {
                let mut term = path_term(place, field);
                term.append_bytes(&spelling);
                term
            };
            let numbers = [Type::I64, Type::U64, Type::F64];
            let is_number = |code| numbers.iter().any(|kind| kind.to_code() == code);
            // Numbers stand in columns alone, what is true or false in an index alone.
            if !kind.is_some_and(is_number) {
                queries.push(basic(term(self.fields.values)));
            }
            if kind != Some(Type::Bool.to_code()) {
                let bound = || EngineBound::Included(term(self.fields.columns));
                queries.push(Box::new(RangeQuery::new(bound(), bound())));
            }
        }
        Box::new(BooleanQuery::union(queries))
    }

    /// The field has one of these values.
    pub(super) fn terms(&self, field: &str, values: &[String]) -> Result<Boxed, StoreError> {
        if values.len() > MAX_TERMS_ONE_BY_ONE {
            let texts = |place| {
                let terms = values
                    .iter()
                    .map(|value| self.text_term(place, field, value));
                Box::new(TermSetQuery::new(terms))
            };
            let ids = || {
                let terms = values
                    .iter()
                    .map(|value| Term::from_field_text(self.fields.id, value));
                Box::new(TermSetQuery::new(terms))
            };
            match self.meaning(field) {
                Meaning::Id => return Ok(ids()),
                Meaning::Identifier if field == ID => {
                    return Ok(Self::either(ids(), texts(self.fields.identifiers)));
                }
                Meaning::Identifier => return Ok(texts(self.fields.identifiers)),
                _ if values.iter().all(|value| !value.contains('/')) => {
                    let wanted = values.iter().flat_map(|value| spellings(value)).collect();
                    return Ok(self.values_are(field, Wanted::Exactly(wanted)));
                }
                _ => {}
            }
        }
        let queries: Result<Vec<Boxed>, StoreError> =
            values.iter().map(|value| self.term(field, value)).collect();
        Ok(Box::new(BooleanQuery::union(queries?)))
    }

    /// The field has values as wanted, in its index or in its column.
    fn values_are(&self, field: &str, wanted: Wanted) -> Boxed {
        Self::either(
            Box::new(DictionaryQuery {
                place: Place::Path(self.fields.values, field.to_owned()),
                wanted: wanted.clone(),
            }),
            Box::new(ColumnQuery {
                columns: Columns::Of(field.to_owned()),
                wanted,
            }),
        )
    }

    /// The field has any value.
    pub(super) fn exists(&self, field: &str) -> Boxed {
        let anything = |place| {
            Box::new(DictionaryQuery {
                place,
                wanted: Wanted::Anything,
            })
        };
        match self.meaning(field) {
            Meaning::Id | Meaning::Index | Meaning::Timestamp => Box::new(AllQuery),
            Meaning::Message => anything(Place::Whole(self.fields.message)),
            Meaning::Identifier if field == ID => Box::new(AllQuery),
            Meaning::Identifier => anything(Place::Path(self.fields.identifiers, field.to_owned())),
            _ => {
                let columns = column_names(field).map(|name| ExistsQuery::new(name, true));
                let columns = columns.map(|query| Box::new(query) as Boxed);
                let texts = anything(Place::Path(self.fields.texts, field.to_owned()));
                Box::new(BooleanQuery::union(
                    columns.into_iter().chain([texts as Boxed]).collect(),
                ))
            }
        }
    }

    /// The field has text a matcher accepts.
    pub(super) fn matching(&self, field: &str, matcher: &Matcher) -> Boxed {
        let meaning = self.meaning(field);
        let place = match meaning {
            Meaning::Id => Place::Whole(self.fields.id),
            Meaning::Identifier if field == ID => Place::Whole(self.fields.id),
            Meaning::Message => Place::Whole(self.fields.message),
            Meaning::Identifier => Place::Path(self.fields.identifiers, field.to_owned()),
            Meaning::Typed(FieldType::Text) => Place::Path(self.fields.texts, field.to_owned()),
            _ => {
                let matcher = match meaning {
                    Meaning::Typed(FieldType::Ip) => matcher.clone().for_addresses(),
                    _ => matcher.clone(),
                };
                return self.values_are(field, Wanted::Text(matcher));
            }
        };
        Box::new(DictionaryQuery {
            place,
            wanted: Wanted::Text(matcher.clone()),
        })
    }

    /// `*` and `?` over the field's value.
    pub(super) fn wildcard(
        &self,
        field: &str,
        pattern: &str,
        ignore_case: bool,
    ) -> Result<Boxed, StoreError> {
        if pattern == "*" {
            return Ok(self.exists(field));
        }
        let meaning = self.meaning(field);
        if let Some(text) = plain_text(pattern).filter(|_| !ignore_case) {
            return self.term(field, &text);
        }
        match meaning {
            Meaning::Message => return self.wildcard_in_text(None, pattern),
            Meaning::Typed(FieldType::Text) => return self.wildcard_in_text(Some(field), pattern),
            Meaning::Typed(FieldType::Ip) => {
                if let Some(network) = octet_network(pattern) {
                    return self.term(field, &network);
                }
            }
            Meaning::Index => return Ok(self.index_is(pattern)),
            _ => {}
        }
        let matcher =
            Matcher::wildcard(pattern, ignore_case).map_err(|message| bad(field, message))?;
        Ok(self.matching(field, &matcher))
    }

    /// `*` and `?` over the words of analysed text; several words must follow one another.
    pub(super) fn wildcard_in_text(
        &self,
        path: Option<&str>,
        pattern: &str,
    ) -> Result<Boxed, StoreError> {
        let mut words: Vec<String> = vec![String::new()];
        for (c, escaped) in wildcard_chars(pattern) {
            let is_wildcard = !escaped && matches!(c, '*' | '?');
            if is_wildcard {
                if let Some(word) = words.last_mut() {
                    word.push(c);
                }
            } else if c.is_alphanumeric() || c == '_' {
                if let Some(word) = words.last_mut() {
                    word.extend(c.to_lowercase());
                }
            } else {
                words.push(String::new());
            }
        }
        // A lone `*` beside a separator stands for text that need not be there.
        words.retain(|word| !word.is_empty() && word != "*");
        let Some(first) = words.first() else {
            return Ok(Box::new(AllQuery));
        };
        if let (None, true) = (path, words.len() > 1) {
            let expressions = words
                .iter()
                .map(|word| word.replace('*', ".*").replace('?', "."))
                .collect();
            let mut phrase = RegexPhraseQuery::new(self.fields.message, expressions);
            phrase.set_max_expansions(65_536);
            return Ok(Box::new(phrase));
        }
        let place = match path {
            None => Place::Whole(self.fields.message),
            Some(path) => Place::Path(self.fields.texts, path.to_owned()),
        };
        let query = |word: &str| -> Result<Boxed, StoreError> {
            let matcher =
                Matcher::wildcard(word, false).map_err(|message| bad("query.wildcard", message))?;
            Ok(Box::new(DictionaryQuery {
                place: place.clone(),
                wanted: Wanted::Text(matcher),
            }))
        };
        if words.len() == 1 {
            return query(first);
        }
        let all: Result<Vec<Boxed>, StoreError> = words.iter().map(|word| query(word)).collect();
        Ok(Box::new(BooleanQuery::intersection(all?)))
    }

    /// Words of a text: on analysed text any or all of them, elsewhere the value itself.
    pub(super) fn match_text(
        &self,
        field: &str,
        text: &str,
        all_words: bool,
    ) -> Result<Boxed, StoreError> {
        match self.meaning(field) {
            Meaning::Message => Ok(self.words_in(None, text, all_words)),
            Meaning::Typed(FieldType::Text) => Ok(self.words_in(Some(field), text, all_words)),
            _ => self.term(field, text),
        }
    }

    /// Words one after the other; outside analysed text the value itself.
    pub(super) fn phrase(&self, field: &str, text: &str, slop: u32) -> Result<Boxed, StoreError> {
        match self.meaning(field) {
            Meaning::Message => Ok(self.phrase_in(None, text, slop)),
            Meaning::Typed(FieldType::Text) => Ok(self.phrase_in(Some(field), text, slop)),
            _ => self.term(field, text),
        }
    }

    fn word_term(&self, path: Option<&str>, word: &str) -> Term {
        match path {
            None => Term::from_field_text(self.fields.message, word),
            Some(path) => self.text_term(self.fields.texts, path, word),
        }
    }

    /// Any or all of the blank-separated parts; a part such as `10.0.1.5` is a phrase of its own.
    pub(super) fn words_in(&self, path: Option<&str>, text: &str, all_words: bool) -> Boxed {
        let mut parts: Vec<Boxed> = Vec::new();
        for part in text.split_whitespace() {
            if !tokenizer::words(part).is_empty() {
                parts.push(self.phrase_in(path, part, 0));
            }
        }
        match (parts.len(), all_words) {
            (0, _) => Box::new(EmptyQuery),
            (_, true) => Box::new(BooleanQuery::intersection(parts)),
            (_, false) => Box::new(BooleanQuery::union(parts)),
        }
    }

    /// The words of a text one after the other.
    pub(super) fn phrase_in(&self, path: Option<&str>, text: &str, slop: u32) -> Boxed {
        let mut terms: Vec<Term> = tokenizer::words(text)
            .iter()
            .map(|word| self.word_term(path, word))
            .collect();
        match terms.len() {
            0 => Box::new(EmptyQuery),
            1 => terms
                .pop()
                .map_or_else(|| Box::new(EmptyQuery) as Boxed, basic),
            _ => {
                let mut phrase = PhraseQuery::new(terms);
                phrase.set_slop(slop);
                Box::new(phrase)
            }
        }
    }

    /// The field lies between the bounds.
    pub(super) fn range(
        &self,
        field: &str,
        lower: &Bound,
        upper: &Bound,
        time_zone: Option<&str>,
    ) -> Result<Boxed, StoreError> {
        if matches!((lower, upper), (Bound::Unbounded, Bound::Unbounded)) {
            return Ok(self.exists(field));
        }
        Ok(match self.meaning(field) {
            Meaning::Timestamp => {
                let (from, to) = self.date_bounds(lower, upper, time_zone)?;
                let end = |ms: Option<i64>| match ms {
                    Some(ms) => {
                        EngineBound::Included(Term::from_field_i64(self.fields.timestamp, ms))
                    }
                    None => EngineBound::Unbounded,
                };
                Box::new(RangeQuery::new(end(from), end(to)))
            }
            Meaning::Typed(FieldType::Date) => self.date_range(field, lower, upper, time_zone)?,
            Meaning::Typed(FieldType::Long | FieldType::Double) => {
                self.number_range(field, lower, upper)?
            }
            Meaning::Typed(FieldType::Ip) => {
                let encoded = |bound: &Bound| -> Result<EngineBound<String>, StoreError> {
                    map_bound(bound, |text| {
                        ip::encode_text(text).ok_or_else(|| {
                            bad(field, format!("cannot read `{text}` as an address"))
                        })
                    })
                };
                self.text_range(field, encoded(lower)?, encoded(upper)?)
            }
            Meaning::Dynamic => {
                let text = self.plain_range(field, lower, upper)?;
                match self.number_range(field, lower, upper) {
                    Ok(numbers) => Self::either(numbers, text),
                    Err(_) => text,
                }
            }
            Meaning::Typed(FieldType::Keyword) => self.plain_range(field, lower, upper)?,
            _ => {
                return Err(bad(
                    field,
                    format!(
                        "`{field}` has no order; a range needs a number, date, address or keyword"
                    ),
                ));
            }
        })
    }

    fn plain_range(&self, field: &str, lower: &Bound, upper: &Bound) -> Result<Boxed, StoreError> {
        let plain = |bound: &Bound| map_bound(bound, |text| Ok(text.to_owned()));
        Ok(self.text_range(field, plain(lower)?, plain(upper)?))
    }

    fn text_range(
        &self,
        field: &str,
        lower: EngineBound<String>,
        upper: EngineBound<String>,
    ) -> Boxed {
        let range = |place| {
            let term = |text: &String| self.text_term(place, field, text);
            Box::new(RangeQuery::new(
                lower.as_ref().map(term),
                upper.as_ref().map(term),
            ))
        };
        Self::either(range(self.fields.values), range(self.fields.columns))
    }

    fn date_bounds(
        &self,
        lower: &Bound,
        upper: &Bound,
        time_zone: Option<&str>,
    ) -> Result<(Option<i64>, Option<i64>), StoreError> {
        let zone = zone_of(time_zone)?;
        let from = date_bound(lower, true, self.now_ms, &zone)?;
        Ok((from, date_bound(upper, false, self.now_ms, &zone)?))
    }

    fn date_range(
        &self,
        field: &str,
        lower: &Bound,
        upper: &Bound,
        time_zone: Option<&str>,
    ) -> Result<Boxed, StoreError> {
        let (from, to) = self.date_bounds(lower, upper, time_zone)?;
        let term = |nanos: i64| {
            let mut term = path_term(self.fields.columns, field);
            term.append_type_and_fast_value(DateTime::from_timestamp_nanos(nanos));
            EngineBound::Included(term)
        };
        let nanos = |ms: i64| date(ms).map(DateTime::into_timestamp_nanos);
        // What lies beyond the engine's time bounds nothing on one side and everything on the other.
        let lower = match from {
            Some(ms) => term(nanos(ms).unwrap_or(if ms < 0 { i64::MIN } else { i64::MAX })),
            None => EngineBound::Unbounded,
        };
        let upper = match to {
            Some(ms) => {
                let end = nanos(ms).and_then(|nanos| nanos.checked_add(999_999));
                term(end.unwrap_or(if ms < 0 { i64::MIN } else { i64::MAX }))
            }
            None => EngineBound::Unbounded,
        };
        Ok(Box::new(RangeQuery::new(lower, upper)))
    }

    fn number_range(&self, field: &str, lower: &Bound, upper: &Bound) -> Result<Boxed, StoreError> {
        let is_whole = |bound: &Bound| match bound {
            Bound::Unbounded => true,
            Bound::Included(text) | Bound::Excluded(text) => text.trim().parse::<i64>().is_ok(),
        };
        let whole = is_whole(lower) && is_whole(upper);
        let term = |bound: &Bound| {
            map_bound(bound, |text| {
                let mut term = path_term(self.fields.columns, field);
                let unreadable = || bad(field, format!("cannot read `{text}` as a number"));
                if whole {
                    term.append_type_and_fast_value::<i64>(
                        text.trim().parse().map_err(|_| unreadable())?,
                    );
                } else {
                    let number: f64 = text.trim().parse().map_err(|_| unreadable())?;
                    if !number.is_finite() {
                        return Err(unreadable());
                    }
                    term.append_type_and_fast_value::<f64>(number);
                }
                Ok(term)
            })
        };
        Ok(Box::new(RangeQuery::new(term(lower)?, term(upper)?)))
    }
}

fn map_bound<T>(
    bound: &Bound,
    convert: impl Fn(&str) -> Result<T, StoreError>,
) -> Result<EngineBound<T>, StoreError> {
    Ok(match bound {
        Bound::Unbounded => EngineBound::Unbounded,
        Bound::Included(text) => EngineBound::Included(convert(text)?),
        Bound::Excluded(text) => EngineBound::Excluded(convert(text)?),
    })
}
