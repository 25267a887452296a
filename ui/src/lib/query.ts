// Builds the OpenSearch requests of the search view from its state. Pure: time and log types come in as arguments.
import type { LogType, QueryDsl, SearchBody } from "../api/types";
import type { Column, Filter, SearchState } from "./url-state";

/** Rows fetched at a time. */
export const PAGE_SIZE = 200;
/** Series in the histogram before the rest is summed. */
export const MAX_SERIES = 8;

export const TIME_FIELD = "@timestamp";
export const TYPE_FIELD = "@log_type";
/** The values of an event that are on a threat list. */
export const THREAT_FIELD = "threat.matched.indicators";

const COLUMNS_FOR_ALL = [TYPE_FIELD, "source.ip", "user.name", "event.action", "event.outcome", "cloud.account.id"];
const EVERY_INDEX = "*";

/** Absolute bounds in epoch milliseconds; `null` bounds mean all time. */
export interface Bounds {
  from: number | null;
  to: number | null;
}

/** The index expression for a log type, or for all of them: users may name their own indices as they like. */
export function indexFor(ix: string, logTypes: LogType[]): string {
  return logTypes.find((type) => type.id === ix)?.index ?? EVERY_INDEX;
}

/** The columns shown: the user's, or the ones the log type declares. */
export function columnsFor(state: SearchState, logTypes: LogType[]): Column[] {
  if (state.columns.length > 0) return state.columns;
  const type = logTypes.find(({ id }) => id === state.ix);
  const names = type && type.columns.length > 0 ? type.columns : COLUMNS_FOR_ALL;
  return names.filter((field) => field !== TIME_FIELD).map((field) => ({ field }));
}

/** One filter as a query clause, without its negation. */
function clauseOf({ field, value }: Filter): QueryDsl {
  return value === undefined ? { exists: { field } } : { term: { [field]: value } };
}

/** The whole condition: time, log type, typed query, pills. */
export function conditionOf(state: SearchState, typed: QueryDsl | null, bounds: Bounds): QueryDsl {
  const filter: QueryDsl[] = [];
  const range: Record<string, unknown> = { format: "epoch_millis" };
  if (bounds.from !== null) range["gte"] = bounds.from;
  if (bounds.to !== null) range["lt"] = bounds.to;
  if (bounds.from !== null || bounds.to !== null) filter.push({ range: { [TIME_FIELD]: range } });
  if (state.ix) filter.push({ term: { [TYPE_FIELD]: state.ix } });
  if (typed) filter.push(typed);
  const active = state.filters.filter((pill) => !pill.disabled);
  filter.push(...active.filter((pill) => !pill.negated).map(clauseOf));
  const mustNot = active.filter((pill) => pill.negated).map(clauseOf);
  if (filter.length === 0 && mustNot.length === 0) return { match_all: {} };
  return { bool: { filter, must_not: mustNot } };
}

/** Extra fields fetched for marks inside cells. */
function companions(columns: Column[]): string[] {
  return columns
    .filter(({ field }) => field.endsWith(".ip"))
    .flatMap(({ field }) => [
      `${field.slice(0, -3)}.geo.country_iso_code`,
      `${field.slice(0, -3)}.as.organization.name`,
    ]);
}

/** Fields fetched for every row, shown or not: they tell where one can go on from it. */
const LEADS = ["source.ip", "user.name", "destination.ip", "cloud.account.id"];

/** The request for a page of rows. */
export function rowsBody(condition: QueryDsl, columns: Column[], state: SearchState, after?: unknown[]): SearchBody {
  const fields = [
    TIME_FIELD,
    TYPE_FIELD,
    ...columns.map(({ field }) => field),
    ...companions(columns),
    ...LEADS,
    THREAT_FIELD,
    "threat.matched.names",
  ];
  return {
    size: PAGE_SIZE,
    track_total_hits: after === undefined,
    timeout: "10s",
    _source: false,
    fields: [...new Set(fields)],
    sort: [{ [TIME_FIELD]: state.sort }, { _id: state.sort }],
    query: condition,
    ...(after ? { search_after: after } : {}),
  };
}

/** The request for the histogram. */
export function histogramBody(condition: QueryDsl, interval: string, timeZone: string, offsetMs = 0): SearchBody {
  const offset = offsetMs === 0 ? {} : { offset: `${offsetMs}ms` };
  return {
    size: 0,
    track_total_hits: false,
    timeout: "10s",
    query: condition,
    aggs: {
      t: {
        date_histogram: {
          field: TIME_FIELD,
          fixed_interval: interval,
          time_zone: timeZone,
          min_doc_count: 1,
          ...offset,
        },
        aggs: { s: { terms: { field: TYPE_FIELD, size: MAX_SERIES } } },
      },
    },
  };
}

/** The oldest or the newest event of a condition. */
export function edgeBody(condition: QueryDsl, order: "asc" | "desc"): SearchBody {
  return {
    size: 1,
    track_total_hits: false,
    _source: false,
    fields: [TIME_FIELD],
    sort: [{ [TIME_FIELD]: order }],
    query: condition,
  };
}

/** Only the number of matches. */
export function countBody(condition: QueryDsl): SearchBody {
  return { size: 0, track_total_hits: true, query: condition };
}
