// Counts by fields: the request for the table and for the lanes of the timeline, and how its answer is read.
import type { GroupAnswer, Level, QueryDsl, SearchBody } from "../api/types";
import { TIME_FIELD } from "./query";

/** Buckets asked for on each level, by the number of levels: never more than 5,000 in all. */
const SIZES: Record<number, number[]> = { 1: [500], 2: [100, 20], 3: [50, 10, 5] };
/** Rows of the table. */
export const MAX_GROUPS = 500;
/** Lanes of the timeline. */
export const MAX_LANES = 40;

/** The values a group has in common, one per field, and its number of events. */
export interface Group {
  values: string[];
  count: number;
}

/** The request for counts by up to three fields. */
export function groupBody(condition: QueryDsl, by: string[]): SearchBody {
  const sizes = SIZES[by.length] ?? [];
  let aggs: Record<string, unknown> | undefined;
  for (let at = by.length - 1; at >= 0; at -= 1) {
    const terms = { field: by[at], size: sizes[at] ?? 10 };
    aggs = { g: { terms, ...(aggs ? { aggs } : {}) } };
  }
  return { size: 0, track_total_hits: true, timeout: "10s", query: condition, aggs: aggs ?? {} };
}

/** The request for lanes: counts over time by one field. */
export function laneBody(condition: QueryDsl, field: string, interval: string, timeZone: string): SearchBody {
  const t = {
    date_histogram: { field: TIME_FIELD, fixed_interval: interval, time_zone: timeZone, min_doc_count: 1 },
  };
  const aggs = { g: { terms: { field, size: MAX_LANES }, aggs: { t } } };
  return { size: 0, track_total_hits: true, timeout: "10s", query: condition, aggs };
}

const text = (bucket: Level) => bucket.key_as_string ?? String(bucket.key);

/** The groups, the largest first. */
export function groupsOf(answer: GroupAnswer | null | undefined): Group[] {
  const found: Group[] = [];
  const walk = (levels: Level[] | undefined, values: string[]) => {
    for (const level of levels ?? []) {
      const own = [...values, text(level)];
      if (level.g) walk(level.g.buckets, own);
      else found.push({ values: own, count: level.doc_count });
    }
  };
  walk(answer?.g?.buckets, []);
  return found.sort((a, b) => b.count - a.count).slice(0, MAX_GROUPS);
}

/** A lane of the timeline. */
export interface Lane {
  value: string;
  total: number;
  buckets: { key: number; count: number }[];
}

export function lanesOf(answer: GroupAnswer | null | undefined): Lane[] {
  return (answer?.g?.buckets ?? []).map((level) => ({
    value: text(level),
    total: level.doc_count,
    buckets: (level.t?.buckets ?? []).map(({ key, doc_count }) => ({ key: Number(key), count: doc_count })),
  }));
}

/** A row of the table: what it was before, when that was asked for. */
export interface Row extends Group {
  before: number | null;
}

/** The groups with their counts of the period before; those that are gone come too. */
export function withBefore(now: Group[], before: Group[] | null): Row[] {
  const key = (group: Group) => JSON.stringify(group.values);
  const known = new Map((before ?? []).map((group) => [key(group), group.count]));
  const rows = now.map((group) => ({ ...group, before: before && (known.get(key(group)) ?? 0) }));
  const shown = new Set(now.map(key));
  const gone = (before ?? [])
    .filter((group) => !shown.has(key(group)))
    .map((group) => ({ values: group.values, count: 0, before: group.count }));
  return [...rows, ...gone].slice(0, MAX_GROUPS);
}
