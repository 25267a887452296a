// The matches counted by fields, for the table, and by a field over time, for the timeline.
import { effect, signal } from "@preact/signals";
import { ApiError, asApiError, multiSearch, search } from "../api/client";
import { periodBefore } from "../lib/compare";
import { groupBody, groupsOf, laneBody, lanesOf, withBefore, type Lane, type Row } from "../lib/groups";
import { conditionOf, TYPE_FIELD } from "../lib/query";
import { pickInterval, zoneOffsetText } from "../lib/time";
import type { SearchState } from "../lib/url-state";
import { chart, current, view, type Run } from "./search";
import { zone } from "./settings";

export interface Table {
  by: string[];
  rows: Row[];
  /** All matches, and those in no row: their field is missing or their value is too rare. */
  total: number;
  others: number;
  compared: boolean;
}
export interface Timeline {
  by: string;
  lanes: Lane[];
  from: number;
  to: number;
  interval: { size: number; text: string };
}

export const table = signal<Table | null>(null);
export const timeline = signal<Timeline | null>(null);
export const groupsFailed = signal<ApiError | null>(null);
/** The counts shown belong to an older search. */
export const groupsStale = signal(false);

/** The fields counted by; the log type when none is chosen. */
export const fieldsOf = (state: SearchState): string[] => (state.by.length > 0 ? state.by : [TYPE_FIELD]);

const LANE_INTERVALS = 96;

/** Follows the search while the page is shown. Returns what stops it. */
export function startGroups(): () => void {
  return effect(() => {
    const run = current.value;
    const { kind, compare } = view.value;
    const by = fieldsOf(view.value);
    groupsFailed.value = null;
    if (!run || kind === "list") return;
    groupsStale.value = true;
    const isCurrent = () => !run.signal.aborted && current.peek() === run && view.peek().kind === kind;
    const work = kind === "table" ? countTable(run, by, compare, isCurrent) : null;
    // Lanes lie over the histogram's time, which for all time is only known once that is there.
    const lanes = kind === "timeline" ? countLanes(run, by[0] ?? TYPE_FIELD, chart.value, isCurrent) : null;
    (work ?? lanes)?.then(
      () => {
        if (isCurrent()) groupsStale.value = false;
      },
      (error: unknown) => {
        if (!isCurrent()) return;
        groupsFailed.value = asApiError(error);
        groupsStale.value = false;
      },
    );
  });
}

async function countTable(run: Run, by: string[], compare: boolean, isCurrent: () => boolean): Promise<void> {
  const period = compare ? periodBefore(run.bounds) : null;
  const conditions = [run.condition, ...(period ? [conditionOf(run.state, run.dsl, period)] : [])];
  const [now, earlier] = await multiSearch(
    run.index,
    conditions.map((condition) => groupBody(condition, by)),
    run.signal,
  );
  if (!isCurrent()) return;
  if (!now) throw new ApiError(400, "not_counted");
  const groups = groupsOf(now.aggregations);
  const total = now.hits.total?.value ?? 0;
  const counted = groups.reduce((sum, { count }) => sum + count, 0);
  table.value = {
    by,
    rows: withBefore(groups, period ? groupsOf(earlier?.aggregations) : null),
    total,
    others: Math.max(0, total - counted),
    compared: period !== null,
  };
}

async function countLanes(
  run: Run,
  by: string,
  range: { from: number; to: number } | null,
  isCurrent: () => boolean,
): Promise<void> {
  const { from, to } = run.bounds;
  const span = from !== null && to !== null ? { from, to } : range;
  if (!span) {
    timeline.value = null;
    return;
  }
  const interval = pickInterval(span.to - span.from, LANE_INTERVALS);
  const body = laneBody(run.condition, by, interval.text, zoneOffsetText(zone.peek(), span.to));
  const answer = await search(run.index, body, run.signal);
  if (isCurrent()) timeline.value = { by, lanes: lanesOf(answer.aggregations), ...span, interval };
}
