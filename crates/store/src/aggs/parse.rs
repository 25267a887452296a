//! Aggregation JSON to [`Aggregations`].

use serde_json::Value;

use super::*;
use crate::StoreError;
use crate::dsl::{At, DslContext, parse_query_at, parse_sort_at, parse_source};
use crate::dsl::{known_only, member, parse_duration_ms};

const KNOWN: &str = "terms, date_histogram, auto_date_histogram, histogram, range, date_range, ip_range, \
     filters, filter, missing, cardinality, stats, extended_stats, sum, avg, min, max, value_count, \
     percentiles, top_hits, max_bucket, min_bucket, avg_bucket, sum_bucket";

/// Reads the value of `aggs` in a request body.
pub fn parse_aggregations(
    value: &Value,
    context: DslContext<'_>,
) -> Result<Aggregations, StoreError> {
    let mut clauses = crate::dsl::MAX_CLAUSES;
    parse_aggregations_at(&At::new(value, "aggs"), context, &mut clauses)
}

pub(crate) fn parse_aggregations_at(
    at: &At<'_>,
    context: DslContext<'_>,
    clauses: &mut usize,
) -> Result<Aggregations, StoreError> {
    parse_level(at, context, clauses, 1)
}

fn parse_level(
    at: &At<'_>,
    context: DslContext<'_>,
    clauses: &mut usize,
    depth: usize,
) -> Result<Aggregations, StoreError> {
    if depth > MAX_AGGREGATION_DEPTH {
        return Err(at.bad(format!(
            "aggregations are nested deeper than {MAX_AGGREGATION_DEPTH} levels"
        )));
    }
    let mut level = Aggregations::default();
    for (name, definition) in at.members()? {
        if name.contains(['>', '[', ']']) {
            return Err(definition.bad("an aggregation's name may not contain `>`, `[` or `]`"));
        }
        parse_one(name, &definition, context, clauses, depth, &mut level)?;
    }
    for entry in &level.entries {
        check_order(at, entry)?;
    }
    Ok(level)
}

fn parse_one(
    name: &str,
    definition: &At<'_>,
    context: DslContext<'_>,
    clauses: &mut usize,
    depth: usize,
    level: &mut Aggregations,
) -> Result<(), StoreError> {
    let mut body = None;
    let mut subs = Aggregations::default();
    let mut meta = None;
    for (key, value) in definition.members()? {
        match key {
            "aggs" | "aggregations" => subs = parse_level(&value, context, clauses, depth + 1)?,
            "meta" => meta = Some(value.value.clone()),
            kind if body.is_none() => body = Some((kind, value)),
            other => return Err(definition.unknown(other, "one aggregation type, aggs, meta")),
        }
    }
    let (kind, body) = body.ok_or_else(|| definition.bad("the aggregation type is missing"))?;
    if let Some(kind) = pipeline_kind(kind) {
        known_only(&body, &["buckets_path", "gap_policy", "format"])?;
        let path = required(&body, "buckets_path")?.string()?.to_owned();
        level.pipelines.push(Pipeline {
            name: name.to_owned(),
            kind,
            buckets_path: path,
        });
        return Ok(());
    }
    let kind = parse_kind(kind, definition, &body, context, clauses)?;
    let is_bucket = !matches!(
        kind,
        AggregationKind::Metric { .. } | AggregationKind::TopHits(_)
    );
    if !is_bucket && !subs.is_empty() {
        return Err(body.bad("this aggregation cannot have sub-aggregations"));
    }
    level.entries.push(Aggregation {
        name: name.to_owned(),
        kind,
        subs,
        meta,
    });
    Ok(())
}

fn pipeline_kind(kind: &str) -> Option<PipelineKind> {
    Some(match kind {
        "max_bucket" => PipelineKind::Max,
        "min_bucket" => PipelineKind::Min,
        "avg_bucket" => PipelineKind::Avg,
        "sum_bucket" => PipelineKind::Sum,
        _ => return None,
    })
}

