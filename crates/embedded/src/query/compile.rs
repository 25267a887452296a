//! Queries of many clauses and of many fields; single fields are `leaf`'s.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::tz::TimeZone;
use tantivy::query::{
    AllQuery, BooleanQuery, EmptyQuery, Occur, Query as EngineQuery, TermSetQuery,
};
use tantivy::{SegmentReader, Term};
use yagura_store::dates::{Edge, parse_instant, parse_time_zone};
use yagura_store::names::wildcard_matches;
use yagura_store::query::{BoolQuery, Bound};
use yagura_store::{FieldCatalog, FieldType, Query, StoreError};

use super::column::{ColumnQuery, Columns};
use super::dictionary::{DictionaryQuery, PathLister, Place, Wanted, texts};
use super::matcher::{Matcher, plain_text};
use crate::partition::Partition;
use crate::routes::{ID, MESSAGE, TIMESTAMP};
use crate::schema::Fields;

pub(super) type Boxed = Box<dyn EngineQuery>;

/// Translates queries for one partition.
pub(crate) struct Compiler<'a> {
    pub(crate) fields: Fields,
    pub(crate) catalog: &'a FieldCatalog,
    pub(crate) identifiers: &'a Arc<HashSet<String>>,
    pub(crate) partition: &'a Arc<Partition>,
    pub(crate) now_ms: i64,
}

/// What a field path means in this partition.
pub(super) enum Meaning {
    Id,
    Index,
    Timestamp,
    Message,
    Identifier,
    Typed(FieldType),
    Dynamic,
}

pub(super) fn bad(path: &str, message: impl Into<String>) -> StoreError {
    StoreError::BadRequest {
        kind: "query_shard_exception",
        path: path.to_owned(),
        message: message.into(),
    }
}

/// The zone of a range.
pub(crate) fn zone_of(name: Option<&str>) -> Result<TimeZone, StoreError> {
    let name = name.unwrap_or("UTC");
    parse_time_zone(name).ok_or_else(|| {
        bad(
            "query.range",
            format!("time zone `{name}` is not known; use an IANA name or an offset"),
        )
    })
}

/// The first or last millisecond a bound lets in.
pub(crate) fn date_bound(
    bound: &Bound,
    is_lower: bool,
    now_ms: i64,
    zone: &TimeZone,
) -> Result<Option<i64>, StoreError> {
    let (text, edge, shift) = match (bound, is_lower) {
        (Bound::Unbounded, _) => return Ok(None),
        (Bound::Included(text), true) => (text, Edge::Start, 0),
        (Bound::Excluded(text), true) => (text, Edge::End, 1),
        (Bound::Included(text), false) => (text, Edge::End, 0),
        (Bound::Excluded(text), false) => (text, Edge::Start, -1),
    };
    let instant = parse_instant(text, now_ms, zone, edge);
    let instant = instant.ok_or_else(|| {
        let hint = "use ISO 8601, milliseconds since the epoch, or date math such as `now-24h`";
        bad(
            "query.range",
            format!("cannot read `{text}` as a date; {hint}"),
        )
    })?;
    Ok(Some(instant.saturating_add(shift)))
}

impl Compiler<'_> {
    /// The engine's query.
    pub(crate) fn compile(&self, query: &Query) -> Result<Boxed, StoreError> {
        Ok(match query {
            Query::MatchAll => Box::new(AllQuery),
            Query::MatchNone => Box::new(EmptyQuery),
            Query::Bool(query) => self.compile_bool(query)?,
            Query::Term {
                field,
                value,
                case_insensitive,
            } => match (self.is_pattern(field), case_insensitive) {
                (true, _) => self.every_field(Some(field), value),
                (false, false) => self.term(field, value)?,
                (false, true) => self.matching(
                    field,
                    &Matcher::same_but_case(value).map_err(|m| bad(field, m))?,
                ),
            },
            Query::Terms { field, values } => self.terms(field, values)?,
            Query::Range {
                field,
                lower,
                upper,
                time_zone,
            } => self.range(field, lower, upper, time_zone.as_deref())?,
            Query::Exists { field } => self.exists(field),
            Query::Prefix {
                field,
                value,
                case_insensitive,
            } => self.matching(
                field,
                &Matcher::prefix(value, *case_insensitive).map_err(|m| bad(field, m))?,
            ),
            Query::Wildcard {
                field: Some(field),
                pattern,
                case_insensitive,
            } if !self.is_pattern(field) => self.wildcard(field, pattern, *case_insensitive)?,
            Query::Wildcard {
                field,
                pattern,
                case_insensitive,
            } => self.wildcard_everywhere(field.as_deref(), pattern, *case_insensitive)?,
            Query::Regexp { field, pattern } => {
                self.matching(field, &Matcher::regexp(pattern).map_err(|m| bad(field, m))?)
            }
            Query::Match {
                field: Some(field),
                text,
                all_words,
            } if !self.is_pattern(field) => self.match_text(field, text, *all_words)?,
            Query::Match {
                field,
                text,
                all_words,
            } => {
                let in_message = self.words_in(None, text, *all_words);
                self.or_message(
                    field.as_deref(),
                    self.every_field(field.as_deref(), text),
                    in_message,
                )
            }
            Query::Phrase {
                field: Some(field),
                text,
                slop,
            } if !self.is_pattern(field) => self.phrase(field, text, *slop)?,
            Query::Phrase { field, text, slop } => {
                let in_message = self.phrase_in(None, text, *slop);
                self.or_message(
                    field.as_deref(),
                    self.every_field(field.as_deref(), text),
                    in_message,
                )
            }
            Query::Ids(ids) => Box::new(TermSetQuery::new(
                ids.iter()
                    .map(|id| Term::from_field_text(self.fields.id, id)),
            )),
        })
    }

    fn is_pattern(&self, field: &str) -> bool {
        field.contains('*')
    }

    pub(super) fn meaning(&self, field: &str) -> Meaning {
        match field {
            "_id" => Meaning::Id,
            "_index" => Meaning::Index,
            TIMESTAMP => Meaning::Timestamp,
            MESSAGE => Meaning::Message,
            field if self.identifiers.contains(field) => Meaning::Identifier,
            field => match self.catalog.lookup(&self.partition.key.index, field) {
                Some(declared) => Meaning::Typed(declared.field_type),
                None => Meaning::Dynamic,
            },
        }
    }

    fn compile_bool(&self, query: &BoolQuery) -> Result<Boxed, StoreError> {
        let mut clauses: Vec<(Occur, Boxed)> = Vec::new();
        for clause in query.must.iter().chain(&query.filter) {
            clauses.push((Occur::Must, self.compile(clause)?));
        }
        let required = query
            .minimum_should_match
            .unwrap_or(usize::from(clauses.is_empty()));
        if !query.should.is_empty() && required > query.should.len() {
            return Ok(Box::new(EmptyQuery));
        }
        // Without scores a `should` that nothing requires changes nothing.
        if !query.should.is_empty() && required > 0 {
            let mut should = Vec::with_capacity(query.should.len());
            for clause in &query.should {
                should.push((Occur::Should, self.compile(clause)?));
            }
            let any = BooleanQuery::with_minimum_required_clauses(should, required);
            clauses.push((Occur::Must, Box::new(any)));
        }
        if clauses.is_empty() {
            clauses.push((Occur::Must, Box::new(AllQuery)));
        }
        for clause in &query.must_not {
            clauses.push((Occur::MustNot, self.compile(clause)?));
        }
        match clauses.pop() {
            Some((Occur::Must, only)) if clauses.is_empty() => Ok(only),
            Some(last) => {
                clauses.push(last);
                Ok(Box::new(BooleanQuery::new(clauses)))
            }
            None => Ok(Box::new(AllQuery)),
        }
    }

    /// One of two queries.
    pub(super) fn either(first: Boxed, second: Boxed) -> Boxed {
        Box::new(BooleanQuery::union(vec![first, second]))
    }

    fn or_message(&self, pattern: Option<&str>, elsewhere: Boxed, in_message: Boxed) -> Boxed {
        match pattern {
            Some(pattern) if !wildcard_matches(pattern, MESSAGE) => elsewhere,
            _ => Self::either(elsewhere, in_message),
        }
    }

    /// Paths with columns that a pattern means.
    fn lister(&self, pattern: Option<&str>) -> PathLister {
        let partition = Arc::clone(self.partition);
        let pattern = pattern.map(str::to_owned);
        Arc::new(move |segment: &SegmentReader| {
            let fields = partition
                .segment_fields(segment)
                .map_err(|error| tantivy::TantivyError::InternalError(error.to_string()))?;
            let mut paths: Vec<String> =
                fields.paths.iter().map(|(path, _)| path.clone()).collect();
            paths.dedup();
            paths.retain(|path| {
                pattern
                    .as_deref()
                    .is_none_or(|pattern| wildcard_matches(pattern, path))
            });
            Ok(paths)
        })
    }

    fn identifier_lister(&self, pattern: Option<&str>) -> PathLister {
        let mut paths: Vec<String> = self.identifiers.iter().cloned().collect();
        paths.retain(|path| pattern.is_none_or(|pattern| wildcard_matches(pattern, path)));
        Arc::new(move |_: &SegmentReader| Ok(paths.clone()))
    }

    /// Documents with exactly this value in any field a pattern means.
    fn every_field(&self, pattern: Option<&str>, value: &str) -> Boxed {
        let wanted = Wanted::Exactly(super::leaf::spellings(value));
        self.in_every_field(pattern, wanted)
    }

    fn in_every_field(&self, pattern: Option<&str>, wanted: Wanted) -> Boxed {
        let lister = self.lister(pattern);
        let identifiers = Place::Listed(self.fields.identifiers, self.identifier_lister(pattern));
        let mut queries: Vec<Boxed> = vec![
            Box::new(DictionaryQuery {
                place: Place::Listed(self.fields.values, Arc::clone(&lister)),
                wanted: wanted.clone(),
            }),
            Box::new(ColumnQuery {
                columns: Columns::Listed(lister),
                wanted: wanted.clone(),
            }),
            Box::new(DictionaryQuery {
                place: identifiers,
                wanted: wanted.clone(),
            }),
        ];
        let means_id = |pattern| wildcard_matches(pattern, ID);
        if self.identifiers.contains(ID) && pattern.is_none_or(means_id) {
            queries.push(self.id_is(wanted));
        }
        Box::new(BooleanQuery::union(queries))
    }

    /// The document's id is as wanted.
    fn id_is(&self, wanted: Wanted) -> Boxed {
        let wanted = match wanted {
            // A dictionary without paths has no kinds either.
            Wanted::Exactly(values) => Wanted::Exactly(texts(values)),
            wanted => wanted,
        };
        Box::new(DictionaryQuery {
            place: Place::Whole(self.fields.id),
            wanted,
        })
    }

    fn wildcard_everywhere(
        &self,
        pattern_of_field: Option<&str>,
        pattern: &str,
        case_insensitive: bool,
    ) -> Result<Boxed, StoreError> {
        if pattern == "*" {
            return Ok(match pattern_of_field {
                None => Box::new(AllQuery),
                Some(_) => self.in_every_field(pattern_of_field, Wanted::Anything),
            });
        }
        if let Some(text) = plain_text(pattern).filter(|_| !case_insensitive) {
            let in_message = self.phrase_in(None, &text, 0);
            return Ok(self.or_message(
                pattern_of_field,
                self.every_field(pattern_of_field, &text),
                in_message,
            ));
        }
        let matcher =
            Matcher::wildcard(pattern, case_insensitive).map_err(|m| bad("query.wildcard", m))?;
        let elsewhere =
            self.in_every_field(pattern_of_field, Wanted::Text(matcher.for_addresses()));
        let in_message = self.wildcard_in_text(None, pattern)?;
        Ok(self.or_message(pattern_of_field, elsewhere, in_message))
    }
}