fn parse_kind(
    kind: &str,
    definition: &At<'_>,
    body: &At<'_>,
    context: DslContext<'_>,
    clauses: &mut usize,
) -> Result<AggregationKind, StoreError> {
    let metric = match kind {
        "cardinality" => Metric::Cardinality,
        "stats" => Metric::Stats,
        "extended_stats" => Metric::ExtendedStats,
        "sum" => Metric::Sum,
        "avg" => Metric::Avg,
        "min" => Metric::Min,
        "max" => Metric::Max,
        "value_count" => Metric::ValueCount,
        "percentiles" => parse_percentiles(body)?,
        "terms" => return parse_terms(body),
        "date_histogram" => return parse_date_histogram(body),
        "auto_date_histogram" => {
            known_only(
                body,
                &[
                    "field",
                    "buckets",
                    "time_zone",
                    "format",
                    "minimum_interval",
                ],
            )?;
            let buckets = member(body, "buckets")?.map_or(Ok(10), |at| at.whole())?;
            return Ok(AggregationKind::AutoDateHistogram {
                field: field(body)?,
                buckets: usize::try_from(buckets)
                    .unwrap_or(usize::MAX)
                    .clamp(1, 10_000),
                time_zone: time_zone(body)?,
            });
        }
        "histogram" => return parse_histogram(body),
        "range" => return Ok(AggregationKind::Range(parse_ranges(body)?)),
        "ip_range" => return Ok(AggregationKind::Range(parse_ranges(body)?)),
        "date_range" => return Ok(AggregationKind::DateRange(parse_ranges(body)?)),
        "filter" => {
            return Ok(AggregationKind::Filter(parse_query_at(
                body, context, 0, clauses,
            )?));
        }
        "filters" => return parse_filters(body, context, clauses),
        "missing" => {
            known_only(body, &["field"])?;
            return Ok(AggregationKind::Missing {
                field: field(body)?,
            });
        }
        "top_hits" => return parse_top_hits(body),
        other => return Err(definition.unknown(other, KNOWN)),
    };
    let known = [
        "field",
        "missing",
        "precision_threshold",
        "percents",
        "keyed",
        "sigma",
        "format",
        "tdigest",
    ];
    known_only(body, &known)?;
    let missing = member(body, "missing")?.map(|at| at.number()).transpose()?;
    Ok(AggregationKind::Metric {
        metric,
        field: field(body)?,
        missing,
    })
}

fn required<'a>(at: &At<'a>, name: &str) -> Result<At<'a>, StoreError> {
    member(at, name)?.ok_or_else(|| at.bad(format!("`{name}` is missing")))
}

fn field(at: &At<'_>) -> Result<String, StoreError> {
    Ok(required(at, "field")?.string()?.to_owned())
}

fn flag(at: &At<'_>, name: &str) -> Result<bool, StoreError> {
    member(at, name)?.map_or(Ok(false), |value| value.boolean())
}

fn time_zone(at: &At<'_>) -> Result<String, StoreError> {
    let Some(zone) = member(at, "time_zone")? else {
        return Ok("UTC".to_owned());
    };
    let name = zone.string()?;
    if crate::dates::parse_time_zone(name).is_none() {
        return Err(zone.bad(format!(
            "time zone `{name}` is not known; use an IANA name or an offset"
        )));
    }
    Ok(name.to_owned())
}

fn parse_percentiles(body: &At<'_>) -> Result<Metric, StoreError> {
    let mut percents = vec![1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0];
    if let Some(list) = member(body, "percents")? {
        percents = list
            .array()?
            .iter()
            .map(At::number)
            .collect::<Result<_, _>>()?;
        if percents.len() > 100 || percents.iter().any(|p| !(0.0..=100.0).contains(p)) {
            return Err(list.bad("expected at most 100 numbers from 0 to 100"));
        }
    }
    let keyed = member(body, "keyed")?.map_or(Ok(true), |at| at.boolean())?;
    Ok(Metric::Percentiles { percents, keyed })
}

fn parse_terms(body: &At<'_>) -> Result<AggregationKind, StoreError> {
    known_only(
        body,
        &[
            "field",
            "size",
            "shard_size",
            "order",
            "min_doc_count",
            "shard_min_doc_count",
            "missing",
            "include",
            "exclude",
            "show_term_doc_count_error",
            "collect_mode",
            "execution_hint",
            "value_type",
        ],
    )?;
    let wanted = member(body, "size")?.map_or(Ok(10), |size| size.whole())?;
    if wanted == 0 {
        return Err(body.bad("`size` must be larger than 0"));
    }
    let size = usize::try_from(wanted)
        .unwrap_or(usize::MAX)
        .min(MAX_TERMS_SIZE);
    let order = match member(body, "order")? {
        Some(order) => parse_terms_order(&order)?,
        None => TermsOrder::Count(SortOrder::Descending),
    };
    Ok(AggregationKind::Terms(Terms {
        field: field(body)?,
        size,
        clamped: wanted > MAX_TERMS_SIZE as u64,
        order,
        min_doc_count: member(body, "min_doc_count")?
            .map_or(Ok(1), |count| count.whole())?
            .max(1),
        missing: member(body, "missing")?
            .map(|value| value.scalar())
            .transpose()?,
        include: terms_filter(body, "include")?,
        exclude: terms_filter(body, "exclude")?,
    }))
}

fn terms_filter(body: &At<'_>, name: &str) -> Result<Option<TermsFilter>, StoreError> {
    let Some(filter) = member(body, name)? else {
        return Ok(None);
    };
    Ok(Some(match filter.value {
        Value::String(pattern) => TermsFilter::Pattern(pattern.clone()),
        _ => TermsFilter::Values(
            filter
                .array()?
                .iter()
                .map(At::scalar)
                .collect::<Result<_, _>>()?,
        ),
    }))
}

fn parse_terms_order(at: &At<'_>) -> Result<TermsOrder, StoreError> {
    // Of several keys the first decides; ties are always broken by the key, ascending.
    let first = at
        .elements()
        .into_iter()
        .next()
        .ok_or_else(|| at.bad("expected an order"))?;
    let members = first.members()?;
    let (name, direction) = members
        .first()
        .ok_or_else(|| first.bad("expected an order"))?;
    let order = match direction.string()? {
        "asc" => SortOrder::Ascending,
        "desc" => SortOrder::Descending,
        _ => return Err(direction.bad("expected `asc` or `desc`")),
    };
    Ok(match *name {
        "_count" => TermsOrder::Count(order),
        "_key" | "_term" => TermsOrder::Key(order),
        path => {
            // A name may itself hold a point, which is resolved once the siblings are known.
            TermsOrder::Metric {
                name: path.to_owned(),
                property: "value".to_owned(),
                order,
            }
        }
    })
}

/// Checks that a metric order names a metric below, and settles its property.
fn check_order(at: &At<'_>, entry: &Aggregation) -> Result<(), StoreError> {
    let AggregationKind::Terms(Terms {
        order: TermsOrder::Metric { name, .. },
        ..
    }) = &entry.kind
    else {
        return Ok(());
    };
    match entry.order_target() {
        Some(_) => Ok(()),
        None => Err(at.bad(format!(
            "terms order `{name}` names no metric below `{}`",
            entry.name
        ))),
    }
}

impl Aggregation {
    /// The metric a `terms` aggregation is ordered by, and which of its numbers.
    pub fn order_target(&self) -> Option<(&Aggregation, &str)> {
        let AggregationKind::Terms(Terms {
            order: TermsOrder::Metric { name, .. },
            ..
        }) = &self.kind
        else {
            return None;
        };
        let find = |name: &str| {
            let mut entries = self.subs.entries.iter();
            entries
                .find(|sub| sub.name == name && matches!(sub.kind, AggregationKind::Metric { .. }))
        };
        if let Some(target) = find(name) {
            return Some((target, "value"));
        }
        let (name, property) = name.rsplit_once('.')?;
        find(name).map(|target| (target, property))
    }
}

fn parse_date_histogram(body: &At<'_>) -> Result<AggregationKind, StoreError> {
    known_only(
        body,
        &[
            "field",
            "interval",
            "fixed_interval",
            "calendar_interval",
            "time_zone",
            "offset",
            "min_doc_count",
            "extended_bounds",
            "hard_bounds",
            "format",
            "keyed",
            "order",
        ],
    )?;
    let interval_text = |name: &str| -> Result<Option<(At<'_>, String)>, StoreError> {
        member(body, name)?
            .map(|at| at.scalar().map(|text| (at.clone(), text)))
            .transpose()
    };
    let unreadable = |at: &At<'_>, text: &str| {
        at.bad(format!("cannot read the interval `{text}`; use for example 30s, 15m, 1h, 1d, or a calendar unit"))
    };
    let interval = if let Some((at, text)) = interval_text("fixed_interval")? {
        match text.as_str() {
            "auto" => None,
            text => Some(Interval::fixed(text).ok_or_else(|| unreadable(&at, text))?),
        }
    } else if let Some((at, text)) = interval_text("calendar_interval")? {
        Some(Interval::calendar(&text).ok_or_else(|| unreadable(&at, &text))?)
    } else if let Some((at, text)) = interval_text("interval")? {
        match text.as_str() {
            "auto" => None,
            text => {
                let interval = Interval::calendar(text).or_else(|| Interval::fixed(text));
                Some(interval.ok_or_else(|| unreadable(&at, text))?)
            }
        }
    } else {
        return Err(
            body.bad("one of `fixed_interval`, `calendar_interval` and `interval` is missing")
        );
    };
    let descending = match member(body, "order")? {
        Some(order) => {
            let (name, direction) = order.only_member("order")?;
            if !matches!(name, "_key" | "_time") {
                return Err(order.bad("a date histogram can only be ordered by `_key`"));
            }
            direction.string()? == "desc"
        }
        None => false,
    };
    Ok(AggregationKind::DateHistogram(DateHistogram {
        field: field(body)?,
        interval,
        time_zone: time_zone(body)?,
        offset_ms: member(body, "offset")?.map_or(Ok(0), |at| signed_duration_ms(&at))?,
        min_doc_count: member(body, "min_doc_count")?.map_or(Ok(0), |count| count.whole())?,
        extended_bounds: date_bounds(body, "extended_bounds")?,
        hard_bounds: date_bounds(body, "hard_bounds")?,
        keyed: flag(body, "keyed")?,
        descending,
    }))
}

fn signed_duration_ms(at: &At<'_>) -> Result<i64, StoreError> {
    let text = at.scalar()?;
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest.to_owned()),
        None => (1, text.strip_prefix('+').unwrap_or(&text).to_owned()),
    };
    let value = Value::String(text);
    let ms = parse_duration_ms(&At::new(&value, ""))
        .map_err(|_| at.bad("expected a duration such as `+6h` or `-30m`"))?;
    Ok(sign * i64::try_from(ms).unwrap_or(i64::MAX))
}

fn date_bounds(body: &At<'_>, name: &str) -> Result<Option<(String, String)>, StoreError> {
    let Some(bounds) = member(body, name)? else {
        return Ok(None);
    };
    known_only(&bounds, &["min", "max"])?;
    Ok(Some((
        required(&bounds, "min")?.scalar()?,
        required(&bounds, "max")?.scalar()?,
    )))
}

fn parse_histogram(body: &At<'_>) -> Result<AggregationKind, StoreError> {
    let known = [
        "field",
        "interval",
        "offset",
        "min_doc_count",
        "extended_bounds",
        "keyed",
    ];
    known_only(body, &known)?;
    let interval_at = required(body, "interval")?;
    let interval = interval_at.number()?;
    if interval <= 0.0 {
        return Err(interval_at.bad("expected a number larger than 0"));
    }
    let extended_bounds = match member(body, "extended_bounds")? {
        Some(bounds) => Some((
            required(&bounds, "min")?.number()?,
            required(&bounds, "max")?.number()?,
        )),
        None => None,
    };
    Ok(AggregationKind::Histogram(Histogram {
        field: field(body)?,
        interval,
        offset: member(body, "offset")?.map_or(Ok(0.0), |at| at.number())?,
        min_doc_count: member(body, "min_doc_count")?.map_or(Ok(0), |count| count.whole())?,
        extended_bounds,
        keyed: flag(body, "keyed")?,
    }))
}

fn parse_ranges(body: &At<'_>) -> Result<Ranges, StoreError> {
    known_only(body, &["field", "ranges", "keyed", "format", "time_zone"])?;
    let list = required(body, "ranges")?;
    let mut ranges = Vec::new();
    for item in list.array()? {
        known_only(&item, &["key", "from", "to", "mask"])?;
        let text = |name: &str| member(&item, name)?.map(|at| at.scalar()).transpose();
        ranges.push(RangeSpec {
            key: text("key")?,
            from: text("from")?,
            to: text("to")?,
        });
        if let (Some(mask), Some(range)) = (text("mask")?, ranges.last_mut()) {
            *range = RangeSpec {
                key: range.key.take().or(Some(mask.clone())),
                from: Some(mask),
                to: None,
            };
            if !range.from.as_deref().is_some_and(|mask| mask.contains('/')) {
                return Err(item.bad("expected a mask such as `192.0.2.0/24`"));
            }
        }
    }
    if ranges.is_empty() || ranges.len() > 1_000 {
        return Err(list.bad("expected from 1 to 1 000 ranges"));
    }
    Ok(Ranges {
        field: field(body)?,
        ranges,
        keyed: flag(body, "keyed")?,
        time_zone: time_zone(body)?,
    })
}

fn parse_filters(
    body: &At<'_>,
    context: DslContext<'_>,
    clauses: &mut usize,
) -> Result<AggregationKind, StoreError> {
    known_only(body, &["filters", "other_bucket", "other_bucket_key"])?;
    let list = required(body, "filters")?;
    let mut filters = Vec::new();
    if list.value.is_array() {
        for item in list.array()? {
            filters.push((None, parse_query_at(&item, context, 0, clauses)?));
        }
    } else {
        for (name, item) in list.members()? {
            filters.push((
                Some(name.to_owned()),
                parse_query_at(&item, context, 0, clauses)?,
            ));
        }
    }
    if filters.is_empty() || filters.len() > 1_000 {
        return Err(list.bad("expected from 1 to 1 000 filters"));
    }
    let key = member(body, "other_bucket_key")?
        .map(|at| at.string().map(str::to_owned))
        .transpose()?;
    let other = match flag(body, "other_bucket")? {
        true => Some(key.unwrap_or_else(|| "_other_".to_owned())),
        false => key,
    };
    Ok(AggregationKind::Filters(Filters { filters, other }))
}

fn parse_top_hits(body: &At<'_>) -> Result<AggregationKind, StoreError> {
    known_only(
        body,
        &[
            "size",
            "from",
            "sort",
            "_source",
            "docvalue_fields",
            "fields",
            "track_scores",
            "version",
        ],
    )?;
    let bounded = |name: &str, default: u64| -> Result<usize, StoreError> {
        let Some(at) = member(body, name)? else {
            return Ok(usize::try_from(default).unwrap_or_default());
        };
        let number = at.whole()?;
        if number > 1_000 {
            return Err(at.bad("expected at most 1 000"));
        }
        Ok(usize::try_from(number).unwrap_or_default())
    };
    let mut fields = Vec::new();
    for name in ["fields", "docvalue_fields"] {
        for item in member(body, name)?.map_or(Ok(Vec::new()), |list| list.array())? {
            let field = match item.value {
                Value::Object(_) => required(&item, "field")?,
                _ => item,
            };
            fields.push(field.string()?.to_owned());
        }
    }
    Ok(AggregationKind::TopHits(TopHits {
        size: bounded("size", 3)?,
        from: bounded("from", 0)?,
        sort: member(body, "sort")?.map_or(Ok(Vec::new()), |sort| parse_sort_at(&sort))?,
        source: member(body, "_source")?
            .map_or(Ok(SourceFilter::default()), |at| parse_source(&at))?,
        fields,
    }))
}
